//! Peers of route servers' endpoints.

use super::cidr::address;
use super::listing::{Attributes, lingering_state, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{PeerLiveness, Result, RouteServerPeer};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

static ATTRIBUTES: Attributes<RouteServerPeer> = Attributes(&[
    ("route-server-endpoint-id", |_, peer| one(&peer.endpoint.id)),
    ("route-server-id", |_, peer| one(&peer.endpoint.server)),
    ("route-server-peer-id", |_, peer| one(&peer.id)),
    ("state", |model, peer| one(lingering_state(model, &peer.id))),
    ("subnet-id", |_, peer| one(&peer.endpoint.subnet)),
    ("vpc-id", |_, peer| one(&peer.endpoint.vpc)),
]);

/// No appliance is spoken to, so no session is up.
fn shown(peer: &RouteServerPeer, state: &str) -> ec2::RouteServerPeer {
    let down = || text("down");
    let bfd = (peer.liveness == PeerLiveness::Bfd).then(|| ec2::RouteServerBfdStatus { status: down() });
    ec2::RouteServerPeer {
        route_server_peer_id: text(&peer.id),
        route_server_endpoint_id: text(&peer.endpoint.id),
        route_server_id: text(&peer.endpoint.server),
        vpc_id: text(&peer.endpoint.vpc),
        subnet_id: text(&peer.endpoint.subnet),
        state: text(state),
        failure_reason: None,
        endpoint_eni_id: text(&peer.endpoint.interface),
        endpoint_eni_address: peer.endpoint.address.map(|address| address.to_string()),
        peer_address: text(peer.address),
        bgp_options: Some(ec2::RouteServerBgpOptions {
            peer_asn: Some(peer.asn),
            peer_liveness_detection: text(peer.liveness.word()),
        }),
        bgp_status: Some(ec2::RouteServerBgpStatus { status: down() }),
        bfd_status: bfd,
        tags: tags::shown(&peer.tags),
    }
}

fn create(cx: Change, input: ec2::CreateRouteServerPeerRequest) -> Result<ec2::RouteServerPeer> {
    let ec2::CreateRouteServerPeerRequest { route_server_endpoint_id, peer_address, bgp_options, tag_specifications } =
        input;
    let ec2::RouteServerBgpOptionsRequest { peer_asn, peer_liveness_detection } = bgp_options;
    let liveness = peer_liveness_detection.map(|word| PeerLiveness::read("PeerLivenessDetection", &word));
    let session = (peer_asn, liveness.transpose()?.unwrap_or_default());
    let address = address("PeerAddress", &peer_address)?;
    let tags = tags::of(tag_specifications, "route-server-peer")?;
    let id = cx.model.create_route_server_peer(cx.caller, &route_server_endpoint_id, address, session, tags)?;
    Ok(shown(cx.model.route_server_peers.find(&cx.caller.scope, &id)?, "pending"))
}

fn describe(cx: View, input: ec2::DescribeRouteServerPeersRequest) -> Result<ec2::DescribeRouteServerPeersResult> {
    ATTRIBUTES.list_lingering(cx, &cx.model.route_server_peers, input, shown)
}

fn delete(cx: Change, input: ec2::DeleteRouteServerPeerRequest) -> Result<ec2::RouteServerPeer> {
    let peer = cx.model.delete_route_server_peer(cx.caller, &input.route_server_peer_id)?;
    Ok(shown(&peer, "deleting"))
}
