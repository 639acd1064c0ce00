//! What RDS, ElastiCache and Redshift keep and tell again: subscriptions, exports, proxies, users, schedules.

use super::*;

const RDS: &str = "Version=2014-10-31&Action";
const CACHE: &str = "Version=2015-02-02&Action";
const REDSHIFT: &str = "Version=2012-12-01&Action";
const DATABASE: &str = "DBInstanceIdentifier=orders&DBInstanceClass=db.m3.medium&Engine=postgres";

fn with_database() -> Cloud {
    let mut cloud = Cloud::new();
    cloud.ask(&format!("{RDS}=CreateDBInstance&{DATABASE}&AllocatedStorage=20")).unwrap();
    cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
    cloud
}

#[test]
fn a_subscription_to_events_is_kept_changed_and_deleted() {
    let mut cloud = Cloud::new();
    let named = "SubscriptionName=mine";
    let make = format!("{RDS}=CreateEventSubscription&{named}&SnsTopicArn=arn:aws:sns:us-east-1:111122223333:t");
    assert_eq!(cloud.ask(&format!("{make}&SourceIds.SourceId.1=orders")), Err("InvalidParameterCombination"));
    let made = cloud.ask(&format!("{make}&SourceType=db-instance&Tags.Tag.1.Key=a&Tags.Tag.1.Value=b")).unwrap();
    assert_eq!(first(&made, "Status").unwrap(), "creating");
    let arn = first(&made, "EventSubscriptionArn").unwrap();
    assert_eq!(arn, "arn:aws:rds:us-east-1:111122223333:es:mine");
    assert_eq!(cloud.get(&format!("{RDS}=ListTagsForResource&ResourceName={arn}"), "Value"), "b");
    assert_eq!(cloud.ask(&make), Err("SubscriptionAlreadyExist"));
    cloud.ask(&format!("{RDS}=AddSourceIdentifierToSubscription&{named}&SourceIdentifier=orders")).unwrap();
    cloud.ask(&format!("{RDS}=ModifyEventSubscription&{named}&Enabled=false")).unwrap();
    let described = cloud.ask(&format!("{RDS}=DescribeEventSubscriptions&{named}")).unwrap();
    assert_eq!(first(&described, "SourceId").unwrap(), "orders");
    assert_eq!(first(&described, "Enabled").unwrap(), "false");
    cloud.ask(&format!("{RDS}=DeleteEventSubscription&{named}")).unwrap();
    assert_eq!(cloud.ask(&format!("{RDS}=DescribeEventSubscriptions&{named}")), Err("SubscriptionNotFound"));
}

#[test]
fn a_snapshot_is_exported_on_paper() {
    let mut cloud = with_database();
    cloud.ask(&format!("{RDS}=CreateDBSnapshot&DBInstanceIdentifier=orders&DBSnapshotIdentifier=one")).unwrap();
    let start = |name: &str| {
        format!(
            "{RDS}=StartExportTask&ExportTaskIdentifier=out&S3BucketName=b&IamRoleArn=r&KmsKeyId=k\
             &SourceArn=arn:aws:rds:us-east-1:111122223333:snapshot:{name}"
        )
    };
    assert_eq!(cloud.ask(&start("none")), Err("DBSnapshotNotFound"));
    assert_eq!(cloud.get(&start("one"), "SourceType"), "SNAPSHOT");
    assert_eq!(cloud.ask(&start("one")), Err("ExportTaskAlreadyExists"));
    let named = "ExportTaskIdentifier=out";
    assert_eq!(cloud.get(&format!("{RDS}=CancelExportTask&{named}"), "Status"), "canceled");
    assert_eq!(cloud.ask(&format!("{RDS}=DescribeExportTasks&ExportTaskIdentifier=none")), Err("ExportTaskNotFound"));
}

