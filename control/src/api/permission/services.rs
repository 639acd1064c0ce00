//! The resources of a request to RDS, ElastiCache or Redshift: those that it names, or all of the kind that its action
//! is about. `services.txt` says which types of resources an action asks permission for.

use super::{Asked, cluster_users};
use model::services::Thing;
use model::{Model, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A word in the names of actions, the parameters that name a resource of a kind, and the kind.
type Kind = (&'static str, &'static [&'static str], Thing);

/// The kinds. The first word that is in an action's name counts.
const KINDS: &[Kind] = &[
    (
        "DBClusterParameter",
        &["DBClusterParameterGroupName", "DBClusterParameterGroupIdentifier"],
        Thing::DbClusterParameterGroup,
    ),
    (
        "DBClusterSnapshot",
        &["DBClusterSnapshotIdentifier", "FinalDBSnapshotIdentifier", "SnapshotIdentifier"],
        Thing::DbClusterSnapshot,
    ),
    ("DBClusterEndpoint", &["DBClusterEndpointIdentifier"], Thing::DbClusterEndpoint),
    ("DBCluster", &["DBClusterIdentifier"], Thing::DbCluster),
    ("EventSubscription", &["SubscriptionName"], Thing::DbEventSubscription),
    ("BlueGreenDeployment", &["BlueGreenDeploymentIdentifier"], Thing::BlueGreenDeployment),
    ("GlobalCluster", &["GlobalClusterIdentifier"], Thing::GlobalCluster),
    ("ServerlessCacheSnapshot", &["ServerlessCacheSnapshotName", "SnapshotName"], Thing::ServerlessCacheSnapshot),
    ("ServerlessCache", &["ServerlessCacheName"], Thing::ServerlessCache),
    (
        "GlobalReplicationGroup",
        &["GlobalReplicationGroupId", "GlobalReplicationGroupIdSuffix"],
        Thing::GlobalReplicationGroup,
    ),
    ("UserGroup", &["UserGroupId", "UserGroupIdsToAdd", "UserGroupIdsToRemove"], Thing::CacheUserGroup),
    ("User", &["UserId", "UserIdsToAdd", "UserIdsToRemove"], Thing::CacheUser),
    ("EventSubscription", &["SubscriptionName"], Thing::ClusterEventSubscription),
    ("SnapshotCopyGrant", &["SnapshotCopyGrantName"], Thing::SnapshotCopyGrant),
    ("SnapshotSchedule", &["ScheduleIdentifier"], Thing::SnapshotSchedule),
    (
        "DBParameter",
        &["DBParameterGroupName", "DBParameterGroupIdentifier", "DBInstanceParameterGroupName"],
        Thing::DbParameterGroup,
    ),
    ("OptionGroup", &["OptionGroupName", "OptionGroupIdentifier"], Thing::OptionGroup),
    ("DBSnapshot", &["DBSnapshotIdentifier"], Thing::DbSnapshot),
    ("DBProxyEndpoint", &["DBProxyEndpointName"], Thing::DbProxyEndpoint),
    ("DBProx", &["DBProxyName"], Thing::DbProxy),
    ("CacheParameter", &["CacheParameterGroupName"], Thing::CacheParameterGroup),
    ("Snapshot", &["SnapshotName", "SnapshotIdentifier"], Thing::CacheSnapshot),
    ("UsageLimit", &["UsageLimitId"], Thing::UsageLimit),
    ("HsmClientCertificate", &["HsmClientCertificateIdentifier"], Thing::HsmClientCertificate),
    ("HsmConfiguration", &["HsmConfigurationIdentifier"], Thing::HsmConfiguration),
    ("ClusterParameter", &["ParameterGroupName"], Thing::ClusterParameterGroup),
    ("ClusterSnapshot", &["SnapshotIdentifier"], Thing::ClusterSnapshot),
    ("DBInstance", &["DBInstanceIdentifier"], Thing::DbInstance),
    ("DBSubnetGroup", &["DBSubnetGroupName"], Thing::DbSubnetGroup),
    ("DBSecurityGroup", &["DBSecurityGroupName", "DBSecurityGroup"], Thing::DbSecurityGroup),
    ("CacheCluster", &["CacheClusterId", "PrimaryClusterId", "SnapshottingClusterId"], Thing::CacheCluster),
    ("ReplicationGroup", &["ReplicationGroupId"], Thing::ReplicationGroup),
    ("CacheSubnetGroup", &["CacheSubnetGroupName"], Thing::CacheSubnetGroup),
    ("CacheSecurityGroup", &["CacheSecurityGroupName"], Thing::CacheSecurityGroup),
    ("ClusterSubnetGroup", &["ClusterSubnetGroupName"], Thing::ClusterSubnetGroup),
    ("ClusterSecurityGroup", &["ClusterSecurityGroupName", "ClusterSecurityGroup"], Thing::ClusterSecurityGroup),
    ("Cluster", &["ClusterIdentifier"], Thing::Cluster),
];

/// What a resource may be for its action, in a parameter's name: CopyDBSnapshot has a source and a target.
const ROLES: [&str; 5] = ["Source", "Target", "New", "Final", "Primary"];

/// The types of resources by service and action, as ARNs call them.
static TYPES: LazyLock<BTreeMap<(&str, &str), Vec<&str>>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let mut words = line.split(' ');
        Some(((words.next()?, words.next()?), words.collect()))
    };
    include_str!("services.txt").lines().filter(|line| !line.starts_with('#')).filter_map(line).collect()
});

