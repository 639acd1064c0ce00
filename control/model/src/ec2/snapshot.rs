//! Snapshots of volumes, without data.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, SnapshotSharing, Tags, Time, tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The last move of a snapshot between tiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotMove {
    /// Its time.
    pub at: Time,
    /// Its destination.
    pub to: SnapshotTier,
}

/// The destination of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SnapshotTier {
    /// The archive.
    Archive,
    /// The standard tier for this many days. The snapshot stays in the archive, too.
    Borrowed(u32),
    /// The standard tier.
    Standard,
}

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// `snap-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The volume it was made of.
    pub volume: String,
    /// That volume's size, in GiB.
    pub size: u32,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The key of its encryption, if it is not the account's default.
    #[serde(default)]
    pub key: Option<String>,
    /// Its description.
    pub description: String,
    /// The time of its creation.
    pub created: Time,
    /// The accounts that may create volumes from it besides its owner. `all` is every account.
    pub shared_with: BTreeSet<String>,
    /// The last move between tiers.
    #[serde(default)]
    pub moved: Option<SnapshotMove>,
}

resource!(Snapshot, IdKind::Snapshot);

/// The encryption of data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encryption {
    /// Whether the data is encrypted.
    pub encrypted: bool,
    /// The key, if it is not the account's default.
    pub key: Option<String>,
}

impl Model {
    /// Whether an account may use a snapshot, and therefore sees it. The owner may have blocked public sharing.
    pub fn sees_snapshot(&self, scope: &Scope, snapshot: &Snapshot) -> bool {
        let Snapshot { scope: owner, shared_with, .. } = snapshot;
        let blocked = || self.settings(owner).snapshots == SnapshotSharing::BlockAll;
        let shared = || shared_with.contains(&scope.account) || (shared_with.contains("all") && !blocked());
        // Those of public images are in every Region.
        let is_here = owner.region.is_empty() || owner.region == scope.region;
        is_here && (owner.account == scope.account || shared())
    }

    /// CreateSnapshot. Returns the id.
    pub fn create_snapshot(&mut self, caller: &Caller, volume: &str, description: &str, tags: Tags) -> Result<String> {
        let found = self.volumes.find(&caller.scope, volume)?;
        let like = (found.shape.size, Encryption { encrypted: found.encrypted, key: found.key.clone() });
        self.insert_snapshot(caller, volume, like, description, tags)
    }

    /// CreateSnapshots: creates a snapshot of each volume of an instance that is not left out. Returns the ids.
    pub fn create_snapshots(
        &mut self,
        caller: &Caller,
        instance: &str,
        (without_root, left_out): (bool, &[String]),
        description: &str,
        (tags, copies_tags): (&Tags, bool),
    ) -> Result<Vec<String>> {
        let found = self.instances.find(&caller.scope, instance)?;
        let root = self.root_device(&found.image);
        let all = self.volumes_of(found).filter(|(_, at)| !without_root || at.device != root);
        let mut volumes: Vec<(String, Tags)> =
            all.map(|(volume, _)| (volume.id.clone(), volume.tags.clone())).collect();
        if let Some(unknown) = left_out.iter().find(|id| !volumes.iter().any(|(volume, _)| volume == *id)) {
            return Err(Error::NotFound { kind: IdKind::Volume, id: unknown.clone() });
        }
        volumes.retain(|(id, _)| !left_out.contains(id));
        let one = |(id, own): (String, Tags)| {
            let mut all = if copies_tags { own } else { Tags::new() };
            all.extend(tags.clone());
            self.create_snapshot(caller, &id, description, all)
        };
        volumes.into_iter().map(one).collect()
    }

    pub(crate) fn insert_snapshot(
        &mut self,
        caller: &Caller,
        volume: &str,
        (size, encryption): (u32, Encryption),
        description: &str,
        tags: Tags,
    ) -> Result<String> {
        tags::check(&tags)?;
        let id = self.new_id(IdKind::Snapshot);
        self.snapshots.insert(Snapshot {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            volume: volume.to_owned(),
            size,
            encrypted: encryption.encrypted,
            key: encryption.key,
            description: description.to_owned(),
            created: caller.now,
            shared_with: BTreeSet::new(),
            moved: None,
        });
        Ok(id)
    }

    /// The snapshot with that id, of the caller's or shared with it.
    pub fn snapshot(&self, caller: &Caller, id: &str) -> Result<&Snapshot> {
        let seen = self.known_snapshot(id).filter(|snapshot| self.sees_snapshot(&caller.scope, snapshot));
        seen.ok_or_else(|| Error::NotFound { kind: IdKind::Snapshot, id: id.to_owned() })
    }

    /// The snapshot with that id, for a volume or a copy: it must not be in the archive.
    pub(crate) fn usable_snapshot(&self, caller: &Caller, id: &str) -> Result<&Snapshot> {
        let snapshot = self.snapshot(caller, id)?;
        match snapshot.is_archived(caller.now) {
            true => Err(Error::SnapshotTier { id: id.to_owned(), tier: snapshot.tier().to_owned() }),
            false => Ok(snapshot),
        }
    }

    /// The encryption of a copy. Encrypted data stays encrypted, by default with the account's default key.
    pub(crate) fn encryption_of_copy(&self, scope: &Scope, is_encrypted: bool, asked: &Encryption) -> Encryption {
        let settings = self.settings(scope);
        let encrypted = is_encrypted || asked.encrypted || settings.encrypts;
        Encryption { encrypted, key: asked.key.clone().or(settings.key).filter(|_| encrypted) }
    }

    /// CopySnapshot, from any Region. As in EC2, the volume of the copy does not exist. Returns the id.
    pub fn copy_snapshot(
        &mut self,
        caller: &Caller,
        (region, source): (&str, &str),
        (description, asked): (&str, &Encryption),
        tags: Tags,
    ) -> Result<String> {
        let there = Caller { scope: Scope { region: region.to_owned(), ..caller.scope.clone() }, ..caller.clone() };
        let found = self.usable_snapshot(&there, source)?;
        let like = (found.size, self.encryption_of_copy(&caller.scope, found.encrypted, asked));
        self.insert_snapshot(caller, "vol-ffffffff", like, description, tags)
    }

    /// ModifySnapshotAttribute: changes the accounts that may create volumes from it.
    pub fn share_snapshot(&mut self, caller: &Caller, id: &str, add: &[String], remove: &[String]) -> Result<()> {
        let blocked = self.settings(&caller.scope).snapshots != SnapshotSharing::Unblocked;
        if blocked && add.iter().any(|account| account == "all") {
            return Err(Error::SnapshotNotToShare {});
        }
        let shared = &mut self.snapshots.find_mut(&caller.scope, id)?.shared_with;
        shared.extend(add.iter().cloned());
        shared.retain(|account| !remove.contains(account));
        Ok(())
    }

    /// DeleteSnapshot. A snapshot of an image is refused.
    pub fn delete_snapshot(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.snapshots.find(&caller.scope, id)?;
        if let Some(image) = self.image_of_snapshot(id) {
            return Err(Error::SnapshotInUse { id: id.to_owned(), image: image.to_owned() });
        }
        self.snapshots.remove(id);
        self.fast_restores.remove_where(|row| row.snapshot == id);
        Ok(())
    }
}
