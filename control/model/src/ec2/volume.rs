//! Volumes: what instances are described with, and what clients make, attach and take away. They hold nothing.

use crate::collection::resource;
use crate::words::words;
use crate::{Caller, ClientToken, Error, IdKind, Instance, InstanceState, Model, Result, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};

words! {
    /// The type of a volume.
    VolumeType {
        Standard "standard", Gp2 "gp2", Gp3 "gp3", Io1 "io1", Io2 "io2", Sc1 "sc1", St1 "st1",
    }
}

impl VolumeType {
    /// The least and the most GiB that one has (EC2's guide, "Amazon EBS volume types").
    fn sizes(self) -> (u32, u32) {
        match self {
            VolumeType::Standard => (1, 1024),
            VolumeType::Gp2 => (1, 16384),
            VolumeType::Gp3 => (1, 65536),
            VolumeType::Io1 => (4, 16384),
            VolumeType::Io2 => (4, 65536),
            VolumeType::Sc1 | VolumeType::St1 => (125, 16384),
        }
    }

    /// The operations a second of one of this size that is told this number: where it follows from the size, that counts for nothing.
    fn iops(self, size: u32, asked: Option<u32>) -> Option<u32> {
        match self {
            VolumeType::Gp2 => Some((3 * size).clamp(100, 16000)),
            VolumeType::Gp3 => asked.or(Some(IOPS)),
            VolumeType::Io1 | VolumeType::Io2 => asked,
            VolumeType::Standard | VolumeType::Sc1 | VolumeType::St1 => None,
        }
    }

    /// Whether a new one must be told how many operations it has.
    fn is_provisioned(self) -> bool {
        matches!(self, VolumeType::Io1 | VolumeType::Io2)
    }
}

/// The operations a second of a volume that becomes one that can be told how many, and is not.
const IOPS: u32 = 3000;

/// What a volume is like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeShape {
    /// In GiB.
    pub size: u32,
    /// The type.
    pub kind: VolumeType,
    /// Operations a second.
    pub iops: Option<u32>,
    /// MiB a second.
    pub throughput: Option<u32>,
    /// Whether several instances may have it.
    pub multi_attach: bool,
}

impl VolumeShape {
    /// The root volume of an image that says nothing about it.
    pub const ROOT: VolumeShape =
        VolumeShape { size: 8, kind: VolumeType::Standard, iops: None, throughput: None, multi_attach: false };

    /// Checks the numbers, and puts in those that follow from the type.
    fn complete(self) -> Result<VolumeShape> {
        let (least, most) = self.kind.sizes();
        if !(least..=most).contains(&self.size) {
            return Err(Error::VolumeSize { size: self.size, kind: self.kind.word().into(), least, most });
        }
        let iops = self.kind.iops(self.size, self.iops);
        if iops.is_none() && self.kind.is_provisioned() {
            return Err(Error::missing("Iops"));
        }
        let throughput = if self.kind == VolumeType::Gp3 { self.throughput.or(Some(125)) } else { None };
        Ok(VolumeShape { iops, throughput, ..self })
    }

    /// What it becomes. Numbers that are not said stay with the type.
    pub(crate) fn changed(&self, change: &VolumeChange) -> VolumeShape {
        let kind = change.kind.unwrap_or(self.kind);
        let kept = |number: Option<u32>| number.filter(|_| kind == self.kind);
        VolumeShape {
            size: change.size.unwrap_or(self.size),
            kind,
            iops: change.iops.or(kept(self.iops)),
            throughput: change.throughput.or(kept(self.throughput)),
            multi_attach: change.multi_attach.unwrap_or(self.multi_attach),
        }
    }
}

/// What of a volume's shape is to be another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeChange {
    /// See [`VolumeShape`].
    pub size: Option<u32>,
    /// See [`VolumeShape`].
    pub kind: Option<VolumeType>,
    /// See [`VolumeShape`].
    pub iops: Option<u32>,
    /// See [`VolumeShape`].
    pub throughput: Option<u32>,
    /// See [`VolumeShape`].
    pub multi_attach: Option<bool>,
}

