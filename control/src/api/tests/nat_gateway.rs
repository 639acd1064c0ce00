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
