//! Volumes, snapshots, images, Dedicated Hosts and Capacity Reservations.

use super::services::exported_alike;
use super::*;

const TIME: &str = "2020-05-07T17:39:28+00:00";

#[test]
fn storage_is_kept() {
    let volume = |id: &str, size: i64, kind: &str| {
        json!({"VolumeId": id, "Size": size, "VolumeType": kind, "AvailabilityZone": "eu-west-1b", "State": "in-use",
            "CreateTime": TIME, "Encrypted": false, "Iops": 3000, "Tags": [{"Key": "Name", "Value": "data"}]})
    };
    let image = |id: &str, more: serde_json::Value| {
        let mut image = json!({"ImageId": id, "OwnerId": "123456789012", "Name": "web", "State": "available", "CreationDate": TIME,
            "Architecture": "arm64", "VirtualizationType": "hvm", "RootDeviceName": "/dev/xvda", "RootDeviceType": "ebs",
            "Public": false, "EnaSupport": true, "BlockDeviceMappings": [
                {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap-1a2b3c4d", "VolumeSize": 9, "VolumeType": "gp3"}},
                {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"}]});
        image.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        image
    };
    let mut files = account();
    files[3].1["Reservations"][0]["Instances"][0]["BlockDeviceMappings"] = json!([{"DeviceName": "/dev/xvda", "Ebs": {
        "VolumeId": "vol-1a2b3c4d", "AttachTime": TIME, "DeleteOnTermination": true, "Status": "attached"}}]);
    files.extend([
        (
            "x/volumes.json",
            json!({"Volumes": [volume("vol-1a2b3c4d", 30, "gp3"), volume("vol-5a2b3c4d", 8, "gp3"), volume("vol-9a2b3c4d", 8, "floppy")]}),
        ),
        (
            "x/snapshots.json",
            json!({"Snapshots": [{"SnapshotId": "snap-1a2b3c4d", "OwnerId": "123456789012", "VolumeId": "vol-1a2b3c4d",
            "VolumeSize": 9, "StartTime": TIME, "StorageTier": "archive"}]}),
        ),
        (
            "x/images.json",
            json!({"Images": [image("ami-1a2b3c4e", json!({})), image("ami-5a2b3c4e", json!({"ImageOwnerAlias": "amazon",
            "OwnerId": "137112412989"})), image("ami-9a2b3c4e", json!({"State": "pending"}))]}),
        ),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, ["ami-9a2b3c4e is pending", "vol-9a2b3c4d: its type or size is not understood"]);
    let volume = model.volumes.get("vol-1a2b3c4d").unwrap();
    assert!(volume.shape.size == 30 && volume.attachments.len() == 1 && volume.tags["Name"] == "data");
    assert_eq!(model.free_volumes().count(), 1);
    let image = model.images.get("ami-1a2b3c4e").unwrap();
    assert_eq!((image.architecture.as_str(), image.volumes.len(), image.ephemeral.len()), ("arm64", 1, 1));
    assert!(model.images.len() == 1 && model.visits.iter().all(|visit| !visit.id.starts_with("137112412989")));
    exported_alike(&model);
}

#[test]
fn hosts_and_reservations_are_kept() {
    let mut files = account();
    files[3].1["Reservations"][0]["Instances"][0]["Placement"]["HostId"] = json!("h-1a2b3c4d");
    files.extend([
        (
            "x/hosts.json",
            json!({"Hosts": [{"HostId": "h-1a2b3c4d", "OwnerId": "123456789012", "AvailabilityZone": "eu-west-1b",
            "State": "available", "HostProperties": {"InstanceType": "t2.micro"}, "AutoPlacement": "on", "AllocationTime": TIME}]}),
        ),
        (
            "x/reservations.json",
            json!({"CapacityReservations": [{"CapacityReservationId": "cr-1a2b3c4d", "OwnerId": "123456789012",
            "AvailabilityZone": "eu-west-1b", "InstanceType": "t2.micro", "InstancePlatform": "Linux/UNIX", "TotalInstanceCount": 1,
            "State": "active", "CreateDate": TIME, "InstanceMatchCriteria": "targeted"}, {"CapacityReservationId": "cr-5a2b3c4d",
            "OwnerId": "123456789012", "State": "expired"}]}),
        ),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, ["cr-5a2b3c4d is expired"]);
    let host = model.dedicated_hosts.get("h-1a2b3c4d").unwrap();
    assert_eq!(model.instances_on(host).count(), 1);
    assert_eq!(model.capacity_reservations.get("cr-1a2b3c4d").unwrap().terms.count, 1);
    exported_alike(&model);
}
