//! Attachments of transit gateways, of all kinds.

use super::listing::{Attributes, by_age, each, missing_is_error, one, paged};
use super::{tags, text};
use crate::api::action::{Actions, View};
use model::{Error, IdKind, Result, Tags, TransitEnd, TransitResource};
use shapes::ec2;
use std::collections::BTreeSet;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).read(propagations)
}

/// The filters of attachments, in all lists of them.
pub static ATTRIBUTES: Attributes<TransitEnd> = Attributes(&[
    ("association.state", |_, end| each(end.association.as_ref().map(|_| "associated"))),
    ("association.transit-gateway-route-table-id", |_, end| each(&end.association)),
    ("resource-id", |_, end| one(end.resource_id())),
    ("resource-owner-id", |_, end| one(&end.resource_owner)),
    ("resource-type", |_, end| one(end.resource_type())),
    ("state", |_, end| one(end.state.word())),
    ("transit-gateway-attachment-id", |_, end| one(&end.id)),
    ("transit-gateway-id", |_, end| one(&end.gateway)),
    ("transit-gateway-owner-id", |_, end| one(&end.scope.account)),
    ("vpc-id", |_, end| {
        each(Some(&end.resource).filter(|of| matches!(of, TransitResource::Vpc(_))).map(|_| end.resource_id()))
    }),
]);

fn shown(end: &TransitEnd) -> ec2::TransitGatewayAttachment {
    let association = end.association.as_ref().map(|table| ec2::TransitGatewayAttachmentAssociation {
        transit_gateway_route_table_id: text(table),
        state: text("associated"),
        ..Default::default()
    });
    ec2::TransitGatewayAttachment {
        transit_gateway_attachment_id: text(&end.id),
        transit_gateway_id: text(&end.gateway),
        transit_gateway_owner_id: text(&end.scope.account),
        resource_owner_id: text(&end.resource_owner),
        resource_type: text(end.resource_type()),
        resource_id: text(end.resource_id()),
        state: text(end.state.word()),
        association,
        creation_time: Some(end.created),
        tags: tags::shown(&end.tags),
        ..Default::default()
    }
}

fn describe(
    cx: View,
    input: ec2::DescribeTransitGatewayAttachmentsRequest,
) -> Result<ec2::DescribeTransitGatewayAttachmentsResult> {
    let ec2::DescribeTransitGatewayAttachmentsRequest { transit_gateway_attachment_ids: ids, filters, page } = input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let mut ends = cx.model.transit_ends(cx.caller);
    ends.retain(|end| ids.is_empty() || ids.contains(&end.id));
    let found: BTreeSet<&String> = ends.iter().map(|end| &end.id).collect();
    let missing = ids.iter().filter(|id| !found.contains(id)).cloned().collect();
    missing_is_error(IdKind::TransitGatewayAttachment, missing)?;
    ends.retain(|end| wanted.pass(cx.model, end, &end.tags));
    // Both ends of a peering have its id.
    let key = |end: &TransitEnd| format!("{:020} {} {}", cx.model.place_of_id(&end.id), end.id, end.gateway);
    let keyed = ends.into_iter().map(|end| (key(&end), end)).collect();
    let (ends, next_token) = paged(&page, keyed, |(key, _): &(String, TransitEnd)| key)?;
    let transit_gateway_attachments = ends.iter().map(|(_, end)| shown(end)).collect();
    Ok(ec2::DescribeTransitGatewayAttachmentsResult { transit_gateway_attachments, next_token })
}

/// A table that an attachment propagates to.
static PROPAGATIONS: Attributes<String> = Attributes(&[("transit-gateway-route-table-id", |_, table| one(table))]);

fn propagations(
    cx: View,
    input: ec2::GetTransitGatewayAttachmentPropagationsRequest,
) -> Result<ec2::GetTransitGatewayAttachmentPropagationsResult> {
    let ec2::GetTransitGatewayAttachmentPropagationsRequest { transit_gateway_attachment_id: id, filters, page } =
        input;
    if !cx.model.transit_ends(cx.caller).iter().any(|end| end.id == id) {
        return Err(Error::NotFound { kind: IdKind::TransitGatewayAttachment, id });
    }
    let wanted = PROPAGATIONS.wanted(&filters)?;
    let tables = cx.model.transit_route_tables.by(&id).filter(|table| table.propagations.contains(&id));
    let mut tables: Vec<String> = tables.map(|table| table.id.clone()).collect();
    tables.retain(|table| wanted.pass(cx.model, table, &Tags::new()));
    let (tables, next_token) = by_age(cx.model, &page, tables, |table| table)?;
    let shown = |table: String| ec2::TransitGatewayAttachmentPropagation {
        transit_gateway_route_table_id: Some(table),
        state: text("enabled"),
    };
    let transit_gateway_attachment_propagations = tables.into_iter().map(shown).collect();
    Ok(ec2::GetTransitGatewayAttachmentPropagationsResult { transit_gateway_attachment_propagations, next_token })
}