/// That an instance has a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeAttachment {
    /// The instance.
    pub instance: String,
    /// Where it has it: `/dev/sdf`.
    pub device: String,
    /// Whether it goes with the instance.
    pub delete_on_termination: bool,
    /// Since when.
    pub since: Time,
}

/// The last ModifyVolume: what a volume was before, and when it was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeModification {
    /// What it was.
    pub original: VolumeShape,
    /// When it was changed.
    pub since: Time,
}

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// `vol-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its Availability Zone.
    pub zone: String,
    /// What it is like.
    pub shape: VolumeShape,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The key that it was said to be encrypted with.
    #[serde(default)]
    pub key: Option<String>,
    /// The snapshot it was made of.
    pub snapshot: Option<String>,
    /// The instances that have it: one, or several where they may.
    pub attachments: Vec<VolumeAttachment>,
    /// The last change.
    pub modification: Option<VolumeModification>,
    /// The token of the request that made it.
    pub client_token: Option<ClientToken>,
    /// Whether it goes on by itself after its data may be damaged.
    #[serde(default)]
    pub auto_io: bool,
    /// Since when.
    pub created: Time,
}

resource!(Volume, IdKind::Volume, |volume| volume.attachments.iter().map(|own| own.instance.clone()).collect());

impl Volume {
    /// How an instance has it.
    pub fn attachment_to(&self, instance: &str) -> Option<&VolumeAttachment> {
        self.attachments.iter().find(|attachment| attachment.instance == instance)
    }

    /// The attachment that a request means, which need not name the instance unless several have the volume.
    pub fn attachment_meant(&self, instance: Option<&str>) -> Result<&VolumeAttachment> {
        match (self.attachments.as_slice(), instance) {
            ([], _) => Err(Error::VolumeAvailable { id: self.id.clone() }),
            ([one], _) => Ok(one),
            ([first, ..], Some(instance)) => Ok(self.attachment_to(instance).unwrap_or(first)),
            (_, None) => Err(Error::missing("InstanceId")),
        }
    }
}

/// A volume to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewVolume {
    /// What it is to be like; of size 0 it gets the snapshot's.
    pub shape: VolumeShape,
    /// Whether it is to be encrypted.
    pub encrypted: bool,
    /// The key to encrypt it with.
    pub key: Option<String>,
    /// The snapshot to make it of.
    pub snapshot: Option<String>,
    /// The request's token.
    pub client_token: Option<ClientToken>,
}

impl Model {
    /// The volumes that are attached to no instance.
    pub fn free_volumes(&self) -> impl Iterator<Item = &Volume> {
        self.volumes.iter().filter(|volume| volume.attachments.is_empty())
    }

    /// CreateVolume. Answers with the id; a repetition with the same token answers with the first one's.
    pub fn create_volume(&mut self, caller: &Caller, zone: &str, new: NewVolume, tags: Tags) -> Result<String> {
        let token = |volume: &Volume| volume.client_token.as_ref().map(|token| token.token.clone());
        let asked = new.client_token.as_ref().map(|token| token.token.clone());
        let before = self.volumes.of(&caller.scope).find(|volume| asked.is_some() && token(volume) == asked);
        match before {
            Some(before) if before.client_token == new.client_token => return Ok(before.id.clone()),
            Some(_) => return Err(Error::IdempotentMismatch {}),
            None => {}
        }
        tags::check(&tags)?;
        let unknown = |_| Error::NoZoneOfVolumes { zone: zone.to_owned() };
        let zone = self.zone(&caller.scope, Some(zone)).map_err(unknown)?;
        let new = self.of_snapshot(caller, new)?;
        let id = self.new_id(IdKind::Volume);
        self.insert_volume(caller, &id, zone, new, tags)?;
        Ok(id)
    }

