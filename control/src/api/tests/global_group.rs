//! Caches without servers, replication groups of several Regions, and where caches deliver their logs.

use super::*;

const CACHE: &str = "Version=2015-02-02&Action";

/// A cloud with a subnet group in two Regions. Returns a subnet of the first.
fn cloud() -> (Cloud, String) {
    let mut cloud = Cloud::new();
    let [subnet, _] = ["us-east-1", "us-west-2"].map(|region| {
        cloud.region = region;
        let vpc = cloud.vpc("192.168.0.0/16");
        let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
        let group = "CacheSubnetGroupName=back&CacheSubnetGroupDescription=x";
        cloud.ask(&format!("{CACHE}=CreateCacheSubnetGroup&{group}&SubnetIds.SubnetIdentifier.1={subnet}")).unwrap();
        subnet
    });
    cloud.region = "us-east-1";
    (cloud, subnet)
}

fn create(name: &str, more: &str) -> String {
    format!(
        "{CACHE}=CreateReplicationGroup&ReplicationGroupId={name}&ReplicationGroupDescription=x&CacheSubnetGroupName=back{more}"
    )
}

#[test]
fn a_global_group_has_a_primary_and_groups_like_it_elsewhere() {
    let (mut cloud, _) = cloud();
    cloud.ask(&create("carts", "&Engine=redis&CacheNodeType=cache.m5.large")).unwrap();
    let make = |primary: &str| {
        format!(
            "{CACHE}=CreateGlobalReplicationGroup&GlobalReplicationGroupIdSuffix=World&PrimaryReplicationGroupId={primary}"
        )
    };
    assert_eq!(cloud.ask(&make("none")), Err("ReplicationGroupNotFoundFault"));
    let made = cloud.ask(&make("carts")).unwrap();
    assert_eq!(first(&made, "ARN").unwrap(), "arn:aws:elasticache::111122223333:globalreplicationgroup:ldgnf-world");
    let named = "GlobalReplicationGroupId=ldgnf-world";
    let described = format!("{CACHE}=DescribeGlobalReplicationGroups&{named}&ShowMemberInfo=true");
    assert_eq!(cloud.all(&described, "Status"), ["primary-only", "associated"]);
    assert_eq!(cloud.ask(&create("other", &format!("&{named}"))), Err("InvalidGlobalReplicationGroupState"));

    cloud.region = "us-west-2";
    let with_primary = create("copy", &format!("&{named}&PrimaryClusterId=carts-001"));
    assert_eq!(cloud.ask(&with_primary), Err("InvalidParameterCombination"));
    let second = cloud.ask(&create("copy", &format!("&{named}"))).unwrap();
    assert_eq!(first(&second, "CacheNodeType").unwrap(), "cache.m5.large");
    assert_eq!(first(&second, "GlobalReplicationGroupMemberRole").unwrap(), "SECONDARY");
    assert_eq!(cloud.all(&described, "Role"), ["PRIMARY", "SECONDARY"]);
    let delete = format!("{CACHE}=DeleteReplicationGroup&ReplicationGroupId=copy");
    assert_eq!(cloud.ask(&delete), Err("InvalidReplicationGroupState"));
    let modify = format!("{CACHE}=ModifyGlobalReplicationGroup&{named}&ApplyImmediately=true");
    assert_eq!(cloud.ask(&format!("{modify}&AutomaticFailoverEnabled=true")), Err("InvalidParameterCombination"));
    cloud.ask(&format!("{modify}&CacheNodeType=cache.m5.xlarge")).unwrap();
    let group = format!("{CACHE}=DescribeReplicationGroups&ReplicationGroupId=copy");
    assert_eq!(cloud.get(&group, "CacheNodeType"), "cache.m5.xlarge");

    let fail_over = "PrimaryRegion=us-west-2&PrimaryReplicationGroupId=copy";
    cloud.ask(&format!("{CACHE}=FailoverGlobalReplicationGroup&{named}&{fail_over}")).unwrap();
    assert_eq!(cloud.all(&described, "Role"), ["SECONDARY", "PRIMARY"]);
    let leave = |name: &str, region: &str| {
        let member = format!("ReplicationGroupId={name}&ReplicationGroupRegion={region}");
        format!("{CACHE}=DisassociateGlobalReplicationGroup&{named}&{member}")
    };
    let end = format!("{CACHE}=DeleteGlobalReplicationGroup&{named}&RetainPrimaryReplicationGroup=true");
    assert_eq!(cloud.ask(&end), Err("InvalidGlobalReplicationGroupState"));
    assert_eq!(cloud.ask(&leave("copy", "us-west-2")), Err("InvalidParameterCombination"), "it is the primary");
    cloud.ask(&leave("carts", "us-east-1")).unwrap();
    cloud.ask(&end).unwrap();
    assert_eq!(cloud.ask(&described), Err("GlobalReplicationGroupNotFoundFault"));
    cloud.ask(&delete).unwrap();
}

