use super::*;

fn find(cloud: &mut Cloud, owner: &str, name: &str) -> Vec<(String, String)> {
    let form = format!("Action=DescribeImages&Owner.1={owner}&Filter.1.Name=name&Filter.1.Value.1={name}");
    let body = cloud.ask(&form).unwrap();
    let mut found: Vec<_> = texts(&body, "creationDate").into_iter().zip(texts(&body, "name")).collect();
    found.sort();
    found
}

/// As people look images up: by owner and pattern, the newest first.
#[test]
fn images_are_found_by_owner_and_name() {
    let mut cloud = Cloud::new();
    for (owner, pattern) in [
        ("amazon", "amzn2-ami-hvm-*-x86_64-gp2"),
        ("amazon", "al2023-ami-2023*-kernel-6.1-x86_64"),
        ("137112412989", "amzn-ami-hvm-*"),
        ("099720109477", "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*"),
        ("099720109477", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"),
        ("125523088429", "Fedora-Cloud-Base-*.x86_64-4*"),
    ] {
        let found = find(&mut cloud, owner, pattern);
        assert!(found.len() > 1 && found[0].0 < found[found.len() - 1].0, "{pattern}: {found:?}");
    }
    assert!(find(&mut cloud, "self", "*").is_empty());
    assert!(find(&mut cloud, "099720109477", "amzn2*").is_empty());
    assert!(find(&mut cloud, "amazon", "Fedora*").is_empty(), "it is the community's");
}

#[test]
fn an_image_tells_what_its_instances_are() {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    let image = |cloud: &mut Cloud, name: &str, element: &str| {
        cloud.get(&format!("Action=DescribeImages&Filter.1.Name=name&Filter.1.Value.1={name}"), element)
    };
    let arm = image(&mut cloud, "amzn2-ami-hvm-2.0.*-arm64-gp2", "imageId");
    let windows = image(&mut cloud, "Windows_Server-2022*", "imageId");
    let run = |image: &str, kind: &str| {
        format!("Action=RunInstances&ImageId={image}&InstanceType={kind}&MinCount=1&MaxCount=1")
    };
    let body = cloud.ask(&run(&arm, "t4g.micro")).unwrap();
    assert_eq!(first(&body, "architecture").as_deref(), Some("arm64"));
    assert_eq!(first(&body, "currentInstanceBootMode").as_deref(), Some("uefi"));
    assert_eq!(first(&body, "platformDetails").as_deref(), Some("Linux/UNIX"));
    let body = cloud.ask(&run(&windows, "t3.large")).unwrap();
    assert_eq!(first(&body, "platform").as_deref(), Some("windows"));
    assert_eq!(first(&body, "usageOperation").as_deref(), Some("RunInstances:0002"));
}

#[test]
fn an_image_keeps_what_it_wants_of_the_firmware() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let instance = cloud.instance(None);
    let volume = cloud.get(
        &format!("Action=DescribeVolumes&Filter.1.Name=attachment.instance-id&Filter.1.Value.1={instance}"),
        "volumeId",
    );
    let snapshot = cloud.get(&format!("Action=CreateSnapshot&VolumeId={volume}"), "snapshotId");
    let register = format!(
        "Action=RegisterImage&Architecture=x86_64&VirtualizationType=hvm&RootDeviceName=/dev/sda1&\
         BlockDeviceMapping.1.DeviceName=/dev/sda1&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
    );
    assert_eq!(cloud.ask(&format!("{register}&Name=wrong&BootMode=bios")), Err("InvalidParameterValue"));
    let image = cloud.get(&format!("{register}&Name=firm&BootMode=uefi&TpmSupport=v2.0"), "imageId");
    let body = cloud.ask("Action=DescribeImages&Owner.1=self&Filter.1.Name=boot-mode&Filter.1.Value.1=uefi").unwrap();
    let told = ["imageId", "bootMode", "tpmSupport", "imdsSupport"].map(|name| first(&body, name).unwrap_or_default());
    assert_eq!(told, [image.as_str(), "uefi", "v2.0", ""]);
    assert!(!body.contains("<enaSupport>"), "it was not registered with it: {body}");
    cloud.ask(&format!("{register}&Name=quick&EnaSupport=true")).unwrap();
    let quick = "Action=DescribeImages&Owner.1=self&Filter.1.Name=ena-support&Filter.1.Value.1=true";
    assert_eq!(cloud.get(quick, "name"), "quick");
    let run = format!("Action=RunInstances&ImageId={image}&InstanceType=t3.micro&MinCount=1&MaxCount=1");
    assert_eq!(cloud.get(&run, "currentInstanceBootMode"), "uefi");
}

