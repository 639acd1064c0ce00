//! Route tables of transit gateways: who uses them, and whose blocks they take up.

use super::listing::{Attributes, by_age, lingering_state, one};
use super::{tags, text, transit_end};
use crate::api::action::{Actions, Change, View};
use model::{Caller, Error, IdKind, Model, Result, Tags, TransitEnd, TransitGatewayRouteTable};
use shapes::{Filters, Page, ec2};

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).read(describe).write(delete);
    all.write(associate).write(disassociate).write(enable).write(disable).read(associations).read(propagations)
}

static ATTRIBUTES: Attributes<TransitGatewayRouteTable> = Attributes(&[
    ("default-association-route-table", |model, table| one(defaults(model, table)[0])),
    ("default-propagation-route-table", |model, table| one(defaults(model, table)[1])),
    ("state", |model, table| one(lingering_state(model, &table.id))),
    ("transit-gateway-id", |_, table| one(&table.gateway)),
    ("transit-gateway-route-table-id", |_, table| one(&table.id)),
]);

/// Whether new attachments are associated with a table, and whether they propagate to it.
fn defaults(model: &Model, table: &TransitGatewayRouteTable) -> [bool; 2] {
    let gateway = model.transit_gateways.get(&table.gateway);
    let is = |default: Option<&String>| default == Some(&table.id);
    [
        is(gateway.and_then(|gateway| gateway.association_table.as_ref())),
        is(gateway.and_then(|gateway| gateway.propagation_table.as_ref())),
    ]
}

fn shown(model: &Model, table: &TransitGatewayRouteTable, state: &str) -> ec2::TransitGatewayRouteTable {
    let [association, propagation] = defaults(model, table);
    ec2::TransitGatewayRouteTable {
        transit_gateway_route_table_id: text(&table.id),
        transit_gateway_id: text(&table.gateway),
        state: text(state),
        default_association_route_table: Some(association),
        default_propagation_route_table: Some(propagation),
        creation_time: Some(table.created),
        tags: tags::shown(&table.tags),
    }
}

fn create(cx: Change, input: ec2::CreateTransitGatewayRouteTableRequest) -> Result<ec2::TransitGatewayRouteTable> {
    let ec2::CreateTransitGatewayRouteTableRequest { transit_gateway_id, tag_specifications } = input;
    let tags = tags::of(tag_specifications, "transit-gateway-route-table")?;
    let id = cx.model.create_transit_route_table(cx.caller, &transit_gateway_id, tags)?;
    Ok(shown(cx.model, cx.model.transit_route_tables.find(&cx.caller.scope, &id)?, "pending"))
}

fn describe(
    cx: View,
    input: ec2::DescribeTransitGatewayRouteTablesRequest,
) -> Result<ec2::DescribeTransitGatewayRouteTablesResult> {
    ATTRIBUTES.list_lingering(cx, &cx.model.transit_route_tables, input, |table, state| shown(cx.model, table, state))
}

fn delete(cx: Change, input: ec2::DeleteTransitGatewayRouteTableRequest) -> Result<ec2::TransitGatewayRouteTable> {
    let id = input.transit_gateway_route_table_id;
    let table = cx.model.transit_route_tables.find(&cx.caller.scope, &id)?.clone();
    cx.model.delete_transit_route_table(cx.caller, &id)?;
    Ok(shown(cx.model, &table, "deleting"))
}

/// An attachment of a caller's, as the gateway of his table sees it.
fn end(model: &Model, caller: &Caller, table: &str, attachment: &str) -> Result<TransitEnd> {
    let gateway = &model.transit_route_tables.find(&caller.scope, table)?.gateway;
    let missing = || Error::NotFound { kind: IdKind::TransitGatewayAttachment, id: attachment.to_owned() };
    model.transit_end(attachment, gateway).ok_or_else(missing)
}

fn association(
    model: &Model,
    caller: &Caller,
    table: String,
    attachment: String,
    state: &str,
) -> Result<ec2::TransitGatewayAssociation> {
    let end = end(model, caller, &table, &attachment)?;
    Ok(ec2::TransitGatewayAssociation {
        resource_id: text(end.resource_id()),
        resource_type: text(end.resource_type()),
        transit_gateway_route_table_id: Some(table),
        transit_gateway_attachment_id: Some(attachment),
        state: text(state),
    })
}

fn associate(
    cx: Change,
    input: ec2::AssociateTransitGatewayRouteTableRequest,
) -> Result<ec2::TransitGatewayAssociation> {
    let (table, attachment) = (input.transit_gateway_route_table_id, input.transit_gateway_attachment_id);
    cx.model.associate_transit_table(cx.caller, &table, &attachment)?;
    association(cx.model, cx.caller, table, attachment, "associating")
}

