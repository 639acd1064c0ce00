use super::*;
use std::collections::BTreeSet;

fn associate(cloud: &mut Cloud, vpc: &str, cidr: &str) -> Option<&'static str> {
    cloud.ask(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock={cidr}")).err()
}

/// The table of families of semantics.md §5.2.
#[test]
fn blocks_are_of_one_family() {
    let restricted = Some("InvalidVpc.Range");
    for (primary, cidr, answer) in [
        ("10.2.0.0/16", "10.3.0.0/16", None),
        ("10.2.0.0/16", "10.0.0.0/16", None),
        ("10.2.0.0/16", "172.16.0.0/16", restricted),
        ("10.2.0.0/16", "198.19.0.0/20", restricted),
        ("10.2.0.0/16", "100.64.0.0/16", None),
        ("10.0.0.0/20", "10.0.16.0/20", restricted),
        ("10.1.0.0/16", "10.0.0.0/16", restricted),
        ("10.0.0.0/16", "10.1.0.0/16", None),
        ("172.16.0.0/16", "172.31.0.0/16", restricted),
        ("172.16.0.0/16", "172.20.0.0/16", None),
        ("192.168.0.0/20", "192.168.16.0/20", None),
        ("192.168.0.0/20", "192.168.8.0/21", restricted),
        ("192.168.0.0/20", "10.1.0.0/16", restricted),
        ("198.51.100.0/24", "203.0.113.0/24", None),
        ("198.51.100.0/24", "10.1.0.0/16", restricted),
        ("198.51.100.0/24", "203.0.113.0/29", restricted),
    ] {
        let mut cloud = Cloud::new();
        let vpc = cloud.vpc(primary);
        assert_eq!(associate(&mut cloud, &vpc, cidr), answer, "{primary} {cidr}");
    }
}

/// It is the primary block that decides, not one that came later.
#[test]
fn a_secondary_block_restricts_no_other() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    assert_eq!(associate(&mut cloud, &vpc, "10.1.0.0/20"), None);
    assert_eq!(associate(&mut cloud, &vpc, "10.0.0.0/20"), None);
}

#[test]
fn a_block_has_routes_and_stands_beside_routes() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/20");
    let (table, igw) = (cloud.main_table(&vpc), cloud.gateway(&vpc));
    let route = format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=192.168.64.0/24&GatewayId={igw}");
    cloud.ask(&route).unwrap();
    assert_eq!(associate(&mut cloud, &vpc, "192.168.64.0/20"), Some("InvalidVpc.Range"));
    let block =
        cloud.get(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=192.168.16.0/20"), "associationId");
    assert!(cloud.routes(&table).contains(&"192.168.16.0/20 local".to_owned()));
    let subnet = cloud.subnet(&vpc, "192.168.17.0/24");
    let disassociate = |id: &str| format!("Action=DisassociateVpcCidrBlock&AssociationId={id}");
    assert_eq!(cloud.ask(&disassociate(&block)), Err("DependencyViolation"));
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
    cloud.ask(&disassociate(&block)).unwrap();
    assert!(!cloud.routes(&table).contains(&"192.168.16.0/20 local".to_owned()));
    assert_eq!(cloud.ask(&disassociate(&block)), Err("InvalidVpcCidrBlockAssociationID.NotFound"));
    let primary = cloud.get("Action=DescribeVpcs", "associationId");
    assert_eq!(cloud.ask(&disassociate(&primary)), Err("OperationNotPermitted"));
    for place in 1..5 {
        assert_eq!(associate(&mut cloud, &vpc, &format!("192.168.{}.0/24", 128 + place)), None);
    }
    assert_eq!(associate(&mut cloud, &vpc, "192.168.200.0/24"), Some("CidrLimitExceeded"));
}

/// D21, D24 and their converse.
#[test]
fn an_enabled_vpc_takes_of_10_8_only_what_can_be_enabled() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    let enable = format!("Action=EnableVpcClassicLink&VpcId={vpc}");
    let secondary =
        cloud.get(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=10.4.0.0/16"), "associationId");
    assert_eq!(cloud.ask(&enable), Err("VpcCidrConflict"));
    cloud.ask(&format!("Action=DisassociateVpcCidrBlock&AssociationId={secondary}")).unwrap();
    cloud.ask(&enable).unwrap();
    assert_eq!(associate(&mut cloud, &vpc, "10.4.0.0/16"), Some("InvalidVpc.Range"));
    assert_eq!(associate(&mut cloud, &vpc, "10.1.0.0/16"), None);
}