#[test]
fn an_image_with_a_manifest_boots_from_an_instance_store() {
    let mut cloud = Cloud::new();
    let register = "Action=RegisterImage&Name=old&Architecture=x86_64&ImageLocation=bucket/image.manifest.xml";
    let image = cloud.get(register, "imageId");
    let of_store = "Filter.1.Name=root-device-type&Filter.1.Value.1=instance-store";
    let body = cloud.ask(&format!("Action=DescribeImages&Owner.1=self&{of_store}")).unwrap();
    let told = ["imageId", "imageLocation", "rootDeviceType"].map(|name| first(&body, name).unwrap_or_default());
    assert_eq!(told, [image.as_str(), "bucket/image.manifest.xml", "instance-store"]);
    let run = format!("Action=RunInstances&ImageId={image}&InstanceType=m1.small&MinCount=1&MaxCount=1");
    let instance = cloud.get(&run, "instanceId");
    cloud.model.finish_hosts();
    assert_eq!(cloud.all(&format!("Action=DescribeInstances&{of_store}"), "instanceId"), [instance.as_str()]);
    assert!(cloud.all("Action=DescribeVolumes", "volumeId").is_empty());
    // It is so though its image is gone.
    cloud.ask(&format!("Action=DeregisterImage&ImageId={image}")).unwrap();
    assert_eq!(cloud.ask(&format!("Action=StopInstances&InstanceId.1={instance}")), Err("UnsupportedOperation"));
    let create = format!("Action=CreateImage&Name=own&InstanceId={instance}");
    assert_eq!(cloud.ask(&create), Err("UnsupportedOperation"));
    // A root volume counts for more than a manifest.
    let volume = cloud.get("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8", "volumeId");
    let snapshot = cloud.get(&format!("Action=CreateSnapshot&VolumeId={volume}"), "snapshotId");
    let with_root = format!(
        "Action=RegisterImage&Name=newer&Architecture=x86_64&ImageLocation=bucket/image.manifest.xml\
         &BlockDeviceMapping.1.DeviceName=/dev/sda1&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
    );
    let image = cloud.get(&with_root, "imageId");
    assert_eq!(cloud.get(&format!("Action=DescribeImages&ImageId.1={image}"), "rootDeviceType"), "ebs");
}

#[test]
fn an_image_keeps_its_instance_store_volumes() {
    let mut cloud = Cloud::new();
    let register = "Action=RegisterImage&Name=old&RootDeviceName=/dev/sda1&BlockDeviceMapping.1.DeviceName=/dev/sda1\
                    &BlockDeviceMapping.1.Ebs.VolumeSize=8&BlockDeviceMapping.2.DeviceName=/dev/sdb\
                    &BlockDeviceMapping.2.VirtualName=ephemeral0";
    let image = cloud.get(register, "imageId");
    let copy = format!("Action=CopyImage&Name=copy&SourceRegion=us-east-1&SourceImageId={image}");
    for id in [cloud.get(&copy, "imageId"), image] {
        let body = cloud.ask(&format!("Action=DescribeImages&ImageId.1={id}")).unwrap();
        assert_eq!(texts(&body, "deviceName"), ["/dev/sda1", "/dev/sdb"]);
        assert_eq!(texts(&body, "virtualName"), ["ephemeral0"]);
    }
}

