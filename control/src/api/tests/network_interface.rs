use super::*;

#[test]
fn the_interface_of_an_instance_is_described_and_modified() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let instance = cloud.instance(Some(&subnet));
    let by_instance =
        format!("Action=DescribeNetworkInterfaces&Filter.1.Name=attachment.instance-id&Filter.1.Value.1={instance}");
    let body = cloud.ask(&by_instance).unwrap();
    let id = first(&body, "networkInterfaceId").unwrap();
    assert_eq!(texts(&body, "status"), ["attached", "in-use"]);
    let address = first(&body, "privateIpAddress").unwrap();
    assert_eq!(first(&body, "privateDnsName"), Some(format!("ip-{}.ec2.internal", address.replace('.', "-"))));
    assert!(cloud.ask("Action=DescribeInstances").unwrap().contains(&id));

    let modify = |more: &str| format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={id}&{more}");
    cloud.ask(&modify("SourceDestCheck.Value=false")).unwrap();
    cloud.ask(&modify("Description.Value=RDSNetworkInterface")).unwrap();
    assert_eq!(cloud.ask(&modify("SecurityGroupId.1=sg-12345678")), Err("InvalidGroup.NotFound"));
    assert_eq!(cloud.ask(&modify("")), Err("InvalidParameterCombination"));
    let attribute =
        |name: &str| format!("Action=DescribeNetworkInterfaceAttribute&NetworkInterfaceId={id}&Attribute={name}");
    assert_eq!(cloud.get(&attribute("sourceDestCheck"), "value"), "false");
    assert_eq!(cloud.get(&attribute("description"), "value"), "RDSNetworkInterface");
    assert_eq!(cloud.ask(&attribute("colour")), Err("InvalidParameterValue"));
    let found = "Action=DescribeNetworkInterfaces&Filter.1.Name=description&Filter.1.Value.1=RDS*";
    assert_eq!(cloud.get(found, "networkInterfaceId"), id);
    assert_eq!(
        cloud.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={id}")),
        Err("InvalidNetworkInterface.InUse")
    );
    // A route to the instance is a route to its interface, and a blackhole while it is stopped.
    let table = cloud.main_table(&vpc);
    cloud
        .ask(&format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&InstanceId={instance}"))
        .unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("0.0.0.0/0 {id}"));
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={instance}")).unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("0.0.0.0/0 {id} blackhole"));
}

#[test]
fn an_interface_can_be_made_for_an_instance_to_come() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let create = format!("Action=CreateNetworkInterface&SubnetId={subnet}&PrivateIpAddress");
    let id = cloud.get(&format!("{create}=192.168.1.20"), "networkInterfaceId");
    assert_eq!(cloud.ask(&format!("{create}=192.168.1.20")), Err("InvalidIPAddress.InUse"));
    assert_eq!(cloud.ask(&format!("{create}=192.168.1.3")), Err("InvalidParameterValue"));
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let run = format!("{run}&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.NetworkInterfaceId={id}");
    assert_eq!(cloud.get(&run, "privateIpAddress"), "192.168.1.20");
    let attachment = cloud.get(&format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={id}"), "attachmentId");
    let detach = format!("Action=DetachNetworkInterface&AttachmentId={attachment}");
    assert_eq!(cloud.ask(&detach), Err("OperationNotPermitted"));
}

/// The interfaces of an instance, by their place: `0 eni-… 192.168.1.4,192.168.1.5`.
fn interfaces(cloud: &Cloud, instance: &str) -> Vec<String> {
    let ids = &cloud.model.instances.get(instance).unwrap().vpc().unwrap().interfaces;
    let all = ids.iter().map(|id| cloud.model.network_interfaces.get(id).unwrap());
    all.map(|eni| {
        let addresses: Vec<_> = eni.addresses.iter().map(|address| address.to_string()).collect();
        format!("{} {} {}", eni.attachment.as_ref().unwrap().device_index, eni.id, addresses.join(","))
    })
    .collect()
}

fn create(subnet: &str) -> String {
    format!("Action=CreateNetworkInterface&SubnetId={subnet}")
}

fn attach(id: &str, instance: &str, index: u16) -> String {
    format!("Action=AttachNetworkInterface&NetworkInterfaceId={id}&InstanceId={instance}&DeviceIndex={index}")
}

