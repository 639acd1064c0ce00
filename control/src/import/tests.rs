mod anonymous;
mod block_public_access;
mod contradictions;
mod created;
mod endpoints;
mod flow_logs;
mod forms;
mod identities;
mod ipam;
mod kept;
mod nat_gateways;
mod scaling_actions;
mod services;
mod storage;
mod zones;

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

/// The subnets of caches.
fn cache_subnets() -> (&'static str, serde_json::Value) {
    let subnets = json!([{"SubnetIdentifier": "subnet-1a2b3c4d"}]);
    let group = json!({"CacheSubnetGroupName": "back", "CacheSubnetGroupDescription": "d", "VpcId": "vpc-1a2b3c4d",
        "Subnets": subnets});
    ("x/groups.json", json!({"CacheSubnetGroups": [group]}))
}

/// A cluster of the replication group `carts`, in those subnets.
fn cache_cluster(name: &str) -> serde_json::Value {
    json!({"CacheClusterId": name, "ReplicationGroupId": "carts", "Engine": "redis", "NumCacheNodes": 1,
        "CacheNodeType": "cache.m3.medium", "CacheSubnetGroupName": "back",
        "SecurityGroups": [{"SecurityGroupId": "sg-903004f8", "Status": "active"}]})
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
fn what_was_disassociated_is_not_taken_up() {
    let mut files = account();
    let block = |id: &str, net: &str, state: &str| {
        let state = json!({"State": state});
        json!({"AssociationId": id, "Ipv6CidrBlock": net, "Ipv6CidrBlockState": state})
    };
    files[0].1["Vpcs"][0]["Ipv6CidrBlockAssociationSet"] = json!([
        block("vpc-cidr-assoc-1a2b3c4d", "2600:1f18:1::/56", "disassociated"),
        block("vpc-cidr-assoc-5a2b3c4d", "2600:1f18:2::/56", "associated"),
    ]);
    let (model, imported) = imported(&files);
    assert_eq!(imported.left_out, Vec::<String>::new());
    let block = &model.vpcs.get("vpc-1a2b3c4d").unwrap().ipv6[0];
    assert_eq!(block.cidr.to_string(), "2600:1f18:2::/56");
}

#[test]
fn an_interface_keeps_its_ipv6_prefixes_and_connection_tracking() {
    let mut files = account();
    let interface = json!({"NetworkInterfaceId": "eni-5a2b3c4d", "OwnerId": "123456789012", "VpcId": "vpc-1a2b3c4d",
        "SubnetId": "subnet-1a2b3c4d", "PrivateIpAddress": "10.0.1.9", "Groups": [{"GroupId": "sg-903004f8"}],
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.9", "Primary": true}],
        "Ipv6Addresses": [{"Ipv6Address": "2600:1f18:2::9", "IsPrimaryIpv6": true}],
        "Ipv6Prefixes": [{"Ipv6Prefix": "2600:1f18:2:0:1::/80"}],
        "ConnectionTrackingConfiguration": {"UdpTimeout": 45}});
    files.push(("x/interfaces.json", json!({"NetworkInterfaces": [interface]})));
    let (model, _) = imported(&files);
    let interface = model.network_interfaces.get("eni-5a2b3c4d").unwrap();
    assert!(interface.has_primary_ipv6 && interface.ipv6_prefixes.len() == 1, "{interface:?}");
    assert_eq!(interface.tracking.udp, Some(45));
}

#[test]
fn what_is_not_known_is_told_of() {
    let mut files = account();
    files.push((
        "x/routes.json",
        json!({"RouteTables": [{"RouteTableId": "rtb-1a2b3c4d", "VpcId": "vpc-1a2b3c4d", "Routes": [
        {"DestinationCidrBlock": "172.16.0.0/12", "LocalGatewayId": "lgw-1a2b3c4d"}]}]}),
    ));
    files.push((
        "x/peers.json",
        json!({"Subnets": [{"SubnetId": "subnet-5a2b3c4d", "VpcId": "vpc-5a2b3c4d", "CidrBlock": "10.9.0.0/24"}]}),
    ));
    files.push(("x/spot.json", json!({"SpotInstanceRequests": [{"SpotInstanceRequestId": "sir-1a2b3c4d"}]})));
    files.push(("x/units.json", json!({"VerifiedAccessGroups": [{"VerifiedAccessGroupId": "vagr-1a2b3c4d"}]})));
    let (_, imported) = imported(&files);
    assert_eq!(
        imported.left_out,
        [
            "rtb-1a2b3c4d: its route 172.16.0.0/12 → lgw-1a2b3c4d; such targets are not known here",
            "sir-1a2b3c4d: its instance is not in the files",
            "subnet-5a2b3c4d: its VPC vpc-5a2b3c4d is not in the files",
            "x/units.json: VerifiedAccessGroups are not imported",
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
    assert!(matches!(nothing, Err(ImportError::Nothing(_))));
}

/// PowerShell writes UTF-16. A pipe would wait for its writer, and a device has no end.
#[test]
fn files_of_other_encodings_are_read_and_devices_are_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vpcs.json");
    let text = account()[0].1.to_string();
    std::fs::write(
        &path,
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<_>>(),
    )
    .unwrap();
    assert_eq!(read(&[path]).unwrap()[0].content, account()[0].1);
    assert!(matches!(read(&[PathBuf::from("/dev/zero")]), Err(FileError::Special(_))));
    let pipe = directory.path().join("pipe.json");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert!(matches!(read(&[pipe]), Err(FileError::Special(_))));
}

#[test]
fn replies_after_one_another_or_in_a_list_are_taken_and_resources_without_a_reply_are_not() {
    let directory = tempfile::tempdir().unwrap();
    let [pages, list, queried, compressed] =
        ["pages.json", "list.json", "queried.json", "all.json"].map(|name| directory.path().join(name));
    let [vpcs, subnets, _, instances] = <[_; 4]>::try_from(account()).unwrap().map(|(_, reply)| reply);
    std::fs::write(&pages, format!("{vpcs}\n{subnets}")).unwrap();
    std::fs::write(&list, json!([vpcs, subnets]).to_string()).unwrap();
    std::fs::write(&queried, json!([instances["Reservations"][0]["Instances"][0]]).to_string()).unwrap();
    std::fs::write(&compressed, b"\x1f\x8b\x08\x00").unwrap();
    for path in [pages, list] {
        let export = Export::of(&read(&[path]).unwrap()).unwrap();
        assert_eq!((export.vpcs.len(), export.subnets.len()), (1, 1));
    }
    let export = Export::of(&files(&[("entries.json", json!({"Entries": [{"Cidr": "192.0.2.0/24"}]}))])).unwrap();
    assert!(export.is_empty() && export.left_out.iter().all(|why| why.contains("whose they are")));
    let export = Export::of(&read(&[queried]).unwrap()).unwrap();
    assert!(export.is_empty() && export.left_out.iter().all(|why| why.contains("`--query '{Vpcs: Vpcs}'`")));
    assert!(matches!(read(&[compressed]), Err(FileError::Compressed(_))));
}

#[test]
fn the_documentations_ids_are_kept_and_an_arn_says_where_a_resource_is() {
    let vpc = json!({"VpcId": "vpc-0e9801d129EXAMPLE", "CidrBlock": "30.1.0.0/16", "OwnerId": "111122223333"});
    let gateway = json!({"TransitGatewayId": "tgw-0262a0e521EXAMPLE", "State": "available",
        "TransitGatewayArn": "arn:aws:ec2:us-west-2:111122223333:transit-gateway/tgw-0262a0e521EXAMPLE"});
    let carrier = json!({"CarrierGatewayId": "cagw-0465cdEXAMPLE1111", "VpcId": "vpc-0e9801d129EXAMPLE"});
    let odd = json!({"VpcId": "vpc-0e9801d129ZZZZZZZ", "CidrBlock": "30.2.0.0/16"});
    let (model, told) = imported(&[(
        "all.json",
        json!({"Vpcs": [vpc, odd], "TransitGateways": [gateway], "CarrierGateways": [carrier]}),
    )]);
    assert_eq!(told.left_out, ["vpc-0e9801d129ZZZZZZZ is not a valid vpc ID"]);
    assert_eq!(model.vpcs.get("vpc-0e9801d129EXAMPLE").unwrap().scope.region, "us-west-2");
    assert!(model.transit_gateways.get("tgw-0262a0e521EXAMPLE").is_some() && model.carrier_gateways.len() == 1);
    let attribute = json!({"VpcId": "vpc-1a2b3c4d", "EnableDnsSupport": {"Value": true}});
    let (_, told) = imported(&[("attribute.json", attribute)]);
    assert_eq!(told.left_out, ["a VPC's attributes: its VPC vpc-1a2b3c4d is not in the files"]);
}

#[test]
fn a_directory_may_be_called_like_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("old.json");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(inner.join("vpcs.json"), "{}").unwrap();
    assert_eq!(read(&[directory.path().to_owned()]).unwrap().len(), 1);
}

#[test]
fn what_decides_nothing_is_kept_too() {
    let mut account = account();
    let host = &mut account[3].1["Reservations"][0]["Instances"][0];
    host["State"] = json!({"Code": 80, "Name": "stopped"});
    host["StateTransitionReason"] = json!("User initiated (2015-01-07 11:00:00 GMT)");
    host["MetadataOptions"] =
        json!({"HttpTokens": "required", "HttpPutResponseHopLimit": 3, "HttpEndpoint": "enabled"});
    let interface = &mut host["NetworkInterfaces"][0];
    interface["MacAddress"] = json!("02:42:0a:00:01:05");
    interface["Ipv4Prefixes"] = json!([{"Ipv4Prefix": "10.0.1.64/28"}, {"Ipv4Prefix": "0.0.0.0/0"}]);
    let rule = |id: &str, peer: serde_json::Value| {
        let mut rule = json!({"SecurityGroupRuleId": id, "GroupId": "sg-903004f8", "IsEgress": false, "IpProtocol": "tcp",
            "FromPort": 80, "ToPort": 80});
        rule.as_object_mut().unwrap().extend(peer.as_object().unwrap().clone());
        rule
    };
    let own = json!({"ReferencedGroupInfo": {"GroupId": "sg-903004f8", "UserId": "123456789012"}});
    let rules = [rule("sgr-00000001", own), rule("sgr-00000002", json!({"CidrIpv4": "0.0.0.0/0"}))];
    account.push(("x/rules.json", json!({"SecurityGroupRules": rules})));
    let (model, imported) = imported(&account);
    assert_eq!(imported.left_out, Vec::<String>::new());
    let interface = model.network_interfaces.get("eni-1a2b3c4d").unwrap();
    assert_eq!(interface.mac(), "02:42:0a:00:01:05");
    assert_eq!(interface.prefixes, ["10.0.1.64/28".parse().unwrap()]);
    let instance = model.instances.get("i-1234567890abcdef0").unwrap();
    assert_eq!(instance.halted, Some(Time(NOW.0 - 3_600_000)));
    let metadata = &instance.options.metadata;
    assert_eq!((metadata.tokens, metadata.hop_limit), (model::HttpTokens::Required, 3));
    // In the order of the group's description.
    let rules = &model.security_groups.get("sg-903004f8").unwrap().rules;
    assert_eq!(rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["sgr-00000002", "sgr-00000001"]);
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

#[test]
fn transit_gateways_lists_endpoints_and_launch_templates_keep_their_ids() {
    let mut files = account();
    let gateway = json!({"TransitGatewayId": "tgw-1a2b3c4d", "State": "available", "Description": "hub",
        "Options": {"AmazonSideAsn": 64512, "DefaultRouteTableAssociation": "enable", "DefaultRouteTablePropagation": "enable",
            "AssociationDefaultRouteTableId": "tgw-rtb-1a2b3c4d", "PropagationDefaultRouteTableId": "tgw-rtb-1a2b3c4d"}});
    let table = json!({"TransitGatewayRouteTableId": "tgw-rtb-1a2b3c4d", "TransitGatewayId": "tgw-1a2b3c4d", "State": "available"});
    let attachment = json!({"TransitGatewayAttachmentId": "tgw-attach-1a2b3c4d", "TransitGatewayId": "tgw-1a2b3c4d",
        "VpcId": "vpc-1a2b3c4d", "SubnetIds": ["subnet-1a2b3c4d"], "State": "available"});
    let general = json!([{"TransitGatewayAttachmentId": "tgw-attach-1a2b3c4d", "ResourceType": "vpc",
        "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1a2b3c4d", "State": "associated"}},
        {"TransitGatewayAttachmentId": "tgw-attach-5a2b3c4d", "ResourceType": "vpn", "ResourceId": "vpn-5a2b3c4d"}]);
    let routes = json!({"TransitGatewayRouteTableId": "tgw-rtb-1a2b3c4d", "Routes": [
        {"DestinationCidrBlock": "10.0.0.0/16", "Type": "propagated", "State": "active",
            "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-1a2b3c4d"}]},
        {"DestinationCidrBlock": "10.9.0.0/16", "Type": "static", "State": "active",
            "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-1a2b3c4d"}]},
        {"DestinationCidrBlock": "10.8.0.0/16", "Type": "static", "State": "blackhole"}]});
    let propagations = json!({"TransitGatewayRouteTableId": "tgw-rtb-1a2b3c4d", "TransitGatewayRouteTablePropagations": [
        {"TransitGatewayAttachmentId": "tgw-attach-1a2b3c4d", "ResourceType": "vpc", "State": "enabled"}]});
    let lists = json!({"PrefixLists": [
        {"PrefixListId": "pl-1a2b3c4d", "PrefixListName": "offices", "OwnerId": "123456789012", "AddressFamily": "IPv4",
            "MaxEntries": 5, "Version": 3, "State": "modify-complete"},
        {"PrefixListId": "pl-63a5400a", "PrefixListName": "com.amazonaws.eu-west-1.s3", "OwnerId": "AWS"}]});
    let entries = json!({"PrefixListId": "pl-1a2b3c4d", "Entries": [{"Cidr": "192.0.2.0/24", "Description": "one"}]});
    let group = json!({"SecurityGroups": [{"GroupId": "sg-5a2b3c4d", "GroupName": "lists", "Description": "d", "VpcId": "vpc-1a2b3c4d",
        "IpPermissions": [{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-1a2b3c4d"}, {"PrefixListId": "pl-63a5400a"}]}]}]});
    let endpoint = json!({"VpcEndpoints": [{"VpcEndpointId": "vpce-1a2b3c4d", "VpcEndpointType": "Interface",
        "VpcId": "vpc-1a2b3c4d", "ServiceName": "com.amazonaws.eu-west-1.sqs", "SubnetIds": ["subnet-1a2b3c4d"],
        "NetworkInterfaceIds": ["eni-5a2b3c4d"], "Groups": [{"GroupId": "sg-903004f8"}], "PrivateDnsEnabled": true}]});
    let interface = json!({"NetworkInterfaces": [{"NetworkInterfaceId": "eni-5a2b3c4d", "SubnetId": "subnet-1a2b3c4d",
        "VpcId": "vpc-1a2b3c4d", "PrivateIpAddress": "10.0.1.77", "Groups": [{"GroupId": "sg-903004f8"}], "RequesterManaged": true}]});
    let templates = json!({"LaunchTemplates": [{"LaunchTemplateId": "lt-1234567890abcdef0", "LaunchTemplateName": "web",
        "DefaultVersionNumber": 1, "LatestVersionNumber": 2}]});
    let version = |number| {
        json!({"LaunchTemplateId": "lt-1234567890abcdef0", "VersionNumber": number, "LaunchTemplateData": {
        "ImageId": "ami-12345678", "InstanceType": "m3.medium", "SecurityGroupIds": ["sg-903004f8"],
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web & co"}]}]}})
    };
    let table_of_vpc = json!({"RouteTables": [{"RouteTableId": "rtb-1a2b3c4d", "VpcId": "vpc-1a2b3c4d", "Routes": [
        {"DestinationCidrBlock": "10.9.0.0/16", "TransitGatewayId": "tgw-1a2b3c4d"}]}]});
    files.extend([
        ("x/tgw.json", json!({"TransitGateways": [gateway]})),
        ("x/tables.json", json!({"TransitGatewayRouteTables": [table]})),
        ("x/attachments.json", json!({"TransitGatewayVpcAttachments": [attachment]})),
        ("x/all.json", json!({"TransitGatewayAttachments": general})),
        ("x/routes.json", routes),
        ("x/propagations.json", propagations),
        ("x/lists.json", lists),
        ("x/entries.json", entries),
        ("x/group.json", group),
        ("x/endpoint.json", endpoint),
        ("x/interface.json", interface),
        ("x/templates.json", templates),
        ("x/versions.json", json!({"LaunchTemplateVersions": [version(1), version(2)]})),
        ("x/vpc-table.json", table_of_vpc),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, ["tgw-attach-5a2b3c4d: its vpn vpn-5a2b3c4d is not in the files"]);
    let table = model.transit_route_tables.get("tgw-rtb-1a2b3c4d").unwrap();
    assert_eq!((table.routes.len(), &table.propagations[..]), (2, &["tgw-attach-1a2b3c4d".to_owned()][..]));
    let attachment = model.transit_attachments.get("tgw-attach-1a2b3c4d").unwrap();
    assert_eq!((attachment.subnets.len(), attachment.association.as_deref()), (1, Some("tgw-rtb-1a2b3c4d")));
    let routes = &model.route_tables.get("rtb-1a2b3c4d").unwrap().routes;
    assert_eq!(routes[0].target, model::Target::TransitGateway("tgw-1a2b3c4d".into()));
    let list = model.prefix_lists.get("pl-1a2b3c4d").unwrap();
    assert_eq!((list.version(), list.v4().count()), (3, 1));
    let own = model::prefix_list_id("com.amazonaws.eu-west-1.s3");
    let peers: Vec<_> =
        model.security_groups.get("sg-5a2b3c4d").unwrap().rules.iter().map(|rule| rule.peer.clone()).collect();
    // Rules come in the order of their ids, which are new.
    assert_eq!(peers.len(), 2);
    assert!(["pl-1a2b3c4d".to_owned(), own].map(model::RulePeer::PrefixList).iter().all(|peer| peers.contains(peer)));
    let (_, at) = model.endpoint_hosts("vpce-1a2b3c4d").next().unwrap();
    assert_eq!((at.id.as_str(), at.address().to_string()), ("eni-5a2b3c4d", "10.0.1.77".to_owned()));
    let template = model.launch_templates.get("lt-1234567890abcdef0").unwrap();
    assert_eq!((template.versions.len(), template.default, template.latest), (2, 1, 2));
    assert_eq!(template.versions[1].data["TagSpecification.1.Tag.1.Value"], "web & co");
    // What was imported is exported, and imported again.
    let once = crate::export::files(&model, NOW).unwrap();
    let once: Vec<File> = once.into_iter().map(|(path, content)| File { path, content }).collect();
    let mut second = Model::new(1);
    import(&mut second, Export::of(&once).unwrap(), NOW).unwrap();
    let again = crate::export::files(&second, NOW).unwrap();
    // How the platform has its own interfaces attached is made anew.
    let is_kept = |path: &std::path::Path| !path.ends_with("describe-network-interfaces.json");
    for ((path, content), file) in again.iter().zip(&once).filter(|((path, _), _)| is_kept(path)) {
        assert_eq!((path, content), (&file.path, &file.content));
    }
}

#[test]
fn what_others_attach_to_a_transit_gateway_is_known_there() {
    let attachment = json!({"TransitGatewayAttachmentId": "tgw-attach-1a2b3c4d", "TransitGatewayId": "tgw-1a2b3c4d",
        "VpcId": "vpc-1a2b3c4d", "SubnetIds": ["subnet-1a2b3c4d"], "State": "available"});
    let shared = json!({"TransitGatewayId": "tgw-1a2b3c4d", "OwnerId": "444455556666", "State": "available"});
    let more = [
        ("x/tgw.json", json!({"TransitGateways": [shared]})),
        ("x/attachments.json", json!({"TransitGatewayVpcAttachments": [attachment]})),
    ];
    let (model, _) = imported(&[account(), more.to_vec()].concat());
    let attached = model.attached_to_transit("tgw-1a2b3c4d");
    assert_eq!(model.transit_gateways.get("tgw-1a2b3c4d").unwrap().scope.account, "444455556666");
    assert_eq!(attached.iter().map(|end| end.resource_id()).collect::<Vec<_>>(), ["vpc-1a2b3c4d"]);
}

#[test]
fn no_number_of_a_version_is_too_large_or_too_small() {
    for version in [i64::MIN, 0, i64::MAX] {
        let list = json!({"PrefixListId": "pl-1a2b3c4d", "PrefixListName": "offices", "OwnerId": "123456789012",
            "AddressFamily": "IPv4", "MaxEntries": 5, "Version": version, "State": "create-complete"});
        let mut files = account();
        files.push(("x/lists.json", json!({"PrefixLists": [list]})));
        let (model, _) = imported(&files);
        assert!(model.prefix_lists.get("pl-1a2b3c4d").unwrap().version() >= 1);
    }
}

#[test]
fn a_second_route_for_the_same_is_left_out() {
    let mut twice = account();
    let route = |gateway: &str| json!({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway});
    let gateway = |id: &str| json!({"InternetGatewayId": id, "Attachments": [{"VpcId": "vpc-1a2b3c4d"}]});
    let tables = json!({"RouteTables": [{"RouteTableId": "rtb-1a2b3c4d", "VpcId": "vpc-1a2b3c4d",
        "Routes": [route("igw-1a2b3c4d"), route("igw-5a2b3c4d")]}]});
    twice.extend([
        ("x/gateways.json", json!({"InternetGateways": [gateway("igw-1a2b3c4d"), gateway("igw-5a2b3c4d")]})),
        ("x/tables.json", tables),
    ]);
    let (model, told) = imported(&twice);
    assert_eq!(told.left_out, ["rtb-1a2b3c4d: its second route 0.0.0.0/0"]);
    assert_eq!(model.route_tables.get("rtb-1a2b3c4d").unwrap().routes.len(), 1);
}

/// The outputs that the documentation of AWS shows, as botocore (Apache 2.0) has them.
const EXAMPLES: &str = include_str!("examples.json");

#[test]
fn the_documentations_examples_are_taken_and_what_is_left_out_is_said() {
    let all: serde_json::Map<String, serde_json::Value> = serde_json::from_str(EXAMPLES).unwrap();
    let mut together = Vec::new();
    for (action, outputs) in &all {
        for (number, output) in outputs.as_array().unwrap().iter().enumerate() {
            let file = File { path: format!("{action}-{number}.json").into(), content: output.clone() };
            let export = Export::of(std::slice::from_ref(&file)).unwrap_or_else(|why| panic!("{action}: {why}"));
            // Each alone refers to much that is not there: it is taken, or said to be left out.
            let mut model = Model::new(1);
            if let Ok(told) = import(&mut model, export, NOW) {
                assert!(!told.counts.is_empty() || !told.left_out.is_empty(), "{action}-{number}");
            }
            together.push(file);
        }
    }
    let mut model = Model::new(1);
    let told = import(&mut model, Export::of(&together).unwrap(), NOW).unwrap();
    let count = |what: &str| told.counts.iter().find(|(of, _)| of == what).map_or(0, |(_, count)| *count);
    let kinds = ["VPCs", "subnets", "route tables", "network ACLs", "Elastic IP addresses", "customer gateways"];
    assert!(kinds.iter().all(|what| count(what) > 0), "{told:?}");
    // They are of several accounts.
    let left_out = [
        "198.51.100.0: its instance i-1234567890abcdef0 is not in the files",
        "203.0.113.0: its network interface eni-12345678 is not in the files",
        "acl-5fb85d36: subnet-65ea5f08, which uses it, is not in the files",
        "eni-e5aa89a3: its subnet subnet-b61f49f0 is not in the files",
        "lt-01238c059e3466abc: its versions are not in the files",
        "nat-05dba92075d71c408: its VPC vpc-1a2b3c4d is not in the files",
        "the versions of lt-068f72b72934aff71, which is not in the files",
        "vpc-a01106c2: its DHCP options set dopt-7a8b9c2d is not in the files",
    ];
    assert_eq!(told.left_out, left_out);
    crate::reach::Network::of(&model).unwrap();
}

#[test]
fn peered_gateways_and_vpn_attachments_are_imported_as_they_are_exported() {
    let (mut first, mut ids) = (Model::new(5), Vec::new());
    let account = "123456789012";
    for region in ["us-east-1", "eu-west-1"] {
        let scope = Scope { account: account.into(), region: region.into() };
        let options = model::TransitGatewayOptions::default();
        let caller = model::Caller::of_account(scope, NOW);
        first.note_defaults(&caller.scope);
        let id = first.create_transit_gateway(&caller, "d".into(), options, Tags::new()).unwrap();
        let site = first
            .create_customer_gateway(&caller, ([203, 0, 113, 77].into(), 65_000), (None, None), Tags::new())
            .unwrap();
        let end = model::VpnEnd::TransitGateway(id.clone());
        first.create_vpn_connection(&caller, end, &site, (true, Default::default()), Tags::new()).unwrap();
        ids.push((caller, id));
    }
    let [(own, gateway), (other, peer)] = &ids[..] else { panic!() };
    let peer = model::TransitPeer { gateway: peer.clone(), scope: other.scope.clone() };
    let peering = first.peer_transit_gateways(own, gateway, peer, None, Tags::new()).unwrap();
    first.move_transit_peering(other, &peering, model::TransitPeeringState::Available).unwrap();
    let table = first.transit_gateways.get(gateway).unwrap().association_table.clone().unwrap();
    let route = "172.16.0.0/12".parse().unwrap();
    first.create_transit_route(own, &table, route, Some(peering.clone())).unwrap();
    let exported = |model: &Model| -> Vec<File> {
        let files = crate::export::files(model, NOW).unwrap().into_iter();
        files.map(|(path, content)| File { path, content }).collect()
    };
    let once = exported(&first);
    let mut second = Model::new(1);
    let told = import(&mut second, Export::of(&once).unwrap(), NOW).unwrap();
    assert_eq!(told.left_out, Vec::<String>::new());
    assert_eq!(second.transit_peerings.get(&peering), first.transit_peerings.get(&peering));
    assert!(first.transit_vpns.iter().eq(second.transit_vpns.iter()));
    let is_secret = |path: &std::path::Path| path.ends_with("describe-vpn-connections.json");
    for (one, two) in exported(&second).iter().zip(&once).filter(|(file, _)| !is_secret(&file.path)) {
        assert_eq!((&one.path, &one.content), (&two.path, &two.content));
    }
}

#[test]
fn carrier_gateways_and_groups_in_other_vpcs_are_imported() {
    let mut files = account();
    files[0].1["Vpcs"].as_array_mut().unwrap().push(json!({"VpcId": "vpc-5a2b3c4d", "OwnerId": "123456789012",
        "CidrBlock": "10.5.0.0/16"}));
    let association = |group: &str, state: &str| json!({"GroupId": group, "VpcId": "vpc-5a2b3c4d", "State": state});
    files.extend([
        (
            "x/carriers.json",
            json!({"CarrierGateways": [
            {"CarrierGatewayId": "cagw-1a2b3c4d", "VpcId": "vpc-1a2b3c4d", "State": "available", "OwnerId": "123456789012"},
            {"CarrierGatewayId": "cagw-2a2b3c4d", "VpcId": "vpc-1a2b3c4d", "State": "deleted", "OwnerId": "123456789012"}]}),
        ),
        (
            "x/associations.json",
            json!({"SecurityGroupVpcAssociations": [association("sg-903004f8", "associated"),
            association("sg-903004f9", "associated"), association("sg-903004f7", "disassociated")]}),
        ),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(
        told.left_out,
        ["cagw-2a2b3c4d is deleted", "sg-903004f9 in another VPC: the group is not in the files"]
    );
    assert!(model.security_groups.get("sg-903004f8").unwrap().can_be_in("vpc-5a2b3c4d"));
    assert_eq!(model.carrier_gateways.len(), 1);
    services::exported_alike(&model);
}
