//! Tags of log groups.

use super::{Error, Result};
use crate::{Model, Scope, Tags, check_tags};

/// The greatest number of tags of a log group.
const MOST: usize = 50;

impl Model {
    /// TagResource, UntagResource and their older forms.
    ///
    /// # Errors
    /// [`Error::NoGroup`], and what is wrong with the new tags.
    pub fn tag_log_group(&mut self, scope: &Scope, name: &str, change: impl FnOnce(&mut Tags)) -> Result<()> {
        let tags = &mut self.log_group_mut(scope, name)?.tags;
        change(tags);
        check(tags)
    }
}

/// Checks the tags of a log group.
pub(super) fn check(tags: &Tags) -> Result<()> {
    if tags.len() > MOST {
        return Err(Error::TooManyTags { most: MOST });
    }
    check_tags(tags).map_err(|error| Error::Tag { why: error.to_string() })
}
