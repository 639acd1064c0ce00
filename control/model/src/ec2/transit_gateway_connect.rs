//! Connect attachments of transit gateways: an appliance in an attached VPC speaks GRE and BGP with the gateway. Only the API knows them: the
//! dataplane has no tunnels, so an appliance announces no routes and no packet takes this way.

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
    /// The gateway's table for what comes out of the tunnels.
    pub association: Option<String>,
    /// The time of its creation.
    pub created: Time,
}

resource!(TransitGatewayConnect, IdKind::TransitGatewayAttachment, |row| {
    [&row.gateway, &row.transport].into_iter().chain(&row.association).cloned().collect()
});

impl Model {
    /// CreateTransitGatewayConnect: over a VPC's attachment to a gateway of the caller, associated and propagated as any other. Returns
    /// the id.
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

    /// DeleteTransitGatewayConnect: not while it has peers. Returns what was; it is told of for a while.
    pub fn delete_transit_connect(&mut self, caller: &Caller, id: &str) -> Result<TransitGatewayConnect> {
        let connect = self.transit_connects.find(&caller.scope, id)?.clone();
        refuse_in_use(id, "Connect Peers", self.connect_peers.by(id).map(|peer| peer.id.as_str()))?;
        self.stop_propagating(id);
        self.transit_connects.remove(id);
        self.depart(Some(connect.clone()), caller.now);
        Ok(connect)
    }
}
