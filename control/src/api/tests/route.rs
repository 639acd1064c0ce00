use super::*;

#[test]
fn an_internet_gateway_serves_one_vpc_and_its_routes_die_with_it() {
    let mut cloud = Cloud::new();
    let (a, b) = (cloud.vpc("192.168.0.0/16"), cloud.vpc("192.168.0.0/16"));
    let igw = cloud.get("Action=CreateInternetGateway", "internetGatewayId");
    let table = cloud.main_table(&a);
    let route = format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&GatewayId={igw}");
    assert_eq!(cloud.ask(&route), Err("InvalidParameterValue"), "not attached");
    let attach = |vpc: &str| format!("Action=AttachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}");
    cloud.ask(&attach(&a)).unwrap();
    assert_eq!(cloud.ask(&attach(&b)), Err("Resource.AlreadyAssociated"));
    cloud.ask(&route).unwrap();
    cloud.ask(&route).unwrap();
    assert_eq!(cloud.routes(&table), ["192.168.0.0/16 local".to_owned(), format!("0.0.0.0/0 {igw}")]);
    assert_eq!(cloud.ask(&format!("Action=DeleteInternetGateway&InternetGatewayId={igw}")), Err("DependencyViolation"));
    assert_eq!(cloud.ask(&format!("Action=DeleteVpc&VpcId={a}")), Err("DependencyViolation"));
    let found = format!("Action=DescribeInternetGateways&Filter.1.Name=attachment.vpc-id&Filter.1.Value.1={a}");
    assert_eq!(cloud.get(&found, "state"), "available");
    let detach = |vpc: &str| format!("Action=DetachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}");
    assert_eq!(cloud.ask(&detach(&b)), Err("Gateway.NotAttached"));
    cloud.ask(&detach(&a)).unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("0.0.0.0/0 {igw} blackhole"));
    cloud.ask(&format!("Action=DeleteInternetGateway&InternetGatewayId={igw}")).unwrap();
    let states = "Action=DescribeRouteTables&Filter.1.Name=route.state&Filter.1.Value.1=blackhole";
    assert_eq!(cloud.all(states, "routeTableId")[0], table);
}

#[test]
fn users_add_replace_and_delete_routes_but_not_local_ones() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let table = cloud.main_table(&vpc);
    let igw = cloud.gateway(&vpc);
    let eigw = format!("Action=CreateEgressOnlyInternetGateway&VpcId={vpc}");
    let eigw = cloud.get(&eigw, "egressOnlyInternetGatewayId");
    let ask = |cloud: &mut Cloud, action: &str, cidr: &str, target: &str| {
        let answer = cloud.ask(&format!("Action={action}&RouteTableId={table}&DestinationCidrBlock={cidr}{target}"));
        answer.map(|_| ())
    };
    let target = format!("&GatewayId={igw}");
    for (action, cidr, target, answer) in [
        ("CreateRoute", "192.168.7.0/24", target.as_str(), Err("InvalidParameterValue")),
        ("CreateRoute", "192.168.0.0/16", &target, Err("RouteAlreadyExists")),
        ("CreateRoute", "0.0.0.0/0", "", Err("MissingParameter")),
        ("CreateRoute", "0.0.0.0/0", "&GatewayId=local", Err("InvalidInternetGatewayId.Malformed")),
        ("CreateRoute", "0.0.0.0/0", "&LocalGatewayId=lgw-12345678", Err("UnsupportedOperation")),
        ("CreateRoute", "0.0.0.0/99", &target, Err("InvalidParameterValue")),
        ("ReplaceRoute", "8.0.0.0/8", &target, Err("InvalidParameterValue")),
        ("DeleteRoute", "8.0.0.0/8", "", Err("InvalidRoute.NotFound")),
        ("DeleteRoute", "192.168.0.0/16", "", Err("InvalidParameterValue")),
        ("CreateRoute", "8.0.0.0/8", &format!("&EgressOnlyInternetGatewayId={eigw}"), Err("InvalidParameterValue")),
        ("CreateRoute", "8.0.0.1/8", &target, Ok(())),
        ("ReplaceRoute", "8.0.0.0/8", &target, Ok(())),
        ("DeleteRoute", "8.0.0.0/8", "", Ok(())),
    ] {
        assert_eq!(ask(&mut cloud, action, cidr, target), answer, "{action} {cidr} {target}");
    }
    assert_eq!(cloud.routes(&table), ["192.168.0.0/16 local"]);
}

