//! What describes of RDS and Redshift choose from.

use super::*;

const RDS: &str = "Version=2014-10-31&Action";
const REDSHIFT: &str = "Version=2012-12-01&Action";

fn filter(action: &str, name: &str, values: &[&str]) -> String {
    let values = (1..).zip(values).map(|(n, value)| format!("&Filters.Filter.1.Values.Value.{n}={value}"));
    format!("{RDS}={action}&Filters.Filter.1.Name={name}{}", values.collect::<String>())
}

#[test]
fn a_filter_of_rds_is_known_and_has_values() {
    let mut cloud = Cloud::new();
    let all = ["DescribeDBInstances", "DescribeDBSubnetGroups", "DescribeDBParameterGroups", "DescribeOptionGroups"];
    for action in all {
        let refusal = cloud.refusal(&filter(action, "colour", &["red"]));
        assert_eq!(first(&refusal, "Code").unwrap(), "InvalidParameterValue", "{action}");
        assert_eq!(first(&refusal, "Message").unwrap(), "Unrecognized filter name: colour", "{action}");
    }
    let empty = format!("{RDS}=DescribeDBInstances&Filters.Filter.1.Name=engine&Filters.Filter.1.Values=");
    assert_eq!(cloud.ask(&empty), Err("InvalidParameterCombination"));
}

#[test]
fn an_identifier_is_one_more_value_of_its_filter() {
    let mut cloud = Cloud::new();
    for name in ["one", "two"] {
        let what = format!("DBInstanceIdentifier={name}&DBInstanceClass=db.m3.medium&Engine=postgres");
        cloud.ask(&format!("{RDS}=CreateDBInstance&{what}")).unwrap();
    }
    let found = |cloud: &mut Cloud, form: &str| cloud.ask(form).map(|body| texts(&body, "DBInstanceIdentifier"));
    let both = filter("DescribeDBInstances", "db-instance-id", &["one"]) + "&DBInstanceIdentifier=TWO";
    assert_eq!(found(&mut cloud, &both).unwrap(), ["one", "two"]);
    let arn = filter("DescribeDBInstances", "db-instance-id", &["arn:aws:rds:us-east-1:111122223333:db:one"]);
    assert_eq!(found(&mut cloud, &arn).unwrap(), ["one"]);
    let other = filter("DescribeDBInstances", "engine", &["mysql"]);
    assert!(found(&mut cloud, &other).unwrap().is_empty());
    assert_eq!(found(&mut cloud, &(other + "&DBInstanceIdentifier=one")), Err("DBInstanceNotFound"));
}

