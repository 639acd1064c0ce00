//! Transit gateways, their attachments and their route tables.

use super::{Importer, tags};
use ipnet::IpNet;
use model::{
    Caller, IdKind, NetworkInterface, PrefixListReference, Scope, Support, TransitAttachmentOptions, TransitGateway,
    TransitGatewayAttachment, TransitGatewayOptions, TransitGatewayPeering, TransitGatewayRoute,
    TransitGatewayRouteTable, TransitGatewayVpn, TransitPeer, TransitPeeringState, TransitSubnet,
};
use shapes::ec2;

/// Whether an option is on, by its word or by default.
fn support(word: Option<String>, usual: Support) -> Support {
    match word.as_deref() {
        Some("enable") => Support::Enable,
        Some("disable") => Support::Disable,
        _ => usual,
    }
}

fn is_gone(state: Option<String>) -> bool {
    state.is_some_and(|state| state.starts_with("delet") || state.starts_with("fail") || state.starts_with("reject"))
}

/// An end of a peering.
fn peer(end: ec2::PeeringTgwInfo) -> Option<TransitPeer> {
    let gateway = end.transit_gateway_id.filter(|id| IdKind::TransitGateway.fits(id))?;
    Some(TransitPeer { gateway, scope: Scope { account: end.owner_id?, region: end.region? } })
}

