//! Customer gateways: the far ends of VPN connections. Each stands for one remote site.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// A customer gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerGateway {
    /// `cgw-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The site's number: its address space (a VRF), and the route table of its hosts.
    pub number: u32,
    /// The Internet address of the device.
    pub address: Ipv4Addr,
    /// The site's autonomous system.
    pub asn: u32,
    /// The device's name.
    #[serde(default)]
    pub device: Option<String>,
    /// The ARN of the device's certificate.
    #[serde(default)]
    pub certificate: Option<String>,
}

resource!(CustomerGateway, IdKind::CustomerGateway);

impl Model {
    /// CreateCustomerGateway. For the same device it returns the existing gateway.
    pub fn create_customer_gateway(
        &mut self,
        caller: &Caller,
        (address, asn): (Ipv4Addr, u32),
        (device, certificate): (Option<String>, Option<String>),
        tags: Tags,
    ) -> Result<String> {
        let same = |gateway: &&CustomerGateway| (gateway.address, gateway.asn) == (address, asn);
        if let Some(before) = self.customer_gateways.of(&caller.scope).find(same) {
            return Ok(before.id.clone());
        }
        tags::check(&tags)?;
        let id = self.new_id(IdKind::CustomerGateway);
        let number = self.number();
        let scope = caller.scope.clone();
        let gateway = CustomerGateway { id: id.clone(), scope, tags, number, address, asn, device, certificate };
        self.customer_gateways.insert(gateway);
        Ok(id)
    }

    /// DeleteCustomerGateway. Its VPN connections must be deleted first.
    pub fn delete_customer_gateway(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.customer_gateways.find(&caller.scope, id)?;
        if self.vpn_connections.by(id).any(|vpn| vpn.is_up()) {
            return Err(Error::InUse { what: format!("The customer gateway '{id}'") });
        }
        let gateway = self.customer_gateways.remove(id);
        self.depart(gateway, caller.now);
        Ok(())
    }
}