#[test]
fn an_image_is_disabled_deprecated_and_protected() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let instance = cloud.instance(None);
    let image = cloud.get(&format!("Action=CreateImage&Name=own&InstanceId={instance}"), "imageId");
    let act = |action: &str| format!("Action={action}&ImageId={image}");
    let of = format!("Action=DescribeImages&ImageId.1={image}");
    cloud.ask(&act("DisableImage")).unwrap();
    assert_eq!(cloud.get(&of, "imageState"), "disabled");
    let own = "Action=DescribeImages&Owner.1=self";
    assert!(cloud.all(own, "imageId").is_empty());
    assert_eq!(cloud.all(&format!("{own}&IncludeDisabled=true"), "imageId"), [image.as_str()]);
    let run = format!("Action=RunInstances&ImageId={image}&InstanceType=m5.large&MinCount=1&MaxCount=1");
    assert_eq!(cloud.ask(&run), Err("InvalidAMIID.Unavailable"));
    cloud.ask(&act("EnableImage")).unwrap();
    cloud.ask(&run).unwrap();
    cloud.ask(&format!("{}&DeprecateAt=2030-01-01T00:00:00Z", act("EnableImageDeprecation"))).unwrap();
    assert_eq!(cloud.get(&of, "deprecationTime"), "2030-01-01T00:00:00.000Z");
    cloud.ask(&act("DisableImageDeprecation")).unwrap();
    cloud.ask(&act("EnableImageDeregistrationProtection")).unwrap();
    assert_eq!(cloud.ask(&act("DeregisterImage")), Err("OperationNotPermitted"));
    cloud.ask(&act("DisableImageDeregistrationProtection")).unwrap();
    cloud.ask(&act("DeregisterImage")).unwrap();
}

#[test]
fn snapshots_of_images_are_those_that_are_described() {
    let mut cloud = Cloud::new();
    let images = "Action=DescribeImages&Owner.1=amazon&Filter.1.Name=architecture&Filter.1.Value.1=x86_64";
    let of_images = cloud.all(images, "snapshotId");
    assert!(!of_images.is_empty() && of_images.len() == cloud.all(images, "imageId").len());
    let named: String = of_images.iter().enumerate().map(|(n, id)| format!("&SnapshotId.{}={id}", n + 1)).collect();
    let described = cloud.all(&format!("Action=DescribeSnapshots{named}"), "snapshotId");
    assert_eq!(described.len(), of_images.len());
    assert!(cloud.all("Action=DescribeSnapshots&Owner.1=self", "snapshotId").is_empty());
    // A copy has copies.
    let image = cloud.all(images, "imageId").remove(0);
    let copy = format!("Action=CopyImage&SourceImageId={image}&SourceRegion=us-east-1&Name=copy");
    cloud.region = "eu-west-1";
    let copy = cloud.get(&copy, "imageId");
    let of_copy = cloud.get(&format!("Action=DescribeImages&ImageId.1={copy}"), "snapshotId");
    assert!(!of_images.contains(&of_copy));
    assert_eq!(cloud.all("Action=DescribeSnapshots&Owner.1=self", "snapshotId"), std::slice::from_ref(&of_copy));
    // What is launched of an image is made of its snapshot, and volumes can be made of it, too.
    let instance = cloud
        .get(&format!("Action=RunInstances&ImageId={copy}&InstanceType=m3.medium&MinCount=1&MaxCount=1"), "instanceId");
    let of_instance =
        format!("Action=DescribeVolumes&Filter.1.Name=attachment.instance-id&Filter.1.Value.1={instance}");
    assert_eq!(cloud.get(&of_instance, "snapshotId"), of_copy);
    let public = &of_images[0];
    assert_eq!(
        cloud.get(&format!("Action=CreateVolume&AvailabilityZone=eu-west-1a&SnapshotId={public}"), "snapshotId"),
        *public
    );
    assert_eq!(cloud.ask(&format!("Action=DeleteSnapshot&SnapshotId={public}")), Err("InvalidSnapshot.NotFound"));
}

