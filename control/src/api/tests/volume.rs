use super::*;

const ONE: &str = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";

fn volume(cloud: &mut Cloud, rest: &str) -> String {
    cloud.get(&format!("Action=CreateVolume&AvailabilityZone=us-east-1a&{rest}"), "volumeId")
}

#[test]
fn a_volume_is_made_attached_changed_and_taken_away() {
    let mut cloud = Cloud::new();
    let instance = cloud.get(ONE, "instanceId");
    let id = volume(&mut cloud, "Size=10&VolumeType=gp3&Encrypted=true");
    let describe = format!("Action=DescribeVolumes&VolumeId.1={id}");
    let body = cloud.ask(&describe).unwrap();
    let told =
        ["status", "size", "volumeType", "iops", "throughput", "encrypted"].map(|name| first(&body, name).unwrap());
    assert_eq!(told, ["available", "10", "gp3", "3000", "125", "true"]);
    let attach =
        |id: &str, device: &str| format!("Action=AttachVolume&VolumeId={id}&InstanceId={instance}&Device={device}");
    assert_eq!(cloud.get(&attach(&id, "/dev/sdf"), "status"), "attaching");
    assert_eq!(cloud.get(&describe, "device"), "/dev/sdf");
    assert_eq!(cloud.ask(&attach(&id, "/dev/sdg")), Err("VolumeInUse"));
    let other = volume(&mut cloud, "Size=1");
    assert_eq!(cloud.ask(&attach(&other, "/dev/sdf")), Err("InvalidParameterValue"));
    let elsewhere = cloud.get("Action=CreateVolume&AvailabilityZone=us-east-1b&Size=1", "volumeId");
    assert_eq!(cloud.ask(&attach(&elsewhere, "/dev/sdh")), Err("InvalidVolume.ZoneMismatch"));
    let devices = cloud.all(&format!("Action=DescribeInstances&InstanceId.1={instance}"), "deviceName");
    assert_eq!(devices, ["/dev/sda1", "/dev/sdf"]);

    let modify = |size: u32| format!("Action=ModifyVolume&VolumeId={id}&Size={size}");
    assert_eq!(cloud.ask(&modify(5)), Err("InvalidParameterValue"));
    assert_eq!(cloud.get(&modify(20), "originalSize"), "10");
    assert_eq!(cloud.get("Action=DescribeVolumesModifications", "targetSize"), "20");
    assert_eq!(cloud.ask(&format!("Action=DeleteVolume&VolumeId={id}")), Err("VolumeInUse"));
    assert_eq!(cloud.get(&format!("Action=DetachVolume&VolumeId={id}"), "status"), "detaching");
    assert_eq!(cloud.ask(&format!("Action=DetachVolume&VolumeId={id}")), Err("IncorrectState"));
    cloud.ask(&format!("Action=DeleteVolume&VolumeId={id}")).unwrap();
    assert_eq!(cloud.ask(&describe), Err("InvalidVolume.NotFound"));
    assert_eq!(
        cloud.ask("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=2000&VolumeType=standard"),
        Err("InvalidParameterValue")
    );
}

#[test]
fn several_instances_have_a_volume_that_is_made_for_it() {
    let mut cloud = Cloud::new();
    let [one, other] = [(); 2].map(|()| cloud.get(ONE, "instanceId"));
    let id = volume(&mut cloud, "Size=4&VolumeType=io1&Iops=100&MultiAttachEnabled=true");
    let attach = |instance: &str| format!("Action=AttachVolume&VolumeId={id}&InstanceId={instance}&Device=/dev/sdf");
    for instance in [&one, &other] {
        assert_eq!(cloud.get(&attach(instance), "instanceId"), *instance);
    }
    assert_eq!(cloud.ask(&attach(&one)), Err("VolumeInUse"));
    let describe = format!("Action=DescribeVolumes&VolumeId.1={id}");
    assert_eq!(cloud.all(&describe, "instanceId"), [one.as_str(), other.as_str()]);
    let modify = format!("Action=ModifyVolume&VolumeId={id}");
    assert_eq!(cloud.ask(&format!("{modify}&MultiAttachEnabled=false")), Err("VolumeInUse"));
    assert_eq!(cloud.ask(&format!("{modify}&VolumeType=gp3")), Err("InvalidParameterDependency"));
    let detach = format!("Action=DetachVolume&VolumeId={id}");
    assert_eq!(cloud.ask(&detach), Err("MissingParameter"));
    assert_eq!(cloud.get(&format!("{detach}&InstanceId={one}"), "instanceId"), one);
    assert_eq!(cloud.all(&describe, "instanceId"), [other.as_str()]);
    cloud.ask(&format!("{modify}&MultiAttachEnabled=false")).unwrap();
    assert_eq!(cloud.get(&detach, "instanceId"), other);
}

