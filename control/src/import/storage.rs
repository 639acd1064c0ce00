//! Volumes, snapshots and an account's own images.

use super::{Importer, parse, tags, unsigned};
use model::{
    BootImages, BootMode, Firmware, IdKind, Image, ImagePlatform, ImageVolume, Scope, Snapshot, SnapshotMove,
    SnapshotTier, Volume, VolumeShape, VolumeType,
};
use shapes::ec2;
use std::collections::{BTreeMap, BTreeSet};

/// The greatest size of a volume in GiB.
const LARGEST: u32 = 65_536;

impl Importer<'_> {
    /// A volume. Instances have named theirs already, and say where they are attached.
    pub(super) fn volume(&mut self, scope: &Scope, told: ec2::Volume) {
        let Some(id) = self.id(IdKind::Volume, told.volume_id) else { return };
        if let Some(state) = told.state.filter(|state| state.starts_with("delet") || state == "error") {
            return self.leave_out(format!("{id} is {state}"));
        }
        let shape = shape(told.volume_type.as_deref(), [told.size, told.iops, told.throughput]);
        let Some(shape) = shape else { return self.leave_out(format!("{id}: its type or size is not understood")) };
        for instance in told.attachments.into_iter().filter_map(|attachment| attachment.instance_id) {
            if self.model.instances.get(&instance).is_none() {
                self.leave_out(format!("{id}: its instance {instance} is not in the files"));
            }
        }
        let attachments = self.model.volumes.get(&id).map(|known| known.attachments.clone()).unwrap_or_default();
        self.model.volumes.adopt(Volume {
            id,
            attachments,
            scope: scope.clone(),
            tags: tags(told.tags),
            zone: told.availability_zone.unwrap_or_default(),
            shape: VolumeShape { multi_attach: told.multi_attach_enabled == Some(true), ..shape },
            encrypted: told.encrypted == Some(true),
            key: told.kms_key_id,
            snapshot: told.snapshot_id.filter(|id| !id.is_empty()),
            created: told.create_time.unwrap_or(self.now),
            modification: None,
            client_token: None,
            auto_io: false,
        });
    }

    pub(super) fn snapshot(&mut self, scope: &Scope, told: ec2::Snapshot) {
        let Some(id) = self.id(IdKind::Snapshot, told.snapshot_id) else { return };
        let Some(size) = size(told.volume_size) else {
            return self.leave_out(format!("{id}: its size is not understood"));
        };
        let created = told.start_time.unwrap_or(self.now);
        let is_archived = told.storage_tier.is_some_and(|tier| tier == "archive");
        self.model.snapshots.adopt(Snapshot {
            id,
            scope: scope.clone(),
            tags: tags(told.tags),
            volume: told.volume_id.unwrap_or_default(),
            size,
            encrypted: told.encrypted == Some(true),
            key: told.kms_key_id,
            description: told.description.unwrap_or_default(),
            created,
            shared_with: BTreeSet::new(),
            moved: is_archived.then_some(SnapshotMove { at: created, to: SnapshotTier::Archive }),
        });
    }

    pub(super) fn image(&mut self, scope: &Scope, told: ec2::Image) {
        let Some(id) = self.id(IdKind::Image, told.image_id) else { return };
        let state = told.state.unwrap_or_else(|| "available".to_owned());
        if state != "available" && state != "disabled" {
            return self.leave_out(format!("{id} is {state}"));
        }
        let mut volumes = Vec::new();
        let mut ephemeral = BTreeMap::new();
        for mapping in told.block_device_mappings {
            let Some(device) = mapping.device_name else { continue };
            match (mapping.ebs, mapping.virtual_name) {
                (Some(ebs), _) => volumes.extend(image_volume(device, ebs)),
                (None, Some(name)) => _ = ephemeral.insert(device, name),
                (None, None) => {}
            }
        }
        let is_on = |word: Option<String>, on: &str| word.is_some_and(|word| word.starts_with(on));
        let is_from_store = is_on(told.root_device_type, "instance-store");
        let platform = match (told.platform.as_deref(), told.platform_details.as_deref()) {
            (Some("windows"), _) => ImagePlatform::Windows,
            (_, Some(details)) if details.starts_with("Red Hat") => ImagePlatform::RedHat,
            _ => ImagePlatform::Linux,
        };
        self.model.images.adopt(Image {
            id,
            scope: scope.clone(),
            tags: tags(told.tags),
            name: told.name.unwrap_or_default(),
            description: told.description.unwrap_or_default(),
            created: parse(told.creation_date.as_ref()).unwrap_or(self.now),
            architecture: told.architecture.unwrap_or_default(),
            virtualization: told.virtualization_type.unwrap_or_default(),
            root_device: told.root_device_name.unwrap_or_default(),
            platform,
            firmware: Firmware {
                boot_mode: told.boot_mode.and_then(|word| BootMode::read("BootMode", &word).ok()),
                tpm: is_on(told.tpm_support, "v2"),
                metadata_tokens: is_on(told.imds_support, "v2"),
            },
            boot_images: BootImages { kernel: told.kernel_id, ramdisk: told.ramdisk_id },
            ena: told.ena_support == Some(true),
            manifest: told.image_location.filter(|_| is_from_store),
            volumes,
            ephemeral,
            instance: told.source_instance_id,
            copy_of: told.source_image_id.zip(told.source_image_region),
            shared_with: (told.public == Some(true)).then(|| "all".to_owned()).into_iter().collect(),
            organizations: BTreeSet::new(),
            organizational_units: BTreeSet::new(),
            deprecated: parse(told.deprecation_time.as_ref()),
            disabled: state == "disabled",
            protected: is_on(told.deregistration_protection, "enabled"),
            deregistered: false,
        });
    }
}

fn image_volume(device: String, told: ec2::EbsBlockDevice) -> Option<ImageVolume> {
    Some(ImageVolume {
        device,
        snapshot: told.snapshot_id,
        shape: shape(told.volume_type.as_deref(), [told.volume_size, told.iops, told.throughput])?,
        encrypted: told.encrypted == Some(true),
        key: told.kms_key_id,
        delete_on_termination: told.delete_on_termination != Some(false),
    })
}

/// What a volume is like, from its size, its operations a second and its throughput.
fn shape(kind: Option<&str>, [gib, iops, throughput]: [Option<i32>; 3]) -> Option<VolumeShape> {
    Some(VolumeShape {
        size: size(gib)?,
        kind: VolumeType::read("VolumeType", kind.unwrap_or("standard")).ok()?,
        iops: unsigned(iops),
        throughput: unsigned(throughput),
        multi_attach: false,
    })
}

fn size(told: Option<i32>) -> Option<u32> {
    unsigned(told).filter(|size| (1..=LARGEST).contains(size))
}