#[test]
fn interfaces_are_attached_and_detached() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let (subnet, other) = (cloud.subnet(&vpc, "192.168.1.0/24"), cloud.subnet(&vpc, "192.168.2.0/24"));
    let (instance, classic) = (cloud.instance(Some(&subnet)), cloud.instance(None));
    let id = cloud.get(&create(&other), "networkInterfaceId");
    let spare = cloud.get(&create(&other), "networkInterfaceId");
    let far = "Action=CreateSubnet&CidrBlock=192.168.3.0/24&AvailabilityZone=us-east-1b";
    let far = cloud.get(&format!("{far}&VpcId={vpc}"), "subnetId");
    let far = cloud.get(&create(&far), "networkInterfaceId");
    let abroad = cloud.vpc("172.16.0.0/16");
    let abroad = cloud.subnet(&abroad, "172.16.1.0/24");
    let abroad = cloud.get(&create(&abroad), "networkInterfaceId");

    assert_eq!(cloud.ask(&attach(&id, &instance, 0)), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&attach(&far, &instance, 1)), Err("InvalidParameterCombination"));
    assert_eq!(cloud.ask(&attach(&abroad, &instance, 1)), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&attach(&id, &classic, 1)), Err("InvalidInstanceID"));
    let attachment = cloud.get(&attach(&id, &instance, 1), "attachmentId");
    assert_eq!(cloud.ask(&attach(&id, &instance, 2)), Err("InvalidNetworkInterface.InUse"));
    assert_eq!(cloud.ask(&attach(&spare, &instance, 1)), Err("InvalidParameterValue"));
    // An m1.small has two.
    assert_eq!(cloud.ask(&attach(&spare, &instance, 2)), Err("AttachmentLimitExceeded"));
    let [first, second] = &interfaces(&cloud, &instance)[..] else { panic!("not two") };
    assert!(first.starts_with("0 ") && first.contains(" 192.168.1."));
    assert!(second.starts_with(&format!("1 {id} 192.168.2.")));
    let found = "Action=DescribeInstances&Filter.1.Name=network-interface.network-interface-id&Filter.1.Value.1";
    assert_eq!(cloud.get(&format!("{found}={id}"), "instanceId"), instance);

    // What an instance means as an interface, it means no more.
    let modify = format!("Action=ModifyInstanceAttribute&InstanceId={instance}&SourceDestCheck.Value=false");
    assert_eq!(cloud.ask(&modify), Err("InvalidInstanceID"));
    let group = cloud.model.group_named(&cloud.model.vpcs.get(&vpc).unwrap().scope, Some(&vpc), "default");
    let group = group.unwrap().id.clone();
    let modify = format!("Action=ModifyInstanceAttribute&InstanceId={instance}&GroupId.1={group}");
    assert_eq!(cloud.ask(&modify), Err("InvalidInstanceID"));
    let table = cloud.main_table(&vpc);
    let route = format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0");
    assert_eq!(cloud.ask(&format!("{route}&InstanceId={instance}")), Err("InvalidInstanceID"));
    cloud.ask(&format!("{route}&NetworkInterfaceId={id}")).unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("0.0.0.0/0 {id}"));

    // Stopping keeps them; detaching does not, and needs no start.
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={instance}")).unwrap();
    assert_eq!(interfaces(&cloud, &instance).len(), 2);
    cloud.ask(&format!("Action=DetachNetworkInterface&AttachmentId={attachment}")).unwrap();
    assert_eq!(interfaces(&cloud, &instance).len(), 1);
    cloud.ask(&format!("Action=StartInstances&InstanceId.1={instance}")).unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("0.0.0.0/0 {id} blackhole"));
    let again = format!("Action=DetachNetworkInterface&AttachmentId={attachment}");
    assert_eq!(cloud.ask(&again), Err("InvalidAttachmentID.NotFound"));

    // Those attached by hand outlive the instance unless told otherwise.
    let attachment = cloud.get(&attach(&id, &instance, 1), "attachmentId");
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={instance}")).unwrap();
    assert_eq!(cloud.ask(&attach(&id, &instance, 1)), Err("IncorrectInstanceState"));
    assert_eq!(
        cloud.get(&format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={id}"), "status"),
        "available"
    );
    let instance = cloud.instance(Some(&subnet));
    let attached = cloud.get(&attach(&id, &instance, 1), "attachmentId");
    assert_ne!(attached, attachment);
    let goes = format!("Attachment.AttachmentId={attached}&Attachment.DeleteOnTermination=true");
    cloud.ask(&format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={id}&{goes}")).unwrap();
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={instance}")).unwrap();
    assert!(cloud.model.network_interfaces.get(&id).is_none());
}

#[test]
fn an_instance_is_launched_with_several_interfaces() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let (subnet, other) = (cloud.subnet(&vpc, "192.168.1.0/24"), cloud.subnet(&vpc, "192.168.2.0/28"));
    let existing = cloud.get(&create(&other), "networkInterfaceId");
    let run = |count: u32| {
        format!("Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m3.large&MinCount={count}&MaxCount={count}")
    };
    let spec = |n: u32, index: u16, more: &str| {
        format!("&NetworkInterface.{n}.DeviceIndex={index}&NetworkInterface.{n}.{more}")
    };
    let (first, second) = (spec(1, 0, &format!("SubnetId={subnet}")), spec(2, 1, &format!("SubnetId={other}")));

    let no_primary = format!("{}{second}", run(1));
    assert_eq!(cloud.ask(&no_primary), Err("UnsupportedOperation"));
    let twice = spec(2, 0, &format!("SubnetId={other}"));
    assert_eq!(cloud.ask(&format!("{}{first}{twice}", run(1))), Err("InvalidParameterValue"));
    let public = "&NetworkInterface.1.AssociatePublicIpAddress=true";
    assert_eq!(cloud.ask(&format!("{}{first}{second}{public}", run(1))), Err("InvalidParameterCombination"));
    let many: String = (1..5).map(|n| spec(n, n as u16 - 1, &format!("SubnetId={subnet}"))).collect();
    assert_eq!(cloud.ask(&format!("{}{many}", run(1))), Err("AttachmentLimitExceeded"));
    assert_eq!(cloud.ask(&format!("{}{first}{second}&SubnetId={subnet}", run(1))), Err("InvalidParameterCombination"));
    let known = spec(3, 2, &format!("NetworkInterfaceId={existing}"));
    assert_eq!(cloud.ask(&format!("{}{first}{known}", run(2))), Err("InvalidParameterCombination"));

    let more = "&NetworkInterface.2.PrivateIpAddresses.1.PrivateIpAddress=192.168.2.9\
                &NetworkInterface.2.PrivateIpAddresses.1.Primary=true\
                &NetworkInterface.2.PrivateIpAddresses.2.PrivateIpAddress=192.168.2.12"
        .replace(' ', "");
    let instance = cloud.get(&format!("{}{first}{second}{more}{known}", run(1)), "instanceId");
    let found = interfaces(&cloud, &instance);
    assert!(found[0].contains(" 192.168.1.") && found[1].ends_with(" 192.168.2.9,192.168.2.12"), "{found:?}");
    assert!(found[2].starts_with(&format!("2 {existing} 192.168.2.")));
    // Two made for it go with it, the one that existed stays.
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={instance}")).unwrap();
    let left: Vec<_> = cloud.model.network_interfaces.iter().map(|interface| interface.id.clone()).collect();
    assert_eq!(left, [existing]);

    // There are ten addresses in the small subnet now: not enough for eleven, or for two each.
    assert_eq!(cloud.ask(&format!("{}{first}{second}", run(11))), Err("InsufficientFreeAddressesInSubnet"));
    let more = "&NetworkInterface.2.SecondaryPrivateIpAddressCount=1";
    assert_eq!(cloud.ask(&format!("{}{first}{second}{more}", run(6))), Err("InsufficientFreeAddressesInSubnet"));
    assert_eq!(cloud.all(&format!("{}{first}{second}{more}", run(5)), "instanceId").len(), 5);
}

