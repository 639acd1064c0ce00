use super::*;
use model::InstanceHost;

const RUN: &str = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small";
const ONE: &str = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";

/// A VPC with a subnet of that range.
fn subnet(cloud: &mut Cloud, cidr: &str) -> (String, String) {
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=192.168.0.0/16", "vpcId");
    let subnet = cloud.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock={cidr}"), "subnetId");
    (vpc, subnet)
}

#[test]
fn states_are_told_as_ec2_tells_them() {
    let mut cloud = Cloud::new();
    let run = cloud.ask(ONE).unwrap();
    assert_eq!(first(&run, "name").as_deref(), Some("pending"));
    let id = first(&run, "instanceId").unwrap();
    let describe = format!("Action=DescribeInstances&InstanceId.1={id}");
    let code = |cloud: &mut Cloud| first(&cloud.get(&describe, "instanceState"), "code").unwrap();
    assert_eq!(code(&mut cloud), "16");
    for (action, way, rest) in [
        ("StopInstances", ["64", "16"], "80"),
        ("StopInstances", ["80", "80"], "80"),
        ("StartInstances", ["0", "80"], "16"),
        ("TerminateInstances", ["32", "16"], "48"),
        ("TerminateInstances", ["48", "48"], "48"),
    ] {
        assert_eq!(cloud.all(&format!("Action={action}&InstanceId.1={id}"), "code"), way, "{action}");
        assert_eq!(code(&mut cloud), rest);
    }
    let reason = cloud.get(&describe, "reason");
    assert_eq!(reason, format!("User initiated ({})", cloud.now.to_gmt()));
    let by_reason = format!("{describe}&Filter.1.Name=reason&Filter.1.Value.1=User%20initiated*GMT)");
    assert_eq!(cloud.get(&by_reason, "instanceId"), id);
    assert_eq!(cloud.ask(&format!("Action=StartInstances&InstanceId.1={id}")), Err("IncorrectInstanceState"));
    cloud.now.0 += 3_600_001;
    assert_eq!(cloud.ask(&describe), Err("InvalidInstanceID.NotFound"));
}

#[test]
fn a_state_is_left_only_when_the_host_is_there_or_gone() {
    let mut cloud = Cloud::new();
    cloud.hosts_follow = false;
    let id = cloud.get(ONE, "instanceId");
    let describe = format!("Action=DescribeInstances&InstanceId.1={id}");
    let act = |cloud: &mut Cloud, action: &str| cloud.ask(&format!("Action={action}&InstanceId.1={id}")).map(drop);
    assert_eq!(cloud.all(&describe, "name")[0], "pending");
    assert_eq!(act(&mut cloud, "StopInstances"), Err("IncorrectInstanceState"));
    assert_eq!(act(&mut cloud, "RebootInstances"), Err("IncorrectInstanceState"));
    assert!(cloud.get(&describe, "privateIpAddress").starts_with("10."), "it has its addresses");
    cloud.model.finish_hosts();
    assert_eq!(cloud.all(&describe, "name")[0], "running");

    act(&mut cloud, "StopInstances").unwrap();
    assert_eq!(cloud.all(&describe, "name")[0], "stopping");
    assert_eq!(act(&mut cloud, "StartInstances"), Err("IncorrectInstanceState"));
    cloud.model.finish_hosts();
    assert_eq!(cloud.all(&describe, "name")[0], "stopped");

    act(&mut cloud, "StartInstances").unwrap();
    act(&mut cloud, "TerminateInstances").unwrap();
    assert_eq!(cloud.all(&describe, "name")[0], "shutting-down");
    assert_eq!(act(&mut cloud, "StartInstances"), Err("IncorrectInstanceState"));
    // A host that comes up too late is no reason to run.
    cloud.model.follow_hosts(|_| InstanceHost::Up);
    assert_eq!(cloud.all(&describe, "name")[0], "shutting-down");
    cloud.model.finish_hosts();
    assert_eq!(cloud.all(&describe, "name")[0], "terminated");
}

