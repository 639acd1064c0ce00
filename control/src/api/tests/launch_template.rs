use super::*;

const DATA: &str = "&LaunchTemplateData.ImageId=ami-1a2b3c4d&LaunchTemplateData.InstanceType=t3.micro\
    &LaunchTemplateData.BlockDeviceMapping.1.DeviceName=/dev/sdb&LaunchTemplateData.BlockDeviceMapping.1.Ebs.VolumeSize=9\
    &LaunchTemplateData.MetadataOptions.HttpTokens=required\
    &LaunchTemplateData.TagSpecification.1.ResourceType=instance&LaunchTemplateData.TagSpecification.1.Tag.1.Key=Name\
    &LaunchTemplateData.TagSpecification.1.Tag.1.Value=web";

fn cloud() -> Cloud {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    cloud
}

#[test]
fn a_template_is_kept_in_versions() {
    let mut cloud = cloud();
    let create = format!("Action=CreateLaunchTemplate&LaunchTemplateName=web{DATA}");
    let id = cloud.get(&create, "launchTemplateId");
    assert_eq!(cloud.ask(&create), Err("InvalidLaunchTemplateName.AlreadyExistsException"));
    let version = format!("Action=CreateLaunchTemplateVersion&LaunchTemplateId={id}&SourceVersion=1");
    assert_eq!(cloud.get(&format!("{version}&LaunchTemplateData.InstanceType=t3.small"), "versionNumber"), "2");
    let describe = "Action=DescribeLaunchTemplateVersions&LaunchTemplateName=web";
    let latest = cloud.ask(&format!("{describe}&LaunchTemplateVersion.1=$Latest")).unwrap();
    let told = ["versionNumber", "defaultVersion", "instanceType", "imageId", "httpTokens", "volumeSize", "value"];
    let told = told.map(|element| first(&latest, element).unwrap_or_default());
    assert_eq!(told, ["2", "false", "t3.small", "ami-1a2b3c4d", "required", "9", "web"]);
    assert_eq!(cloud.all(&format!("{describe}&MinVersion=2"), "versionNumber"), ["2"]);
    assert_eq!(
        cloud.ask(&format!("{describe}&LaunchTemplateVersion.1=7")),
        Err("InvalidLaunchTemplateId.VersionNotFound")
    );
    let modify = format!("Action=ModifyLaunchTemplate&LaunchTemplateId={id}&SetDefaultVersion=2");
    assert_eq!(cloud.get(&modify, "defaultVersionNumber"), "2");
    let delete = format!("Action=DeleteLaunchTemplateVersions&LaunchTemplateId={id}&LaunchTemplateVersion");
    let body = cloud.ask(&format!("{delete}.1=1&LaunchTemplateVersion.2=2&LaunchTemplateVersion.3=9")).unwrap();
    assert_eq!(texts(&body, "versionNumber"), ["1", "2", "9"]);
    assert_eq!(texts(&body, "code"), ["unexpectedError", "launchTemplateVersionDoesNotExist"]);
    // The newest that is there is the latest, and no number is given twice.
    let version = version.replace("SourceVersion=1", "SourceVersion=2&LaunchTemplateData.KeyName=k");
    assert_eq!(cloud.get(&version, "versionNumber"), "3");
    cloud.ask(&format!("{delete}.1=3")).unwrap();
    let template = cloud.ask(&format!("Action=DescribeLaunchTemplates&LaunchTemplateId.1={id}")).unwrap();
    assert_eq!(first(&template, "latestVersionNumber").as_deref(), Some("2"));
    assert!(!template.contains("tagSet"), "{template}");
    assert_eq!(cloud.get(&version, "versionNumber"), "4");
    // A version may be as its source is, with another description.
    let like = version.replace("&LaunchTemplateData.KeyName=k", "&VersionDescription=the+same");
    assert_eq!(first(&cloud.ask(&like).unwrap(), "imageId").as_deref(), Some("ami-1a2b3c4d"));
    let empty = like.replace("SourceVersion=2&", "");
    assert_eq!(cloud.ask(&empty), Err("MissingParameter"));
    cloud.ask(&format!("Action=DeleteLaunchTemplate&LaunchTemplateId={id}")).unwrap();
    assert_eq!(cloud.ask(describe), Err("InvalidLaunchTemplateName.NotFoundException"));
    assert_eq!(cloud.ask("Action=CreateLaunchTemplate&LaunchTemplateName=x"), Err("MissingParameter"));
    let unknown = format!("{create}&LaunchTemplateData.Colour=red");
    assert_eq!(cloud.ask(&unknown), Err("UnknownParameter"));
}

