//! Connect attachments of transit gateways.

use super::listing::{Attributes, lingering_state, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Error, Result, TransitGatewayConnect};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

/// The protocol of all tunnels.
pub const PROTOCOL: &str = "gre";

static ATTRIBUTES: Attributes<TransitGatewayConnect> = Attributes(&[
    ("options.protocol", |_, _| one(PROTOCOL)),
    ("state", |model, connect| one(lingering_state(model, &connect.id))),
    ("transit-gateway-attachment-id", |_, connect| one(&connect.id)),
    ("transit-gateway-id", |_, connect| one(&connect.gateway)),
    ("transport-transit-gateway-attachment-id", |_, connect| one(&connect.transport)),
]);

fn shown(connect: &TransitGatewayConnect, state: &str) -> ec2::TransitGatewayConnect {
    ec2::TransitGatewayConnect {
        transit_gateway_attachment_id: text(&connect.id),
        transport_transit_gateway_attachment_id: text(&connect.transport),
        transit_gateway_id: text(&connect.gateway),
        state: text(state),
        creation_time: Some(connect.created),
        options: Some(ec2::TransitGatewayConnectOptions { protocol: text(PROTOCOL) }),
        tags: tags::shown(&connect.tags),
    }
}

fn create(cx: Change, input: ec2::CreateTransitGatewayConnectRequest) -> Result<ec2::TransitGatewayConnect> {
    let ec2::CreateTransitGatewayConnectRequest {
        transport_transit_gateway_attachment_id: transport,
        options,
        tag_specifications,
    } = input;
    if options.protocol != PROTOCOL {
        return Err(Error::invalid("Protocol", options.protocol));
    }
    let tags = tags::of(tag_specifications, "transit-gateway-attachment")?;
    let id = cx.model.create_transit_connect(cx.caller, &transport, tags)?;
    Ok(shown(cx.model.transit_connects.find(&cx.caller.scope, &id)?, "pending"))
}

fn describe(
    cx: View,
    input: ec2::DescribeTransitGatewayConnectsRequest,
) -> Result<ec2::DescribeTransitGatewayConnectsResult> {
    ATTRIBUTES.list_lingering(cx, &cx.model.transit_connects, input, shown)
}

fn delete(cx: Change, input: ec2::DeleteTransitGatewayConnectRequest) -> Result<ec2::TransitGatewayConnect> {
    let connect = cx.model.delete_transit_connect(cx.caller, &input.transit_gateway_attachment_id)?;
    Ok(shown(&connect, "deleting"))
}