/// The ARNs.
pub fn of(model: &Model, scope: &Scope, asked: &Asked<'_>) -> BTreeSet<String> {
    let types = TYPES.get(&(asked.service, asked.action)).map(Vec::as_slice).unwrap_or_default();
    let by_name = asked.params.sent().flat_map(|(parameter, name)| named(model, scope, asked, (parameter, name)));
    let by_arn = asked.params.sent().filter(|(parameter, _)| !parameter.starts_with("Tags.")).filter_map(by_arn);
    let all = by_name.chain(by_arn).chain(cluster_users::of(scope, asked));
    let named: BTreeSet<String> = all.filter(|arn| types.contains(&type_in(arn))).collect();
    if named.is_empty() { BTreeSet::from([all_of_kind(scope, asked, types)]) } else { named }
}

/// Whether a request makes the resource with an ARN: one of a kind that its action is about, which does not exist yet.
pub fn makes(model: &Model, scope: &Scope, asked: &Asked<'_>, arn: &str) -> bool {
    let mut kinds = kinds_of(asked).filter(|(word, ..)| asked.action.contains(word));
    model.service_tags(scope, arn).is_err() && kinds.any(|(.., thing)| type_in(&thing.arn(scope, "*")) == type_in(arn))
}

/// The kinds of resources of a request's service.
fn kinds_of(asked: &Asked<'_>) -> impl Iterator<Item = &'static Kind> {
    let service = asked.service;
    KINDS.iter().filter(move |(.., thing)| thing.service().word() == service)
}

/// The type of the resource with an ARN.
fn type_in(arn: &str) -> &str {
    arn.split(':').nth(5).unwrap_or_default()
}

/// All resources of the kind that an action is about.
fn all_of_kind(scope: &Scope, asked: &Asked<'_>, types: &[&str]) -> String {
    let mut fit = kinds_of(asked).filter(|(word, ..)| asked.action.contains(word));
    let all = fit.next().map(|(.., thing)| thing.arn(scope, "*"));
    all.filter(|arn| types.contains(&type_in(arn))).unwrap_or_else(|| "*".to_owned())
}

/// The ARN that a parameter contains. The tags of a resource are changed by its ARN as it is written.
fn by_arn((parameter, value): (&str, &str)) -> Option<String> {
    let arn = Some(value).filter(|value| value.starts_with("arn:"))?;
    Some(if parameter == "ResourceName" { arn.to_owned() } else { arn.to_ascii_lowercase() })
}

/// The last word of a parameter's name, in the singular: `UserId` of `UserIds.member.1`.
fn last_word(parameter: &str) -> Option<&str> {
    let word = parameter.rsplit('.').find(|part| *part != "member" && part.parse::<u32>().is_err())?;
    Some(word.strip_suffix('s').unwrap_or(word))
}

/// The ARNs that a parameter's value may stand for. The action's types say which of them it does.
fn named(model: &Model, scope: &Scope, asked: &Asked<'_>, (parameter, name): (&str, &str)) -> Vec<String> {
    let Some(word) = last_word(parameter).filter(|_| !name.is_empty() && !name.starts_with("arn:")) else {
        return Vec::new();
    };
    let without_role = ROLES.iter().find_map(|role| word.strip_prefix(role)).unwrap_or(word);
    let fits = |one: &&str| one.eq_ignore_ascii_case(word) || one.eq_ignore_ascii_case(without_role);
    let name = name.to_ascii_lowercase();
    let arn = |thing: Thing| match thing {
        Thing::ClusterSnapshot => cluster_snapshot(model, scope, asked, (parameter, &name)),
        // A proxy's ARN has its id.
        Thing::DbProxy | Thing::DbProxyEndpoint => {
            model.service_entry(scope, thing, &name).map_or_else(|_| thing.arn(scope, "*"), |entry| entry.id.clone())
        }
        // The id has a prefix before the suffix.
        Thing::GlobalReplicationGroup if word.ends_with("Suffix") => thing.arn(scope, &format!("*-{name}")),
        _ => thing.arn(scope, &name),
    };
    kinds_of(asked).filter(|(_, words, _)| words.iter().any(fits)).map(|(.., thing)| arn(*thing)).collect()
}

/// The ARN of a snapshot of Redshift, in which its cluster's name comes first. It may be another account's.
fn cluster_snapshot(model: &Model, scope: &Scope, asked: &Asked<'_>, (parameter, name): (&str, &str)) -> String {
    let value = |name: &str| asked.params.value(name);
    let there = Scope { account: value("OwnerAccount").unwrap_or(&scope.account).to_owned(), ..scope.clone() };
    let found = |name: &str| model.service_snapshot(&there, Thing::ClusterSnapshot, name).ok();
    if let Some(snapshot) = found(name) {
        return snapshot.id.clone();
    }
    let beside = parameter.replace("SnapshotIdentifier", "SnapshotClusterIdentifier");
    let of_new = || value("ClusterIdentifier").filter(|_| asked.action == "CreateClusterSnapshot");
    let of_source = || Some(found(value("SourceSnapshotIdentifier")?)?.source.name.as_str());
    let cluster =
        value(&beside).or_else(of_new).or_else(|| value("SourceSnapshotClusterIdentifier")).or_else(of_source);
    Thing::ClusterSnapshot.arn(&there, &format!("{}/{name}", cluster.unwrap_or("*").to_ascii_lowercase()))
}
