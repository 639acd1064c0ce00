//! Prefix lists in transit gateways' own tables.

use super::listing::{Attributes, each, paged};
use super::text;
use super::transit_gateway_route::target;
use crate::api::action::{Actions, Change, View};
use model::{Caller, Model, PrefixListReference, Result, Tags, TransitEnd, TransitGatewayRouteTable};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(modify).write(delete).read(describe)
}

static ATTRIBUTES: Attributes<ec2::TransitGatewayPrefixListReference> = Attributes(&[
    ("attachment.resource-id", |_, reference| leads_to(reference, |to| to.resource_id.clone())),
    ("attachment.resource-type", |_, reference| leads_to(reference, |to| to.resource_type.clone())),
    ("attachment.transit-gateway-attachment-id", |_, reference| {
        leads_to(reference, |to| to.transit_gateway_attachment_id.clone())
    }),
    ("is-blackhole", |_, reference| each(reference.blackhole)),
    ("prefix-list-id", |_, reference| each(&reference.prefix_list_id)),
    ("prefix-list-owner-id", |_, reference| each(&reference.prefix_list_owner_id)),
    ("state", |_, reference| each(&reference.state)),
]);

/// The values of an attribute of a reference's attachment.
fn leads_to(
    reference: &ec2::TransitGatewayPrefixListReference,
    value: impl Fn(&ec2::TransitGatewayPrefixListAttachment) -> Option<String>,
) -> Vec<String> {
    each(reference.transit_gateway_attachment.as_ref().and_then(value))
}

fn shown(
    model: &Model,
    table: &TransitGatewayRouteTable,
    reference: &PrefixListReference,
    state: &str,
) -> ec2::TransitGatewayPrefixListReference {
    let to = reference.attachment.as_ref().and_then(|id| model.transit_end(id, &table.gateway));
    let attachment = |end: TransitEnd| ec2::TransitGatewayPrefixListAttachment {
        resource_id: text(end.resource_id()),
        resource_type: text(end.resource_type()),
        transit_gateway_attachment_id: Some(end.id),
    };
    let owner = model.prefix_lists.get(&reference.list).map_or("AWS", |list| list.scope.account.as_str());
    ec2::TransitGatewayPrefixListReference {
        transit_gateway_route_table_id: text(&table.id),
        prefix_list_id: text(&reference.list),
        prefix_list_owner_id: text(owner),
        state: text(state),
        blackhole: Some(!to.as_ref().is_some_and(TransitEnd::is_available)),
        transit_gateway_attachment: to.map(attachment),
    }
}

/// The reply to a change of a reference in a caller's table.
fn changed(
    model: &Model,
    caller: &Caller,
    table: &str,
    reference: &PrefixListReference,
    state: &str,
) -> Result<ec2::TransitGatewayPrefixListReference> {
    let table = model.transit_route_tables.find(&caller.scope, table)?;
    Ok(shown(model, table, reference, state))
}

fn create(
    cx: Change,
    input: ec2::CreateTransitGatewayPrefixListReferenceRequest,
) -> Result<ec2::TransitGatewayPrefixListReference> {
    let ec2::CreateTransitGatewayPrefixListReferenceRequest {
        transit_gateway_route_table_id: table,
        prefix_list_id: list,
        transit_gateway_attachment_id,
        blackhole,
    } = input;
    let reference = PrefixListReference { list, attachment: target(transit_gateway_attachment_id, blackhole)? };
    cx.model.create_prefix_list_reference(cx.caller, &table, reference.clone())?;
    changed(cx.model, cx.caller, &table, &reference, "pending")
}

fn modify(
    cx: Change,
    input: ec2::ModifyTransitGatewayPrefixListReferenceRequest,
) -> Result<ec2::TransitGatewayPrefixListReference> {
    let ec2::ModifyTransitGatewayPrefixListReferenceRequest {
        transit_gateway_route_table_id: table,
        prefix_list_id: list,
        transit_gateway_attachment_id,
        blackhole,
    } = input;
    let reference = PrefixListReference { list, attachment: target(transit_gateway_attachment_id, blackhole)? };
    cx.model.modify_prefix_list_reference(cx.caller, &table, reference.clone())?;
    changed(cx.model, cx.caller, &table, &reference, "modifying")
}

fn delete(
    cx: Change,
    input: ec2::DeleteTransitGatewayPrefixListReferenceRequest,
) -> Result<ec2::TransitGatewayPrefixListReference> {
    let (table, list) = (input.transit_gateway_route_table_id, input.prefix_list_id);
    let reference = cx.model.delete_prefix_list_reference(cx.caller, &table, &list)?;
    changed(cx.model, cx.caller, &table, &reference, "deleting")
}

fn describe(
    cx: View,
    input: ec2::GetTransitGatewayPrefixListReferencesRequest,
) -> Result<ec2::GetTransitGatewayPrefixListReferencesResult> {
    let ec2::GetTransitGatewayPrefixListReferencesRequest { transit_gateway_route_table_id: table, filters, page } =
        input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let table = cx.model.transit_route_tables.find(&cx.caller.scope, &table)?;
    let all =
        table.references.iter().map(|reference| (&reference.list, shown(cx.model, table, reference, "available")));
    let all: Vec<_> = all.filter(|(_, reference)| wanted.pass(cx.model, reference, &Tags::new())).collect();
    let (references, next_token) = paged(&page, all, |(list, _)| list)?;
    Ok(ec2::GetTransitGatewayPrefixListReferencesResult {
        transit_gateway_prefix_list_references: references.into_iter().map(|(_, reference)| reference).collect(),
        next_token,
    })
}
