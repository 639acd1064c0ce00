//! Databases, caches, warehouses and load balancers of a template: by the calls of their services.

use super::Builder;
use super::functions::Unknown;
use super::properties::{Parameters, Properties};
use super::resources::Make;
use crate::import::services::{SECRET, pass_through, without_key};

/// The maker of a type.
pub fn maker(kind: &str) -> Option<Make> {
    Some(match kind {
        "AWS::RDS::DBSubnetGroup" => |b, p| {
            let mut parameters = p.named(&["DBSubnetGroupDescription"]);
            parameters.extend(p.list("SubnetIds", "SubnetIds.SubnetIdentifier"));
            named(b, p, ("rds", "CreateDBSubnetGroup"), ("DBSubnetGroupName", "DBSubnetGroupName"), parameters)
        },
        "AWS::RDS::DBInstance" => database,
        "AWS::ElastiCache::SubnetGroup" => |b, p| {
            let mut parameters = renamed(p, &[("Description", "CacheSubnetGroupDescription")]);
            parameters.extend(p.list("SubnetIds", "SubnetIds.SubnetIdentifier"));
            let name = ("CacheSubnetGroupName", "CacheSubnetGroupName");
            named(b, p, ("elasticache", "CreateCacheSubnetGroup"), name, parameters)
        },
        "AWS::ElastiCache::CacheCluster" => |b, p| {
            let names = ["CacheNodeType", "Engine", "NumCacheNodes", "CacheSubnetGroupName", "Port"];
            let mut parameters = p.named(&names);
            parameters.extend(p.list("VpcSecurityGroupIds", "SecurityGroupIds.SecurityGroupId"));
            named(b, p, ("elasticache", "CreateCacheCluster"), ("ClusterName", "CacheClusterId"), parameters)
        },
        "AWS::Redshift::ClusterSubnetGroup" => |b, p| {
            let mut parameters = p.named(&["Description"]);
            parameters.extend(p.list("SubnetIds", "SubnetIds.SubnetIdentifier"));
            let name = ("ClusterSubnetGroupName", "ClusterSubnetGroupName");
            named(b, p, ("redshift", "CreateClusterSubnetGroup"), name, parameters)
        },
        "AWS::Redshift::Cluster" => warehouse,
        "AWS::ElasticLoadBalancing::LoadBalancer" => load_balancer,
        _ => return None,
    })
}

/// Properties by the names that the API has for them.
fn renamed(p: &Properties<'_>, names: &[(&str, &str)]) -> Parameters {
    names.iter().filter_map(|(from, to)| Some(((*to).to_owned(), p.text(from)?))).collect()
}

/// Makes something that has a name, its own or one that is made up as CloudFormation does; Ref gives that.
fn named(
    b: &mut Builder<'_, '_, '_>,
    p: &Properties<'_>,
    (service, action): (&str, &str),
    (property, parameter): (&str, &str),
    mut parameters: Parameters,
) -> Result<Option<String>, Unknown> {
    let name = p.text(property).unwrap_or_else(|| format!("imported-{}", b.references.len()));
    parameters.push((parameter.to_owned(), name.clone()));
    b.call_of(service, action, &parameters, "return").map(|_| Some(name))
}

fn database(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    // A secret that nothing here needs.
    p.pass_over(&["MasterUserPassword"]);
    let mut parameters = p.named(&[
        "DBInstanceClass",
        "Engine",
        "AllocatedStorage",
        "MultiAZ",
        "Port",
        "DBSubnetGroupName",
        "PubliclyAccessible",
        "MasterUsername",
    ]);
    parameters.push(("MasterUserPassword".into(), SECRET.into()));
    parameters.extend(p.list("VPCSecurityGroups", "VpcSecurityGroupIds.VpcSecurityGroupId"));
    named(b, p, ("rds", "CreateDBInstance"), ("DBInstanceIdentifier", "DBInstanceIdentifier"), parameters)
}

fn warehouse(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    p.pass_over(&["MasterUserPassword"]);
    let mut parameters = p.named(&[
        "ClusterType",
        "NodeType",
        "NumberOfNodes",
        "DBName",
        "Port",
        "ClusterSubnetGroupName",
        "PubliclyAccessible",
        "MasterUsername",
    ]);
    parameters.push(("MasterUserPassword".into(), SECRET.into()));
    parameters.extend(p.list("VpcSecurityGroupIds", "VpcSecurityGroupIds.VpcSecurityGroupId"));
    named(b, p, ("redshift", "CreateCluster"), ("ClusterIdentifier", "ClusterIdentifier"), parameters)
}

fn load_balancer(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let service = "elasticloadbalancing";
    let mut parameters = p.named(&["Scheme"]);
    for list in ["SecurityGroups", "Subnets", "AvailabilityZones"] {
        parameters.extend(p.list(list, &format!("{list}.member")));
    }
    for (index, listener) in p.each("Listeners").iter().enumerate() {
        let names = ["Protocol", "LoadBalancerPort", "InstanceProtocol", "InstancePort"];
        // It is told of with the listener.
        listener.pass_over(&["SSLCertificateId"]);
        let of = |(name, value)| (format!("Listeners.member.{}.{name}", index + 1), value);
        parameters.extend(listener.named(&names).into_iter().map(of));
    }
    let passed = pass_through(&mut parameters);
    let name = named(b, p, (service, "CreateLoadBalancer"), ("LoadBalancerName", "LoadBalancerName"), parameters)?;
    passed.iter().for_each(|port| b.leave_out(name.as_deref().unwrap_or_default(), &without_key(port)));
    let own = || ("LoadBalancerName".to_owned(), name.clone().unwrap_or_default());
    if let Some(check) = p.inner("HealthCheck") {
        let names = ["Target", "Interval", "Timeout", "UnhealthyThreshold", "HealthyThreshold"];
        let check = check.named(&names).into_iter().map(|(name, value)| (format!("HealthCheck.{name}"), value));
        let parameters: Parameters = check.chain([own()]).collect();
        b.call_of(service, "ConfigureHealthCheck", &parameters, "return")?;
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