#[test]
fn ipv6_is_for_vpcs_only() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let block = cloud
        .get(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true"), "ipv6CidrBlock");
    assert!(block.ends_with("::/56"), "{block}");
    assert!(cloud.routes(&cloud.main_table(&vpc)).contains(&format!("{block} local")));
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let own = block.replace("/56", "/64");
    let associate = |cidr: &str| format!("Action=AssociateSubnetCidrBlock&SubnetId={subnet}&Ipv6CidrBlock={cidr}");
    assert_eq!(cloud.ask(&associate("2001:db8::/64")), Err("InvalidSubnet.Range"));
    assert_eq!(cloud.ask(&associate(&block.replace("/56", "/62"))), Err("InvalidSubnet.Range"));
    let wide = cloud.get(&associate(&block.replace("/56", "/60")), "associationId");
    let other = cloud.subnet(&vpc, "192.168.2.0/24");
    let inside = format!("Action=AssociateSubnetCidrBlock&SubnetId={other}&Ipv6CidrBlock={own}");
    assert_eq!(cloud.ask(&inside), Err("InvalidSubnet.Conflict"), "the first one has it");
    cloud.ask(&format!("Action=DisassociateSubnetCidrBlock&AssociationId={wide}")).unwrap();
    cloud.ask(&associate(&own)).unwrap();
    cloud
        .ask(&format!("Action=ModifySubnetAttribute&SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=true"))
        .unwrap();
    cloud.instance(Some(&subnet));
    let body = cloud.ask("Action=DescribeNetworkInterfaces").unwrap();
    let (id, address) = (first(&body, "networkInterfaceId").unwrap(), first(&body, "ipv6Address").unwrap());
    let assign = |more: &str| format!("Action=AssignIpv6Addresses&NetworkInterfaceId={id}&{more}");
    assert_eq!(cloud.ask(&assign(&format!("Ipv6Addresses.1={address}"))), Err("InvalidParameterValue"));
    let both = format!("Ipv6Address.1.Ipv6Address={address}&Ipv6AddressCount=1");
    let interface =
        format!("Action=CreateNetworkInterface&SubnetId={subnet}&{both}").replace("Address.1", "Addresses.1");
    assert_eq!(cloud.ask(&interface), Err("InvalidParameterCombination"), "these addresses, or so many");
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=t3.nano&MinCount=1&MaxCount=1";
    assert_eq!(cloud.ask(&format!("{run}&SubnetId={subnet}&{both}")), Err("InvalidParameterCombination"));
    let second = cloud.ask(&assign("Ipv6AddressCount=1")).unwrap();
    assert!(second.contains("<assignedIpv6Addresses><item>2600:1f18:"), "{second}");
    cloud.ask(&format!("Action=UnassignIpv6Addresses&NetworkInterfaceId={id}&Ipv6Addresses.1={address}")).unwrap();
    // J2: a Classic instance has no interface that could be named.
    let classic = cloud.instance(None);
    let form = format!("Action=AssignIpv6Addresses&NetworkInterfaceId={classic}&Ipv6AddressCount=1");
    assert_eq!(cloud.ask(&form), Err("InvalidNetworkInterfaceId.Malformed"));

    let eigw = cloud.get(&format!("Action=CreateEgressOnlyInternetGateway&VpcId={vpc}"), "egressOnlyInternetGatewayId");
    let table = cloud.main_table(&vpc);
    let route = format!("Action=CreateRoute&RouteTableId={table}&DestinationIpv6CidrBlock=::/0");
    cloud.ask(&format!("{route}&EgressOnlyInternetGatewayId={eigw}")).unwrap();
    cloud.ask(&format!("Action=DeleteEgressOnlyInternetGateway&EgressOnlyInternetGatewayId={eigw}")).unwrap();
    assert!(cloud.routes(&table).contains(&format!("::/0 {eigw} blackhole")));
}

