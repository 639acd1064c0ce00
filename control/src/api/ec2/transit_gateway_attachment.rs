//! Attachments of VPCs to transit gateways.

use super::listing::{Attributes, by_age, each, one};
use super::transit_gateway::turn;
use super::{tags, text};
use crate::api::action::Actions;
use model::{
    Caller, Model, Result, Tags, TransitAttachmentChange, TransitAttachmentOptions, TransitGatewayAttachment,
    TransitGatewayPeering,
};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).read(describe_all).write(modify).write(delete).read(propagations)
}

static ATTRIBUTES: Attributes<TransitGatewayAttachment> = Attributes(&[
    ("association.state", |_, attachment| each(attachment.association.as_ref().map(|_| "associated"))),
    ("association.transit-gateway-route-table-id", |_, attachment| each(&attachment.association)),
    ("resource-id", |_, attachment| one(&attachment.vpc)),
    ("resource-owner-id", |_, attachment| one(&attachment.scope.account)),
    ("resource-type", |_, _| one("vpc")),
    ("state", |model, attachment| one(state(model, attachment))),
    ("transit-gateway-attachment-id", |_, attachment| one(&attachment.id)),
    ("transit-gateway-id", |_, attachment| one(&attachment.gateway)),
    ("transit-gateway-owner-id", |_, attachment| one(&attachment.scope.account)),
    ("vpc-id", |_, attachment| one(&attachment.vpc)),
]);

/// Peerings as attachments: which end is the resource depends on who asks.
static OF_PEERINGS: Attributes<TransitGatewayPeering> = Attributes(&[
    ("resource-id", |_, peering| gateways(peering)),
    ("resource-owner-id", |_, peering| owners(peering)),
    ("resource-type", |_, _| one("peering")),
    ("state", |_, peering| one(peering.state.word())),
    ("transit-gateway-attachment-id", |_, peering| one(&peering.id)),
    ("transit-gateway-id", |_, peering| gateways(peering)),
    ("transit-gateway-owner-id", |_, peering| owners(peering)),
]);

fn gateways(peering: &TransitGatewayPeering) -> Vec<String> {
    vec![peering.gateway.clone(), peering.peer.gateway.clone()]
}

fn owners(peering: &TransitGatewayPeering) -> Vec<String> {
    vec![peering.scope.account.clone(), peering.peer.scope.account.clone()]
}

fn state(model: &Model, attachment: &TransitGatewayAttachment) -> &'static str {
    if model.transit_attachments.get(&attachment.id).is_some() { "available" } else { "deleted" }
}

fn shown(attachment: &TransitGatewayAttachment, state: &str) -> ec2::TransitGatewayVpcAttachment {
    let options = &attachment.options;
    let options = ec2::TransitGatewayVpcAttachmentOptions {
        dns_support: text(options.dns.word()),
        security_group_referencing_support: text(options.group_references.word()),
        ipv6_support: text(options.ipv6.word()),
        appliance_mode_support: text(options.appliance_mode.word()),
    };
    ec2::TransitGatewayVpcAttachment {
        transit_gateway_attachment_id: text(&attachment.id),
        transit_gateway_id: text(&attachment.gateway),
        vpc_id: text(&attachment.vpc),
        vpc_owner_id: text(&attachment.scope.account),
        state: text(state),
        subnet_ids: attachment.subnets.iter().map(|place| place.subnet.clone()).collect(),
        creation_time: Some(attachment.created.into()),
        options: Some(options),
        tags: tags::shown(&attachment.tags).unless_empty(),
    }
}

fn shown_in_general(model: &Model, attachment: &TransitGatewayAttachment) -> ec2::TransitGatewayAttachment {
    let association = attachment.association.as_ref().map(|table| ec2::TransitGatewayAttachmentAssociation {
        transit_gateway_route_table_id: text(table),
        state: text("associated"),
        ..Default::default()
    });
    ec2::TransitGatewayAttachment {
        transit_gateway_attachment_id: text(&attachment.id),
        transit_gateway_id: text(&attachment.gateway),
        transit_gateway_owner_id: text(&attachment.scope.account),
        resource_owner_id: text(&attachment.scope.account),
        resource_type: text("vpc"),
        resource_id: text(&attachment.vpc),
        state: text(state(model, attachment)),
        association,
        creation_time: Some(attachment.created.into()),
        tags: tags::shown(&attachment.tags),
        ..Default::default()
    }
}

