//! NAT gateways with several addresses.

use super::services::exported_alike;
use super::*;

fn files(interface: &str) -> Vec<(&'static str, serde_json::Value)> {
    let address = |private: &str, primary: bool, number: u8| {
        json!({"AllocationId": format!("eipalloc-{number}a2b3c4d"), "NetworkInterfaceId": interface, "PrivateIp": private,
            "PublicIp": format!("52.95.110.{number}"), "AssociationId": format!("eipassoc-{number}a2b3c4d"), "IsPrimary": primary})
    };
    let own = |private: &str, primary: bool, number: u8| {
        json!({"PrivateIpAddress": private, "Primary": primary, "Association": {"PublicIp": format!("52.95.110.{number}"),
            "AllocationId": format!("eipalloc-{number}a2b3c4d"), "AssociationId": format!("eipassoc-{number}a2b3c4d")}})
    };
    let elastic = |number: u8| json!({"PublicIp": format!("52.95.110.{number}"), "AllocationId": format!("eipalloc-{number}a2b3c4d"), "Domain": "vpc"});
    let mut files = account();
    files.extend([
        ("x/addresses.json", json!({"Addresses": [elastic(1), elastic(5)]})),
        (
            "x/interfaces.json",
            json!({"NetworkInterfaces": [{"NetworkInterfaceId": "eni-5a2b3c4d", "SubnetId": "subnet-1a2b3c4d",
            "VpcId": "vpc-1a2b3c4d", "OwnerId": "123456789012", "PrivateIpAddress": "10.0.1.9", "Groups": [],
            "PrivateIpAddresses": [own("10.0.1.9", true, 1), own("10.0.1.10", false, 5)]}]}),
        ),
        (
            "x/nat.json",
            json!({"NatGateways": [{"NatGatewayId": "nat-1a2b3c4d", "State": "available", "VpcId": "vpc-1a2b3c4d",
            "SubnetId": "subnet-1a2b3c4d", "NatGatewayAddresses": [address("10.0.1.10", false, 5), address("10.0.1.9", true, 1)]}]}),
        ),
    ]);
    files
}

#[test]
fn a_nat_gateway_translates_to_its_primary_address_and_keeps_the_others() {
    let (model, told) = imported(&files("eni-5a2b3c4d"));
    assert_eq!(told.left_out, Vec::<String>::new());
    let gateway = model.nat_gateways.get("nat-1a2b3c4d").unwrap();
    assert_eq!(
        (gateway.public.to_string(), gateway.allocation.as_deref()),
        ("52.95.110.1".into(), Some("eipalloc-1a2b3c4d"))
    );
    exported_alike(&model);
}

#[test]
fn its_other_addresses_are_left_out_without_its_network_interface() {
    let (_, told) = imported(&files("eni-9a2b3c4d"));
    let wanted = "nat-1a2b3c4d: its second and further addresses: its network interface is not in the files";
    assert!(told.left_out.iter().any(|line| line == wanted), "{:?}", told.left_out);
}