#[test]
fn secondary_addresses_come_and_go_with_their_public_ones() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    cloud.gateway(&vpc);
    let instance = cloud.instance(Some(&subnet));
    let before = interfaces(&cloud, &instance)[0].clone();
    let [_, id, primary] = before.split(' ').collect::<Vec<_>>()[..] else { panic!("{before}") };
    let assign = format!("Action=AssignPrivateIpAddresses&NetworkInterfaceId={id}");
    let unassign = format!("Action=UnassignPrivateIpAddresses&NetworkInterfaceId={id}");
    assert_eq!(cloud.ask(&assign), Err("MissingParameter"));
    assert_eq!(cloud.ask(&format!("{assign}&PrivateIpAddress.1=192.168.2.9")), Err("InvalidParameterValue"));
    let new = cloud.get(&format!("{assign}&SecondaryPrivateIpAddressCount=1"), "privateIpAddress");
    cloud.ask(&format!("{assign}&PrivateIpAddress.1=192.168.1.20")).unwrap();
    // An m1.small has four addresses an interface.
    let two_more = format!("{assign}&SecondaryPrivateIpAddressCount=2");
    assert_eq!(cloud.ask(&two_more), Err("PrivateIpAddressLimitExceeded"));

    let allocation = cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    let associate = format!("Action=AssociateAddress&AllocationId={allocation}&NetworkInterfaceId={id}");
    assert_eq!(cloud.ask(&format!("{associate}&PrivateIpAddress=192.168.1.21")), Err("InvalidParameterValue"));
    cloud.ask(&format!("{associate}&PrivateIpAddress=192.168.1.20")).unwrap();
    assert_eq!(cloud.get("Action=DescribeAddresses", "privateIpAddress"), "192.168.1.20");
    let other = cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    cloud.ask(&format!("Action=AssociateAddress&AllocationId={other}&InstanceId={instance}")).unwrap();
    let interface = cloud.model.network_interfaces.get(id).unwrap();
    let mapped: Vec<_> = interface.public.keys().map(|own| own.to_string()).collect();
    assert_eq!(mapped.len(), 2);
    assert!(mapped.iter().any(|own| own == primary) && mapped.iter().any(|own| own == "192.168.1.20"), "{mapped:?}");
    let described = cloud.ask("Action=DescribeNetworkInterfaces").unwrap();
    // Each at its own address, the primary one's also at the interface.
    assert_eq!(texts(&described, "publicIp").len(), 3);

    assert_eq!(cloud.ask(&format!("{unassign}&PrivateIpAddress.1={primary}")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{unassign}&PrivateIpAddress.1=192.168.1.99")), Err("InvalidParameterValue"));
    cloud.ask(&format!("{unassign}&PrivateIpAddress.1=192.168.1.20")).unwrap();
    assert_eq!(interfaces(&cloud, &instance), [format!("0 {id} {primary},{new}")]);
    cloud.ask(&format!("Action=ReleaseAddress&AllocationId={allocation}")).unwrap();

    // Another interface may take it over, if that is wanted.
    let thief = cloud.get(&create(&subnet), "networkInterfaceId");
    let take = format!("Action=AssignPrivateIpAddresses&NetworkInterfaceId={thief}&PrivateIpAddress.1");
    assert_eq!(cloud.ask(&format!("{take}={new}")), Err("InvalidParameterValue"));
    cloud.ask(&format!("{take}={new}&AllowReassignment=true")).unwrap();
    assert_eq!(cloud.ask(&format!("{take}={primary}&AllowReassignment=true")), Err("InvalidIPAddress.InUse"));
    assert_eq!(interfaces(&cloud, &instance), [format!("0 {id} {primary}")]);
}

#[test]
fn several_interfaces_get_no_public_address_by_themselves() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    cloud.ask(&format!("Action=ModifySubnetAttribute&SubnetId={subnet}&MapPublicIpOnLaunch.Value=true")).unwrap();
    let instance = cloud.instance(Some(&subnet));
    let described = format!("Action=DescribeInstances&InstanceId.1={instance}");
    assert!(first(&cloud.ask(&described).unwrap(), "ipAddress").is_some());
    let id = cloud.get(&create(&subnet), "networkInterfaceId");
    let attachment = cloud.get(&attach(&id, &instance, 1), "attachmentId");
    let restart = |cloud: &mut Cloud| {
        cloud.ask(&format!("Action=StopInstances&InstanceId.1={instance}")).unwrap();
        cloud.ask(&format!("Action=StartInstances&InstanceId.1={instance}")).unwrap();
        first(&cloud.ask(&described).unwrap(), "ipAddress")
    };
    assert_eq!(restart(&mut cloud), None);
    cloud.ask(&format!("Action=DetachNetworkInterface&AttachmentId={attachment}")).unwrap();
    assert!(restart(&mut cloud).is_some());
}

