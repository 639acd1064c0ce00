//! Cache clusters and the replication groups that they join and leave; TLS.

use super::*;

const CACHE: &str = "Version=2015-02-02&Action";
const GROUP: &str = "ReplicationGroupId=carts&ReplicationGroupDescription=x";

/// A cloud with a subnet group, and the cache cluster `first` in it.
fn cloud() -> Cloud {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let group = "CacheSubnetGroupName=back&CacheSubnetGroupDescription=x";
    cloud.ask(&format!("{CACHE}=CreateCacheSubnetGroup&{group}&SubnetIds.SubnetIdentifier.1={subnet}")).unwrap();
    cloud
        .ask(&format!("{CACHE}=CreateCacheCluster&CacheClusterId=first&Engine=redis&CacheSubnetGroupName=back"))
        .unwrap();
    cloud
}

fn described() -> String {
    format!("{CACHE}=DescribeReplicationGroups&ReplicationGroupId=carts")
}

fn adopt(primary: &str) -> String {
    format!("{CACHE}=CreateReplicationGroup&{GROUP}&PrimaryClusterId={primary}")
}

fn node(name: &str) -> String {
    format!("{CACHE}=DescribeCacheClusters&CacheClusterId={name}&ShowCacheNodeInfo=true")
}

#[test]
fn a_cluster_becomes_the_primary_of_a_group_and_keeps_its_host_and_endpoint() {
    let mut cloud = cloud();
    let (endpoint, host) =
        (cloud.get(&node("first"), "Address"), cloud.model.managed_hosts.iter().next().cloned().unwrap());
    assert_eq!(cloud.ask(&adopt("other")), Err("CacheClusterNotFound"));
    assert_eq!(cloud.ask(&format!("{}&NumCacheClusters=2", adopt("first"))), Err("InvalidParameterCombination"));
    assert_eq!(cloud.get(&adopt("first"), "Status"), "creating");
    assert_eq!(cloud.get(&described(), "Status"), "available");
    assert_eq!(cloud.all(&described(), "ClusterId"), ["first"]);
    assert_eq!(cloud.get(&node("first"), "ReplicationGroupId"), "carts");
    assert_eq!(cloud.get(&node("first"), "Address"), endpoint);
    let primary = cloud.get(&described(), "Address");
    let now = cloud.model.managed_hosts.iter().next().cloned().unwrap();
    assert!(now.names.contains(&endpoint) && now.names.contains(&primary), "{:?}", now.names);
    assert_eq!((now.id, now.restarts), (host.id, host.restarts));
    assert_eq!(cloud.ask(&adopt("first")), Err("CacheClusterNotFound"), "it is in a group");
}

#[test]
fn clusters_join_a_group_and_leave_it() {
    let mut cloud = cloud();
    cloud.ask(&adopt("first")).unwrap();
    let join = |name: &str| format!("{CACHE}=CreateCacheCluster&ReplicationGroupId=carts&CacheClusterId={name}");
    assert_eq!(cloud.ask(&format!("{}&Engine=redis", join("second"))), Err("InvalidParameterCombination"));
    assert_eq!(cloud.ask(&join("first")), Err("CacheClusterAlreadyExists"));
    assert_eq!(cloud.get(&join("second"), "ReplicationGroupId"), "carts");
    let count = "ReplicationGroupId=carts&NewReplicaCount=2&ApplyImmediately=true";
    cloud.ask(&format!("{CACHE}=IncreaseReplicaCount&{count}")).unwrap();
    assert_eq!(cloud.all(&described(), "ClusterId"), ["first", "second", "carts-001"]);
    let alone = format!("{CACHE}=CreateCacheCluster&Engine=redis&CacheSubnetGroupName=back&CacheClusterId=carts-001");
    assert_eq!(cloud.ask(&alone), Err("CacheClusterAlreadyExists"));
    let reboot = "RebootCacheCluster&CacheNodeIdsToReboot.CacheNodeId.1=0001&CacheClusterId=second";
    assert_eq!(cloud.get(&format!("{CACHE}={reboot}"), "CacheClusterStatus"), "rebooting cluster nodes");
    let restarted: Vec<&str> =
        cloud.model.managed_hosts.iter().filter(|host| host.restarts > 0).map(|host| host.id.as_str()).collect();
    assert!(matches!(restarted[..], [only] if only.starts_with("second-")), "{restarted:?}");
    let delete = |name: &str| format!("{CACHE}=DeleteCacheCluster&CacheClusterId={name}");
    assert_eq!(cloud.ask(&delete("first")), Err("InvalidCacheClusterState"), "it is the primary");
    assert_eq!(cloud.get(&delete("second"), "CacheClusterStatus"), "deleting");
    assert_eq!(cloud.all(&described(), "ClusterId"), ["first", "carts-001"]);
    for name in ["third", "fourth", "fifth", "sixth"] {
        cloud.ask(&join(name)).unwrap();
    }
    assert_eq!(cloud.ask(&join("seventh")), Err("NodeQuotaForClusterExceeded"));
    let removed = "ReplicationGroupId=carts&ReplicasToRemove.member.1=first&ApplyImmediately=true";
    assert_eq!(cloud.ask(&format!("{CACHE}=DecreaseReplicaCount&{removed}")), Err("InvalidParameterValue"));
}

