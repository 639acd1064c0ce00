use super::*;

#[test]
fn automatic_addresses_are_not_taken_from_reserved_blocks() {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId");
    let subnet = cloud.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.0.0/28"), "subnetId");
    let create = format!("Action=CreateSubnetCidrReservation&SubnetId={subnet}&ReservationType");
    let id = cloud.get(&format!("{create}=explicit&Cidr=10.0.0.8/29&Description=servers"), "subnetCidrReservationId");
    for (cidr, kind) in [("10.0.0.12/30", "prefix"), ("10.0.1.0/30", "prefix"), ("10.0.0.0/30", "often")] {
        assert_eq!(cloud.ask(&format!("{create}={kind}&Cidr={cidr}")), Err("InvalidParameterValue"), "{cidr} {kind}");
    }
    // Four addresses are left: of 16, eight are reserved and four are AWS's, the last of these in the block.
    let interface = format!("Action=CreateNetworkInterface&SubnetId={subnet}");
    for _ in 0..4 {
        let address = cloud.get(&interface, "privateIpAddress");
        assert!(["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"].contains(&address.as_str()), "{address}");
    }
    assert_eq!(cloud.ask(&interface), Err("InsufficientFreeAddressesInSubnet"));
    cloud.ask(&format!("{interface}&PrivateIpAddress=10.0.0.9")).unwrap();

    let get = format!("Action=GetSubnetCidrReservations&SubnetId={subnet}");
    assert_eq!(cloud.all(&get, "cidr"), ["10.0.0.8/29"]);
    let delete = format!("Action=DeleteSubnetCidrReservation&SubnetCidrReservationId={id}");
    assert_eq!(cloud.get(&delete, "description"), "servers");
    assert!(cloud.all(&get, "cidr").is_empty());
    cloud.ask(&interface).unwrap();
}

#[test]
fn automatic_prefixes_come_from_blocks_reserved_for_them_and_from_no_others() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let reserve = format!("Action=CreateSubnetCidrReservation&SubnetId={subnet}&ReservationType");
    for wish in ["prefix&Cidr=192.168.1.32/28", "explicit&Cidr=192.168.1.128/25", "explicit&Cidr=192.168.1.120/30"] {
        cloud.ask(&format!("{reserve}={wish}")).unwrap();
    }
    let create = format!("Action=CreateNetworkInterface&SubnetId={subnet}");
    let given = cloud.all(&format!("{create}&PrivateIpAddress=192.168.1.10&Ipv4PrefixCount=2"), "ipv4Prefix");
    assert_eq!(given, ["192.168.1.32/28", "192.168.1.96/28"]);
    let other = cloud.get(&format!("{create}&PrivateIpAddress=192.168.1.11"), "networkInterfaceId");
    let assign = format!("Action=AssignPrivateIpAddresses&NetworkInterfaceId={other}&Ipv4Prefix.1=192.168.1.128/28");
    assert_eq!(cloud.all(&assign, "ipv4Prefix"), ["192.168.1.128/28"]);
}