#[test]
fn addresses_that_nobody_names_are_no_lowest_ones() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/28");
    let made: Vec<String> = (0..11).map(|_| cloud.get(&create(&subnet), "privateIpAddress")).collect();
    let mut sorted = made.clone();
    sorted.sort_by_key(|address| address.parse::<std::net::Ipv4Addr>().unwrap());
    assert_ne!(made, sorted);
    sorted.dedup();
    assert_eq!(sorted.len(), 11, "every address is given, and once");
    assert_eq!(cloud.ask(&create(&subnet)), Err("InsufficientFreeAddressesInSubnet"));
}

#[test]
fn an_address_of_another_is_moved_only_if_that_is_asked_for() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let wish = "PrivateIpAddresses.1.PrivateIpAddress=192.168.1.20&PrivateIpAddresses.1.Primary=true";
    let more = "PrivateIpAddresses.2.PrivateIpAddress=192.168.1.21";
    let one = cloud.get(&format!("{}&{wish}&{more}", create(&subnet)), "networkInterfaceId");
    let other = cloud.get(&create(&subnet), "networkInterfaceId");
    let assign = |last: u8| {
        format!("Action=AssignPrivateIpAddresses&NetworkInterfaceId={other}&PrivateIpAddress.1=192.168.1.{last}")
    };
    assert_eq!(cloud.ask(&assign(21)), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&assign(20)), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{}&AllowReassignment=true", assign(20))), Err("InvalidIPAddress.InUse"), "primary");
    cloud.ask(&format!("{}&AllowReassignment=true", assign(21))).unwrap();
    assert_eq!(cloud.model.network_interfaces.get(&one).unwrap().addresses.len(), 1);
}

