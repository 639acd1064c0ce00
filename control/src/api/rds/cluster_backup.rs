//! Automated backups of clusters: each cluster has one.

use super::cluster::{self, THING};
use super::{filter, resource_id};
use crate::api::action::{Actions, View};
use crate::api::deployment::{Paged, paged, same_members, text};
use model::Model;
use model::services::{Deployment, Result};
use shapes::rds::{self, DBClusterAutomatedBackup};

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

fn describe(cx: View, input: rds::DescribeDBClusterAutomatedBackupsMessage) -> Result<Paged<DBClusterAutomatedBackup>> {
    filter::check(&input.filters)?;
    let filters = filter::with(&input.filters, "db-cluster-resource-id", input.db_cluster_resource_id.as_deref());
    let filters = filter::with(&filters, "db-cluster-id", input.db_cluster_identifier.as_deref());
    let all = cx.model.deployments_of(&cx.caller.scope, THING);
    let rows: Vec<&Deployment> = all.filter(|row| filter::pass(&filters, |name| values(row, name))).collect();
    Ok(paged(input.page, rows, |row: &&Deployment| &row.name)?.map(|row| shown(cx.model, row)))
}

/// A backup's values under a filter's name.
fn values(row: &Deployment, filter: &str) -> Vec<String> {
    match filter {
        "status" => vec!["active".to_owned()],
        "db-cluster-id" => vec![row.name.clone(), row.id.clone()],
        "db-cluster-resource-id" => vec![resource_id(row)],
        _ => Vec::new(),
    }
}

fn shown(model: &Model, row: &Deployment) -> DBClusterAutomatedBackup {
    let cluster = cluster::shown(model, row);
    let id = resource_id(row).to_ascii_lowercase();
    let scope = &row.scope;
    DBClusterAutomatedBackup {
        db_cluster_automated_backups_arn: Some(format!(
            "arn:{}:rds:{}:{}:cluster-auto-backup:{id}",
            scope.partition(),
            scope.region,
            scope.account
        )),
        region: text(&scope.region),
        status: text("active"),
        vpc_id: model.subnet_group_of(row).map(|group| group.vpc.clone()),
        license_model: text(super::engine::license(&row.engine)),
        restore_window: Some(rds::RestoreWindow {
            earliest_time: cluster.earliest_restorable_time,
            latest_time: cluster.latest_restorable_time,
        }),
        ..same_members(&cluster)
    }
}
