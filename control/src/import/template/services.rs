//! Databases, caches, warehouses, load balancers and Auto Scaling groups of a template: by the calls of their services.

use super::functions::Unknown;
use super::properties::{Parameters, Properties};
use super::resources::{IMAGE, METADATA_OPTIONS, key_name, used_launch_template};
use super::{Builder, Make, access_groups, identities, nested, zones};
use crate::import::engine_versions::take_unknown_version;
use crate::import::services::{SECRET, pass_through, without_key};
use model::services::Thing;

/// The maker of a type.
pub fn maker(kind: &str) -> Option<Make> {
    Some(match kind {
        "AWS::RDS::DBSubnetGroup" => |b, p| {
            let mut parameters = described(p, "DBSubnetGroupDescription", "DBSubnetGroupDescription");
            parameters.extend(p.list("SubnetIds", "SubnetIds.SubnetIdentifier"));
            named(b, p, ("rds", "CreateDBSubnetGroup"), ("DBSubnetGroupName", "DBSubnetGroupName"), parameters)
        },
        "AWS::RDS::DBCluster" => database_cluster,
        "AWS::RDS::DBInstance" => database,
        "AWS::ElastiCache::SubnetGroup" => |b, p| {
            let mut parameters = described(p, "Description", "CacheSubnetGroupDescription");
            parameters.extend(p.list("SubnetIds", "SubnetIds.SubnetIdentifier"));
            let name = ("CacheSubnetGroupName", "CacheSubnetGroupName");
            named(b, p, ("elasticache", "CreateCacheSubnetGroup"), name, parameters)
        },
        "AWS::ElastiCache::CacheCluster" => |b, p| {
            let names = ["CacheNodeType", "Engine", "NumCacheNodes", "CacheSubnetGroupName", "Port"];
            let mut parameters = p.named(&names);
            parameters.extend(p.known(VERSION));
            parameters.extend(p.list("VpcSecurityGroupIds", "SecurityGroupIds.SecurityGroupId"));
            parameters.extend(p.list("CacheSecurityGroupNames", "CacheSecurityGroupNames.CacheSecurityGroupName"));
            let made =
                named(b, p, ("elasticache", "CreateCacheCluster"), ("ClusterName", "CacheClusterId"), parameters)?;
            configure(b, p, Thing::CacheCluster, "CacheParameterGroupName", made.as_deref());
            Ok(made)
        },
        "AWS::ElastiCache::ReplicationGroup" => replication_group,
        "AWS::AutoScaling::LaunchConfiguration" => launch_configuration,
        "AWS::AutoScaling::AutoScalingGroup" => scaling_group,
        "AWS::Redshift::ClusterSubnetGroup" => |b, p| {
            let mut parameters = described(p, "Description", "Description");
            parameters.extend(p.list("SubnetIds", "SubnetIds.SubnetIdentifier"));
            let name = ("ClusterSubnetGroupName", "ClusterSubnetGroupName");
            named(b, p, ("redshift", "CreateClusterSubnetGroup"), name, parameters)
        },
        "AWS::Redshift::Cluster" => warehouse,
        "AWS::ElasticLoadBalancing::LoadBalancer" => load_balancer,
        nested::STACK => nested::stack,
        _ => return zones::maker(kind).or_else(|| identities::maker(kind)).or_else(|| access_groups::maker(kind)),
    })
}

/// Properties with the names that the API has for them.
fn renamed(p: &Properties<'_>, names: &[(&str, &str)]) -> Parameters {
    names.iter().filter_map(|(from, to)| Some(((*to).to_owned(), p.text(from)?))).collect()
}

/// A description. An anonymised resource has none, but it is required.
pub fn described(p: &Properties<'_>, property: &str, parameter: &str) -> Parameters {
    let description = p.text(property).unwrap_or_else(|| "imported".to_owned());
    vec![(parameter.to_owned(), description)]
}

/// A resource's tags, as its service takes them.
pub fn tags(p: &Properties<'_>, service: &str) -> Parameters {
    match service {
        // An Auto Scaling group's tags have more members, so it passes them itself.
        "autoscaling" => Parameters::new(),
        "elasticloadbalancing" => p.tags("Tags.member"),
        _ => p.tags("Tags.Tag"),
    }
}

/// Makes a resource with a name, which is given or generated as by CloudFormation. The name is the value of Ref.
fn named(
    b: &mut Builder<'_, '_, '_>,
    p: &Properties<'_>,
    (service, action): (&str, &str),
    (property, parameter): (&str, &str),
    mut parameters: Parameters,
) -> Result<Option<String>, Unknown> {
    let name = p.text(property).unwrap_or_else(|| b.made_up_name());
    parameters.push((parameter.to_owned(), name.clone()));
    parameters.extend(tags(p, service));
    take_unknown_version(&mut parameters).into_iter().for_each(|version| b.leave_out_part(version));
    b.call_of(service, action, &parameters, "return").map(|_| Some(name))
}