    /// Gives a new volume what follows from its snapshot.
    fn of_snapshot(&self, caller: &Caller, mut new: NewVolume) -> Result<NewVolume> {
        let Some(id) = &new.snapshot else { return Ok(new) };
        let snapshot = self.usable_snapshot(caller, id)?;
        match new.shape.size {
            0 => new.shape.size = snapshot.size,
            size if size < snapshot.size => return Err(Error::VolumeBelowSnapshot { size, least: snapshot.size }),
            _ => {}
        }
        new.encrypted |= snapshot.encrypted;
        new.key = new.key.or_else(|| snapshot.key.clone());
        Ok(new)
    }

    pub(crate) fn insert_volume(
        &mut self,
        caller: &Caller,
        id: &str,
        zone: String,
        new: NewVolume,
        tags: Tags,
    ) -> Result<()> {
        if new.shape.size == 0 {
            return Err(Error::missing("size/snapshot"));
        }
        let settings = self.settings(&caller.scope);
        let encrypted = new.encrypted || settings.encrypts;
        self.volumes.insert(Volume {
            id: id.to_owned(),
            scope: caller.scope.clone(),
            tags,
            zone,
            shape: new.shape.complete()?,
            encrypted,
            key: new.key.or(settings.key.filter(|_| encrypted)),
            snapshot: new.snapshot,
            attachments: Vec::new(),
            modification: None,
            client_token: new.client_token,
            auto_io: false,
            created: caller.now,
        });
        Ok(())
    }

    /// ModifyVolumeAttribute: whether a volume goes on by itself.
    pub fn set_auto_io(&mut self, caller: &Caller, id: &str, on: bool) -> Result<()> {
        self.volumes.find_mut(&caller.scope, id)?.auto_io = on;
        Ok(())
    }

