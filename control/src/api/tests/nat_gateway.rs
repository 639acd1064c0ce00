use super::*;

#[test]
fn a_private_nat_gateway_has_an_address_of_its_subnet_and_no_other() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let create = format!("Action=CreateNatGateway&SubnetId={subnet}&ConnectivityType=private");
    assert_eq!(cloud.ask(&format!("{create}&AllocationId=eipalloc-12345678")), Err("InvalidParameterCombination"));
    assert_eq!(cloud.ask(&format!("Action=CreateNatGateway&SubnetId={subnet}")), Err("MissingParameter"));
    assert_eq!(cloud.ask(&format!("{create}&PrivateIpAddress=192.168.2.9")), Err("InvalidParameterValue"));
    let nat = cloud.get(&format!("{create}&PrivateIpAddress=192.168.1.9"), "natGatewayId");
    let shown = cloud.ask(&format!("Action=DescribeNatGateways&NatGatewayId.1={nat}")).unwrap();
    assert_eq!(first(&shown, "state").as_deref(), Some("available"));
    assert_eq!(first(&shown, "connectivityType").as_deref(), Some("private"));
    assert_eq!(first(&shown, "privateIp").as_deref(), Some("192.168.1.9"));
    assert_eq!((first(&shown, "publicIp"), first(&shown, "allocationId")), (None, None));
    cloud.ask(&format!("Action=DeleteNatGateway&NatGatewayId={nat}")).unwrap();
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
}

#[test]
fn a_nat_gateway_holds_its_address_until_it_is_deleted() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let allocation = cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    let create = format!("Action=CreateNatGateway&SubnetId={subnet}&AllocationId={allocation}");
    let failed = cloud.get(&create, "natGatewayId");
    let described = |id: &str| format!("Action=DescribeNatGateways&NatGatewayId.1={id}");
    assert_eq!(cloud.get(&described(&failed), "failureCode"), "Gateway.NotAttached");
    cloud.gateway(&vpc);
    let body = cloud.ask(&create).unwrap();
    assert_eq!(first(&body, "state").as_deref(), Some("pending"));
    let nat = first(&body, "natGatewayId").unwrap();
    let shown = cloud.ask(&described(&nat)).unwrap();
    assert_eq!(first(&shown, "state").as_deref(), Some("available"));
    assert!(first(&shown, "privateIp").is_some_and(|own| own.starts_with("192.168.1.")));
    let association = first(&shown, "associationId").unwrap();
    let other = cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    let interface = first(&shown, "networkInterfaceId").unwrap();
    let form = format!("NetworkInterfaceId={interface}&AllocationId={other}&AllowReassociation=true");
    assert_eq!(cloud.ask(&format!("Action=AssociateAddress&{form}")), Err("AuthFailure"));
    let again = cloud.get(&create, "natGatewayId");
    assert_eq!(cloud.get(&described(&again), "failureCode"), "Resource.AlreadyAssociated");

    let table = cloud.main_table(&vpc);
    let route = format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&NatGatewayId");
    assert_eq!(cloud.ask(&format!("{route}={failed}")), Err("NatGatewayNotFound"));
    cloud.ask(&format!("{route}={nat}")).unwrap();
    assert_eq!(cloud.ask(&format!("Action=DisassociateAddress&AssociationId={association}")), Err("AuthFailure"));
    assert_eq!(cloud.ask(&format!("Action=ReleaseAddress&AllocationId={allocation}")), Err("InvalidIPAddress.InUse"));
    assert_eq!(cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")), Err("DependencyViolation"));

    cloud.ask(&format!("Action=DeleteNatGateway&NatGatewayId={nat}")).unwrap();
    assert_eq!(cloud.get(&described(&nat), "state"), "deleted");
    assert_eq!(cloud.routes(&table)[1], format!("0.0.0.0/0 {nat} blackhole"));
    cloud.ask(&format!("Action=ReleaseAddress&AllocationId={allocation}")).unwrap();
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
    cloud.now = cloud.now.after(std::time::Duration::from_secs(3600));
    assert_eq!(cloud.ask(&described(&nat)), Err("NatGatewayNotFound"));
}