#[test]
fn an_interface_has_the_members_that_ec2_always_sends() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    cloud.instance(Some(&subnet));
    let described = cloud.ask("Action=DescribeNetworkInterfaces").unwrap();
    assert!(!described.contains("requesterId"), "it came with its instance");
    assert!(described.contains("<operator><managed>false</managed></operator>"), "{described}");
    assert!(described.contains("<tagSet/>") && described.contains("<ipv6AddressesSet/>"), "{described}");
    let body = cloud.ask(&create(&subnet)).unwrap();
    assert_eq!(first(&body, "requesterId").as_deref(), Some("111122223333"));
    assert_eq!(first(&body, "status").as_deref(), Some("pending"));
    let id = first(&body, "networkInterfaceId").unwrap();
    let by_requester = "Action=DescribeNetworkInterfaces&Filter.1.Name=requester-id&Filter.1.Value.1=111122223333";
    assert_eq!(cloud.all(by_requester, "networkInterfaceId"), [id]);
}

#[test]
fn an_interface_can_have_prefixes_of_its_subnet() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let create = format!("Action=CreateNetworkInterface&SubnetId={subnet}");
    let body = cloud.ask(&format!("{create}&Ipv4PrefixCount=2")).unwrap();
    let interface = first(&body, "networkInterfaceId").unwrap();
    // The last block has the subnet's last address, which nobody gets.
    assert_eq!(texts(&body, "ipv4Prefix"), ["192.168.1.224/28", "192.168.1.208/28"]);
    let taken = format!("{create}&PrivateIpAddress=192.168.1.210");
    assert_eq!(cloud.ask(&taken), Err("InvalidIPAddress.InUse"));
    let assign = format!("Action=AssignPrivateIpAddresses&NetworkInterfaceId={interface}");
    assert_eq!(cloud.all(&format!("{assign}&Ipv4Prefix.1=192.168.1.16/28"), "ipv4Prefix"), ["192.168.1.16/28"]);
    for (wrong, code) in [
        ("Ipv4Prefix.1=192.168.1.16/28", "InvalidIPAddress.InUse"),
        ("Ipv4Prefix.1=192.168.1.0/28", "InvalidParameterValue"),
        ("Ipv4Prefix.1=192.168.1.48/28&Ipv4Prefix.2=192.168.1.48/28", "InvalidIPAddress.InUse"),
        ("Ipv4Prefix.1=192.168.1.32/27", "InvalidParameterValue"),
        ("Ipv4PrefixCount=99", "InsufficientFreeAddressesInSubnet"),
    ] {
        assert_eq!(cloud.ask(&format!("{assign}&{wrong}")), Err(code), "{wrong}");
    }
    let all = format!("{create}&Ipv4Prefix.1.Ipv4Prefix=0.0.0.0/0");
    assert_eq!(cloud.ask(&all), Err("InvalidParameterValue"));
    let unassign = format!("Action=UnassignPrivateIpAddresses&NetworkInterfaceId={interface}&Ipv4Prefix.1");
    cloud.ask(&format!("{unassign}=192.168.1.208/28")).unwrap();
    cloud.ask(&taken).unwrap();
    assert!(cloud.ask(&format!("{unassign}=192.168.1.208/28")).is_err());
    let described = format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={interface}");
    assert_eq!(cloud.all(&described, "ipv4Prefix"), ["192.168.1.224/28", "192.168.1.16/28"]);
}