    /// The volumes that an instance has, the root one first and others by device, each with its attachment.
    pub fn volumes_of(&self, instance: &Instance) -> impl Iterator<Item = (&Volume, &VolumeAttachment)> + use<'_> {
        let attached = self.volumes.by(&instance.id);
        let at = |volume| Some((volume, Volume::attachment_to(volume, &instance.id)?));
        let mut all: Vec<(&Volume, &VolumeAttachment)> = attached.filter_map(at).collect();
        let place = |(volume, attachment): &(&Volume, &VolumeAttachment)| {
            (volume.id != instance.volume, attachment.device.clone())
        };
        all.sort_by_cached_key(place);
        all.into_iter()
    }

    /// Lets go of the volumes of an instance that is terminated: those that go with it go, with the last one that has them.
    pub(crate) fn let_go_of_volumes(&mut self, instance: &str) {
        let Some(found) = self.instances.get(instance) else { return };
        let had = self.volumes_of(found).map(|(volume, at)| (volume.id.clone(), at.delete_on_termination));
        for (id, goes) in had.collect::<Vec<_>>() {
            let Some(volume) = self.volumes.get_mut(&id) else { continue };
            volume.attachments.retain(|attachment| attachment.instance != instance);
            if goes && volume.attachments.is_empty() {
                self.volumes.remove(&id);
            }
        }
    }

    /// AttachVolume: to an instance of its zone that runs or is stopped; to several if it was made for that.
    pub fn attach_volume(&mut self, caller: &Caller, id: &str, instance: &str, device: &str) -> Result<()> {
        let volume = self.volumes.find(&caller.scope, id)?;
        let found = self.instances.find(&caller.scope, instance)?;
        let taken = !volume.attachments.is_empty() && !volume.shape.multi_attach;
        if taken || volume.attachment_to(instance).is_some() {
            return Err(Error::VolumeAttached { id: id.to_owned() });
        }
        if !matches!(found.state, InstanceState::Running | InstanceState::Stopped) {
            return Err(Error::WrongState { id: instance.to_owned(), state: found.state.name().into() });
        }
        if volume.zone != found.zone {
            return Err(Error::VolumeZone { id: id.to_owned(), instance: instance.to_owned() });
        }
        if self.volumes_of(found).any(|(_, attachment)| attachment.device == device) {
            return Err(Error::DeviceInUse { device: device.to_owned() });
        }
        let attachment = VolumeAttachment {
            instance: instance.to_owned(),
            device: device.to_owned(),
            delete_on_termination: false,
            since: caller.now,
        };
        self.volumes.find_mut(&caller.scope, id)?.attachments.push(attachment);
        Ok(())
    }

    /// DetachVolume, from one instance: the root volume only from one that is stopped. Answers with what was.
    pub fn detach_volume(&mut self, caller: &Caller, id: &str, instance: &str) -> Result<VolumeAttachment> {
        let volume = self.volumes.find(&caller.scope, id)?;
        let attachment = volume.attachment_to(instance).cloned();
        let attachment = attachment.ok_or_else(|| Error::VolumeAvailable { id: id.to_owned() })?;
        let instance = self.instances.find(&caller.scope, &attachment.instance)?;
        if instance.volume == id && instance.state != InstanceState::Stopped {
            return Err(Error::RootVolume { id: id.to_owned(), instance: instance.id.clone() });
        }
        let others = &mut self.volumes.find_mut(&caller.scope, id)?.attachments;
        others.retain(|other| other.instance != attachment.instance);
        Ok(attachment)
    }

    /// DeleteVolume: nobody may have it.
    pub fn delete_volume(&mut self, caller: &Caller, id: &str) -> Result<()> {
        if let Some(attachment) = self.volumes.find(&caller.scope, id)?.attachments.first() {
            return Err(Error::VolumeInUse { id: id.to_owned(), instance: attachment.instance.clone() });
        }
        self.volumes.remove(id);
        Ok(())
    }

    /// ModifyVolume: it never shrinks. Answers with the volume, which knows what it was.
    pub fn modify_volume(&mut self, caller: &Caller, id: &str, change: &VolumeChange) -> Result<&Volume> {
        let volume = self.volumes.find(&caller.scope, id)?;
        let original = volume.shape.clone();
        let mut wanted = original.changed(change);
        if wanted.multi_attach && !wanted.kind.is_provisioned() {
            let other = "a VolumeType of io1 or io2".to_owned();
            return Err(Error::NeedsParameter { name: "MultiAttachEnabled".to_owned(), other });
        }
        if let ([first, _, ..], false) = (volume.attachments.as_slice(), wanted.multi_attach) {
            return Err(Error::VolumeInUse { id: id.to_owned(), instance: first.instance.clone() });
        }
        if wanted.size < original.size {
            return Err(Error::VolumeShrinks {});
        }
        if wanted.kind.is_provisioned() {
            wanted.iops = wanted.iops.or(Some(IOPS));
        }
        let volume = self.volumes.find_mut(&caller.scope, id)?;
        volume.shape = wanted.complete()?;
        volume.modification = Some(VolumeModification { original, since: caller.now });
        Ok(volume)
    }

    /// Says whether a volume goes with the instance that has it.
    pub fn set_delete_on_termination(
        &mut self,
        caller: &Caller,
        instance: &str,
        device: &str,
        goes: bool,
    ) -> Result<()> {
        let found = self.instances.find(&caller.scope, instance)?;
        let id = self.volumes_of(found).find(|(_, a)| a.device == device).map(|(volume, _)| volume.id.clone());
        let id = id.ok_or_else(|| Error::NoSuchDevice { instance: instance.to_owned(), device: device.to_owned() })?;
        let mut all = self.volumes.find_mut(&caller.scope, &id)?.attachments.iter_mut();
        if let Some(attachment) = all.find(|attachment| attachment.instance == instance) {
            attachment.delete_on_termination = goes;
        }
        Ok(())
    }
}