#[test]
fn a_public_nat_gateway_has_secondary_elastic_addresses() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    cloud.gateway(&vpc);
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let [first_one, second, third] = [(); 3].map(|()| cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId"));
    let create = format!(
        "Action=CreateNatGateway&SubnetId={subnet}&AllocationId={first_one}&SecondaryAllocationId.1={second}\
         &SecondaryPrivateIpAddress.1=192.168.1.77"
    );
    let nat = cloud.get(&create, "natGatewayId");
    let described = format!("Action=DescribeNatGateways&NatGatewayId.1={nat}");
    assert_eq!(cloud.all(&described, "allocationId"), [first_one.clone(), second.clone()]);
    assert_eq!(cloud.all(&described, "isPrimary"), ["true", "false"]);
    assert_eq!(cloud.all(&described, "privateIp")[1], "192.168.1.77");
    let associate = format!("Action=AssociateNatGatewayAddress&NatGatewayId={nat}&AllocationId.1");
    let told = cloud.ask(&format!("{associate}={third}")).unwrap();
    assert_eq!(first(&told, "status").as_deref(), Some("associating"));
    assert_eq!(cloud.ask(&format!("{associate}={third}")), Err("Resource.AlreadyAssociated"));
    assert_eq!(
        cloud.ask(&format!("{associate}={third}&PrivateIpAddress.1=192.168.1.8&PrivateIpAddress.2=192.168.1.9")),
        Err("InvalidParameterCombination")
    );
    let fourth = cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    assert_eq!(
        cloud.ask(&format!("{associate}={fourth}&PrivateIpAddress.1=192.168.1.77")),
        Err("InvalidIPAddress.InUse"),
        "it goes with another Elastic IP address"
    );
    assert_eq!(
        cloud.ask(&format!(
            "Action=CreateNatGateway&SubnetId={subnet}&AllocationId={fourth}&SecondaryPrivateIpAddressCount=1"
        )),
        Err("InvalidParameterCombination")
    );
    let association = first(&told, "associationId").unwrap();
    let disassociate = format!("Action=DisassociateNatGatewayAddress&NatGatewayId={nat}&AssociationId.1");
    let primary = cloud.get(&described, "associationId");
    assert_eq!(cloud.ask(&format!("{disassociate}={primary}")), Err("InvalidParameterValue"), "the primary one stays");
    assert_eq!(cloud.get(&format!("{disassociate}={association}"), "status"), "disassociating");
    cloud.ask(&format!("Action=ReleaseAddress&AllocationId={third}")).unwrap();
    let assign = format!("Action=AssignPrivateNatGatewayAddress&NatGatewayId={nat}&PrivateIpAddressCount=1");
    assert_eq!(cloud.ask(&assign), Err("InvalidParameter"), "it is a public one");
    cloud.ask(&format!("Action=DeleteNatGateway&NatGatewayId={nat}")).unwrap();
    cloud.ask(&format!("Action=ReleaseAddress&AllocationId={second}")).unwrap();
}

#[test]
fn a_private_nat_gateway_has_secondary_private_addresses() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let create = format!("Action=CreateNatGateway&SubnetId={subnet}&ConnectivityType=private");
    let nat = cloud.get(&format!("{create}&SecondaryPrivateIpAddressCount=2"), "natGatewayId");
    let described = format!("Action=DescribeNatGateways&NatGatewayId.1={nat}");
    assert_eq!(cloud.all(&described, "privateIp").len(), 3);
    let assign = format!("Action=AssignPrivateNatGatewayAddress&NatGatewayId={nat}");
    assert_eq!(cloud.ask(&assign), Err("MissingParameter"));
    assert_eq!(cloud.get(&format!("{assign}&PrivateIpAddress.1=192.168.1.200"), "privateIp"), "192.168.1.200");
    assert_eq!(cloud.ask(&format!("{assign}&PrivateIpAddressCount=31")), Err("PrivateIpAddressLimitExceeded"));
    let unassign =
        format!("Action=UnassignPrivateNatGatewayAddress&NatGatewayId={nat}&PrivateIpAddress.1=192.168.1.200");
    assert_eq!(cloud.get(&unassign, "status"), "unassigning");
    assert_eq!(cloud.all(&described, "privateIp").len(), 3);
}

#[test]
fn ipv6_destinations_may_lead_to_a_nat_gateway() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let table = cloud.main_table(&vpc);
    let create = format!("Action=CreateNatGateway&SubnetId={subnet}&ConnectivityType=private");
    let nat = cloud.get(&create, "natGatewayId");
    let route = "DestinationIpv6CidrBlock=64:ff9b::/96";
    cloud.ask(&format!("Action=CreateRoute&RouteTableId={table}&{route}&NatGatewayId={nat}")).unwrap();
    let shown = cloud.ask(&format!("Action=DescribeRouteTables&RouteTableId.1={table}")).unwrap();
    assert_eq!(texts(&shown, "destinationIpv6CidrBlock"), ["64:ff9b::/96"]);
    assert_eq!(texts(&shown, "natGatewayId"), [nat]);
}