#[test]
fn a_proxy_stands_in_subnets_of_one_vpc_and_has_targets() {
    let mut cloud = with_database();
    let [one, other] = ["10.0.0.0/16", "10.1.0.0/16"].map(|cidr| {
        let vpc = cloud.vpc(cidr);
        let cidr = cidr.replace("/16", "/24");
        cloud.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock={cidr}"), "subnetId")
    });
    let make = |subnets: &str| {
        format!(
            "{RDS}=CreateDBProxy&DBProxyName=front&EngineFamily=POSTGRESQL&RoleArn=r&Auth.member.1.SecretArn=s{subnets}"
        )
    };
    let two = format!("&VpcSubnetIds.member.1={one}&VpcSubnetIds.member.2={other}");
    assert_eq!(cloud.ask(&make(&two)), Err("InvalidSubnet"));
    let made = cloud.ask(&make(&format!("&VpcSubnetIds.member.1={one}"))).unwrap();
    assert!(first(&made, "DBProxyArn").unwrap().contains(":db-proxy:prx-"), "{made}");
    assert_eq!(first(&made, "IdleClientTimeout").unwrap(), "1800");
    assert_eq!(cloud.ask(&make(&format!("&VpcSubnetIds.member.1={one}"))), Err("DBProxyAlreadyExistsFault"));
    let of_front = |action: &str| format!("{RDS}={action}&DBProxyName=front");
    let register = format!("{}&DBInstanceIdentifiers.member.1=orders", of_front("RegisterDBProxyTargets"));
    assert_eq!(cloud.get(&register, "RdsResourceId"), "orders");
    assert_eq!(cloud.ask(&register), Err("DBProxyTargetAlreadyRegisteredFault"));
    let guard = format!("{}&SecurityGroups.member.1=sg-00000000", of_front("ModifyDBProxy"));
    assert_eq!(cloud.ask(&guard), Err("InvalidParameterValue"));
    let less = "TargetGroupName=default&ConnectionPoolConfig.MaxConnectionsPercent=30";
    let modify = format!("{}&{less}", of_front("ModifyDBProxyTargetGroup"));
    assert_eq!(cloud.get(&modify, "MaxIdleConnectionsPercent"), "15");
    cloud.ask(&register.replace("=Register", "=Deregister")).unwrap();
    assert!(cloud.all(&of_front("DescribeDBProxyTargets"), "RdsResourceId").is_empty());
    let endpoint = "DBProxyEndpointName=side";
    let subnet = format!("VpcSubnetIds.member.1={one}");
    let further = format!("{}&{endpoint}&{subnet}", of_front("CreateDBProxyEndpoint"));
    assert_eq!(cloud.ask(&format!("{further}&TargetRole=NONE")), Err("InvalidParameterValue"));
    assert_eq!(cloud.get(&further, "TargetRole"), "READ_WRITE");
    assert_eq!(cloud.ask(&further), Err("DBProxyEndpointAlreadyExistsFault"));
    cloud.ask(&format!("{RDS}=ModifyDBProxyEndpoint&{endpoint}&NewDBProxyEndpointName=back")).unwrap();
    let address = cloud.get(&of_front("DescribeDBProxyEndpoints"), "Endpoint");
    assert!(address.starts_with("back.endpoint.proxy-"), "{address}");
    assert_eq!(cloud.ask(&format!("{RDS}=DeleteDBProxyEndpoint&{endpoint}")), Err("DBProxyEndpointNotFoundFault"));
    cloud.ask(&of_front("DeleteDBProxy")).unwrap();
    assert!(cloud.all(&format!("{RDS}=DescribeDBProxyEndpoints"), "Status").is_empty(), "it went with its proxy");
    assert_eq!(cloud.ask(&of_front("DescribeDBProxies")), Err("DBProxyNotFoundFault"));
}

#[test]
fn an_automated_snapshot_is_there_by_itself_and_can_be_kept() {
    let mut cloud = with_database();
    let automated = format!("{RDS}=DescribeDBSnapshots&SnapshotType=automated");
    let [name] = &cloud.all(&automated, "DBSnapshotIdentifier")[..] else { panic!("there is one") };
    assert!(name.starts_with("rds:orders-"), "{name}");
    assert_eq!(
        cloud.ask(&format!("{RDS}=DeleteDBSnapshot&DBSnapshotIdentifier={name}")),
        Err("InvalidDBSnapshotState")
    );
    let backups = format!("{RDS}=DescribeDBInstanceAutomatedBackups");
    assert_eq!(cloud.all(&backups, "Status"), ["active"]);
    let delete = format!("{RDS}=DeleteDBInstance&DBInstanceIdentifier=orders&SkipFinalSnapshot=true");
    cloud.ask(&format!("{delete}&DeleteAutomatedBackups=false")).unwrap();
    assert!(cloud.all(&format!("{RDS}=DescribeDBInstances"), "DBInstanceIdentifier").is_empty());
    assert_eq!(cloud.all(&backups, "Status"), ["retained"]);
    assert_eq!(cloud.all(&automated, "DBSnapshotIdentifier").len(), 1);
    let id = cloud.get(&backups, "DbiResourceId");
    cloud.ask(&format!("{RDS}=DeleteDBInstanceAutomatedBackup&DbiResourceId={id}")).unwrap();
    assert!(cloud.all(&automated, "DBSnapshotIdentifier").is_empty());

    let unsaved = DATABASE.replace("orders", "plain");
    cloud.ask(&format!("{RDS}=CreateDBInstance&{unsaved}&BackupRetentionPeriod=0")).unwrap();
    cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
    assert!(cloud.all(&automated, "DBSnapshotIdentifier").is_empty());
}

