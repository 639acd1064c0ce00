//! Attachments of a transit gateway of all types: VPCs, VPN connections, other gateways and Connect attachments. Route tables treat them
//! alike.

use crate::{
    Caller, Error, IdKind, Model, Result, Scope, Tags, Time, TransitGatewayAttachment, TransitGatewayConnect,
    TransitGatewayPeering, TransitGatewayRouteTable, TransitGatewayVpn, TransitPeeringState,
};

/// The attached resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransitResource {
    /// A VPC.
    Vpc(String),
    /// A VPN connection.
    Vpn(String),
    /// GRE tunnels over this attachment.
    Connect(String),
    /// The gateway at the other end of a peering, and its account and Region.
    Peer(String, Scope),
}

/// An attachment as seen by its gateway. A peering has one at each end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitEnd {
    /// `tgw-attach-…`
    pub id: String,
    /// The account and Region of the gateway.
    pub scope: Scope,
    /// The attachment's tags.
    pub tags: Tags,
    /// The gateway.
    pub gateway: String,
    /// The attached resource.
    pub resource: TransitResource,
    /// The account of the attached resource.
    pub resource_owner: String,
    /// Its state.
    pub state: TransitPeeringState,
    /// The associated route table, for packets from the attachment.
    pub association: Option<String>,
    /// The time of its creation.
    pub created: Time,
}

impl TransitEnd {
    /// The id of the attached resource.
    pub fn resource_id(&self) -> &str {
        match &self.resource {
            TransitResource::Vpc(id)
            | TransitResource::Vpn(id)
            | TransitResource::Connect(id)
            | TransitResource::Peer(id, _) => id,
        }
    }

    /// The API's word for the type of the attached resource.
    pub fn resource_type(&self) -> &'static str {
        match self.resource {
            TransitResource::Vpc(_) => "vpc",
            TransitResource::Vpn(_) => "vpn",
            TransitResource::Connect(_) => "connect",
            TransitResource::Peer(..) => "peering",
        }
    }

    /// The type of the attached resource in errors.
    pub(crate) fn resource_title(&self) -> &'static str {
        match self.resource {
            TransitResource::Vpc(_) => "VPC",
            TransitResource::Vpn(_) => "VPN",
            TransitResource::Connect(_) => "Connect",
            TransitResource::Peer(..) => "Peering",
        }
    }

    /// Whether another gateway is attached.
    pub(crate) fn is_peering(&self) -> bool {
        matches!(self.resource, TransitResource::Peer(..))
    }

    /// Whether it is available.
    pub fn is_available(&self) -> bool {
        self.state == TransitPeeringState::Available
    }

    /// The attachment after its deletion or, if it was pending, its rejection.
    pub fn ended(self) -> Self {
        let rejected = self.state == TransitPeeringState::Pending;
        let state = if rejected { TransitPeeringState::Rejected } else { TransitPeeringState::Deleted };
        Self { state, ..self }
    }
}

impl From<&TransitGatewayAttachment> for TransitEnd {
    fn from(row: &TransitGatewayAttachment) -> Self {
        Self {
            id: row.id.clone(),
            scope: row.gateway_scope(),
            tags: row.tags.clone(),
            gateway: row.gateway.clone(),
            resource: TransitResource::Vpc(row.vpc.clone()),
            resource_owner: row.scope.account.clone(),
            state: if row.is_pending { TransitPeeringState::Pending } else { TransitPeeringState::Available },
            association: row.association.clone(),
            created: row.created,
        }
    }
}

impl From<&TransitGatewayVpn> for TransitEnd {
    fn from(row: &TransitGatewayVpn) -> Self {
        Self {
            id: row.id.clone(),
            scope: row.scope.clone(),
            tags: row.tags.clone(),
            gateway: row.gateway.clone(),
            resource: TransitResource::Vpn(row.connection.clone()),
            resource_owner: row.scope.account.clone(),
            state: TransitPeeringState::Available,
            association: row.association.clone(),
            created: row.created,
        }
    }
}

