//! Attachments of VPN connections to transit gateways. They are created and deleted with their connections.

use crate::collection::resource;
use crate::{Caller, HostPlace, IdKind, Model, Result, Scope, Tags, Time};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// A VPN connection's attachment to a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGatewayVpn {
    /// `tgw-attach-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The gateway.
    pub gateway: String,
    /// The connection.
    pub connection: String,
    /// The gateway's associated route table, for packets from the site.
    pub association: Option<String>,
    /// The time of its creation.
    pub created: Time,
}

resource!(TransitGatewayVpn, IdKind::TransitGatewayAttachment, |row| {
    [&row.gateway, &row.connection].into_iter().chain(&row.association).cloned().collect()
});

impl Model {
    /// Attaches a VPN connection to a gateway: associates it and lets it propagate, as the gateway's options say.
    pub fn attach_transit_vpn(&mut self, caller: &Caller, gateway: &str, connection: &str) -> Result<String> {
        self.transit_gateways.find(&caller.scope, gateway)?;
        let id = self.new_id(IdKind::TransitGatewayAttachment);
        self.transit_vpns.insert(TransitGatewayVpn {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags: Tags::new(),
            gateway: gateway.to_owned(),
            connection: connection.to_owned(),
            association: self.default_association(gateway),
            created: caller.now,
        });
        self.propagate_by_default(gateway, &id);
        Ok(id)
    }

    /// Detaches a VPN connection that is deleted.
    pub(crate) fn detach_transit_vpn(&mut self, caller: &Caller, connection: &str) {
        let ids: Vec<String> = self.transit_vpns.by(connection).map(|row| row.id.clone()).collect();
        for id in ids {
            self.stop_propagating(&id);
            let row = self.transit_vpns.remove(&id);
            self.depart(row, caller.now);
        }
    }

    /// The prefixes that a connection propagates: its static routes or, if the site announces its own, the addresses of the site's hosts.
    pub fn site_prefixes(&self, connection: &str) -> Vec<Ipv4Net> {
        let Some(vpn) = self.vpn_connections.get(connection) else { return Vec::new() };
        if vpn.static_routes {
            return vpn.routes.clone();
        }
        let is_there = |place: &HostPlace| *place == HostPlace::Site(vpn.customer_gateway.clone());
        let hosts = self.hosts.by(&vpn.customer_gateway).filter(|host| is_there(&host.place));
        hosts.map(|host| Ipv4Net::from(host.address)).collect()
    }
}
