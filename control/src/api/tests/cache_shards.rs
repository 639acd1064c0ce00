//! Replication groups of several shards, and failing over to a replica.

use super::*;

const CACHE: &str = "Version=2015-02-02&Action";
const GROUP: &str = "ReplicationGroupId=carts&ReplicationGroupDescription=x&CacheSubnetGroupName=back";

/// A cloud with a subnet group in two zones.
fn cloud() -> Cloud {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let [a, b] = [("192.168.1.0/24", "us-east-1a"), ("192.168.2.0/24", "us-east-1b")].map(|(cidr, zone)| {
        cloud.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock={cidr}&AvailabilityZone={zone}"), "subnetId")
    });
    let group = "CacheSubnetGroupName=back&CacheSubnetGroupDescription=x";
    let subnets = format!("SubnetIds.SubnetIdentifier.1={a}&SubnetIds.SubnetIdentifier.2={b}");
    cloud.ask(&format!("{CACHE}=CreateCacheSubnetGroup&{group}&{subnets}")).unwrap();
    cloud
}

fn create(more: &str) -> String {
    format!("{CACHE}=CreateReplicationGroup&{GROUP}&{more}")
}

fn described() -> String {
    format!("{CACHE}=DescribeReplicationGroups&ReplicationGroupId=carts")
}

#[test]
fn shards_have_clusters_of_their_own_and_one_configuration_endpoint() {
    let mut cloud = cloud();
    let two = "NumNodeGroups=2&ReplicasPerNodeGroup=1";
    assert_eq!(cloud.ask(&create(two)), Err("InvalidParameterCombination"), "shards fail over");
    cloud.ask(&create(&format!("{two}&AutomaticFailoverEnabled=true&EngineVersion=7.1"))).unwrap();
    let members = ["carts-0001-001", "carts-0001-002", "carts-0002-001", "carts-0002-002"];
    assert_eq!(cloud.all(&described(), "ClusterId"), members);
    assert_eq!(cloud.all(&described(), "NodeGroupId"), ["0001", "0002"]);
    assert_eq!(cloud.all(&described(), "Slots"), ["0-8191", "8192-16383"]);
    assert_eq!(cloud.get(&described(), "ClusterEnabled"), "true");
    assert!(cloud.all(&described(), "CurrentRole").is_empty(), "roles change without notice");
    let [configuration] = &cloud.all(&described(), "Address")[..] else { panic!("one endpoint for all") };
    assert!(configuration.starts_with("carts.c") && configuration.contains(".clustercfg.use1."), "{configuration}");
    let hosts = cloud.model.managed_hosts.iter();
    assert_eq!(hosts.filter(|host| host.names.contains(configuration)).count(), 4, "any of them answers");
    let clusters = format!("{CACHE}=DescribeCacheClusters&ShowCacheNodeInfo=true");
    assert_eq!(cloud.all(&clusters, "CacheClusterId"), members);
    assert_eq!(cloud.get(&clusters, "CacheParameterGroupName"), "default.redis7.cluster.on");
    let count = |verb: &str, replicas: u16| {
        format!("{CACHE}={verb}ReplicaCount&ReplicationGroupId=carts&NewReplicaCount={replicas}&ApplyImmediately=true")
    };
    cloud.ask(&count("Increase", 2)).unwrap();
    let more =
        ["carts-0001-001", "carts-0001-002", "carts-0001-003", "carts-0002-001", "carts-0002-002", "carts-0002-003"];
    assert_eq!(cloud.all(&described(), "ClusterId"), more);
    cloud.ask(&count("Decrease", 1)).unwrap();
    assert_eq!(cloud.all(&described(), "ClusterId"), members);
    cloud.ask(&format!("{CACHE}=DeleteReplicationGroup&ReplicationGroupId=carts")).unwrap();
}