impl From<&TransitGatewayConnect> for TransitEnd {
    fn from(row: &TransitGatewayConnect) -> Self {
        Self {
            id: row.id.clone(),
            scope: row.scope.clone(),
            tags: row.tags.clone(),
            gateway: row.gateway.clone(),
            resource: TransitResource::Connect(row.transport.clone()),
            resource_owner: row.scope.account.clone(),
            state: TransitPeeringState::Available,
            association: row.association.clone(),
            created: row.created,
        }
    }
}

impl TransitGatewayPeering {
    /// Both ends: the requester's and the accepter's.
    pub fn ends(&self) -> [TransitEnd; 2] {
        let end =
            |(gateway, scope): (&String, &Scope), (other, of_other): (&String, &Scope), table: &Option<String>| {
                TransitEnd {
                    id: self.id.clone(),
                    scope: scope.clone(),
                    tags: self.tags.clone(),
                    gateway: gateway.clone(),
                    resource: TransitResource::Peer(other.clone(), of_other.clone()),
                    resource_owner: of_other.account.clone(),
                    state: self.state,
                    association: table.clone(),
                    created: self.created,
                }
            };
        let (asked, answered) = ((&self.gateway, &self.scope), (&self.peer.gateway, &self.peer.scope));
        [end(asked, answered, &self.association), end(answered, asked, &self.peer_association)]
    }
}

impl Model {
    /// The attachment with this id, as this gateway sees it.
    pub fn transit_end(&self, id: &str, gateway: &str) -> Option<TransitEnd> {
        let of_vpc = self.transit_attachments.get(id).map(TransitEnd::from);
        let of_vpn = || self.transit_vpns.get(id).map(TransitEnd::from);
        let of_connect = || self.transit_connects.get(id).map(TransitEnd::from);
        let of_peering = || self.transit_peerings.get(id)?.ends().into_iter().find(|end| end.gateway == gateway);
        let of_any = of_vpc.or_else(of_vpn).or_else(of_connect).or_else(of_peering);
        of_any.filter(|end| end.gateway == gateway)
    }

    /// The attachments that a caller sees: of the caller's gateways, and of the caller's VPCs. Recently ended ones are included.
    pub fn transit_ends(&self, caller: &Caller) -> Vec<TransitEnd> {
        let vpcs = self.transit_attachments.iter().filter(|row| row.is_seen_by(&caller.scope)).map(TransitEnd::from);
        let vpns = self.transit_vpns.of(&caller.scope).map(TransitEnd::from);
        let connects = self.transit_connects.of(&caller.scope).map(TransitEnd::from);
        let former_vpcs = self.departed::<TransitGatewayAttachment>(caller).map(|row| TransitEnd::from(row).ended());
        let former_vpns = self.departed::<TransitGatewayVpn>(caller).map(|row| TransitEnd::from(row).ended());
        let former_connects = self.departed::<TransitGatewayConnect>(caller).map(|row| TransitEnd::from(row).ended());
        let peerings = self.transit_peerings.iter().filter(|peering| peering.is_seen_by(&caller.scope));
        let peerings = peerings.flat_map(TransitGatewayPeering::ends).filter(|end| end.scope == caller.scope);
        let former = former_vpcs.chain(former_vpns).chain(former_connects);
        vpcs.chain(vpns).chain(connects).chain(former).chain(peerings).collect()
    }

    /// The attachments of a gateway, of all accounts, that have not ended.
    pub fn attached_to_transit(&self, gateway: &str) -> Vec<TransitEnd> {
        let vpcs = self.transit_attachments.by(gateway).map(TransitEnd::from);
        let vpns = self.transit_vpns.by(gateway).map(TransitEnd::from);
        let connects = self.transit_connects.by(gateway).map(TransitEnd::from);
        let peerings = self.transit_peerings.by(gateway).filter(|peering| !peering.is_over());
        let ends = vpcs.chain(vpns).chain(connects).chain(peerings.flat_map(TransitGatewayPeering::ends));
        ends.filter(|end| end.gateway == gateway).collect()
    }

