//! Block device mappings.

use super::maybe_count;
use model::{DeviceMapping, Error, MappedVolume, Result, VolumeChange, VolumeType};
use shapes::ec2;

/// `BlockDeviceMapping.N`: a volume; instance store and `NoDevice` make none.
pub fn device_mapping(sent: ec2::BlockDeviceMapping) -> Result<DeviceMapping> {
    let ec2::BlockDeviceMapping { ebs, no_device, device_name, virtual_name } = sent;
    if ebs.is_none() && no_device.is_none() && virtual_name.is_none() {
        return Err(Error::missing("ebs"));
    }
    Ok(DeviceMapping {
        device: device_name.ok_or_else(|| Error::missing("BlockDeviceMapping.DeviceName"))?,
        volume: ebs.filter(|_| no_device.is_none()).map(mapped_volume).transpose()?,
    })
}

fn mapped_volume(ebs: ec2::EbsBlockDevice) -> Result<MappedVolume> {
    Ok(MappedVolume {
        change: volume_change(&ebs)?,
        encrypted: ebs.encrypted.unwrap_or(false),
        key: ebs.kms_key_id,
        snapshot: ebs.snapshot_id,
        delete_on_termination: ebs.delete_on_termination,
    })
}

/// The change of a volume's shape in a mapping.
pub fn volume_change(ebs: &ec2::EbsBlockDevice) -> Result<VolumeChange> {
    Ok(VolumeChange {
        size: maybe_count("VolumeSize", ebs.volume_size)?,
        kind: ebs.volume_type.as_ref().map(|word| VolumeType::read("VolumeType", word)).transpose()?,
        iops: maybe_count("Iops", ebs.iops)?,
        throughput: maybe_count("Throughput", ebs.throughput)?,
        multi_attach: None,
    })
}