#[test]
fn a_database_called_as_one_whose_backup_is_kept_has_its_own() {
    let mut cloud = with_database();
    let delete = format!("{RDS}=DeleteDBInstance&DBInstanceIdentifier=orders&SkipFinalSnapshot=true");
    cloud.ask(&format!("{delete}&DeleteAutomatedBackups=false")).unwrap();
    cloud.now.0 += 1;
    cloud.ask(&format!("{RDS}=CreateDBInstance&{DATABASE}&AllocatedStorage=20")).unwrap();
    let mut backups = cloud.all(&format!("{RDS}=DescribeDBInstanceAutomatedBackups"), "Status");
    backups.sort();
    assert_eq!(backups, ["active", "retained"]);
}

#[test]
fn a_final_snapshot_has_tags_where_they_are_to_be_copied() {
    let mut cloud = Cloud::new();
    for (copies, tags) in [("true", 1), ("false", 0)] {
        let tagged = format!("CopyTagsToSnapshot={copies}&Tags.Tag.1.Key=a&Tags.Tag.1.Value=b");
        cloud.ask(&format!("{RDS}=CreateDBInstance&{DATABASE}&AllocatedStorage=20&{tagged}")).unwrap();
        let last = format!("FinalDBSnapshotIdentifier=last-{copies}");
        cloud.ask(&format!("{RDS}=DeleteDBInstance&DBInstanceIdentifier=orders&{last}")).unwrap();
        let described = format!("{RDS}=DescribeDBSnapshots&DBSnapshotIdentifier=last-{copies}");
        assert_eq!(cloud.all(&described, "Key").len(), tags, "{copies}");
    }
}

#[test]
fn what_is_told_of_nothing_can_be_added_to() {
    use crate::api::deployment::{said_over, unsaid};
    let more = shapes::rds::DBInstance { iops: Some(3), ..Default::default() };
    assert_eq!(said_over(&unsaid("", &["Engine"]), &more), r#"{"Iops":3}"#);
}

/// Has a proxy called front that stands before the DB instance called orders.
fn put_proxy_before(cloud: &mut Cloud) {
    let vpc = cloud.vpc("10.0.0.0/16");
    let subnet = cloud.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.0.0/24"), "subnetId");
    let proxy = "DBProxyName=front&EngineFamily=POSTGRESQL&RoleArn=r&Auth.member.1.SecretArn=s";
    cloud.ask(&format!("{RDS}=CreateDBProxy&{proxy}&VpcSubnetIds.member.1={subnet}")).unwrap();
    let register = format!("{RDS}=RegisterDBProxyTargets&DBProxyName=front&DBInstanceIdentifiers.member.1=orders");
    cloud.ask(&register).unwrap();
}

const TARGETS: &str = "Version=2014-10-31&Action=DescribeDBProxyTargets&DBProxyName=front";

#[test]
fn a_database_called_otherwise_is_the_same_one() {
    let mut cloud = with_database();
    put_proxy_before(&mut cloud);
    let arn = "arn:aws:rds:us-east-1:111122223333:db:orders";
    let make = format!("{RDS}=CreateBlueGreenDeployment&BlueGreenDeploymentName=next&Source={arn}");
    let id = cloud.get(&make, "BlueGreenDeploymentIdentifier");
    let resource_id = |cloud: &mut Cloud, name: &str| {
        cloud.get(&format!("{RDS}=DescribeDBInstances&DBInstanceIdentifier={name}"), "DbiResourceId")
    };
    let before = resource_id(&mut cloud, "orders");
    let rename = |from: &str, to: &str| {
        format!("{RDS}=ModifyDBInstance&DBInstanceIdentifier={from}&NewDBInstanceIdentifier={to}&ApplyImmediately=true")
    };
    cloud.ask(&rename("orders", "sales")).unwrap();
    assert_eq!(resource_id(&mut cloud, "sales"), before);
    assert_eq!(cloud.all(TARGETS, "RdsResourceId"), ["sales"]);
    let described = format!("{RDS}=DescribeBlueGreenDeployments&BlueGreenDeploymentIdentifier={id}");
    assert_eq!(cloud.get(&described, "Source"), arn.replace("orders", "sales"));
    let snapshots = format!("{RDS}=DescribeDBSnapshots&SnapshotType=automated&DBInstanceIdentifier=sales");
    assert_eq!(cloud.all(&snapshots, "DbiResourceId"), std::slice::from_ref(&before));
    cloud.ask(&rename("sales", "orders")).unwrap();
    assert_eq!(resource_id(&mut cloud, "orders"), before);
}

#[test]
fn tags_are_of_what_the_service_has() {
    let mut cloud = with_database();
    let list = |arn: &str| format!("{RDS}=ListTagsForResource&ResourceName={arn}");
    let none = "arn:aws:rds:us-east-1:111122223333:db:none";
    assert_eq!(cloud.ask(&list(none)), Err("DBInstanceNotFound"));
    assert_eq!(cloud.ask(&list(&none.replace(":db:", ":snapshot:"))), Err("DBSnapshotNotFound"));
    assert_eq!(cloud.ask(&list(&none.replace(":rds:", ":redshift:"))), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&list("none")), Err("InvalidParameterValue"));
}