#[test]
fn an_instance_tells_the_prefixes_of_its_interfaces() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let id = cloud.instance(Some(&subnet));
    let described = format!("Action=DescribeInstances&InstanceId.1={id}");
    let body = cloud.ask(&described).unwrap();
    assert!(!body.contains("PrefixSet"), "{body}");
    assert_eq!(texts(&body, "managed"), ["false", "false"], "the interface has an operator as the instance has");
    let interface = first(&body, "networkInterfaceId").unwrap();
    let assign = format!("Action=AssignPrivateIpAddresses&NetworkInterfaceId={interface}");
    cloud.ask(&format!("{assign}&Ipv4Prefix.1=192.168.1.16/28")).unwrap();
    assert_eq!(cloud.all(&described, "ipv4Prefix"), ["192.168.1.16/28"]);
    for (name, value) in [
        ("ipv4-prefixes.ipv4-prefix", "192.168.1.16/28"),
        ("network-interface-id", interface.as_str()),
        ("operator.managed", "false"),
        ("association.allocation-id", "*"),
    ] {
        let filter = format!("{described}&Filter.1.Name=network-interface.{name}&Filter.1.Value.1={value}");
        let found = cloud.all(&filter, "instanceId").len();
        assert_eq!(found, usize::from(value != "*"), "{name}");
    }
}

#[test]
fn a_launch_says_of_its_interfaces_what_a_request_for_one_says() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let associate = format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true");
    let block = cloud.get(&associate, "ipv6CidrBlock").replace("/56", "/64");
    let subnet = cloud.subnet(&vpc, &format!("192.168.1.0/24&Ipv6CidrBlock={block}"));
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m3.large&MinCount=1&NetworkInterface.1";
    let run = format!("{run}.DeviceIndex=0&NetworkInterface.1.SubnetId={subnet}");
    let wish = [
        "Ipv4PrefixCount=2",
        "Ipv6PrefixCount=1",
        "Ipv6AddressCount=1",
        "PrimaryIpv6=true",
        "ConnectionTrackingSpecification.UdpTimeout=40",
    ];
    let wish: String = wish.iter().map(|wanted| format!("&NetworkInterface.1.{wanted}")).collect();
    let body = cloud.ask(&format!("{run}{wish}&MaxCount=3")).unwrap();
    assert_eq!(texts(&body, "ipv4Prefix").len(), 6);
    assert_eq!(texts(&body, "ipv6Prefix").len(), 3);
    assert_eq!(texts(&body, "isPrimaryIpv6"), ["true"; 3]);
    assert_eq!(texts(&body, "udpTimeout"), ["40"; 3]);
    let named = format!("{run}&NetworkInterface.1.Ipv4Prefix.1.Ipv4Prefix=192.168.1.16/28");
    assert_eq!(cloud.ask(&format!("{named}&MaxCount=2")), Err("InvalidParameterCombination"));
    assert_eq!(cloud.all(&format!("{named}&MaxCount=1"), "ipv4Prefix"), ["192.168.1.16/28"]);
}

#[test]
fn a_launch_chooses_no_prefix_with_an_address_that_it_names() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let body = cloud
        .ask(&format!(
            "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m3.large&MinCount=1&MaxCount=1\
             &NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={subnet}\
             &NetworkInterface.1.PrivateIpAddress=192.168.1.5&NetworkInterface.1.Ipv4PrefixCount=1\
             &NetworkInterface.2.DeviceIndex=1&NetworkInterface.2.SubnetId={subnet}\
             &NetworkInterface.2.PrivateIpAddress=192.168.1.230"
        ))
        .unwrap();
    assert_eq!(texts(&body, "ipv4Prefix"), ["192.168.1.208/28"], "the next one has 192.168.1.230");
}

#[test]
fn an_interface_gets_an_ipv6_address_where_its_subnet_says_so() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let associate = format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true");
    let block = cloud.get(&associate, "ipv6CidrBlock").replace("/56", "/64");
    let subnet = cloud.subnet(&vpc, &format!("192.168.1.0/24&Ipv6CidrBlock={block}"));
    let create = format!("Action=CreateNetworkInterface&SubnetId={subnet}");
    assert!(cloud.all(&create, "ipv6Address").is_empty());
    let modify = format!("Action=ModifySubnetAttribute&SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=true");
    cloud.ask(&modify).unwrap();
    assert!(!cloud.all(&create, "ipv6Address").is_empty());
    assert!(cloud.all(&format!("{create}&Ipv6AddressCount=0"), "ipv6Address").is_empty());
}

#[test]
fn an_interface_keeps_its_connection_tracking() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let create = format!("Action=CreateNetworkInterface&SubnetId={subnet}&ConnectionTrackingSpecification");
    assert_eq!(cloud.ask(&format!("{create}.UdpTimeout=29")), Err("InvalidParameterValue"));
    let body = cloud.ask(&format!("{create}.UdpTimeout=40")).unwrap();
    let id = first(&body, "networkInterfaceId").unwrap();
    let modify = format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={id}");
    cloud.ask(&format!("{modify}&ConnectionTrackingSpecification.TcpEstablishedTimeout=350")).unwrap();
    let shown = cloud.ask(&format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={id}")).unwrap();
    assert_eq!(first(&shown, "udpTimeout").as_deref(), Some("40"));
    assert_eq!(first(&shown, "tcpEstablishedTimeout").as_deref(), Some("350"));
    assert_eq!(first(&shown, "udpStreamTimeout"), None);
}