    /// The attachments that are associated with a table.
    pub fn transit_associated(&self, table: &str) -> Vec<TransitEnd> {
        let vpcs = self.transit_attachments.by(table).map(TransitEnd::from);
        let vpns = self.transit_vpns.by(table).map(TransitEnd::from);
        let connects = self.transit_connects.by(table).map(TransitEnd::from);
        let peerings = self.transit_peerings.by(table).flat_map(TransitGatewayPeering::ends);
        let ends = vpcs.chain(vpns).chain(connects).chain(peerings);
        ends.filter(|end| end.association.as_deref() == Some(table)).collect()
    }

    /// An attachment for a route table of the caller. Both must be of the same gateway.
    pub(crate) fn transit_end_for(&self, caller: &Caller, table: &str, attachment: &str) -> Result<TransitEnd> {
        let table = self.transit_route_tables.find(&caller.scope, table)?;
        self.available_transit_end(attachment, &table.gateway)
    }

    /// Checks the target of a static route in a table of the caller. Connect attachments are refused, because they learn routes by BGP.
    pub(crate) fn check_transit_target(&self, caller: &Caller, table: &str, attachment: Option<&String>) -> Result<()> {
        let Some(attachment) = attachment else {
            return self.transit_route_tables.find(&caller.scope, table).map(drop);
        };
        match self.transit_end_for(caller, table, attachment)?.resource {
            TransitResource::Connect(_) => Err(Error::TransitConnectRoute { attachment: attachment.clone() }),
            _ => Ok(()),
        }
    }

    /// An attachment of a gateway that is available.
    pub(crate) fn available_transit_end(&self, attachment: &str, gateway: &str) -> Result<TransitEnd> {
        let missing = || Error::NotFound { kind: IdKind::TransitGatewayAttachment, id: attachment.to_owned() };
        let end = self.transit_end(attachment, gateway).ok_or_else(missing)?;
        match end.is_available() {
            true => Ok(end),
            false => Err(Error::TransitPeeringState { id: end.id, state: end.state.word().to_owned() }),
        }
    }

    /// Sets the route table with which an attachment is associated, or none.
    pub fn set_transit_association(&mut self, id: &str, gateway: &str, table: Option<String>) {
        if let Some(row) = self.transit_attachments.get_mut(id) {
            row.association = table;
        } else if let Some(row) = self.transit_vpns.get_mut(id) {
            row.association = table;
        } else if let Some(row) = self.transit_connects.get_mut(id) {
            row.association = table;
        } else if let Some(row) = self.transit_peerings.get_mut(id) {
            let own = if row.gateway == gateway { &mut row.association } else { &mut row.peer_association };
            *own = table;
        }
    }

    /// The route table with which new attachments of a gateway are associated.
    pub(crate) fn default_association(&self, gateway: &str) -> Option<String> {
        let gateway = self.transit_gateways.get(gateway).filter(|gateway| gateway.options.associates.is_on());
        gateway.and_then(|gateway| gateway.association_table.clone())
    }

    /// Lets an attachment propagate to the gateway's default propagation table.
    pub(crate) fn propagate_by_default(&mut self, gateway: &str, attachment: &str) {
        let gateway = self.transit_gateways.get(gateway).filter(|gateway| gateway.options.propagates.is_on());
        let table = gateway.and_then(|gateway| gateway.propagation_table.clone());
        if let Some(table) = table.and_then(|table| self.transit_route_tables.get_mut(&table)) {
            table.propagations.push(attachment.to_owned());
        }
    }

    /// Ends the propagation of an attachment. Its static routes become blackholes.
    pub(crate) fn stop_propagating(&mut self, attachment: &str) {
        let takes_up = |table: &TransitGatewayRouteTable| table.propagations.iter().any(|from| from == attachment);
        self.transit_route_tables.update(takes_up, |table| table.propagations.retain(|from| from != attachment));
    }
}
