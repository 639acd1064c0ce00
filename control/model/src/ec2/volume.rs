//! Volumes of instances, and those that clients create and attach. They have no data.

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
    /// The smallest and the largest size in GiB (EC2's guide, "Amazon EBS volume types").
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

    /// The IOPS of a volume of this size. If they follow from the size, `asked` is ignored.
    fn iops(self, size: u32, asked: Option<u32>) -> Option<u32> {
        match self {
            VolumeType::Gp2 => Some((3 * size).clamp(100, 16000)),
            VolumeType::Gp3 => asked.or(Some(IOPS)),
            VolumeType::Io1 | VolumeType::Io2 => asked,
            VolumeType::Standard | VolumeType::Sc1 | VolumeType::St1 => None,
        }
    }

    /// Whether a new volume must be given its IOPS.
    fn is_provisioned(self) -> bool {
        matches!(self, VolumeType::Io1 | VolumeType::Io2)
    }
}

/// The default IOPS of a volume whose new type lets them be chosen.
const IOPS: u32 = 3000;

/// The size, type and performance of a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeShape {
    /// The size in GiB.
    pub size: u32,
    /// The type.
    pub kind: VolumeType,
    /// The IOPS.
    pub iops: Option<u32>,
    /// The throughput in MiB a second.
    pub throughput: Option<u32>,
    /// Whether it can be attached to several instances.
    pub multi_attach: bool,
}

impl VolumeShape {
    /// The default root volume of an image.
    pub const ROOT: VolumeShape =
        VolumeShape { size: 8, kind: VolumeType::Standard, iops: None, throughput: None, multi_attach: false };

    /// Checks the numbers, and adds those that follow from the type.
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

    /// The shape after a change. Numbers that the change does not give stay if the type does.
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

/// A change of a volume's shape.
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

/// The attachment of a volume to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeAttachment {
    /// The instance.
    pub instance: String,
    /// The device: `/dev/sdf`.
    pub device: String,
    /// Whether the volume is deleted with the instance.
    pub delete_on_termination: bool,
    /// The time of its creation.
    pub since: Time,
}

/// The last ModifyVolume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeModification {
    /// The shape before it.
    pub original: VolumeShape,
    /// Its time.
    pub since: Time,
}

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// `vol-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its Availability Zone.
    pub zone: String,
    /// Its size, type and performance.
    pub shape: VolumeShape,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The key in the request for its encryption.
    #[serde(default)]
    pub key: Option<String>,
    /// The snapshot it was made of.
    pub snapshot: Option<String>,
    /// Its attachments: one, or several with Multi-Attach.
    pub attachments: Vec<VolumeAttachment>,
    /// The last change.
    pub modification: Option<VolumeModification>,
    /// The token of the request that made it.
    pub client_token: Option<ClientToken>,
    /// Whether I/O is enabled automatically after possible damage.
    #[serde(default)]
    pub auto_io: bool,
    /// The time of its creation.
    pub created: Time,
}

resource!(Volume, IdKind::Volume, |volume| volume.attachments.iter().map(|own| own.instance.clone()).collect());

impl Volume {
    /// Its attachment to an instance.
    pub fn attachment_to(&self, instance: &str) -> Option<&VolumeAttachment> {
        self.attachments.iter().find(|attachment| attachment.instance == instance)
    }

    /// The attachment of a request. The instance may be left out if only one has the volume.
    pub fn requested_attachment(&self, instance: Option<&str>) -> Result<&VolumeAttachment> {
        match (self.attachments.as_slice(), instance) {
            ([], _) => Err(Error::VolumeAvailable { id: self.id.clone() }),
            ([one], _) => Ok(one),
            ([first, ..], Some(instance)) => Ok(self.attachment_to(instance).unwrap_or(first)),
            (_, None) => Err(Error::missing("InstanceId")),
        }
    }
}

/// The parameters of a new volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewVolume {
    /// Its shape. Size 0 stands for the snapshot's.
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

    /// CreateVolume. Returns the id, or that of the first request with the same token.
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

    /// Completes a new volume by its snapshot.
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

    /// ModifyVolumeAttribute: sets whether I/O is enabled automatically.
    pub fn set_auto_io(&mut self, caller: &Caller, id: &str, on: bool) -> Result<()> {
        self.volumes.find_mut(&caller.scope, id)?.auto_io = on;
        Ok(())
    }

    /// The volumes of an instance with their attachments, the root volume first and the others by device.
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

    /// Detaches the volumes of a terminated instance, and deletes those that are deleted with their last instance.
    pub(crate) fn release_volumes(&mut self, instance: &str) {
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

    /// AttachVolume. The instance must be in the volume's zone, and running or stopped. Several instances need Multi-Attach.
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

    /// DetachVolume, from one instance. The root volume of a running instance is refused. Returns the ended attachment.
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

    /// DeleteVolume. An attached volume is refused.
    pub fn delete_volume(&mut self, caller: &Caller, id: &str) -> Result<()> {
        if let Some(attachment) = self.volumes.find(&caller.scope, id)?.attachments.first() {
            return Err(Error::VolumeInUse { id: id.to_owned(), instance: attachment.instance.clone() });
        }
        self.volumes.remove(id);
        Ok(())
    }

    /// ModifyVolume. The size cannot shrink. Returns the volume with its modification.
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

    /// Sets whether a volume is deleted with its instance.
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