#[test]
fn a_groups_nodes_and_clusters_have_different_names() {
    let mut cloud = cloud();
    let alone = "CreateCacheCluster&Engine=redis&CacheSubnetGroupName=back&CacheClusterId";
    cloud.ask(&format!("{CACHE}={alone}=carts-001")).unwrap();
    let create = format!("{CACHE}=CreateReplicationGroup&{GROUP}&CacheSubnetGroupName=back&NumCacheClusters=1");
    assert_eq!(cloud.ask(&create), Err("CacheClusterAlreadyExists"));
    cloud.ask(&adopt("first")).unwrap();
    let count = "ReplicationGroupId=carts&NewReplicaCount=1&ApplyImmediately=true";
    assert_eq!(cloud.ask(&format!("{CACHE}=IncreaseReplicaCount&{count}")), Err("CacheClusterAlreadyExists"));
}

#[test]
fn a_primary_may_outlive_its_group() {
    let mut cloud = cloud();
    let endpoint = cloud.get(&node("first"), "Address");
    cloud.ask(&adopt("first")).unwrap();
    cloud.ask(&format!("{CACHE}=CreateCacheCluster&ReplicationGroupId=carts&CacheClusterId=second")).unwrap();
    let delete = format!("{CACHE}=DeleteReplicationGroup&ReplicationGroupId=carts&RetainPrimaryCluster=true");
    assert_eq!(cloud.get(&delete, "Status"), "deleting");
    assert_eq!(cloud.ask(&described()), Err("ReplicationGroupNotFoundFault"));
    assert_eq!(cloud.all(&format!("{CACHE}=DescribeCacheClusters"), "CacheClusterId"), ["first"]);
    assert_eq!(cloud.get(&node("first"), "Address"), endpoint);
    assert_eq!(cloud.model.managed_hosts.len(), 1);
}

#[test]
fn a_group_with_tls_has_a_domain_and_a_certificate_of_its_own() {
    let mut cloud = cloud();
    let create = format!("{CACHE}=CreateReplicationGroup&{GROUP}&NumCacheClusters=2");
    let tls = "CacheSubnetGroupName=back&TransitEncryptionEnabled=true";
    assert_eq!(cloud.ask(&format!("{create}&TransitEncryptionEnabled=true")), Err("InvalidParameterCombination"));
    let token = "AuthToken=a-password-of-16-letters";
    assert_eq!(cloud.ask(&format!("{create}&CacheSubnetGroupName=back&{token}")), Err("InvalidParameterCombination"));
    cloud.ask(&format!("{create}&{tls}&{token}")).unwrap();
    let group = cloud.ask(&described()).unwrap();
    for (element, value) in
        [("TransitEncryptionEnabled", "true"), ("TransitEncryptionMode", "required"), ("AuthTokenEnabled", "true")]
    {
        assert_eq!(first(&group, element).as_deref(), Some(value), "{element}");
    }
    let names = texts(&group, "Address");
    let domain = names[0].strip_prefix("master.").unwrap().to_owned();
    assert!(domain.starts_with("carts.c") && domain.ends_with(".use1.cache.amazonaws.com"), "{domain}");
    let of_nodes = ["carts-001", "carts-002"].map(|node| format!("{node}.{domain}"));
    assert!(
        names.contains(&format!("replica.{domain}")) && of_nodes.iter().all(|name| names.contains(name)),
        "{names:?}"
    );
    let host = cloud.model.managed_hosts.iter().find(|host| host.names.contains(&names[0])).unwrap();
    assert_eq!(host.program.tls, [format!("*.{domain}")]);
    assert_eq!(host.program.arguments.last().map(String::as_str), Some("--tls"));
    let modify = format!("{CACHE}=ModifyReplicationGroup&ReplicationGroupId=carts&ApplyImmediately=true");
    assert_eq!(cloud.ask(&format!("{modify}&TransitEncryptionEnabled=false")), Err("UnsupportedOperation"));
    cloud.ask(&format!("{CACHE}=DeleteReplicationGroup&ReplicationGroupId=carts&RetainPrimaryCluster=true")).unwrap();
    let endpoint = cloud.get(&node("carts-001"), "Address");
    let host = cloud.model.managed_hosts.iter().find(|host| host.names.contains(&endpoint)).unwrap();
    assert_eq!(host.program.tls, [endpoint], "the cluster has a certificate for its own name");
}

#[test]
fn a_group_with_tls_has_users_by_their_groups() {
    let mut cloud = cloud();
    for name in ["few", "many"] {
        let users = format!("UserGroupId={name}&Engine=redis&UserIds.member.1=default");
        cloud.ask(&format!("{CACHE}=CreateUserGroup&{users}")).unwrap();
    }
    let create = format!("{CACHE}=CreateReplicationGroup&{GROUP}&NumCacheClusters=2&CacheSubnetGroupName=back");
    let tls = "TransitEncryptionEnabled=true&UserGroupIds.member.1";
    assert_eq!(cloud.ask(&format!("{create}&UserGroupIds.member.1=few")), Err("InvalidParameterCombination"));
    assert_eq!(cloud.ask(&format!("{create}&{tls}=none")), Err("UserGroupNotFound"));
    cloud.ask(&format!("{create}&{tls}=few")).unwrap();
    assert!(cloud.ask(&described()).unwrap().contains("<UserGroupIds><member>few<"));
    let of = |name: &str| format!("{CACHE}=DescribeUserGroups&UserGroupId={name}");
    assert!(cloud.ask(&of("few")).unwrap().contains("<ReplicationGroups><member>carts<"));
    let modify = format!("{CACHE}=ModifyReplicationGroup&ReplicationGroupId=carts&UserGroupIdsTo");
    cloud.ask(&format!("{modify}Add.member.1=many&UserGroupIdsToRemove.member.1=few")).unwrap();
    let group = cloud.ask(&described()).unwrap();
    assert!(group.contains("<member>many<") && !group.contains("few"), "{group}");
    cloud.ask(&format!("{CACHE}=DeleteUserGroup&UserGroupId=many")).unwrap();
    assert!(!cloud.ask(&described()).unwrap().contains("many"));
}
