//! What Redshift keeps of clusters beside their network, and tells again.

use super::*;

const REDSHIFT: &str = "Version=2012-12-01&Action";

fn with_etl(more: &str) -> Cloud {
    let mut cloud = Cloud::new();
    let like = "NodeType=dc2.large&MasterUsername=me&MasterUserPassword=Secret-123";
    cloud.ask(&format!("{REDSHIFT}=CreateCluster&ClusterIdentifier=etl&{like}{more}")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=DescribeClusters")).unwrap();
    cloud
}

#[test]
fn settings_of_clusters_are_within_their_ranges() {
    let mut cloud = with_etl("");
    for (wrong, code) in [
        ("AutomatedSnapshotRetentionPeriod=36", "InvalidParameterValue"),
        ("ManualSnapshotRetentionPeriod=0", "InvalidRetentionPeriodFault"),
        ("PreferredMaintenanceWindow=monday", "InvalidParameterValue"),
    ] {
        let modify = format!("{REDSHIFT}=ModifyCluster&ClusterIdentifier=etl&{wrong}");
        assert_eq!(cloud.ask(&modify), Err(code), "{wrong}");
    }
    let snapshot = format!("{REDSHIFT}=CreateClusterSnapshot&SnapshotIdentifier=once&ClusterIdentifier=etl");
    assert_eq!(
        cloud.ask(&format!("{snapshot}&ManualSnapshotRetentionPeriod=3654")),
        Err("InvalidRetentionPeriodFault")
    );
    cloud.ask(&format!("{REDSHIFT}=ModifyCluster&ClusterIdentifier=etl&ManualSnapshotRetentionPeriod=-1")).unwrap();
}

#[test]
fn a_cluster_follows_a_schedule_of_snapshots_from_the_beginning() {
    let mut cloud = Cloud::new();
    let schedule = "ScheduleIdentifier=nightly&ScheduleDefinitions.ScheduleDefinition.1=rate(12+hours)";
    let create = format!(
        "{REDSHIFT}=CreateCluster&ClusterIdentifier=etl&NodeType=dc2.large&MasterUsername=me&MasterUserPassword=Secret-123\
         &SnapshotScheduleIdentifier=nightly"
    );
    assert_eq!(cloud.ask(&create), Err("SnapshotScheduleNotFound"));
    cloud.ask(&format!("{REDSHIFT}=CreateSnapshotSchedule&{schedule}")).unwrap();
    assert_eq!(cloud.get(&create, "SnapshotScheduleIdentifier"), "nightly");
    let followed = format!("{REDSHIFT}=DescribeSnapshotSchedules&ScheduleIdentifier=nightly");
    assert_eq!(cloud.get(&followed, "ClusterIdentifier"), "etl");
}

#[test]
fn a_usage_limit_is_of_a_cluster_and_goes_with_it() {
    let mut cloud = with_etl("");
    let make = |feature: &str, kind: &str| {
        let what = format!("FeatureType={feature}&LimitType={kind}&Amount=60");
        format!("{REDSHIFT}=CreateUsageLimit&ClusterIdentifier=etl&{what}")
    };
    assert_eq!(cloud.ask(&make("spectrum", "time")), Err("InvalidUsageLimit"));
    assert_eq!(cloud.ask(&make("tea", "data-scanned")), Err("InvalidParameterValue"));
    let made = cloud.ask(&make("concurrency-scaling", "time")).unwrap();
    assert_eq!(
        (first(&made, "Period").unwrap(), first(&made, "BreachAction").unwrap()),
        ("monthly".into(), "log".into())
    );
    let id = first(&made, "UsageLimitId").unwrap();
    let modify = format!("{REDSHIFT}=ModifyUsageLimit&UsageLimitId={id}&Amount");
    assert_eq!(cloud.ask(&format!("{modify}=0")), Err("InvalidUsageLimit"));
    assert_eq!(cloud.get(&format!("{modify}=90"), "Amount"), "90");
    cloud.ask(&format!("{REDSHIFT}=ModifyCluster&ClusterIdentifier=etl&NewClusterIdentifier=elt")).unwrap();
    let described = format!("{REDSHIFT}=DescribeUsageLimits");
    assert_eq!(cloud.all(&described, "ClusterIdentifier"), ["elt"]);
    cloud.ask(&format!("{REDSHIFT}=DeleteCluster&ClusterIdentifier=elt&SkipFinalClusterSnapshot=true")).unwrap();
    assert!(cloud.all(&described, "UsageLimitId").is_empty());
}

#[test]
fn an_action_is_scheduled_on_a_cluster() {
    let mut cloud = with_etl("");
    let make = |schedule: &str, cluster: &str| {
        let target = format!("TargetAction.PauseCluster.ClusterIdentifier={cluster}");
        format!("{REDSHIFT}=CreateScheduledAction&ScheduledActionName=nightly&Schedule={schedule}&IamRole=r&{target}")
    };
    assert_eq!(cloud.ask(&make("later", "etl")), Err("InvalidSchedule"));
    assert_eq!(cloud.ask(&make("cron(0+20+*+*+?+*)", "none")), Err("ClusterNotFound"));
    let twice = make("at(2030-01-01T00:00:00)", "etl") + "&TargetAction.ResumeCluster.ClusterIdentifier=etl";
    assert_eq!(cloud.ask(&twice), Err("InvalidScheduledAction"));
    assert_eq!(cloud.get(&make("cron(0+20+*+*+?+*)", "etl"), "State"), "ACTIVE");
    let named = "ScheduledActionName=nightly";
    let resize = "TargetAction.ResizeCluster.ClusterIdentifier=etl&TargetAction.ResizeCluster.Classic=true";
    let modified = cloud.ask(&format!("{REDSHIFT}=ModifyScheduledAction&{named}&Enable=false&{resize}")).unwrap();
    assert_eq!(
        (first(&modified, "State").unwrap(), first(&modified, "Classic").unwrap()),
        ("DISABLED".into(), "true".into())
    );
    let of = |kind: &str| format!("{REDSHIFT}=DescribeScheduledActions&TargetActionType={kind}");
    assert_eq!(cloud.all(&of("ResizeCluster"), "ScheduledActionName"), ["nightly"]);
    assert!(cloud.all(&of("PauseCluster"), "ScheduledActionName").is_empty());
    let later = format!("{REDSHIFT}=DescribeScheduledActions&StartTime=2030-01-01T00:00:00Z");
    assert_eq!(cloud.all(&later, "ScheduledActionName"), ["nightly"], "it has no end");
    cloud.ask(&format!("{REDSHIFT}=ModifyScheduledAction&{named}&EndTime=2029-01-01T00:00:00Z")).unwrap();
    assert!(cloud.all(&later, "ScheduledActionName").is_empty());
    cloud.ask(&format!("{REDSHIFT}=DeleteScheduledAction&{named}")).unwrap();
    assert_eq!(cloud.ask(&format!("{REDSHIFT}=DescribeScheduledActions&{named}")), Err("ScheduledActionNotFound"));
}

#[test]
fn profiles_and_policies_are_json() {
    let mut cloud = with_etl("");
    let profile = |action: &str, content: &str| {
        format!(
            "{REDSHIFT}={action}AuthenticationProfile&AuthenticationProfileName=fast&AuthenticationProfileContent={content}"
        )
    };
    assert_eq!(cloud.ask(&profile("Create", "text")), Err("InvalidAuthenticationProfileRequestFault"));
    cloud.ask(&profile("Create", "{}")).unwrap();
    assert_eq!(cloud.ask(&profile("Create", "{}")), Err("AuthenticationProfileAlreadyExistsFault"));
    cloud.ask(&profile("Modify", "[]")).unwrap();
    let described = format!("{REDSHIFT}=DescribeAuthenticationProfiles");
    assert_eq!(cloud.get(&described, "AuthenticationProfileContent"), "[]");

    let arn = cloud.get(&format!("{REDSHIFT}=DescribeClusters"), "ClusterNamespaceArn");
    let put = |arn: &str, policy: &str| format!("{REDSHIFT}=PutResourcePolicy&ResourceArn={arn}&Policy={policy}");
    assert_eq!(cloud.ask(&put("arn:aws:redshift:::namespace:none", "{}")), Err("ResourceNotFoundFault"));
    assert_eq!(cloud.ask(&put(&arn, "text")), Err("InvalidPolicyFault"));
    cloud.ask(&put(&arn, "{}")).unwrap();
    cloud.ask(&put(&arn, "[]")).unwrap();
    let get = format!("{REDSHIFT}=GetResourcePolicy&ResourceArn={arn}");
    assert_eq!(cloud.get(&get, "Policy"), "[]");
    cloud.ask(&format!("{REDSHIFT}=DeleteResourcePolicy&ResourceArn={arn}")).unwrap();
    assert_eq!(cloud.ask(&get), Err("ResourceNotFoundFault"));
    cloud.ask(&put(&arn, "{}")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=ModifyCluster&ClusterIdentifier=etl&NewClusterIdentifier=elt")).unwrap();
    assert_eq!(cloud.get(&format!("{REDSHIFT}=DescribeClusters"), "ClusterNamespaceArn"), arn);
    cloud.ask(&format!("{REDSHIFT}=DeleteCluster&ClusterIdentifier=elt&SkipFinalClusterSnapshot=true")).unwrap();
    assert_eq!(cloud.ask(&get), Err("ResourceNotFoundFault"), "it goes with its cluster");
}

#[test]
fn a_partner_is_of_a_database_of_a_cluster() {
    let mut cloud = with_etl("");
    let of = |action: &str, account: &str| {
        format!("{REDSHIFT}={action}&AccountId={account}&ClusterIdentifier=etl&DatabaseName=dev&PartnerName=Tea")
    };
    assert_eq!(cloud.ask(&of("AddPartner", "444455556666")), Err("UnauthorizedPartnerIntegration"));
    let own = "111122223333";
    assert_eq!(cloud.ask(&of("UpdatePartnerStatus", own)).err(), Some("InvalidParameterValue"), "there is no status");
    cloud.ask(&of("AddPartner", own)).unwrap();
    cloud.ask(&of("AddPartner", own)).unwrap();
    let update = format!("{}&Status", of("UpdatePartnerStatus", own));
    assert_eq!(cloud.ask(&format!("{update}=Tired")), Err("InvalidParameterValue"));
    cloud.ask(&format!("{update}=Inactive")).unwrap();
    assert_eq!(cloud.all(&of("DescribePartners", own), "Status"), ["Inactive"]);
    cloud.ask(&of("DeletePartner", own)).unwrap();
    assert_eq!(cloud.ask(&of("DeletePartner", own)), Err("PartnerNotFound"));
}

#[test]
fn an_endpoint_is_in_the_vpc_of_a_subnet_group() {
    let mut cloud = with_etl("");
    let vpc = cloud.vpc("10.0.0.0/16");
    let subnet = cloud.subnet(&vpc, "10.0.0.0/24");
    let group = "ClusterSubnetGroupName=side&Description=x";
    cloud.ask(&format!("{REDSHIFT}=CreateClusterSubnetGroup&{group}&SubnetIds.SubnetIdentifier.1={subnet}")).unwrap();
    let make = format!("{REDSHIFT}=CreateEndpointAccess&ClusterIdentifier=etl&EndpointName=door&SubnetGroupName");
    assert_eq!(cloud.ask(&format!("{make}=none")), Err("ClusterSubnetGroupNotFoundFault"));
    let unnamed = format!("{make}=side").replace("door", "the.door");
    assert_eq!(cloud.ask(&unnamed), Err("InvalidParameterValue"));
    assert_eq!(cloud.get(&format!("{make}=side"), "VpcId"), vpc);
    assert_eq!(cloud.ask(&format!("{make}=side")), Err("EndpointAlreadyExists"));
    let all = format!("{REDSHIFT}=DescribeEndpointAccess&VpcId={vpc}");
    assert_eq!(cloud.all(&all, "EndpointStatus"), ["active"]);
    assert_eq!(cloud.get(&format!("{REDSHIFT}=DeleteEndpointAccess&EndpointName=door"), "EndpointStatus"), "deleting");
    assert_eq!(cloud.ask(&format!("{REDSHIFT}=DescribeEndpointAccess&EndpointName=door")), Err("EndpointNotFound"));
}

#[test]
fn keys_in_hardware_are_described() {
    let mut cloud = Cloud::new();
    let certificate = "HsmClientCertificateIdentifier=own";
    let made = format!("{REDSHIFT}=CreateHsmClientCertificate&{certificate}");
    let key = cloud.get(&made, "HsmClientCertificatePublicKey");
    let described = format!("{REDSHIFT}=DescribeHsmClientCertificates&{certificate}");
    assert_eq!(cloud.get(&described, "HsmClientCertificatePublicKey"), key);
    cloud.ask(&format!("{REDSHIFT}=DeleteHsmClientCertificate&{certificate}")).unwrap();
    assert_eq!(cloud.ask(&described), Err("HsmClientCertificateNotFoundFault"));
    let secrets = "HsmPartitionPassword=secret&HsmServerPublicCertificate=c";
    let what =
        format!("HsmConfigurationIdentifier=box&Description=x&HsmIpAddress=10.0.0.1&HsmPartitionName=p&{secrets}");
    let made = cloud.ask(&format!("{REDSHIFT}=CreateHsmConfiguration&{what}")).unwrap();
    assert!(made.contains("10.0.0.1") && !made.contains("secret"), "{made}");
}

#[test]
fn maintenance_is_deferred_for_some_days() {
    let mut cloud = with_etl("");
    let modify = format!("{REDSHIFT}=ModifyClusterMaintenance&ClusterIdentifier=etl&DeferMaintenance");
    assert_eq!(cloud.ask(&format!("{modify}=true")), Err("InvalidParameterCombination"));
    assert_eq!(cloud.ask(&format!("{modify}=true&DeferMaintenanceDuration=46")), Err("InvalidParameterValue"));
    let end = format!("{modify}=true&DeferMaintenanceEndTime");
    assert_eq!(cloud.ask(&format!("{end}=2030-01-01T00:00:00Z")), Err("InvalidParameterCombination"));
    let twice = format!("{end}=2015-01-09T00:00:00Z&DeferMaintenanceDuration=2");
    assert_eq!(cloud.ask(&twice), Err("InvalidParameterCombination"));
    cloud.ask(&format!("{end}=2015-01-09T00:00:00Z")).unwrap();
    cloud.ask(&format!("{modify}=true&DeferMaintenanceDuration=2&DeferMaintenanceIdentifier=d")).unwrap();
    let described = format!("{REDSHIFT}=DescribeClusters");
    assert!(cloud.all(&described, "DeferMaintenanceIdentifier").contains(&"d".to_owned()));
    cloud.ask(&format!("{modify}=false")).unwrap();
    assert!(cloud.all(&described, "DeferMaintenanceIdentifier").is_empty());
    let rotate = format!("{REDSHIFT}=RotateEncryptionKey&ClusterIdentifier=etl");
    assert_eq!(cloud.ask(&rotate), Err("InvalidClusterState"), "it has no key");
    assert_eq!(
        cloud.ask(&format!("{REDSHIFT}=DescribeClusterTracks&MaintenanceTrackName=x")),
        Err("InvalidClusterTrack")
    );
    assert_eq!(cloud.all(&format!("{REDSHIFT}=DescribeClusterDbRevisions"), "ClusterIdentifier"), ["etl"]);
    let credentials = format!("{REDSHIFT}=GetClusterCredentialsWithIAM&ClusterIdentifier=etl");
    assert_eq!(cloud.get(&credentials, "DbUser"), "IAM:root");
}

#[test]
fn a_restored_cluster_has_neither_its_sources_deferral_nor_its_copies() {
    let mut cloud = with_etl("");
    let defer = "ModifyClusterMaintenance&ClusterIdentifier=etl&DeferMaintenance=true&DeferMaintenanceDuration=2";
    cloud.ask(&format!("{REDSHIFT}={defer}")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=EnableSnapshotCopy&ClusterIdentifier=etl&DestinationRegion=us-west-2")).unwrap();
    cloud.ask(&format!("{REDSHIFT}=CreateClusterSnapshot&SnapshotIdentifier=once&ClusterIdentifier=etl")).unwrap();
    let restore = format!("{REDSHIFT}=RestoreFromClusterSnapshot&ClusterIdentifier=again&SnapshotIdentifier=once");
    let restored = cloud.ask(&restore).unwrap();
    for own in ["DeferMaintenanceIdentifier", "DestinationRegion"] {
        assert!(first(&restored, own).is_none(), "{own}: {restored}");
    }
}
