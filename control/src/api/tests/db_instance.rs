//! What becomes of a DB instance that is modified, now and in its maintenance window.

use super::*;

const RDS: &str = "Version=2014-10-31&Action";

/// A cloud with a DB instance `orders`.
fn cloud() -> Cloud {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    let create = format!(
        "{RDS}=CreateDBInstance&DBInstanceIdentifier=orders&DBInstanceClass=db.t3.medium&Engine=mariadb&AllocatedStorage=20\
         &EngineVersion=10.6&StorageType=gp2&BackupRetentionPeriod=1"
    );
    cloud.ask(&create).unwrap();
    cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
    cloud
}

fn modify(said: &str) -> String {
    format!("{RDS}=ModifyDBInstance&DBInstanceIdentifier=orders&{said}")
}

/// What waits, as it is described.
fn waiting(body: &str) -> &str {
    let (_, rest) = body.split_once("<PendingModifiedValues").unwrap();
    rest.split("</PendingModifiedValues>").next().unwrap().trim_start_matches(['/', '>'])
}

#[test]
fn a_change_waits_for_the_window_unless_it_is_to_come_at_once() {
    let mut cloud = cloud();
    let body = cloud.ask(&modify("StorageType=gp3&DBInstanceClass=db.t3.large&AllocatedStorage=20")).unwrap();
    assert_eq!(texts(&body, "StorageType"), ["gp3", "gp2"], "what waits comes first");
    let waits = waiting(&body);
    assert!(waits.contains("<StorageType>gp3<") && waits.contains("<DBInstanceClass>db.t3.large<"), "{body}");
    assert!(!waits.contains("AllocatedStorage"), "it is so already: {body}");
    // What is asked for anew takes the place of what waits, and is nothing to wait for if it is so.
    let body = cloud.ask(&modify("StorageType=gp2")).unwrap();
    assert!(!waiting(&body).contains("StorageType"), "{body}");
    // All that waits comes with what is to come at once.
    let body = cloud.ask(&modify("ApplyImmediately=true&AllocatedStorage=30")).unwrap();
    assert_eq!(first(&body, "DBInstanceClass").as_deref(), Some("db.t3.large"));
    assert_eq!(first(&body, "AllocatedStorage").as_deref(), Some("30"));
    assert!(body.contains("<PendingModifiedValues/>"), "{body}");
}

#[test]
fn a_request_that_changes_nothing_is_refused() {
    let mut cloud = cloud();
    for nothing in ["ApplyImmediately=true", "AllowMajorVersionUpgrade=true"] {
        assert_eq!(cloud.ask(&modify(nothing)), Err("InvalidParameterCombination"), "{nothing}");
    }
    cloud.ask(&modify("DBInstanceClass=db.t3.medium")).unwrap();
    cloud.ask(&modify("DBInstanceClass=db.t3.large")).unwrap();
    let body = cloud.ask(&modify("ApplyImmediately=true")).unwrap();
    assert_eq!(first(&body, "DBInstanceClass").as_deref(), Some("db.t3.large"), "it waited");
}

#[test]
fn names_wait_and_backups_wait_to_be_switched() {
    let mut cloud = cloud();
    let body = cloud.ask(&modify("NewDBInstanceIdentifier=Shop&BackupRetentionPeriod=7")).unwrap();
    assert_eq!(first(&body, "BackupRetentionPeriod").as_deref(), Some("7"), "they were on before");
    assert!(waiting(&body).contains("<DBInstanceIdentifier>shop<"), "{body}");
    let body = cloud.ask(&modify("BackupRetentionPeriod=0")).unwrap();
    assert!(waiting(&body).contains("<BackupRetentionPeriod>0<"), "{body}");
    // What is made like it does not wait for anything.
    cloud.ask(&format!("{RDS}=CreateDBSnapshot&DBInstanceIdentifier=orders&DBSnapshotIdentifier=then")).unwrap();
    let restore = "RestoreDBInstanceFromDBSnapshot&DBInstanceIdentifier=copy&DBSnapshotIdentifier=then";
    let body = cloud.ask(&format!("{RDS}={restore}")).unwrap();
    assert!(body.contains("<PendingModifiedValues/>"), "{body}");
    let body = cloud.ask(&modify("ApplyImmediately=true")).unwrap();
    assert_eq!(first(&body, "DBInstanceIdentifier").as_deref(), Some("shop"));
    assert_eq!(first(&body, "BackupRetentionPeriod").as_deref(), Some("0"));
}

