//! Tags of groups, which their new instances may get, too.

use super::Result;
use crate::{Caller, Model, Tags, check_tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a group's tag says of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupTag {
    /// The value.
    pub value: String,
    /// Whether instances get it at their launch.
    pub propagates: bool,
}

/// Refuses tags that EC2 would refuse on an instance.
pub(super) fn check(tags: &BTreeMap<String, GroupTag>) -> Result<()> {
    let plain: Tags = tags.iter().map(|(key, tag)| (key.clone(), tag.value.clone())).collect();
    Ok(check_tags(&plain)?)
}

impl Model {
    /// CreateOrUpdateTags: instances that are there keep theirs.
    pub fn tag_scaling_group(&mut self, caller: &Caller, group: &str, new: BTreeMap<String, GroupTag>) -> Result<()> {
        let mut tags = self.scaling_group(&caller.scope, group)?.tags.clone();
        tags.extend(new);
        check(&tags)?;
        self.scaling_group_mut(&caller.scope, group)?.tags = tags;
        Ok(())
    }

    /// DeleteTags: with a value, only where the value is that.
    pub fn untag_scaling_group(&mut self, caller: &Caller, group: &str, key: &str, value: Option<&str>) -> Result<()> {
        let tags = &mut self.scaling_group_mut(&caller.scope, group)?.tags;
        tags.retain(|own, tag| own != key || value.is_some_and(|value| value != tag.value));
        Ok(())
    }
}
