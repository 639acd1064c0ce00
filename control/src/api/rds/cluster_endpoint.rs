//! Custom endpoints of clusters: names of their own, for some of the members.

use super::{filter, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, said_over, text};
use crate::api::entry::{self, found, retold};
use model::services::{Deployment, Error, Result, ServiceEntry, Thing, Wanted};
use model::{Model, fnv1};
use shapes::List;
use shapes::rds::{self, DBClusterEndpoint};

const THING: Thing = Thing::DbClusterEndpoint;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(cx: Change, input: rds::CreateDBClusterEndpointMessage) -> Result<DBClusterEndpoint> {
    let cluster = cx.model.deployment(&cx.caller.scope, Thing::DbCluster, &input.db_cluster_identifier)?.clone();
    let name = input.db_cluster_endpoint_identifier.to_ascii_lowercase();
    let endpoint = DBClusterEndpoint {
        custom_endpoint_type: Some(checked_type(input.endpoint_type)?),
        static_members: checked(cx.model, &cluster, input.static_members)?,
        excluded_members: checked(cx.model, &cluster, input.excluded_members)?,
        ..Default::default()
    };
    let told = (Some(cluster.id.clone()), said_over("", &endpoint));
    let entry = cx.model.create_service_entry(cx.caller, (THING, &name, &name), told, tags::of(input.tags)?)?;
    cx.model.point_names(&cluster.id);
    Ok(DBClusterEndpoint { status: text("creating"), ..shown(cx.model, &entry) })
}

fn checked_type(asked: String) -> Result<String> {
    match asked.to_ascii_uppercase() {
        kind if kind == "READER" || kind == "ANY" => Ok(kind),
        _ => Err(Error::Value { name: "EndpointType", value: asked, why: Wanted::EndpointType {} }),
    }
}

/// Names of a cluster's members.
fn checked(model: &Model, cluster: &Deployment, names: List<String>) -> Result<List<String>> {
    let is_member = |name: &String| model.members_of(cluster).any(|member| member.name.eq_ignore_ascii_case(name));
    match names.iter().find(|name| !is_member(name)) {
        Some(other) => Err(Error::NotFound { thing: Thing::DbInstance, name: other.clone() }),
        None => Ok(names),
    }
}

/// The endpoints of a cluster, or of all: its own two, and those that were made.
fn describe(
    View { model, caller }: View,
    input: rds::DescribeDBClusterEndpointsMessage,
) -> Result<Paged<DBClusterEndpoint>> {
    let (name, filters) = (input.db_cluster_endpoint_identifier, input.filters);
    filter::check(&filters)?;
    let cluster = input.db_cluster_identifier;
    let cluster = cluster.map(|cluster| model.deployment(&caller.scope, Thing::DbCluster, &cluster)).transpose()?;
    let passes = |endpoint: &DBClusterEndpoint| filter::pass(&filters, |name| values(endpoint, name));
    let all = model.deployments_of(&caller.scope, Thing::DbCluster);
    let clusters = all.filter(|row| name.is_none() && cluster.is_none_or(|cluster| cluster.id == row.id));
    let own = clusters.flat_map(|row| own(model, row)).filter(passes);
    // A named endpoint that does not exist is no error.
    let is_asked = |entry: &ServiceEntry| {
        cluster.is_none_or(|cluster| entry.of.as_ref() == Some(&cluster.id))
            && name.as_deref().is_none_or(|name| name.eq_ignore_ascii_case(&entry.name))
    };
    let first_page = input.page.token.is_none();
    let Paged { items, next } = found(model, &caller.scope, (THING, None), input.page, is_asked)?;
    let made = items.into_iter().map(|entry| shown(model, entry)).filter(passes);
    Ok(Paged { items: own.filter(|_| first_page).chain(made).collect(), next })
}

/// An endpoint's values under a filter's name.
fn values(endpoint: &DBClusterEndpoint, filter: &str) -> Vec<String> {
    let value = match filter {
        "db-cluster-endpoint-type" => &endpoint.endpoint_type,
        "db-cluster-endpoint-custom-type" => &endpoint.custom_endpoint_type,
        "db-cluster-endpoint-id" => &endpoint.db_cluster_endpoint_identifier,
        "db-cluster-endpoint-status" => &endpoint.status,
        _ => &None,
    };
    value.iter().cloned().collect()
}

/// A cluster's own endpoints.
fn own(model: &Model, cluster: &Deployment) -> [DBClusterEndpoint; 2] {
    [("WRITER", model.endpoint_name(cluster)), ("READER", model.reader_name(cluster))].map(|(kind, name)| {
        DBClusterEndpoint {
            db_cluster_identifier: text(&cluster.name),
            endpoint: Some(name),
            status: text("available"),
            endpoint_type: text(kind),
            ..Default::default()
        }
    })
}

fn modify(Change { model, caller }: Change, input: rds::ModifyDBClusterEndpointMessage) -> Result<DBClusterEndpoint> {
    let name = input.db_cluster_endpoint_identifier;
    let of = model.service_entry(&caller.scope, THING, &name)?.of.clone().unwrap_or_default();
    let entry = retold(model, &caller.scope, (THING, &name), |model, told: &mut DBClusterEndpoint| {
        let cluster = model.deployment(&caller.scope, Thing::DbCluster, &of)?;
        if let Some(kind) = input.endpoint_type {
            told.custom_endpoint_type = Some(checked_type(kind)?);
        }
        // One list takes the other's place.
        if input.static_members.shown().is_some() || input.excluded_members.shown().is_some() {
            told.static_members = checked(model, cluster, input.static_members)?;
            told.excluded_members = checked(model, cluster, input.excluded_members)?;
        }
        Ok(())
    })?;
    model.point_names(&of);
    Ok(shown(model, &entry))
}

fn delete(cx: Change, input: rds::DeleteDBClusterEndpointMessage) -> Result<DBClusterEndpoint> {
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &input.db_cluster_endpoint_identifier)?;
    let shown = shown(cx.model, &entry);
    cx.model.point_names(&entry.of.unwrap_or_default());
    Ok(DBClusterEndpoint { status: text("deleting"), ..shown })
}

fn shown(model: &Model, entry: &ServiceEntry) -> DBClusterEndpoint {
    let told: DBClusterEndpoint = entry::told(entry);
    let cluster = entry.of.as_ref().and_then(|id| model.deployments.get(id));
    let id = fnv1(entry.created.0, &entry.id);
    DBClusterEndpoint {
        db_cluster_endpoint_identifier: text(&entry.name),
        db_cluster_identifier: cluster.map(|cluster| cluster.name.clone()),
        db_cluster_endpoint_resource_identifier: text(format!("cluster-endpoint-{id:026X}")),
        endpoint: cluster.map(|cluster| model.database_name(cluster, &entry.name, "cluster-custom-")),
        status: text("available"),
        endpoint_type: text("CUSTOM"),
        db_cluster_endpoint_arn: text(&entry.id),
        static_members: told.static_members.to_vec().into(),
        excluded_members: told.excluded_members.to_vec().into(),
        ..told
    }
}
