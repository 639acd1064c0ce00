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
    assert_eq!(cloud.ask(&delete), Err("InvalidDBInstanceState"));
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
    assert_eq!(cloud.ask(&create("&DBClusterIdentifier=x")), Err("UnsupportedOperation"));
    assert_eq!(cloud.ask(&create("&Colour=red")), Err("InvalidParameterValue"));
    let other = create("").replace("postgres", "dbase");
    assert!(cloud.refusal(&other).contains("postgres, mysql"), "{}", cloud.refusal(&other));
    assert_eq!(cloud.ask(&format!("{RDS}=CreateDBCluster")), Err("UnsupportedOperation"));
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
