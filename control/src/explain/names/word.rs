//! The hosts that a user's word means.

use super::Names;
use crate::explain::shell_word;
use model::{Instance, ManagedHost, Model, Tags};
use std::net::Ipv4Addr;

/// A user's word that names no host or several.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// No running host has this name.
    #[error("there is no running host {word}; `classiclink status` lists the hosts", word = shell_word(.0))]
    Unknown(String),
    /// An imported instance without a host.
    #[error("{word} was imported without a host: `classiclink import --hosts={word}` gives it one", word = shell_word(.0))]
    Dormant(String),
    /// Several hosts are meant: their ids.
    #[error("{word} means several hosts: {1}; give an id", word = shell_word(.0))]
    Ambiguous(String, String),
    /// A host and an instance have this name: the instance's id.
    #[error(
        "{word} is the name of a host and the Name of {1}: give the id, or change the Name to mean the host",
        word = shell_word(.0)
    )]
    AlsoHost(String, String),
    /// The host has no address.
    #[error("{word} has no address", word = shell_word(.0))]
    NoAddress(String),
}

/// The name of the host that a user's word means: an instance by its id or Name tag, a host outside the cloud, a
/// service's host, also by its resource, or any of them by address.
pub fn host(model: &Model, word: &str) -> Result<String, NameError> {
    host_among(model, word, |_| true)
}

/// The name of the host that a user's word means, among the hosts for which `knows` is true.
pub fn host_among(model: &Model, word: &str, knows: impl Fn(&str) -> bool) -> Result<String, NameError> {
    let running = |instance: &&Instance| instance.has_host() && knows(&instance.id);
    if model.instances.get(word).filter(running).is_some() {
        return Ok(word.to_owned());
    }
    let named = model.instances.iter().filter(running).filter(|instance| is_called(word, &instance.id, &instance.tags));
    let ids: Vec<&str> = named.map(|instance| instance.id.as_str()).collect();
    match (model.hosts.get(word).filter(|_| knows(word)), &ids[..]) {
        (Some(host), []) => Ok(host.name.clone()),
        (Some(_), _) => Err(NameError::AlsoHost(word.to_owned(), ids.join(", "))),
        (None, []) if model.managed_hosts.get(word).is_some_and(ManagedHost::is_on) && knows(word) => {
            Ok(word.to_owned())
        }
        (None, []) if is_dormant(model, word) => Err(NameError::Dormant(word.to_owned())),
        (None, []) => only(word, &others(model, word, knows)),
        (None, ids) => only(word, ids),
    }
}

/// The hosts with an address, or those of a service's resource: by its name, or by a name that resolves to the host.
fn others<'m>(model: &'m Model, word: &str, knows: impl Fn(&str) -> bool) -> Vec<&'m str> {
    let managed = model.managed_hosts.iter().filter(|host| host.is_on());
    let Ok(address) = word.parse::<Ipv4Addr>() else {
        let is_meant = |host: &&ManagedHost| {
            host.owner.name() == word || host.names.iter().any(|name| name.eq_ignore_ascii_case(word))
        };
        return managed.filter(is_meant).map(|host| host.id.as_str()).filter(|id| knows(id)).collect();
    };
    let names = Names::of(model);
    let instances = model.instances.iter().filter(|instance| instance.has_host());
    let ids = instances.map(|instance| &instance.id).chain(managed.map(|host| &host.id));
    let ids = ids.chain(model.hosts.iter().map(|host| &host.name)).map(String::as_str).filter(|id| knows(id));
    ids.filter(|id| names.addresses(id).iter().any(|(_, own)| *own == address)).collect()
}

fn only(word: &str, ids: &[&str]) -> Result<String, NameError> {
    match ids {
        [] => Err(NameError::Unknown(word.to_owned())),
        [id] => Ok((*id).to_owned()),
        several => Err(NameError::Ambiguous(word.to_owned(), several.join(", "))),
    }
}

fn is_dormant(model: &Model, word: &str) -> bool {
    let mut dormant = model.instances.iter().filter(|instance| instance.is_on() && instance.dormant);
    dormant.any(|instance| is_called(word, &instance.id, &instance.tags))
}

/// Whether a user's word means the resource with that id and those tags.
pub fn is_called(word: &str, id: &str, tags: &Tags) -> bool {
    word == id || tags.get("Name").is_some_and(|name| name == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Caller, HostPlace, Launch, Scope, Time};

    #[test]
    fn an_ambiguous_name_is_refused() {
        let mut model = Model::new(1);
        let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let caller = Caller::of_account(scope, Time(0));
        let launch = |name: &str| Launch {
            instance_type: "m1.small".into(),
            least: 1,
            most: 1,
            tags: Tags::from([("Name".into(), name.into())]),
            ..Launch::default()
        };
        model.add_host("visitor", HostPlace::Internet, [203, 0, 113, 1].into()).unwrap();
        assert_eq!(host(&model, "visitor").unwrap(), "visitor");
        assert_eq!(host(&model, "203.0.113.1").unwrap(), "visitor");
        model.run_instances(&caller, launch("visitor")).unwrap();
        let id = model.instances.iter().next().unwrap().id.clone();
        let why = host(&model, "visitor").unwrap_err().to_string();
        assert!(why.contains("a host") && why.contains(&id), "{why}");
        assert_eq!(host(&model, &id).unwrap(), id);
        model.remove_host("visitor").unwrap();
        assert_eq!(host(&model, "visitor").unwrap(), id);
        model.run_instances(&caller, launch("visitor")).unwrap();
        assert!(matches!(host(&model, "visitor"), Err(NameError::Ambiguous(..))));
        assert!(matches!(host(&model, "nobody"), Err(NameError::Unknown(_))));
    }
}