#[test]
fn who_names_an_image_that_was_deregistered_finds_none() {
    let mut cloud = Cloud::new();
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let instance = cloud.get(run, "instanceId");
    let id = cloud.get(&format!("Action=CreateImage&InstanceId={instance}&Name=gone"), "imageId");
    cloud.ask(&format!("Action=DeregisterImage&ImageId={id}")).unwrap();
    let describe = format!("Action=DescribeImages&ImageId.1={id}");
    assert_eq!(cloud.all(&describe, "imageId"), [""; 0]);
    cloud.account = "444455556666";
    assert_eq!(cloud.ask(&describe), Err("InvalidAMIID.NotFound"));
}

#[test]
fn organizations_may_launch_an_image() {
    let mut cloud = Cloud::new();
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let instance = cloud.get(run, "instanceId");
    let id = cloud.get(&format!("Action=CreateImage&InstanceId={instance}&Name=mine"), "imageId");
    let modify = format!("Action=ModifyImageAttribute&ImageId={id}");
    let [whole, part] =
        ["organization/o-a", "ou/o-a/ou-b"].map(|what| format!("arn:aws:organizations::111122223333:{what}"));
    cloud.ask(&format!("{modify}&LaunchPermission.Add.1.OrganizationArn={whole}")).unwrap();
    cloud
        .ask(&format!("{modify}&Attribute=launchPermission&OperationType=add&OrganizationalUnitArn.1={part}"))
        .unwrap();
    let describe = format!("Action=DescribeImageAttribute&ImageId={id}&Attribute=launchPermission");
    let told = |cloud: &mut Cloud| {
        ["organizationArn", "organizationalUnitArn"].map(|element| cloud.all(&describe, element)).concat()
    };
    assert_eq!(told(&mut cloud), [whole.as_str(), part.as_str()]);
    cloud.ask(&format!("{modify}&LaunchPermission.Remove.1.OrganizationArn={whole}")).unwrap();
    assert_eq!(told(&mut cloud), [part.as_str()]);
}

#[test]
fn a_kernel_and_a_ram_disk_are_kept_and_shown() {
    let mut cloud = Cloud::new();
    let register = "Action=RegisterImage&Name=old&ImageLocation=bucket/image.manifest.xml&KernelId=aki-11111111";
    let image = cloud.get(register, "imageId");
    let of_kernel = "Filter.1.Name=kernel-id&Filter.1.Value.1=aki-11111111";
    assert_eq!(cloud.get(&format!("Action=DescribeImages&{of_kernel}"), "imageId"), image);
    let run = format!("Action=RunInstances&ImageId={image}&InstanceType=m1.small&MinCount=1&MaxCount=1");
    let body = cloud.ask(&format!("{run}&RamdiskId=ari-22222222")).unwrap();
    let told = ["kernelId", "ramdiskId"].map(|element| first(&body, element).unwrap_or_default());
    assert_eq!(told, ["aki-11111111", "ari-22222222"]);
    let other = cloud.get(&format!("{run}&KernelId=aki-33333333"), "kernelId");
    assert_eq!(other, "aki-33333333");
    assert_eq!(cloud.all(&format!("Action=DescribeInstances&{of_kernel}"), "instanceId").len(), 1);
}

#[test]
fn instances_of_an_image_that_wants_tokens_want_them() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let instance = cloud.instance(None);
    let image = cloud.get(&format!("Action=CreateImage&Name=own&InstanceId={instance}"), "imageId");
    cloud.ask(&format!("Action=ModifyImageAttribute&ImageId={image}&ImdsSupport.Value=v2.0")).unwrap();
    assert_eq!(cloud.get(&format!("Action=DescribeImages&ImageId.1={image}"), "imdsSupport"), "v2.0");
    let run = format!("Action=RunInstances&ImageId={image}&InstanceType=t3.micro&MinCount=1&MaxCount=1");
    let options = |cloud: &mut Cloud, rest: &str| {
        let body = cloud.ask(&format!("{run}{rest}")).unwrap();
        ["httpTokens", "httpPutResponseHopLimit"].map(|element| first(&body, element).unwrap_or_default())
    };
    assert_eq!(options(&mut cloud, ""), ["required", "2"]);
    assert_eq!(options(&mut cloud, "&MetadataOptions.HttpTokens=optional"), ["optional", "2"]);
}

