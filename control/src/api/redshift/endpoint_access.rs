//! Redshift-managed VPC endpoints, by which clusters are reached from other VPCs. They are stored and returned; they carry no connections.

use super::cluster::THING as CLUSTER;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, said_over, text};
use crate::api::entry::{self, found, retold};
use model::services::{Clash, Result, ServiceEntry, Thing, check_name};
use model::{Model, Scope, Tags};
use shapes::List;
use shapes::redshift::{self, EndpointAccess, VpcSecurityGroupMembership};

const THING: Thing = Thing::EndpointAccess;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

/// The security groups of an endpoint: those that are named, or the default one of its VPC.
fn groups(model: &Model, scope: &Scope, vpc: &str, asked: &[String]) -> Result<List<VpcSecurityGroupMembership>> {
    let active = |id: String| VpcSecurityGroupMembership { vpc_security_group_id: Some(id), status: text("active") };
    Ok(model.vpc_groups_or_default(scope, vpc, asked)?.into_iter().map(active).collect())
}

fn create(cx: Change, input: redshift::CreateEndpointAccessMessage) -> Result<EndpointAccess> {
    let cluster = input.cluster_identifier.ok_or(Clash::Missing { name: "ClusterIdentifier" })?;
    let cluster = cx.model.deployment(&cx.caller.scope, CLUSTER, &cluster)?.id.clone();
    let group = cx.model.subnet_group(&cx.caller.scope, CLUSTER.subnet_group(), &input.subnet_group_name)?;
    let endpoint = EndpointAccess {
        subnet_group_name: text(&group.name),
        vpc_security_groups: groups(cx.model, &cx.caller.scope, &group.vpc, &input.vpc_security_group_ids)?,
        vpc_endpoint: Some(redshift::VpcEndpoint { vpc_id: text(&group.vpc), ..Default::default() }),
        ..Default::default()
    };
    let name = input.endpoint_name.to_ascii_lowercase();
    check_name(THING, &name)?;
    let told = (Some(cluster), said_over("", &endpoint));
    let entry = cx.model.create_service_entry(cx.caller, (THING, &name, &name), told, Tags::new())?;
    Ok(EndpointAccess { endpoint_status: text("creating"), ..shown(cx.model, &entry) })
}

/// The VPC that an endpoint is in.
fn vpc_of(endpoint: &EndpointAccess) -> Option<String> {
    endpoint.vpc_endpoint.as_ref()?.vpc_id.clone()
}

fn describe(
    View { model, caller }: View,
    input: redshift::DescribeEndpointAccessMessage,
) -> Result<Paged<EndpointAccess>> {
    let redshift::DescribeEndpointAccessMessage {
        cluster_identifier,
        resource_owner: owner,
        endpoint_name: name,
        vpc_id,
        page,
    } = input;
    let cluster = cluster_identifier.map(|name| model.deployment(&caller.scope, CLUSTER, &name)).transpose()?;
    let is_asked = |entry: &ServiceEntry| {
        cluster.is_none_or(|cluster| entry.of.as_ref() == Some(&cluster.id))
            && owner.as_ref().is_none_or(|owner| *owner == entry.scope.account)
            && (vpc_id.is_none() || vpc_of(&entry::told(entry)) == vpc_id)
    };
    Ok(found(model, &caller.scope, (THING, name), page, is_asked)?.map(|entry| shown(model, entry)))
}

fn modify(Change { model, caller }: Change, input: redshift::ModifyEndpointAccessMessage) -> Result<EndpointAccess> {
    let redshift::ModifyEndpointAccessMessage { endpoint_name: name, vpc_security_group_ids: asked } = input;
    let entry = retold(model, &caller.scope, (THING, &name), |model, told: &mut EndpointAccess| {
        if !asked.is_empty() {
            let vpc = vpc_of(told).unwrap_or_default();
            told.vpc_security_groups = groups(model, &caller.scope, &vpc, &asked)?;
        }
        Ok(())
    })?;
    Ok(EndpointAccess { endpoint_status: text("modifying"), ..shown(model, &entry) })
}

fn delete(cx: Change, input: redshift::DeleteEndpointAccessMessage) -> Result<EndpointAccess> {
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &input.endpoint_name)?;
    Ok(EndpointAccess { endpoint_status: text("deleting"), ..shown(cx.model, &entry) })
}

fn shown(model: &Model, entry: &ServiceEntry) -> EndpointAccess {
    let cluster = entry.of.as_ref().and_then(|id| model.deployments.get(id));
    EndpointAccess {
        endpoint_name: text(&entry.name),
        cluster_identifier: cluster.map(|row| row.name.clone()),
        resource_owner: text(&entry.scope.account),
        endpoint_status: text("active"),
        endpoint_create_time: Some(entry.created),
        port: cluster.map(|row| row.port.into()),
        address: Some(model.endpoint_access_name(&entry.scope, &entry.name)),
        ..entry::told(entry)
    }
}
