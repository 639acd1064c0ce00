//! Files whose parts cannot all be true of one network.

use super::*;

#[test]
fn what_cannot_be_true_beside_the_rest_is_said() {
    let subnet = |id: &str, block: &str| {
        json!({"SubnetId": id, "VpcId": "vpc-1a2b3c4d", "OwnerId": "123456789012",
        "CidrBlock": block, "AvailabilityZone": "eu-west-1b"})
    };
    let interface = |id: &str, address: &str| {
        json!({"NetworkInterfaceId": id, "SubnetId": "subnet-1a2b3c4d", "VpcId": "vpc-1a2b3c4d", "PrivateIpAddress": address,
            "Groups": [{"GroupId": "sg-903004f8"}]})
    };
    let table = |id: &str| {
        json!({"RouteTableId": id, "VpcId": "vpc-1a2b3c4d", "Routes": [],
        "Associations": [{"RouteTableAssociationId": "rtbassoc-1a2b3c4d", "Main": true}]})
    };
    let entry = |number: i32| {
        json!({"RuleNumber": number, "Protocol": "-1", "RuleAction": "allow", "Egress": false,
        "CidrBlock": "0.0.0.0/0"})
    };
    let mut files = account();
    files.extend([
        (
            "x/subnets2.json",
            json!({"Subnets": [subnet("subnet-1a2b3c4d", "10.0.1.0/24"), subnet("subnet-2a2b3c4d", "10.0.1.128/25"),
            subnet("subnet-3a2b3c4d", "192.168.1.0/24")]}),
        ),
        (
            "x/interfaces.json",
            json!({"NetworkInterfaces": [interface("eni-2a2b3c4d", "10.0.1.9"), interface("eni-3a2b3c4d", "10.0.1.9"),
            interface("eni-4a2b3c4d", "9.9.9.9")]}),
        ),
        ("x/tables.json", json!({"RouteTables": [table("rtb-1a2b3c4d"), table("rtb-2a2b3c4d")]})),
        (
            "x/acls.json",
            json!({"NetworkAcls": [{"NetworkAclId": "acl-1a2b3c4d", "VpcId": "vpc-1a2b3c4d",
            "Entries": [entry(100), entry(-5)],
            "Associations": [{"NetworkAclAssociationId": "aclassoc-1a2b3c4d", "SubnetId": "subnet-9a2b3c4d"}]}]}),
        ),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(
        told.left_out,
        [
            "acl-1a2b3c4d: its rule -5 is not understood",
            "acl-1a2b3c4d: subnet-9a2b3c4d, which uses it, is not in the files",
            "eni-3a2b3c4d: it has no IPv4 address",
            "eni-3a2b3c4d: its address 10.0.1.9, which is another's or not in its subnet",
            "eni-4a2b3c4d: it has no IPv4 address",
            "eni-4a2b3c4d: its address 9.9.9.9, which is another's or not in its subnet",
            "rtb-2a2b3c4d: it is not the main one of vpc-1a2b3c4d, which has another",
            "subnet-2a2b3c4d: its block 10.0.1.128/25 overlaps that of subnet-1a2b3c4d",
            "subnet-3a2b3c4d: its block 192.168.1.0/24 is not in its VPC's",
        ]
    );
    assert_eq!((model.subnets.len(), model.network_interfaces.len(), model.route_tables.len()), (1, 2, 2));
}
