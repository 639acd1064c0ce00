//! Connect attachments of transit gateways: GRE tunnels to appliances in an attached VPC, with BGP inside. They are kept and shown: the
//! dataplane has no tunnels, so there are no learned routes and no packets.

use crate::collection::resource;
use crate::error::refuse_in_use;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, Time, TransitPeeringState, tags};
use serde::{Deserialize, Serialize};

/// A Connect attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGatewayConnect {
    /// `tgw-attach-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The gateway.
    pub gateway: String,
    /// The VPC's attachment that carries the tunnels.
    pub transport: String,
    /// The associated route table of the gateway.
    pub association: Option<String>,
    /// The time of its creation.
    pub created: Time,
}

resource!(TransitGatewayConnect, IdKind::TransitGatewayAttachment, |row| {
    [&row.gateway, &row.transport].into_iter().chain(&row.association).cloned().collect()
});

impl Model {
    /// CreateTransitGatewayConnect: over a VPC's attachment to a gateway of the caller. Like any attachment it is associated and propagated
    /// by default. Returns the id.
    pub fn create_transit_connect(&mut self, caller: &Caller, transport: &str, tags: Tags) -> Result<String> {
        let over = self.transit_attachment(caller, transport)?;
        let (gateway, is_pending) = (over.gateway.clone(), over.is_pending);
        self.transit_gateways.find(&caller.scope, &gateway)?;
        if is_pending {
            let state = TransitPeeringState::Pending.word().to_owned();
            return Err(Error::TransitPeeringState { id: transport.to_owned(), state });
        }
        tags::check(&tags)?;
        let id = self.new_id(IdKind::TransitGatewayAttachment);
        self.transit_connects.insert(TransitGatewayConnect {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            association: self.default_association(&gateway),
            gateway: gateway.clone(),
            transport: transport.to_owned(),
            created: caller.now,
        });
        self.propagate_by_default(&gateway, &id);
        Ok(id)
    }

    /// DeleteTransitGatewayConnect. One with peers is refused. Returns what was deleted, which is described for a while.
    pub fn delete_transit_connect(&mut self, caller: &Caller, id: &str) -> Result<TransitGatewayConnect> {
        let connect = self.transit_connects.find(&caller.scope, id)?.clone();
        refuse_in_use(id, "Connect Peers", self.connect_peers.by(id).map(|peer| peer.id.as_str()))?;
        self.stop_propagating(id);
        self.transit_connects.remove(id);
        self.depart(Some(connect.clone()), caller.now);
        Ok(connect)
    }
}