#[test]
fn a_switchover_gives_the_green_database_the_name() {
    let mut cloud = with_database();
    put_proxy_before(&mut cloud);
    let arn = "arn:aws:rds:us-east-1:111122223333:db:orders";
    let make = format!("{RDS}=CreateBlueGreenDeployment&BlueGreenDeploymentName=next&Source={arn}");
    let made = cloud.ask(&format!("{make}&TargetDBInstanceClass=db.m4.large")).unwrap();
    assert_eq!(first(&made, "Status").unwrap(), "PROVISIONING");
    assert_eq!(cloud.ask(&make), Err("BlueGreenDeploymentAlreadyExistsFault"));
    let endpoint = |cloud: &mut Cloud, name: &str| {
        let body = cloud.ask(&format!("{RDS}=DescribeDBInstances&DBInstanceIdentifier={name}")).unwrap();
        (first(&body, "Address").unwrap(), first(&body, "DBInstanceClass").unwrap())
    };
    let before = endpoint(&mut cloud, "orders");
    let id = first(&made, "BlueGreenDeploymentIdentifier").unwrap();
    let of_it = |action: &str| format!("{RDS}={action}&BlueGreenDeploymentIdentifier={id}");
    cloud.ask(&of_it("SwitchoverBlueGreenDeployment")).unwrap();
    let after = endpoint(&mut cloud, "orders");
    assert_eq!((before.0, "db.m4.large"), (after.0, after.1.as_str()));
    endpoint(&mut cloud, "orders-old1");
    assert_eq!(cloud.all(TARGETS, "RdsResourceId"), ["orders"], "the proxy stands before the green one");
    let orders = format!("{RDS}=DescribeDBInstances&DBInstanceIdentifier=orders");
    assert_eq!(cloud.get(&orders, "BackupRetentionPeriod"), "1");
    assert_eq!(cloud.ask(&of_it("SwitchoverBlueGreenDeployment")), Err("InvalidBlueGreenDeploymentStateFault"));
    cloud.ask(&of_it("DeleteBlueGreenDeployment")).unwrap();
    assert_eq!(cloud.ask(&of_it("DescribeBlueGreenDeployments")), Err("BlueGreenDeploymentNotFoundFault"));
}

