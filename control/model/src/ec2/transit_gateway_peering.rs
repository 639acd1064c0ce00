//! Peerings of transit gateways: packets for the other gateway continue by its route tables. Nothing is propagated, so routes to a peering
//! are static at both ends.

use crate::LINGER;
use crate::collection::resource;
use crate::words::words;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Support, Tags, Time, tags};
use serde::{Deserialize, Serialize};

words! {
    /// The state of a peering.
    TransitPeeringState {
        Pending "pendingAcceptance",
        Available "available",
        Rejected "rejected",
        Deleted "deleted",
    }
}

/// A gateway at an end of a peering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitPeer {
    /// The gateway. It need not exist, and the requester does not learn whether it does.
    pub gateway: String,
    /// Its account and Region.
    pub scope: Scope,
}

/// A peering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGatewayPeering {
    /// `tgw-attach-…`
    pub id: String,
    /// The requester's account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The requester's gateway.
    pub gateway: String,
    /// The other end.
    pub peer: TransitPeer,
    /// The associated route table of the requester's gateway, for packets from the other one.
    #[serde(default)]
    pub association: Option<String>,
    /// The associated route table of the accepter's gateway, for packets from the other one.
    #[serde(default)]
    pub peer_association: Option<String>,
    /// Whether routes are exchanged.
    pub dynamic_routing: Option<Support>,
    /// Its state.
    pub state: TransitPeeringState,
    /// The time of its creation.
    pub created: Time,
    /// The time at which it was rejected or deleted.
    #[serde(default)]
    pub ended: Option<Time>,
}

resource!(TransitGatewayPeering, IdKind::TransitGatewayAttachment, |peering| {
    let gateways = [&peering.gateway, &peering.peer.gateway].into_iter();
    gateways.chain(&peering.association).chain(&peering.peer_association).cloned().collect()
});

impl TransitGatewayPeering {
    /// Whether one of its ends is in this scope.
    pub fn is_seen_by(&self, scope: &Scope) -> bool {
        self.scope == *scope || self.peer.scope == *scope
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        matches!(self.state, TransitPeeringState::Rejected | TransitPeeringState::Deleted)
    }

    /// Whether it is no longer described.
    pub fn is_forgotten(&self, now: Time) -> bool {
        self.is_over() && self.ended.is_none_or(|since| now.since(since) >= LINGER)
    }
}

impl Model {
    /// CreateTransitGatewayPeeringAttachment: with another gateway. Returns the id.
    pub fn peer_transit_gateways(
        &mut self,
        caller: &Caller,
        gateway: &str,
        peer: TransitPeer,
        dynamic_routing: Option<Support>,
        tags: Tags,
    ) -> Result<String> {
        self.transit_gateways.find(&caller.scope, gateway)?;
        if peer.gateway == gateway {
            return Err(Error::invalid("PeerTransitGatewayId", gateway));
        }
        tags::check(&tags)?;
        let id = self.new_id(IdKind::TransitGatewayAttachment);
        self.transit_peerings.insert(TransitGatewayPeering {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            gateway: gateway.to_owned(),
            peer,
            association: None,
            peer_association: None,
            dynamic_routing,
            state: TransitPeeringState::Pending,
            created: caller.now,
            ended: None,
        });
        Ok(id)
    }

    /// The peering with that id and an end in the caller's scope.
    pub fn transit_peering(&self, caller: &Caller, id: &str) -> Result<&TransitGatewayPeering> {
        let missing = || Error::NotFound { kind: IdKind::TransitGatewayAttachment, id: id.to_owned() };
        self.transit_peerings.get(id).filter(|peering| peering.is_seen_by(&caller.scope)).ok_or_else(missing)
    }

    /// Accept-, Reject- and DeleteTransitGatewayPeeringAttachment. Only the other end accepts or rejects. An accepted one is associated
    /// with the default table of either gateway, as its options say.
    pub fn move_transit_peering(&mut self, caller: &Caller, id: &str, to: TransitPeeringState) -> Result<()> {
        let peering = self.transit_peering(caller, id)?;
        let pending = peering.state == TransitPeeringState::Pending;
        if to != TransitPeeringState::Deleted && peering.peer.scope != caller.scope {
            return Err(Error::NotAccepter { id: id.to_owned() });
        }
        // A deleted peering is described for a while, and cannot be deleted again.
        if (peering.state, to) == (TransitPeeringState::Deleted, TransitPeeringState::Deleted) {
            return Err(Error::NotFound { kind: IdKind::TransitGatewayAttachment, id: id.to_owned() });
        }
        if peering.is_over() || (!pending && to != TransitPeeringState::Deleted) {
            let state = peering.state.word().to_owned();
            return Err(Error::TransitPeeringState { id: id.to_owned(), state });
        }
        let ends = [&peering.gateway, &peering.peer.gateway];
        let accepted = to == TransitPeeringState::Available;
        if accepted {
            self.transit_gateways.find(&caller.scope, ends[1])?;
        }
        let [association, peer_association] =
            ends.map(|gateway| self.default_association(gateway).filter(|_| accepted));
        if let Some(peering) = self.transit_peerings.get_mut(id) {
            peering.state = to;
            (peering.association, peering.peer_association) = (association, peer_association);
            peering.ended = peering.is_over().then_some(caller.now);
        }
        Ok(())
    }
}
