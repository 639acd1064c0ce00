//! Root volumes: what an EBS-backed instance is described with. They come and go with their instances, and hold nothing.

use super::collection::resource;
use super::{IdKind, Instance, Model, Scope, Tags, Time};
use serde::{Deserialize, Serialize};

/// A root volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// `vol-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The instance that has it.
    pub instance: String,
    /// Its Availability Zone.
    pub zone: String,
    /// Since when.
    pub since: Time,
}

resource!(Volume, IdKind::Volume, |volume| vec![volume.instance.clone()]);

impl Model {
    /// The volume that an instance is launched with.
    pub(super) fn insert_root_volume(&mut self, instance: &Instance, tags: Tags) {
        self.volumes.insert(Volume {
            id: instance.volume.clone(),
            scope: instance.scope.clone(),
            tags,
            instance: instance.id.clone(),
            zone: instance.zone.clone(),
            since: instance.launched,
        });
    }
}