#[test]
fn users_of_caches_prove_who_they_are_in_one_way() {
    let mut cloud = Cloud::new();
    let make = |more: &str| format!("{CACHE}=CreateUser&UserId=ann&UserName=ann&Engine=Redis&AccessString=on{more}");
    assert_eq!(cloud.ask(&make("")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&make("&Passwords.member.1=short")), Err("InvalidParameterValue"));
    let iam = "&AuthenticationMode.Type=iam";
    assert_eq!(
        cloud.ask(&make(&format!("{iam}&Passwords.member.1=sixteen-letters-"))),
        Err("InvalidParameterCombination")
    );
    assert_eq!(cloud.ask(&make(&format!("{iam}&NoPasswordRequired=true"))), Err("InvalidParameterCombination"));
    assert_eq!(cloud.get(&make("&Passwords.member.1=sixteen-letters-"), "PasswordCount"), "1");
    assert_eq!(cloud.ask(&make(iam)), Err("UserAlreadyExists"));
    assert_eq!(cloud.ask(&make(iam).replace("UserId=ann", "UserId=Default")), Err("UserAlreadyExists"));
    assert_eq!(cloud.get(&format!("{CACHE}=DescribeUsers&UserId=Ann"), "UserId"), "ann");
    assert_eq!(cloud.all(&format!("{CACHE}=DescribeUsers"), "UserId"), ["ann", "default"]);
    let group = format!("{CACHE}=CreateUserGroup&UserGroupId=all&Engine=redis");
    assert_eq!(cloud.ask(&format!("{group}&UserIds.member.1=bob")), Err("UserNotFound"));
    assert_eq!(cloud.ask(&format!("{group}&UserIds.member.1=ann")), Err("DefaultUserRequired"));
    let twice = "&UserIds.member.1=default&UserIds.member.2=Default";
    assert_eq!(cloud.ask(&format!("{group}{twice}")), Err("DuplicateUserName"));
    cloud.ask(&format!("{group}&UserIds.member.1=ann&UserIds.member.2=default")).unwrap();
    let without = "ModifyUserGroup&UserGroupId=all&UserIdsToRemove.member.1=default";
    assert_eq!(cloud.ask(&format!("{CACHE}={without}")), Err("DefaultUserRequired"));
    let arn = "arn:aws:elasticache:us-east-1:111122223333:user:ann";
    cloud.ask(&format!("{CACHE}=AddTagsToResource&ResourceName={arn}&Tags.Tag.1.Key=a&Tags.Tag.1.Value=b")).unwrap();
    assert_eq!(cloud.get(&format!("{CACHE}=ListTagsForResource&ResourceName={arn}"), "Value"), "b");
    cloud.ask(&format!("{CACHE}=DeleteUser&UserId=ann")).unwrap();
    assert_eq!(cloud.ask(&format!("{CACHE}=DescribeUsers&UserId=ann")), Err("UserNotFound"));
    let described = cloud.ask(&format!("{CACHE}=DescribeUserGroups")).unwrap();
    assert!(!described.contains("ann"), "{described}");
}

