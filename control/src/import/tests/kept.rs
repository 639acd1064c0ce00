//! What services' resources keep from the files.

use super::services::exported_alike;
use super::*;
use serde_json::Value as Json;

const TIME: &str = "2016-03-04T05:06:07.890Z";

/// An account with a second subnet and subnet groups of all services.
fn with_subnet_groups() -> Vec<(&'static str, Json)> {
    let vpc = "vpc-1a2b3c4d";
    let subnets = json!([{"SubnetIdentifier": "subnet-1a2b3c4d"}, {"SubnetIdentifier": "subnet-5a2b3c4d"}]);
    let mut files = account();
    files.extend([
        (
            "x/subnets2.json",
            json!({"Subnets": [{"SubnetId": "subnet-5a2b3c4d", "VpcId": vpc, "OwnerId": "123456789012",
            "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "eu-west-1c"}]}),
        ),
        (
            "x/places.json",
            json!({
            "DBSubnetGroups": [{"DBSubnetGroupName": "back", "DBSubnetGroupDescription": "d", "VpcId": vpc, "Subnets": subnets}],
            "ClusterSubnetGroups": [{"ClusterSubnetGroupName": "back", "Description": "d", "VpcId": vpc, "Subnets": subnets}]}),
        ),
    ]);
    files
}

fn database(name: &str) -> Json {
    json!({"DBInstanceIdentifier": name, "DBInstanceClass": "db.m3.large", "Engine": "postgres", "EngineVersion": "9.6.6",
        "AllocatedStorage": 10, "DBSubnetGroup": {"DBSubnetGroupName": "back"}, "MasterUsername": "root",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-903004f8"}]})
}

/// The first resource of a list in exported files.
fn described<'f>(files: &'f [File], file: &str, list: &str) -> &'f Json {
    &files.iter().find(|one| one.path.ends_with(file)).unwrap().content[list][0]
}

#[test]
fn names_times_and_ids_of_services_are_those_in_the_files() {
    let mut shop = database("shop");
    for (member, value) in [
        ("InstanceCreateTime", json!(TIME)),
        ("DbiResourceId", json!("db-ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
        ("Endpoint", json!({"Address": "shop.c9akciq32rgg.eu-west-1.rds.amazonaws.com", "Port": 5433})),
        ("BackupRetentionPeriod", json!(0)),
        ("StorageType", json!("io1")),
        ("Iops", json!(1000)),
        ("PreferredBackupWindow", json!("07:07-07:37")),
        ("DBName", json!("orders")),
        ("TagList", json!([{"Key": "team", "Value": "shop"}])),
    ] {
        shop[member] = value;
    }
    let mut files = with_subnet_groups();
    files.extend([
        ("x/rds.json", json!({"DBInstances": [shop]})),
        ("x/warehouses.json", json!({"Clusters": [{"ClusterIdentifier": "house", "NodeType": "dc2.large", "NumberOfNodes": 2,
            "ClusterSubnetGroupName": "back", "MasterUsername": "root", "ClusterCreateTime": TIME, "Encrypted": true,
            "ClusterNamespaceArn": "arn:aws:redshift:eu-west-1:123456789012:namespace:12345678-1234-1234-1234-123456789012",
            "Endpoint": {"Address": "house.cmeaswqeuae.eu-west-1.redshift.amazonaws.com", "Port": 5439},
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-903004f8"}]}]})),
        ("x/elb.json", json!({"LoadBalancerDescriptions": [{"LoadBalancerName": "Front", "Scheme": "internal", "CreatedTime": TIME,
            "DNSName": "internal-Front-1234567890.eu-west-1.elb.amazonaws.com", "Subnets": ["subnet-1a2b3c4d"],
            "SecurityGroups": ["sg-903004f8"], "ListenerDescriptions": [{"Listener": {"Protocol": "TCP", "LoadBalancerPort": 80,
                "InstanceProtocol": "TCP", "InstancePort": 8080}}]}]})),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    let exported = exported_alike(&model);
    let again = described(&exported, "rds-describe-db-instances.json", "DBInstances");
    for (member, value) in shop.as_object().unwrap().iter().filter(|(member, _)| !member.contains("Group")) {
        match member.as_str() {
            "Endpoint" => assert_eq!(again[member]["Address"], value["Address"]),
            _ => assert_eq!(&again[member], value, "{member}"),
        }
    }
    let house = described(&exported, "redshift-describe-clusters.json", "Clusters");
    assert_eq!((&house["ClusterCreateTime"], &house["Encrypted"]), (&json!(TIME), &json!(true)));
    assert!(house["ClusterNamespaceArn"].as_str().unwrap().ends_with("12345678-1234-1234-1234-123456789012"));
    assert!(house["Endpoint"]["Address"].as_str().unwrap().contains(".cmeaswqeuae."));
    let front = described(&exported, "elb-describe-load-balancers.json", "LoadBalancerDescriptions");
    assert_eq!(front["DNSName"], "internal-Front-1234567890.eu-west-1.elb.amazonaws.com");
    let names: Vec<&String> = model.managed_hosts.iter().flat_map(|host| &host.names).collect();
    for name in
        ["shop.c9akciq32rgg.eu-west-1.rds.amazonaws.com", "internal-front-1234567890.eu-west-1.elb.amazonaws.com"]
    {
        assert!(names.contains(&&name.to_owned()), "{names:?}");
    }
}

#[test]
fn a_name_that_no_service_gives_is_not_taken_over() {
    let mut shop = database("shop");
    shop["Endpoint"] = json!({"Address": "www.example.com", "Port": 5432});
    shop["DbiResourceId"] = json!("a b");
    let mut files = with_subnet_groups();
    files.extend([
        ("x/rds.json", json!({"DBInstances": [shop]})),
        ("x/elb.json", json!({"LoadBalancerDescriptions": [{"LoadBalancerName": "front", "Scheme": "internal",
            "DNSName": "www.example.com", "Subnets": ["subnet-1a2b3c4d"], "SecurityGroups": ["sg-903004f8"],
            "ListenerDescriptions": [{"Listener": {"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 8080}}]}]})),
    ]);
    let (model, _) = imported(&files);
    assert!(model.managed_hosts.iter().flat_map(|host| &host.names).all(|name| name.ends_with(".amazonaws.com")));
    assert_eq!(model.deployments.iter().next().unwrap().resource_id, None);
}

#[test]
fn a_database_with_a_standby_and_a_warehouse_are_in_the_zones_in_the_files() {
    let mut shop = database("shop");
    shop["MultiAZ"] = json!(true);
    shop["AvailabilityZone"] = json!("eu-west-1c");
    shop["SecondaryAvailabilityZone"] = json!("eu-west-1b");
    let house = json!({"ClusterIdentifier": "house", "NodeType": "dc2.large", "NumberOfNodes": 1, "MasterUsername": "root",
        "ClusterSubnetGroupName": "back", "AvailabilityZone": "eu-west-1c",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-903004f8", "Status": "active"}]});
    let mut files = with_subnet_groups();
    files.push(("x/services.json", json!({"DBInstances": [shop], "Clusters": [house]})));
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    let zone = |name: &str| {
        let row = model.deployments.iter().find(|row| row.name == name).unwrap();
        model.primary_of(row).unwrap().zone.clone()
    };
    assert_eq!((zone("shop").as_str(), zone("house").as_str()), ("eu-west-1c", "eu-west-1c"));
    assert_eq!(model.managed_hosts.len(), 3);
    exported_alike(&model);
}

#[test]
fn databases_that_are_stopped_stay_so() {
    let mut shop = database("shop");
    shop["DBInstanceStatus"] = json!("stopped");
    let mut files = with_subnet_groups();
    files.push(("x/rds.json", json!({"DBInstances": [shop, database("other")]})));
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    let exported = exported_alike(&model);
    let databases = &exported.iter().find(|one| one.path.ends_with("rds-describe-db-instances.json")).unwrap().content;
    let status = |name: &str| {
        let all = databases["DBInstances"].as_array().unwrap();
        all.iter().find(|one| one["DBInstanceIdentifier"] == name).unwrap()["DBInstanceStatus"].clone()
    };
    assert_eq!((status("shop"), status("other")), (json!("stopped"), json!("available")));
}

#[test]
fn versions_and_groups_that_are_not_known_are_said() {
    let mut shop = database("shop");
    shop["EngineVersion"] = json!("99.1");
    shop["DBParameterGroups"] = json!([{"DBParameterGroupName": "tuned"}]);
    shop["OptionGroupMemberships"] = json!([{"OptionGroupName": "default:postgres-99"}]);
    let mut files = with_subnet_groups();
    files.push(("x/rds.json", json!({"DBInstances": [shop]})));
    let (model, told) = imported(&files);
    assert_eq!(model.deployments.len(), 1);
    assert_eq!(
        told.left_out,
        [
            "shop: its parameter group: DBParameterGroup not found: tuned; it has the default one",
            "shop: its version 99.1 of postgres, which is not known here",
        ]
    );
}

#[test]
fn a_database_keeps_its_parameter_group_and_what_its_owner_has_set() {
    let mut shop = database("shop");
    shop["DBParameterGroups"] = json!([{"DBParameterGroupName": "tuned"}]);
    let mut files = with_subnet_groups();
    let group = |name: &str, family: &str| json!({"DBParameterGroupName": name, "DBParameterGroupFamily": family});
    let parameter = |name: &str, value: &str, source: &str| json!({"ParameterName": name, "ParameterValue": value, "Source": source});
    files.extend([
        ("x/rds.json", json!({"DBInstances": [shop]})),
        (
            "x/groups-of-parameters.json",
            json!({"DBParameterGroups": [group("tuned", "postgres9.6"), group("default.postgres9.6", "postgres9.6"),
            group("odd", "stone12")]}),
        ),
        (
            "x/parameters.json",
            json!({"DBParameterGroupName": "tuned", "Parameters": [parameter("max_connections", "7", "user"),
            parameter("work_mem", "8", "system")]}),
        ),
        ("x/whose-parameters.json", json!({"Parameters": [parameter("max_connections", "7", "user")]})),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out.len(), 2, "{:?}", told.left_out);
    assert!(
        told.left_out[0].starts_with("Parameters: the answer does not say") && told.left_out[1].starts_with("odd: ")
    );
    let row = model.deployments.iter().find(|row| row.name == "shop").unwrap();
    assert_eq!(row.settings.parameters.as_deref(), Some("tuned"));
    let values = &model.parameter_groups.iter().next().unwrap().values;
    assert_eq!(values.keys().collect::<Vec<_>>(), ["max_connections"]);
    exported_alike(&model);
}

#[test]
fn replicas_in_a_circle_do_not_follow_each_other() {
    let replica = |name: &str, source: &str| {
        let mut replica = database(name);
        replica["ReadReplicaSourceDBInstanceIdentifier"] = json!(source);
        replica
    };
    let mut files = with_subnet_groups();
    files.push((
        "x/rds.json",
        json!({"DBInstances": [replica("a", "b"), replica("b", "c"), replica("c", "a"), replica("self", "self")]}),
    ));
    let (model, told) = imported(&files);
    assert_eq!(
        told.left_out,
        [
            "c: its source a: replicas follow each other in a circle",
            "self: its source self: replicas follow each other in a circle"
        ]
    );
    assert_eq!(model.deployments.iter().filter(|database| database.source.is_some()).count(), 2);
}

#[test]
fn an_instance_keeps_its_options() {
    let mut files = account();
    let reservation = files.iter_mut().find(|(_, file)| file.get("Reservations").is_some()).map(|(_, file)| file);
    let instance = &mut reservation.unwrap()["Reservations"][0]["Instances"][0];
    let profile = "arn:aws:iam::123456789012:instance-profile/web";
    for (member, value) in [
        ("InstanceType", json!("m5.large")),
        ("IamInstanceProfile", json!({"Arn": profile, "Id": "AIPA1234567890EXAMPLE"})),
        ("CpuOptions", json!({"CoreCount": 1, "ThreadsPerCore": 1})),
        ("HibernationOptions", json!({"Configured": true})),
        ("MaintenanceOptions", json!({"AutoRecovery": "disabled", "RebootMigration": "unheard of"})),
        ("PrivateDnsNameOptions", json!({"HostnameType": "resource-name", "EnableResourceNameDnsARecord": true})),
    ] {
        instance[member] = value;
    }
    instance["Placement"]["GroupName"] = json!("near");
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    let options = model.instances.iter().next().unwrap().options.clone();
    assert_eq!(options.profile.map(|association| association.arn).as_deref(), Some(profile));
    assert_eq!(options.cpu.map(|cpu| (cpu.cores, cpu.threads)), Some((1, 1)));
    assert_eq!((options.hibernates, options.placement_group.as_deref()), (true, Some("near")));
    let (recovery, migration) = (options.auto_recovery.word(), options.reboot_migration.word());
    assert_eq!((recovery, migration, options.dns.hostname.word()), ("disabled", "default", "resource-name"));
    assert!(options.dns.a_record && !options.dns.aaaa_record);
}

#[test]
fn groups_reservations_and_endpoints_without_packets_are_kept() {
    let (vpc, subnet, owner) = ("vpc-1a2b3c4d", "subnet-1a2b3c4d", "123456789012");
    let reservation = |id: &str, subnet: &str| {
        json!({"SubnetCidrReservationId": id, "SubnetId": subnet, "Cidr": "10.0.1.128/28",
            "ReservationType": "prefix", "OwnerId": owner, "Description": "d"})
    };
    let interface = json!({"NetworkInterfaceId": "eni-5a2b3c4d", "OwnerId": owner, "VpcId": vpc, "SubnetId": subnet,
        "PrivateIpAddress": "10.0.1.9", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.9", "Primary": true}]});
    let endpoint = json!({"OwnerId": owner, "InstanceConnectEndpointId": "eice-1a2b3c4d", "State": "create-complete",
        "NetworkInterfaceIds": ["eni-5a2b3c4d"], "VpcId": vpc, "SubnetId": subnet, "CreatedAt": TIME, "PreserveClientIp": true});
    let mut files = account();
    files.extend([
        ("x/interfaces.json", json!({"NetworkInterfaces": [interface]})),
        ("x/endpoints.json", json!({"InstanceConnectEndpoints": [endpoint, {"InstanceConnectEndpointId": "eice-5a2b3c4d"}]})),
        (
            "x/placement.json",
            json!({"PlacementGroups": [{"GroupId": "pg-1a2b3c4d", "GroupName": "near", "Strategy": "partition", "PartitionCount": 3},
                {"GroupId": "pg-5a2b3c4d", "GroupName": "odd", "Strategy": "heap"}]}),
        ),
        (
            "x/reservations.json",
            json!({"SubnetIpv4CidrReservations": [reservation("scr-1a2b3c4d", subnet), reservation("scr-5a2b3c4d", "subnet-9a2b3c4d")],
                "SubnetIpv6CidrReservations": []}),
        ),
    ]);
    let (model, told) = imported(&files);
    let wanted = [
        "eice-5a2b3c4d: it has no network interface",
        "pg-5a2b3c4d: its strategy heap is not understood",
        "scr-5a2b3c4d: its subnet subnet-9a2b3c4d is not in the files",
    ];
    assert_eq!(told.left_out, wanted);
    let endpoint = model.connect_endpoints.iter().next().unwrap();
    assert_eq!((endpoint.vpc.as_str(), endpoint.subnet.as_str(), endpoint.preserves_client), (vpc, subnet, true));
    assert_eq!((model.placement_groups.len(), model.subnet_cidr_reservations.len()), (1, 1));
    exported_alike(&model);
}