#[test]
fn classic_link_keeps_its_range_to_itself() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let table = cloud.main_table(&vpc);
    let igw = cloud.gateway(&vpc);
    let create =
        |cidr: &str| format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock={cidr}&GatewayId={igw}");
    let delete = |cidr: &str| format!("Action=DeleteRoute&RouteTableId={table}&DestinationCidrBlock={cidr}");
    // Wider than 10.0.0.0/8 is no conflict, inside it is.
    cloud.ask(&create("8.0.0.0/5")).unwrap();
    cloud.ask(&create("10.9.0.0/16")).unwrap();
    let enable = format!("Action=EnableVpcClassicLink&VpcId={vpc}");
    assert_eq!(cloud.ask(&enable), Err("VpcCidrConflict"));
    cloud.ask(&delete("10.9.0.0/16")).unwrap();
    cloud.ask(&enable).unwrap();
    assert_eq!(cloud.ask(&create("10.9.0.0/16")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&create("10.0.0.0/8")), Err("RouteAlreadyExists"));
    let why = cloud.refusal(&create("10.0.0.0/8"));
    assert!(why.contains("<Message>The route identified by 10.0.0.0/8 already exists. "), "{why}");
    assert_eq!(cloud.ask(&delete("10.0.0.0/8")), Err("InvalidParameterValue"));
}

/// A VPC with two subnets, and an interface in the first to lead packets to.
fn middlebox() -> (Cloud, String, String) {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    cloud.subnet(&vpc, "192.168.2.0/24");
    let interface = cloud.get(&format!("Action=CreateNetworkInterface&SubnetId={subnet}"), "networkInterfaceId");
    (cloud, vpc, interface)
}

#[test]
fn a_whole_subnet_can_be_led_to_an_interface() {
    let (mut cloud, vpc, interface) = middlebox();
    let (table, igw) = (cloud.main_table(&vpc), cloud.gateway(&vpc));
    let to = format!("NetworkInterfaceId={interface}");
    let route = |action: &str, cidr: &str, target: &str| {
        format!("Action={action}Route&RouteTableId={table}&DestinationCidrBlock={cidr}&{target}")
    };
    assert_eq!(cloud.ask(&route("Create", "192.168.2.0/25", &to)), Err("InvalidParameterValue"));
    assert_eq!(
        cloud.ask(&route("Create", "192.168.2.0/24", &format!("GatewayId={igw}"))),
        Err("InvalidParameterValue")
    );
    cloud.ask(&route("Create", "192.168.2.0/24", &to)).unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("192.168.2.0/24 {interface} blackhole"));
    let restore = route("Replace", "192.168.2.0/24", "LocalTarget=true");
    assert_eq!(cloud.ask(&restore), Err("InvalidParameterValue"), "no local route");
    cloud.ask(&format!("Action=DeleteRoute&RouteTableId={table}&DestinationCidrBlock=192.168.2.0/24")).unwrap();
}

#[test]
fn a_local_route_can_be_led_elsewhere_and_back() {
    let (mut cloud, vpc, interface) = middlebox();
    let (table, igw) = (cloud.main_table(&vpc), cloud.gateway(&vpc));
    let replace = |cidr: &str, target: &str| {
        format!("Action=ReplaceRoute&RouteTableId={table}&DestinationCidrBlock={cidr}&{target}")
    };
    let local = "192.168.0.0/16";
    assert_eq!(cloud.ask(&replace(local, &format!("GatewayId={igw}"))), Err("InvalidParameterValue"));
    cloud.ask(&replace(local, &format!("NetworkInterfaceId={interface}"))).unwrap();
    assert_eq!(cloud.routes(&table), [format!("192.168.0.0/16 {interface} blackhole")]);
    let delete = format!("Action=DeleteRoute&RouteTableId={table}&DestinationCidrBlock={local}");
    assert_eq!(cloud.ask(&delete), Err("InvalidParameterValue"));
    cloud.ask(&replace(local, "LocalTarget=true")).unwrap();
    assert_eq!(cloud.routes(&table), ["192.168.0.0/16 local"]);

    let enable = |verb: &str| format!("Action={verb}VpcClassicLink&VpcId={vpc}");
    cloud.ask(&enable("Enable")).unwrap();
    assert_eq!(
        cloud.ask(&replace("10.0.0.0/8", &format!("NetworkInterfaceId={interface}"))),
        Err("InvalidParameterValue")
    );
}