#[test]
fn the_failure_of_a_host_is_told_while_it_lasts() {
    let mut cloud = Cloud::new();
    cloud.hosts_follow = false;
    let id = cloud.get(ONE, "instanceId");
    let describe = format!("Action=DescribeInstances&InstanceId.1={id}");
    let status = format!("Action=DescribeInstanceStatus&InstanceId.1={id}");
    let fail = |cloud: &mut Cloud| cloud.model.follow_hosts(|_| InstanceHost::Failed("no room".into()));
    fail(&mut cloud);
    assert_eq!(cloud.all(&describe, "name")[0], "pending");
    assert_eq!(cloud.get(&describe, "message"), "Server.InternalError: no room");
    let by_reason = "Action=DescribeInstances&Filter.1.Name=state-reason-code&Filter.1.Value.1=Server.InternalError";
    assert_eq!(cloud.get(by_reason, "instanceId"), id);
    cloud.model.finish_hosts();
    assert_eq!(first(&cloud.ask(&describe).unwrap(), "stateReason"), None);
    // One that has run goes on being called so, as when a machine of EC2's fails.
    fail(&mut cloud);
    assert_eq!(cloud.all(&describe, "name")[0], "running");
    assert_eq!(cloud.all(&status, "status")[..2], ["failed", "impaired"]);
    cloud.model.finish_hosts();
    assert_eq!(cloud.all(&status, "status")[..2], ["passed", "ok"]);
}

#[test]
fn classic_addresses_come_from_the_right_ranges_and_change_at_a_start() {
    let mut cloud = Cloud::new();
    let body = cloud.ask(&format!("{RUN}&MinCount=200&MaxCount=200")).unwrap();
    let private = texts(&body, "privateIpAddress");
    assert_eq!(private.len(), 200);
    for address in &private {
        assert!(
            address.starts_with("10.") && !address.starts_with("10.0.") && !address.starts_with("10.1."),
            "{address}"
        );
    }
    let distinct: std::collections::BTreeSet<_> = private.iter().chain(&texts(&body, "ipAddress")).cloned().collect();
    assert_eq!(distinct.len(), 400);
    let id = first(&body, "instanceId").unwrap();
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={id}")).unwrap();
    cloud.ask(&format!("Action=StartInstances&InstanceId.1={id}")).unwrap();
    let again = cloud.get(&format!("Action=DescribeInstances&InstanceId.1={id}"), "privateIpAddress");
    assert!(!private.contains(&again));
}

#[test]
fn addresses_can_be_asked_for_by_tags() {
    let mut cloud = Cloud::new();
    let tags = |private: &str, public: &str| {
        let tag = "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag";
        format!(
            "{ONE}&{tag}.1.Key=classiclink:private-ip&TagSpecification.1.Tag.1.Value={private}&TagSpecification.1.Tag.2.Key=classiclink:public-ip&TagSpecification.1.Tag.2.Value={public}"
        )
    };
    let web = cloud.ask(&tags("10.251.50.12", "203.0.113.25")).unwrap();
    assert_eq!(first(&web, "privateIpAddress").as_deref(), Some("10.251.50.12"));
    assert_eq!(first(&web, "dnsName").as_deref(), Some("ec2-203-0-113-25.compute-1.amazonaws.com"));
    assert_eq!(cloud.ask(&tags("10.251.50.12", "203.0.113.26")), Err("InvalidIPAddress.InUse"));
    assert_eq!(cloud.ask(&tags("10.0.50.12", "203.0.113.26")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&tags("192.168.0.1", "203.0.113.26")), Err("InvalidParameterValue"));
    let two = tags("10.251.50.13", "203.0.113.26").replace("MaxCount=1", "MaxCount=2");
    assert_eq!(cloud.ask(&two), Err("InvalidParameterCombination"));
    for (tag, value) in [("mtu", "100"), ("mtu", "big"), ("port", "fast")] {
        let tag = format!("TagSpecification.1.Tag.1.Key=classiclink:{tag}&TagSpecification.1.Tag.1.Value={value}");
        let run = format!("{ONE}&TagSpecification.1.ResourceType=instance&{tag}");
        assert_eq!(cloud.ask(&run), Err("InvalidParameterValue"), "{tag}");
    }
}

