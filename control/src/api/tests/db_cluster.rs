//! Clusters of DB instances: what their clients send and get.

use super::*;

const RDS: &str = "Version=2014-10-31&Action";
const MASTER: &str = "MasterUsername=me&MasterUserPassword=secret-enough";

/// A cloud with a subnet group in two zones.
fn cloud() -> Cloud {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnets = [("192.168.1.0/24", "us-east-1a"), ("192.168.2.0/24", "us-east-1b")].map(|(cidr, zone)| {
        let form = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock={cidr}&AvailabilityZone={zone}");
        cloud.get(&form, "subnetId")
    });
    let [a, b] = subnets;
    let subnets = format!("SubnetIds.SubnetIdentifier.1={a}&SubnetIds.SubnetIdentifier.2={b}");
    cloud
        .ask(&format!("{RDS}=CreateDBSubnetGroup&DBSubnetGroupName=back&DBSubnetGroupDescription=x&{subnets}"))
        .unwrap();
    cloud
}

fn create(name: &str, more: &str) -> String {
    format!(
        "{RDS}=CreateDBCluster&DBClusterIdentifier={name}&Engine=aurora-postgresql&DBSubnetGroupName=back&{MASTER}{more}"
    )
}

fn member(name: &str, more: &str) -> String {
    format!(
        "{RDS}=CreateDBInstance&DBInstanceIdentifier={name}&DBClusterIdentifier=shop&DBInstanceClass=db.r5.large\
         &Engine=aurora-postgresql{more}"
    )
}

/// A cluster with a writer and a reader.
fn shop() -> Cloud {
    let mut cloud = cloud();
    cloud.ask(&create("Shop", "&EngineVersion=11.21")).unwrap();
    for name in ["one", "two"] {
        cloud.ask(&member(name, "")).unwrap();
    }
    cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
    cloud
}

fn of_shop(action: &str) -> String {
    format!("{RDS}={action}&DBClusterIdentifier=shop")
}

#[test]
fn a_cluster_is_made_described_changed_and_deleted() {
    let mut cloud = cloud();
    let without = create("shop", "").replace(MASTER, "MasterUsername=me");
    let refusal = cloud.refusal(&without);
    assert_eq!(
        first(&refusal, "Message").unwrap(),
        "The parameter MasterUserPassword must be provided and must not be blank."
    );
    let other = create("shop", "").replace("aurora-postgresql", "oracle-ee");
    assert_eq!(cloud.ask(&other), Err("InvalidParameterValue"), "Oracle has no clusters");
    assert_eq!(
        cloud.ask(&create("shop", "").replace("DBSubnetGroupName=back&", "")),
        Err("InvalidParameterCombination")
    );
    let made = cloud.ask(&create("Shop", "&Tags.Tag.1.Key=for&Tags.Tag.1.Value=us")).unwrap();
    assert_eq!(first(&made, "Status").unwrap(), "creating");
    assert_eq!(cloud.ask(&create("shop", "")), Err("DBClusterAlreadyExistsFault"));
    let described = cloud.ask(&of_shop("DescribeDBClusters")).unwrap();
    let arn = "arn:aws:rds:us-east-1:111122223333:cluster:shop";
    for (element, value) in [
        ("DBClusterIdentifier", "shop"),
        ("Status", "available"),
        ("DBClusterArn", arn),
        ("Port", "5432"),
        ("DBClusterParameterGroup", "default.aurora-postgresql17"),
        ("EngineMode", "provisioned"),
        ("MultiAZ", "false"),
    ] {
        assert_eq!(first(&described, element).as_deref(), Some(value), "{element}");
    }
    let endpoint = first(&described, "Endpoint").unwrap();
    assert!(endpoint.starts_with("shop.cluster-c"), "{endpoint}");
    assert_eq!(first(&described, "ReaderEndpoint").unwrap(), endpoint.replace(".cluster-", ".cluster-ro-"));
    assert_eq!(cloud.get(&format!("{RDS}=ListTagsForResource&ResourceName={arn}"), "Value"), "us");

    let modify = of_shop("ModifyDBCluster");
    cloud.ask(&format!("{modify}&DeletionProtection=true&BackupRetentionPeriod=7&Port=6000")).unwrap();
    assert_eq!(cloud.get(&of_shop("DescribeDBClusters"), "BackupRetentionPeriod"), "7");
    assert_eq!(cloud.get(&of_shop("DescribeDBClusters"), "Port"), "6000");
    let delete = format!("{}&SkipFinalSnapshot=true", of_shop("DeleteDBCluster"));
    assert_eq!(cloud.ask(&delete), Err("InvalidParameterCombination"), "it is protected");
    cloud
        .ask(&format!("{modify}&DeletionProtection=false&NewDBClusterIdentifier=store&ApplyImmediately=true"))
        .unwrap();
    assert_eq!(cloud.ask(&of_shop("DescribeDBClusters")), Err("DBClusterNotFoundFault"));
    let last = delete.replace("shop", "store").replace("SkipFinalSnapshot=true", "FinalDBSnapshotIdentifier=last");
    assert_eq!(cloud.get(&last, "Status"), "deleting");
    assert!(cloud.all(&format!("{RDS}=DescribeDBClusters"), "DBClusterIdentifier").is_empty());
    assert_eq!(cloud.all(&format!("{RDS}=DescribeDBClusterSnapshots"), "DBClusterSnapshotIdentifier"), ["last"]);
}