#[test]
fn what_follows_from_a_type_follows_from_the_one_that_it_is_now() {
    let mut cloud = Cloud::new();
    let mut become_of = |made: &str, changes: &[&str]| {
        let id = volume(&mut cloud, made);
        for change in changes {
            cloud.ask(&format!("Action=ModifyVolume&VolumeId={id}&{change}")).unwrap();
        }
        let body = cloud.ask(&format!("Action=DescribeVolumes&VolumeId.1={id}")).unwrap();
        ["iops", "throughput"].map(|name| first(&body, name).unwrap_or_default())
    };
    assert_eq!(become_of("Size=100&VolumeType=gp2", &["Size=200"]), ["600", ""]);
    assert_eq!(become_of("Size=100&VolumeType=gp2", &["VolumeType=io1"]), ["3000", ""]);
    assert_eq!(become_of("Size=100&VolumeType=gp3", &["VolumeType=io1&Iops=3000"]), ["3000", ""]);
    assert_eq!(become_of("Size=100&VolumeType=io1&Iops=500", &["Size=200"]), ["500", ""]);
    assert_eq!(become_of("Size=100&VolumeType=io1&Iops=500", &["VolumeType=gp3"]), ["3000", "125"]);
    assert_eq!(become_of("Size=100&VolumeType=gp3&Throughput=300", &["Iops=4000", "Size=200"]), ["4000", "300"]);
    assert_eq!(become_of("Size=200&VolumeType=gp3", &["VolumeType=standard"]), ["", ""]);
}

#[test]
fn what_a_launch_does_not_say_of_a_device_is_as_in_the_image() {
    let mut cloud = Cloud::new();
    let snapshot = |cloud: &mut Cloud, made: &str| {
        let id = volume(cloud, made);
        cloud.get(&format!("Action=CreateSnapshot&VolumeId={id}"), "snapshotId")
    };
    let own = snapshot(&mut cloud, "Size=12&Encrypted=true");
    let image = cloud.get(
        &format!(
            "Action=RegisterImage&Name=built&RootDeviceName=/dev/xvda&BlockDeviceMapping.1.DeviceName=/dev/xvda\
             &BlockDeviceMapping.1.Ebs.SnapshotId={own}&BlockDeviceMapping.1.Ebs.VolumeType=gp3\
             &BlockDeviceMapping.1.Ebs.DeleteOnTermination=false"
        ),
        "imageId",
    );
    let launch = |said: &str| {
        let run = ONE.replace("ami-1a2b3c4d", &image);
        format!("{run}&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.{said}")
    };
    let told = |cloud: &mut Cloud, said: &str| {
        let id = cloud.get(&launch(said), "volumeId");
        let body = cloud.ask(&format!("Action=DescribeVolumes&VolumeId.1={id}")).unwrap();
        ["snapshotId", "size", "volumeType", "encrypted", "deleteOnTermination"].map(|name| first(&body, name).unwrap())
    };
    assert_eq!(told(&mut cloud, "VolumeSize=30"), [own.as_str(), "30", "gp3", "true", "false"]);
    assert_eq!(told(&mut cloud, "DeleteOnTermination=true"), [own.as_str(), "12", "gp3", "true", "true"]);
    assert_eq!(cloud.ask(&launch("VolumeSize=11")), Err("InvalidParameterValue"));
    let other = snapshot(&mut cloud, "Size=9");
    let said = format!("SnapshotId={other}&BlockDeviceMapping.1.Ebs.VolumeType=gp2");
    assert_eq!(told(&mut cloud, &said), [other.as_str(), "9", "gp2", "false", "false"]);
}