#[test]
fn a_subnet_gives_all_its_addresses_but_five() {
    let mut cloud = Cloud::new();
    let (_, subnet) = subnet(&mut cloud, "192.168.1.16/28");
    let fixed = |address: &str| format!("{ONE}&SubnetId={subnet}&PrivateIpAddress={address}");
    for (address, code) in [
        ("192.168.1.16", "InvalidParameterValue"),
        ("192.168.1.19", "InvalidParameterValue"),
        ("192.168.1.31", "InvalidParameterValue"),
        ("192.168.1.32", "InvalidParameterValue"),
    ] {
        assert_eq!(cloud.ask(&fixed(address)), Err(code), "{address}");
    }
    let last = cloud.get(&fixed("192.168.1.30"), "instanceId");
    assert_eq!(cloud.ask(&fixed("192.168.1.30")), Err("InvalidIPAddress.InUse"));
    assert_eq!(
        cloud.ask(&format!("{RUN}&MinCount=11&MaxCount=11&SubnetId={subnet}")),
        Err("InsufficientFreeAddressesInSubnet")
    );
    let fits = cloud.all(&format!("{RUN}&MinCount=1&MaxCount=20&SubnetId={subnet}"), "instanceId");
    assert_eq!(fits.len(), 10, "as many as there is room for");
    assert_eq!(cloud.get("Action=DescribeSubnets", "availableIpAddressCount"), "0");
    assert_eq!(cloud.ask(&format!("{ONE}&SubnetId={subnet}")), Err("InsufficientFreeAddressesInSubnet"));
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={last}")).unwrap();
    cloud.ask(&fixed("192.168.1.30")).unwrap();
}

#[test]
fn classic_and_vpc_launches_take_what_is_theirs() {
    let mut cloud = Cloud::new();
    let (vpc, subnet) = subnet(&mut cloud, "192.168.1.0/24");
    let group = cloud.get(&format!("Action=CreateSecurityGroup&GroupName=a&GroupDescription=x&VpcId={vpc}"), "groupId");
    let classic = cloud.get("Action=CreateSecurityGroup&GroupName=c&GroupDescription=x", "groupId");
    for (rest, code) in [
        ("&PrivateIpAddress=10.5.5.5".to_owned(), "InvalidParameterCombination"),
        (format!("&SecurityGroupId.1={group}"), "InvalidParameterCombination"),
        (format!("&SubnetId={subnet}&SecurityGroupId.1={classic}"), "InvalidGroup.NotFound"),
        (format!("&SubnetId={subnet}&SecurityGroup.1=c"), "InvalidParameterCombination"),
        ("&SecurityGroup.1=nobody".to_owned(), "InvalidGroup.NotFound"),
        ("&SubnetId=subnet-12345678".to_owned(), "InvalidSubnetID.NotFound"),
        ("&Ipv6AddressCount=1".to_owned(), "InvalidParameterCombination"),
        (format!("&SubnetId={subnet}&Ipv6Address.1.Ipv6Address=2001:db8::1"), "InvalidParameterValue"),
        ("&Placement.AvailabilityZone=us-west-2a".to_owned(), "InvalidParameterValue"),
    ] {
        assert_eq!(cloud.ask(&format!("{ONE}{rest}")), Err(code), "{rest}");
    }
    let modern = ONE.replace("m1.small", "m5.large");
    assert_eq!(cloud.ask(&modern), Err("VPCResourceNotSpecified"));
    cloud.ask(&format!("{modern}&SubnetId={subnet}&SecurityGroupId.1={group}")).unwrap();
    assert_eq!(cloud.ask(&ONE.replace("m1.small", "z9.huge")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{RUN}&MinCount=2&MaxCount=1")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{RUN}&MinCount=1&MaxCount=2000000000")), Err("InstanceLimitExceeded"));
    assert_eq!(cloud.ask("Action=RunInstances&MinCount=1&MaxCount=1"), Err("MissingParameter"));
}

#[test]
fn a_token_makes_a_launch_happen_once() {
    let mut cloud = Cloud::new();
    let first = cloud.get(&format!("{ONE}&ClientToken=t"), "instanceId");
    assert_eq!(cloud.get(&format!("{ONE}&ClientToken=t"), "instanceId"), first);
    assert_eq!(cloud.ask(&format!("{RUN}&MinCount=1&MaxCount=2&ClientToken=t")), Err("IdempotentParameterMismatch"));
    assert_ne!(cloud.get(&format!("{ONE}&ClientToken=u"), "instanceId"), first);
}