#[test]
fn members_are_like_their_cluster_and_one_of_them_writes() {
    let mut cloud = shop();
    let described = of_shop("DescribeDBClusters");
    assert_eq!(cloud.all(&described, "IsClusterWriter"), ["true", "false"]);
    assert_eq!(cloud.get(&described, "MultiAZ"), "true", "each went into a zone of its own");
    let of_member = cloud.ask(&format!("{RDS}=DescribeDBInstances&DBInstanceIdentifier=two")).unwrap();
    assert_eq!(first(&of_member, "DBClusterIdentifier").unwrap(), "shop");
    assert_eq!(first(&of_member, "MasterUsername").unwrap(), "me");
    assert_eq!(cloud.ask(&member("three", "").replace("=shop", "=none")), Err("DBClusterNotFoundFault"));
    let other = member("three", "").replace("aurora-postgresql", "postgres");
    assert_eq!(cloud.ask(&other), Err("InvalidParameterCombination"));
    assert_eq!(
        cloud.ask(&member("three", "").replace("&DBClusterIdentifier=shop", "")),
        Err("InvalidParameterCombination")
    );
    let filter = "Filters.Filter.1.Name=db-cluster-id&Filters.Filter.1.Values.Value.1=shop";
    assert_eq!(cloud.all(&format!("{RDS}=DescribeDBInstances&{filter}"), "DBInstanceIdentifier"), ["one", "two"]);

    let delete = |name: &str| format!("{RDS}=DeleteDBInstance&DBInstanceIdentifier={name}");
    let delete_cluster = format!("{}&SkipFinalSnapshot=true", of_shop("DeleteDBCluster"));
    assert_eq!(cloud.ask(&delete_cluster), Err("InvalidDBClusterStateFault"));
    cloud.ask(&delete("one")).unwrap();
    assert_eq!(cloud.all(&described, "IsClusterWriter"), ["true"], "the other writes now");
    cloud.ask(&delete("two")).unwrap();
    cloud.ask(&delete_cluster).unwrap();
    assert_eq!(cloud.ask(&described), Err("DBClusterNotFoundFault"));
}

#[test]
fn members_do_not_say_what_their_cluster_does() {
    let mut cloud = shop();
    let modify = format!("{RDS}=ModifyDBInstance&DBInstanceIdentifier=one&");
    for (setting, of_new, of_old) in [
        ("master user password", "MasterUserPassword=secret-enough", "MasterUserPassword=secret-enough"),
        ("database endpoint port number", "Port=6000", "DBPortNumber=6000"),
        (
            "vpc security group",
            "VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-12345678",
            "VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-12345678",
        ),
        ("backup retention period", "BackupRetentionPeriod=3", "BackupRetentionPeriod=3"),
    ] {
        for (form, verb) in [(member("three", &format!("&{of_new}")), "Set"), (format!("{modify}{of_old}"), "Modify")] {
            assert_eq!(cloud.ask(&form), Err("InvalidParameterCombination"), "{form}");
            let words = first(&cloud.refusal(&form), "Message").unwrap();
            assert!(words.contains(&format!("{verb} {setting} for the DB Cluster")), "{words}");
        }
    }
    cloud.ask(&format!("{modify}DBInstanceClass=db.r5.xlarge&ApplyImmediately=true")).unwrap();
}