#[test]
fn volumes_are_told_by_device_behind_the_root_one() {
    let mut cloud = Cloud::new();
    let instance = cloud.get(ONE, "instanceId");
    for device in ["/dev/sdg", "/dev/sdf", "/dev/sdb"] {
        let id = volume(&mut cloud, "Size=1");
        cloud.ask(&format!("Action=AttachVolume&VolumeId={id}&InstanceId={instance}&Device={device}")).unwrap();
    }
    let devices = cloud.all(&format!("Action=DescribeInstances&InstanceId.1={instance}"), "deviceName");
    assert_eq!(devices, ["/dev/sda1", "/dev/sdb", "/dev/sdf", "/dev/sdg"]);
}

#[test]
fn a_token_makes_a_volume_once() {
    let mut cloud = Cloud::new();
    let first = volume(&mut cloud, "Size=10&ClientToken=t");
    assert_eq!(volume(&mut cloud, "Size=10&ClientToken=t"), first);
    assert_ne!(volume(&mut cloud, "Size=10&ClientToken=u"), first);
    let other = "Action=CreateVolume&AvailabilityZone=us-east-1a&Size=11&ClientToken=t";
    assert_eq!(cloud.ask(other), Err("IdempotentParameterMismatch"));
}

#[test]
fn volumes_come_with_a_launch_and_go_as_they_were_told() {
    let mut cloud = Cloud::new();
    let devices = "&BlockDeviceMapping.1.DeviceName=/dev/sda1&BlockDeviceMapping.1.Ebs.VolumeSize=30&BlockDeviceMapping.1.Ebs.VolumeType=gp2        &BlockDeviceMapping.2.DeviceName=/dev/sdb&BlockDeviceMapping.2.Ebs.VolumeSize=50&BlockDeviceMapping.2.Ebs.DeleteOnTermination=false        &BlockDeviceMapping.3.DeviceName=/dev/sdc&BlockDeviceMapping.3.VirtualName=ephemeral0";
    let body = cloud.ask(&format!("{ONE}{devices}")).unwrap();
    assert_eq!(texts(&body, "deviceName"), ["/dev/sda1", "/dev/sdb"]);
    let instance = first(&body, "instanceId").unwrap();
    let root = cloud.ask(&format!("Action=DescribeVolumes&VolumeId.1={}", texts(&body, "volumeId")[0])).unwrap();
    assert_eq!((first(&root, "size").as_deref(), first(&root, "volumeType").as_deref()), (Some("30"), Some("gp2")));
    let detach = format!("Action=DetachVolume&VolumeId={}", texts(&body, "volumeId")[0]);
    assert_eq!(cloud.ask(&detach), Err("OperationNotPermitted"));
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={instance}")).unwrap();
    assert_eq!(cloud.all("Action=DescribeVolumes", "size"), ["50"]);
    assert_eq!(cloud.all("Action=DescribeVolumes", "status"), ["available"]);
}