#[test]
fn a_public_address_in_a_vpc_is_the_subnets_or_the_requests_choice() {
    let mut cloud = Cloud::new();
    let (_, subnet) = subnet(&mut cloud, "192.168.1.0/24");
    assert_eq!(cloud.all(&format!("{ONE}&SubnetId={subnet}"), "ipAddress"), Vec::<String>::new());
    let interface = format!("NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={subnet}");
    let body = cloud.ask(&format!("{ONE}&{interface}&NetworkInterface.1.AssociatePublicIpAddress=true")).unwrap();
    let (id, public) = (first(&body, "instanceId").unwrap(), first(&body, "ipAddress").unwrap());
    cloud.ask(&format!("Action=ModifySubnetAttribute&SubnetId={subnet}&MapPublicIpOnLaunch.Value=true")).unwrap();
    assert_eq!(cloud.all(&format!("{ONE}&SubnetId={subnet}"), "ipAddress").len(), 1);
    let describe = format!("Action=DescribeInstances&InstanceId.1={id}");
    let private = cloud.get(&describe, "privateIpAddress");
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={id}")).unwrap();
    let stopped = cloud.ask(&describe).unwrap();
    assert_eq!(first(&stopped, "ipAddress"), None);
    assert_eq!(first(&stopped, "privateIpAddress"), Some(private));
    cloud.ask(&format!("Action=StartInstances&InstanceId.1={id}")).unwrap();
    assert_ne!(cloud.get(&describe, "ipAddress"), public);
}

