//! Volumes, Dedicated Hosts and Capacity Reservations.

use super::functions::Unknown;
use super::properties::Properties;
use super::{Builder, Make};
use crate::import::form::flatten;

/// The maker of a type of EC2, by its name without the prefix.
pub fn maker(of_ec2: &str) -> Option<Make> {
    Some(match of_ec2 {
        "Volume" => |b, p| {
            let mut parameters = p.named(VOLUME);
            parameters.extend(p.known(&["KmsKeyId"]));
            b.call("CreateVolume", &parameters, "volumeId").map(Some)
        },
        "VolumeAttachment" => {
            |b, p| b.call("AttachVolume", &p.named(&["VolumeId", "InstanceId", "Device"]), "status").map(|_| None)
        }
        "Host" => |b, p| {
            let mut parameters = p.named(HOST);
            parameters.push(("Quantity".to_owned(), "1".to_owned()));
            b.call("AllocateHosts", &parameters, "item").map(Some)
        },
        "CapacityReservation" => reservation,
        _ => return None,
    })
}

const VOLUME: &[&str] =
    &["AvailabilityZone", "Encrypted", "Iops", "MultiAttachEnabled", "Size", "SnapshotId", "Throughput", "VolumeType"];
const HOST: &[&str] =
    &["AutoPlacement", "AvailabilityZone", "HostMaintenance", "HostRecovery", "InstanceFamily", "InstanceType"];
const RESERVATION: &[&str] = &[
    "AvailabilityZone",
    "EbsOptimized",
    "EndDate",
    "EndDateType",
    "EphemeralStorage",
    "InstanceCount",
    "InstanceMatchCriteria",
    "InstancePlatform",
    "InstanceType",
    "Tenancy",
];

fn reservation(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(RESERVATION);
    let tags = p.known_parts("TagSpecifications");
    parameters.extend(tags.map(|tags| flatten("TagSpecifications", tags)).unwrap_or_default());
    b.call("CreateCapacityReservation", &parameters, "capacityReservationId").map(Some)
}
