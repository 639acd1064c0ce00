use super::*;
use serde_json::json;
use std::path::PathBuf;

const NOW: Time = Time(1_420_632_000_000);

fn files(contents: &[(&str, serde_json::Value)]) -> Vec<File> {
    contents.iter().map(|(path, content)| File { path: path.into(), content: content.clone() }).collect()
}

fn imported(contents: &[(&str, serde_json::Value)]) -> (Model, Imported) {
    let mut model = Model::new(1);
    let imported = import(&mut model, Export::of(&files(contents)).unwrap(), NOW).unwrap();
    (model, imported)
}

/// As the aws command line prints an account with one instance.
fn account() -> Vec<(&'static str, serde_json::Value)> {
    vec![
        (
            "x/vpcs.json",
            json!({"Vpcs": [{"VpcId": "vpc-1a2b3c4d", "OwnerId": "123456789012", "CidrBlock": "10.0.0.0/16",
            "IsDefault": false, "Tags": [{"Key": "Name", "Value": "prod"}]}]}),
        ),
        (
            "x/subnets.json",
            json!({"Subnets": [{"SubnetId": "subnet-1a2b3c4d", "VpcId": "vpc-1a2b3c4d", "OwnerId": "123456789012",
            "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-1b"}]}),
        ),
        (
            "x/groups.json",
            json!({"SecurityGroups": [{"GroupId": "sg-903004f8", "GroupName": "web", "Description": "d",
            "VpcId": "vpc-1a2b3c4d", "OwnerId": "123456789012",
            "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                "UserIdGroupPairs": [{"GroupId": "sg-903004f8", "UserId": "123456789012"}]}], "IpPermissionsEgress": []}]}),
        ),
        (
            "x/instances.json",
            json!({"Reservations": [{"ReservationId": "r-1a2b3c4d", "OwnerId": "123456789012", "Instances": [{
            "InstanceId": "i-1234567890abcdef0", "State": {"Code": 16, "Name": "running"}, "InstanceType": "t2.micro",
            "VpcId": "vpc-1a2b3c4d", "SubnetId": "subnet-1a2b3c4d", "LaunchTime": "2015-01-07T12:00:00+00:00",
            "Placement": {"AvailabilityZone": "eu-west-1b", "Tenancy": "default"},
            "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1a2b3c4d", "SubnetId": "subnet-1a2b3c4d", "VpcId": "vpc-1a2b3c4d",
                "PrivateIpAddress": "10.0.1.5", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.5", "Primary": true}],
                "Groups": [{"GroupId": "sg-903004f8"}],
                "Attachment": {"AttachmentId": "eni-attach-1a2b3c4d", "DeviceIndex": 0}}]}]}]}),
        ),
    ]
}

#[test]
fn an_account_keeps_its_ids_and_has_no_hosts() {
    let (model, imported) = imported(&account());
    assert_eq!(imported.left_out, Vec::<String>::new());
    let instance = model.instances.get("i-1234567890abcdef0").unwrap();
    assert_eq!((instance.scope.account.as_str(), instance.scope.region.as_str()), ("123456789012", "eu-west-1"));
    assert!(instance.is_running() && !instance.has_host());
    assert_eq!(model.network_interfaces.get("eni-1a2b3c4d").unwrap().instance(), Some("i-1234567890abcdef0"));
    let group = model.security_groups.get("sg-903004f8").unwrap();
    assert_eq!(group.rules.len(), 2);
    assert_eq!(imported.counts.iter().find(|(what, _)| what == "instances"), Some(&("instances".to_owned(), 1)));
}

#[test]
fn what_is_not_known_is_told_of() {
    let mut files = account();
    files.push((
        "x/routes.json",
        json!({"RouteTables": [{"RouteTableId": "rtb-1a2b3c4d", "VpcId": "vpc-1a2b3c4d", "Routes": [
        {"DestinationCidrBlock": "172.16.0.0/12", "TransitGatewayId": "tgw-1a2b3c4d"}]}]}),
    ));
    files.push((
        "x/peers.json",
        json!({"Subnets": [{"SubnetId": "subnet-5a2b3c4d", "VpcId": "vpc-5a2b3c4d", "CidrBlock": "10.9.0.0/24"}]}),
    ));
    files.push(("x/images.json", json!({"Images": [{"ImageId": "ami-1a2b3c4d"}]})));
    let (_, imported) = imported(&files);
    assert_eq!(
        imported.left_out,
        [
            "rtb-1a2b3c4d: its route 172.16.0.0/12 → tgw-1a2b3c4d; such targets are not known here",
            "subnet-5a2b3c4d: its VPC vpc-5a2b3c4d is not in the files",
            "x/images.json: it holds nothing of a network",
        ]
    );
}

#[test]
fn a_network_is_imported_once_and_an_empty_one_never() {
    let (mut model, _) = imported(&account());
    let again = import(&mut model, Export::of(&files(&account())).unwrap(), NOW).unwrap_err().to_string();
    assert!(again.contains("vpc-1a2b3c4d is there already"), "{again}");
    // Each file alone, and of the instances each thing that is in them.
    let mut no_reservation = account()[3].clone();
    no_reservation.1["Reservations"][0].as_object_mut().unwrap().remove("ReservationId");
    let attribute = json!({"VpcId": "vpc-1a2b3c4d", "EnableDnsSupport": {"Value": false}});
    let new = json!({"Vpcs": [{"VpcId": "vpc-5a2b3c4d", "CidrBlock": "10.5.0.0/16"}]});
    let mut again: Vec<Vec<_>> = account().into_iter().map(|file| vec![file]).collect();
    again.extend([vec![no_reservation], vec![("x/new.json", new), ("x/attribute.json", attribute)]]);
    let before = model.clone();
    for contents in again {
        let taken = import(&mut model, Export::of(&files(&contents)).unwrap(), NOW);
        assert!(matches!(taken, Err(ImportError::Taken(_))), "{contents:?}");
    }
    assert_eq!(before.to_rows().unwrap(), model.to_rows().unwrap());
    let nothing = import(&mut model, Export::of(&files(&[("x.json", json!({"Vpcs": []}))])).unwrap(), NOW);
    assert!(matches!(nothing, Err(ImportError::Nothing)));
}

#[test]
fn a_hostile_file_gets_one_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let deep = "[".repeat(100_000);
    let contents: [(&str, &[u8], &str); 5] = [
        ("cut.json", br#"{"Vpcs": [{"VpcId": "vpc-1"#, "is not JSON"),
        ("binary.json", b"\x00\xff\xfe", "is not JSON"),
        ("deep.json", deep.as_bytes(), "is not JSON"),
        ("foreign.json", br#"{"Vpcs": [{"VpcId": 7}]}"#, "Vpcs[0].VpcId is not a string"),
        ("foreign2.json", br#"{"Vpcs": [7]}"#, "Vpcs[0] is not an object"),
    ];
    for (name, content, wanted) in contents {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        let refused = read(&[path]).and_then(|files| Export::of(&files).map(|_| ()));
        let told = refused.unwrap_err().to_string();
        assert!(told.contains(name) && told.contains(wanted) && !told.contains('\n'), "{told}");
    }
    assert!(matches!(read(&[PathBuf::from("/nowhere")]), Err(FileError::Io { .. })));
}
