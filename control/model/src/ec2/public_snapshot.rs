//! The snapshots of public images. They are public, in every Region, and have the digits of their image's id.

use crate::ec2::image::alias_of;
use crate::{Model, Snapshot, Tags, public_images};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// All of them, by id.
pub fn public_snapshots() -> &'static [Snapshot] {
    &SNAPSHOTS
}

static SNAPSHOTS: LazyLock<Vec<Snapshot>> = LazyLock::new(|| {
    let of_images = public_images().iter().flat_map(|image| {
        let volumes = image.volumes.iter().filter_map(|volume| Some((volume.snapshot.clone()?, volume)));
        volumes.map(|(id, volume)| Snapshot {
            id,
            scope: image.scope.clone(),
            tags: Tags::new(),
            // No volume has this id. Copies have it, too.
            volume: "vol-ffffffff".to_owned(),
            size: volume.shape.size,
            encrypted: volume.encrypted,
            key: None,
            description: format!("Created by CreateImage for {}", image.id),
            created: image.created,
            shared_with: BTreeSet::from(["all".to_owned()]),
            moved: None,
        })
    });
    let mut snapshots: Vec<Snapshot> = of_images.collect();
    snapshots.sort_by(|one, other| one.id.cmp(&other.id));
    snapshots
});

impl Snapshot {
    /// The alias of its owner, which is that of its image's.
    pub fn owner_alias(&self) -> Option<&'static str> {
        alias_of(&self.scope)
    }
}

impl Model {
    /// A snapshot, which may be a public image's.
    pub(crate) fn known_snapshot(&self, id: &str) -> Option<&Snapshot> {
        let public = || SNAPSHOTS.get(SNAPSHOTS.binary_search_by(|snapshot| snapshot.id.as_str().cmp(id)).ok()?);
        self.snapshots.get(id).or_else(public)
    }
}
