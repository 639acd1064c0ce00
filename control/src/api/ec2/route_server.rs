//! Route servers, the VPCs they are associated with and the route tables they propagate to.

use super::listing::{Attributes, each, lingering_state, one, paged};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{Error, Result, RouteServer, RouteServerOptions};
use shapes::{List, ec2};
use std::ops::RangeInclusive;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).read(describe).write(modify).write(delete);
    let all = all.write(associate).write(disassociate).read(associations);
    all.write(enable_propagation).write(disable_propagation).read(propagations).read(routes)
}

static ATTRIBUTES: Attributes<RouteServer> = Attributes(&[
    ("amazon-side-asn", |_, server| one(server.asn)),
    ("route-server-id", |_, server| one(&server.id)),
    ("state", |model, server| one(lingering_state(model, &server.id))),
    ("vpc-id", |_, server| each(&server.vpc)),
]);

fn shown(server: &RouteServer, state: &str) -> ec2::RouteServer {
    let RouteServerOptions { persistence, notifies } = server.options;
    ec2::RouteServer {
        route_server_id: text(&server.id),
        amazon_side_asn: Some(server.asn),
        state: text(state),
        tags: tags::shown(&server.tags),
        persist_routes_state: text(if persistence.is_some() { "enabled" } else { "disabled" }),
        persist_routes_duration: persistence,
        sns_notifications_enabled: Some(notifies),
        sns_topic_arn: None,
    }
}

/// The minutes that routes can persist.
const MINUTES: RangeInclusive<i64> = 1..=5;

/// The minutes that routes persist after a request. `reset` has no effect here, where there are no routes.
fn persistence(word: Option<&str>, minutes: Option<i64>, now: Option<i64>) -> Result<Option<i64>> {
    if let Some(minutes) = minutes.filter(|minutes| !MINUTES.contains(minutes)) {
        return Err(Error::invalid("PersistRoutesDuration", minutes));
    }
    match word {
        Some("enable") => minutes.or(now).map(Some).ok_or_else(|| Error::missing("PersistRoutesDuration")),
        Some("disable") => Ok(None),
        None | Some("reset") => Ok(now.map(|now| minutes.unwrap_or(now))),
        Some(other) => Err(Error::invalid("PersistRoutes", other)),
    }
}

fn create(Change { model, caller }: Change, input: ec2::CreateRouteServerRequest) -> Result<ec2::RouteServer> {
    let ec2::CreateRouteServerRequest {
        client_token,
        amazon_side_asn,
        persist_routes,
        persist_routes_duration,
        sns_notifications_enabled,
        tag_specifications,
    } = input;
    let persistence = persistence(persist_routes.as_deref(), persist_routes_duration, None)?;
    let options = RouteServerOptions { persistence, notifies: sns_notifications_enabled.unwrap_or(false) };
    let tags = tags::of(tag_specifications, "route-server")?;
    let id = model.once(caller, "CreateRouteServer", token(&client_token), |model| {
        model.create_route_server(caller, amazon_side_asn, options, tags)
    })?;
    Ok(shown(model.route_servers.find(&caller.scope, &id)?, "pending"))
}

fn describe(cx: View, input: ec2::DescribeRouteServersRequest) -> Result<ec2::DescribeRouteServersResult> {
    ATTRIBUTES.list_lingering(cx, &cx.model.route_servers, input, shown)
}

fn modify(cx: Change, input: ec2::ModifyRouteServerRequest) -> Result<ec2::RouteServer> {
    let ec2::ModifyRouteServerRequest {
        route_server_id: id,
        persist_routes,
        persist_routes_duration,
        sns_notifications_enabled,
    } = input;
    let now = cx.model.route_servers.find(&cx.caller.scope, &id)?.options;
    let options = RouteServerOptions {
        persistence: persistence(persist_routes.as_deref(), persist_routes_duration, now.persistence)?,
        notifies: sns_notifications_enabled.unwrap_or(now.notifies),
    };
    cx.model.modify_route_server(cx.caller, &id, options)?;
    Ok(shown(cx.model.route_servers.find(&cx.caller.scope, &id)?, "modifying"))
}

