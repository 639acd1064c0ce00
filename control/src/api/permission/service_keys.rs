//! Condition keys of services other than EC2, IAM and STS (Service Authorization Reference).

use super::Asked;
use super::fact::{Fact, fact};
use super::known::tags_given;
use model::services::{Deployment, Layout};
use model::{Model, Scope};

/// Condition keys and the parameters that have their values. The items of a list are the values of one key.
type Keys = &'static [(&'static str, &'static str)];

const RDS: Keys = &[
    ("rds:BackupTarget", "BackupTarget"),
    ("rds:CopyOptionGroup", "CopyOptionGroup"),
    ("rds:DatabaseClass", "DBInstanceClass"),
    ("rds:DatabaseClass", "DBClusterInstanceClass"),
    ("rds:DatabaseEngine", "Engine"),
    ("rds:DatabaseName", "DBName"),
    ("rds:DatabaseName", "DatabaseName"),
    ("rds:EndpointType", "EndpointType"),
    ("rds:ManageMasterUserPassword", "ManageMasterUserPassword"),
    ("rds:MultiAz", "MultiAZ"),
    ("rds:Piops", "Iops"),
    ("rds:PubliclyAccessible", "PubliclyAccessible"),
    ("rds:StorageEncrypted", "StorageEncrypted"),
    ("rds:StorageSize", "AllocatedStorage"),
];

const ELASTICACHE: Keys = &[
    ("elasticache:AtRestEncryptionEnabled", "AtRestEncryptionEnabled"),
    ("elasticache:AutomaticFailoverEnabled", "AutomaticFailoverEnabled"),
    ("elasticache:CacheNodeType", "CacheNodeType"),
    ("elasticache:CacheParameterGroupName", "CacheParameterGroupName"),
    ("elasticache:EngineType", "Engine"),
    ("elasticache:EngineVersion", "EngineVersion"),
    ("elasticache:KmsKeyId", "KmsKeyId"),
    ("elasticache:MultiAZEnabled", "MultiAZEnabled"),
    ("elasticache:NumNodeGroups", "NumNodeGroups"),
    ("elasticache:ReplicasPerNodeGroup", "ReplicasPerNodeGroup"),
    ("elasticache:SnapshotRetentionLimit", "SnapshotRetentionLimit"),
    ("elasticache:TransitEncryptionEnabled", "TransitEncryptionEnabled"),
    ("elasticache:UserAuthenticationMode", "AuthenticationMode.Type"),
];

const REDSHIFT: Keys =
    &[("redshift:DbName", "DbName"), ("redshift:DbUser", "DbUser"), ("redshift:DurationSeconds", "DurationSeconds")];

const LOAD_BALANCING: Keys = &[
    ("elasticloadbalancing:ListenerProtocol", "Listeners.Protocol"),
    ("elasticloadbalancing:Scheme", "Scheme"),
    ("elasticloadbalancing:SecurityGroup", "SecurityGroups"),
    ("elasticloadbalancing:Subnet", "Subnets"),
];

const AUTO_SCALING: Keys = &[
    ("autoscaling:ForceDelete", "ForceDelete"),
    ("autoscaling:ImageId", "ImageId"),
    ("autoscaling:InstanceType", "InstanceType"),
    ("autoscaling:InstanceTypes", "MixedInstancesPolicy.LaunchTemplate.Overrides.InstanceType"),
    ("autoscaling:LaunchConfigurationName", "LaunchConfigurationName"),
    ("autoscaling:LoadBalancerNames", "LoadBalancerNames"),
    ("autoscaling:MaxSize", "MaxSize"),
    ("autoscaling:MetadataHttpEndpoint", "MetadataOptions.HttpEndpoint"),
    ("autoscaling:MetadataHttpPutResponseHopLimit", "MetadataOptions.HttpPutResponseHopLimit"),
    ("autoscaling:MetadataHttpTokens", "MetadataOptions.HttpTokens"),
    ("autoscaling:MinSize", "MinSize"),
    ("autoscaling:SpotPrice", "SpotPrice"),
    ("autoscaling:TargetGroupARNs", "TargetGroupARNs"),
    ("autoscaling:TrafficSourceIdentifiers", "TrafficSources.Identifier"),
];

const PARAMETERS: Keys =
    &[("ssm:Overwrite", "Overwrite"), ("ssm:Policies", "Policies"), ("ssm:Recursive", "Recursive")];

/// The condition keys of a request.
pub fn about_request(asked: &Asked<'_>) -> Vec<Fact> {
    let keys: Keys = match asked.service {
        "autoscaling" => AUTO_SCALING,
        "elasticache" => ELASTICACHE,
        "elasticloadbalancing" => LOAD_BALANCING,
        "rds" => RDS,
        "redshift" => REDSHIFT,
        "ssm" => PARAMETERS,
        _ => &[],
    };
    let mut facts = sent(asked, keys);
    let is_sent = |key: &str| facts.iter().any(|(sent, _)| sent == key);
    let defaults: Vec<Fact> = left_out(asked).into_iter().filter(|(key, _)| !is_sent(key)).collect();
    facts.extend(defaults);
    facts.extend(worked_out(asked));
    facts
}