#[test]
fn devices_are_left_out_of_launches_and_images() {
    let mut cloud = Cloud::new();
    let sized = |n: u32, device: &str, size: u32| {
        format!("&BlockDeviceMapping.{n}.DeviceName={device}&BlockDeviceMapping.{n}.Ebs.VolumeSize={size}")
    };
    let without = |device: &str| format!("&BlockDeviceMapping.1.DeviceName={device}&BlockDeviceMapping.1.NoDevice=");
    let more = sized(1, "/dev/sdb", 20) + &sized(2, "/dev/sdc", 30);
    let instance = cloud.get(&format!("{ONE}{more}"), "instanceId");
    let create = format!("Action=CreateImage&InstanceId={instance}");
    let devices = |cloud: &mut Cloud, image: &str| {
        let body = cloud.ask(&format!("Action=DescribeImages&ImageId.1={image}")).unwrap();
        texts(&body, "deviceName").into_iter().zip(texts(&body, "volumeSize")).collect::<Vec<_>>()
    };
    let pairs = |all: &[(&str, &str)]| {
        all.iter().map(|(device, size)| ((*device).to_owned(), (*size).to_owned())).collect::<Vec<_>>()
    };
    let said = without("/dev/sdb") + &sized(2, "/dev/sdc", 40) + &sized(3, "/dev/sdd", 5);
    let image = cloud.get(&format!("{create}&Name=changed{said}"), "imageId");
    assert_eq!(devices(&mut cloud, &image), pairs(&[("/dev/sda1", "8"), ("/dev/sdc", "40"), ("/dev/sdd", "5")]));
    let smaller = format!("{create}&Name=smaller{}", sized(1, "/dev/sdc", 29));
    assert_eq!(cloud.ask(&smaller), Err("InvalidParameterValue"));
    // What is left out or new has no snapshot.
    let snapshots = cloud.all("Action=DescribeSnapshots&Owner.1=self", "volumeSize");
    assert_eq!(snapshots, ["8", "30"]);
    let as_one = "Action=DescribeSnapshots&Owner=self&RestorableBy=self";
    assert_eq!(cloud.all(as_one, "volumeSize"), snapshots, "boto 2 and fog send a list of one as a value");
    let run = ONE.replace("ami-1a2b3c4d", &image);
    let body = cloud.ask(&format!("{run}{}", without("/dev/sdc"))).unwrap();
    assert_eq!(texts(&body, "deviceName"), ["/dev/sda1", "/dev/sdd"]);
}

#[test]
fn snapshots_become_volumes_and_are_shared() {
    let mut cloud = Cloud::new();
    let id = volume(&mut cloud, "Size=10");
    let snapshot = cloud.get(&format!("Action=CreateSnapshot&VolumeId={id}&Description=daily"), "snapshotId");
    assert_eq!(cloud.get("Action=DescribeSnapshots&Owner.1=self", "status"), "completed");
    let of = volume(&mut cloud, &format!("SnapshotId={snapshot}"));
    assert_eq!(cloud.get(&format!("Action=DescribeVolumes&VolumeId.1={of}"), "size"), "10");
    let small = format!("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=5&SnapshotId={snapshot}");
    assert_eq!(cloud.ask(&small), Err("InvalidParameterValue"));
    let describe = format!("Action=DescribeSnapshots&SnapshotId.1={snapshot}");
    cloud.account = "444455556666";
    assert_eq!(cloud.ask(&describe), Err("InvalidSnapshot.NotFound"));
    cloud.account = "111122223333";
    let share = format!(
        "Action=ModifySnapshotAttribute&SnapshotId={snapshot}&CreateVolumePermission.Add.1.UserId=444455556666"
    );
    cloud.ask(&share).unwrap();
    cloud.account = "444455556666";
    assert_eq!(cloud.get(&describe, "ownerId"), "111122223333");
    assert_eq!(cloud.ask(&format!("Action=DeleteSnapshot&SnapshotId={snapshot}")), Err("InvalidSnapshot.NotFound"));
    cloud.account = "111122223333";
    cloud.region = "us-west-2";
    let copy = format!("Action=CopySnapshot&SourceRegion=us-east-1&SourceSnapshotId={snapshot}");
    assert!(cloud.get(&copy, "snapshotId") != snapshot);
}

