//! What a group launches by templates, of one type or of several.

use super::*;

#[test]
fn what_a_group_launches_has_the_tags_of_its_template_and_over_them_its_own() {
    let mut cloud = Cloud::new();
    let tag = |item: u32, kind: &str, tag: u32, key: &str, value: &str| {
        let of = format!("&LaunchTemplateData.TagSpecification.{item}");
        format!("{of}.ResourceType={kind}{of}.Tag.{tag}.Key={key}{of}.Tag.{tag}.Value={value}")
    };
    let data = [
        tag(1, "instance", 1, "team", "red"),
        tag(1, "instance", 2, "stage", "test"),
        tag(2, "volume", 1, "disk", "scratch"),
        "&LaunchTemplateData.BlockDeviceMapping.1.DeviceName=/dev/sdh".to_owned(),
        "&LaunchTemplateData.BlockDeviceMapping.1.Ebs.VolumeSize=8".to_owned(),
    ];
    let what = "LaunchTemplateData.ImageId=ami-1a2b3c4d&LaunchTemplateData.InstanceType=m1.small";
    cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=web&{what}{}", data.concat())).unwrap();
    let own = "Tags.member.1.Key=stage&Tags.member.1.Value=live&Tags.member.1.PropagateAtLaunch=true";
    let create = "CreateAutoScalingGroup&AutoScalingGroupName=web&MinSize=1&MaxSize=1\
                  &AvailabilityZones.member.1=us-east-1a&LaunchTemplate.LaunchTemplateName=web";
    cloud.scaling(&format!("{create}&{own}")).unwrap();
    cloud.tend();
    let mut tagged = |kind: &str, key: &str| {
        let filters = format!("Filter.1.Name=resource-type&Filter.1.Value.1={kind}&Filter.2.Name=key");
        cloud.all(&format!("Action=DescribeTags&{filters}&Filter.2.Value.1={key}"), "value")
    };
    assert_eq!([tagged("instance", "team"), tagged("instance", "stage")], [["red"], ["live"]]);
    assert!(!tagged("volume", "disk").is_empty() && tagged("volume", "team").is_empty());
}

#[test]
fn interfaces_of_what_a_group_launches_have_the_tags_of_its_template() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let tag = "LaunchTemplateData.TagSpecification.1";
    cloud
        .ask(&format!(
            "Action=CreateLaunchTemplate&LaunchTemplateName=web&LaunchTemplateData.ImageId=ami-1a2b3c4d\
             &LaunchTemplateData.InstanceType=t2.micro&{tag}.ResourceType=network-interface\
             &{tag}.Tag.1.Key=team&{tag}.Tag.1.Value=red"
        ))
        .unwrap();
    let create = "CreateAutoScalingGroup&AutoScalingGroupName=web&MinSize=1&MaxSize=1";
    cloud.scaling(&format!("{create}&VPCZoneIdentifier={subnet}&LaunchTemplate.LaunchTemplateName=web")).unwrap();
    cloud.tend();
    let tagged = "Action=DescribeNetworkInterfaces&Filter.1.Name=tag:team&Filter.1.Value.1=red";
    assert_eq!(cloud.get(tagged, "subnetId"), subnet);
}

#[test]
fn what_a_group_launches_has_the_metadata_defaults_of_the_account() {
    let mut cloud = Cloud::new();
    cloud.ask("Action=ModifyInstanceMetadataDefaults&HttpTokens=required&HttpTokensEnforced=enabled").unwrap();
    let what = "LaunchTemplateData.ImageId=ami-1a2b3c4d&LaunchTemplateData.InstanceType=m1.small";
    cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=web&{what}")).unwrap();
    let create = "CreateAutoScalingGroup&AutoScalingGroupName=web&MinSize=1&MaxSize=1\
                  &AvailabilityZones.member.1=us-east-1a&LaunchTemplate.LaunchTemplateName=web";
    cloud.scaling(create).unwrap();
    cloud.tend();
    assert_eq!(cloud.all("Action=DescribeInstances", "httpTokens"), ["required"]);
}

#[test]
fn overrides_may_name_the_type_that_a_template_leaves_out() {
    let mut cloud = Cloud::new();
    for (name, data) in [("untyped", "ImageId=ami-1a2b3c4d"), ("imageless", "InstanceType=m1.small")] {
        cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName={name}&LaunchTemplateData.{data}")).unwrap();
    }
    let create =
        "CreateAutoScalingGroup&AutoScalingGroupName=web&MinSize=1&MaxSize=1&AvailabilityZones.member.1=us-east-1a";
    for (template, lacking) in [("untyped", "InstanceType"), ("imageless", "ImageId")] {
        let form = format!("Action={create}&LaunchTemplate.LaunchTemplateName={template}&{VERSION}");
        assert!(cloud.refusal(&form).contains(lacking), "{template}");
    }
    let policy = "MixedInstancesPolicy.LaunchTemplate";
    let template = format!("{policy}.LaunchTemplateSpecification.LaunchTemplateName=untyped");
    cloud.scaling(&format!("{create}&{template}&{policy}.Overrides.member.1.InstanceType=m1.medium")).unwrap();
    cloud.tend();
    assert_eq!(cloud.all("Action=DescribeInstances", "instanceType"), ["m1.medium"]);
}