/// The keys that are not the values of parameters as they are.
fn worked_out(asked: &Asked<'_>) -> Vec<Fact> {
    let value = |name: &str| asked.params.value(name);
    match asked.service {
        "autoscaling" => {
            let subnets = value("VPCZoneIdentifier").into_iter().flat_map(|list| list.split(','));
            let subnets = subnets.map(|subnet| fact("autoscaling:VPCZoneIdentifiers", subnet.trim()));
            subnets.chain(version_specified(asked)).collect()
        }
        "elasticache" => value("AuthToken").map(|_| fact("elasticache:AuthTokenEnabled", true)).into_iter().collect(),
        "rds" => {
            let tag =
                |(key, value): Fact| Some((format!("rds:req-tag/{}", key.strip_prefix("aws:RequestTag/")?), value));
            tags_given(asked, "").into_iter().filter_map(tag).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the request says which version of a launch template it means, if it names one.
fn version_specified(asked: &Asked<'_>) -> Option<Fact> {
    let has = |word: &str| {
        let mut members = asked.params.sent().filter_map(|(name, _)| name.rsplit_once('.'));
        members.any(|(place, member)| place.contains("LaunchTemplate") && member == word)
    };
    let names_template = has("LaunchTemplateId") || has("LaunchTemplateName");
    names_template.then(|| fact("autoscaling:LaunchTemplateVersionSpecified", has("Version")))
}

fn sent(asked: &Asked<'_>, keys: Keys) -> Vec<Fact> {
    let about = |(name, value): (&str, &str)| {
        let name = without_places(name);
        let key = keys.iter().find(|(_, parameter)| *parameter == name)?.0;
        Some(fact(key, value))
    };
    asked.params.sent().filter(|(_, value)| !value.is_empty()).filter_map(about).collect()
}

/// A parameter's name without the places in lists: `Listeners.Protocol` of `Listeners.member.1.Protocol`.
fn without_places(name: &str) -> String {
    let words = name.split('.').filter(|word| *word != "member" && word.parse::<u32>().is_err());
    words.collect::<Vec<_>>().join(".")
}

/// The defaults of parameters that a request leaves out.
fn left_out(asked: &Asked<'_>) -> Vec<Fact> {
    match (asked.service, asked.action) {
        ("elasticloadbalancing", "CreateLoadBalancer") => vec![fact("elasticloadbalancing:Scheme", "internet-facing")],
        ("rds", "CreateDBInstance") => vec![fact("rds:MultiAz", false), fact("rds:StorageEncrypted", false)],
        ("rds", "CreateDBCluster") => vec![fact("rds:StorageEncrypted", false)],
        _ => Vec::new(),
    }
}

/// The condition keys of a resource of RDS, ElastiCache or Redshift, by its ARN.
pub fn about(model: &Model, scope: &Scope, arn: &str) -> Vec<Fact> {
    let (service, kind) = (arn.split(':').nth(2).unwrap_or_default(), arn.split(':').nth(5).unwrap_or_default());
    let mut facts = model.deployments.get(arn).filter(|_| service == "rds").map(about_database).unwrap_or_default();
    for (key, value) in model.service_tags(scope, arn).into_iter().flatten() {
        facts.push(fact(&format!("aws:ResourceTag/{key}"), value));
        if service == "rds" {
            facts.push(fact(&format!("rds:{kind}-tag/{key}"), value));
        }
    }
    facts
}

/// What is known of a parameter, if it exists, by its ARN.
pub fn about_parameter(model: &Model, arn: &str) -> Vec<Fact> {
    let tags = model.parameters.get(arn).into_iter().flat_map(|row| &row.tags);
    tags.flat_map(|(key, value)| ["aws:ResourceTag", "ssm:resourceTag"].map(|of| fact(&format!("{of}/{key}"), value)))
        .collect()
}

fn about_database(row: &Deployment) -> Vec<Fact> {
    let settings = &row.settings;
    let mut facts = vec![
        fact("rds:DatabaseClass", &settings.class),
        fact("rds:DatabaseEngine", &row.engine),
        fact("rds:MultiAz", row.layout == Layout::Standby),
        fact("rds:StorageEncrypted", settings.encrypted),
        fact("rds:Vpc", row.subnet_group.is_some()),
    ];
    facts.extend(settings.database.iter().map(|name| fact("rds:DatabaseName", name)));
    facts.extend(settings.storage.map(|size| fact("rds:StorageSize", size)));
    facts
}