/// The user of a database who may do everything. Neither the name nor the password has an effect here, and a database out of
/// a snapshot is told neither.
fn master(p: &Properties<'_>) -> Parameters {
    p.pass_over(&["MasterUsername", "MasterUserPassword"]);
    let mut master = p.known(&["MasterUsername"]);
    if master.is_empty() {
        master.push(("MasterUsername".to_owned(), "imported".to_owned()));
    }
    master.push(("MasterUserPassword".to_owned(), SECRET.to_owned()));
    master
}

/// The version of an engine. Where it is not known, the service chooses one.
const VERSION: &[&str] = &["EngineVersion"];
/// Settings of a DB cluster. It is made without those whose value is unknown.
const CLUSTER_SETTINGS: &[&str] = &[
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DatabaseName",
    "DeletionProtection",
    "EnableIAMDatabaseAuthentication",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "StorageEncrypted",
];
/// Settings of a DB instance, which is made without those whose value is unknown. A cluster's members have their cluster's.
const DATABASE_SETTINGS: &[&str] = &[
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DeletionProtection",
    "EnableIAMDatabaseAuthentication",
    "Iops",
    "LicenseModel",
    "MaxAllocatedStorage",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "StorageEncrypted",
    "StorageType",
];
/// Settings of every DB instance, replicas and members included.
const INSTANCE_SETTINGS: &[&str] = &["AutoMinorVersionUpgrade", "AvailabilityZone"];

fn database_cluster(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters =
        p.named(&["Engine", "DBClusterInstanceClass", "AllocatedStorage", "Port", "DBSubnetGroupName"]);
    parameters.extend(master(p));
    parameters.extend(p.known(VERSION));
    parameters.extend(p.known(CLUSTER_SETTINGS));
    parameters.extend(p.list("VpcSecurityGroupIds", "VpcSecurityGroupIds.VpcSecurityGroupId"));
    let made = named(b, p, ("rds", "CreateDBCluster"), ("DBClusterIdentifier", "DBClusterIdentifier"), parameters)?;
    configure(b, p, Thing::DbCluster, "DBClusterParameterGroupName", made.as_deref());
    Ok(made)
}

/// Gives a database, cache or warehouse the parameter group that a property names, if the template has it.
fn configure(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, thing: Thing, property: &str, name: Option<&str>) {
    let scope = &b.template.scope;
    let is_own = |group: &str| {
        let group = b.importer.model.parameter_group(scope, thing.parameter_group(), group);
        group.is_ok_and(|group| !group.is_default())
    };
    if let (Some(group), Some(name)) = (p.text_if(property, is_own), name)
        && let Err(why) = b.importer.give_parameters(scope, thing, name, &group)
    {
        b.leave_out_part(format!("its parameter group: {why}"));
    }
}

fn database(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    if let Some(source) = p.text("SourceDBInstanceIdentifier") {
        return replica(b, p, &source);
    }
    let mut parameters = p.named(&[
        "DBClusterIdentifier",
        "DBInstanceClass",
        "DBName",
        "Engine",
        "AllocatedStorage",
        "MultiAZ",
        "Port",
        "DBSubnetGroupName",
        "PubliclyAccessible",
    ]);
    // The user and the version of a cluster's member are its cluster's.
    if parameters.iter().any(|(name, _)| name == "DBClusterIdentifier") {
        p.pass_over(&["EngineVersion", "MasterUsername", "MasterUserPassword"]);
    } else {
        parameters.extend(master(p));
        parameters.extend(p.known(VERSION));
        parameters.extend(p.known(DATABASE_SETTINGS));
    }
    parameters.extend(p.known(INSTANCE_SETTINGS));
    parameters.extend(p.list("VPCSecurityGroups", "VpcSecurityGroupIds.VpcSecurityGroupId"));
    parameters.extend(p.list("DBSecurityGroups", "DBSecurityGroups.DBSecurityGroupName"));
    let made = named(b, p, ("rds", "CreateDBInstance"), ("DBInstanceIdentifier", "DBInstanceIdentifier"), parameters)?;
    configure(b, p, Thing::DbInstance, "DBParameterGroupName", made.as_deref());
    Ok(made)
}