#[test]
fn a_version_that_waits_has_its_group_named_before() {
    let mut cloud = cloud();
    let version = first(&cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap(), "EngineVersion").unwrap();
    let group = "CreateDBParameterGroup&DBParameterGroupName=next&DBParameterGroupFamily=mariadb10.11&Description=x";
    cloud.ask(&format!("{RDS}={group}")).unwrap();
    let next = "EngineVersion=10.11&AllowMajorVersionUpgrade=true&DBParameterGroupName=next";
    let body = cloud.ask(&modify(next)).unwrap();
    assert!(waiting(&body).contains("<EngineVersion>10.11"), "{body}");
    assert!(body.contains(&format!("<EngineVersion>{version}<")), "{body}");
    assert_eq!(cloud.ask(&modify("EngineVersion=10.5")), Err("InvalidParameterCombination"), "it is older");
    let body = cloud.ask(&modify("ApplyImmediately=true")).unwrap();
    assert!(first(&body, "EngineVersion").unwrap().starts_with("10.11"));
    assert_eq!(first(&body, "DBParameterGroupName").as_deref(), Some("next"), "not its family's own");
}

#[test]
fn storage_tells_how_fast_it_is() {
    let mut cloud = cloud();
    let told = |body: &str| ["Iops", "StorageThroughput"].map(|element| first(body, element).unwrap_or_default());
    let body = cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
    assert_eq!(told(&body), ["", "0"]);
    let now = modify("ApplyImmediately=true&StorageType=gp3");
    assert_eq!(told(&cloud.ask(&now).unwrap()), ["3000", "125"]);
    assert_eq!(told(&cloud.ask(&format!("{now}&AllocatedStorage=400")).unwrap()), ["12000", "500"]);
    let asked = format!("{now}&Iops=14000&StorageThroughput=600");
    assert_eq!(told(&cloud.ask(&asked).unwrap()), ["14000", "600"]);
}

#[test]
fn storage_is_of_a_type_and_grows_by_a_tenth_at_least() {
    let mut cloud = cloud();
    let create =
        format!("{RDS}=CreateDBInstance&DBInstanceIdentifier=shop&DBInstanceClass=db.t3.medium&Engine=mariadb");
    for (wrong, code) in [
        ("AllocatedStorage=20&StorageType=tape", "InvalidParameterValue"),
        ("AllocatedStorage=100&StorageType=io1", "InvalidParameterCombination"),
        ("AllocatedStorage=20&StorageType=gp2&Iops=3000", "InvalidParameterCombination"),
        ("AllocatedStorage=20&StorageType=gp3&Iops=3000", "InvalidParameterCombination"),
        ("AllocatedStorage=20&PromotionTier=16", "InvalidParameterValue"),
        ("AllocatedStorage=20&PerformanceInsightsRetentionPeriod=8", "InvalidParameterValue"),
    ] {
        assert_eq!(cloud.ask(&format!("{create}&{wrong}")), Err(code), "{wrong}");
    }
    assert_eq!(cloud.get(&format!("{create}&AllocatedStorage=100&Iops=1000"), "StorageType"), "io1");
    let grow = |size: u32| modify(&format!("ApplyImmediately=true&AllocatedStorage={size}"));
    assert_eq!(cloud.ask(&grow(19)), Err("InvalidParameterCombination"));
    assert_eq!(cloud.get(&grow(21), "AllocatedStorage"), "22");
    let valid = format!("{RDS}=DescribeValidDBInstanceModifications&DBInstanceIdentifier=orders");
    assert_eq!(cloud.all(&valid, "StorageType"), ["gp2", "gp3", "io1", "standard"]);
}

