//! Attachments of VPCs to transit gateways.

use super::listing::{Attributes, one};
use super::transit_gateway::turn;
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Model, Result, TransitAttachmentChange, TransitAttachmentOptions, TransitEnd, TransitGatewayAttachment};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(accept).write(reject).write(delete)
}

static ATTRIBUTES: Attributes<TransitGatewayAttachment> = Attributes(&[
    ("state", |model, attachment| one(state(model, attachment))),
    ("transit-gateway-attachment-id", |_, attachment| one(&attachment.id)),
    ("transit-gateway-id", |_, attachment| one(&attachment.gateway)),
    ("vpc-id", |_, attachment| one(&attachment.vpc)),
]);

fn state(model: &Model, attachment: &TransitGatewayAttachment) -> &'static str {
    let end = TransitEnd::from(attachment);
    let end = if model.transit_attachments.get(&attachment.id).is_some() { end } else { end.ended() };
    end.state.word()
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
        creation_time: Some(attachment.created),
        options: Some(options),
        tags: tags::shown(&attachment.tags).unless_empty(),
    }
}

/// Options with those of a request in their place.
fn with(
    mut options: TransitAttachmentOptions,
    sent: ec2::TransitAttachmentSettings,
) -> Result<TransitAttachmentOptions> {
    turn(&mut options.dns, "DnsSupport", sent.dns_support)?;
    let group_references = sent.security_group_referencing_support;
    turn(&mut options.group_references, "SecurityGroupReferencingSupport", group_references)?;
    turn(&mut options.ipv6, "Ipv6Support", sent.ipv6_support)?;
    turn(&mut options.appliance_mode, "ApplianceModeSupport", sent.appliance_mode_support)?;
    Ok(options)
}

fn create(
    cx: Change,
    input: ec2::CreateTransitGatewayVpcAttachmentRequest,
) -> Result<ec2::TransitGatewayVpcAttachment> {
    let ec2::CreateTransitGatewayVpcAttachmentRequest {
        transit_gateway_id,
        vpc_id,
        subnet_ids,
        options,
        tag_specifications,
    } = input;
    let options = with(TransitAttachmentOptions::default(), options.unwrap_or_default().settings)?;
    let tags = tags::of(tag_specifications, "transit-gateway-attachment")?;
    let id = cx.model.attach_transit_gateway(cx.caller, &transit_gateway_id, &vpc_id, &subnet_ids, options, tags)?;
    let attachment = cx.model.transit_attachments.find(&cx.caller.scope, &id)?;
    Ok(shown(attachment, if attachment.is_pending { "pendingAcceptance" } else { "pending" }))
}

fn describe(
    cx: View,
    input: ec2::DescribeTransitGatewayVpcAttachmentsRequest,
) -> Result<ec2::DescribeTransitGatewayVpcAttachmentsResult> {
    let seen = cx.model.transit_attachments.iter().filter(|attachment| attachment.is_seen_by(&cx.caller.scope));
    let all = seen.chain(cx.model.departed(cx.caller));
    let shown = |attachment: &TransitGatewayAttachment| shown(attachment, state(cx.model, attachment));
    ATTRIBUTES.list(cx.model, all, input, shown)
}

fn modify(
    cx: Change,
    input: ec2::ModifyTransitGatewayVpcAttachmentRequest,
) -> Result<ec2::TransitGatewayVpcAttachment> {
    let ec2::ModifyTransitGatewayVpcAttachmentRequest {
        transit_gateway_attachment_id: id,
        add_subnet_ids,
        remove_subnet_ids,
        options,
    } = input;
    let own = cx.model.transit_attachments.find(&cx.caller.scope, &id)?.options.clone();
    let options = with(own, options.unwrap_or_default().settings)?;
    let (add, remove) = (add_subnet_ids.into_iter().collect(), remove_subnet_ids.into_iter().collect());
    let change = TransitAttachmentChange { add, remove, options: Some(options) };
    cx.model.modify_transit_attachment(cx.caller, &id, change)?;
    Ok(shown(cx.model.transit_attachments.find(&cx.caller.scope, &id)?, "modifying"))
}

fn accept(
    cx: Change,
    input: ec2::AcceptTransitGatewayVpcAttachmentRequest,
) -> Result<ec2::TransitGatewayVpcAttachment> {
    let id = input.transit_gateway_attachment_id;
    cx.model.accept_transit_attachment(cx.caller, &id)?;
    Ok(shown(cx.model.transit_attachment(cx.caller, &id)?, "pending"))
}

fn reject(
    cx: Change,
    input: ec2::RejectTransitGatewayVpcAttachmentRequest,
) -> Result<ec2::TransitGatewayVpcAttachment> {
    let id = input.transit_gateway_attachment_id;
    let attachment = cx.model.transit_attachment(cx.caller, &id)?.clone();
    cx.model.reject_transit_attachment(cx.caller, &id)?;
    Ok(shown(&attachment, "rejecting"))
}

fn delete(
    cx: Change,
    input: ec2::DeleteTransitGatewayVpcAttachmentRequest,
) -> Result<ec2::TransitGatewayVpcAttachment> {
    let id = input.transit_gateway_attachment_id;
    let attachment = cx.model.transit_attachment(cx.caller, &id)?.clone();
    cx.model.detach_transit_gateway(cx.caller, &id)?;
    Ok(shown(&attachment, "deleting"))
}