/// A read replica. Its source has to be available, and in a template it is so before the replica is made.
fn replica(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, source: &str) -> Result<Option<String>, Unknown> {
    b.importer.make_available(&b.template.scope, source);
    p.pass_over(&["AllocatedStorage", "Engine", "EngineVersion", "MasterUsername", "MasterUserPassword"]);
    let names = ["DBInstanceClass", "DBSubnetGroupName", "MultiAZ", "Port", "PubliclyAccessible"];
    let mut parameters = p.named(&names);
    parameters.push(("SourceDBInstanceIdentifier".to_owned(), source.to_owned()));
    parameters.extend(p.known(INSTANCE_SETTINGS));
    parameters.extend(p.list("VPCSecurityGroups", "VpcSecurityGroupIds.VpcSecurityGroupId"));
    let name = ("DBInstanceIdentifier", "DBInstanceIdentifier");
    named(b, p, ("rds", "CreateDBInstanceReadReplica"), name, parameters)
}

fn replication_group(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    // The token has no effect here.
    p.pass_over(&["AuthToken"]);
    let mut parameters = p.named(&[
        "AutomaticFailoverEnabled",
        "MultiAZEnabled",
        "NumCacheClusters",
        "NumNodeGroups",
        "ReplicasPerNodeGroup",
        "CacheNodeType",
        "Engine",
        "CacheSubnetGroupName",
        "Port",
        "PreferredMaintenanceWindow",
        "SnapshotRetentionLimit",
        "SnapshotWindow",
        "AtRestEncryptionEnabled",
        "AutoMinorVersionUpgrade",
    ]);
    parameters.extend(p.known(VERSION));
    parameters.extend(described(p, "ReplicationGroupDescription", "ReplicationGroupDescription"));
    parameters.extend(p.list("PreferredCacheClusterAZs", "PreferredCacheClusterAZs.AvailabilityZone"));
    parameters.extend(p.list("SecurityGroupIds", "SecurityGroupIds.SecurityGroupId"));
    parameters.extend(p.list("CacheSecurityGroupNames", "CacheSecurityGroupNames.CacheSecurityGroupName"));
    let name = ("ReplicationGroupId", "ReplicationGroupId");
    let made = named(b, p, ("elasticache", "CreateReplicationGroup"), name, parameters)?;
    configure(b, p, Thing::ReplicationGroup, "CacheParameterGroupName", made.as_deref());
    Ok(made)
}

/// A launch configuration, whose properties have the API's names. A key pair that is not in the files is left out.
fn launch_configuration(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    p.pass_over(&["ImageId"]);
    let image = if p.is_unknown("ImageId") { Some(IMAGE.to_owned()) } else { p.text("ImageId") };
    let mut parameters = p.named(&[
        "ClassicLinkVPCId",
        "InstanceType",
        "KernelId",
        "RamDiskId",
        "SpotPrice",
        "EbsOptimized",
        "AssociatePublicIpAddress",
        "PlacementTenancy",
    ]);
    parameters.extend(image.map(|image| ("ImageId".to_owned(), image)));
    parameters.extend(p.known(&["IamInstanceProfile", "UserData"]));
    parameters.iter_mut().filter(|(name, _)| name == "RamDiskId").for_each(|(name, _)| *name = "RamdiskId".into());
    parameters.extend(key_name(b, p));
    parameters.extend(p.list("SecurityGroups", "SecurityGroups.member"));
    parameters.extend(p.list("ClassicLinkVPCSecurityGroups", "ClassicLinkVPCSecurityGroups.member"));
    parameters.extend(p.text("InstanceMonitoring").map(|on| ("InstanceMonitoring.Enabled".to_owned(), on)));
    if let Some(of) = p.inner("MetadataOptions") {
        let options = of.named(METADATA_OPTIONS);
        parameters.extend(options.into_iter().map(|(name, value)| (format!("MetadataOptions.{name}"), value)));
    }
    for (index, device) in p.each("BlockDeviceMappings").iter().enumerate() {
        let of = |name: &str| format!("BlockDeviceMappings.member.{}.{name}", index + 1);
        let own = device.named(&["DeviceName", "VirtualName", "NoDevice"]);
        parameters.extend(own.into_iter().map(|(name, value)| (of(&name), value)));
        if let Some(ebs) = device.inner("Ebs") {
            let names =
                ["SnapshotId", "VolumeSize", "VolumeType", "DeleteOnTermination", "Iops", "Encrypted", "Throughput"];
            parameters.extend(ebs.named(&names).into_iter().map(|(name, value)| (of(&format!("Ebs.{name}")), value)));
        }
    }
    let name = ("LaunchConfigurationName", "LaunchConfigurationName");
    named(b, p, ("autoscaling", "CreateLaunchConfiguration"), name, parameters)
}

