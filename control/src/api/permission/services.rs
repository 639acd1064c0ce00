//! The resources of a request to RDS, ElastiCache or Redshift: those that it names, or all of the kind that its action
//! is about.

use super::Asked;
use super::known::Fact;
use model::services::Thing;
use model::{Caller, Model, Scope};

/// A word in the names of actions, the parameter that names a resource of that kind, and the kind. The first word that
/// fits counts.
const KINDS: &[(&str, &str, Thing)] = &[
    ("DBClusterParameter", "DBClusterParameterGroupName", Thing::DbClusterParameterGroup),
    ("DBClusterSnapshot", "DBClusterSnapshotIdentifier", Thing::DbClusterSnapshot),
    ("DBClusterEndpoint", "DBClusterEndpointIdentifier", Thing::DbClusterEndpoint),
    ("DBCluster", "DBClusterIdentifier", Thing::DbCluster),
    ("EventSubscription", "SubscriptionName", Thing::DbEventSubscription),
    ("ExportTask", "ExportTaskIdentifier", Thing::ExportTask),
    ("BlueGreenDeployment", "BlueGreenDeploymentIdentifier", Thing::BlueGreenDeployment),
    ("UserGroup", "UserGroupId", Thing::CacheUserGroup),
    ("User", "UserId", Thing::CacheUser),
    ("EventSubscription", "SubscriptionName", Thing::ClusterEventSubscription),
    ("SnapshotCopyGrant", "SnapshotCopyGrantName", Thing::SnapshotCopyGrant),
    ("SnapshotSchedule", "ScheduleIdentifier", Thing::SnapshotSchedule),
    ("DBParameter", "DBParameterGroupName", Thing::DbParameterGroup),
    ("OptionGroup", "OptionGroupName", Thing::OptionGroup),
    ("DBSnapshot", "DBSnapshotIdentifier", Thing::DbSnapshot),
    ("CacheParameter", "CacheParameterGroupName", Thing::CacheParameterGroup),
    ("Snapshot", "SnapshotName", Thing::CacheSnapshot),
    ("ClusterParameter", "ParameterGroupName", Thing::ClusterParameterGroup),
    ("ClusterSnapshot", "SnapshotIdentifier", Thing::ClusterSnapshot),
    ("DBInstance", "DBInstanceIdentifier", Thing::DbInstance),
    ("DBSubnetGroup", "DBSubnetGroupName", Thing::DbSubnetGroup),
    ("DBSecurityGroup", "DBSecurityGroupName", Thing::DbSecurityGroup),
    ("CacheCluster", "CacheClusterId", Thing::CacheCluster),
    ("ReplicationGroup", "ReplicationGroupId", Thing::ReplicationGroup),
    ("CacheSubnetGroup", "CacheSubnetGroupName", Thing::CacheSubnetGroup),
    ("CacheSecurityGroup", "CacheSecurityGroupName", Thing::CacheSecurityGroup),
    ("ClusterSubnetGroup", "ClusterSubnetGroupName", Thing::ClusterSubnetGroup),
    ("ClusterSecurityGroup", "ClusterSecurityGroupName", Thing::ClusterSecurityGroup),
    ("Cluster", "ClusterIdentifier", Thing::Cluster),
];

/// The ARNs of a request's resources, each with the resource's condition keys.
pub fn of(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<(String, Vec<Fact>)> {
    let own = KINDS.iter().filter(|(.., thing)| thing.service().word() == asked.service);
    let resource = |arn: String| {
        let tags = model.service_tags(&caller.scope, &arn).into_iter().flatten();
        let about = tags.map(|(key, value)| (format!("aws:ResourceTag/{key}"), value.clone())).collect();
        (arn, about)
    };
    let by_name = own.clone().flat_map(|(_, parameter, thing)| {
        values(asked, parameter).map(move |name| arn_of(model, &caller.scope, *thing, &name.to_ascii_lowercase()))
    });
    let by_arn = asked.params.value("ResourceName").map(str::to_owned);
    let by_arn = by_arn.into_iter().chain(asked.params.value("SnapshotArn").map(str::to_ascii_lowercase));
    let named: Vec<_> = by_name.chain(by_arn).map(resource).collect();
    if !named.is_empty() {
        return named;
    }
    let mut kinds = own.filter(|(word, ..)| asked.action.contains(word));
    let all = kinds.next().map_or_else(|| "*".to_owned(), |(.., thing)| thing.arn(&caller.scope, "*"));
    vec![resource(all)]
}

/// The values of a parameter: of the request, or of each part of a batch (BatchDeleteClusterSnapshots).
fn values<'a>(asked: &Asked<'a>, parameter: &'static str) -> impl Iterator<Item = &'a str> {
    let is_it = move |name: &str| match name.strip_prefix("Identifiers.") {
        Some(part) => part.rsplit('.').next() == Some(parameter),
        None => name == parameter,
    };
    asked.params.sent().filter(move |(name, value)| is_it(name) && !value.is_empty()).map(|(_, value)| value)
}

/// The ARN of a resource that a request names by ARN or by name. A Redshift snapshot's ARN has its cluster's name, too.
fn arn_of(model: &Model, scope: &Scope, thing: Thing, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let snapshot = model.service_snapshot(scope, thing, name).ok();
    snapshot.map_or_else(|| thing.arn(scope, name), |row| row.id.clone())
}
