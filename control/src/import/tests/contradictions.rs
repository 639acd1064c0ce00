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

#[test]
fn what_refers_to_something_missing_or_is_anothers_is_said() {
    let association = |id: &str| json!({"RouteTableAssociationId": id, "SubnetId": "subnet-1a2b3c4d"});
    let table = |id: &str, association: serde_json::Value| {
        json!({"RouteTableId": id, "VpcId": "vpc-1a2b3c4d", "Associations": [association], "Routes": [],
            "PropagatingVgws": [{"GatewayId": "vgw-9a2b3c4d"}]})
    };
    let entry =
        json!({"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0"});
    let acl = |id: &str, association: &str| {
        json!({"NetworkAclId": id, "VpcId": "vpc-1a2b3c4d", "Entries": [entry, entry],
            "Associations": [{"NetworkAclAssociationId": association, "SubnetId": "subnet-1a2b3c4d"}]})
    };
    let address = |id: &str, last: u8| {
        json!({"AllocationId": id, "PublicIp": format!("198.51.100.{last}"), "Domain": "vpc",
            "NetworkInterfaceId": "eni-9a2b3c4d", "AssociationId": "eipassoc-1a2b3c4d"})
    };
    let mut files = account();
    files[0].1["Vpcs"][0]["DhcpOptionsId"] = json!("dopt-9a2b3c4d");
    files.extend([
        (
            "x/tables.json",
            json!({"RouteTables": [table("rtb-1a2b3c4d", association("rtbassoc-1a2b3c4d")),
                table("rtb-2a2b3c4d", association("rtbassoc-2a2b3c4d"))]}),
        ),
        (
            "x/acls.json",
            json!({"NetworkAcls": [acl("acl-1a2b3c4d", "aclassoc-1a2b3c4d"), acl("acl-2a2b3c4d", "aclassoc-2a2b3c4d")]}),
        ),
        ("x/addresses.json", json!({"Addresses": [address("eipalloc-1a2b3c4d", 7), address("eipalloc-2a2b3c4d", 7)]})),
        (
            "x/volumes.json",
            json!({"Volumes": [{"VolumeId": "vol-1a2b3c4d", "Size": 8, "AvailabilityZone": "eu-west-1b",
                "Attachments": [{"InstanceId": "i-9a2b3c4d", "Device": "/dev/sdb"}]}]}),
        ),
    ]);
    let (model, told) = imported(&files);
    let wanted = [
        "198.51.100.7: its network interface eni-9a2b3c4d is not in the files",
        "acl-1a2b3c4d: its second rule 100",
        "acl-2a2b3c4d: its second rule 100",
        "acl-2a2b3c4d: subnet-1a2b3c4d, which uses it, uses acl-1a2b3c4d",
        "eipalloc-2a2b3c4d: its address 198.51.100.7 is that of eipalloc-1a2b3c4d",
        "rtb-1a2b3c4d: vgw-9a2b3c4d, which propagates routes to it, is not in the files",
        "rtb-2a2b3c4d: subnet-1a2b3c4d, which uses it, uses rtb-1a2b3c4d",
        "rtb-2a2b3c4d: vgw-9a2b3c4d, which propagates routes to it, is not in the files",
        "vol-1a2b3c4d: its instance i-9a2b3c4d is not in the files",
        "vpc-1a2b3c4d: its DHCP options set dopt-9a2b3c4d is not in the files",
    ];
    assert_eq!(told.left_out, wanted);
    assert_eq!((model.elastic_addresses.len(), model.network_acls.len(), model.route_tables.len()), (1, 2, 2));
}

#[test]
fn of_two_descriptions_the_last_one_counts_and_the_other_is_said_to_be_left_out() {
    let mut files = account();
    let mut later = files[2].1.clone();
    later["SecurityGroups"][0]["IpPermissions"] = json!([]);
    files.push(("x/groups2.json", later));
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, ["sg-903004f8: a description that is not its last one"]);
    assert_eq!(model.security_groups.get("sg-903004f8").unwrap().rules.len(), 0);
}

#[test]
fn more_than_an_account_has_is_refused_before_anything_is_imported() {
    let volumes: Vec<_> =
        (0..=MOST).map(|number| json!({"VolumeId": format!("vol-{number:08x}"), "Size": 1})).collect();
    let export = Export::of(&files(&[("volumes.json", json!({"Volumes": volumes}))])).unwrap();
    let mut model = Model::new(1);
    let told = import(&mut model, export, NOW).unwrap_err().to_string();
    assert!(told.starts_with("the files describe 250001 resources, and an import takes 250000"), "{told}");
    assert!(model.volumes.is_empty());
}
