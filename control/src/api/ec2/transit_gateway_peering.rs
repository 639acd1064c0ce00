//! Peerings of transit gateways.

use super::listing::{Attributes, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Caller, Model, Result, Scope, Support, TransitGatewayPeering, TransitPeer, TransitPeeringState};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(accept).write(reject).write(delete)
}

static ATTRIBUTES: Attributes<TransitGatewayPeering> = Attributes(&[
    ("local-owner-id", |_, peering| one(&peering.scope.account)),
    ("remote-owner-id", |_, peering| one(&peering.peer.scope.account)),
    ("state", |_, peering| one(peering.state.word())),
    ("transit-gateway-attachment-id", |_, peering| one(&peering.id)),
    ("transit-gateway-id", |_, peering| vec![peering.gateway.clone(), peering.peer.gateway.clone()]),
]);

fn end(gateway: &str, scope: &Scope) -> Option<ec2::PeeringTgwInfo> {
    Some(ec2::PeeringTgwInfo {
        transit_gateway_id: text(gateway),
        owner_id: text(&scope.account),
        region: text(&scope.region),
        ..Default::default()
    })
}

fn shown(peering: &TransitGatewayPeering) -> ec2::TransitGatewayPeeringAttachment {
    ec2::TransitGatewayPeeringAttachment {
        transit_gateway_attachment_id: text(&peering.id),
        requester_tgw_info: end(&peering.gateway, &peering.scope),
        accepter_tgw_info: end(&peering.peer.gateway, &peering.peer.scope),
        options: peering.dynamic_routing.map(|routing| ec2::TransitGatewayPeeringAttachmentOptions {
            dynamic_routing: text(routing.word()),
            ..Default::default()
        }),
        status: Some(ec2::PeeringAttachmentStatus { code: text(peering.state.word()), message: None }),
        state: text(peering.state.word()),
        creation_time: Some(peering.created),
        tags: tags::shown(&peering.tags),
        ..Default::default()
    }
}

fn create(
    cx: Change,
    input: ec2::CreateTransitGatewayPeeringAttachmentRequest,
) -> Result<ec2::TransitGatewayPeeringAttachment> {
    let ec2::CreateTransitGatewayPeeringAttachmentRequest {
        transit_gateway_id,
        peer_transit_gateway_id: gateway,
        peer_account_id: account,
        peer_region: region,
        options,
        tag_specifications,
    } = input;
    let tags = tags::of(tag_specifications, "transit-gateway-attachment")?;
    let word = options.and_then(|options| options.dynamic_routing);
    let dynamic = word.map(|word| Support::read("DynamicRouting", &word)).transpose()?;
    let peer = TransitPeer { gateway, scope: Scope { account, region } };
    let id = cx.model.peer_transit_gateways(cx.caller, &transit_gateway_id, peer, dynamic, tags)?;
    Ok(shown(cx.model.transit_peering(cx.caller, &id)?))
}

fn describe(
    cx: View,
    input: ec2::DescribeTransitGatewayPeeringAttachmentsRequest,
) -> Result<ec2::DescribeTransitGatewayPeeringAttachmentsResult> {
    let seen = cx.model.transit_peerings.iter().filter(|peering| peering.is_seen_by(&cx.caller.scope));
    ATTRIBUTES.list(cx.model, seen, input, shown)
}

fn moved(
    model: &mut Model,
    caller: &Caller,
    id: &str,
    to: TransitPeeringState,
) -> Result<ec2::TransitGatewayPeeringAttachment> {
    model.move_transit_peering(caller, id, to)?;
    Ok(shown(model.transit_peering(caller, id)?))
}

fn accept(
    cx: Change,
    input: ec2::AcceptTransitGatewayPeeringAttachmentRequest,
) -> Result<ec2::TransitGatewayPeeringAttachment> {
    let id = input.transit_gateway_attachment_id;
    moved(cx.model, cx.caller, &id, TransitPeeringState::Available)
}

fn reject(
    cx: Change,
    input: ec2::RejectTransitGatewayPeeringAttachmentRequest,
) -> Result<ec2::TransitGatewayPeeringAttachment> {
    let id = input.transit_gateway_attachment_id;
    moved(cx.model, cx.caller, &id, TransitPeeringState::Rejected)
}

fn delete(
    cx: Change,
    input: ec2::DeleteTransitGatewayPeeringAttachmentRequest,
) -> Result<ec2::TransitGatewayPeeringAttachment> {
    let id = input.transit_gateway_attachment_id;
    moved(cx.model, cx.caller, &id, TransitPeeringState::Deleted)
}