#[test]
fn a_log_is_read_by_its_name() {
    let mut cloud = cloud();
    let of_orders = |action: &str| format!("{RDS}={action}&DBInstanceIdentifier=orders");
    let log = cloud.get(&of_orders("DescribeDBLogFiles"), "LogFileName");
    let read = of_orders("DownloadDBLogFilePortion");
    assert_eq!(cloud.get(&format!("{read}&LogFileName={log}"), "AdditionalDataPending"), "false");
    assert_eq!(cloud.ask(&format!("{read}&LogFileName=other")), Err("DBLogFileNotFoundFault"));
}

#[test]
fn backups_are_kept_for_at_most_35_days() {
    let mut cloud = cloud();
    let create =
        format!("{RDS}=CreateDBInstance&DBInstanceIdentifier=shop&DBInstanceClass=db.t3.medium&Engine=mariadb");
    let restore = format!(
        "{RDS}=RestoreDBInstanceToPointInTime&SourceDBInstanceIdentifier=orders&TargetDBInstanceIdentifier=copy\
         &UseLatestRestorableTime=true"
    );
    for action in [modify("ApplyImmediately=true"), create + "&AllocatedStorage=20", restore] {
        for days in [-1, 36] {
            assert_eq!(cloud.ask(&format!("{action}&BackupRetentionPeriod={days}")), Err("InvalidParameterValue"));
        }
        cloud.ask(&format!("{action}&BackupRetentionPeriod=35")).unwrap();
    }
}

#[test]
fn encrypted_storage_has_a_key() {
    let mut cloud = cloud();
    let create =
        "CreateDBInstance&DBInstanceClass=db.t3.medium&Engine=mariadb&AllocatedStorage=20&StorageEncrypted=true";
    let body = cloud.ask(&format!("{RDS}={create}&DBInstanceIdentifier=one")).unwrap();
    assert_eq!(first(&body, "KmsKeyId").as_deref(), Some("arn:aws:kms:eu-central-1:111122223333:alias/aws/rds"));
    let body = cloud.ask(&format!("{RDS}={create}&DBInstanceIdentifier=two&KmsKeyId=mine")).unwrap();
    assert_eq!(first(&body, "KmsKeyId").as_deref(), Some("mine"));
}

#[test]
fn a_replica_tells_that_it_follows() {
    let mut cloud = cloud();
    let replica = "CreateDBInstanceReadReplica&DBInstanceIdentifier=copy&SourceDBInstanceIdentifier=orders";
    let body = cloud.ask(&format!("{RDS}={replica}")).unwrap();
    let told = ["StatusType", "Normal"].map(|element| first(&body, element).unwrap_or_default());
    assert_eq!(told, ["read replication", "true"]);
    let source = cloud.ask(&format!("{RDS}=DescribeDBInstances&DBInstanceIdentifier=orders")).unwrap();
    assert!(!source.contains("StatusInfos"), "{source}");
}