#[test]
fn a_vpc_has_up_to_five_ipv6_blocks_and_keeps_those_that_subnets_use() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let associate = format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true");
    let blocks: BTreeSet<String> = (0..5).map(|_| cloud.get(&associate, "ipv6CidrBlock")).collect();
    assert_eq!(blocks.len(), 5, "each has another");
    assert_eq!(cloud.ask(&associate), Err("CidrLimitExceeded"));
    assert!(blocks.iter().all(|block| cloud.routes(&cloud.main_table(&vpc)).contains(&format!("{block} local"))));
    let own = cloud.model.vpcs.get(&vpc).unwrap().ipv6.clone();
    let part = own[4].cidr.to_string().replace("/56", "/64");
    cloud.ask(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.1.0/24&Ipv6CidrBlock={part}")).unwrap();
    let leave = |block: usize| format!("Action=DisassociateVpcCidrBlock&AssociationId={}", own[block].association);
    assert_eq!(cloud.ask(&leave(4)), Err("DependencyViolation"));
    cloud.ask(&leave(0)).unwrap();
    assert_eq!(cloud.model.vpcs.get(&vpc).unwrap().ipv6, own[1..]);
}

#[test]
fn groups_of_a_vpc_with_ipv6_let_it_out_unless_they_were_closed() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let group = |cloud: &mut Cloud, name: &str| {
        cloud.get(&format!("Action=CreateSecurityGroup&VpcId={vpc}&GroupName={name}&GroupDescription=x"), "groupId")
    };
    let open = group(&mut cloud, "open");
    let closed = group(&mut cloud, "closed");
    let all = "IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0";
    cloud.ask(&format!("Action=RevokeSecurityGroupEgress&GroupId={closed}&{all}")).unwrap();
    cloud.ask(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true")).unwrap();
    let later = group(&mut cloud, "later");
    for (group, expected) in [(open, 1), (closed, 0), (later, 1)] {
        let ranges = cloud.all(&format!("Action=DescribeSecurityGroups&GroupId.1={group}"), "cidrIpv6");
        assert_eq!(ranges, vec!["::/0"; expected]);
    }
}

#[test]
fn an_instance_tells_the_ipv6_addresses_it_asked_for() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let whole = cloud
        .get(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true"), "ipv6CidrBlock");
    let part = whole.replace("/56", "/64");
    let subnet = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.1.0/24&Ipv6CidrBlock={part}");
    let subnet = cloud.get(&subnet, "subnetId");
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=t3.nano&MinCount=1&MaxCount=1&Ipv6AddressCount=1";
    let address = cloud.get(&format!("{run}&SubnetId={subnet}"), "ipv6Address");
    assert_eq!(cloud.get("Action=DescribeInstances", "ipv6Address"), address);
    assert_eq!(cloud.get("Action=DescribeNetworkInterfaces", "ipv6Address"), address);
}

#[test]
fn instances_have_the_ipv6_addresses_that_they_are_launched_with() {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=192.168.0.0/16&AmazonProvidedIpv6CidrBlock=true", "vpcId");
    let block = cloud.get(&format!("Action=DescribeVpcs&VpcId.1={vpc}"), "ipv6CidrBlock").replace("00::/56", "01::/64");
    let create = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.1.0/24&Ipv6CidrBlock={block}");
    let subnet = cloud.get(&create, "subnetId");
    let run = "Action=RunInstances&ImageId=ami-12345678&InstanceType=m3.medium&MinCount=1";
    let named = block.replace("::/64", "::77");
    for form in [
        format!("{run}&MaxCount=1&SubnetId={subnet}&Ipv6Address.1.Ipv6Address={named}"),
        format!(
            "{run}&MaxCount=1&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={subnet}\
             &NetworkInterface.1.Ipv6Addresses.1.Ipv6Address={}",
            block.replace("::/64", "::78")
        ),
    ] {
        let instance = cloud.get(&form, "instanceId");
        let address = form.rsplit('=').next().unwrap().to_owned();
        let described = format!("Action=DescribeInstances&InstanceId.1={instance}");
        assert_eq!(cloud.all(&described, "ipv6Address").last(), Some(&address));
        let of_interface = format!(
            "Action=DescribeNetworkInterfaces&Filter.1.Name=attachment.instance-id&Filter.1.Value.1={instance}"
        );
        assert_eq!(cloud.get(&of_interface, "ipv6Address"), address);
    }
    let taken = format!("{run}&MaxCount=1&SubnetId={subnet}&Ipv6Address.1.Ipv6Address={named}");
    assert_eq!(cloud.ask(&taken), Err("InvalidParameterValue"), "somebody has it");
    let several =
        format!("{run}&MaxCount=2&SubnetId={subnet}&Ipv6Address.1.Ipv6Address={}", block.replace("::/64", "::79"));
    assert_eq!(cloud.ask(&several), Err("InvalidParameterCombination"), "one address for many");
    let first = block.replace("::/64", "::4");
    let one = format!("{run}&MaxCount=1&SubnetId={subnet}&Ipv6Address.1.Ipv6Address={first}");
    assert_eq!(cloud.ask(&format!("{one}&Ipv6Address.2.Ipv6Address={first}")), Err("InvalidParameterValue"), "twice");
    cloud.ask(&one).unwrap();
    let next = format!("{run}&MaxCount=1&SubnetId={subnet}&Ipv6AddressCount=2");
    let instance = cloud.get(&next, "instanceId");
    let interface =
        format!("Action=DescribeNetworkInterfaces&Filter.1.Name=attachment.instance-id&Filter.1.Value.1={instance}");
    let told: BTreeSet<String> = cloud.all(&interface, "ipv6Address").into_iter().collect();
    assert!(told.len() == 2 && !told.contains(&first), "{told:?}: none is given twice");
}

