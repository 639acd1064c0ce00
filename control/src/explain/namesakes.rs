//! Hosts that share a name.

use super::printable;
use std::collections::{HashMap, HashSet};
use std::iter;

/// Which hosts have which name. A host has its id and its Name tag.
#[derive(Debug, Default)]
pub struct Namesakes<'a>(HashMap<&'a str, HashSet<&'a str>>);

impl<'a> Namesakes<'a> {
    /// The names of hosts: of each the id, and the Name tag if it has one.
    pub fn among(hosts: impl IntoIterator<Item = (&'a String, Option<&'a String>)>) -> Self {
        let mut namesakes = Self::default();
        for (id, name) in hosts {
            for name in iter::once(id).chain(name) {
                namesakes.0.entry(name).or_default().insert(id);
            }
        }
        namesakes
    }

    /// How a host is called in a line: by its Name if no other host has it, otherwise by its id.
    pub fn shown(&self, id: &str, name: Option<&String>) -> String {
        let is_its_own =
            |name: &&String| self.0.get(name.as_str()).is_none_or(|hosts| hosts.iter().all(|host| *host == id));
        printable(name.filter(is_its_own).map_or(id, String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(hosts: &[(&str, Option<&str>)]) -> Vec<String> {
        let hosts: Vec<_> = hosts.iter().map(|(id, name)| ((*id).to_owned(), name.map(str::to_owned))).collect();
        let namesakes = Namesakes::among(hosts.iter().map(|(id, name)| (id, name.as_ref())));
        hosts.iter().map(|(id, name)| namesakes.shown(id, name.as_ref())).collect()
    }

    #[test]
    fn a_host_has_its_name_if_no_other_host_has_it() {
        assert_eq!(shown(&[("i-1", Some("web")), ("i-2", None), ("i-3", Some("i-3"))]), ["web", "i-2", "i-3"]);
        assert_eq!(shown(&[("i-1", Some("db\u{1b}")), ("i-1", Some("db\u{1b}"))]), ["db\u{fffd}", "db\u{fffd}"]);
    }

    #[test]
    fn namesakes_have_their_ids() {
        let hosts = [("i-1", Some("web")), ("i-2", Some("web")), ("i-3", Some("box")), ("box", None)];
        assert_eq!(shown(&hosts), ["i-1", "i-2", "i-3", "box"]);
    }

    #[test]
    fn a_host_that_is_gone_has_its_name_until_another_takes_it() {
        let (old, new, name) = ("i-1".to_owned(), "i-2".to_owned(), "web".to_owned());
        assert_eq!(Namesakes::default().shown(&old, Some(&name)), "web");
        assert_eq!(Namesakes::among([(&new, Some(&name))]).shown(&old, Some(&name)), "i-1");
    }
}