#[test]
fn an_image_is_made_of_an_instance_launched_and_deregistered() {
    let mut cloud = Cloud::new();
    let instance = cloud.get(ONE, "instanceId");
    let create = format!("Action=CreateImage&InstanceId={instance}&Name=golden");
    let image = cloud.get(&create, "imageId");
    assert_eq!(cloud.ask(&create), Err("InvalidAMIName.Duplicate"));
    assert_eq!(cloud.all("Action=DescribeImages&Owner.1=self", "imageId"), [image.as_str()]);
    let snapshot = cloud.get(&format!("Action=DescribeImages&ImageId.1={image}"), "snapshotId");
    assert_eq!(cloud.ask(&format!("Action=DeleteSnapshot&SnapshotId={snapshot}")), Err("InvalidSnapshot.InUse"));
    let run = ONE.replace("ami-1a2b3c4d", &image);
    cloud.ask(&run).unwrap();
    cloud.account = "444455556666";
    assert_eq!(cloud.ask(&run), Err("InvalidAMIID.NotFound"), "it is nobody else's");
    cloud.account = "111122223333";
    let share = format!("Action=ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.Group=all");
    cloud.ask(&share).unwrap();
    let permissions = format!("Action=DescribeImageAttribute&ImageId={image}&Attribute=launchPermission");
    assert_eq!(cloud.get(&permissions, "group"), "all");
    cloud.account = "444455556666";
    cloud.ask(&run).unwrap();
    assert_eq!(cloud.ask(&format!("Action=DeregisterImage&ImageId={image}")), Err("InvalidAMIID.NotFound"));
    cloud.account = "111122223333";
    let gone = format!("Action=DeregisterImage&ImageId={image}&DeleteAssociatedSnapshots=true");
    assert_eq!(cloud.get(&gone, "returnCode"), "success");
    assert_eq!(cloud.all(&format!("Action=DescribeImages&ImageId.1={image}"), "imageId"), [""; 0]);
    assert_eq!(cloud.ask(&run), Err("InvalidAMIID.NotFound"));
}

#[test]
fn an_image_is_registered_from_a_snapshot_and_copied_to_another_region() {
    let mut cloud = Cloud::new();
    let id = volume(&mut cloud, "Size=12");
    let snapshot = cloud.get(&format!("Action=CreateSnapshot&VolumeId={id}"), "snapshotId");
    let register = format!(
        "Action=RegisterImage&Name=built&RootDeviceName=/dev/xvda&Architecture=arm64&VirtualizationType=hvm         &BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
    );
    let image = cloud.get(&register, "imageId");
    assert_eq!(cloud.get(&format!("Action=DescribeImages&ImageId.1={image}"), "volumeSize"), "12");
    cloud.region = "us-west-2";
    let copy = format!("Action=CopyImage&Name=copied&SourceRegion=us-east-1&SourceImageId={image}");
    let with_token = format!("{copy}&ClientToken=t");
    let copied = cloud.get(&with_token, "imageId");
    assert_eq!(cloud.get(&with_token, "imageId"), copied);
    assert_eq!(cloud.ask(&copy), Err("InvalidAMIName.Duplicate"));
    assert_eq!(cloud.ask(&format!("{with_token}&Description=other")), Err("IdempotentParameterMismatch"));
    let tag = "&TagSpecification.1.ResourceType=image&TagSpecification.1.Tag.1.Key=aws:x";
    assert_eq!(cloud.ask(&format!("{}{tag}", copy.replace("copied", "again"))), Err("InvalidParameterValue"));
    let described = cloud.ask(&format!("Action=DescribeImages&ImageId.1={copied}")).unwrap();
    assert_eq!(first(&described, "architecture").as_deref(), Some("arm64"));
    assert_eq!(first(&described, "sourceImageId"), Some(image));
}

#[test]
fn the_volumes_of_an_instance_have_snapshots_made_at_once() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m5.large&MinCount=1&MaxCount=1\
               &BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.VolumeSize=3\
               &TagSpecification.1.ResourceType=volume&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v";
    let instance = cloud.get(run, "instanceId");
    let create = format!("Action=CreateSnapshots&InstanceSpecification.InstanceId={instance}");
    assert_eq!(cloud.all(&create, "snapshotId").len(), 2);
    let body =
        cloud.ask(&format!("{create}&InstanceSpecification.ExcludeBootVolume=true&CopyTagsFromSource=volume")).unwrap();
    assert_eq!((texts(&body, "volumeSize"), texts(&body, "value")), (vec!["3".into()], vec!["v".into()]));
    let without = format!("{create}&InstanceSpecification.ExcludeDataVolumeId.1=vol-12345678");
    assert_eq!(cloud.ask(&without), Err("InvalidVolume.NotFound"));
    assert_eq!(cloud.get(&format!("Action=GetInstanceUefiData&InstanceId={instance}"), "instanceId"), instance);
}

