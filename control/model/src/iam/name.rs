//! Names, paths and unique ids.

use super::{Error, Result, Rule};
use crate::{Model, Tags, Time};
use serde::{Deserialize, Serialize};

/// The common properties of named entities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The twelve digits of its account.
    pub account: String,
    /// Its name as it was created. Names of one kind differ by more than case.
    pub name: String,
    /// Its path: `/`, or `/ops/`.
    pub path: String,
    /// Its unique id: `AIDA…`, `AROA…`. None is used twice.
    pub unique_id: String,
    /// The time of its creation.
    pub created: Time,
    /// Its tags.
    pub tags: Tags,
}

impl Named {
    /// Its ARN. `kind` is `user`, `role`, …
    pub fn arn(&self, kind: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{}{}", self.account, self.path, self.name)
    }

    /// The id of its row.
    pub(super) fn key(&self) -> String {
        key(&self.account, &self.name)
    }
}

/// The id of the row of an account's entity with that name. Case is ignored.
pub(super) fn key(account: &str, name: &str) -> String {
    format!("{account}/{}", name.to_ascii_lowercase())
}

/// The longest path, in letters.
const LONGEST_PATH: usize = 512;

/// Checks a name.
pub(super) fn check(field: &'static str, name: &str, most: usize) -> Result<()> {
    check_length(field, name, most)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if !name.is_empty() && name.chars().all(fits) { Ok(()) } else { Err(Error::BadName { field }) }
}

/// Checks a path: a slash, or letters between two slashes.
pub(super) fn check_path(path: &str) -> Result<()> {
    check_length("path", path, LONGEST_PATH)?;
    let is_between = path.len() > 2 && path.starts_with('/') && path.ends_with('/');
    let fits = path == "/" || is_between && path.bytes().all(|b| b.is_ascii_graphic());
    if fits { Ok(()) } else { Err(Error::BadPath {}) }
}

fn check_length(field: &'static str, text: &str, most: usize) -> Result<()> {
    let fits = text.chars().count() <= most;
    if fits { Ok(()) } else { Err(Error::constraint(field, text, Rule::MostLength(most))) }
}

/// Checks tags.
pub(super) fn check_tags(tags: &Tags) -> Result<()> {
    if tags.len() > 50 {
        return Err(Error::TagLimit {});
    }
    crate::check_tags(tags).map_err(|why| Error::BadTag { why: Box::new(why) })
}

/// Characters of unique ids, one for every five bits of a number.
pub(super) fn letters(number: u64) -> impl Iterator<Item = char> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    (0..12).map(move |place| char::from(ALPHABET[((number >> (place * 5)) & 31) as usize]))
}

impl Model {
    /// A new unique id: the prefix and that many characters.
    pub(super) fn unique_id(&mut self, prefix: &str, length: usize) -> String {
        let mut id = prefix.to_owned();
        while id.len() < prefix.len() + length {
            id.extend(letters(self.next_random()));
        }
        id.truncate(prefix.len() + length);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_letters_between_its_slashes() {
        for path in ["/", "/ops/", "/a/b/", "/a//b/", "/!~/"] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
        for path in ["", "//", "ops", "/ops", "ops/", "/o ps/", "/\u{7f}/"] {
            assert_eq!(check_path(path), Err(Error::BadPath {}), "{path}");
        }
    }

    #[test]
    fn what_is_too_long_is_told_so() {
        let told = |result: Result<()>| result.unwrap_err().to_string();
        let path = format!("/{}/", "b".repeat(511));
        assert!(
            told(check_path(&path))
                .ends_with("at 'path' failed to satisfy constraint: Member must have length less than or equal to 512")
        );
        assert!(told(check("userName", &"a".repeat(65), 64)).contains("at 'userName' failed"));
        assert_eq!(check("userName", &"a".repeat(64), 64), Ok(()));
    }
}