#[test]
fn a_subnet_of_ipv6_only_is_kept_and_shown() {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=192.168.0.0/16&AmazonProvidedIpv6CidrBlock=true", "vpcId");
    let block = cloud.get(&format!("Action=DescribeVpcs&VpcId.1={vpc}"), "ipv6CidrBlock").replace("00::/56", "01::/64");
    let create = format!("Action=CreateSubnet&VpcId={vpc}&Ipv6Native=true");
    assert_eq!(cloud.ask(&create), Err("MissingParameter"));
    let create = format!("{create}&Ipv6CidrBlock={block}");
    assert_eq!(cloud.ask(&format!("{create}&CidrBlock=192.168.1.0/24")), Err("InvalidParameterCombination"));
    let subnet = cloud.get(&create, "subnetId");
    let refusal = cloud.refusal(&create);
    let words = format!("The IPv6 CIDR &apos;{block}&apos; conflicts with another subnet");
    assert_eq!(first(&refusal, "Message"), Some(words));
    cloud.subnet(&vpc, "192.168.1.0/24");
    let native = "Action=DescribeSubnets&Filter.1.Name=ipv6-native&Filter.1.Value.1=true";
    assert_eq!(cloud.all(native, "subnetId"), std::slice::from_ref(&subnet));
    let body = cloud.ask(native).unwrap();
    let told = ["ipv6Native", "assignIpv6AddressOnCreation", "ipv6CidrBlock", "availableIpAddressCount", "cidrBlock"];
    let told = told.map(|name| first(&body, name));
    assert_eq!(
        told,
        [Some("true"), Some("true"), Some(block.as_str()), Some("0"), None].map(|word| word.map(str::to_owned))
    );
    // Packets are IPv4 here: it has no network interfaces.
    let interface = format!("Action=CreateNetworkInterface&SubnetId={subnet}");
    assert_eq!(cloud.ask(&interface), Err("UnsupportedOperation"));
    let run = "Action=RunInstances&ImageId=ami-12345678&InstanceType=m3.medium&MinCount=1&MaxCount=1";
    assert_eq!(cloud.ask(&format!("{run}&SubnetId={subnet}")), Err("UnsupportedOperation"));
    let association = cloud.get(native, "associationId");
    let part = format!("Action=DisassociateSubnetCidrBlock&AssociationId={association}");
    assert_eq!(cloud.ask(&part), Err("DependencyViolation"), "it has no other block");
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
}

#[test]
fn a_full_vpc_is_told_before_the_block_is_looked_at() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.2.0.0/16");
    for block in ["10.3.0.0/16", "10.4.0.0/16", "10.5.0.0/16", "10.6.0.0/16"] {
        assert_eq!(associate(&mut cloud, &vpc, block), None);
    }
    assert_eq!(associate(&mut cloud, &vpc, "10.6.0.0/16"), Some("CidrLimitExceeded"));
}

#[test]
fn an_egress_only_gateway_that_is_not_there_is_not_shown() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.2.0.0/16");
    let id = cloud.get(&format!("Action=CreateEgressOnlyInternetGateway&VpcId={vpc}"), "egressOnlyInternetGatewayId");
    let describe = format!("Action=DescribeEgressOnlyInternetGateways&EgressOnlyInternetGatewayId.1={id}");
    assert_eq!(cloud.get(&describe, "egressOnlyInternetGatewayId"), id);
    cloud.ask(&format!("Action=DeleteEgressOnlyInternetGateway&EgressOnlyInternetGatewayId={id}")).unwrap();
    assert_eq!(cloud.all(&describe, "egressOnlyInternetGatewayId"), [""; 0]);
}