fn scaling_group(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&[
        "LaunchConfigurationName",
        "MinSize",
        "MaxSize",
        "DesiredCapacity",
        "HealthCheckType",
        "HealthCheckGracePeriod",
        "PlacementGroup",
        "NewInstancesProtectedFromScaleIn",
        "CapacityRebalance",
    ]);
    parameters.extend(renamed(p, &[("Cooldown", "DefaultCooldown")]));
    let subnets = p.texts("VPCZoneIdentifier");
    if !subnets.is_empty() {
        parameters.push(("VPCZoneIdentifier".to_owned(), subnets.join(",")));
    }
    for list in ["AvailabilityZones", "LoadBalancerNames", "TerminationPolicies"] {
        parameters.extend(p.list(list, &format!("{list}.member")));
    }
    parameters.extend(used_launch_template(p));
    for (index, tag) in p.each("Tags").iter().enumerate() {
        let told = tag.named(&["Key", "Value", "PropagateAtLaunch"]);
        parameters.extend(told.into_iter().map(|(name, value)| (format!("Tags.member.{}.{name}", index + 1), value)));
    }
    let name = ("AutoScalingGroupName", "AutoScalingGroupName");
    named(b, p, ("autoscaling", "CreateAutoScalingGroup"), name, parameters)
}

fn warehouse(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&[
        "ClusterType",
        "NodeType",
        "NumberOfNodes",
        "DBName",
        "Port",
        "ClusterSubnetGroupName",
        "PubliclyAccessible",
    ]);
    parameters.extend(master(p));
    parameters.extend(p.list("VpcSecurityGroupIds", "VpcSecurityGroupIds.VpcSecurityGroupId"));
    parameters.extend(p.list("ClusterSecurityGroups", "ClusterSecurityGroups.ClusterSecurityGroupName"));
    let made = named(b, p, ("redshift", "CreateCluster"), ("ClusterIdentifier", "ClusterIdentifier"), parameters)?;
    configure(b, p, Thing::Cluster, "ClusterParameterGroupName", made.as_deref());
    Ok(made)
}

fn load_balancer(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let service = "elasticloadbalancing";
    let mut parameters = p.named(&["Scheme"]);
    for list in ["SecurityGroups", "Subnets", "AvailabilityZones"] {
        parameters.extend(p.list(list, &format!("{list}.member")));
    }
    for (index, listener) in p.each("Listeners").iter().enumerate() {
        let names = ["Protocol", "LoadBalancerPort", "InstanceProtocol", "InstancePort"];
        // The listener's own sentence reports it.
        listener.pass_over(&["SSLCertificateId"]);
        let of = |(name, value)| (format!("Listeners.member.{}.{name}", index + 1), value);
        parameters.extend(listener.named(&names).into_iter().map(of));
    }
    let passed = pass_through(&mut parameters);
    let name = named(b, p, (service, "CreateLoadBalancer"), ("LoadBalancerName", "LoadBalancerName"), parameters)?;
    passed.iter().for_each(|port| b.leave_out_part(without_key(port)));
    let own = || ("LoadBalancerName".to_owned(), name.clone().unwrap_or_default());
    if let Some(check) = p.inner("HealthCheck") {
        let names = ["Target", "Interval", "Timeout", "UnhealthyThreshold", "HealthyThreshold"];
        let check = check.named(&names).into_iter().map(|(name, value)| (format!("HealthCheck.{name}"), value));
        let parameters: Parameters = check.chain([own()]).collect();
        b.call_of(service, "ConfigureHealthCheck", &parameters, "return")?;
    }
    let attributes = load_balancer_attributes(p);
    if !attributes.is_empty() {
        let parameters: Parameters = attributes.into_iter().chain([own()]).collect();
        b.call_of(service, "ModifyLoadBalancerAttributes", &parameters, "return")?;
    }
    let instances = p.texts("Instances");
    if !instances.is_empty() {
        let instances = instances.into_iter().enumerate();
        let instances = instances.map(|(index, id)| (format!("Instances.member.{}.InstanceId", index + 1), id));
        let parameters: Parameters = instances.chain([own()]).collect();
        b.call_of(service, "RegisterInstancesWithLoadBalancer", &parameters, "return")?;
    }
    Ok(name)
}

/// The properties of a load balancer that are attributes in the API.
fn load_balancer_attributes(p: &Properties<'_>) -> Parameters {
    let cross_zone = p.text("CrossZone").map(|on| ("CrossZoneLoadBalancing.Enabled".to_owned(), on));
    let mut attributes = Parameters::from_iter(cross_zone);
    for (property, attribute, members) in [
        ("ConnectionDrainingPolicy", "ConnectionDraining", ["Enabled", "Timeout"].as_slice()),
        ("ConnectionSettings", "ConnectionSettings", &["IdleTimeout"]),
    ] {
        let members = p.inner(property).map(|of| of.named(members)).unwrap_or_default();
        attributes.extend(members.into_iter().map(|(name, value)| (format!("{attribute}.{name}"), value)));
    }
    attributes.into_iter().map(|(name, value)| (format!("LoadBalancerAttributes.{name}"), value)).collect()
}