#[test]
fn a_serverless_cache_is_in_subnets_and_has_snapshots() {
    let (mut cloud, subnet) = cloud();
    let named = "ServerlessCacheName=Carts";
    let make = format!("{CACHE}=CreateServerlessCache&{named}&SubnetIds.SubnetId.1={subnet}&Engine");
    assert_eq!(cloud.ask(&format!("{make}=tea")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{make}=redis&UserGroupId=none")), Err("UserGroupNotFound"));
    assert_eq!(cloud.ask(&format!("{make}=redis&SnapshotRetentionLimit=36")), Err("InvalidParameterValue"));
    let made =
        cloud.ask(&format!("{make}=redis&CacheUsageLimits.DataStorage.Maximum=9&CacheUsageLimits.DataStorage.Unit=GB"));
    let made = made.unwrap();
    assert_eq!(first(&made, "Status").unwrap(), "creating");
    assert_eq!(first(&made, "ARN").unwrap(), "arn:aws:elasticache:us-east-1:111122223333:serverlesscache:carts");
    assert_eq!(texts(&made, "Port"), ["6379", "6380"]);
    assert_eq!(first(&made, "Maximum").unwrap(), "9");
    assert_eq!(cloud.ask(&format!("{make}=redis")), Err("ServerlessCacheAlreadyExistsFault"));
    let modify = format!("{CACHE}=ModifyServerlessCache&{named}");
    assert_eq!(cloud.get(&format!("{modify}&Engine=valkey&MajorEngineVersion=8"), "Engine"), "valkey");
    assert_eq!(cloud.ask(&format!("{modify}&Engine=memcached")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{modify}&MajorEngineVersion=7")), Err("InvalidParameterCombination"));
    let snapshot = "ServerlessCacheSnapshotName";
    cloud.ask(&format!("{CACHE}=CreateServerlessCacheSnapshot&{named}&{snapshot}=one")).unwrap();
    let copy = "SourceServerlessCacheSnapshotName=one&TargetServerlessCacheSnapshotName=two";
    cloud.ask(&format!("{CACHE}=CopyServerlessCacheSnapshot&{copy}")).unwrap();
    cloud.ask(&format!("{CACHE}=DeleteServerlessCache&{named}&FinalSnapshotName=last")).unwrap();
    let all = format!("{CACHE}=DescribeServerlessCacheSnapshots&{named}");
    assert_eq!(cloud.all(&all, snapshot), ["last", "one", "two"]);
    cloud.ask(&format!("{CACHE}=DeleteServerlessCacheSnapshot&{snapshot}=one")).unwrap();
    assert_eq!(cloud.ask(&format!("{all}&{snapshot}=one")), Err("ServerlessCacheSnapshotNotFoundFault"));
}

#[test]
fn a_serverless_cache_has_a_group_of_users_until_that_is_deleted() {
    let (mut cloud, subnet) = cloud();
    cloud.ask(&format!("{CACHE}=CreateUserGroup&UserGroupId=few&Engine=redis&UserIds.member.1=default")).unwrap();
    let make = format!("{CACHE}=CreateServerlessCache&ServerlessCacheName=carts&SubnetIds.SubnetId.1={subnet}");
    cloud.ask(&format!("{make}&Engine=redis&UserGroupId=few")).unwrap();
    let groups = cloud.ask(&format!("{CACHE}=DescribeUserGroups&UserGroupId=few")).unwrap();
    assert!(groups.contains("<ServerlessCaches><member>carts<"), "{groups}");
    cloud.ask(&format!("{CACHE}=DeleteUserGroup&UserGroupId=few")).unwrap();
    let described = format!("{CACHE}=DescribeServerlessCaches");
    assert!(cloud.all(&described, "UserGroupId").is_empty());
}

#[test]
fn logs_are_delivered_by_type_until_that_is_disabled() {
    let (mut cloud, _) = cloud();
    let log = |kind: &str, more: &str| {
        let one = "LogDeliveryConfigurations.LogDeliveryConfigurationRequest.1";
        format!(
            "&{one}.LogType={kind}&{one}.DestinationType=cloudwatch-logs&{one}.LogFormat=json             &{one}.DestinationDetails.CloudWatchLogsDetails.LogGroup=carts{}",
            if more.is_empty() { String::new() } else { format!("&{one}.{more}") }
        )
    };
    assert_eq!(cloud.ask(&create("carts", &format!("&Engine=redis{}", log("tea", "")))), Err("InvalidParameterValue"));
    cloud.ask(&create("carts", &format!("&Engine=redis{}", log("slow-log", "")))).unwrap();
    let described = format!("{CACHE}=DescribeReplicationGroups&ReplicationGroupId=carts");
    assert_eq!(cloud.get(&described, "LogGroup"), "carts");
    let modify = |more: &str| format!("{CACHE}=ModifyReplicationGroup&ReplicationGroupId=carts{more}");
    cloud.ask(&modify(&log("engine-log", ""))).unwrap();
    assert_eq!(cloud.all(&described, "LogType"), ["slow-log", "engine-log"]);
    cloud.ask(&modify("&SnapshotRetentionLimit=1")).unwrap();
    assert_eq!(cloud.all(&described, "LogType"), ["slow-log", "engine-log"]);
    cloud.ask(&modify(&log("slow-log", "Enabled=false"))).unwrap();
    assert_eq!(cloud.all(&described, "LogType"), ["engine-log"]);
}

#[test]
fn settings_of_caches_are_within_their_ranges() {
    let (mut cloud, _) = cloud();
    for (wrong, code) in [
        ("&Engine=memcached", "InvalidParameterCombination"),
        ("&Engine=redis&MultiAZEnabled=true", "InvalidParameterCombination"),
        ("&Engine=redis&SnapshotRetentionLimit=36", "InvalidParameterValue"),
        ("&Engine=redis&SnapshotWindow=03:00-03:30", "InvalidParameterValue"),
        ("&Engine=redis&PreferredMaintenanceWindow=monday", "InvalidParameterValue"),
    ] {
        assert_eq!(cloud.ask(&create("carts", wrong)), Err(code), "{wrong}");
    }
    cloud.ask(&create("carts", "&Engine=redis&EngineVersion=7.1")).unwrap();
    let older = format!("{CACHE}=ModifyReplicationGroup&ReplicationGroupId=carts&EngineVersion=5.0.6");
    assert_eq!(cloud.ask(&older), Err("InvalidParameterCombination"));
}

#[test]
fn nodes_change_to_larger_and_smaller_types() {
    let (mut cloud, _) = cloud();
    cloud.ask(&create("carts", "&Engine=redis&CacheNodeType=cache.m5.large")).unwrap();
    let list = format!("{CACHE}=ListAllowedNodeTypeModifications");
    let body = cloud.ask(&format!("{list}&ReplicationGroupId=carts")).unwrap();
    let (up, down) = body.split_once("ScaleDownModifications").unwrap();
    assert!(up.contains("cache.m5.xlarge") && !up.contains("cache.t2.micro"), "{up}");
    assert!(down.contains("cache.t2.micro") && !down.contains("cache.m5.large"), "{down}");
    assert_eq!(cloud.ask(&list), Err("InvalidParameterValue"));
}