#[test]
fn an_image_tells_its_protection_and_its_last_launch() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let instance = cloud.instance(None);
    let image = cloud.get(&format!("Action=CreateImage&Name=own&InstanceId={instance}"), "imageId");
    let attribute = |name: &str| format!("Action=DescribeImageAttribute&ImageId={image}&Attribute={name}");
    let protection = attribute("deregistrationProtection");
    assert_eq!(cloud.get(&protection, "value"), "disabled");
    cloud.ask(&format!("Action=EnableImageDeregistrationProtection&ImageId={image}")).unwrap();
    assert_eq!(cloud.get(&protection, "value"), "enabled-without-cooldown");
    assert!(cloud.all(&attribute("lastLaunchedTime"), "value").is_empty());
    cloud.ask(&format!("Action=RunInstances&ImageId={image}&InstanceType=t3.micro&MinCount=1&MaxCount=1")).unwrap();
    assert_eq!(cloud.all(&attribute("lastLaunchedTime"), "value").len(), 1);
}

#[test]
fn an_image_runs_on_processors_of_its_architecture() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let run =
        |kind: &str| format!("Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType={kind}&MinCount=1&MaxCount=1");
    assert_eq!(cloud.ask(&run("t4g.micro")), Err("InvalidParameterValue"));
    cloud.ask(&run("t3.micro")).unwrap();
}

#[test]
fn the_root_volume_of_an_image_is_as_its_name_says() {
    let mut cloud = Cloud::new();
    for (name, kind) in [("amzn2-ami-hvm-*-gp2", "gp2"), ("al2023-ami-2023*", "gp3"), ("*hvm-ssd-gp3/*", "gp3")] {
        let named = format!("Action=DescribeImages&Filter.1.Name=name&Filter.1.Value.1={name}");
        assert_eq!(cloud.get(&named, "volumeType"), kind, "{name}");
    }
}

#[test]
fn an_account_gives_back_an_image_that_was_shared_with_it() {
    let mut cloud = Cloud::new();
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let instance = cloud.get(run, "instanceId");
    let id = cloud.get(&format!("Action=CreateImage&InstanceId={instance}&Name=mine"), "imageId");
    let cancel = format!("Action=CancelImageLaunchPermission&ImageId={id}");
    assert_eq!(cloud.ask(&cancel), Err("InvalidAMIID.NotFound"), "it is the owner's");
    let share = format!("Action=ModifyImageAttribute&ImageId={id}&LaunchPermission.Add.1.UserId=222233334444");
    cloud.ask(&share).unwrap();
    cloud.account = "222233334444";
    cloud.ask(&cancel).unwrap();
    assert_eq!(cloud.ask(&cancel), Err("InvalidAMIID.NotFound"));
    cloud.account = "111122223333";
    let describe = format!("Action=DescribeImageAttribute&ImageId={id}&Attribute=launchPermission");
    assert_eq!(cloud.all(&describe, "userId"), [""; 0]);
}

#[test]
fn instances_tell_what_image_they_are_of() {
    let mut cloud = Cloud::new();
    let instance = cloud.instance(None);
    let all = "Action=DescribeInstanceImageMetadata";
    let told = ["instanceId", "imageId", "imageAllowed", "zoneId"].map(|element| cloud.get(all, element));
    assert_eq!(told[..3], [instance.clone(), "ami-1a2b3c4d".into(), "true".into()]);
    let by_state = |state: &str| format!("{all}&Filter.1.Name=instance-state-name&Filter.1.Value.1={state}");
    assert_eq!(cloud.all(&by_state("running"), "instanceId"), [instance]);
    assert!(cloud.all(&by_state("stopped"), "instanceId").is_empty());
    assert_eq!(cloud.ask(&format!("{all}&InstanceId.1=i-12345678")), Err("InvalidInstanceID.NotFound"));
}
