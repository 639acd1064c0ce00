//! Peers of Connect attachments: the two ends of a GRE tunnel, and those of BGP inside it.

use crate::collection::resource;
use crate::ec2::asn::check_asn;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, Time, TransitGateway, tags};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A Connect peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGatewayConnectPeer {
    /// `tgw-connect-peer-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The Connect attachment.
    pub connect: String,
    /// The gateway.
    pub gateway: String,
    /// The gateway's end of the tunnel.
    pub gateway_address: IpAddr,
    /// The appliance's end.
    pub peer_address: IpAddr,
    /// The CIDR blocks inside the tunnel: one of IPv4, and perhaps one of IPv6.
    pub inside: Vec<IpNet>,
    /// The gateway's ASN.
    pub gateway_asn: i64,
    /// The appliance's ASN.
    pub peer_asn: i64,
    /// The time of its creation.
    pub created: Time,
}

resource!(TransitGatewayConnectPeer, IdKind::TransitGatewayConnectPeer, |peer| {
    vec![peer.connect.clone(), peer.gateway.clone()]
});

/// The parameters of a new peer.
#[derive(Clone, Debug)]
pub struct NewConnectPeer {
    /// The gateway's end of the tunnel. By default a free address of its CIDR blocks.
    pub gateway_address: Option<IpAddr>,
    /// The appliance's end.
    pub peer_address: IpAddr,
    /// The CIDR blocks inside the tunnel.
    pub inside: Vec<IpNet>,
    /// The appliance's ASN. By default the gateway's.
    pub asn: Option<i64>,
}

/// The ranges of the CIDR blocks inside a tunnel, and their prefix lengths.
const INSIDE_V4: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16);
const INSIDE_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0), 8);
const LENGTH_V4: u8 = 29;
const LENGTH_V6: u8 = 125;

/// Whether AWS reserves an IPv4 block: the first /29 of 169.254.0.0/24 to 169.254.5.0/24, and that of the metadata service.
fn is_reserved(block: &Ipv4Net) -> bool {
    matches!(block.network().octets(), [_, _, 0..=5, 0] | [_, _, 169, 248])
}

fn check_inside(blocks: &[IpNet]) -> Result<()> {
    let fits = |block: &IpNet| match block {
        IpNet::V4(v4) => v4.prefix_len() == LENGTH_V4 && INSIDE_V4.contains(v4) && !is_reserved(v4),
        IpNet::V6(v6) => v6.prefix_len() == LENGTH_V6 && INSIDE_V6.contains(v6),
    };
    if let Some(other) = blocks.iter().find(|block| !fits(block) || block.trunc() != **block) {
        return Err(Error::invalid("InsideCidrBlocks", other));
    }
    let is_v4 = |block: &&IpNet| matches!(block, IpNet::V4(_));
    match (blocks.iter().filter(is_v4).count(), blocks.len()) {
        (0, _) => Err(Error::missing("InsideCidrBlocks")),
        (1, 1 | 2) => Ok(()),
        (_, _) => Err(Error::invalid("InsideCidrBlocks", blocks[1])),
    }
}

impl Model {
    /// CreateTransitGatewayConnectPeer. No two tunnels of a gateway share its address or an inside block. Returns the id.
    pub fn create_connect_peer(
        &mut self,
        caller: &Caller,
        connect: &str,
        new: NewConnectPeer,
        tags: Tags,
    ) -> Result<String> {
        let NewConnectPeer { gateway_address, peer_address, inside, asn } = new;
        let id = self.transit_connects.find(&caller.scope, connect)?.gateway.clone();
        let gateway = self.transit_gateways.find(&caller.scope, &id)?;
        check_inside(&inside)?;
        if let Some(asn) = asn {
            check_asn("PeerAsn", asn)?;
        }
        let is_taken = |block: &&IpNet| self.connect_peers.by(&id).any(|other| other.inside.contains(block));
        if let Some(taken) = inside.iter().find(is_taken) {
            return Err(Error::invalid("InsideCidrBlocks", taken));
        }
        let gateway_address = self.connect_address(gateway, gateway_address, peer_address)?;
        let gateway_asn = gateway.options.asn;
        tags::check(&tags)?;
        let peer = TransitGatewayConnectPeer {
            id: self.new_id(IdKind::TransitGatewayConnectPeer),
            scope: caller.scope.clone(),
            tags,
            connect: connect.to_owned(),
            gateway: id,
            gateway_address,
            peer_address,
            inside,
            gateway_asn,
            peer_asn: asn.unwrap_or(gateway_asn),
            created: caller.now,
        };
        let id = peer.id.clone();
        self.connect_peers.insert(peer);
        Ok(id)
    }

    /// The gateway's end of a new tunnel: an address of its CIDR blocks, of the same family as the other end.
    fn connect_address(&self, gateway: &TransitGateway, wanted: Option<IpAddr>, peer: IpAddr) -> Result<IpAddr> {
        let taken: BTreeSet<IpAddr> = self.connect_peers.by(&gateway.id).map(|other| other.gateway_address).collect();
        let blocks = gateway.options.blocks.iter().filter_map(|block| block.parse::<IpNet>().ok());
        // Blocks of the other family are left out: an IPv6 block is too large to be searched in vain.
        let blocks: Vec<IpNet> = blocks.filter(|block| block.addr().is_ipv4() == peer.is_ipv4()).collect();
        let is_free = |address: &IpAddr| !taken.contains(address);
        match wanted {
            Some(address) if is_free(&address) && blocks.iter().any(|block| block.contains(&address)) => Ok(address),
            Some(address) => Err(Error::ConnectAddress { address, gateway: gateway.id.clone() }),
            None => {
                let mut free = blocks.iter().flat_map(IpNet::hosts).filter(is_free);
                free.next().ok_or_else(|| Error::NoConnectAddress { gateway: gateway.id.clone() })
            }
        }
    }

    /// DeleteTransitGatewayConnectPeer. Returns what was deleted, which is described for a while.
    pub fn delete_connect_peer(&mut self, caller: &Caller, id: &str) -> Result<TransitGatewayConnectPeer> {
        let peer = self.connect_peers.find(&caller.scope, id)?.clone();
        self.connect_peers.remove(id);
        self.depart(Some(peer.clone()), caller.now);
        Ok(peer)
    }
}
