//! Block device mappings: the volumes that a launch or an image has, and the changes that requests make to them.

use crate::{
    Caller, Error, IdKind, Instance, Model, NewVolume, Result, Tags, VolumeAttachment, VolumeChange, VolumeShape,
    VolumeType,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A volume of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageVolume {
    /// The device.
    pub device: String,
    /// The snapshot that it is created from.
    pub snapshot: Option<String>,
    /// Its size, type and performance.
    pub shape: VolumeShape,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The key in the request for its encryption.
    #[serde(default)]
    pub key: Option<String>,
    /// Whether it is deleted with the instance.
    pub delete_on_termination: bool,
}

/// A mapping of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceMapping {
    /// The device.
    pub device: String,
    /// The volume. `None` leaves out the volume that would be there otherwise.
    pub volume: Option<MappedVolume>,
}

/// The volume of a mapping. Absent parts stay as they are in the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappedVolume {
    /// Its size, type and performance.
    pub change: VolumeChange,
    /// Whether it is to be encrypted. An encrypted volume stays encrypted.
    pub encrypted: bool,
    /// The key for its encryption.
    pub key: Option<String>,
    /// The snapshot to create it from.
    pub snapshot: Option<String>,
    /// Whether it is deleted with the instance.
    pub delete_on_termination: Option<bool>,
}

/// An empty volume at a device.
fn bare(device: &str, root: &str, shape: VolumeShape) -> ImageVolume {
    ImageVolume {
        device: device.to_owned(),
        snapshot: None,
        shape,
        encrypted: false,
        key: None,
        // Volumes other than the root volume are kept (EC2's guide, "Preserve data when an instance is terminated").
        delete_on_termination: device == root,
    }
}

/// Checks that no device is mapped twice.
pub(crate) fn check_devices<'d>(mut devices: impl Iterator<Item = &'d String>) -> Result<()> {
    let mut seen = BTreeSet::new();
    match devices.find(|device| !seen.insert(*device)) {
        Some(device) => Err(Error::DeviceTwice { device: device.clone() }),
        None => Ok(()),
    }
}

impl Model {
    /// The volumes after the mappings of a request, the root volume first.
    pub(crate) fn mapped(
        &self,
        caller: &Caller,
        root: &str,
        mut volumes: Vec<ImageVolume>,
        mappings: &[DeviceMapping],
    ) -> Result<Vec<ImageVolume>> {
        check_devices(mappings.iter().map(|mapping| &mapping.device))?;
        for DeviceMapping { device, volume } in mappings {
            let place = volumes.iter().position(|volume| volume.device == *device);
            match (volume, place) {
                (Some(said), Some(place)) => volumes[place] = self.mapped_volume(caller, said, &volumes[place])?,
                (Some(said), None) => {
                    let usual = VolumeShape { kind: VolumeType::Gp2, ..VolumeShape::default() };
                    volumes.push(self.mapped_volume(caller, said, &bare(device, root, usual))?);
                }
                (None, Some(place)) => drop(volumes.remove(place)),
                (None, None) => {}
            }
        }
        if volumes.iter().any(|volume| volume.shape.size == 0) {
            return Err(Error::missing("size or snapshotId"));
        }
        volumes.sort_by_key(|volume| volume.device != root);
        Ok(volumes)
    }

    fn mapped_volume(&self, caller: &Caller, said: &MappedVolume, usual: &ImageVolume) -> Result<ImageVolume> {
        let mut shape = usual.shape.changed(&said.change);
        let own = said.snapshot.as_ref().map(|id| self.usable_snapshot(caller, id)).transpose()?;
        // An account that may launch an image need not see its snapshots.
        let of_image = || self.known_snapshot(usual.snapshot.as_ref()?);
        if let Some(snapshot) = own {
            shape.size = said.change.size.unwrap_or(snapshot.size);
        }
        let snapshot = own.or_else(of_image);
        if let Some(snapshot) = snapshot.filter(|snapshot| shape.size < snapshot.size) {
            return Err(Error::VolumeBelowSnapshot { size: shape.size, least: snapshot.size });
        }
        let of_usual = own.is_none() && usual.encrypted;
        Ok(ImageVolume {
            device: usual.device.clone(),
            snapshot: said.snapshot.clone().or_else(|| usual.snapshot.clone()),
            shape,
            encrypted: said.encrypted || of_usual || snapshot.is_some_and(|snapshot| snapshot.encrypted),
            key: said.key.clone().or_else(|| snapshot.map_or(usual.key.clone(), |snapshot| snapshot.key.clone())),
            delete_on_termination: said.delete_on_termination.unwrap_or(usual.delete_on_termination),
        })
    }

    /// The volumes that instances of an image are launched with. What boots from an instance store has no root volume.
    ///
    /// # Errors
    /// What the mappings say that cannot be.
    pub fn launch_volumes(&self, caller: &Caller, image: &str, mappings: &[DeviceMapping]) -> Result<Vec<ImageVolume>> {
        let root = self.root_device(image);
        let mut volumes = self.image(image).map_or_else(Vec::new, |image| image.volumes.clone());
        if self.boots_from_volume(image) && !volumes.iter().any(|volume| volume.device == root) {
            volumes.push(bare(&root, &root, VolumeShape::ROOT));
        }
        self.mapped(caller, &root, volumes, mappings)
    }

    /// Creates the volumes of a launched instance.
    pub(crate) fn insert_launch_volumes(
        &mut self,
        caller: &Caller,
        instance: &Instance,
        mappings: &[DeviceMapping],
        tags: &Tags,
    ) -> Result<()> {
        let root = self.root_device(&instance.image);
        for volume in self.launch_volumes(caller, &instance.image, mappings)? {
            let ImageVolume { device, snapshot, shape, encrypted, key, delete_on_termination } = volume;
            let id = if device == root { instance.volume.clone() } else { self.new_id(IdKind::Volume) };
            let new = NewVolume { shape, encrypted, key, snapshot, ..NewVolume::default() };
            self.insert_volume(caller, &id, instance.zone.clone(), new, tags.clone())?;
            let attachment =
                VolumeAttachment { instance: instance.id.clone(), device, delete_on_termination, since: caller.now };
            if let Some(volume) = self.volumes.get_mut(&id) {
                volume.attachments.push(attachment);
            }
        }
        Ok(())
    }
}