#[test]
fn a_cluster_of_redshift_is_restored_from_its_snapshot_and_found_by_tags() {
    let mut cloud = Cloud::new();
    let create = "ClusterIdentifier=etl&NodeType=dc2.large&MasterUsername=me&MasterUserPassword=Secret-123";
    cloud.ask(&format!("{REDSHIFT}=CreateCluster&{create}&DBName=sales&NumberOfNodes=2")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=DescribeClusters")).unwrap();
    let tag = "Tags.Tag.1.Key=team&Tags.Tag.1.Value=a";
    let snapshot = format!("{REDSHIFT}=CreateClusterSnapshot&SnapshotIdentifier=once&ClusterIdentifier=etl&{tag}");
    cloud.ask(&snapshot).unwrap();
    let tagged = |key: &str| format!("{REDSHIFT}=DescribeClusterSnapshots&TagKeys.TagKey.1={key}");
    assert_eq!(cloud.all(&tagged("team"), "SnapshotIdentifier"), ["once"]);
    assert!(cloud.all(&tagged("colour"), "SnapshotIdentifier").is_empty());
    let restore = format!("{REDSHIFT}=RestoreFromClusterSnapshot&ClusterIdentifier=again&SnapshotIdentifier=");
    assert_eq!(cloud.ask(&format!("{restore}never")), Err("ClusterSnapshotNotFound"));
    let made = cloud.ask(&format!("{restore}once")).unwrap();
    assert_eq!((first(&made, "DBName").unwrap(), first(&made, "NumberOfNodes").unwrap()), ("sales".into(), "2".into()));
    assert_eq!(cloud.all(&format!("{REDSHIFT}=DescribeClusters"), "ClusterIdentifier"), ["again", "etl"]);
}

#[test]
fn a_database_is_restored_to_a_point_in_time_shared_and_given_roles() {
    let mut cloud = Cloud::new();
    let named = "DBInstanceIdentifier=orders";
    let create = format!("{RDS}=CreateDBInstance&{named}&DBInstanceClass=db.m3.medium&Engine=postgres");
    cloud.ask(&format!("{create}&AllocatedStorage=30")).unwrap();
    cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
    let restore = format!(
        "{RDS}=RestoreDBInstanceToPointInTime&SourceDBInstanceIdentifier=orders&TargetDBInstanceIdentifier=again"
    );
    assert_eq!(cloud.ask(&restore), Err("InvalidParameterCombination"));
    assert_eq!(cloud.get(&format!("{restore}&UseLatestRestorableTime=true"), "AllocatedStorage"), "30");

    let without = create.replace("orders", "plain");
    cloud.ask(&format!("{without}&AllocatedStorage=30&BackupRetentionPeriod=0")).unwrap();
    let restore = restore.replace("orders", "plain").replace("again", "later");
    let latest = "UseLatestRestorableTime=true";
    assert_eq!(cloud.ask(&format!("{restore}&{latest}")), Err("PointInTimeRestoreNotEnabled"));

    let role = "RoleArn=arn:aws:iam::111122223333:role/import&FeatureName=s3Import";
    let add = format!("{RDS}=AddRoleToDBInstance&{named}&{role}");
    cloud.ask(&add).unwrap();
    assert_eq!(cloud.ask(&add), Err("DBInstanceRoleAlreadyExists"));
    let shown = cloud.ask(&format!("{RDS}=DescribeDBInstances&{named}")).unwrap();
    assert_eq!(first(&shown, "FeatureName").unwrap(), "s3Import");
    cloud.ask(&add.replace("AddRoleTo", "RemoveRoleFrom")).unwrap();
    let remove = add.replace("AddRoleTo", "RemoveRoleFrom");
    assert_eq!(cloud.ask(&remove), Err("DBInstanceRoleNotFound"));

    cloud.ask(&format!("{RDS}=CreateDBSnapshot&{named}&DBSnapshotIdentifier=one")).unwrap();
    let share = |more: &str| format!("{RDS}=ModifyDBSnapshotAttribute&DBSnapshotIdentifier=one&AttributeName={more}");
    assert_eq!(cloud.ask(&share("colour")), Err("InvalidParameterValue"));
    let add = share("restore&ValuesToAdd.AttributeValue.1=444455556666&ValuesToAdd.AttributeValue.2=all");
    assert_eq!(cloud.all(&add, "AttributeValue"), ["444455556666", "all"]);
    let attributes = format!("{RDS}=DescribeDBSnapshotAttributes&DBSnapshotIdentifier=one");
    cloud.ask(&share("restore&ValuesToRemove.AttributeValue.1=all")).unwrap();
    assert_eq!(cloud.all(&attributes, "AttributeValue"), ["444455556666"]);
}

#[test]
fn monitoring_needs_a_role_and_a_role_an_interval() {
    let mut cloud = Cloud::new();
    let create = |more: &str| {
        format!("{RDS}=CreateDBInstance&DBInstanceIdentifier=one&DBInstanceClass=db.m3.medium&Engine=postgres&{more}")
    };
    let role = "MonitoringRoleArn=arn:aws:iam::111122223333:role/monitor";
    for refused in ["MonitoringInterval=60", role] {
        assert_eq!(cloud.ask(&create(refused)), Err("InvalidParameterCombination"), "{refused}");
    }
    assert_eq!(cloud.ask(&create(&format!("{role}&MonitoringInterval=7"))), Err("InvalidParameterValue"));
    cloud.ask(&create(&format!("{role}&MonitoringInterval=60"))).unwrap();
    let replica = "CreateDBInstanceReadReplica&DBInstanceIdentifier=two&SourceDBInstanceIdentifier=one";
    assert_eq!(cloud.ask(&format!("{RDS}={replica}&MonitoringInterval=60")), Err("InvalidParameterCombination"));
}

#[test]
fn the_default_group_of_a_service_is_there_before_anything_is_in_it() {
    let mut cloud = Cloud::new();
    for (version, action, name) in [
        ("2014-10-31", "DescribeDBSecurityGroups", "DBSecurityGroupName"),
        ("2015-02-02", "DescribeCacheSecurityGroups", "CacheSecurityGroupName"),
        ("2012-12-01", "DescribeClusterSecurityGroups", "ClusterSecurityGroupName"),
    ] {
        let all = format!("Version={version}&Action={action}");
        assert_eq!(cloud.all(&all, name), ["default"]);
        assert_eq!(cloud.all(&format!("{all}&{name}=Default"), name), ["default"]);
    }
    let database = "DBInstanceIdentifier=orders&DBInstanceClass=db.m3.medium&Engine=postgres&AllocatedStorage=10";
    let group = "DBSecurityGroups.DBSecurityGroupName.1=default";
    cloud.ask(&format!("Version=2014-10-31&Action=CreateDBInstance&{database}&{group}")).unwrap();
}