/// ClassicLink's range is looked at as a whole: what a VPC in it leads elsewhere stands in the way, before and after.
#[test]
fn what_is_led_elsewhere_and_classic_link_exclude_each_other() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    let subnet = cloud.subnet(&vpc, "10.0.1.0/24");
    let interface = cloud.get(&format!("Action=CreateNetworkInterface&SubnetId={subnet}"), "networkInterfaceId");
    let table = cloud.main_table(&vpc);
    let route = |action: &str, cidr: &str, target: &str| {
        format!("Action={action}Route&RouteTableId={table}&DestinationCidrBlock={cidr}{target}")
    };
    let to = format!("&NetworkInterfaceId={interface}");
    let ways = [
        (route("Create", "10.0.1.0/24", &to), route("Delete", "10.0.1.0/24", "")),
        (route("Replace", "10.0.0.0/16", &to), route("Replace", "10.0.0.0/16", "&LocalTarget=true")),
    ];
    for (there, back) in ways {
        cloud.ask(&there).unwrap();
        assert_eq!(cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={vpc}")), Err("VpcCidrConflict"), "{there}");
        cloud.ask(&back).unwrap();
        cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={vpc}")).unwrap();
        assert_eq!(cloud.ask(&there), Err("InvalidParameterValue"), "{there}");
        cloud.ask(&format!("Action=DisableVpcClassicLink&VpcId={vpc}")).unwrap();
    }
}

#[test]
fn a_gateway_has_a_table_of_its_own() {
    let (mut cloud, vpc, interface) = middlebox();
    let igw = cloud.gateway(&vpc);
    let vgw = cloud.get("Action=CreateVpnGateway&Type=ipsec.1", "vpnGatewayId");
    let new_table = format!("Action=CreateRouteTable&VpcId={vpc}");
    let (table, other) = (cloud.get(&new_table, "routeTableId"), cloud.get(&new_table, "routeTableId"));
    let associate = |table: &str, user: &str| format!("Action=AssociateRouteTable&RouteTableId={table}&{user}");
    assert_eq!(cloud.ask(&associate(&table, "")), Err("MissingParameter"));
    assert_eq!(cloud.ask(&associate(&table, &format!("GatewayId={vgw}"))), Err("Gateway.NotAttached"));
    assert_eq!(cloud.ask(&associate(&table, "GatewayId=tea")), Err("InvalidInternetGatewayId.Malformed"));
    let association = cloud.get(&associate(&table, &format!("GatewayId={igw}")), "associationId");
    assert_eq!(cloud.ask(&associate(&other, &format!("GatewayId={igw}"))), Err("Resource.AlreadyAssociated"));
    let found = format!("Action=DescribeRouteTables&Filter.1.Name=association.gateway-id&Filter.1.Value.1={igw}");
    let body = cloud.ask(&found).unwrap();
    assert_eq!(first(&body, "routeTableId").as_deref(), Some(table.as_str()));
    assert_eq!(first(&body, "gatewayId").as_deref(), Some(igw.as_str()));
    assert_eq!(first(&body, "main").as_deref(), Some("false"));

    let route = |table: &str, cidr: &str, target: &str| {
        format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock={cidr}&{target}")
    };
    let to = format!("NetworkInterfaceId={interface}");
    assert_eq!(cloud.ask(&route(&table, "0.0.0.0/0", &to)), Err("InvalidParameterValue"));
    cloud.ask(&route(&table, "192.168.2.0/24", &to)).unwrap();
    cloud.ask(&route(&other, "0.0.0.0/0", &to)).unwrap();
    let replace = format!("Action=ReplaceRouteTableAssociation&AssociationId={association}&RouteTableId={other}");
    assert_eq!(cloud.ask(&replace), Err("InvalidParameterValue"), "the other one leads out of the VPC");
    let delete = format!("Action=DeleteRouteTable&RouteTableId={table}");
    assert_eq!(cloud.ask(&delete), Err("DependencyViolation"));
    cloud.ask(&format!("Action=DisassociateRouteTable&AssociationId={association}")).unwrap();
    // A gateway is told of for a while, and takes its place again.
    let states = format!("Action=DescribeRouteTables&RouteTableId.1={table}");
    assert_eq!(cloud.all(&states, "associationState"), ["<state>disassociated</state>"]);
    cloud.ask(&associate(&table, &format!("GatewayId={igw}"))).unwrap();
    assert_eq!(cloud.all(&states, "associationState"), ["<state>associated</state>"]);
    cloud.ask(&format!("Action=DetachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}")).unwrap();
    cloud.ask(&delete).unwrap();
}
