//! The users, groups and databases inside a cluster of Redshift, for which GetClusterCredentials needs permission (Amazon Redshift
//! Management Guide, "Create an IAM role with permissions to call GetClusterCredentials").

use super::resource::{Resource, with};
use super::{Asked, Context};
use model::Scope;
use std::sync::Arc;

/// The user and the database that a password is for.
pub fn of(scope: &Scope, asked: &Asked<'_>) -> Vec<String> {
    let Some(cluster) = cluster(asked) else { return Vec::new() };
    let arn = |kind: &str, parameter: &str| Some(inside(scope, cluster, kind, asked.params.value(parameter)?));
    arn("dbuser", "DbUser").into_iter().chain(arn("dbname", "DbName")).collect()
}

/// What the password's user does first: it is created, and joins groups. Each needs permission for an action of its own.
pub fn before(scope: &Scope, asked: &Asked<'_>, known: &Arc<Context>) -> Vec<Resource> {
    let Some(cluster) = cluster(asked) else { return Vec::new() };
    let needed = |kind: &str, name: &str, action: &'static str| Resource {
        arn: inside(scope, cluster, kind, name),
        known: with(known, Vec::new()),
        action: Some(action),
    };
    let user = asked.params.value("DbUser").filter(|_| asked.params.is_true("AutoCreate"));
    let user = user.map(|name| needed("dbuser", name, "redshift:CreateClusterUser"));
    let groups = asked.params.sent().filter(|(parameter, _)| parameter.starts_with("DbGroups."));
    user.into_iter().chain(groups.map(|(_, name)| needed("dbgroup", name, "redshift:JoinGroup"))).collect()
}

/// The cluster of which a password is asked for.
fn cluster<'a>(asked: &'a Asked<'_>) -> Option<&'a str> {
    asked.params.value("ClusterIdentifier").filter(|_| asked.action.starts_with("GetClusterCredentials"))
}

fn inside(scope: &Scope, cluster: &str, kind: &str, name: &str) -> String {
    let Scope { account, region } = scope;
    let cluster = cluster.to_ascii_lowercase();
    format!("arn:{}:redshift:{region}:{account}:{kind}:{cluster}/{name}", scope.partition())
}