#[test]
fn shards_are_configured_one_by_one() {
    let mut cloud = cloud();
    let shard = |number: u8, more: &str| {
        let name = format!("NodeGroupConfiguration.NodeGroupConfiguration.{number}.");
        more.split('&').map(|member| format!("&{name}{member}")).collect::<String>()
    };
    let zones = |first: &str, second: &str| {
        format!(
            "PrimaryAvailabilityZone=us-east-1{first}&ReplicaAvailabilityZones.AvailabilityZone.1=us-east-1{second}"
        )
    };
    let on = "AutomaticFailoverEnabled=true";
    let both = [shard(1, &zones("b", "a")), shard(2, &format!("Slots=9000-16383&{}", zones("a", "b")))].concat();
    assert_eq!(cloud.ask(&create(&format!("{on}&NumNodeGroups=3{both}"))), Err("InvalidParameterCombination"));
    let many = "NumNodeGroups=46&ReplicasPerNodeGroup=1";
    assert_eq!(cloud.ask(&create(&format!("{on}&{many}"))), Err("NodeQuotaForClusterExceeded"));
    for wrong in ["NodeGroupId=0009", "Slots=0-16384"] {
        let named = both.clone() + &shard(1, wrong);
        assert_eq!(cloud.ask(&create(&format!("{on}{named}"))), Err("InvalidParameterValue"), "{wrong}");
    }
    cloud.ask(&create(&format!("{on}{both}"))).unwrap();
    let placed = cloud.all(&described(), "PreferredAvailabilityZone");
    assert_eq!(placed, ["us-east-1b", "us-east-1a", "us-east-1a", "us-east-1b"]);
    assert_eq!(cloud.all(&described(), "Slots"), ["0-8191", "9000-16383"]);
}

#[test]
fn a_parameter_group_for_clusters_makes_one_shard_a_cluster() {
    let mut cloud = cloud();
    let named = "CacheParameterGroupName=default.redis7.cluster.on&EngineVersion=7.1&AutomaticFailoverEnabled=true";
    cloud.ask(&create(named)).unwrap();
    assert_eq!(cloud.get(&described(), "ClusterMode"), "enabled");
    assert_eq!(cloud.get(&described(), "ClusterId"), "carts-0001-001");
    let groups = format!("{CACHE}=DescribeCacheParameterGroups&CacheParameterGroupName=default.redis7.cluster.on");
    assert_eq!(cloud.get(&groups, "CacheParameterGroupFamily"), "redis7");
}

#[test]
fn shards_come_and_go_and_those_that_stay_keep_their_endpoints() {
    let mut cloud = cloud();
    let change = |count: u8, more: &str| {
        let group = "ReplicationGroupId=carts&ApplyImmediately=true";
        format!("{CACHE}=ModifyReplicationGroupShardConfiguration&{group}&NodeGroupCount={count}{more}")
    };
    cloud.ask(&create("NumCacheClusters=1")).unwrap();
    assert_eq!(cloud.ask(&change(2, "")), Err("InvalidParameterValue"), "it has no shards");
    cloud.ask(&format!("{CACHE}=DeleteReplicationGroup&ReplicationGroupId=carts")).unwrap();
    cloud.ask(&create("NumNodeGroups=2&ReplicasPerNodeGroup=1&AutomaticFailoverEnabled=true")).unwrap();
    let node = |name: &str| format!("{CACHE}=DescribeCacheClusters&CacheClusterId={name}&ShowCacheNodeInfo=true");
    let second = cloud.get(&node("carts-0002-001"), "Address");
    let place = "&ReshardingConfiguration.ReshardingConfiguration.1.PreferredAvailabilityZones.AvailabilityZone";
    cloud.ask(&change(3, &format!("{place}.1=us-east-1b{place}.2=us-east-1b"))).unwrap();
    assert_eq!(cloud.all(&described(), "Slots"), ["0-5460", "5461-10921", "10922-16383"]);
    assert_eq!(cloud.get(&node("carts-0003-002"), "CustomerAvailabilityZone"), "us-east-1b");
    assert_eq!(cloud.get(&described(), "Status"), "available");
    let gone = |id: &str| format!("&NodeGroupsToRemove.NodeGroupToRemove.1={id}");
    assert_eq!(cloud.ask(&change(2, "")), Err("InvalidParameterCombination"), "which ones go");
    assert_eq!(cloud.ask(&change(2, &gone("0009"))), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&change(1, &gone("0001"))), Err("InvalidParameterCombination"));
    assert_eq!(cloud.ask(&change(91, "")), Err("InvalidParameterValue"));
    cloud.ask(&change(2, &gone("0001"))).unwrap();
    assert_eq!(cloud.all(&described(), "NodeGroupId"), ["0002", "0003"]);
    assert_eq!(cloud.all(&described(), "Slots"), ["0-8191", "8192-16383"]);
    assert_eq!(cloud.get(&node("carts-0002-001"), "Address"), second);
    assert_eq!(cloud.ask(&node("carts-0001-001")), Err("CacheClusterNotFound"));
    cloud.ask(&change(3, "")).unwrap();
    assert_eq!(cloud.all(&described(), "NodeGroupId"), ["0002", "0003", "0001"]);
    cloud.ask(&change(1, "&NodeGroupsToRetain.NodeGroupToRetain.1=0003")).unwrap();
    assert_eq!(cloud.all(&described(), "ClusterId"), ["carts-0003-001", "carts-0003-002"]);
}

