//! Tags of groups, which can propagate to new instances.

use super::Result;
use crate::{Caller, Model, Tags, check_tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A tag's value, and whether it propagates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupTag {
    /// The value.
    pub value: String,
    /// Whether new instances get it.
    pub propagates: bool,
}

/// Checks tags as EC2 checks those of an instance.
pub(super) fn check(tags: &BTreeMap<String, GroupTag>) -> Result<()> {
    let plain: Tags = tags.iter().map(|(key, tag)| (key.clone(), tag.value.clone())).collect();
    Ok(check_tags(&plain)?)
}

impl Model {
    /// CreateOrUpdateTags. Tags of existing instances do not change.
    pub fn tag_scaling_group(&mut self, caller: &Caller, group: &str, new: BTreeMap<String, GroupTag>) -> Result<()> {
        let mut tags = self.scaling_group(&caller.scope, group)?.tags.clone();
        tags.extend(new);
        check(&tags)?;
        self.scaling_group_mut(&caller.scope, group)?.tags = tags;
        Ok(())
    }

    /// DeleteTags. With a value, only a tag with that value is deleted.
    pub fn untag_scaling_group(&mut self, caller: &Caller, group: &str, key: &str, value: Option<&str>) -> Result<()> {
        let tags = &mut self.scaling_group_mut(&caller.scope, group)?.tags;
        tags.retain(|own, tag| own != key || value.is_some_and(|value| value != tag.value));
        Ok(())
    }
}