#[test]
fn a_change_of_a_cluster_waits_for_the_window_unless_it_is_to_come_at_once() {
    let mut cloud = shop();
    let modify = |said: &str| format!("{}&{said}", of_shop("ModifyDBCluster"));
    let asked = "EngineVersion=13&NewDBClusterIdentifier=Store&EnableIAMDatabaseAuthentication=true&PreferredBackupWindow=03:00-04:00";
    let body = cloud.ask(&modify(asked)).unwrap();
    let (_, waits) = body.split_once("<PendingModifiedValues>").unwrap();
    let (waits, _) = waits.split_once("</PendingModifiedValues>").unwrap();
    for waiting in ["<EngineVersion>13", "<DBClusterIdentifier>store<", "<IAMDatabaseAuthenticationEnabled>true<"] {
        assert!(waits.contains(waiting), "{waiting}: {waits}");
    }
    let now = cloud.ask(&of_shop("DescribeDBClusters")).unwrap();
    assert!(first(&now, "DBClusterParameterGroup").unwrap().ends_with("postgresql11"), "{now}");
    assert_eq!(first(&now, "PreferredBackupWindow").unwrap(), "03:00-04:00", "windows change at once");
    // All that waits comes with what is to come at once.
    let body = cloud.ask(&modify("ApplyImmediately=true")).unwrap();
    assert_eq!(first(&body, "DBClusterIdentifier").unwrap(), "store");
    assert!(first(&body, "EngineVersion").unwrap().starts_with("13"), "{body}");
    assert!(first(&body, "DBClusterParameterGroup").unwrap().ends_with("postgresql13"), "{body}");
    assert!(!body.contains("PendingModifiedValues"), "nothing waits any more: {body}");
    let members = cloud.all(&format!("{RDS}=DescribeDBInstances"), "EngineVersion");
    assert!(members.iter().all(|version| version.starts_with("13")), "{members:?}");
}

#[test]
fn a_cluster_fails_over_stops_and_starts() {
    let mut cloud = shop();
    let described = of_shop("DescribeDBClusters");
    let target = |name: &str| format!("{}&TargetDBInstanceIdentifier={name}", of_shop("FailoverDBCluster"));
    assert_eq!(cloud.ask(&target("none")), Err("InvalidParameterValue"));
    cloud.ask(&target("two")).unwrap();
    assert_eq!(cloud.all(&described, "IsClusterWriter"), ["false", "true"]);
    cloud.ask(&of_shop("FailoverDBCluster")).unwrap();
    assert_eq!(cloud.all(&described, "IsClusterWriter"), ["true", "false"]);
    let events = format!(
        "{RDS}=DescribeEvents&SourceType=db-cluster&SourceIdentifier=shop&EventCategories.EventCategory.1=failover"
    );
    assert_eq!(cloud.all(&events, "Message")[1], "Completed failover to DB instance: two");

    let stop = of_shop("StopDBCluster");
    assert_eq!(
        cloud.ask(&format!("{RDS}=StopDBInstance&DBInstanceIdentifier=one")),
        Err("InvalidParameterCombination")
    );
    cloud.ask(&stop).unwrap();
    assert_eq!(cloud.get(&described, "Status"), "stopped");
    let refusal = cloud.refusal(&stop);
    let words = "DbCluster shop is in stopped state but expected it to be one of available.";
    assert_eq!(first(&refusal, "Message").unwrap(), words);
    cloud.ask(&of_shop("StartDBCluster")).unwrap();
    assert_eq!(cloud.get(&described, "Status"), "available");
    assert_eq!(cloud.get(&of_shop("RebootDBCluster"), "Status"), "rebooting");
    assert_eq!(cloud.get(&described, "Status"), "available");
}