#[test]
fn spot_prices_are_told_by_type_zone_and_product() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let of = "Action=DescribeSpotPriceHistory&InstanceType.1=t3a.micro&ProductDescription.1=Linux/UNIX";
    assert_eq!(cloud.all(of, "availabilityZone"), ["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
    let one = format!("{of}&AvailabilityZone=eu-central-1b");
    assert_eq!(cloud.all(&one, "spotPrice"), ["0.025000"]);
}

#[test]
fn what_a_volume_cannot_have_is_refused_and_its_key_is_kept() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let create = |rest: &str| format!("Action=CreateVolume&AvailabilityZone=eu-central-1a&Size=10&{rest}");
    for rest in ["VolumeType=gp2&Throughput=200", "VolumeType=gp3&MultiAttachEnabled=true", "KmsKeyId=own"] {
        assert_eq!(cloud.ask(&create(rest)), Err("InvalidParameterDependency"), "{rest}");
    }
    let id = cloud.get(&create("Encrypted=true&KmsKeyId=own"), "volumeId");
    assert_eq!(cloud.get(&format!("Action=DescribeVolumes&VolumeId.1={id}"), "kmsKeyId"), "own");
    let snapshot = cloud.get(&format!("Action=CreateSnapshot&VolumeId={id}"), "snapshotId");
    let share = |what: &str| {
        format!("Action=ModifySnapshotAttribute&SnapshotId={snapshot}&CreateVolumePermission.Add.1.{what}")
    };
    for what in ["Group=everyone", "UserId=12345678901", "UserId=foo"] {
        assert_eq!(cloud.ask(&share(what)), Err("InvalidAMIAttributeItemValue"), "{what}");
    }
}

#[test]
fn a_snapshot_goes_to_the_archive_and_comes_back() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let volume = cloud.get("Action=CreateVolume&AvailabilityZone=eu-central-1a&Size=1", "volumeId");
    let id = cloud.get(&format!("Action=CreateSnapshot&VolumeId={volume}"), "snapshotId");
    let told = |cloud: &mut Cloud, element: &str| {
        cloud.all("Action=DescribeSnapshotTierStatus", element).pop().unwrap_or_default()
    };
    let restore = |how: &str| format!("Action=RestoreSnapshotTier&SnapshotId={id}&{how}");
    assert_eq!(told(&mut cloud, "storageTier"), "standard");
    assert_eq!(cloud.ask(&restore("PermanentRestore=true")), Err("IncorrectState"));
    let modify = format!("Action=ModifySnapshotTier&SnapshotId={id}&StorageTier=");
    assert_eq!(cloud.ask(&format!("{modify}standard")), Err("InvalidParameterValue"));
    cloud.ask(&format!("{modify}archive")).unwrap();
    let make = format!("Action=CreateVolume&AvailabilityZone=eu-central-1a&SnapshotId={id}");
    let copy = format!("Action=CopySnapshot&SourceRegion=eu-central-1&SourceSnapshotId={id}");
    for action in [&make, &copy] {
        assert_eq!(cloud.ask(action), Err("IncorrectState"), "{action}");
    }
    let archived = "Action=DescribeSnapshots&Filter.1.Name=storage-tier&Filter.1.Value.1=archive";
    assert_eq!(cloud.all(archived, "snapshotId"), [id.as_str()]);
    assert_eq!(cloud.get(&restore("TemporaryRestoreDays=10"), "restoreDuration"), "10");
    assert_eq!(told(&mut cloud, "storageTier"), "archive");
    cloud.ask(&make).unwrap();
    assert_eq!(told(&mut cloud, "restoreExpiryTime"), "2015-01-17T12:00:00.000Z");
    assert_eq!(cloud.get(&restore("PermanentRestore=true"), "isPermanentRestore"), "true");
    assert_eq!(told(&mut cloud, "lastTieringOperationStatus"), "permanent-restore-completed");
}

#[test]
fn a_volume_is_not_detached_from_where_it_is_not() {
    let mut cloud = Cloud::new();
    let instance = cloud.get(ONE, "instanceId");
    let root = cloud.get(&format!("Action=DescribeInstances&InstanceId.1={instance}"), "volumeId");
    let detach = format!("Action=DetachVolume&VolumeId={root}");
    assert_eq!(cloud.ask(&format!("{detach}&Device=/dev/sdf")), Err("InvalidAttachment.NotFound"));
    assert_eq!(cloud.ask(&detach), Err("OperationNotPermitted"));
}