#[test]
fn the_interface_of_a_nat_gateway_is_attached_to_no_instance() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    cloud.ask(&format!("Action=CreateNatGateway&SubnetId={subnet}&ConnectivityType=private")).unwrap();
    let body = cloud.ask("Action=DescribeNetworkInterfaces&Filter.1.Name=interface-type&Filter.1.Value.1=nat_gateway");
    let body = body.unwrap();
    let attachment = first(&body, "attachmentId").unwrap();
    assert!(attachment.starts_with("ela-attach-"), "{attachment}");
    assert_eq!(first(&body, "instanceOwnerId").as_deref(), Some("amazon-aws"));
    assert_eq!(first(&body, "instanceId"), None);
    let by_attachment = "Action=DescribeNetworkInterfaces&Filter.1.Name=attachment.attachment-id&Filter.1.Value.1";
    assert_eq!(cloud.all(&format!("{by_attachment}={attachment}"), "networkInterfaceId").len(), 1);
    let detach = format!("Action=DetachNetworkInterface&AttachmentId={attachment}");
    assert_eq!(cloud.ask(&detach), Err("OperationNotPermitted"));
}

#[test]
fn an_interface_can_have_ipv6_prefixes_and_a_primary_ipv6_address() {
    let mut cloud = Cloud::new();
    let body = cloud.ask("Action=CreateVpc&CidrBlock=10.0.0.0/16&AmazonProvidedIpv6CidrBlock=true").unwrap();
    let (vpc, block) = (first(&body, "vpcId").unwrap(), first(&body, "ipv6CidrBlock").unwrap());
    let net = block.strip_suffix("::/56").unwrap();
    let create = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.1.0/24&Ipv6CidrBlock={net}::/64");
    let subnet = cloud.get(&create, "subnetId");
    let create = format!("Action=CreateNetworkInterface&SubnetId={subnet}&Ipv6AddressCount=1&EnablePrimaryIpv6=true");
    let body = cloud.ask(&format!("{create}&Ipv6PrefixCount=1")).unwrap();
    let id = first(&body, "networkInterfaceId").unwrap();
    assert_eq!(first(&body, "isPrimaryIpv6").as_deref(), Some("true"));
    let modify = format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={id}&EnablePrimaryIpv6=false");
    cloud.ask(&modify).unwrap();
    let describe = format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={id}");
    assert_eq!(cloud.get(&describe, "isPrimaryIpv6"), "true", "it cannot be taken back");
    let own = texts(&body, "ipv6Prefix");
    assert_eq!(own.len(), 1);
    assert!(own[0].ends_with(":1::/80"), "{own:?}");
    let assign = format!("Action=AssignIpv6Addresses&NetworkInterfaceId={id}&Ipv6Prefix.1");
    let both = format!("{assign}={net}:7::/80&Ipv6PrefixCount=1");
    assert_eq!(cloud.ask(&both), Err("InvalidParameterCombination"));
    for wrong in [own[0].clone(), format!("{net}::/80"), format!("{net}:2::/96"), "2001:db8::/80".to_owned()] {
        assert_eq!(cloud.ask(&format!("{assign}={wrong}")), Err("InvalidParameterValue"), "{wrong}");
    }
    let twice = format!("{assign}={net}:7::/80&Ipv6Prefix.2={net}:7::/80");
    assert_eq!(cloud.ask(&twice), Err("InvalidParameterValue"));
    cloud.ask(&format!("{assign}={net}:7::/80")).unwrap();
    let inside = format!("Action=AssignIpv6Addresses&NetworkInterfaceId={id}&Ipv6Addresses.1={net}:7::9");
    assert!(cloud.ask(&inside).is_err());
    let unassign = format!("Action=UnassignIpv6Addresses&NetworkInterfaceId={id}&Ipv6Prefix.1={net}:7::/80");
    cloud.ask(&unassign).unwrap();
    assert!(cloud.ask(&unassign).is_err());
    cloud.ask(&inside).unwrap();

    let unassign = format!("Action=UnassignIpv6Addresses&NetworkInterfaceId={id}");
    cloud.ask(&format!("{unassign}&Ipv6Addresses.1={net}::4&Ipv6Addresses.2={net}:7::9")).unwrap();
    let block = cloud.get(&format!("Action=DescribeSubnets&SubnetId.1={subnet}"), "associationId");
    let disassociate = format!("Action=DisassociateSubnetCidrBlock&AssociationId={block}");
    assert!(cloud.ask(&disassociate).is_err(), "the prefix is of the block");
    cloud.ask(&format!("{unassign}&Ipv6Prefix.1={}", own[0])).unwrap();
    cloud.ask(&disassociate).unwrap();
}