#[test]
fn a_launch_takes_from_a_template_what_it_does_not_say() {
    let mut cloud = cloud();
    cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=web{DATA}")).unwrap();
    let run = "Action=RunInstances&MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateName=web";
    let body = cloud.ask(&format!("{run}&LaunchTemplate.Version=$Default")).unwrap();
    assert_eq!(first(&body, "instanceType").as_deref(), Some("t3.micro"));
    assert_eq!(first(&body, "httpTokens").as_deref(), Some("required"));
    assert_eq!(texts(&body, "deviceName"), ["/dev/sda1", "/dev/sdb"]);
    let tags: Vec<_> = texts(&body, "key").into_iter().zip(texts(&body, "value")).collect();
    assert!(tags.contains(&("Name".into(), "web".into())), "{tags:?}");
    assert!(tags.contains(&("aws:ec2launchtemplate:version".into(), "1".into())), "{tags:?}");
    assert_eq!(cloud.get(&format!("{run}&InstanceType=m5.large"), "instanceType"), "m5.large");
    let other = run.replace("web", "other");
    assert_eq!(cloud.ask(&other), Err("InvalidLaunchTemplateName.NotFoundException"));
}

#[test]
fn a_template_is_made_of_an_instance() {
    let mut cloud = cloud();
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&InstanceType=t3.small";
    let instance = cloud.get(run, "instanceId");
    let data = cloud.ask(&format!("Action=GetLaunchTemplateData&InstanceId={instance}")).unwrap();
    assert_eq!(first(&data, "instanceType").as_deref(), Some("t3.small"));
    assert_eq!(first(&data, "imageId").as_deref(), Some("ami-1a2b3c4d"));
}

#[test]
fn what_cannot_be_launched_is_kept_with_a_warning_and_refused_at_the_launch() {
    let mut cloud = cloud();
    let create = "Action=CreateLaunchTemplate&LaunchTemplateName=odd&LaunchTemplateData.ImageId=ami-xyz";
    assert_eq!(first(&cloud.ask(create).unwrap(), "code").as_deref(), Some("InvalidAMIID.Malformed"));
    let versions = "Action=DescribeLaunchTemplateVersions&LaunchTemplateName=odd";
    assert_eq!(cloud.get(versions, "imageId"), "ami-xyz");
    let run = "Action=RunInstances&MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateName=odd";
    assert_eq!(cloud.ask(run), Err("InvalidAMIID.Malformed"));
    let text = create.replace("odd", "text").replace("ImageId=ami-xyz", "UserData=not base64");
    assert_eq!(cloud.ask(&text), Err("InvalidUserData.Malformed"));
    assert_eq!(cloud.ask("Action=DescribeLaunchTemplateVersions"), Err("MissingParameter"));
    let of_all = "Action=DescribeLaunchTemplateVersions&LaunchTemplateVersion.1";
    assert_eq!(cloud.all(&format!("{of_all}=$Latest"), "imageId"), ["ami-xyz"]);
    assert_eq!(cloud.ask(&format!("{of_all}=1")), Err("InvalidParameterValue"));
}

