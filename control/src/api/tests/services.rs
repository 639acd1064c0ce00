//! RDS, ElastiCache and Redshift: what their clients send and get.

use super::*;

const RDS: &str = "Version=2014-10-31&Action";
const CACHE: &str = "Version=2015-02-02&Action";
const REDSHIFT: &str = "Version=2012-12-01&Action";

/// A VPC with subnets in two zones.
fn subnets(cloud: &mut Cloud) -> (String, [String; 2]) {
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnets = [("192.168.1.0/24", "us-east-1a"), ("192.168.2.0/24", "us-east-1b")].map(|(cidr, zone)| {
        let form = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock={cidr}&AvailabilityZone={zone}");
        cloud.get(&form, "subnetId")
    });
    (vpc, subnets)
}

fn rds_group(cloud: &mut Cloud) -> String {
    let (vpc, [a, b]) = subnets(cloud);
    let subnets = format!("SubnetIds.SubnetIdentifier.1={a}&SubnetIds.SubnetIdentifier.2={b}");
    let form = format!("{RDS}=CreateDBSubnetGroup&DBSubnetGroupName=Back&DBSubnetGroupDescription=x&{subnets}");
    assert_eq!(cloud.get(&form, "DBSubnetGroupName"), "back");
    vpc
}

const DATABASE: &str = "DBInstanceIdentifier=orders&DBInstanceClass=db.m3.medium&Engine=postgres";

#[test]
fn a_db_instance_is_made_described_changed_and_deleted() {
    let mut cloud = Cloud::new();
    rds_group(&mut cloud);
    let create =
        format!("{RDS}=CreateDBInstance&{DATABASE}&DBSubnetGroupName=back&Tags.Tag.1.Key=for&Tags.Tag.1.Value=us");
    let body = cloud.ask(&create).unwrap();
    assert!(body.contains("<CreateDBInstanceResult><DBInstance>"), "{body}");
    assert_eq!(first(&body, "DBInstanceStatus").unwrap(), "creating");
    assert_eq!(first(&body, "Address"), None);
    let body = cloud.ask(&format!("{RDS}=DescribeDBInstances")).unwrap();
    assert_eq!(first(&body, "DBInstanceStatus").unwrap(), "available");
    assert_eq!(first(&body, "Port").unwrap(), "5432");
    assert_eq!(first(&body, "PubliclyAccessible").unwrap(), "false");
    let arn = first(&body, "DBInstanceArn").unwrap();
    assert_eq!(arn, "arn:aws:rds:us-east-1:111122223333:db:orders");
    assert_eq!(cloud.get(&format!("{RDS}=ListTagsForResource&ResourceName={arn}"), "Value"), "us");
    cloud.ask(&format!("{RDS}=RemoveTagsFromResource&ResourceName={arn}&TagKeys.member.1=for")).unwrap();
    assert!(cloud.all(&format!("{RDS}=ListTagsForResource&ResourceName={arn}"), "Value").is_empty());
    let filter = |name: &str, value: &str| {
        format!("{RDS}=DescribeDBInstances&Filters.Filter.1.Name={name}&Filters.Filter.1.Values.Value.1={value}")
    };
    assert_eq!(cloud.all(&filter("engine", "postgres"), "DBInstanceIdentifier"), ["orders"]);
    assert!(cloud.all(&filter("engine", "mysql"), "DBInstanceIdentifier").is_empty());
    assert_eq!(cloud.ask(&filter("colour", "red")), Err("InvalidParameterValue"));

    let named = "DBInstanceIdentifier=orders";
    let public = format!("{RDS}=ModifyDBInstance&{named}&PubliclyAccessible=true");
    assert_eq!(cloud.ask(&public), Err("InvalidVPCNetworkStateFault"));
    assert_eq!(
        cloud.ask(&format!("{RDS}=RebootDBInstance&{named}&ForceFailover=true")),
        Err("InvalidParameterCombination")
    );
    cloud.ask(&format!("{RDS}=ModifyDBInstance&{named}&DeletionProtection=true")).unwrap();
    let delete = format!("{RDS}=DeleteDBInstance&{named}&SkipFinalSnapshot=true");
    assert_eq!(cloud.ask(&delete), Err("InvalidParameterCombination"), "it is protected");
    cloud.ask(&format!("{RDS}=ModifyDBInstance&{named}&DeletionProtection=false")).unwrap();
    assert_eq!(cloud.get(&delete, "DBInstanceStatus"), "deleting");
    assert_eq!(cloud.ask(&format!("{RDS}=DescribeDBInstances&{named}")), Err("DBInstanceNotFound"));
    let events = format!("{RDS}=DescribeEvents&SourceType=db-instance&SourceIdentifier=orders");
    assert_eq!(cloud.all(&events, "Message"), ["DB instance created", "DB instance deleted"]);
}

#[test]
fn what_rds_does_not_take_is_refused_by_name() {
    let mut cloud = Cloud::new();
    let create = |more: &str| format!("{RDS}=CreateDBInstance&{DATABASE}{more}");
    assert_eq!(cloud.ask(&create("&DBSubnetGroupName=none")), Err("DBSubnetGroupNotFoundFault"));
    assert_eq!(cloud.ask(&create("&Port=80")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&create("&DBSecurityGroups.DBSecurityGroupName.1=x")), Err("DBSecurityGroupNotFound"));
    assert_eq!(cloud.ask(&create("&DBClusterIdentifier=x")), Err("DBClusterNotFoundFault"));
    assert_eq!(cloud.ask(&create("&MultiTenant=true")), Err("UnsupportedOperation"));
    assert_eq!(cloud.ask(&create("&Colour=red")), Err("InvalidParameterValue"));
    let other = create("").replace("postgres", "dbase");
    assert!(cloud.refusal(&other).contains("postgres, mysql"), "{}", cloud.refusal(&other));
    assert_eq!(cloud.ask(&format!("{RDS}=CreateDBShardGroup")), Err("UnsupportedOperation"));
    assert_eq!(cloud.ask(&format!("{RDS}=CreateDatabase")), Err("InvalidAction"));
}

