//! Peers of Connect attachments.

use super::cidr::{address, cidr};
use super::listing::{Attributes, lingering_state, one};
use super::transit_gateway_connect::PROTOCOL;
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use ipnet::IpNet;
use model::{NewConnectPeer, Result, TransitGatewayConnectPeer};
use shapes::{List, ec2};
use std::net::IpAddr;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

static ATTRIBUTES: Attributes<TransitGatewayConnectPeer> = Attributes(&[
    ("state", |model, peer| one(lingering_state(model, &peer.id))),
    ("transit-gateway-attachment-id", |_, peer| one(&peer.connect)),
    ("transit-gateway-connect-peer-id", |_, peer| one(&peer.id)),
]);

/// The BGP sessions inside the tunnel: the appliance has the first address of the block, the gateway the next two. No session is up.
fn sessions(peer: &TransitGatewayConnectPeer) -> List<ec2::TransitGatewayAttachmentBgpConfiguration> {
    let blocks = peer.inside.iter().filter(|block| matches!(block, IpNet::V4(_)));
    let of_block = |block: &IpNet| {
        let mut hosts = block.hosts();
        let appliance = hosts.next();
        let session = move |gateway: IpAddr| ec2::TransitGatewayAttachmentBgpConfiguration {
            transit_gateway_asn: Some(peer.gateway_asn),
            peer_asn: Some(peer.peer_asn),
            transit_gateway_address: text(gateway),
            peer_address: appliance.map(|address| address.to_string()),
            bgp_status: text("down"),
        };
        hosts.take(2).map(session)
    };
    blocks.flat_map(of_block).collect()
}

fn shown(peer: &TransitGatewayConnectPeer, state: &str) -> ec2::TransitGatewayConnectPeer {
    let configuration = ec2::TransitGatewayConnectPeerConfiguration {
        transit_gateway_address: text(peer.gateway_address),
        peer_address: text(peer.peer_address),
        inside_cidr_blocks: peer.inside.iter().map(ToString::to_string).collect(),
        protocol: text(PROTOCOL),
        bgp_configurations: sessions(peer),
    };
    ec2::TransitGatewayConnectPeer {
        transit_gateway_attachment_id: text(&peer.connect),
        transit_gateway_connect_peer_id: text(&peer.id),
        state: text(state),
        creation_time: Some(peer.created),
        connect_peer_configuration: Some(configuration),
        tags: tags::shown(&peer.tags),
    }
}

fn create(cx: Change, input: ec2::CreateTransitGatewayConnectPeerRequest) -> Result<ec2::TransitGatewayConnectPeer> {
    let ec2::CreateTransitGatewayConnectPeerRequest {
        transit_gateway_attachment_id: connect,
        transit_gateway_address,
        peer_address,
        bgp_options,
        inside_cidr_blocks,
        tag_specifications,
    } = input;
    let gateway_address = transit_gateway_address.map(|sent| address("TransitGatewayAddress", &sent));
    let new = NewConnectPeer {
        gateway_address: gateway_address.transpose()?,
        peer_address: address("PeerAddress", &peer_address)?,
        inside: inside_cidr_blocks.iter().map(|sent| cidr("InsideCidrBlocks", sent)).collect::<Result<_>>()?,
        asn: bgp_options.and_then(|options| options.peer_asn),
    };
    let tags = tags::of(tag_specifications, "transit-gateway-connect-peer")?;
    let id = cx.model.create_connect_peer(cx.caller, &connect, new, tags)?;
    Ok(shown(cx.model.connect_peers.find(&cx.caller.scope, &id)?, "pending"))
}

fn describe(
    cx: View,
    input: ec2::DescribeTransitGatewayConnectPeersRequest,
) -> Result<ec2::DescribeTransitGatewayConnectPeersResult> {
    ATTRIBUTES.list_lingering(cx, &cx.model.connect_peers, input, shown)
}

fn delete(cx: Change, input: ec2::DeleteTransitGatewayConnectPeerRequest) -> Result<ec2::TransitGatewayConnectPeer> {
    let peer = cx.model.delete_connect_peer(cx.caller, &input.transit_gateway_connect_peer_id)?;
    Ok(shown(&peer, "deleting"))
}