#[test]
fn a_template_can_leave_out_a_device_of_the_image() {
    let mut cloud = cloud();
    let without = "&LaunchTemplateData.BlockDeviceMapping.2.DeviceName=/dev/sdc&LaunchTemplateData.BlockDeviceMapping.2.NoDevice=";
    cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=web{DATA}{without}")).unwrap();
    let body = cloud.ask("Action=DescribeLaunchTemplateVersions&LaunchTemplateName=web").unwrap();
    assert!(body.contains("<noDevice"), "{body}");
    let run = "Action=RunInstances&MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateName=web";
    assert_eq!(texts(&cloud.ask(run).unwrap(), "deviceName").len(), 2);
}

#[test]
fn a_template_and_a_version_are_made_once_for_a_token() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let create = "Action=CreateLaunchTemplate&LaunchTemplateName=web&ClientToken=t&LaunchTemplateData.InstanceType";
    let id = cloud.get(&format!("{create}=t3.micro"), "launchTemplateId");
    assert_eq!(cloud.get(&format!("{create}=t3.micro"), "launchTemplateId"), id);
    assert_eq!(cloud.ask(&format!("{create}=t3.small")), Err("IdempotentParameterMismatch"));
    let version = format!(
        "Action=CreateLaunchTemplateVersion&LaunchTemplateId={id}&ClientToken=v&LaunchTemplateData.InstanceType=t3.large"
    );
    assert_eq!([cloud.get(&version, "versionNumber"), cloud.get(&version, "versionNumber")], ["2", "2"]);
}

#[test]
fn a_template_keeps_what_it_requires_of_a_type_for_fleets() {
    let mut cloud = cloud();
    let data = "&LaunchTemplateData.ImageId=ami-1a2b3c4d&LaunchTemplateData.InstanceRequirements";
    let required = format!("{data}.VCpuCount.Min=2{data}.MemoryMiB.Min=4096{data}.CpuManufacturer.1=amd");
    let create = format!("Action=CreateLaunchTemplate&LaunchTemplateName=any{required}");
    assert_eq!(cloud.ask(&create.replace(".MemoryMiB.Min", ".MemoryMiB.Max")), Err("MissingParameter"));
    let both = format!("{create}&LaunchTemplateData.InstanceType=t3.micro");
    assert_eq!(cloud.ask(&both), Err("InvalidParameterCombination"));
    cloud.ask(&create).unwrap();
    let shown = cloud.ask("Action=DescribeLaunchTemplateVersions&LaunchTemplateName=any").unwrap();
    assert!(shown.contains("<cpuManufacturerSet><item>amd</item></cpuManufacturerSet>"), "{shown}");
    assert_eq!(texts(&shown, "min"), ["2", "4096"]);
    let run = "Action=RunInstances&MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateName=any";
    assert_eq!(cloud.ask(run), Err("InvalidParameterCombination"));
    let fleet = "Action=CreateFleet&Type=instant&TargetCapacitySpecification.TotalTargetCapacity=1\
        &LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version=1\
        &LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName=any";
    assert_eq!(cloud.all(fleet, "instanceType"), ["c5a.large"]);
}

#[test]
fn a_template_keeps_the_settings_of_its_interfaces() {
    let mut cloud = cloud();
    let interface = "&LaunchTemplateData.NetworkInterface.1";
    let settings = format!(
        "{interface}.DeviceIndex=0{interface}.Ipv4Prefix.1.Ipv4Prefix=10.0.0.16/28\
         {interface}.EnaSrdSpecification.EnaSrdEnabled=true{interface}.ConnectionTrackingSpecification.UdpTimeout=45"
    );
    cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=web{DATA}{settings}")).unwrap();
    let shown = cloud.ask("Action=DescribeLaunchTemplateVersions&LaunchTemplateName=web").unwrap();
    let told = ["ipv4Prefix", "enaSrdEnabled", "udpTimeout"].map(|element| first(&shown, element).unwrap_or_default());
    assert_eq!(told, ["10.0.0.16/28", "true", "45"]);
}