fn delete(cx: Change, input: ec2::DeleteRouteServerRequest) -> Result<ec2::RouteServer> {
    let server = cx.model.delete_route_server(cx.caller, &input.route_server_id)?;
    Ok(shown(&server, "deleting"))
}

fn association(server: &str, vpc: &str, state: &str) -> ec2::RouteServerAssociation {
    ec2::RouteServerAssociation { route_server_id: text(server), vpc_id: text(vpc), state: text(state) }
}

fn associate(cx: Change, input: ec2::AssociateRouteServerRequest) -> Result<ec2::RouteServerAssociation> {
    let (id, vpc) = (input.route_server_id, input.vpc_id);
    cx.model.associate_route_server(cx.caller, &id, &vpc)?;
    Ok(association(&id, &vpc, "associating"))
}

fn disassociate(cx: Change, input: ec2::DisassociateRouteServerRequest) -> Result<ec2::RouteServerAssociation> {
    let (id, vpc) = (input.route_server_id, input.vpc_id);
    cx.model.disassociate_route_server(cx.caller, &id, &vpc)?;
    Ok(association(&id, &vpc, "disassociating"))
}

/// A server without an association is an error.
fn associations(cx: View, input: ec2::GetRouteServerAssociationsRequest) -> Result<List<ec2::RouteServerAssociation>> {
    let id = input.route_server_id;
    let vpc = cx.model.vpc_of_route_server(cx.caller, &id)?;
    Ok(vec![association(&id, vpc, "associated")].into())
}

fn propagation(server: &str, table: &str, state: &str) -> ec2::RouteServerPropagation {
    ec2::RouteServerPropagation { route_server_id: text(server), route_table_id: text(table), state: text(state) }
}

fn enable_propagation(
    cx: Change,
    input: ec2::EnableRouteServerPropagationRequest,
) -> Result<ec2::RouteServerPropagation> {
    let (id, table) = (input.route_server_id, input.route_table_id);
    cx.model.enable_route_server_propagation(cx.caller, &id, &table)?;
    Ok(propagation(&id, &table, "pending"))
}

fn disable_propagation(
    cx: Change,
    input: ec2::DisableRouteServerPropagationRequest,
) -> Result<ec2::RouteServerPropagation> {
    let (id, table) = (input.route_server_id, input.route_table_id);
    cx.model.disable_route_server_propagation(cx.caller, &id, &table)?;
    Ok(propagation(&id, &table, "deleting"))
}

fn propagations(cx: View, input: ec2::GetRouteServerPropagationsRequest) -> Result<List<ec2::RouteServerPropagation>> {
    let ec2::GetRouteServerPropagationsRequest { route_server_id: id, route_table_id: wanted } = input;
    let tables = cx.model.route_server_propagations(cx.model.route_servers.find(&cx.caller.scope, &id)?);
    let tables = tables.filter(|table| wanted.as_deref().is_none_or(|wanted| wanted == *table));
    Ok(tables.map(|table| propagation(&id, table, "available")).collect())
}

/// The documented filters are accepted. No appliance announces a route.
static OF_ROUTES: Attributes<()> = Attributes(&[]);

fn routes(
    cx: View,
    input: ec2::GetRouteServerRoutingDatabaseRequest,
) -> Result<ec2::GetRouteServerRoutingDatabaseResult> {
    cx.model.route_servers.find(&cx.caller.scope, &input.route_server_id)?;
    OF_ROUTES.wanted(&input.filters)?;
    paged(&input.page, Vec::<String>::new(), |id| id)?;
    Ok(ec2::GetRouteServerRoutingDatabaseResult { are_routes_persisted: Some(false), ..Default::default() })
}