#[test]
fn a_vpc_only_region_has_no_db_security_groups_and_a_subnet_group_by_default() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let group = format!("{RDS}=CreateDBSecurityGroup&DBSecurityGroupName=x&DBSecurityGroupDescription=x");
    assert_eq!(cloud.ask(&group), Err("InvalidParameterCombination"));
    assert_eq!(cloud.get(&format!("{RDS}=CreateDBInstance&{DATABASE}"), "DBSubnetGroupName"), "default");
    assert_eq!(cloud.get(&format!("{RDS}=DescribeDBInstances"), "PubliclyAccessible"), "true");
}

#[test]
fn the_interface_of_a_service_is_shown_and_stays() {
    let mut cloud = Cloud::new();
    rds_group(&mut cloud);
    cloud.ask(&format!("{RDS}=CreateDBInstance&{DATABASE}&DBSubnetGroupName=back")).unwrap();
    let found = "Action=DescribeNetworkInterfaces&Filter.1.Name=description&Filter.1.Value.1=RDSNetworkInterface";
    let body = cloud.ask(found).unwrap();
    assert_eq!(first(&body, "requesterId").unwrap(), "amazon-rds");
    assert_eq!(first(&body, "requesterManaged").unwrap(), "true");
    assert!(body.contains("<status>in-use</status>"), "{body}");
    let (eni, attachment) = (first(&body, "networkInterfaceId").unwrap(), first(&body, "attachmentId").unwrap());
    let described = format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={eni}&Description.Value=mine");
    assert_eq!(cloud.ask(&described), Err("AuthFailure"));
    assert_eq!(
        cloud.ask(&format!("Action=DetachNetworkInterface&AttachmentId={attachment}")),
        Err("OperationNotPermitted")
    );
    let address = cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    let associate = format!("Action=AssociateAddress&AllocationId={address}&NetworkInterfaceId={eni}");
    assert_eq!(cloud.ask(&associate), Err("AuthFailure"));
    assert!(cloud.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={eni}")).is_err());
}

#[test]
fn caches_of_one_node_of_many_and_of_replicas() {
    let mut cloud = Cloud::new();
    let (_, [a, b]) = subnets(&mut cloud);
    let form = format!(
        "{CACHE}=CreateCacheSubnetGroup&CacheSubnetGroupName=back&CacheSubnetGroupDescription=x\
         &SubnetIds.SubnetIdentifier.1={a}&SubnetIds.SubnetIdentifier.2={b}"
    );
    cloud.ask(&form).unwrap();
    let place = "CacheSubnetGroupName=back&CacheNodeType=cache.m3.medium";
    cloud.ask(&format!("{CACHE}=CreateCacheCluster&CacheClusterId=one&Engine=redis&{place}")).unwrap();
    cloud
        .ask(&format!("{CACHE}=CreateCacheCluster&CacheClusterId=many&Engine=memcached&NumCacheNodes=2&{place}"))
        .unwrap();
    let group = "ReplicationGroupId=group&ReplicationGroupDescription=x";
    cloud.ask(&format!("{CACHE}=CreateReplicationGroup&{group}&NumCacheClusters=2&{place}")).unwrap();
    let of = |id: &str| format!("{CACHE}=DescribeCacheClusters&ShowCacheNodeInfo=true&CacheClusterId={id}");
    assert_eq!(
        cloud.all(&format!("{CACHE}=DescribeCacheClusters"), "CacheClusterId"),
        ["group-001", "group-002", "many", "one"]
    );
    let of_no_group = format!("{CACHE}=DescribeCacheClusters&ShowCacheClustersNotInReplicationGroups=true");
    assert_eq!(cloud.all(&of_no_group, "CacheClusterId"), ["many", "one"]);
    let [only] = &cloud.all(&of("one"), "Address")[..] else { panic!() };
    assert!(only.starts_with("one.c") && only.ends_with(".0001.use1.cache.amazonaws.com"), "{only}");
    let addresses = cloud.all(&of("many"), "Address");
    assert!(addresses[0].contains(".cfg.use1.") && addresses[2].contains(".0002.use1."), "{addresses:?}");
    let groups = format!("{CACHE}=DescribeReplicationGroups");
    let primary = cloud.get(&groups, "Address");
    assert!(primary.contains(".ng.0001.use1."), "{primary}");
    assert_eq!(cloud.all(&groups, "CurrentRole"), ["primary", "replica"]);
    let promote = format!("{CACHE}=ModifyReplicationGroup&ReplicationGroupId=group&PrimaryClusterId=group-002");
    cloud.ask(&promote).unwrap();
    assert_eq!(cloud.all(&groups, "CurrentRole"), ["replica", "primary"]);
    assert_eq!(cloud.get(&groups, "Address"), primary);
    let interfaces = cloud.all("Action=DescribeNetworkInterfaces", "description");
    assert!(interfaces.contains(&"ElastiCache group-001".to_owned()), "{interfaces:?}");
    cloud.ask(&format!("{CACHE}=DeleteReplicationGroup&ReplicationGroupId=group")).unwrap();
    assert_eq!(cloud.ask(&of("group-001")), Err("CacheClusterNotFound"));
    assert_eq!(
        cloud.ask(&format!("{CACHE}=DeleteCacheSubnetGroup&CacheSubnetGroupName=back")),
        Err("CacheSubnetGroupInUse")
    );
}

#[test]
fn a_redshift_cluster_in_a_vpc_and_one_in_classic() {
    let mut cloud = Cloud::new();
    let (_, [a, _]) = subnets(&mut cloud);
    let form = format!(
        "{REDSHIFT}=CreateClusterSubnetGroup&ClusterSubnetGroupName=back&Description=x&SubnetIds.SubnetIdentifier.1={a}"
    );
    cloud.ask(&form).unwrap();
    let cluster = "NodeType=dc1.large&MasterUsername=me&MasterUserPassword=Secret123";
    let create = |name: &str, more: &str| format!("{REDSHIFT}=CreateCluster&ClusterIdentifier={name}&{cluster}{more}");
    assert_eq!(cloud.get(&create("new", "&ClusterSubnetGroupName=back"), "ClusterStatus"), "creating");
    let described = cloud.ask(&format!("{REDSHIFT}=DescribeClusters&ClusterIdentifier=new")).unwrap();
    assert_eq!(first(&described, "ClusterStatus").unwrap(), "available");
    assert!(first(&described, "Address").unwrap().ends_with(".us-east-1.redshift.amazonaws.com"));
    assert!(first(&described, "PrivateIPAddress").unwrap().starts_with("192.168.1."));
    cloud.ask("Action=CreateSecurityGroup&GroupName=web&GroupDescription=x").unwrap();
    cloud.ask(&format!("{REDSHIFT}=CreateClusterSecurityGroup&ClusterSecurityGroupName=etl&Description=x")).unwrap();
    let authorize = format!(
        "{REDSHIFT}=AuthorizeClusterSecurityGroupIngress&ClusterSecurityGroupName=etl&EC2SecurityGroupName=web\
         &EC2SecurityGroupOwnerId=111122223333"
    );
    assert_eq!(cloud.get(&authorize, "EC2SecurityGroupName"), "web");
    cloud.ask(&create("old", "&ClusterSecurityGroups.ClusterSecurityGroupName.1=etl")).unwrap();
    let described = cloud.ask(&format!("{REDSHIFT}=DescribeClusters&ClusterIdentifier=old")).unwrap();
    assert_eq!(first(&described, "ClusterSecurityGroupName").unwrap(), "etl");
    assert!(first(&described, "PrivateIPAddress").unwrap().starts_with("10."));
    let arn = "arn:aws:redshift:us-east-1:111122223333:cluster:old";
    cloud.ask(&format!("{REDSHIFT}=CreateTags&ResourceName={arn}&Tags.Tag.1.Key=a&Tags.Tag.1.Value=b")).unwrap();
    assert_eq!(cloud.get(&format!("{REDSHIFT}=DescribeClusters&ClusterIdentifier=old"), "Key"), "a");
    cloud.ask(&format!("{REDSHIFT}=RebootCluster&ClusterIdentifier=old")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=DeleteCluster&ClusterIdentifier=old&SkipFinalClusterSnapshot=true")).unwrap();
    assert_eq!(cloud.ask(&format!("{REDSHIFT}=DescribeClusters&ClusterIdentifier=old")), Err("ClusterNotFound"));
}

#[test]
fn a_public_redshift_cluster_needs_a_gateway_but_no_dns_hostnames() {
    let mut cloud = Cloud::new();
    let (vpc, [a, _]) = subnets(&mut cloud);
    let group = "ClusterSubnetGroupName=back";
    let subnet = format!("Description=x&SubnetIds.SubnetIdentifier.1={a}");
    cloud.ask(&format!("{REDSHIFT}=CreateClusterSubnetGroup&{group}&{subnet}")).unwrap();
    let cluster = "ClusterIdentifier=open&NodeType=dc1.large&MasterUsername=me&MasterUserPassword=Secret123";
    let create = format!("{REDSHIFT}=CreateCluster&{cluster}&{group}&PubliclyAccessible=true");
    assert_eq!(cloud.ask(&create), Err("InvalidVPCNetworkStateFault"));
    cloud.gateway(&vpc);
    assert_eq!(cloud.get(&create, "PubliclyAccessible"), "true");
}

#[test]
fn a_parameter_group_is_made_set_reset_copied_and_deleted() {
    let mut cloud = Cloud::new();
    rds_group(&mut cloud);
    let named = "DBParameterGroupName=mine";
    let create =
        |family: &str| format!("{RDS}=CreateDBParameterGroup&{named}&DBParameterGroupFamily={family}&Description=x");
    assert_eq!(cloud.ask(&create("postgres1")), Err("InvalidParameterValue"));
    let arn = cloud.get(&create("postgres17"), "DBParameterGroupArn");
    assert_eq!(arn, "arn:aws:rds:us-east-1:111122223333:pg:mine");
    assert_eq!(cloud.ask(&create("postgres17")), Err("DBParameterGroupAlreadyExists"));
    let set = |name: &str, value: &str, method: &str| {
        let parameter = "Parameters.Parameter.1";
        format!(
            "{RDS}=ModifyDBParameterGroup&{named}&{parameter}.ParameterName={name}&{parameter}.ParameterValue={value}\
             &{parameter}.ApplyMethod={method}"
        )
    };
    assert_eq!(cloud.get(&set("work_mem", "8192", "immediate"), "DBParameterGroupName"), "mine");
    assert_eq!(cloud.ask(&set("shared_buffers", "1", "immediate")), Err("InvalidParameterCombination"), "it is static");
    cloud.ask(&set("shared_buffers", "1", "pending-reboot")).unwrap();
    assert_eq!(cloud.ask(&set("tea", "1", "immediate")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&set("fsync", "0", "immediate")), Err("InvalidParameterValue"), "it cannot be changed");
    let user = format!("{RDS}=DescribeDBParameters&{named}&Source=user");
    assert_eq!(cloud.all(&user, "ParameterName"), ["shared_buffers", "work_mem"]);
    assert_eq!(cloud.all(&user, "ParameterValue"), ["1", "8192"]);
    // All of them, a page after the other.
    let (mut names, mut marker) = (Vec::new(), String::new());
    loop {
        let page = cloud.ask(&format!("{RDS}=DescribeDBParameters&{named}{marker}")).unwrap();
        names.extend(texts(&page, "ParameterName"));
        let Some(next) = first(&page, "Marker") else { break };
        marker = format!("&Marker={next}");
    }
    assert!(names.len() > 200 && names.is_sorted(), "{}", names.len());

    // What has it keeps it from going; another family's does not fit.
    let database = DATABASE.replace("orders", "shop");
    cloud.ask(&format!("{RDS}=CreateDBInstance&{database}&DBSubnetGroupName=back&{named}")).unwrap();
    let described = cloud.ask(&format!("{RDS}=DescribeDBInstances&DBInstanceIdentifier=shop")).unwrap();
    assert_eq!(first(&described, "DBParameterGroupName").unwrap(), "mine");
    assert_eq!(first(&described, "OptionGroupName").unwrap(), "default:postgres-17");
    assert_eq!(cloud.ask(&format!("{RDS}=DeleteDBParameterGroup&{named}")), Err("InvalidDBParameterGroupState"));
    let other =
        format!("{RDS}=CreateDBInstance&{}&DBSubnetGroupName=back&{named}", DATABASE.replace("postgres", "mysql"));
    assert_eq!(cloud.ask(&other), Err("InvalidParameterCombination"));
    let modify = |group: &str| format!("{RDS}=ModifyDBInstance&DBInstanceIdentifier=shop&DBParameterGroupName={group}");
    assert_eq!(cloud.ask(&modify("none")), Err("DBParameterGroupNotFound"));
    assert_eq!(cloud.get(&modify("default.postgres17"), "DBParameterGroupName"), "default.postgres17");
    let listed = cloud.all(&format!("{RDS}=DescribeDBParameterGroups"), "DBParameterGroupName");
    assert_eq!(listed, ["default.postgres17", "mine"]);
    let default = "DBParameterGroupName=default.postgres17";
    assert_eq!(cloud.ask(&format!("{RDS}=DeleteDBParameterGroup&{default}")), Err("InvalidParameterValue"));

    let copy = format!(
        "{RDS}=CopyDBParameterGroup&SourceDBParameterGroupIdentifier=mine&TargetDBParameterGroupIdentifier=other\
         &TargetDBParameterGroupDescription=x"
    );
    cloud.ask(&copy).unwrap();
    cloud.ask(&format!("{RDS}=ResetDBParameterGroup&{named}&ResetAllParameters=true")).unwrap();
    assert!(cloud.all(&user, "ParameterName").is_empty());
    assert_eq!(cloud.all(&user.replace("mine", "other"), "ParameterName"), ["shared_buffers", "work_mem"]);
    cloud.ask(&format!("{RDS}=AddTagsToResource&ResourceName={arn}&Tags.Tag.1.Key=a&Tags.Tag.1.Value=b")).unwrap();
    assert_eq!(cloud.get(&format!("{RDS}=ListTagsForResource&ResourceName={arn}"), "Value"), "b");
    cloud.ask(&format!("{RDS}=DeleteDBParameterGroup&{named}")).unwrap();
    assert_eq!(cloud.ask(&format!("{RDS}=DescribeDBParameterGroups&{named}")), Err("DBParameterGroupNotFound"));
}

#[test]
fn option_groups_hold_what_their_engine_has() {
    let mut cloud = Cloud::new();
    let named = "OptionGroupName=mine";
    let create = |major: &str| {
        format!("{RDS}=CreateOptionGroup&{named}&EngineName=mysql&MajorEngineVersion={major}&OptionGroupDescription=x")
    };
    assert_eq!(cloud.ask(&create("9.9")), Err("InvalidParameterCombination"));
    cloud.ask(&create("5.7")).unwrap();
    assert_eq!(cloud.ask(&create("5.7")), Err("OptionGroupAlreadyExistsFault"));
    let include = |option: &str| {
        format!("{RDS}=ModifyOptionGroup&{named}&OptionsToInclude.OptionConfiguration.1.OptionName={option}")
    };
    assert_eq!(cloud.get(&include("MEMCACHED"), "Port"), "11211");
    assert_eq!(cloud.ask(&include("APEX")), Err("InvalidParameterValue"));
    let describe = format!("{RDS}=DescribeOptionGroups&{named}");
    assert_eq!(cloud.all(&describe, "OptionName"), ["MEMCACHED"]);
    cloud.ask(&format!("{RDS}=ModifyOptionGroup&{named}&OptionsToRemove.member.1=MEMCACHED")).unwrap();
    assert!(cloud.all(&describe, "OptionName").is_empty());
    let options = format!("{RDS}=DescribeOptionGroupOptions&EngineName=mysql&MajorEngineVersion=5.7");
    assert_eq!(cloud.all(&options, "Name"), ["MARIADB_AUDIT_PLUGIN", "MEMCACHED"]);
    cloud.ask(&format!("{RDS}=DeleteOptionGroup&{named}")).unwrap();
    assert_eq!(cloud.ask(&describe), Err("OptionGroupNotFoundFault"));
}

#[test]
fn snapshots_are_taken_copied_and_restored() {
    let mut cloud = Cloud::new();
    rds_group(&mut cloud);
    cloud.ask(&format!("{RDS}=CreateDBInstance&{DATABASE}&DBSubnetGroupName=back&AllocatedStorage=20")).unwrap();
    let delete = format!("{RDS}=DeleteDBInstance&DBInstanceIdentifier=orders");
    assert_eq!(cloud.ask(&delete), Err("InvalidParameterCombination"), "a last snapshot, or a word that there is none");
    let take = format!("{RDS}=CreateDBSnapshot&DBInstanceIdentifier=orders&DBSnapshotIdentifier=one");
    assert_eq!(cloud.get(&take, "Status"), "creating");
    assert_eq!(cloud.ask(&take), Err("DBSnapshotAlreadyExists"));
    let copy = format!("{RDS}=CopyDBSnapshot&SourceDBSnapshotIdentifier=one&TargetDBSnapshotIdentifier=two");
    let of_instance = copy.replace("=one&", "=arn:aws:rds:us-east-1:111122223333:db:orders&");
    assert!(first(&cloud.refusal(&of_instance), "Message").unwrap().contains("not a valid identifier"));
    cloud.ask(&copy).unwrap();
    cloud.ask(&format!("{delete}&FinalDBSnapshotIdentifier=last")).unwrap();
    let describe = format!("{RDS}=DescribeDBSnapshots");
    assert_eq!(cloud.all(&describe, "DBSnapshotIdentifier"), ["last", "one", "two"]);
    assert_eq!(cloud.all(&describe, "Status"), ["available"; 3]);
    let restore = format!(
        "{RDS}=RestoreDBInstanceFromDBSnapshot&DBInstanceIdentifier=again&DBSnapshotIdentifier=last&DBSubnetGroupName=back"
    );
    cloud.ask(&restore).unwrap();
    let restored = cloud.ask(&format!("{RDS}=DescribeDBInstances&DBInstanceIdentifier=again")).unwrap();
    assert_eq!(first(&restored, "AllocatedStorage").unwrap(), "20");
    assert!(first(&restored, "Address").unwrap().starts_with("again."));
    let said = "CopyTagsToSnapshot=true&EnableIAMDatabaseAuthentication=true&AutoMinorVersionUpgrade=false\
                &BackupRetentionPeriod=5&PreferredBackupWindow=01:00-01:30&StorageType=gp3&StorageThroughput=250";
    for (made, restore) in [
        ("other", restore.replace("again", "other")),
        (
            "third",
            format!(
                "{RDS}=RestoreDBInstanceToPointInTime&SourceDBInstanceIdentifier=again&UseLatestRestorableTime=true\
                 &TargetDBInstanceIdentifier=third&DBSubnetGroupName=back"
            ),
        ),
    ] {
        cloud.ask(&format!("{restore}&{said}")).unwrap();
        let restored = cloud.ask(&format!("{RDS}=DescribeDBInstances&DBInstanceIdentifier={made}")).unwrap();
        for (element, value) in [
            ("CopyTagsToSnapshot", "true"),
            ("IAMDatabaseAuthenticationEnabled", "true"),
            ("AutoMinorVersionUpgrade", "false"),
            ("BackupRetentionPeriod", "5"),
            ("PreferredBackupWindow", "01:00-01:30"),
            ("StorageThroughput", "250"),
        ] {
            assert_eq!(first(&restored, element).as_deref(), Some(value), "{made}: {element}");
        }
    }
    cloud.ask(&format!("{RDS}=DeleteDBSnapshot&DBSnapshotIdentifier=one")).unwrap();
    assert_eq!(cloud.ask(&format!("{describe}&DBSnapshotIdentifier=one")), Err("DBSnapshotNotFound"));
}

#[test]
fn what_was_said_of_a_database_is_told_again_and_changed() {
    let mut cloud = Cloud::new();
    rds_group(&mut cloud);
    let said = "AutoMinorVersionUpgrade=false&PreferredBackupWindow=03:00-04:00&MonitoringInterval=0\
                &CopyTagsToSnapshot=true&EnableCloudwatchLogsExports.member.1=postgresql&EngineVersion=9.6";
    cloud.ask(&format!("{RDS}=CreateDBInstance&{DATABASE}&DBSubnetGroupName=back&{said}")).unwrap();
    let describe = format!("{RDS}=DescribeDBInstances");
    let body = cloud.ask(&describe).unwrap();
    for (element, value) in [
        ("AutoMinorVersionUpgrade", "false"),
        ("PreferredBackupWindow", "03:00-04:00"),
        ("CopyTagsToSnapshot", "true"),
        ("EngineVersion", "9.6.24"),
        ("LicenseModel", "postgresql-license"),
        ("PerformanceInsightsEnabled", "false"),
    ] {
        assert_eq!(first(&body, element).as_deref(), Some(value), "{element}");
    }
    assert!(body.contains("<PendingModifiedValues/>"), "{body}");
    let modify = format!("{RDS}=ModifyDBInstance&DBInstanceIdentifier=orders&ApplyImmediately=true");
    cloud.ask(&format!("{modify}&AutoMinorVersionUpgrade=true&DBPortNumber=5433")).unwrap();
    let body = cloud.ask(&describe).unwrap();
    assert_eq!(first(&body, "AutoMinorVersionUpgrade").unwrap(), "true");
    assert_eq!(first(&body, "CopyTagsToSnapshot").unwrap(), "true", "it was not spoken of");
    assert_eq!(first(&body, "Port").unwrap(), "5433");
    let host = cloud.model.managed_hosts.iter().next().unwrap();
    assert!(host.program.port == 5433 && host.program.arguments.contains(&"5433".to_owned()), "{:?}", host.program);
    cloud.ask(&format!("{modify}&NewDBInstanceIdentifier=shop")).unwrap();
    let body = cloud.ask(&describe).unwrap();
    assert_eq!(first(&body, "DBInstanceIdentifier").unwrap(), "shop");
    assert!(first(&body, "Address").unwrap().starts_with("shop."));
    let host = cloud.model.managed_hosts.iter().next().unwrap();
    assert!(host.names[0].starts_with("shop.") && host.owner.resource.ends_with(":shop"), "{host:?}");
    assert_eq!(cloud.ask(&format!("{modify}&EngineVersion=99")), Err("DBInstanceNotFound"));
    let shop = modify.replace("orders", "shop");
    assert_eq!(cloud.ask(&format!("{shop}&EngineVersion=99")), Err("InvalidParameterCombination"));
    cloud.ask(&format!("{shop}&EngineVersion=13")).unwrap();
    let body = cloud.ask(&describe).unwrap();
    assert_eq!(first(&body, "EngineVersion").unwrap(), "13.20");
    assert_eq!(first(&body, "DBParameterGroupName").unwrap(), "default.postgres13");
}

#[test]
fn there_is_a_choice_of_engines_and_classes() {
    let mut cloud = Cloud::new();
    let versions = |more: &str| format!("{RDS}=DescribeDBEngineVersions&{more}");
    assert_eq!(cloud.all(&versions("Engine=mysql&EngineVersion=5.7"), "DBParameterGroupFamily"), ["mysql5.7"; 2]);
    assert_eq!(cloud.all(&versions("DefaultOnly=true&Engine=postgres"), "EngineVersion")[..1], ["17.4"]);
    assert_eq!(cloud.all(&versions("Engine=aurora-postgresql&EngineVersion=14.12"), "EngineVersion")[..1], ["14.12"]);
    let options = format!("{RDS}=DescribeOrderableDBInstanceOptions&Engine=postgres&EngineVersion=9.6.6");
    let classes = cloud.all(&options, "DBInstanceClass");
    assert!(classes.contains(&"db.m3.medium".to_owned()), "{classes:?}");
    let aurora = options.replace("postgres", "aurora-mysql").replace("9.6.6", "8.0");
    let body = cloud.ask(&format!("{aurora}&DBInstanceClass=db.r5.large&MaxRecords=20")).unwrap();
    assert_eq!(texts(&body, "StorageType")[..2], ["aurora", "aurora-iopt1"]);
    let supports = ["SupportsClusters", "SupportsGlobalDatabases"].map(|what| first(&body, what));
    assert_eq!(supports.each_ref().map(Option::as_deref), [Some("true"); 2]);
    let body = cloud.ask(&format!("{options}&DBInstanceClass=db.t3.micro")).unwrap();
    assert_eq!(texts(&body, "StorageType"), ["gp2", "gp3", "io1", "standard"]);
    assert_eq!(cloud.ask(&options.replace("postgres", "tea")), Err("InvalidParameterValue"));
    assert!(cloud.all(&format!("{CACHE}=DescribeCacheEngineVersions&Engine=redis"), "EngineVersion").len() > 5);
    assert_eq!(
        cloud.all(&format!("{REDSHIFT}=DescribeClusterVersions"), "ClusterParameterGroupFamily"),
        ["redshift-1.0"]
    );
    let categories = format!("{RDS}=DescribeEventCategories&SourceType=db-instance");
    assert!(cloud.all(&categories, "EventCategory").contains(&"failover".to_owned()));
}

#[test]
fn caches_have_parameter_groups_and_grow() {
    let mut cloud = Cloud::new();
    let (_, [a, b]) = subnets(&mut cloud);
    let form = format!(
        "{CACHE}=CreateCacheSubnetGroup&CacheSubnetGroupName=back&CacheSubnetGroupDescription=x\
         &SubnetIds.SubnetIdentifier.1={a}&SubnetIds.SubnetIdentifier.2={b}"
    );
    cloud.ask(&form).unwrap();
    let named = "CacheParameterGroupName=mine";
    cloud
        .ask(&format!("{CACHE}=CreateCacheParameterGroup&{named}&CacheParameterGroupFamily=redis3.2&Description=x"))
        .unwrap();
    let pair = "ParameterNameValues.ParameterNameValue.1";
    let set = |name: &str| {
        format!("{CACHE}=ModifyCacheParameterGroup&{named}&{pair}.ParameterName={name}&{pair}.ParameterValue=yes")
    };
    cloud.ask(&set("activedefrag")).unwrap();
    assert_eq!(cloud.ask(&set("tea")), Err("InvalidParameterValue"));
    let user = format!("{CACHE}=DescribeCacheParameters&{named}&Source=user");
    assert_eq!(cloud.all(&user, "ParameterName"), ["activedefrag"]);
    let group = "ReplicationGroupId=group&ReplicationGroupDescription=x&CacheSubnetGroupName=back";
    let plain = "TransitEncryptionEnabled=false&NetworkType=ipv4&NumNodeGroups=1&AutomaticFailoverEnabled=false";
    let create = format!("{CACHE}=CreateReplicationGroup&{group}&NumCacheClusters=1&{named}");
    let either = "TransitEncryptionEnabled=true&TransitEncryptionMode=preferred";
    assert_eq!(cloud.ask(&format!("{create}&{either}")), Err("UnsupportedOperation"));
    assert_eq!(cloud.ask(&format!("{create}&NumNodeGroups=2")), Err("InvalidParameterCombination"));
    cloud.ask(&format!("{create}&{plain}&SnapshotRetentionLimit=3")).unwrap();
    let clusters = format!("{CACHE}=DescribeCacheClusters&ShowCacheNodeInfo=true");
    let body = cloud.ask(&clusters).unwrap();
    assert_eq!(first(&body, "CacheParameterGroupName").unwrap(), "mine");
    assert_eq!(first(&body, "SnapshotRetentionLimit").unwrap(), "3");
    assert_eq!(
        cloud.ask(&format!("{CACHE}=DeleteCacheParameterGroup&{named}")),
        Err("InvalidCacheParameterGroupState")
    );
    let count = |verb: &str, replicas: u16| {
        format!("{CACHE}={verb}ReplicaCount&ReplicationGroupId=group&NewReplicaCount={replicas}&ApplyImmediately=true")
    };
    assert_eq!(cloud.ask(&count("Decrease", 1)), Err("InvalidParameterValue"));
    cloud.ask(&count("Increase", 2)).unwrap();
    assert_eq!(cloud.all(&clusters, "CacheClusterId"), ["group-001", "group-002", "group-003"]);
    let groups = cloud.ask(&format!("{CACHE}=DescribeReplicationGroups")).unwrap();
    assert_eq!(first(&groups, "Status").unwrap(), "available");
    assert!(groups.contains("group-ro.") && groups.contains("<ReaderEndpoint>"), "{groups}");
    cloud.ask(&count("Decrease", 1)).unwrap();
    assert_eq!(cloud.all(&clusters, "CacheClusterId"), ["group-001", "group-002"]);
    let many = "CacheClusterId=many&CacheSubnetGroupName=back";
    cloud.ask(&format!("{CACHE}=CreateCacheCluster&{many}&Engine=memcached&NumCacheNodes=1")).unwrap();
    let nodes = |count: u16| format!("{CACHE}=ModifyCacheCluster&CacheClusterId=many&NumCacheNodes={count}");
    cloud.ask(&nodes(3)).unwrap();
    assert_eq!(cloud.all(&format!("{clusters}&CacheClusterId=many"), "CacheNodeId"), ["0001", "0002", "0003"]);
    let fewer = |id: &str| format!("{}&CacheNodeIdsToRemove.CacheNodeId.1={id}", nodes(2));
    assert_eq!(cloud.ask(&fewer("0001")), Err("InvalidParameterCombination"), "the last ones go");
    cloud.ask(&fewer("0003")).unwrap();
    assert_eq!(cloud.all(&format!("{clusters}&CacheClusterId=many"), "CacheNodeId"), ["0001", "0002"]);
    let take = format!("{CACHE}=CreateSnapshot&ReplicationGroupId=group&SnapshotName=one");
    cloud.ask(&take).unwrap();
    cloud
        .ask(&format!("{CACHE}=DeleteReplicationGroup&ReplicationGroupId=group&FinalSnapshotIdentifier=last"))
        .unwrap();
    assert_eq!(cloud.all(&format!("{CACHE}=DescribeSnapshots"), "SnapshotName"), ["last", "one"]);
    assert_eq!(cloud.all(&format!("{CACHE}=DescribeSnapshots&SnapshotSource=user"), "SnapshotName"), ["last", "one"]);
    assert!(cloud.all(&format!("{CACHE}=DescribeSnapshots&SnapshotSource=system"), "SnapshotName").is_empty());
    cloud.ask(&format!("{CACHE}=DeleteCacheParameterGroup&{named}")).unwrap();
    let events = format!("{CACHE}=DescribeEvents&SourceType=replication-group&SourceIdentifier=group");
    assert!(cloud.all(&events, "Message").contains(&"Replication group deleted".to_owned()));
}

#[test]
fn a_cluster_has_parameters_tags_and_snapshots_and_is_paused_and_renamed() {
    let mut cloud = Cloud::new();
    let named = "ParameterGroupName=mine";
    let family = "ParameterGroupFamily=redshift-1.0&Description=x";
    cloud.ask(&format!("{REDSHIFT}=CreateClusterParameterGroup&{named}&{family}")).unwrap();
    let parameter = "Parameters.Parameter.1";
    let set = format!(
        "{REDSHIFT}=ModifyClusterParameterGroup&{named}&{parameter}.ParameterName=require_ssl&{parameter}.ParameterValue=true"
    );
    cloud.ask(&set).unwrap();
    let user = format!("{REDSHIFT}=DescribeClusterParameters&{named}&Source=user");
    assert_eq!(cloud.all(&user, "ParameterName"), ["require_ssl"]);
    let cluster = "ClusterIdentifier=etl&NodeType=dc1.large&MasterUsername=me&MasterUserPassword=Secret123";
    let more = "ClusterParameterGroupName=mine&AutomatedSnapshotRetentionPeriod=0&ClusterType=multi-node&NumberOfNodes=2\
                &Tags.Tag.1.Key=team&Tags.Tag.1.Value=a&AllowVersionUpgrade=false&MultiAZ=false";
    cloud.ask(&format!("{REDSHIFT}=CreateCluster&{cluster}&{more}")).unwrap();
    let describe = format!("{REDSHIFT}=DescribeClusters");
    let body = cloud.ask(&describe).unwrap();
    for (element, value) in
        [("ParameterGroupName", "mine"), ("AutomatedSnapshotRetentionPeriod", "0"), ("AllowVersionUpgrade", "false")]
    {
        assert_eq!(first(&body, element).as_deref(), Some(value), "{element}");
    }
    assert_eq!(texts(&body, "NodeRole"), ["LEADER", "COMPUTE-0", "COMPUTE-1"]);
    let twice = "Tags.Tag.1.Key=a&Tags.Tag.2.Key=a";
    let other = cluster.replace("etl", "other");
    assert_eq!(cloud.ask(&format!("{REDSHIFT}=CreateCluster&{other}&{twice}")), Err("InvalidTagFault"));
    let tags = format!("{REDSHIFT}=DescribeTags&ResourceType=cluster");
    assert_eq!(cloud.all(&tags, "ResourceName"), ["arn:aws:redshift:us-east-1:111122223333:cluster:etl"]);
    cloud.ask(&format!("{REDSHIFT}=PauseCluster&ClusterIdentifier=etl")).unwrap();
    assert_eq!(cloud.get(&describe, "ClusterStatus"), "paused");
    cloud.ask(&format!("{REDSHIFT}=ResumeCluster&ClusterIdentifier=etl")).unwrap();
    assert_eq!(cloud.get(&describe, "ClusterStatus"), "available");
    cloud.ask(&format!("{REDSHIFT}=ModifyCluster&ClusterIdentifier=etl&ClusterType=single-node")).unwrap();
    assert_eq!(cloud.get(&describe, "NumberOfNodes"), "1");
    let modify = format!("{REDSHIFT}=ModifyCluster&ClusterIdentifier=etl&NewClusterIdentifier=new&Port=5440");
    cloud.ask(&modify).unwrap();
    assert_eq!(cloud.get(&describe, "ClusterIdentifier"), "new");
    assert_eq!(cloud.get(&describe, "Port"), "5440");
    let role = "arn:aws:iam::111122223333:role/etl";
    let roles = format!("{REDSHIFT}=ModifyClusterIamRoles&ClusterIdentifier=new&AddIamRoles.IamRoleArn.1={role}");
    cloud.ask(&roles).unwrap();
    assert_eq!(cloud.get(&describe, "IamRoleArn"), role);
    assert_eq!(
        cloud.get(&format!("{REDSHIFT}=DescribeLoggingStatus&ClusterIdentifier=new"), "LoggingEnabled"),
        "false"
    );
    let delete = format!("{REDSHIFT}=DeleteCluster&ClusterIdentifier=new");
    assert_eq!(cloud.ask(&delete), Err("InvalidParameterCombination"));
    cloud.ask(&format!("{delete}&FinalClusterSnapshotIdentifier=last")).unwrap();
    let describe = format!("{REDSHIFT}=DescribeClusterSnapshots");
    assert_eq!(cloud.all(&describe, "SnapshotIdentifier"), ["last"]);
    for none in ["StartTime=2100-01-01T00:00:00Z", "EndTime=2010-01-01T00:00:00Z", "OwnerAccount=444455556666"] {
        assert!(cloud.all(&format!("{describe}&{none}"), "SnapshotIdentifier").is_empty(), "{none}");
    }
    cloud.ask(&format!("{REDSHIFT}=DeleteClusterParameterGroup&{named}")).unwrap();
}

#[test]
fn a_tag_is_given_once() {
    let mut cloud = Cloud::new();
    rds_group(&mut cloud);
    let tags = |list: &str| format!("{list}.1.Key=a&{list}.1.Value=b&{list}.2.Key=a&{list}.2.Value=c");
    let create = format!("{RDS}=CreateDBInstance&{DATABASE}&DBSubnetGroupName=back&{}", tags("Tags.Tag"));
    assert_eq!(cloud.ask(&create), Err("InvalidParameterValue"));
    assert!(cloud.refusal(&create).contains("more than once"));
    cloud.ask(&format!("{RDS}=CreateDBInstance&{DATABASE}&DBSubnetGroupName=back")).unwrap();
    let arn = "arn:aws:rds:us-east-1:111122223333:db:orders";
    let add = format!("{RDS}=AddTagsToResource&ResourceName={arn}&{}", tags("Tags.Tag"));
    assert_eq!(cloud.ask(&add), Err("InvalidParameterValue"));
    let cache = format!("{CACHE}=CreateCacheCluster&CacheClusterId=one&Engine=redis&{}", tags("Tags.Tag"));
    assert_eq!(cloud.ask(&cache), Err("InvalidParameterValue"));
}

#[test]
fn a_group_of_a_service_in_classic_opens_one_port() {
    let mut cloud = Cloud::new();
    let group = "DBSecurityGroupName=web";
    cloud.ask(&format!("{RDS}=CreateDBSecurityGroup&{group}&DBSecurityGroupDescription=x")).unwrap();
    cloud.ask(&format!("{RDS}=AuthorizeDBSecurityGroupIngress&{group}&CIDRIP=203.0.113.0/24")).unwrap();
    cloud.ask(&format!("{RDS}=CreateDBInstance&{DATABASE}&DBSecurityGroups.DBSecurityGroupName.1=web")).unwrap();
    let port = ::wire::PortId(cloud.model.managed_hosts.iter().next().unwrap().port);
    let (_, tables) = crate::compile::Compiler::whole(&cloud.model);
    let filters = tables.entries().filter_map(|entry| match entry {
        ::wire::Entry::Filter(id, filter) if *id == ::wire::FilterId(port.0) => Some(filter),
        _ => None,
    });
    let [filter] = &filters.collect::<Vec<_>>()[..] else { panic!("it has a filter of its own") };
    let [rule] = filter.ingress.as_slice() else { panic!("{:?}", filter.ingress) };
    assert_eq!(rule.traffic, ::wire::Traffic::Tcp(5432..=5432));
    let filters = tables.entries().filter_map(|entry| match entry {
        ::wire::Entry::Attachment(_, presence) if presence.port == port => Some(presence.filters.as_deref()?.to_vec()),
        _ => None,
    });
    assert_eq!(filters.collect::<Vec<_>>(), [[::wire::FilterId(port.0)]]);
}