#[test]
fn a_replica_takes_the_place_of_a_primary_on_trial() {
    let mut cloud = cloud();
    let test = |shard: &str| format!("{CACHE}=TestFailover&ReplicationGroupId=carts&NodeGroupId={shard}");
    assert_eq!(cloud.ask(&test("0001")), Err("ReplicationGroupNotFoundFault"));
    cloud.ask(&create("NumCacheClusters=2&AutomaticFailoverEnabled=true")).unwrap();
    assert_eq!(cloud.all(&described(), "CurrentRole"), ["primary", "replica"]);
    assert_eq!(cloud.ask(&test("0002")), Err("NodeGroupNotFoundFault"));
    cloud.ask(&test("0001")).unwrap();
    assert_eq!(cloud.all(&described(), "CurrentRole"), ["replica", "primary"]);
    let off = "ModifyReplicationGroup&ReplicationGroupId=carts&AutomaticFailoverEnabled=false&ApplyImmediately=true";
    cloud.ask(&format!("{CACHE}={off}")).unwrap();
    assert_eq!(cloud.ask(&test("0001")), Err("InvalidParameterCombination"));
}

#[test]
fn what_is_made_of_a_snapshot_is_like_its_source() {
    let mut cloud = cloud();
    let cluster = "CreateCacheCluster&CacheSubnetGroupName=back&CacheClusterId";
    let one = "one&Engine=redis&EngineVersion=5.0.6&CacheNodeType=cache.r5.large";
    cloud.ask(&format!("{CACHE}={cluster}={one}")).unwrap();
    cloud.ask(&format!("{CACHE}=DescribeCacheClusters")).unwrap();
    cloud.ask(&format!("{CACHE}=CreateSnapshot&CacheClusterId=one&SnapshotName=then")).unwrap();
    assert_eq!(cloud.ask(&format!("{CACHE}={cluster}=two&SnapshotName=none")), Err("SnapshotNotFoundFault"));
    let two = cloud.ask(&format!("{CACHE}={cluster}=two&SnapshotName=then")).unwrap();
    for (element, value) in [("Engine", "redis"), ("EngineVersion", "5.0.6"), ("CacheNodeType", "cache.r5.large")] {
        assert_eq!(first(&two, element).as_deref(), Some(value), "{element}");
    }
}

#[test]
fn the_nodes_of_a_cache_are_in_a_group_whose_members_may_send_each_other_anything() {
    use ::wire::{Entry, FilterId, Peer, Rule, Traffic};
    let mut cloud = cloud();
    cloud.ask(&create("NumCacheClusters=2")).unwrap();
    let (_, tables) = crate::compile::Compiler::whole(&cloud.model);
    let group = |port: u32| {
        let filter = tables.entries().find_map(|entry| match entry {
            Entry::Filter(id, filter) if *id == FilterId(port) => Some(filter),
            _ => None,
        });
        let [Rule { traffic: Traffic::Any, peer: Peer::Group(group), .. }] = filter.unwrap().ingress[..] else {
            panic!("{filter:?}")
        };
        let is_in = |entry: &Entry| match entry {
            Entry::Attachment(_, own) if own.port.0 == port => {
                own.groups.contains(&group) && own.filters.iter().flatten().any(|id| *id == FilterId(port))
            }
            _ => false,
        };
        assert!(tables.entries().any(is_in));
        group
    };
    let groups: Vec<_> = cloud.model.managed_hosts.iter().map(|host| group(host.port)).collect();
    assert!(groups.len() == 2 && groups[0] == groups[1], "{groups:?}");
}