fn with_etl() -> Cloud {
    let mut cloud = Cloud::new();
    let like = "NodeType=dc2.large&MasterUsername=me&MasterUserPassword=Secret-123";
    cloud.ask(&format!("{REDSHIFT}=CreateCluster&ClusterIdentifier=etl&{like}")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=DescribeClusters")).unwrap();
    cloud
}

#[test]
fn a_cluster_called_otherwise_keeps_its_log_and_its_schedule() {
    let mut cloud = with_etl();
    let schedule = "ScheduleIdentifier=nightly";
    let every = "ScheduleDefinitions.ScheduleDefinition.1=rate(12+hours)";
    cloud.ask(&format!("{REDSHIFT}=CreateSnapshotSchedule&{schedule}&{every}")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=ModifyClusterSnapshotSchedule&ClusterIdentifier=etl&{schedule}")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=EnableLogging&ClusterIdentifier=etl&BucketName=logs")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=ModifyCluster&ClusterIdentifier=etl&NewClusterIdentifier=elt")).unwrap();
    let logging = format!("{REDSHIFT}=DescribeLoggingStatus&ClusterIdentifier=elt");
    assert_eq!(cloud.get(&logging, "BucketName"), "logs");
    let described = format!("{REDSHIFT}=DescribeSnapshotSchedules&{schedule}");
    assert_eq!(cloud.all(&described, "ClusterIdentifier"), ["elt"]);
    let delete = format!("{REDSHIFT}=DeleteCluster&ClusterIdentifier=elt&SkipFinalClusterSnapshot=true");
    cloud.ask(&delete).unwrap();
    cloud.ask(&format!("{REDSHIFT}=DeleteSnapshotSchedule&{schedule}")).unwrap();
    assert!(cloud.all(&described, "ScheduleIdentifier").is_empty(), "it is no error that there is none");
}

#[test]
fn a_cluster_says_whether_it_may_move_to_another_zone() {
    let mut cloud = with_etl();
    let describe = format!("{REDSHIFT}=DescribeClusters");
    assert_eq!(cloud.get(&describe, "AvailabilityZoneRelocationStatus"), "disabled");
    cloud.ask(&format!("{REDSHIFT}=ModifyCluster&ClusterIdentifier=etl&AvailabilityZoneRelocation=true")).unwrap();
    assert_eq!(cloud.get(&describe, "AvailabilityZoneRelocationStatus"), "enabled");
}

#[test]
fn snapshots_of_redshift_are_shared_and_deleted_together() {
    let mut cloud = with_etl();
    for name in ["one", "two"] {
        let create = "CreateClusterSnapshot&ClusterIdentifier=etl&SnapshotIdentifier";
        cloud.ask(&format!("{REDSHIFT}={create}={name}")).unwrap();
    }
    let access = |verb: &str| {
        format!("{REDSHIFT}={verb}SnapshotAccess&SnapshotIdentifier=one&AccountWithRestoreAccess=444455556666")
    };
    assert_eq!(cloud.ask(&access("Revoke")), Err("AuthorizationNotFound"));
    assert_eq!(cloud.get(&access("Authorize"), "AccountId"), "444455556666");
    assert_eq!(cloud.ask(&access("Authorize")), Err("AuthorizationAlreadyExists"));
    assert_eq!(cloud.ask(&access("Authorize").replace("444455556666", "all")), Err("InvalidParameterValue"));
    let delete = format!("{REDSHIFT}=DeleteClusterSnapshot&SnapshotIdentifier=one");
    assert_eq!(cloud.ask(&delete), Err("InvalidClusterSnapshotState"), "it is shared");
    cloud.account = "444455556666";
    let describe = format!("{REDSHIFT}=DescribeClusterSnapshots&OwnerAccount=111122223333");
    assert_eq!(cloud.all(&describe, "SnapshotIdentifier"), ["one"]);
    let restore = |name: &str| {
        format!(
            "{REDSHIFT}=RestoreFromClusterSnapshot&ClusterIdentifier=mine&OwnerAccount=111122223333&SnapshotIdentifier={name}"
        )
    };
    assert_eq!(cloud.ask(&restore("two")), Err("ClusterSnapshotNotFound"));
    cloud.ask(&restore("one")).unwrap();
    cloud.account = "111122223333";
    let revoked = cloud.ask(&access("Revoke")).unwrap();
    assert_eq!(first(&revoked, "AccountId"), None);
    let named = |number: u8, name: &str| {
        format!("&Identifiers.DeleteClusterSnapshotMessage.{number}.SnapshotIdentifier={name}")
    };
    let all = [named(1, "one"), named(2, "none"), named(3, "two")].concat();
    let body = cloud.ask(&format!("{REDSHIFT}=BatchDeleteClusterSnapshots{all}")).unwrap();
    assert_eq!(texts(&body, "FailureCode"), ["ClusterSnapshotNotFound"]);
    assert_eq!(texts(&body, "String"), ["one", "two"]);
    assert!(cloud.all(&format!("{REDSHIFT}=DescribeClusterSnapshots&SnapshotType=manual"), "Status").is_empty());
}

#[test]
fn snapshots_of_redshift_are_copied_scheduled_and_logged() {
    let mut cloud = with_etl();
    let named = "ClusterIdentifier=etl";
    assert_eq!(cloud.get(&format!("{REDSHIFT}=ResizeCluster&{named}&NumberOfNodes=3"), "NumberOfNodes"), "3");
    for wrong in ["0", "101", "2147483647"] {
        let resize = format!("{REDSHIFT}=ResizeCluster&{named}&NumberOfNodes={wrong}");
        assert_eq!(cloud.ask(&resize), Err("InvalidParameterValue"), "{wrong}");
    }
    let enable = |region: &str| format!("{REDSHIFT}=EnableSnapshotCopy&{named}&DestinationRegion={region}");
    assert_eq!(cloud.ask(&enable("us-east-1")), Err("UnknownSnapshotCopyRegionFault"));
    assert_eq!(cloud.get(&enable("us-west-2"), "RetentionPeriod"), "7");
    assert_eq!(cloud.ask(&enable("us-west-2")), Err("SnapshotCopyAlreadyEnabledFault"));
    let modify = format!("{REDSHIFT}=ModifySnapshotCopyRetentionPeriod&{named}&RetentionPeriod=3");
    assert_eq!(cloud.get(&modify, "RetentionPeriod"), "3");
    cloud.ask(&format!("{REDSHIFT}=DisableSnapshotCopy&{named}")).unwrap();
    assert_eq!(cloud.ask(&modify), Err("SnapshotCopyDisabledFault"));
    assert_eq!(cloud.ask(&format!("{REDSHIFT}=DisableSnapshotCopy&{named}")), Err("SnapshotCopyAlreadyDisabledFault"));

    let snapshot =
        format!("{REDSHIFT}=CreateClusterSnapshot&{named}&SnapshotIdentifier=one&Tags.Tag.1.Key=a&Tags.Tag.1.Value=b");
    let arn = cloud.get(&snapshot, "SnapshotArn");
    assert_eq!(arn, "arn:aws:redshift:us-east-1:111122223333:snapshot:etl/one");
    assert_eq!(cloud.get(&format!("{REDSHIFT}=DescribeTags&ResourceName={arn}"), "Value"), "b");
    let copy = format!("{REDSHIFT}=CopyClusterSnapshot&SourceSnapshotIdentifier=one&TargetSnapshotIdentifier=two");
    let days = "ManualSnapshotRetentionPeriod";
    assert_eq!(cloud.get(&format!("{copy}&{days}=9"), days), "9");
    let all = format!("{REDSHIFT}=DescribeClusterSnapshots&SnapshotType=");
    assert_eq!(cloud.all(&format!("{all}manual"), "SnapshotIdentifier"), ["one", "two"]);
    assert_eq!(cloud.all(&format!("{all}automated"), "SnapshotIdentifier").len(), 1);

    let log = format!("{REDSHIFT}=EnableLogging&{named}&BucketName=logs");
    assert_eq!(cloud.get(&log, "LoggingEnabled"), "true");
    assert_eq!(cloud.get(&format!("{REDSHIFT}=DescribeLoggingStatus&{named}"), "BucketName"), "logs");
    assert_eq!(cloud.get(&format!("{REDSHIFT}=DisableLogging&{named}"), "LoggingEnabled"), "false");
    let schedule = "ScheduleIdentifier=nightly";
    let every = "ScheduleDefinitions.ScheduleDefinition.1=rate(12+hours)";
    cloud.ask(&format!("{REDSHIFT}=CreateSnapshotSchedule&{schedule}&{every}")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=ModifyClusterSnapshotSchedule&{named}&{schedule}")).unwrap();
    let delete = format!("{REDSHIFT}=DeleteSnapshotSchedule&{schedule}");
    assert_eq!(cloud.ask(&delete), Err("InvalidClusterSnapshotScheduleState"));
    cloud
        .ask(&format!("{REDSHIFT}=ModifyClusterSnapshotSchedule&{named}&{schedule}&DisassociateSchedule=true"))
        .unwrap();
    cloud.ask(&delete).unwrap();
    let credentials = format!("{REDSHIFT}=GetClusterCredentials&{named}&DbUser=ann");
    assert_eq!(cloud.get(&format!("{credentials}&AutoCreate=true"), "DbUser"), "IAMA:ann");
    assert_eq!(cloud.ask(&format!("{credentials}&DurationSeconds=60")), Err("InvalidParameterValue"));
}

#[test]
fn there_is_none_of_what_nothing_makes() {
    let mut cloud = Cloud::new();
    let refusals = [
        (RDS, "DescribeReservedDBInstances&ReservedDBInstanceId", "ReservedDBInstanceNotFound"),
        (CACHE, "DescribeServerlessCaches&ServerlessCacheName", "ServerlessCacheNotFoundFault"),
        (REDSHIFT, "DescribeReservedNodes&ReservedNodeId", "ReservedNodeNotFound"),
    ];
    for (service, named, code) in refusals {
        let (all, _) = named.split_once('&').unwrap();
        cloud.ask(&format!("{service}={all}")).unwrap();
        assert_eq!(cloud.ask(&format!("{service}={named}=x")), Err(code));
    }
}