#[test]
fn a_multi_az_cluster_has_three_members_that_go_with_it() {
    let mut cloud = cloud();
    let form = create("shop", "&DBClusterInstanceClass=db.m5d.large&AllocatedStorage=100")
        .replace("aurora-", "")
        .replace("postgresql", "postgres");
    cloud.ask(&form).unwrap();
    let described = of_shop("DescribeDBClusters");
    assert_eq!(cloud.get(&described, "Status"), "available");
    assert_eq!(
        cloud.all(&described, "DBInstanceIdentifier"),
        ["shop-instance-1", "shop-instance-2", "shop-instance-3"]
    );
    assert_eq!(cloud.get(&described, "AllocatedStorage"), "100");
    cloud.ask(&format!("{}&SkipFinalSnapshot=true", of_shop("DeleteDBCluster"))).unwrap();
    assert!(cloud.all(&format!("{RDS}=DescribeDBInstances"), "DBInstanceIdentifier").is_empty());
    assert_eq!(cloud.ask(&described), Err("DBClusterNotFoundFault"));
}

#[test]
fn a_cluster_is_snapshotted_shared_and_restored() {
    let mut cloud = shop();
    let take = format!("{}&DBClusterSnapshotIdentifier=once", of_shop("CreateDBClusterSnapshot"));
    assert_eq!(cloud.get(&take, "SnapshotType"), "manual");
    assert_eq!(cloud.ask(&take), Err("DBClusterSnapshotAlreadyExistsFault"));
    let copy = format!(
        "{RDS}=CopyDBClusterSnapshot&SourceDBClusterSnapshotIdentifier=once&TargetDBClusterSnapshotIdentifier=twice\
         &KmsKeyId=mine"
    );
    assert_eq!(cloud.get(&copy, "StorageEncrypted"), "true");
    let all = format!("{RDS}=DescribeDBClusterSnapshots");
    assert_eq!(cloud.all(&format!("{all}&SnapshotType=manual"), "DBClusterSnapshotIdentifier"), ["once", "twice"]);
    let automated = cloud.get(&format!("{all}&SnapshotType=automated"), "DBClusterSnapshotIdentifier");
    assert!(automated.starts_with("rds:shop-"), "{automated}");
    let share = |name: &str, more: &str| {
        format!("{RDS}=ModifyDBClusterSnapshotAttribute&DBClusterSnapshotIdentifier={name}&AttributeName=restore{more}")
    };
    assert_eq!(
        cloud.get(&share("once", "&ValuesToAdd.AttributeValue.1=444455556666"), "AttributeValue"),
        "444455556666"
    );
    let both = "&ValuesToAdd.AttributeValue.1=all&ValuesToRemove.AttributeValue.1=all";
    assert_eq!(cloud.ask(&share("once", both)), Err("InvalidParameterCombination"));
    assert_eq!(cloud.ask(&share(&automated, "")), Err("InvalidDBClusterSnapshotStateFault"));

    let restore = format!(
        "{RDS}=RestoreDBClusterFromSnapshot&DBClusterIdentifier=again&SnapshotIdentifier=once&Engine=aurora-postgresql\
         &DBSubnetGroupName=back&Port=6000"
    );
    let restored = cloud.ask(&restore).unwrap();
    assert_eq!(first(&restored, "MasterUsername").unwrap(), "me");
    assert_eq!(first(&restored, "Port").unwrap(), "6000");
    let back = format!(
        "{RDS}=RestoreDBClusterToPointInTime&SourceDBClusterIdentifier=shop&DBClusterIdentifier=before&DBSubnetGroupName=back"
    );
    assert_eq!(cloud.ask(&back), Err("InvalidParameterCombination"));
    let settings = "EnableIAMDatabaseAuthentication=true&StorageType=aurora-iopt1&PreferredBackupWindow=03:00-04:00\
         &ServerlessV2ScalingConfiguration.MinCapacity=2&ServerlessV2ScalingConfiguration.MaxCapacity=8&KmsKeyId=mine";
    cloud.ask(&format!("{back}&UseLatestRestorableTime=true&{settings}")).unwrap();
    let before = cloud.ask(&format!("{RDS}=DescribeDBClusters&DBClusterIdentifier=before")).unwrap();
    for (element, value) in [
        ("IAMDatabaseAuthenticationEnabled", "true"),
        ("StorageType", "aurora-iopt1"),
        ("PreferredBackupWindow", "03:00-04:00"),
        ("MaxCapacity", "8"),
        ("KmsKeyId", "mine"),
        ("StorageEncrypted", "true"),
    ] {
        assert_eq!(first(&before, element).as_deref(), Some(value), "{element}");
    }
    cloud.ask(&format!("{RDS}=DeleteDBClusterSnapshot&DBClusterSnapshotIdentifier=once")).unwrap();
    let gone = format!("{all}&DBClusterSnapshotIdentifier=once");
    assert_eq!(cloud.ask(&gone), Err("DBClusterSnapshotNotFoundFault"));
}