#[test]
fn replicas_and_restored_instances_are_monitored_only_as_requested() {
    let mut cloud = cloud();
    let role = "MonitoringRoleArn=arn:aws:iam::111122223333:role/m";
    cloud.ask(&modify(&format!("MonitoringInterval=60&{role}&EnablePerformanceInsights=true"))).unwrap();
    let logs = "CloudwatchLogsExportConfiguration.EnableLogTypes.member.1=error";
    cloud.ask(&modify(&format!("MaxAllocatedStorage=100&{logs}"))).unwrap();
    let replica = "CreateDBInstanceReadReplica&SourceDBInstanceIdentifier=orders&DBInstanceIdentifier";
    let body = cloud.ask(&format!("{RDS}={replica}=plain")).unwrap();
    let told = ["MonitoringInterval", "PerformanceInsightsEnabled"].map(|element| first(&body, element).unwrap());
    assert_eq!(told, ["0", "false"]);
    assert!(!body.contains("MaxAllocatedStorage") && !body.contains("EnabledCloudwatchLogsExports"), "{body}");
    let body = cloud.ask(&format!("{RDS}={replica}=watched&MonitoringInterval=15&{role}")).unwrap();
    assert_eq!(first(&body, "MonitoringInterval").as_deref(), Some("15"));
    cloud.ask(&format!("{RDS}=CreateDBSnapshot&DBInstanceIdentifier=orders&DBSnapshotIdentifier=then")).unwrap();
    let restore = "RestoreDBInstanceFromDBSnapshot&DBInstanceIdentifier=again&DBSnapshotIdentifier=then";
    assert_eq!(cloud.get(&format!("{RDS}={restore}"), "MonitoringInterval"), "0");
}

#[test]
fn a_restored_instance_has_the_tags_of_its_source_unless_it_gets_others() {
    let mut cloud = cloud();
    let arn = "arn:aws:rds:eu-central-1:111122223333:db:orders";
    cloud.ask(&format!("{RDS}=AddTagsToResource&ResourceName={arn}&Tags.Tag.1.Key=z&Tags.Tag.2.Key=a")).unwrap();
    cloud.ask(&format!("{RDS}=CreateDBSnapshot&DBInstanceIdentifier=orders&DBSnapshotIdentifier=then")).unwrap();
    let mut keys = |name: &str, tags: &str| {
        let restore = "RestoreDBInstanceFromDBSnapshot&DBSnapshotIdentifier=then&DBInstanceIdentifier";
        texts(&cloud.ask(&format!("{RDS}={restore}={name}{tags}")).unwrap(), "Key")
    };
    assert_eq!(keys("one", ""), ["z", "a"], "in the order in which they were given");
    assert_eq!(keys("two", "&Tags.Tag.1.Key=own"), ["own"]);
}

#[test]
fn without_exported_logs_there_is_no_list_of_them() {
    let mut cloud = cloud();
    let change = |how: &str| modify(&format!("CloudwatchLogsExportConfiguration.{how}LogTypes.member.1=error"));
    assert!(cloud.ask(&change("Enable")).unwrap().contains("<EnabledCloudwatchLogsExports>"));
    assert!(!cloud.ask(&change("Disable")).unwrap().contains("EnabledCloudwatchLogsExports"));
}

#[test]
fn an_option_with_groups_ties_its_option_group_to_their_vpc() {
    let mut cloud = cloud();
    let vpc = cloud.vpc("10.0.0.0/16");
    let group =
        cloud.get(&format!("Action=CreateSecurityGroup&GroupName=cache&GroupDescription=x&VpcId={vpc}"), "groupId");
    let create =
        "CreateOptionGroup&OptionGroupName=fast&EngineName=mysql&MajorEngineVersion=5.7&OptionGroupDescription=x";
    let told = |body: &str| {
        ["VpcId", "AllowsVpcAndNonVpcInstanceMemberships"].map(|element| first(body, element).unwrap_or_default())
    };
    assert_eq!(told(&cloud.ask(&format!("{RDS}={create}")).unwrap()), ["", "true"]);
    let option = "OptionsToInclude.OptionConfiguration.1";
    let modify = format!(
        "{RDS}=ModifyOptionGroup&OptionGroupName=fast&{option}.OptionName=MEMCACHED&{option}.Port=11211\
         &{option}.VpcSecurityGroupMemberships.VpcSecurityGroupId.1={group}"
    );
    assert_eq!(told(&cloud.ask(&modify).unwrap()), [vpc.as_str(), "false"]);
    // What a later change does not name stays.
    let more = format!(
        "{RDS}=ModifyOptionGroup&OptionGroupName=fast&{option}.OptionName=MEMCACHED\
         &{option}.OptionSettings.OptionSetting.1.Name=BACKLOG_QUEUE_LIMIT&{option}.OptionSettings.OptionSetting.1.Value=9"
    );
    let body = cloud.ask(&more).unwrap();
    assert_eq!(told(&body), [vpc.as_str(), "false"]);
    assert_eq!(first(&body, "Port").as_deref(), Some("11211"));
}

