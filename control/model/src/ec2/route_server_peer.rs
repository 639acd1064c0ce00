//! Peers of route servers' endpoints: the appliances that would speak BGP with them.

use crate::collection::resource;
use crate::ec2::asn::check_asn;
use crate::words::words;
use crate::{Caller, Error, IdKind, Model, Result, RouteServerEndpoint, Scope, Tags, tags};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

words! {
    /// How the failure of a BGP session is detected.
    PeerLiveness { BgpKeepalive "bgp-keepalive", Bfd "bfd" }
}

/// A peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteServerPeer {
    /// `rsp-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The endpoint, as it was when the peer was created.
    pub endpoint: RouteServerEndpoint,
    /// The appliance's address.
    pub address: IpAddr,
    /// The appliance's ASN.
    pub asn: i64,
    /// How the failure of the BGP session is detected.
    pub liveness: PeerLiveness,
}

resource!(RouteServerPeer, IdKind::RouteServerPeer, |peer| vec![peer.endpoint.id.clone()]);

impl Model {
    /// CreateRouteServerPeer. An endpoint has one peer at an address. Returns the id.
    pub fn create_route_server_peer(
        &mut self,
        caller: &Caller,
        endpoint: &str,
        address: IpAddr,
        (asn, liveness): (i64, PeerLiveness),
        tags: Tags,
    ) -> Result<String> {
        check_asn("PeerAsn", asn)?;
        let endpoint = self.route_server_endpoints.find(&caller.scope, endpoint)?.clone();
        if self.route_server_peers.by(&endpoint.id).any(|other| other.address == address) {
            return Err(Error::RouteServerPeerTwice { endpoint: endpoint.id, address });
        }
        tags::check(&tags)?;
        let (id, scope) = (self.new_id(IdKind::RouteServerPeer), caller.scope.clone());
        let peer = RouteServerPeer { id: id.clone(), scope, tags, endpoint, address, asn, liveness };
        self.route_server_peers.insert(peer);
        Ok(id)
    }

    /// DeleteRouteServerPeer. Returns what was deleted, which is described for a while.
    pub fn delete_route_server_peer(&mut self, caller: &Caller, id: &str) -> Result<RouteServerPeer> {
        let peer = self.route_server_peers.find(&caller.scope, id)?.clone();
        self.route_server_peers.remove(id);
        self.depart(Some(peer.clone()), caller.now);
        Ok(peer)
    }
}