#[test]
fn volumes_and_snapshots_are_found_by_the_second_too() {
    let mut cloud = Cloud { now: Time(1_420_632_000_123), ..Cloud::new() };
    let id = volume(&mut cloud, "Size=1");
    cloud.ask(&format!("Action=CreateSnapshot&VolumeId={id}")).unwrap();
    for time in ["2015-01-07T12:00:00.123Z", "2015-01-07T12:00:00.000Z"] {
        let found = |what: &str| format!("Action={what}-time&Filter.1.Value.1={time}");
        assert_eq!(cloud.all(&found("DescribeVolumes&Filter.1.Name=create"), "volumeId"), [id.as_str()]);
        assert_eq!(cloud.all(&found("DescribeSnapshots&Filter.1.Name=start"), "volumeId"), [id.as_str()]);
    }
}

#[test]
fn a_launch_says_enough_of_its_volumes_before_anything_is_looked_up() {
    let mut cloud = Cloud::new();
    let device = "BlockDeviceMapping.1.DeviceName=/dev/sdf";
    let run = format!("{ONE}&KeyName=unknown&{device}");
    for (rest, code) in [
        ("", "MissingParameter"),
        ("&BlockDeviceMapping.1.Ebs.VolumeType=gp3", "MissingParameter"),
        ("&BlockDeviceMapping.1.Ebs.VolumeSize=8", "InvalidKeyPair.NotFound"),
        ("&BlockDeviceMapping.1.NoDevice=", "InvalidKeyPair.NotFound"),
    ] {
        assert_eq!(cloud.ask(&format!("{run}{rest}")), Err(code), "{rest}");
    }
    assert!(cloud.refusal(&run).contains("must contain the parameter ebs"));
}

#[test]
fn a_volume_keeps_whether_it_goes_on_by_itself() {
    let mut cloud = Cloud::new();
    let id = volume(&mut cloud, "Size=1");
    let describe = format!("Action=DescribeVolumeAttribute&VolumeId={id}&Attribute");
    assert_eq!(cloud.get(&format!("{describe}=autoEnableIO"), "value"), "false");
    let modify = format!("Action=ModifyVolumeAttribute&VolumeId={id}");
    assert_eq!(cloud.ask(&modify), Err("InvalidParameterCombination"));
    cloud.ask(&format!("{modify}&AutoEnableIO.Value=true")).unwrap();
    assert_eq!(cloud.get(&format!("{describe}=autoEnableIO"), "value"), "true");
    assert!(cloud.ask(&format!("{describe}=productCodes")).unwrap().contains("<productCodes/>"));
    assert_eq!(cloud.ask(&format!("{describe}=colour")), Err("InvalidParameterValue"));
    cloud.ask(&format!("Action=EnableVolumeIO&VolumeId={id}")).unwrap();
    assert_eq!(cloud.ask("Action=EnableVolumeIO&VolumeId=vol-12345678"), Err("InvalidVolume.NotFound"));
}