#[test]
fn attributes_change_one_at_a_time_where_they_may() {
    let mut cloud = Cloud::new();
    let (vpc, subnet) = subnet(&mut cloud, "192.168.1.0/24");
    let group = cloud.get(&format!("Action=CreateSecurityGroup&GroupName=a&GroupDescription=x&VpcId={vpc}"), "groupId");
    let classic = cloud.get(ONE, "instanceId");
    let inside = cloud.get(&format!("{ONE}&SubnetId={subnet}"), "instanceId");
    let modify = |id: &str, change: &str| format!("Action=ModifyInstanceAttribute&InstanceId={id}&{change}");
    for change in [format!("GroupId.1={group}"), "SourceDestCheck.Value=false".to_owned()] {
        assert_eq!(cloud.ask(&modify(&classic, &change)), Err("InvalidParameterCombination"));
        cloud.ask(&modify(&inside, &change)).unwrap();
    }
    let describe =
        |id: &str, attribute: &str| format!("Action=DescribeInstanceAttribute&InstanceId={id}&Attribute={attribute}");
    assert_eq!(cloud.get(&describe(&inside, "groupSet"), "groupId"), group);
    assert_eq!(cloud.get(&describe(&inside, "sourceDestCheck"), "value"), "false");
    let refusal = cloud.refusal(&describe(&classic, "sourceDestCheck"));
    assert!(refusal.contains("You may only describe the sourceDestCheck attribute for VPC instances"), "{refusal}");
    assert_eq!(cloud.ask(&modify(&inside, "InstanceType.Value=m1.large")), Err("IncorrectInstanceState"));
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={inside}")).unwrap();
    cloud.ask(&modify(&inside, "InstanceType.Value=m1.large")).unwrap();
    assert_eq!(cloud.get(&describe(&inside, "instanceType"), "value"), "m1.large");
    cloud.ask(&modify(&inside, "DisableApiTermination.Value=true")).unwrap();
    assert_eq!(cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={inside}")), Err("OperationNotPermitted"));
}

#[test]
fn a_route_to_an_instance_is_a_blackhole_while_it_is_stopped() {
    let mut cloud = Cloud::new();
    let (vpc, subnet) = subnet(&mut cloud, "192.168.1.0/24");
    let id = cloud.get(&format!("{ONE}&SubnetId={subnet}"), "instanceId");
    let table = cloud.get(&format!("Action=CreateRouteTable&VpcId={vpc}"), "routeTableId");
    let route = format!("RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0");
    cloud.ask(&format!("Action=CreateRoute&{route}&InstanceId={id}")).unwrap();
    cloud.ask(&format!("Action=CreateRoute&{route}&InstanceId={id}")).unwrap();
    let describe = format!(
        "Action=DescribeRouteTables&RouteTableId.1={table}&Filter.1.Name=route.state&Filter.1.Value.1=blackhole"
    );
    assert!(cloud.all(&describe, "routeTableId").is_empty());
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={id}")).unwrap();
    assert_eq!(cloud.all(&describe, "state"), ["active", "blackhole"]);
    let other = cloud.get(&format!("{ONE}&SubnetId={subnet}"), "instanceId");
    assert_eq!(cloud.ask(&format!("Action=CreateRoute&{route}&InstanceId={other}")), Err("RouteAlreadyExists"));
    cloud.ask(&format!("Action=ReplaceRoute&{route}&InstanceId={other}")).unwrap();
    assert!(cloud.all(&describe, "routeTableId").is_empty());
    cloud.ask(&format!("Action=DeleteRoute&{route}")).unwrap();
    assert_eq!(cloud.ask(&format!("Action=DeleteRoute&{route}")), Err("InvalidRoute.NotFound"));
    assert_eq!(cloud.ask(&format!("Action=ReplaceRoute&{route}&InstanceId={other}")), Err("InvalidParameterValue"));
    let inside = format!("RouteTableId={table}&DestinationCidrBlock=192.168.7.0/24&InstanceId={other}");
    assert_eq!(cloud.ask(&format!("Action=CreateRoute&{inside}")), Err("InvalidParameterValue"));
}

#[test]
fn tags_come_and_go() {
    let mut cloud = Cloud::new();
    let id = cloud.get(ONE, "instanceId");
    cloud
        .ask(&format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=a&Tag.1.Value=1&Tag.2.Key=b&Tag.2.Value="))
        .unwrap();
    assert_eq!(cloud.all("Action=DescribeTags", "key"), ["a", "b"]);
    let by_kind = "Action=DescribeTags&Filter.1.Name=resource-type&Filter.1.Value.1=instance&Filter.2.Name=key&Filter.2.Value.1=a";
    assert_eq!(cloud.all(by_kind, "value"), ["1"]);
    cloud.ask(&format!("Action=DeleteTags&ResourceId.1={id}&Tag.1.Key=a&Tag.1.Value=2&Tag.2.Key=b")).unwrap();
    assert_eq!(cloud.all("Action=DescribeTags", "key"), ["a"]);
    assert_eq!(cloud.ask("Action=CreateTags&ResourceId.1=i-12345678&Tag.1.Key=a"), Err("InvalidInstanceID.NotFound"));
    assert_eq!(cloud.ask("Action=CreateTags&ResourceId.1=web&Tag.1.Key=a"), Err("InvalidID"));
    assert_eq!(
        cloud.ask(&format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=aws:x")),
        Err("InvalidParameterValue")
    );
}

#[test]
fn text_of_users_comes_back_as_it_was() {
    let mut cloud = Cloud::new();
    let id = cloud.get(ONE, "instanceId");
    cloud.ask(&format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=x&Tag.1.Value=%3C%26%22%3E%C3%A9")).unwrap();
    assert_eq!(cloud.all("Action=DescribeTags", "value"), ["&lt;&amp;&quot;&gt;é"]);
    for stored in [
        "Action=CreateTags&ResourceId.1={id}&Tag.1.Key=x&Tag.1.Value=",
        "Action=CreateSecurityGroup&GroupName=a&GroupDescription=",
    ] {
        let form = stored.replace("{id}", &id);
        for bad in ["%00", "%EF%BF%BE", "%EF%BF%BF", "%FF"] {
            assert_eq!(cloud.ask(&format!("{form}{bad}")), Err("InvalidCharacter"), "{form}{bad}");
        }
    }
}

/// Classic instances always run on shared hardware (semantics.md §2).
#[test]
fn classic_instances_are_never_dedicated() {
    let mut cloud = Cloud::new();
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1&Placement.Tenancy=";
    assert_eq!(cloud.ask(&format!("{run}dedicated")), Err("VPCResourceNotSpecified"));
    assert_eq!(cloud.get(&format!("{run}default"), "tenancy"), "default");
}

#[test]
fn an_instance_has_a_root_volume_as_long_as_it_lives() {
    let mut cloud = Cloud::new();
    let tags =
        "&TagSpecification.1.ResourceType=volume&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=root";
    let body = cloud.ask(&format!("{ONE}{tags}")).unwrap();
    let (instance, volume) = (first(&body, "instanceId").unwrap(), first(&body, "volumeId").unwrap());
    let by_instance =
        format!("Action=DescribeVolumes&Filter.1.Name=attachment.instance-id&Filter.1.Value.1={instance}");
    assert_eq!(cloud.all(&by_instance, "volumeId"), [volume.clone(), volume.clone()], "and once in its attachment");
    assert_eq!(cloud.get(&by_instance, "value"), "root");
    cloud.ask(&format!("Action=CreateTags&ResourceId.1={volume}&Tag.1.Key=Name&Tag.1.Value=other")).unwrap();
    assert_eq!(cloud.get(&format!("Action=DescribeVolumes&VolumeId.1={volume}"), "value"), "other");
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={instance}")).unwrap();
    assert_eq!(cloud.ask(&format!("Action=DescribeVolumes&VolumeId.1={volume}")), Err("InvalidVolume.NotFound"));
}

#[test]
fn all_unknown_instances_of_a_request_are_named() {
    let mut cloud = Cloud::new();
    let known = cloud.instance(None);
    for action in ["StartInstances", "StopInstances", "RebootInstances", "TerminateInstances"] {
        let ask = format!("Action={action}&InstanceId.1=i-12345678&InstanceId.2={known}&InstanceId.3=i-87654321");
        let refusal = cloud.refusal(&ask).replace("&apos;", "'");
        assert!(refusal.contains("The instance IDs 'i-12345678, i-87654321' do not exist"), "{refusal}");
    }
}

#[test]
fn a_request_says_one_thing_of_each_device() {
    let mut cloud = Cloud::new();
    let device = |n: u8, name: &str| {
        format!("&BlockDeviceMapping.{n}.DeviceName=/dev/{name}&BlockDeviceMapping.{n}.Ebs.VolumeSize=8")
    };
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let twice = format!("{}{}", device(1, "sdf"), device(2, "sdf"));
    assert_eq!(cloud.ask(&format!("{run}{twice}")), Err("InvalidBlockDeviceMapping"));
    let instance = cloud.get(&format!("{run}{}{}", device(1, "sdf"), device(2, "sdg")), "instanceId");
    let image = format!("Action=CreateImage&InstanceId={instance}&Name=image");
    assert_eq!(cloud.ask(&format!("{image}{twice}")), Err("InvalidBlockDeviceMapping"));
    let register = "Action=RegisterImage&Name=image&RootDeviceName=/dev/sdf";
    assert_eq!(cloud.ask(&format!("{register}{twice}")), Err("InvalidBlockDeviceMapping"));
}

#[test]
fn a_reboot_is_another_boot_of_the_same_host() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let instance = cloud.instance(Some(&subnet));
    let boots = |cloud: &Cloud| {
        let tables = crate::compile::Compiler::whole(&cloud.model).1.whole();
        let ports = tables.into_iter().filter_map(|change| match change {
            ::wire::Change::Set(::wire::Entry::Port(_, port)) if port.host == instance => Some(port),
            _ => None,
        });
        ports.map(|port| (port.boot, port.addresses)).collect::<Vec<_>>()
    };
    let before = boots(&cloud);
    assert_eq!(before.len(), 1);
    cloud.ask(&format!("Action=RebootInstances&InstanceId.1={instance}")).unwrap();
    assert_eq!(cloud.get(&format!("Action=DescribeInstances&InstanceId.1={instance}"), "name"), "running");
    let after: Vec<_> = before.iter().map(|(boot, addresses)| (boot + 1, addresses.clone())).collect();
    assert_eq!(boots(&cloud), after);
}