#[test]
fn what_is_required_must_not_be_blank() {
    let mut cloud = Cloud::new();
    for form in ["DescribeDBSnapshotAttributes", "DescribeDBSnapshotAttributes&DBSnapshotIdentifier="] {
        let form = format!("{RDS}={form}");
        assert_eq!(cloud.ask(&form), Err("InvalidParameterValue"));
        let words = first(&cloud.refusal(&form), "Message").unwrap();
        assert_eq!(words, "The parameter DBSnapshotIdentifier must be provided and must not be blank.");
    }
}

#[test]
fn certificates_say_how_long_they_are_valid() {
    let mut cloud = cloud();
    let describe = format!("{RDS}=DescribeCertificates");
    let body = cloud.ask(&describe).unwrap();
    let [names, from, till] = ["CertificateIdentifier", "ValidFrom", "ValidTill"].map(|name| texts(&body, name));
    assert!(names.len() == from.len() && names.len() == till.len(), "{body}");
    let body = cloud.ask(&format!("{describe}&CertificateIdentifier=RDS-CA-2019")).unwrap();
    assert_eq!(texts(&body, "ValidTill"), ["2024-08-22T00:00:00.000Z"]);
}

#[test]
fn the_parameter_group_says_the_version_if_nothing_else_does() {
    let mut cloud = cloud();
    let create = format!(
        "{RDS}=CreateDBInstance&DBInstanceIdentifier=newer&DBInstanceClass=db.t3.medium&Engine=mysql&AllocatedStorage=20\
         &DBParameterGroupName=default.mysql8.0"
    );
    assert!(cloud.get(&create, "EngineVersion").starts_with("8.0."));
}

#[test]
fn a_family_that_there_is_not_has_no_default_parameters() {
    let mut cloud = cloud();
    let defaults = format!("{RDS}=DescribeEngineDefaultParameters&DBParameterGroupFamily");
    assert_eq!(cloud.ask(&format!("{defaults}=tea1.0")), Err("InvalidParameterValue"));
    cloud.ask(&format!("{defaults}=mysql8.0")).unwrap();
}

/// The settings of all these actions are read by the same code, and each action has only its own.
#[test]
fn a_setting_is_taken_by_the_actions_that_have_it() {
    let mut cloud = cloud();
    cloud.ask(&format!("{RDS}=CreateDBSnapshot&DBInstanceIdentifier=orders&DBSnapshotIdentifier=then")).unwrap();
    let replica = "CreateDBInstanceReadReplica&SourceDBInstanceIdentifier=orders";
    let restore = "RestoreDBInstanceFromDBSnapshot&DBSnapshotIdentifier=then";
    let role = "MonitoringRoleArn=arn:aws:iam::111122223333:role/watch";
    for (action, name) in [(replica, "copy"), (restore, "restored")] {
        let make = |more: &str| format!("{RDS}={action}&DBInstanceIdentifier={name}&{more}");
        let body =
            cloud.ask(&make("CopyTagsToSnapshot=true&StorageType=gp3&Iops=4000&DeletionProtection=true")).unwrap();
        for (element, value) in [("CopyTagsToSnapshot", "true"), ("Iops", "4000"), ("DeletionProtection", "true")] {
            assert_eq!(first(&body, element).as_deref(), Some(value), "{action} {element}");
        }
        let watched = cloud.ask(&make(&format!("MonitoringInterval=5&{role}")).replace(name, "watched"));
        assert_eq!(watched.is_ok(), action == replica, "{action}");
    }
}
