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
        ("CreateRoute", "0.0.0.0/0", "&TransitGatewayId=tgw-1", Err("UnsupportedOperation")),
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
    assert_eq!(cloud.ask(&delete("10.0.0.0/8")), Err("InvalidParameterValue"));
}
