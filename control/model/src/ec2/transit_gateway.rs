//! Transit gateways: routers between VPCs, remote sites and other gateways, with route tables of their own. Each attachment
//! ([`TransitEnd`](crate::TransitEnd)) is associated with a table, which routes the packets from it.

use crate::collection::resource;
use crate::error::refuse_in_use;
use crate::words::words;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};

words! {
    /// Whether an option is enabled.
    Support {
        Disable "disable",
        Enable "enable",
    }
}

impl Support {
    /// Whether it is enabled.
    pub fn is_on(self) -> bool {
        self == Support::Enable
    }
}

/// The options of a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGatewayOptions {
    /// Its autonomous system.
    pub asn: i64,
    /// Its CIDR blocks.
    pub blocks: Vec<String>,
    /// Whether attachments of other accounts are accepted automatically.
    pub auto_accept: Support,
    /// Whether new attachments are associated with the default table.
    pub associates: Support,
    /// Whether new attachments propagate their blocks to the default table.
    pub propagates: Support,
    /// Whether VPN connections use equal-cost multipath routing.
    pub vpn_ecmp: Support,
    /// Whether public names resolve to private addresses across it.
    pub dns: Support,
    /// Whether groups may name groups of other VPCs.
    pub group_references: Support,
    /// Whether it carries multicast.
    pub multicast: Support,
}

impl Default for TransitGatewayOptions {
    fn default() -> Self {
        Self {
            asn: 64_512,
            blocks: Vec::new(),
            auto_accept: Support::Disable,
            associates: Support::Enable,
            propagates: Support::Enable,
            vpn_ecmp: Support::Enable,
            dns: Support::Enable,
            group_references: Support::Disable,
            multicast: Support::Disable,
        }
    }
}

/// A transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGateway {
    /// `tgw-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its description.
    pub description: String,
    /// Its options.
    pub options: TransitGatewayOptions,
    /// The table that new attachments are associated with.
    pub association_table: Option<String>,
    /// The table that new attachments propagate to.
    pub propagation_table: Option<String>,
    /// The time of its creation.
    pub created: Time,
}

resource!(TransitGateway, IdKind::TransitGateway);

/// The changes of ModifyTransitGateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransitGatewayChange {
    /// Its description.
    pub description: Option<String>,
    /// The new options.
    pub options: Option<TransitGatewayOptions>,
    /// The table that new attachments are associated with.
    pub association_table: Option<String>,
    /// The table that new attachments propagate to.
    pub propagation_table: Option<String>,
}

impl Model {
    /// CreateTransitGateway: creates a gateway with the default route table that its options ask for.
    pub fn create_transit_gateway(
        &mut self,
        caller: &Caller,
        description: String,
        options: TransitGatewayOptions,
        tags: Tags,
    ) -> Result<String> {
        tags::check(&tags)?;
        let id = self.new_id(IdKind::TransitGateway);
        let (scope, created) = (caller.scope.clone(), caller.now);
        let (association_table, propagation_table) = (None, None);
        self.transit_gateways.insert(TransitGateway {
            id: id.clone(),
            scope,
            tags,
            description,
            options,
            association_table,
            propagation_table,
            created,
        });
        self.ensure_default_tables(caller, &id)?;
        Ok(id)
    }

    /// Creates the default route table of a gateway if its options ask for one and it has none.
    fn ensure_default_tables(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let gateway = self.transit_gateways.find(&caller.scope, id)?;
        let wanted = [gateway.options.associates.is_on(), gateway.options.propagates.is_on()];
        let has = [gateway.association_table.clone(), gateway.propagation_table.clone()];
        let lacks = wanted.iter().zip(&has).any(|(wanted, has)| *wanted && has.is_none());
        let default = match has.iter().flatten().next() {
            Some(table) => Some(table.clone()),
            None if lacks => Some(self.create_transit_route_table(caller, id, Tags::new())?),
            None => None,
        };
        let gateway = self.transit_gateways.find_mut(&caller.scope, id)?;
        let [association, propagation] = wanted.map(|wanted| default.clone().filter(|_| wanted));
        gateway.association_table = has[0].clone().filter(|_| wanted[0]).or(association);
        gateway.propagation_table = has[1].clone().filter(|_| wanted[1]).or(propagation);
        Ok(())
    }

    /// ModifyTransitGateway.
    pub fn modify_transit_gateway(&mut self, caller: &Caller, id: &str, change: TransitGatewayChange) -> Result<()> {
        self.transit_gateways.find(&caller.scope, id)?;
        let TransitGatewayChange { description, options, association_table, propagation_table } = change;
        for table in association_table.iter().chain(&propagation_table) {
            if self.transit_route_tables.find(&caller.scope, table)?.gateway != id {
                return Err(Error::NotFound { kind: IdKind::TransitGatewayRouteTable, id: table.clone() });
            }
        }
        let gateway = self.transit_gateways.find_mut(&caller.scope, id)?;
        gateway.description = description.unwrap_or(std::mem::take(&mut gateway.description));
        gateway.options = options.unwrap_or(gateway.options.clone());
        gateway.association_table = association_table.or(gateway.association_table.take());
        gateway.propagation_table = propagation_table.or(gateway.propagation_table.take());
        self.ensure_default_tables(caller, id)
    }

    /// Whether the caller sees a gateway: it is the caller's, or a VPC of the caller is attached to it.
    pub fn is_transit_seen_by(&self, caller: &Caller, gateway: &TransitGateway) -> bool {
        let mut attached = self.transit_attachments.by(&gateway.id);
        gateway.scope == caller.scope || attached.any(|attachment| attachment.scope == caller.scope)
    }

    /// DeleteTransitGateway. A gateway with attachments is refused. Its route tables are deleted.
    pub fn delete_transit_gateway(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.transit_gateways.find(&caller.scope, id)?;
        let attached = self.attached_to_transit(id);
        if let Some(first) = attached.first() {
            let of_kind = attached.iter().filter(|end| end.resource_type() == first.resource_type());
            let what = format!("{} Attachments", first.resource_title());
            refuse_in_use(id, &what, of_kind.map(|end| end.id.as_str()))?;
        }
        refuse_in_use(id, "Multicast Domains", self.multicast_domains.by(id).map(|domain| domain.id.as_str()))?;
        refuse_in_use(id, "Policy Tables", self.policy_tables.by(id).map(|table| table.id.as_str()))?;
        let tables: Vec<String> = self.transit_route_tables.by(id).map(|table| table.id.clone()).collect();
        for table in tables {
            let table = self.transit_route_tables.remove(&table);
            self.depart(table, caller.now);
        }
        let gateway = self.transit_gateways.remove(id);
        self.depart(gateway, caller.now);
        Ok(())
    }
}