#[test]
fn a_cluster_has_the_data_api_where_its_engine_has_it() {
    let mut cloud = cloud();
    let mut enabled = |request: String| cloud.get(&request, "HttpEndpointEnabled");
    let asked = "&EnableHttpEndpoint=true";
    assert_eq!(enabled(create("plain", "")), "false");
    assert_eq!(enabled(create("shop", asked)), "true");
    for (name, version, has) in [("old", "&EngineVersion=5.7", "false"), ("usual", "", "true")] {
        let of_mysql = create(name, &format!("{version}{asked}")).replace("aurora-postgresql", "aurora-mysql");
        assert_eq!(enabled(of_mysql), has, "{name}");
    }
}

#[test]
fn a_restored_cluster_has_no_secret_role_or_stream_of_its_source() {
    let mut cloud = cloud();
    cloud.ask(&create("shop", "").replace(MASTER, "MasterUsername=me&ManageMasterUserPassword=true")).unwrap();
    cloud.ask(&format!("{}&RoleArn=r", of_shop("AddRoleToDBCluster"))).unwrap();
    let arn = cloud.get(&of_shop("DescribeDBClusters"), "DBClusterArn");
    cloud.ask(&format!("{RDS}=StartActivityStream&ResourceArn={arn}&KmsKeyId=k&Mode=sync")).unwrap();
    let source = cloud.ask(&of_shop("DescribeDBClusters")).unwrap();
    let restore = format!(
        "{RDS}=RestoreDBClusterToPointInTime&SourceDBClusterIdentifier=shop&DBClusterIdentifier=before\
         &DBSubnetGroupName=back&UseLatestRestorableTime=true"
    );
    let restored = cloud.ask(&restore).unwrap();
    for own in ["SecretArn", "RoleArn", "ActivityStreamKinesisStreamName"] {
        assert!(first(&source, own).is_some() && first(&restored, own).is_none(), "{own}: {restored}");
    }
}

