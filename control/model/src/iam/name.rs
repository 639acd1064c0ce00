//! Names, paths and unique ids.

use super::{Error, Result};
use crate::{Model, Tags, Time};
use serde::{Deserialize, Serialize};

/// What all named entities of IAM have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The twelve digits of its account.
    pub account: String,
    /// Its name as it was created. Two names of a kind differ by more than case.
    pub name: String,
    /// Its path: `/`, or `/ops/`.
    pub path: String,
    /// Its unique id: `AIDA…`, `AROA…`. None is used twice.
    pub unique_id: String,
    /// When it was created.
    pub created: Time,
    /// Its tags.
    pub tags: Tags,
}

impl Named {
    /// Its ARN, `kind` being `user`, `role`, …
    pub fn arn(&self, kind: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{}{}", self.account, self.path, self.name)
    }

    /// The id of its row.
    pub(super) fn key(&self) -> String {
        key(&self.account, &self.name)
    }
}

/// The id of the row of an account's entity of that name, ignoring case.
pub(super) fn key(account: &str, name: &str) -> String {
    format!("{account}/{}", name.to_ascii_lowercase())
}

/// Checks a name.
pub(super) fn check(field: &'static str, name: &str, most: usize) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if (1..=most).contains(&name.len()) && name.chars().all(fits) {
        return Ok(());
    }
    Err(Error::BadName { field })
}

/// Checks a path.
pub(super) fn check_path(path: &str) -> Result<()> {
    let fits = path.starts_with('/') && path.ends_with('/') && path.len() <= 512;
    if fits && path.bytes().all(|b| b.is_ascii_graphic()) { Ok(()) } else { Err(Error::BadPath {}) }
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