fn disassociate(
    cx: Change,
    input: ec2::DisassociateTransitGatewayRouteTableRequest,
) -> Result<ec2::TransitGatewayAssociation> {
    let (table, attachment) = (input.transit_gateway_route_table_id, input.transit_gateway_attachment_id);
    cx.model.disassociate_transit_table(cx.caller, &table, &attachment)?;
    association(cx.model, cx.caller, table, attachment, "disassociating")
}

fn propagation(
    model: &Model,
    caller: &Caller,
    table: String,
    attachment: String,
    state: &str,
) -> Result<ec2::TransitGatewayPropagation> {
    let end = end(model, caller, &table, &attachment)?;
    Ok(ec2::TransitGatewayPropagation {
        resource_id: text(end.resource_id()),
        resource_type: text(end.resource_type()),
        transit_gateway_route_table_id: Some(table),
        transit_gateway_attachment_id: Some(attachment),
        state: text(state),
        ..Default::default()
    })
}

fn enable(
    cx: Change,
    input: ec2::EnableTransitGatewayRouteTablePropagationRequest,
) -> Result<ec2::TransitGatewayPropagation> {
    let (table, attachment) = (input.transit_gateway_route_table_id, input.transit_gateway_attachment_id);
    let attachment = attachment.ok_or_else(|| Error::missing("TransitGatewayAttachmentId"))?;
    cx.model.propagate_to_transit_table(cx.caller, &table, &attachment)?;
    propagation(cx.model, cx.caller, table, attachment, "enabled")
}

fn disable(
    cx: Change,
    input: ec2::DisableTransitGatewayRouteTablePropagationRequest,
) -> Result<ec2::TransitGatewayPropagation> {
    let (table, attachment) = (input.transit_gateway_route_table_id, input.transit_gateway_attachment_id);
    let attachment = attachment.ok_or_else(|| Error::missing("TransitGatewayAttachmentId"))?;
    cx.model.stop_propagating_to_transit_table(cx.caller, &table, &attachment)?;
    propagation(cx.model, cx.caller, table, attachment, "disabled")
}

/// A page of those of some attachments that filters choose.
fn chosen(
    model: &Model,
    mut all: Vec<TransitEnd>,
    filters: &Filters<ec2::Filter>,
    page: &Page,
) -> Result<(Vec<TransitEnd>, Option<String>)> {
    let wanted = transit_end::ATTRIBUTES.wanted(filters)?;
    all.retain(|end| wanted.pass(model, end, &Tags::new()));
    by_age(model, page, all, |end| &end.id)
}

fn associations(
    cx: View,
    input: ec2::GetTransitGatewayRouteTableAssociationsRequest,
) -> Result<ec2::GetTransitGatewayRouteTableAssociationsResult> {
    let ec2::GetTransitGatewayRouteTableAssociationsRequest { transit_gateway_route_table_id: id, filters, page } =
        input;
    cx.model.transit_route_tables.find(&cx.caller.scope, &id)?;
    let (associated, next_token) = chosen(cx.model, cx.model.transit_associated(&id), &filters, &page)?;
    let shown = |end: TransitEnd| ec2::TransitGatewayRouteTableAssociation {
        transit_gateway_attachment_id: text(&end.id),
        resource_id: text(end.resource_id()),
        resource_type: text(end.resource_type()),
        state: text("associated"),
    };
    let associations = associated.into_iter().map(shown).collect();
    Ok(ec2::GetTransitGatewayRouteTableAssociationsResult { associations, next_token })
}

fn propagations(
    View { model, caller }: View,
    input: ec2::GetTransitGatewayRouteTablePropagationsRequest,
) -> Result<ec2::GetTransitGatewayRouteTablePropagationsResult> {
    let ec2::GetTransitGatewayRouteTablePropagationsRequest { transit_gateway_route_table_id: id, filters, page } =
        input;
    let table = model.transit_route_tables.find(&caller.scope, &id)?;
    let all = table.propagations.iter().filter_map(|id| model.transit_end(id, &table.gateway)).collect();
    let (propagating, next_token) = chosen(model, all, &filters, &page)?;
    let shown = |end: TransitEnd| ec2::TransitGatewayRouteTablePropagation {
        transit_gateway_attachment_id: text(&end.id),
        resource_id: text(end.resource_id()),
        resource_type: text(end.resource_type()),
        state: text("enabled"),
        ..Default::default()
    };
    let transit_gateway_route_table_propagations = propagating.into_iter().map(shown).collect();
    Ok(ec2::GetTransitGatewayRouteTablePropagationsResult { transit_gateway_route_table_propagations, next_token })
}