#[test]
fn a_group_launches_the_version_of_its_template_that_it_names() {
    let mut cloud = Cloud::new();
    let data = "LaunchTemplateData.ImageId=ami-1a2b3c4d&LaunchTemplateData.InstanceType=m1.small";
    let template = cloud.get(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=web&{data}"), "launchTemplateId");
    let create = "CreateAutoScalingGroup&AutoScalingGroupName=web&MinSize=1&MaxSize=2\
                  &AvailabilityZones.member.1=us-east-1a&LaunchTemplate.LaunchTemplateName=web&LaunchTemplate.Version=$Latest";
    let twice = format!("{create}&LaunchConfigurationName=small");
    assert_eq!(
        [cloud.scaling(&twice), cloud.scaling(&create.replace("=web", "=other"))],
        [Err("ValidationError"), Err("ValidationError")]
    );
    cloud.scaling(create).unwrap();
    cloud.tend();
    let new = format!("Action=CreateLaunchTemplateVersion&LaunchTemplateId={template}&SourceVersion=1");
    cloud.ask(&format!("{new}&LaunchTemplateData.InstanceType=m1.medium")).unwrap();
    cloud.scaling("SetDesiredCapacity&AutoScalingGroupName=web&DesiredCapacity=2").unwrap();
    cloud.tend();
    let shown = cloud.scaling("DescribeAutoScalingInstances").unwrap();
    let mut launched: Vec<_> = texts(&shown, "InstanceType").into_iter().zip(texts(&shown, "Version")).collect();
    launched.sort();
    assert_eq!(launched, [("m1.medium".into(), "2".into()), ("m1.small".into(), "1".into())]);
    let group = cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert!(group.contains("<Version>$Latest</Version>") && !group.contains("<LaunchConfigurationName>"), "{group}");
    let versions =
        cloud.all("Action=DescribeTags&Filter.1.Name=key&Filter.1.Value.1=aws:ec2launchtemplate:version", "value");
    assert_eq!(versions.len(), 2, "{versions:?}");
}

/// A launch template `web` of m1.small.
fn template(cloud: &mut Cloud, more: &str) {
    let data = "LaunchTemplateData.ImageId=ami-1a2b3c4d&LaunchTemplateData.InstanceType=m1.small";
    cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=web&{data}{more}")).unwrap();
}

const MIX: &str = "MixedInstancesPolicy.LaunchTemplate";

#[test]
fn mixed_instances_are_of_the_first_type_that_can_be_had() {
    let mut cloud = Cloud::new();
    template(&mut cloud, "");
    let base = format!("{MIX}.LaunchTemplateSpecification.LaunchTemplateName=web");
    let overrides = format!(
        "{MIX}.Overrides.member.1.InstanceType=m5.large&{MIX}.Overrides.member.1.WeightedCapacity=4\
         &{MIX}.Overrides.member.2.InstanceType=m1.large&{MIX}.Overrides.member.2.WeightedCapacity=2"
    );
    let distribution = "MixedInstancesPolicy.InstancesDistribution";
    let spot = format!("{distribution}.OnDemandBaseCapacity=2&{distribution}.OnDemandPercentageAboveBaseCapacity=0");
    let create = "CreateAutoScalingGroup&AutoScalingGroupName=web&MinSize=0&MaxSize=9&DesiredCapacity=5\
                  &AvailabilityZones.member.1=us-east-1a";
    cloud.scaling(&format!("{create}&{base}&{overrides}&{spot}")).unwrap();
    cloud.tend();
    // EC2-Classic has no m5.large. Three of two make six, and five are wanted.
    let shown = cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert_eq!(texts(&shown, "WeightedCapacity"), ["4", "2", "2", "2", "2"], "{shown}");
    assert!(!shown.contains("<LaunchConfigurationName>") && shown.contains("<OnDemandBaseCapacity>2<"), "{shown}");
    let instances = cloud.ask("Action=DescribeInstances").unwrap();
    assert_eq!(texts(&instances, "instanceType"), ["m1.large"; 3]);
    assert_eq!(texts(&instances, "instanceLifecycle"), ["spot"; 2]);
    // Taken out, one lowers the capacity by its weight, and raises it again.
    let members = cloud.members("web");
    let decrements = "ShouldDecrementDesiredCapacity=true";
    let standby = format!("AutoScalingGroupName=web&InstanceIds.member.1={}", members[1]);
    for (action, status, desired) in [
        (format!("TerminateInstanceInAutoScalingGroup&InstanceId={}&{decrements}", members[0]), "InProgress", "3"),
        (format!("EnterStandby&{standby}&{decrements}"), "InProgress", "1"),
        (format!("ExitStandby&{standby}"), "PreInService", "3"),
    ] {
        let begun = cloud.scaling(&action).unwrap();
        assert_eq!(first(&begun, "StatusCode").as_deref(), Some(status), "{action}");
        let shown = cloud.scaling("DescribeAutoScalingGroups").unwrap();
        assert_eq!(first(&shown, "DesiredCapacity").unwrap(), desired, "{action}");
    }
    let bad =
        format!("{create}&{base}&{}", overrides.replace("Capacity=4", "Capacity=x")).replace("Name=web&M", "Name=x&M");
    assert_eq!(cloud.scaling(&bad), Err("ValidationError"));
}

#[test]
fn a_template_gives_its_protection_and_its_further_interfaces() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let nic = "&LaunchTemplateData.NetworkInterface";
    let interfaces = format!("{nic}.1.DeviceIndex=0{nic}.2.DeviceIndex=1{nic}.2.Description=second");
    let large = "&LaunchTemplateData.DisableApiTermination=true";
    template(&mut cloud, &format!("{interfaces}{large}"));
    let create = format!(
        "CreateAutoScalingGroup&AutoScalingGroupName=web&MinSize=1&MaxSize=1&VPCZoneIdentifier={subnet}\
         &LaunchTemplate.LaunchTemplateName=web"
    );
    cloud.scaling(&create).unwrap();
    cloud.tend();
    let id = cloud.members("web").remove(0);
    let interfaces = cloud.all("Action=DescribeNetworkInterfaces", "description");
    assert!(interfaces.len() == 2 && interfaces.contains(&"second".to_owned()), "{interfaces:?}");
    assert_eq!(cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={id}")), Err("OperationNotPermitted"));
}

#[test]
fn an_override_can_require_properties_of_a_type() {
    let mut cloud = Cloud::new();
    let what = "LaunchTemplateData.ImageId=ami-1a2b3c4d&LaunchTemplateData.InstanceType=m1.small";
    cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=web&{what}")).unwrap();
    let policy = "MixedInstancesPolicy.LaunchTemplate";
    let vpc = cloud.vpc("10.0.0.0/16");
    let subnet = cloud.subnet(&vpc, "10.0.1.0/24");
    let required = format!("{policy}.Overrides.member.1.InstanceRequirements");
    let create = format!(
        "CreateAutoScalingGroup&AutoScalingGroupName=web&MinSize=1&MaxSize=1&VPCZoneIdentifier={subnet}\
         &{policy}.LaunchTemplateSpecification.LaunchTemplateName=web&{required}.VCpuCount.Min=2\
         &{required}.MemoryMiB.Min=8192&{required}.CpuManufacturers.member.1=intel"
    );
    assert!(cloud.scaling(&format!("{create}&{policy}.Overrides.member.1.InstanceType=m1.large")).is_err());
    assert!(cloud.scaling(&format!("{create}&{required}.AcceleratorCount.Min=99")).is_err());
    cloud.scaling(&create).unwrap();
    cloud.tend();
    assert_eq!(cloud.all("Action=DescribeInstances", "instanceType"), ["m5.large"]);
    let shown = cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert!(shown.contains("<CpuManufacturers><member>intel</member></CpuManufacturers>"), "{shown}");
    // The capacity can count the processors of the type that is found, or its memory.
    cloud.scaling("UpdateAutoScalingGroup&AutoScalingGroupName=web&DesiredCapacityType=vcpu&MaxSize=4").unwrap();
    cloud.scaling("SetDesiredCapacity&AutoScalingGroupName=web&DesiredCapacity=3").unwrap();
    cloud.tend();
    assert_eq!(cloud.all("Action=DescribeInstances", "instanceType"), ["m5.large", "m5.large"], "one and two of three");
    let shown = cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert!(shown.contains("<DesiredCapacityType>vcpu</DesiredCapacityType>"), "{shown}");
    assert!(cloud.scaling(&format!("{create}&DesiredCapacityType=disks")).is_err());
    // The image of an override's own template counts.
    let bare = "LaunchTemplateData.InstanceType=m1.small";
    cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=bare&{bare}")).unwrap();
    let own = format!("{policy}.Overrides.member.1.LaunchTemplateSpecification.LaunchTemplateName=web");
    let other = create.replace("GroupName=web", "GroupName=two").replace("TemplateName=web", "TemplateName=bare");
    assert!(cloud.scaling(&other).is_err());
    cloud.scaling(&format!("{other}&{own}")).unwrap();
}