/// A peering, seen from the end that is the caller's.
fn shown_peering(caller: &Caller, peering: &TransitGatewayPeering) -> ec2::TransitGatewayAttachment {
    let (asked, answered) = ((&peering.gateway, &peering.scope), (&peering.peer.gateway, &peering.peer.scope));
    let ((own, own_scope), (other, other_scope)) =
        if peering.scope == caller.scope { (asked, answered) } else { (answered, asked) };
    ec2::TransitGatewayAttachment {
        transit_gateway_attachment_id: text(&peering.id),
        transit_gateway_id: text(own),
        transit_gateway_owner_id: text(&own_scope.account),
        resource_owner_id: text(&other_scope.account),
        resource_type: text("peering"),
        resource_id: text(other),
        state: text(peering.state.word()),
        creation_time: Some(peering.created.into()),
        tags: tags::shown(&peering.tags),
        ..Default::default()
    }
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: ec2::CreateTransitGatewayVpcAttachmentRequest,
) -> Result<ec2::CreateTransitGatewayVpcAttachmentResult> {
    let ec2::CreateTransitGatewayVpcAttachmentRequest {
        transit_gateway_id,
        vpc_id,
        subnet_ids,
        options,
        tag_specifications,
    } = input;
    let ec2::CreateTransitGatewayVpcAttachmentRequestOptions {
        dns_support,
        security_group_referencing_support,
        ipv6_support,
        appliance_mode_support,
    } = options.unwrap_or_default();
    let mut options = TransitAttachmentOptions::default();
    turn(&mut options.dns, "DnsSupport", dns_support)?;
    turn(&mut options.group_references, "SecurityGroupReferencingSupport", security_group_referencing_support)?;
    turn(&mut options.ipv6, "Ipv6Support", ipv6_support)?;
    turn(&mut options.appliance_mode, "ApplianceModeSupport", appliance_mode_support)?;
    let tags = tags::of(tag_specifications, "transit-gateway-attachment")?;
    let id = model.attach_transit_gateway(caller, &transit_gateway_id, &vpc_id, &subnet_ids, options, tags)?;
    let attachment = shown(model.transit_attachments.find(&caller.scope, &id)?, "pending");
    Ok(ec2::CreateTransitGatewayVpcAttachmentResult { transit_gateway_vpc_attachment: Some(attachment) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: ec2::DescribeTransitGatewayVpcAttachmentsRequest,
) -> Result<ec2::DescribeTransitGatewayVpcAttachmentsResult> {
    let ec2::DescribeTransitGatewayVpcAttachmentsRequest { transit_gateway_attachment_ids: ids, filters, page } = input;
    let all = model.transit_attachments.of(&caller.scope).chain(model.departed(caller));
    let attachments = ATTRIBUTES.choose(model, all, &ids, &filters)?;
    let (attachments, next_token) = by_age(model, &page, attachments, |attachment| &attachment.id)?;
    let shown = |attachment: &TransitGatewayAttachment| shown(attachment, state(model, attachment));
    let transit_gateway_vpc_attachments = attachments.into_iter().map(shown).collect();
    Ok(ec2::DescribeTransitGatewayVpcAttachmentsResult { transit_gateway_vpc_attachments, next_token })
}

fn describe_all(
    model: &Model,
    caller: &Caller,
    input: ec2::DescribeTransitGatewayAttachmentsRequest,
) -> Result<ec2::DescribeTransitGatewayAttachmentsResult> {
    let ec2::DescribeTransitGatewayAttachmentsRequest { transit_gateway_attachment_ids: ids, filters, page } = input;
    let named = !ids.is_empty();
    let (of_peerings, of_vpcs): (Vec<String>, Vec<String>) =
        ids.into_iter().partition(|id| model.transit_peering(caller, id).is_ok());
    let mut attachments = Vec::new();
    if !named || !of_vpcs.is_empty() {
        let all = model.transit_attachments.of(&caller.scope).chain(model.departed(caller));
        let chosen = ATTRIBUTES.choose(model, all, &of_vpcs, &filters)?;
        attachments.extend(chosen.into_iter().map(|attachment| shown_in_general(model, attachment)));
    }
    if !named || !of_peerings.is_empty() {
        let all = model.transit_peerings.iter().filter(|peering| peering.is_seen_by(&caller.scope));
        let chosen = OF_PEERINGS.choose(model, all, &of_peerings, &filters)?;
        attachments.extend(chosen.into_iter().map(|peering| shown_peering(caller, peering)));
    }
    let id = |shown: &ec2::TransitGatewayAttachment| shown.transit_gateway_attachment_id.clone().unwrap_or_default();
    let keyed: Vec<(String, ec2::TransitGatewayAttachment)> =
        attachments.into_iter().map(|shown| (id(&shown), shown)).collect();
    let (attachments, next_token) = by_age(model, &page, keyed, |(id, _)| id)?;
    let transit_gateway_attachments = attachments.into_iter().map(|(_, shown)| shown).collect();
    Ok(ec2::DescribeTransitGatewayAttachmentsResult { transit_gateway_attachments, next_token })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyTransitGatewayVpcAttachmentRequest,
) -> Result<ec2::ModifyTransitGatewayVpcAttachmentResult> {
    let ec2::ModifyTransitGatewayVpcAttachmentRequest {
        transit_gateway_attachment_id: id,
        add_subnet_ids,
        remove_subnet_ids,
        options,
    } = input;
    let ec2::ModifyTransitGatewayVpcAttachmentRequestOptions {
        dns_support,
        security_group_referencing_support,
        ipv6_support,
        appliance_mode_support,
    } = options.unwrap_or_default();
    let mut options = model.transit_attachments.find(&caller.scope, &id)?.options.clone();
    turn(&mut options.dns, "DnsSupport", dns_support)?;
    turn(&mut options.group_references, "SecurityGroupReferencingSupport", security_group_referencing_support)?;
    turn(&mut options.ipv6, "Ipv6Support", ipv6_support)?;
    turn(&mut options.appliance_mode, "ApplianceModeSupport", appliance_mode_support)?;
    let (add, remove) = (add_subnet_ids.into_iter().collect(), remove_subnet_ids.into_iter().collect());
    let change = TransitAttachmentChange { add, remove, options: Some(options) };
    model.modify_transit_attachment(caller, &id, change)?;
    let attachment = shown(model.transit_attachments.find(&caller.scope, &id)?, "modifying");
    Ok(ec2::ModifyTransitGatewayVpcAttachmentResult { transit_gateway_vpc_attachment: Some(attachment) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: ec2::DeleteTransitGatewayVpcAttachmentRequest,
) -> Result<ec2::DeleteTransitGatewayVpcAttachmentResult> {
    let id = input.transit_gateway_attachment_id;
    let attachment = model.transit_attachments.find(&caller.scope, &id)?.clone();
    model.detach_transit_gateway(caller, &id)?;
    let attachment = Some(shown(&attachment, "deleting"));
    Ok(ec2::DeleteTransitGatewayVpcAttachmentResult { transit_gateway_vpc_attachment: attachment })
}

/// A table that an attachment propagates to.
static PROPAGATIONS: Attributes<String> = Attributes(&[("transit-gateway-route-table-id", |_, table| one(table))]);

fn propagations(
    model: &Model,
    caller: &Caller,
    input: ec2::GetTransitGatewayAttachmentPropagationsRequest,
) -> Result<ec2::GetTransitGatewayAttachmentPropagationsResult> {
    let ec2::GetTransitGatewayAttachmentPropagationsRequest { transit_gateway_attachment_id: id, filters, page } =
        input;
    model.transit_attachments.find(&caller.scope, &id)?;
    let wanted = PROPAGATIONS.wanted(&filters)?;
    let tables = model.transit_route_tables.by(&id).filter(|table| table.propagations.contains(&id));
    let mut tables: Vec<String> = tables.map(|table| table.id.clone()).collect();
    tables.retain(|table| wanted.pass(model, table, &Tags::new()));
    let (tables, next_token) = by_age(model, &page, tables, |table| table)?;
    let shown = |table: String| ec2::TransitGatewayAttachmentPropagation {
        transit_gateway_route_table_id: Some(table),
        state: text("enabled"),
    };
    let transit_gateway_attachment_propagations = tables.into_iter().map(shown).collect();
    Ok(ec2::GetTransitGatewayAttachmentPropagationsResult { transit_gateway_attachment_propagations, next_token })
}