impl Importer<'_> {
    pub(super) fn transit_gateway(&mut self, scope: &Scope, gateway: ec2::TransitGateway) {
        let Some(id) = self.id(IdKind::TransitGateway, gateway.transit_gateway_id) else { return };
        if is_gone(gateway.state) {
            return self.leave_out(format!("{id} is deleted"));
        }
        let told = gateway.options.unwrap_or_default();
        let usual = TransitGatewayOptions::default();
        let options = TransitGatewayOptions {
            asn: told.amazon_side_asn.unwrap_or(usual.asn),
            blocks: told.transit_gateway_cidr_blocks.into_iter().collect(),
            auto_accept: support(told.auto_accept_shared_attachments, usual.auto_accept),
            associates: support(told.default_route_table_association, usual.associates),
            propagates: support(told.default_route_table_propagation, usual.propagates),
            vpn_ecmp: support(told.vpn_ecmp_support, usual.vpn_ecmp),
            dns: support(told.dns_support, usual.dns),
            group_references: support(told.security_group_referencing_support, usual.group_references),
            multicast: support(told.multicast_support, usual.multicast),
        };
        self.model.transit_gateways.adopt(TransitGateway {
            id,
            scope: scope.clone(),
            tags: tags(gateway.tags),
            description: gateway.description.unwrap_or_default(),
            options,
            association_table: told.association_default_route_table_id,
            propagation_table: told.propagation_default_route_table_id,
            created: gateway.creation_time.unwrap_or(self.now),
        });
    }

    /// The transit gateway of a resource, if it was imported.
    fn gateway_of(&mut self, what: &str, gateway: Option<String>) -> Option<String> {
        let gateway = gateway.unwrap_or_default();
        if self.model.transit_gateways.get(&gateway).is_none() {
            self.leave_out(format!("{what}: its transit gateway {gateway} is not in the files"));
            return None;
        }
        Some(gateway)
    }

    /// A route table without routes, because those lead to attachments.
    pub(super) fn transit_route_table(&mut self, scope: &Scope, table: ec2::TransitGatewayRouteTable) {
        let Some(id) = self.id(IdKind::TransitGatewayRouteTable, table.transit_gateway_route_table_id) else { return };
        if is_gone(table.state) {
            return self.leave_out(format!("{id} is deleted"));
        }
        let Some(gateway) = self.gateway_of(&id, table.transit_gateway_id) else { return };
        let number = self.model.number();
        self.model.transit_route_tables.adopt(TransitGatewayRouteTable {
            id,
            scope: scope.clone(),
            tags: tags(table.tags),
            number,
            gateway,
            routes: Vec::new(),
            references: Vec::new(),
            propagations: Vec::new(),
            created: table.creation_time.unwrap_or(self.now),
        });
    }

    pub(super) fn transit_vpc_attachment(&mut self, scope: &Scope, attachment: ec2::TransitGatewayVpcAttachment) {
        let id = attachment.transit_gateway_attachment_id;
        let Some(id) = self.id(IdKind::TransitGatewayAttachment, id) else { return };
        if is_gone(attachment.state) {
            return self.leave_out(format!("{id} is deleted"));
        }
        let Some(gateway) = self.gateway_of(&id, attachment.transit_gateway_id) else { return };
        let Some(vpc) = self.vpc_of(&id, attachment.vpc_id) else { return };
        let told = attachment.options.unwrap_or_default();
        let usual = TransitAttachmentOptions::default();
        let options = TransitAttachmentOptions {
            dns: support(told.dns_support, usual.dns),
            group_references: support(told.security_group_referencing_support, usual.group_references),
            ipv6: support(told.ipv6_support, usual.ipv6),
            appliance_mode: support(told.appliance_mode_support, usual.appliance_mode),
        };
        // Another list has its route table. Without that list it is the default one.
        let of = self.model.transit_gateways.get(&gateway);
        let owner = of.map(|of| &of.scope.account).filter(|owner| **owner != scope.account);
        let gateway_owner = owner.cloned();
        let association = of.filter(|of| of.options.associates.is_on()).and_then(|of| of.association_table.clone());
        let number = self.model.number();
        self.model.transit_attachments.adopt(TransitGatewayAttachment {
            id: id.clone(),
            scope: scope.clone(),
            tags: tags(attachment.tags),
            number,
            gateway,
            gateway_owner,
            is_pending: false,
            vpc,
            subnets: Vec::new(),
            options,
            association,
            created: attachment.creation_time.unwrap_or(self.now),
        });
        for subnet in attachment.subnet_ids {
            self.transit_subnet(scope, &id, subnet);
        }
    }

    /// Adds a subnet to an attachment: with the network interface in the files, or with a new one.
    fn transit_subnet(&mut self, scope: &Scope, id: &str, subnet: String) {
        let is_its = |interface: &&NetworkInterface| interface.subnet == subnet && interface.description.ends_with(id);
        let known = self.model.network_interfaces.iter().find(is_its).map(|interface| interface.id.clone());
        let Some(interface) = known else {
            let caller = Caller::of_account(scope.clone(), self.now);
            if let Err(why) = self.model.enter_transit_subnets(&caller, id, std::slice::from_ref(&subnet)) {
                self.leave_out(format!("{id}: its subnet {subnet}: {why}"));
            }
            return;
        };
        if let Some(mut attachment) = self.model.transit_attachments.get(id).cloned() {
            attachment.subnets.push(TransitSubnet { subnet, interface });
            self.model.transit_attachments.adopt(attachment);
        }
    }

    /// A peering. The files of both ends may describe it.
    pub(super) fn transit_peering(&mut self, peering: ec2::TransitGatewayPeeringAttachment) {
        let id = peering.transit_gateway_attachment_id;
        let Some(id) = self.id(IdKind::TransitGatewayAttachment, id) else { return };
        if self.model.transit_peerings.get(&id).is_some() {
            return;
        }
        let state = match peering.state.as_deref() {
            None | Some("available") => TransitPeeringState::Available,
            Some("initiatingRequest" | "pendingAcceptance" | "pending") => TransitPeeringState::Pending,
            Some(other) => return self.leave_out(format!("{id} is {other}")),
        };
        let ends = peering.requester_tgw_info.and_then(peer).zip(peering.accepter_tgw_info.and_then(peer));
        let Some((own, peer)) = ends else {
            return self.leave_out(format!("{id}: it does not say which transit gateways it joins"));
        };
        let routing = peering.options.and_then(|options| options.dynamic_routing);
        self.model.transit_peerings.adopt(TransitGatewayPeering {
            id,
            scope: own.scope,
            tags: tags(peering.tags),
            gateway: own.gateway,
            peer,
            // Another list has its route tables.
            association: None,
            peer_association: None,
            dynamic_routing: routing.map(|word| support(Some(word), Support::Disable)),
            state,
            created: peering.creation_time.unwrap_or(self.now),
            ended: None,
        });
    }

    /// An attachment of any kind: its association with a route table.
    pub(super) fn transit_attachment(&mut self, scope: &Scope, attachment: ec2::TransitGatewayAttachment) {
        if is_gone(attachment.state.clone()) {
            return;
        }
        let Some(id) = attachment.transit_gateway_attachment_id.clone() else { return };
        let gateway = attachment.transit_gateway_id.clone().unwrap_or_default();
        self.transit_vpn(scope, &id, &gateway, &attachment);
        if !self.is_attachment(&id) {
            let (kind, of) = (attachment.resource_type.unwrap_or_default(), attachment.resource_id.unwrap_or_default());
            return self.leave_out(match kind.as_str() {
                "vpc" | "vpn" | "peering" | "connect" => format!("{id}: its {kind} {of} is not in the files"),
                _ => format!("{id}: attachments of the kind {kind} are not known here"),
            });
        }
        let table = attachment.association.and_then(|at| at.transit_gateway_route_table_id);
        self.model.set_transit_association(&id, &gateway, table);
    }

    /// The attachment of a VPN connection in the files.
    fn transit_vpn(&mut self, scope: &Scope, id: &str, gateway: &str, attachment: &ec2::TransitGatewayAttachment) {
        let connection = attachment.resource_id.clone().unwrap_or_default();
        let vpn = self.model.vpn_connections.get(&connection);
        let ends_there = vpn.is_some_and(|vpn| vpn.transit_gateway.as_deref() == Some(gateway));
        if ends_there && IdKind::TransitGatewayAttachment.fits(id) {
            self.model.transit_vpns.adopt(TransitGatewayVpn {
                id: id.to_owned(),
                scope: scope.clone(),
                tags: tags(attachment.tags.clone()),
                gateway: gateway.to_owned(),
                connection,
                association: None,
                created: attachment.creation_time.unwrap_or(self.now),
            });
        }
    }

    /// Attaches VPN connections whose attachments no file describes.
    pub(super) fn attach_transit_vpns(&mut self) {
        let all = self.model.vpn_connections.iter();
        let ends: Vec<(Scope, String, String)> = all
            .filter(|vpn| self.model.transit_vpns.by(&vpn.id).next().is_none())
            .filter_map(|vpn| Some((vpn.scope.clone(), vpn.transit_gateway.clone()?, vpn.id.clone())))
            .collect();
        for (scope, gateway, connection) in ends {
            let caller = Caller::of_account(scope, self.now);
            if let Err(why) = self.model.attach_transit_vpn(&caller, &gateway, &connection) {
                self.leave_out(format!("the attachment of {connection} to {gateway}: {why}"));
            }
        }
    }

    /// The static routes of a table. Propagated ones follow from the propagations.
    pub(super) fn transit_routes(&mut self, id: &str, routes: ec2::SearchTransitGatewayRoutesResult) {
        let Some(mut table) = self.transit_table(id) else { return };
        for route in routes.routes {
            if route.r#type.as_deref() == Some("propagated") {
                continue;
            }
            let Some(destination) = self.parsed(id, "route", route.destination_cidr_block) else { continue };
            let to = route.transit_gateway_attachments.into_iter().next();
            let attachment = to.and_then(|to| to.transit_gateway_attachment_id);
            match &attachment {
                Some(to) if !self.is_attachment(to) => {
                    self.leave_out(format!("{id}: its route {destination} → {to}, which is left out"));
                }
                _ => self.add_transit_route(&mut table, destination, attachment, route.prefix_list_id),
            }
        }
        self.model.transit_route_tables.adopt(table);
    }

    /// A static route, or the reference to a list that it comes by. A list that is not in the files leaves its routes.
    fn add_transit_route(
        &self,
        table: &mut TransitGatewayRouteTable,
        destination: IpNet,
        attachment: Option<String>,
        list: Option<String>,
    ) {
        match list.filter(|list| self.model.prefix_lists.get(list).is_some()) {
            Some(list) if table.references.iter().any(|reference| reference.list == list) => {}
            Some(list) => table.references.push(PrefixListReference { list, attachment }),
            None => table.routes.push(TransitGatewayRoute { destination, attachment, propagated: false, list: None }),
        }
    }

    /// A table's propagations.
    pub(super) fn transit_propagations(
        &mut self,
        id: &str,
        propagations: ec2::GetTransitGatewayRouteTablePropagationsResult,
    ) {
        let Some(mut table) = self.transit_table(id) else { return };
        for from in propagations.transit_gateway_route_table_propagations {
            let Some(attachment) = from.transit_gateway_attachment_id else { continue };
            if self.is_attachment(&attachment) && !table.propagations.contains(&attachment) {
                table.propagations.push(attachment);
            }
        }
        self.model.transit_route_tables.adopt(table);
    }

    fn is_attachment(&self, id: &str) -> bool {
        self.model.transit_attachments.get(id).is_some()
            || self.model.transit_vpns.get(id).is_some()
            || self.model.transit_peerings.get(id).is_some()
            || self.model.transit_connects.get(id).is_some()
    }

    fn transit_table(&mut self, id: &str) -> Option<TransitGatewayRouteTable> {
        let table = self.model.transit_route_tables.get(id).cloned();
        if table.is_none() {
            self.leave_out(format!("the routes of {id}, which is not in the files"));
        }
        table
    }
}
