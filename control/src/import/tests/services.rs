//! What services have, and the groups of Auto Scaling.

use super::*;
use crate::import::{identities, services};

#[test]
fn services_take_up_no_network_interface_of_an_instance() {
    let mut files = account();
    let (_, instances) = files.last_mut().unwrap();
    instances["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]["Description"] = json!("RDSNetworkInterface");
    files.extend([
        ("x/rds-groups.json", json!({"DBSubnetGroups": [{"DBSubnetGroupName": "back", "DBSubnetGroupDescription": "d",
            "VpcId": "vpc-1a2b3c4d", "Subnets": [{"SubnetIdentifier": "subnet-1a2b3c4d"}, {"SubnetIdentifier": "subnet-5a2b3c4d"}]}]})),
        ("x/rds.json", json!({"DBInstances": [{"DBInstanceIdentifier": "shop", "DBInstanceClass": "db.m3.large", "Engine": "postgres",
            "AllocatedStorage": 10, "AvailabilityZone": "eu-west-1b", "MultiAZ": true, "DBSubnetGroup": {"DBSubnetGroupName": "back"},
            "PubliclyAccessible": false, "MasterUsername": "root",
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-903004f8", "Status": "active"}]}]})),
        ("x/subnets2.json", json!({"Subnets": [{"SubnetId": "subnet-5a2b3c4d", "VpcId": "vpc-1a2b3c4d", "OwnerId": "123456789012",
            "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "eu-west-1c"}]})),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    // It has a host in either subnet, so one beside the instance.
    assert_eq!(model.managed_hosts.len(), 2);
    assert!(model.managed_hosts.iter().all(|host| host.interface() != Some("eni-1a2b3c4d")));
    assert_eq!(model.network_interfaces.get("eni-1a2b3c4d").unwrap().instance(), Some("i-1234567890abcdef0"));
}

#[test]
fn what_services_have_is_made_by_their_names() {
    let mut files = account();
    let vpc = "vpc-1a2b3c4d";
    files.push((
        "x/subnets2.json",
        json!({"Subnets": [{"SubnetId": "subnet-5a2b3c4d", "VpcId": vpc, "OwnerId": "123456789012", "CidrBlock": "10.0.2.0/24",
            "AvailabilityZone": "eu-west-1c"}]}),
    ));
    files.extend([
        ("x/rds-groups.json", json!({"DBSubnetGroups": [{"DBSubnetGroupName": "back", "DBSubnetGroupDescription": "d", "VpcId": vpc,
            "Subnets": [{"SubnetIdentifier": "subnet-1a2b3c4d"}, {"SubnetIdentifier": "subnet-5a2b3c4d"}]}]})),
        ("x/rds.json", json!({"DBInstances": [{"DBInstanceIdentifier": "shop", "DBInstanceClass": "db.m3.large", "Engine": "postgres",
            "AllocatedStorage": 10, "MultiAZ": true, "Endpoint": {"Address": "shop.x.eu-west-1.rds.amazonaws.com", "Port": 5432},
            "DBSubnetGroup": {"DBSubnetGroupName": "back"}, "PubliclyAccessible": false, "MasterUsername": "root",
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-903004f8", "Status": "active"}]}, {"DBInstanceIdentifier": "store-1",
            "DBClusterIdentifier": "store", "DBInstanceClass": "db.r5.large", "Engine": "aurora-postgresql", "PubliclyAccessible": false,
            "DBSubnetGroup": {"DBSubnetGroupName": "back"}}]})),
        ("x/rds-clusters.json", json!({"DBClusters": [{"DBClusterIdentifier": "store", "Engine": "aurora-postgresql", "Port": 5432,
            "DBSubnetGroup": "back", "MasterUsername": "root",
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-903004f8", "Status": "active"}]}]})),
        ("x/elb.json", json!({"LoadBalancerDescriptions": [{"LoadBalancerName": "front", "Scheme": "internal",
            "DNSName": "internal-front-1234567890.eu-west-1.elb.amazonaws.com", "CreatedTime": "2014-01-02T03:04:05Z",
            "Subnets": ["subnet-1a2b3c4d"], "SecurityGroups": ["sg-903004f8"], "AvailabilityZones": ["eu-west-1b"],
            "ListenerDescriptions": [{"Listener": {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080},
                "PolicyNames": ["ELBSecurityPolicy-2016-08", "sticky"]}],
            "Policies": {"LBCookieStickinessPolicies": [{"PolicyName": "sticky", "CookieExpirationPeriod": 60}]},
            "Instances": [{"InstanceId": "i-1234567890abcdef0"}], "HealthCheck": {"Target": "TCP:8080", "Interval": 30, "Timeout": 5,
                "UnhealthyThreshold": 2, "HealthyThreshold": 10}}]})),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    let owners: Vec<&str> = model.managed_hosts.iter().map(|host| host.owner.resource.as_str()).collect();
    assert!(owners.iter().filter(|owner| owner.contains("shop")).count() == 2, "{owners:?}");
    assert!(owners.iter().any(|owner| owner.contains("front")), "{owners:?}");
    let of_cluster = |name: &String| name.starts_with("store.cluster-");
    assert!(model.managed_hosts.iter().any(|host| host.names.iter().any(of_cluster)), "the cluster has its member");
    // Clients find them where they did before.
    for known in ["internal-front-1234567890.eu-west-1.elb.amazonaws.com", "shop.x.eu-west-1.rds.amazonaws.com"] {
        assert!(model.managed_hosts.iter().any(|host| host.names.iter().any(|name| name == known)), "{known}");
    }
    let balancer = model.load_balancers.iter().next().unwrap();
    assert!(balancer.policies.contains_key("sticky") && balancer.listeners[&80].policies.contains("sticky"));
    let created: Vec<String> = model.load_balancers.iter().map(|balancer| balancer.created.to_string()).collect();
    assert_eq!(created, ["2014-01-02T03:04:05.000Z"]);
    // They are exported, too, and imported again by the same names.
    let once = crate::export::files(&model, NOW).unwrap();
    let once: Vec<File> = once.into_iter().map(|(path, content)| File { path, content }).collect();
    // Another seed: ids of new interfaces must not be those in the files.
    let mut second = Model::new(2);
    import(&mut second, Export::of(&once).unwrap(), NOW).unwrap();
    let again: Vec<&str> = second.managed_hosts.iter().map(|host| host.owner.resource.as_str()).collect();
    assert_eq!(again, owners);
    let interfaces = |model: &Model| -> Vec<Option<String>> {
        // Two databases in one subnet have interfaces that nothing tells apart.
        let mut all: Vec<_> = model.managed_hosts.iter().map(|host| host.interface().map(str::to_owned)).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(interfaces(&second), interfaces(&model), "at the network interfaces in the files");
}

#[test]
fn members_of_a_cluster_write_and_are_where_the_files_say() {
    let mut files = account();
    let instance = |name: &str, zone: &str| {
        json!({"DBInstanceIdentifier": name, "DBClusterIdentifier": "store", "DBInstanceClass": "db.r5.large", "MultiAZ": false,
            "Engine": "aurora-postgresql", "DBSubnetGroup": {"DBSubnetGroupName": "back"}, "AvailabilityZone": zone,
            "MasterUsername": "root", "Endpoint": {"Address": "x.eu-west-1.rds.amazonaws.com", "Port": 5432},
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-903004f8", "Status": "active"}]})
    };
    let member = |name: &str, writes: bool| json!({"DBInstanceIdentifier": name, "IsClusterWriter": writes});
    files.extend([
        ("x/subnets2.json", json!({"Subnets": [{"SubnetId": "subnet-5a2b3c4d", "VpcId": "vpc-1a2b3c4d", "OwnerId": "123456789012",
            "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "eu-west-1c"}]})),
        ("x/rds-groups.json", json!({"DBSubnetGroups": [{"DBSubnetGroupName": "back", "DBSubnetGroupDescription": "d",
            "VpcId": "vpc-1a2b3c4d", "Subnets": [{"SubnetIdentifier": "subnet-1a2b3c4d"}, {"SubnetIdentifier": "subnet-5a2b3c4d"}]}]})),
        ("x/rds.json", json!({"DBInstances": [instance("store-1", "eu-west-1b"), instance("store-2", "eu-west-1c")]})),
        ("x/rds-clusters.json", json!({"DBClusters": [{"DBClusterIdentifier": "store", "Engine": "aurora-postgresql", "Port": 5432,
            "DBSubnetGroup": "back", "MasterUsername": "root",
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-903004f8", "Status": "active"}],
            "DBClusterMembers": [member("store-1", false), member("store-2", true)]}]})),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    let cluster = model.deployments.iter().find(|row| row.name == "store").unwrap();
    let writer = model.writer_of(cluster).unwrap();
    let zones: Vec<&str> = model.hosts_of(writer).map(|host| host.zone.as_str()).collect();
    assert_eq!((writer.name.as_str(), zones), ("store-2", vec!["eu-west-1c"]));
}

fn without_ethernet(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_ethernet),
        serde_json::Value::Object(members) => {
            members.remove("MacAddress");
            members.values_mut().for_each(without_ethernet);
        }
        _ => {}
    }
}

/// What a cloud is exported as, imported, and exported again.
fn exported_twice(model: &Model) -> [Vec<File>; 2] {
    let exported = |model: &Model| -> Vec<File> {
        let files = crate::export::files(model, NOW).unwrap().into_iter();
        files.map(|(path, content)| File { path, content }).collect()
    };
    let once = exported(model);
    let mut second = Model::new(2);
    import(&mut second, Export::of(&once).unwrap(), NOW).unwrap();
    let twice = exported(&second);
    [once, twice]
}

/// What a cloud is exported as, and exported as again after an import.
pub(super) fn exported_alike(model: &Model) -> Vec<File> {
    let [once, twice] = exported_twice(model);
    for (mut one, mut two) in once.iter().cloned().zip(twice) {
        // Addresses of Ethernet are made of what the tables call an interface.
        [&mut one.content, &mut two.content].into_iter().for_each(without_ethernet);
        assert_eq!((&one.path, &one.content), (&two.path, &two.content));
    }
    once
}

/// A group of a launch configuration, with the account's instance in it.
pub(super) fn scaling(desired: u32) -> Vec<(&'static str, serde_json::Value)> {
    let mut files = account();
    let tag = json!({"ResourceId": "workers", "ResourceType": "auto-scaling-group", "Key": "team", "Value": "shop",
        "PropagateAtLaunch": true});
    files.push((
        "x/asg.json",
        json!({
            "LaunchConfigurations": [{"LaunchConfigurationName": "plain", "ImageId": "ami-12345678", "InstanceType": "m3.medium",
                "LaunchConfigurationARN": "arn:aws:autoscaling:eu-west-1:123456789012:launchConfiguration:12345678-1234-1234-1234-123456789012:launchConfigurationName/plain",
                "KeyName": "ops", "KernelId": "", "RamdiskId": "", "UserData": "", "SecurityGroups": ["sg-903004f8"], "BlockDeviceMappings": [
                    {"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 9, "VolumeType": "gp2", "DeleteOnTermination": true}}],
                "InstanceMonitoring": {"Enabled": false}, "EbsOptimized": false, "CreatedTime": "2014-05-07T17:39:28.599000+00:00"}],
            "AutoScalingGroups": [{"AutoScalingGroupName": "workers", "LaunchConfigurationName": "plain", "MinSize": 1, "MaxSize": 5,
                "AutoScalingGroupARN": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:930d940e-891e-4781-a11a-7b0acd480f03:autoScalingGroupName/workers",
                "DesiredCapacity": desired, "DefaultCooldown": 200, "AvailabilityZones": ["eu-west-1b"], "LoadBalancerNames": [],
                "TargetGroupARNs": [], "HealthCheckType": "EC2", "HealthCheckGracePeriod": 60, "VPCZoneIdentifier": "subnet-1a2b3c4d",
                "Instances": [{"InstanceId": "i-1234567890abcdef0", "AvailabilityZone": "eu-west-1b", "LifecycleState": "InService",
                    "HealthStatus": "Healthy", "LaunchConfigurationName": "plain", "ProtectedFromScaleIn": true}],
                "CreatedTime": "2014-05-07T17:40:00+00:00", "SuspendedProcesses": [
                    {"ProcessName": "AZRebalance", "SuspensionReason": "User suspended at 2014-05-08T00:00:00Z"}],
                "EnabledMetrics": [], "Tags": [tag], "TerminationPolicies": ["OldestInstance"],
                "NewInstancesProtectedFromScaleIn": false}]}),
    ));
    files
}

#[test]
fn groups_of_auto_scaling_have_the_instances_in_the_files() {
    let (model, told) = imported(&scaling(1));
    assert_eq!(told.left_out, Vec::<String>::new());
    let group = model.auto_scaling_groups.iter().next().unwrap();
    assert_eq!((group.capacity(), group.desired, group.settings.cooldown), (1, 1, 200));
    assert_eq!(group.unique, "930d940e-891e-4781-a11a-7b0acd480f03");
    let mut later = model.clone();
    later.tend_groups(NOW).unwrap();
    assert_eq!(later.instances.len(), model.instances.len(), "it launches none beside them");
    let [once, twice] = exported_twice(&model);
    let of_scaling = |files: &[File]| -> Vec<File> {
        files.iter().filter(|file| file.path.to_string_lossy().contains("autoscaling")).cloned().collect()
    };
    let (once, twice) = (of_scaling(&once), of_scaling(&twice));
    assert_eq!(once.len(), 2);
    for (one, two) in once.iter().zip(&twice) {
        assert_eq!((&one.path, &one.content), (&two.path, &two.content));
    }
    let group = &once[1].content["AutoScalingGroups"][0];
    assert_eq!(group["Instances"][0]["ProtectedFromScaleIn"], true);
    assert_eq!(group["SuspendedProcesses"][0]["SuspensionReason"], "User suspended at 2014-05-08T00:00:00Z");
    assert_eq!(once[0].content["LaunchConfigurations"][0]["KeyName"], "ops");
}

#[test]
fn a_group_of_more_instances_than_there_are_is_as_large_as_there_are() {
    let (model, told) = imported(&scaling(3));
    assert_eq!(told.left_out, ["workers: its size of 3: 1 of its instances are here, and it launches no others"]);
    assert_eq!(model.auto_scaling_groups.iter().next().unwrap().desired, 1);
}

#[test]
fn what_a_group_has_and_nothing_here_does_is_said() {
    let mut files = scaling(1);
    let (_, scaling) = files.last_mut().unwrap();
    let group = &mut scaling["AutoScalingGroups"][0];
    group["TargetGroupARNs"] =
        json!(["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1234567890123456"]);
    group["WarmPoolConfiguration"] = json!({"MinSize": 2, "PoolState": "Stopped"});
    let (_, told) = imported(&files);
    assert_eq!(told.left_out, ["workers: its TargetGroupARNs", "workers: its WarmPoolConfiguration"]);
}

#[test]
fn replication_groups_are_made_with_their_clusters() {
    let mut files = account();
    let member = |number: u8, role: &str| {
        json!({"CacheClusterId": format!("carts-00{number}"), "CacheNodeId": "0001", "CurrentRole": role,
            "PreferredAvailabilityZone": "eu-west-1b"})
    };
    files.extend([
        cache_subnets(),
        ("x/replicas.json", json!({"ReplicationGroups": [{"ReplicationGroupId": "carts", "Description": "carts of the shop",
            "Status": "available", "MemberClusters": ["carts-001", "carts-002"], "AutomaticFailover": "enabled", "MultiAZ": "disabled",
            "CacheNodeType": "cache.m3.medium", "SnapshotRetentionLimit": 0, "NodeGroups": [{"NodeGroupId": "0001",
                "PrimaryEndpoint": {"Address": "carts.x.ng.0001.euw1.cache.amazonaws.com", "Port": 6380},
                "NodeGroupMembers": [member(1, "primary"), member(2, "replica")]}]}]})),
        ("x/clusters.json", json!({"CacheClusters": [cache_cluster("carts-001"), cache_cluster("carts-002")]})),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    let owners: Vec<&str> = model.managed_hosts.iter().map(|host| host.owner.resource.as_str()).collect();
    assert_eq!((owners.len(), owners.iter().all(|owner| owner.contains("carts"))), (2, true), "{owners:?}");
    // Clusters that have joined a group keep their names.
    let mut joined = model.clone();
    let group = model.deployments.iter().next().unwrap();
    joined.name_nodes(&group.id, vec!["first".into(), "carts-001".into()]).unwrap();
    exported_alike(&joined);
    let exported = exported_alike(&model);
    let described =
        exported.iter().find(|file| file.path.ends_with("elasticache-describe-replication-groups.json")).unwrap();
    assert_eq!(described.content["ReplicationGroups"][0]["MemberClusters"], json!(["carts-001", "carts-002"]));
    assert_eq!(described.content["ReplicationGroups"][0]["Description"], "carts of the shop");
}

#[test]
fn replication_groups_of_several_shards_are_made_with_all_of_them() {
    let mut files = account();
    let shard = |number: u8| {
        let member = |place: u8| {
            json!({"CacheClusterId": format!("carts-000{number}-00{place}"), "CacheNodeId": "0001",
            "PreferredAvailabilityZone": "eu-west-1b"})
        };
        json!({"NodeGroupId": format!("000{number}"), "NodeGroupMembers": [member(1), member(2)]})
    };
    let members = ["carts-0001-001", "carts-0001-002", "carts-0002-001", "carts-0002-002"];
    files.extend([
        cache_subnets(),
        (
            "x/shards.json",
            json!({"ReplicationGroups": [{"ReplicationGroupId": "carts", "Description": "carts", "Status": "available",
            "MemberClusters": members, "AutomaticFailover": "enabled", "ClusterEnabled": true, "ClusterMode": "enabled",
            "TransitEncryptionEnabled": true,
            "ConfigurationEndpoint": {"Address": "carts.x.clustercfg.euw1.cache.amazonaws.com", "Port": 6380},
            "NodeGroups": [shard(1), shard(2)]}]}),
        ),
        ("x/clusters.json", json!({"CacheClusters": members.map(cache_cluster)})),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    let hosts = model.managed_hosts.iter().map(|host| (host.id.as_str(), host.program.port));
    assert!(hosts.eq(members.map(|name| format!("{name}-eu-west-1b")).iter().map(|name| (name.as_str(), 6380))));
    let certified = ["*.carts.x.euw1.cache.amazonaws.com"];
    assert!(model.managed_hosts.iter().all(|host| host.program.tls == certified), "they speak TLS");
}

#[test]
fn a_hostile_list_of_a_service_gets_a_sentence_an_item_and_harms_nothing() {
    let others = scaling::LISTS.into_iter().chain([replication_groups::LIST]).chain(identities::LISTS);
    for list in services::MAKERS.iter().map(|maker| maker.list).chain(others) {
        let long = "x".repeat(100_000);
        let name = |value: serde_json::Value| {
            let names =
                ["AutoScalingGroupName", "LaunchConfigurationName", "ReplicationGroupId", "DBInstanceIdentifier"];
            let more = [
                "CacheClusterId",
                "ClusterIdentifier",
                "LoadBalancerName",
                "DBSubnetGroupName",
                "CacheSubnetGroupName",
            ];
            let all = names.iter().chain(&more).map(|name| ((*name).to_owned(), value.clone()));
            serde_json::Value::Object(all.collect())
        };
        let (text, deep) = (json!(long), json!({"a": [{"b": [[[1]]]}]}));
        let instances = json!({"AutoScalingGroupName": "a", "MinSize": "many", "Instances": [7]});
        let nodes = json!({"ReplicationGroupId": "a", "NodeGroups": {"NodeGroupMembers": 3}, "MemberClusters": long});
        for item in [
            json!(7),
            json!(null),
            json!([]),
            json!({}),
            name(text),
            name(deep),
            name(json!("a&Action=b")),
            instances,
            nodes,
        ] {
            let (_, told) = imported(&[account(), vec![("x/hostile.json", json!({list: [item]}))]].concat());
            let of_it: Vec<&String> = told.left_out.iter().filter(|why| !why.contains("AvailabilityZone")).collect();
            assert!(!of_it.is_empty() && of_it.iter().all(|why| !why.contains('\n')), "{list}: {item}: {of_it:?}");
        }
    }
}

#[test]
fn the_groups_of_a_default_vpcs_subnets_and_replicas_are_taken_up() {
    let mut files = account();
    let database = |name: &str| {
        json!({"DBInstanceIdentifier": name, "DBInstanceClass": "db.m3.large", "Engine": "postgres", "AllocatedStorage": 10,
            "DBSubnetGroup": {"DBSubnetGroupName": "default"}, "MasterUsername": "root",
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-903004f8"}]})
    };
    let replica = |name: &str, source: &str| {
        let mut replica = database(name);
        replica["ReadReplicaSourceDBInstanceIdentifier"] = json!(source);
        replica
    };
    let subnets = json!([{"SubnetIdentifier": "subnet-1a2b3c4d"}, {"SubnetIdentifier": "subnet-5a2b3c4d"}]);
    files.extend([
        (
            "x/subnets2.json",
            json!({"Subnets": [{"SubnetId": "subnet-5a2b3c4d", "VpcId": "vpc-1a2b3c4d", "OwnerId": "123456789012",
            "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "eu-west-1c"}]}),
        ),
        (
            "x/groups2.json",
            json!({"DBSubnetGroups": [{"DBSubnetGroupName": "default", "Subnets": subnets}],
            "CacheSubnetGroups": [{"CacheSubnetGroupName": "default", "Subnets": []}]}),
        ),
        ("x/rds.json", json!({"DBInstances": [replica("again", "copy"), replica("copy", "shop"), database("shop")]})),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    assert_eq!((model.subnet_groups.len(), model.managed_hosts.len()), (1, 3));
    assert_eq!(model.deployments.iter().filter(|database| database.source.is_some()).count(), 2);
}

#[test]
fn a_secure_listener_passes_tcp_through_and_keeps_its_own_members() {
    let listener = |protocol: &str, port: u16| {
        json!({"Listener": {"Protocol": protocol, "LoadBalancerPort": port,
        "InstanceProtocol": "HTTP", "InstancePort": 8080, "SSLCertificateId": "arn:aws:iam::123456789012:server-certificate/x"}})
    };
    let mut plain = listener("TCP", 81);
    plain["Listener"].as_object_mut().unwrap().remove("InstanceProtocol");
    let mut files = account();
    files.push((
        "x/elb.json",
        json!({"LoadBalancerDescriptions": [{"LoadBalancerName": "front", "Scheme": "internal", "Subnets": ["subnet-1a2b3c4d"],
            "SecurityGroups": ["sg-903004f8"], "ListenerDescriptions": [plain, listener("HTTPS", 443), listener("HTTP", 80)]}]}),
    ));
    let (model, told) = imported(&files);
    let left_out =
        "front: the encryption of its listener at port 443, which passes TCP through: no file has a key".to_owned();
    assert_eq!(told.left_out, [left_out]);
    assert!(model.managed_hosts.iter().any(|host| host.owner.resource.contains("front")));
}