#[test]
fn what_is_encrypted_tells_its_key() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let create = "Action=CreateVolume&AvailabilityZone=eu-central-1a&Size=8&Encrypted=true";
    let usual = cloud.get(create, "kmsKeyId");
    assert!(usual.starts_with("arn:aws:kms:eu-central-1:111122223333:key/"), "{usual}");
    assert_eq!(cloud.get(create, "kmsKeyId"), usual);
    let volume = cloud.get(&format!("{create}&KmsKeyId=own"), "volumeId");
    let body = cloud.ask(&format!("Action=CreateSnapshot&VolumeId={volume}")).unwrap();
    let snapshot = first(&body, "snapshotId").unwrap();
    assert_eq!(first(&body, "kmsKeyId").as_deref(), Some("own"));
    let again = format!("Action=CreateVolume&AvailabilityZone=eu-central-1a&SnapshotId={snapshot}");
    assert_eq!(cloud.get(&again, "kmsKeyId"), "own");
    let copy = format!("Action=CopySnapshot&SourceRegion=eu-central-1&SourceSnapshotId={snapshot}");
    let told = |cloud: &mut Cloud, copy: &str| {
        let id = cloud.get(copy, "snapshotId");
        cloud.get(&format!("Action=DescribeSnapshots&SnapshotId.1={id}"), "kmsKeyId")
    };
    assert_eq!(told(&mut cloud, &copy), usual, "a copy does not take over its source's key");
    assert_eq!(told(&mut cloud, &format!("{copy}&KmsKeyId=other")), "other");
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=t3.micro&MinCount=1&MaxCount=1\
               &BlockDeviceMapping.1.DeviceName=/dev/sdb&BlockDeviceMapping.1.Ebs.VolumeSize=3\
               &BlockDeviceMapping.1.Ebs.Encrypted=true&BlockDeviceMapping.1.Ebs.KmsKeyId=launched";
    cloud.ask(run).unwrap();
    assert_eq!(cloud.get("Action=DescribeVolumes&Filter.1.Name=size&Filter.1.Value.1=3", "kmsKeyId"), "launched");
}

#[test]
fn a_copy_of_an_image_is_encrypted_if_asked() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let image = cloud.get("Action=DescribeImages&Owner.1=amazon", "imageId");
    let of_amazon = cloud.all("Action=DescribeSnapshots&Owner.1=amazon", "ownerAlias");
    assert!(!of_amazon.is_empty() && of_amazon.iter().all(|alias| alias == "amazon"));
    let copy = format!("Action=CopyImage&SourceImageId={image}&SourceRegion=eu-central-1");
    cloud.get(&format!("{copy}&Name=plain"), "imageId");
    assert_eq!(cloud.all("Action=DescribeSnapshots&Owner.1=self", "encrypted"), ["false"]);
    let id = cloud.get(&format!("{copy}&Name=secret&Encrypted=true&KmsKeyId=own"), "imageId");
    assert_eq!(cloud.get(&format!("Action=DescribeImages&ImageId.1={id}"), "encrypted"), "true");
    let encrypted = "Action=DescribeSnapshots&Owner.1=self&Filter.1.Name=encrypted&Filter.1.Value.1=true";
    assert_eq!(cloud.get(encrypted, "kmsKeyId"), "own");
}

#[test]
fn a_snapshot_is_restored_fast_in_the_zones_where_that_is_wanted() {
    let mut cloud = Cloud::new();
    let volume = cloud.get("Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a", "volumeId");
    let snapshot = cloud.get(&format!("Action=CreateSnapshot&VolumeId={volume}"), "snapshotId");
    let of = |act: &str, zone: &str| {
        format!("Action={act}FastSnapshotRestores&SourceSnapshotId.1={snapshot}&AvailabilityZone.1={zone}")
    };
    assert_eq!(cloud.get(&of("Enable", "us-east-1b"), "state"), "enabling");
    assert_eq!(cloud.ask(&of("Enable", "mars-1a")), Err("InvalidParameterValue"));
    let twice = of("Enable", "us-east-1c&AvailabilityZone.2=us-east-1c&AvailabilityZoneId.1=use1-az3");
    assert_eq!(cloud.all(&twice, "availabilityZone"), ["us-east-1c"], "each zone once");
    cloud.ask(&of("Disable", "us-east-1c")).unwrap();
    let all = "Action=DescribeFastSnapshotRestores";
    let told = ["snapshotId", "availabilityZone", "state"].map(|element| cloud.get(all, element));
    assert_eq!(told, [snapshot.clone(), "us-east-1b".into(), "enabled".into()]);
    assert_eq!(cloud.get(&of("Disable", "us-east-1b"), "state"), "disabling");
    assert!(cloud.all(all, "snapshotId").is_empty());
    assert!(cloud.ask(&of("Disable", "us-east-1b")).unwrap().contains("<successful/>"), "it is not");
    cloud.ask(&of("Enable", "us-east-1b")).unwrap();
    cloud.ask(&format!("Action=DeleteSnapshot&SnapshotId={snapshot}")).unwrap();
    assert!(cloud.all(all, "snapshotId").is_empty());
}