#[test]
fn a_custom_endpoint_means_the_members_that_it_names() {
    let mut cloud = shop();
    let named = "DBClusterEndpointIdentifier=reports";
    let make = |more: &str| format!("{}&{named}&EndpointType=READER{more}", of_shop("CreateDBClusterEndpoint"));
    assert_eq!(cloud.ask(&make("&StaticMembers.member.1=none")), Err("DBInstanceNotFound"));
    let endpoint = cloud.get(&make("&StaticMembers.member.1=two"), "Endpoint");
    let means = |cloud: &Cloud| {
        let hosts = cloud.model.managed_hosts.iter().filter(|host| host.names.contains(&endpoint));
        hosts.map(|host| host.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(means(&cloud), ["two-us-east-1b"]);
    cloud.ask(&of_shop("FailoverDBCluster")).unwrap();
    assert!(means(&cloud).is_empty(), "it writes now");
    let modify = format!("{RDS}=ModifyDBClusterEndpoint&{named}&EndpointType=ANY&ExcludedMembers.member.1=two");
    cloud.ask(&modify).unwrap();
    assert_eq!(means(&cloud), ["one-us-east-1a"]);
    let all = of_shop("DescribeDBClusterEndpoints");
    assert_eq!(cloud.all(&all, "EndpointType"), ["WRITER", "READER", "CUSTOM"]);
    cloud.ask(&format!("{RDS}=DeleteDBClusterEndpoint&{named}")).unwrap();
    assert!(means(&cloud).is_empty());
    let one = format!("{RDS}=DescribeDBClusterEndpoints&{named}");
    assert!(cloud.all(&one, "EndpointType").is_empty(), "it is no error that there is none");
}

#[test]
fn a_global_cluster_has_clusters_of_which_the_first_writes() {
    let mut cloud = cloud();
    let named = "GlobalClusterIdentifier=world";
    assert_eq!(cloud.ask(&format!("{RDS}=CreateGlobalCluster&{named}")), Err("InvalidParameterValue"));
    let arn = cloud.get(&format!("{RDS}=CreateGlobalCluster&{named}&Engine=aurora-postgresql"), "GlobalClusterArn");
    cloud.ask(&format!("{RDS}=AddTagsToResource&ResourceName={arn}&Tags.Tag.1.Key=a&Tags.Tag.1.Value=b")).unwrap();
    assert_eq!(cloud.get(&format!("{RDS}=ListTagsForResource&ResourceName={arn}"), "Value"), "b");
    assert_eq!(arn, "arn:aws:rds::111122223333:global-cluster:world");
    cloud.ask(&create("shop", &format!("&{named}"))).unwrap();
    cloud.ask(&create("store", &format!("&{named}")).replace(MASTER, "CopyTagsToSnapshot=true")).unwrap();
    let described = format!("{RDS}=DescribeGlobalClusters&{named}");
    assert_eq!(cloud.all(&described, "IsWriter"), ["true", "false"]);
    let of = |arn: &str| {
        let filter = "Filters.Filter.1.Name=db-cluster-id&Filters.Filter.1.Values.Value.1=";
        format!("{RDS}=DescribeGlobalClusters&{filter}arn:aws:rds:us-east-1:111122223333:cluster:{arn}")
    };
    assert_eq!(cloud.all(&of("store"), "GlobalClusterIdentifier"), ["world"]);
    let arn = |name: &str| format!("arn:aws:rds:us-east-1:111122223333:cluster:{name}");
    let switch = |name: &str| format!("{RDS}=SwitchoverGlobalCluster&{named}&TargetDbClusterIdentifier={}", arn(name));
    assert_eq!(cloud.ask(&switch("other")), Err("DBClusterNotFoundFault"));
    let switched = cloud.ask(&switch("store")).unwrap();
    assert_eq!(first(&switched, "Status").unwrap(), "switching-over");
    assert_eq!(texts(&switched, "DBClusterArn"), [arn("store"), arn("shop")]);
    let lossy = switch("shop").replace("Switchover", "Failover") + "&AllowDataLoss=true";
    assert_eq!(cloud.ask(&format!("{lossy}&Switchover=true")), Err("InvalidParameterCombination"));
    assert_eq!(texts(&cloud.ask(&lossy).unwrap(), "DBClusterArn"), [arn("shop"), arn("store")]);
    assert!(cloud.all(&of("other"), "GlobalClusterIdentifier").is_empty());
    let delete = format!("{RDS}=DeleteGlobalCluster&{named}");
    assert_eq!(cloud.ask(&delete), Err("InvalidGlobalClusterStateFault"));
    let rename = "DBClusterIdentifier=store&NewDBClusterIdentifier=shelf&ApplyImmediately=true";
    cloud.ask(&format!("{RDS}=ModifyDBCluster&{rename}")).unwrap();
    assert_eq!(cloud.all(&of("shelf"), "GlobalClusterIdentifier"), ["world"]);
    let remove = format!("{RDS}=RemoveFromGlobalCluster&{named}&DbClusterIdentifier=");
    assert_eq!(cloud.ask(&format!("{remove}store")), Err("DBClusterNotFoundFault"));
    cloud.ask(&format!("{remove}shelf")).unwrap();
    cloud.ask(&format!("{}&SkipFinalSnapshot=true", of_shop("DeleteDBCluster"))).unwrap();
    cloud.ask(&delete).unwrap();
    assert_eq!(cloud.ask(&described), Err("GlobalClusterNotFoundFault"));
}

#[test]
fn clusters_have_parameter_groups_and_roles_of_their_own() {
    let mut cloud = cloud();
    let named = "DBClusterParameterGroupName=mine";
    let make =
        format!("{RDS}=CreateDBClusterParameterGroup&{named}&DBParameterGroupFamily=aurora-postgresql17&Description=x");
    assert_eq!(cloud.get(&make, "DBClusterParameterGroupArn"), "arn:aws:rds:us-east-1:111122223333:cluster-pg:mine");
    assert_eq!(cloud.ask(&make), Err("DBParameterGroupAlreadyExists"));
    assert_eq!(
        cloud.ask(&format!("{RDS}=DescribeDBParameterGroups&DBParameterGroupName=mine")),
        Err("DBParameterGroupNotFound")
    );
    cloud.ask(&create("shop", &format!("&{named}"))).unwrap();
    assert_eq!(cloud.ask(&format!("{RDS}=DeleteDBClusterParameterGroup&{named}")), Err("InvalidDBParameterGroupState"));
    let parameter = "Parameters.Parameter.1";
    let set = format!(
        "{RDS}=ModifyDBClusterParameterGroup&{named}&{parameter}.ParameterName=work_mem&{parameter}.ParameterValue=8192&{parameter}.ApplyMethod=immediate"
    );
    cloud.ask(&set).unwrap();
    let user = format!("{RDS}=DescribeDBClusterParameters&{named}&Source=user");
    assert_eq!(cloud.all(&user, "ParameterName"), ["work_mem"]);
    cloud.ask(&format!("{RDS}=ResetDBClusterParameterGroup&{named}&ResetAllParameters=true")).unwrap();
    assert!(cloud.all(&user, "ParameterName").is_empty());

    let role = "RoleArn=arn:aws:iam::111122223333:role/import&FeatureName=s3Import";
    let add = format!("{}&{role}", of_shop("AddRoleToDBCluster"));
    cloud.ask(&add).unwrap();
    assert_eq!(cloud.ask(&add), Err("DBClusterRoleAlreadyExists"));
    assert_eq!(cloud.get(&of_shop("DescribeDBClusters"), "FeatureName"), "s3Import");
    let remove = format!("{}&{role}", of_shop("RemoveRoleFromDBCluster"));
    cloud.ask(&remove).unwrap();
    assert_eq!(cloud.ask(&remove), Err("DBClusterRoleNotFound"));
}

#[test]
fn a_switchover_gives_the_green_cluster_and_its_members_the_names() {
    let mut cloud = shop();
    let arn = "arn:aws:rds:us-east-1:111122223333:cluster:shop";
    let make = |name: &str| format!("{RDS}=CreateBlueGreenDeployment&BlueGreenDeploymentName={name}&Source={arn}");
    let made = cloud.ask(&make("next")).unwrap();
    cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
    let id = first(&made, "BlueGreenDeploymentIdentifier").unwrap();
    let of_it = |action: &str| format!("{RDS}={action}&BlueGreenDeploymentIdentifier={id}");
    assert_eq!(cloud.all(&of_it("DescribeBlueGreenDeployments"), "SourceMember").len(), 3);
    let members = |cloud: &mut Cloud, name: &str| {
        cloud.all(&format!("{RDS}=DescribeDBClusters&DBClusterIdentifier={name}"), "DBInstanceIdentifier")
    };
    let resource = |cloud: &mut Cloud, name: &str| {
        cloud.get(&format!("{RDS}=DescribeDBInstances&DBInstanceIdentifier={name}"), "DbiResourceId")
    };
    let blue = resource(&mut cloud, "one");
    cloud.ask(&of_it("SwitchoverBlueGreenDeployment")).unwrap();
    assert_eq!(members(&mut cloud, "shop"), ["one", "two"]);
    assert_eq!(members(&mut cloud, "shop-old1"), ["one-old1", "two-old1"]);
    assert_eq!(resource(&mut cloud, "one-old1"), blue);
    assert_ne!(resource(&mut cloud, "one"), blue);
    cloud.ask(&(of_it("DeleteBlueGreenDeployment") + "&DeleteTarget=true")).unwrap();
    assert_eq!(members(&mut cloud, "shop"), ["one", "two"], "the green one is what is used");

    let made = cloud.ask(&make("later")).unwrap();
    let target = first(&made, "Target").unwrap();
    let id = first(&made, "BlueGreenDeploymentIdentifier").unwrap();
    let delete = format!("{RDS}=DeleteBlueGreenDeployment&DeleteTarget=true&BlueGreenDeploymentIdentifier={id}");
    cloud.ask(&delete).unwrap();
    cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
    let gone = format!("{RDS}=DescribeDBClusters&DBClusterIdentifier={}", target.rsplit(':').next().unwrap());
    assert_eq!(cloud.ask(&gone), Err("DBClusterNotFoundFault"));
}

#[test]
fn a_switchover_leaves_names_that_are_taken_and_members_without_a_pair() {
    let mut cloud = shop();
    let arn = "arn:aws:rds:us-east-1:111122223333:cluster:shop";
    for (name, between) in
        [("first", ""), ("second", "DeleteDBInstance&SkipFinalSnapshot=true&DBInstanceIdentifier=one")]
    {
        let make = format!("{RDS}=CreateBlueGreenDeployment&BlueGreenDeploymentName={name}&Source={arn}");
        let id = cloud.get(&make, "BlueGreenDeploymentIdentifier");
        cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
        if !between.is_empty() {
            cloud.ask(&format!("{RDS}={between}")).unwrap();
            cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
        }
        cloud.ask(&format!("{RDS}=SwitchoverBlueGreenDeployment&BlueGreenDeploymentIdentifier={id}")).unwrap();
    }
    let mut members =
        |name: &str| cloud.all(&format!("{RDS}=DescribeDBClusters&DBClusterIdentifier={name}"), "DBInstanceIdentifier");
    assert_eq!(members("shop-old1"), ["one-old1", "two-old1"]);
    assert_eq!(members("shop-old2"), ["two-old2"]);
    let green = members("shop");
    assert!(green.len() == 2 && green.contains(&"two".to_owned()), "{green:?}");
}

#[test]
fn a_cluster_has_a_data_api_a_stream_and_a_backup() {
    let mut cloud = shop();
    let arn = "ResourceArn=arn:aws:rds:us-east-1:111122223333:cluster:shop";
    let described = of_shop("DescribeDBClusters");
    assert_eq!(cloud.get(&format!("{RDS}=EnableHttpEndpoint&{arn}"), "HttpEndpointEnabled"), "true");
    assert_eq!(cloud.get(&described, "HttpEndpointEnabled"), "true");
    cloud.ask(&format!("{RDS}=DisableHttpEndpoint&{arn}")).unwrap();
    assert_eq!(cloud.get(&described, "HttpEndpointEnabled"), "false");
    assert_eq!(cloud.ask(&format!("{RDS}=EnableHttpEndpoint&{arn}s")), Err("ResourceNotFoundFault"));

    let start = format!("{RDS}=StartActivityStream&{arn}&KmsKeyId=k&Mode");
    assert_eq!(cloud.ask(&format!("{start}=loud")), Err("InvalidParameterValue"));
    let stream = cloud.get(&format!("{start}=async"), "KinesisStreamName");
    assert_eq!(cloud.get(&described, "ActivityStreamKinesisStreamName"), stream);
    assert_eq!(cloud.get(&described, "ActivityStreamStatus"), "started");
    assert_eq!(cloud.ask(&format!("{start}=sync")), Err("InvalidDBClusterStateFault"));
    let stop = format!("{RDS}=StopActivityStream&{arn}");
    assert_eq!(cloud.get(&stop, "Status"), "stopping");
    assert_eq!(cloud.get(&described, "ActivityStreamStatus"), "stopped");
    assert_eq!(cloud.ask(&stop), Err("InvalidDBClusterStateFault"));

    let backups = of_shop("DescribeDBClusterAutomatedBackups");
    assert_eq!(cloud.get(&backups, "EngineVersion"), "11.21");
    assert!(cloud.all(&backups.replace("shop", "other"), "Status").is_empty());
}

#[test]
fn backups_of_a_cluster_are_kept_for_1_to_35_days() {
    let mut cloud = shop();
    let modify = of_shop("ModifyDBCluster");
    for wrong in ["BackupRetentionPeriod=0", "BackupRetentionPeriod=36", "PerformanceInsightsRetentionPeriod=8"] {
        assert_eq!(cloud.ask(&format!("{modify}&{wrong}")), Err("InvalidParameterValue"), "{wrong}");
    }
}