#[test]
fn a_launch_says_all_of_its_interface() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    let subnet = cloud.subnet(&vpc, "10.0.1.0/24");
    let run = format!(
        "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m5.large&MinCount=1&MaxCount=1&NetworkInterface.1\
         .SubnetId={subnet}&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1"
    );
    assert_eq!(
        cloud.ask(&format!("{run}.ConnectionTrackingSpecification.UdpTimeout=29")),
        Err("InvalidParameterValue")
    );
    let body = cloud
        .ask(&format!(
            "{run}.Ipv4Prefix.1.Ipv4Prefix=10.0.1.16/28&NetworkInterface.1.ConnectionTrackingSpecification.UdpTimeout=45\
             &NetworkInterface.1.EnaSrdSpecification.EnaSrdEnabled=true"
        ))
        .unwrap();
    let told = ["ipv4Prefix", "udpTimeout", "enaSrdEnabled", "enaSrdUdpEnabled"];
    let values = |body: &str| told.map(|element| first(body, element).unwrap_or_default());
    assert_eq!(values(&body), ["10.0.1.16/28", "45", "true", "false"]);
    let described = "Action=DescribeNetworkInterfaces";
    assert_eq!(values(&cloud.ask(described).unwrap()), ["10.0.1.16/28", "45", "true", "false"]);
}

#[test]
fn only_an_attached_interface_has_ena_express() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    let subnet = cloud.subnet(&vpc, "10.0.1.0/24");
    let instance = cloud.instance(Some(&subnet));
    let id = cloud.get(&format!("Action=CreateNetworkInterface&SubnetId={subnet}"), "networkInterfaceId");
    let modify = format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={id}&EnaSrdSpecification");
    assert_eq!(cloud.ask(&format!("{modify}.EnaSrdEnabled=true")), Err("IncorrectState"));
    let attach = format!("Action=AttachNetworkInterface&NetworkInterfaceId={id}&InstanceId={instance}&DeviceIndex=1");
    cloud.ask(&format!("{attach}&EnaSrdSpecification.EnaSrdEnabled=true")).unwrap();
    let udp = "EnaSrdUdpSpecification.EnaSrdUdpEnabled=true";
    cloud.ask(&format!("{modify}.{udp}")).unwrap();
    let described = format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={id}");
    assert_eq!(cloud.get(&described, "enaSrdEnabled"), "true", "what is not said stays");
    assert_eq!(cloud.get(&described, "enaSrdUdpEnabled"), "true");
}

#[test]
fn what_others_may_do_with_an_interface_is_kept() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let interface = cloud.get(&format!("Action=CreateNetworkInterface&SubnetId={subnet}"), "networkInterfaceId");
    let create = format!("Action=CreateNetworkInterfacePermission&NetworkInterfaceId={interface}&Permission");
    assert_eq!(cloud.ask(&format!("{create}=INSTANCE-ATTACH")), Err("MissingParameter"), "whose?");
    assert_eq!(cloud.ask(&format!("{create}=SMILE&AwsAccountId=444455556666")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{create}=INSTANCE-ATTACH&AwsAccountId=me")), Err("InvalidParameterValue"));
    let create = format!("{create}=INSTANCE-ATTACH&AwsAccountId=444455556666");
    let id = cloud.get(&create, "networkInterfacePermissionId");
    let all = "Action=DescribeNetworkInterfacePermissions";
    let told = ["awsAccountId", "permission", "state"].map(|element| cloud.get(all, element));
    assert_eq!(told, ["444455556666", "INSTANCE-ATTACH", "granted"]);
    let delete = format!("Action=DeleteNetworkInterfacePermission&NetworkInterfacePermissionId={id}");
    assert_eq!(cloud.get(&delete, "return"), "true");
    assert_eq!(cloud.ask(&delete), Err("InvalidPermissionID.NotFound"));
    cloud.ask(&create).unwrap();
    cloud.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}")).unwrap();
    assert!(cloud.all(all, "networkInterfacePermissionId").is_empty());
}
