//! The connections of VPCs: gateways of all kinds, peering connections, endpoints.

use super::network::number;
use super::{Importer, tags, v4, vpn_tunnels};
use model::{
    Acceptance, CarrierGateway, CustomerGateway, EgressOnlyInternetGateway, IdKind, InterfaceEndpoint, InternetGateway,
    NatGateway, NatState, PeeringOptions, PeeringSide, PeeringStatus, Scope, VpcEndpoint, VpcPeeringConnection,
    VpnConnection, VpnGateway, VpnOptions, VpnTunnel,
};
use shapes::ec2;
use std::net::Ipv4Addr;

impl Importer<'_> {
    pub(super) fn internet_gateway(&mut self, scope: &Scope, gateway: ec2::InternetGateway) {
        let Some(id) = self.id(IdKind::InternetGateway, gateway.internet_gateway_id) else { return };
        let vpc = self.attached_to(&id, gateway.attachments.into_iter().next().and_then(|at| at.vpc_id));
        let (scope, tags) = (scope.clone(), tags(gateway.tags));
        self.model.internet_gateways.adopt(InternetGateway { id, scope, tags, vpc });
    }

    /// The VPC that a gateway is attached to, if it was imported.
    fn attached_to(&mut self, gateway: &str, vpc: Option<String>) -> Option<String> {
        vpc.and_then(|vpc| self.vpc_of(gateway, Some(vpc)))
    }

    pub(super) fn egress_only_gateway(&mut self, scope: &Scope, gateway: ec2::EgressOnlyInternetGateway) {
        let id = gateway.egress_only_internet_gateway_id;
        let Some(id) = self.id(IdKind::EgressOnlyInternetGateway, id) else { return };
        let vpc = gateway.attachments.into_iter().next().and_then(|at| at.vpc_id);
        let Some(vpc) = self.vpc_of(&id, vpc) else { return };
        let (scope, tags) = (scope.clone(), tags(gateway.tags));
        self.model.egress_only_gateways.adopt(EgressOnlyInternetGateway { id, scope, tags, vpc });
    }

    pub(super) fn carrier_gateway(&mut self, scope: &Scope, gateway: ec2::CarrierGateway) {
        let Some(id) = self.id(IdKind::CarrierGateway, gateway.carrier_gateway_id) else { return };
        if gateway.state.is_some_and(|state| state.starts_with("delet")) {
            return self.leave_out(format!("{id} is deleted"));
        }
        let Some(vpc) = self.vpc_of(&id, gateway.vpc_id) else { return };
        let (scope, tags) = (scope.clone(), tags(gateway.tags));
        self.model.carrier_gateways.adopt(CarrierGateway { id, scope, tags, vpc });
    }

    pub(super) fn customer_gateway(&mut self, scope: &Scope, gateway: ec2::CustomerGateway) {
        let Some(id) = self.id(IdKind::CustomerGateway, gateway.customer_gateway_id) else { return };
        if gateway.state.is_some_and(|state| state.starts_with("delet")) {
            return self.leave_out(format!("{id} is deleted"));
        }
        let Some(address) = self.parsed(&id, "IpAddress", gateway.ip_address) else { return };
        let asn = number(gateway.bgp_asn).or(number(gateway.bgp_asn_extended)).unwrap_or(65_000);
        let (scope, tags, number) = (scope.clone(), tags(gateway.tags), self.model.number());
        let (device, certificate) = (gateway.device_name, gateway.certificate_arn);
        self.model.customer_gateways.adopt(CustomerGateway {
            id,
            scope,
            tags,
            number,
            address,
            asn,
            device,
            certificate,
        });
    }

    pub(super) fn vpn_gateway(&mut self, scope: &Scope, gateway: ec2::VpnGateway) {
        let Some(id) = self.id(IdKind::VpnGateway, gateway.vpn_gateway_id) else { return };
        if gateway.state.is_some_and(|state| state.starts_with("delet")) {
            return self.leave_out(format!("{id} is deleted"));
        }
        let attached = |at: &ec2::VpcAttachment| at.state.as_ref().is_none_or(|state| state.starts_with("attach"));
        let vpc = gateway.vpc_attachments.into_iter().find(attached).and_then(|at| at.vpc_id);
        let vpc = self.attached_to(&id, vpc);
        let asn = gateway.amazon_side_asn.and_then(|asn| u64::try_from(asn).ok()).unwrap_or(64_512);
        let (scope, tags, zone) = (scope.clone(), tags(gateway.tags), gateway.availability_zone);
        self.model.vpn_gateways.adopt(VpnGateway { id, scope, tags, vpc, detached: None, asn, zone });
    }

    pub(super) fn vpn_connection(&mut self, scope: &Scope, vpn: ec2::VpnConnection) {
        let Some(id) = self.id(IdKind::VpnConnection, vpn.vpn_connection_id) else { return };
        if vpn.state.is_some_and(|state| state.starts_with("delet")) {
            return self.leave_out(format!("{id} is deleted"));
        }
        let vpn_gateway = vpn.vpn_gateway_id.filter(|gateway| self.model.vpn_gateways.get(gateway).is_some());
        let is_transit = |gateway: &String| self.model.transit_gateways.get(gateway).is_some();
        let transit_gateway = vpn.transit_gateway_id.filter(|gateway| vpn_gateway.is_none() && is_transit(gateway));
        if vpn_gateway.is_none() && transit_gateway.is_none() {
            return self.leave_out(format!("{id}: it has no gateway of the cloud's that is in the files"));
        }
        let customer_gateway = vpn.customer_gateway_id.filter(|site| self.model.customer_gateways.get(site).is_some());
        let Some(customer_gateway) = customer_gateway else {
            return self.leave_out(format!("{id}: its customer gateway is not in the files"));
        };
        let created = vpn.vgw_telemetry.iter().filter_map(|tunnel| tunnel.last_status_change).min();
        let mut tunnels = vpn.vgw_telemetry.into_iter().filter_map(|tunnel| number(tunnel.outside_ip_address));
        let mut tunnel = || tunnels.next().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let said = vpn.options.unwrap_or_default();
        let block = |block: Option<&String>| v4(block).unwrap_or_default();
        let mut options = VpnOptions {
            acceleration: said.enable_acceleration == Some(true),
            local: block(said.local_ipv4_network_cidr.as_ref()),
            remote: block(said.remote_ipv4_network_cidr.as_ref()),
            ..VpnOptions::default()
        };
        // An anonymised connection has no key.
        let mut keys = said.tunnel_options.iter().filter_map(|told| told.pre_shared_key.clone());
        let key = keys.next().unwrap_or_default();
        for (tunnel, said) in options.tunnels.iter_mut().zip(said.tunnel_options) {
            let own_key = said.pre_shared_key.clone().filter(|own| *own != key);
            *tunnel = VpnTunnel { key: own_key, ..vpn_tunnels::tunnel(said) };
        }
        self.model.vpn_connections.adopt(VpnConnection {
            id,
            scope: scope.clone(),
            tags: tags(vpn.tags),
            vpn_gateway,
            transit_gateway,
            customer_gateway,
            static_routes: said.static_routes_only == Some(true),
            routes: vpn.routes.into_iter().filter_map(|route| v4(route.destination_cidr_block.as_ref())).collect(),
            tunnels: [tunnel(), tunnel()],
            key,
            options,
            created: created.unwrap_or(self.now),
            deleted: None,
        });
    }

    pub(super) fn peering(&mut self, scope: &Scope, peering: ec2::VpcPeeringConnection) {
        let Some(id) = self.id(IdKind::VpcPeeringConnection, peering.vpc_peering_connection_id) else { return };
        let code = peering.status.and_then(|status| status.code).unwrap_or_else(|| "active".into());
        let noted = match code.as_str() {
            "active" => PeeringStatus::Active,
            "pending-acceptance" | "initiating-request" | "provisioning" => PeeringStatus::PendingAcceptance,
            _ => return self.leave_out(format!("{id} is {code}")),
        };
        let requester = peering.requester_vpc_info.and_then(|side| self.peering_side(scope, &id, side));
        let accepter = peering.accepter_vpc_info.and_then(|side| self.peering_side(scope, &id, side));
        let (Some(requester), Some(accepter)) = (requester, accepter) else { return };
        let (own_tags, foreign_tags) = match requester.scope == *scope {
            true => (tags(peering.tags), Default::default()),
            false => (Default::default(), tags(peering.tags)),
        };
        let expires = peering.expiration_time;
        let since = expires.map_or(self.now, |expires| {
            let life = u64::try_from(model::PEERING_REQUEST_LIFE.as_millis()).unwrap_or(0);
            model::Time(expires.0.saturating_sub(life))
        });
        // The exports of both owners have it, each with its own tags and options.
        let known = self.model.peerings.get(&id).cloned();
        let mut row = known.unwrap_or_else(|| VpcPeeringConnection {
            id,
            scope: requester.scope.clone(),
            tags: Default::default(),
            accepter_tags: Default::default(),
            requester: requester.clone(),
            accepter: accepter.clone(),
            noted,
            since,
            deleted_by: None,
        });
        row.tags.extend(own_tags);
        row.accepter_tags.extend(foreign_tags);
        for (side, told) in [(&mut row.requester, requester), (&mut row.accepter, accepter)] {
            if told.options != PeeringOptions::default() {
                side.options = told.options;
            }
        }
        self.model.peerings.adopt(row);
    }

    fn peering_side(
        &mut self,
        scope: &Scope,
        peering: &str,
        side: ec2::VpcPeeringConnectionVpcInfo,
    ) -> Option<PeeringSide> {
        let Some(vpc) = side.vpc_id else {
            self.leave_out(format!("{peering}: it names no VPC at one side"));
            return None;
        };
        let known = self.model.vpcs.get(&vpc).map(|vpc| vpc.scope.clone());
        let told = || Scope {
            account: side.owner_id.clone().unwrap_or_else(|| scope.account.clone()),
            region: side.region.clone().unwrap_or_else(|| scope.region.clone()),
        };
        let is_known = known.is_some();
        let scope = known.unwrap_or_else(told);
        if !is_known {
            self.leave_out(format!("{peering}: its VPC {vpc} is not in the files, so it leads nowhere"));
        }
        let options = side.peering_options.unwrap_or_default();
        let options = PeeringOptions {
            dns_from_peer: options.allow_dns_resolution_from_remote_vpc == Some(true),
            links_to_peer: options.allow_egress_from_local_classic_link_to_remote_vpc == Some(true),
            vpc_to_peer_links: options.allow_egress_from_local_vpc_to_remote_classic_link == Some(true),
        };
        Some(PeeringSide { scope, vpc, options })
    }

    /// A gateway endpoint. Interface endpoints come later, when their interfaces exist.
    pub(super) fn gateway_endpoint(&mut self, scope: &Scope, endpoint: ec2::VpcEndpoint) {
        match endpoint.vpc_endpoint_type.as_deref() {
            None | Some("Gateway") => {}
            Some("Interface") => return,
            Some(kind) => {
                let id = endpoint.vpc_endpoint_id.unwrap_or_default();
                return self.leave_out(format!("{id}: endpoints of the kind {kind} are not known here"));
            }
        }
        let Some(id) = self.id(IdKind::VpcEndpoint, endpoint.vpc_endpoint_id) else { return };
        let Some(vpc) = self.vpc_of(&id, endpoint.vpc_id) else { return };
        let Ok(address) = self.model.new_public(None) else {
            return self.leave_out(format!("{id}: there is no public address left for it"));
        };
        let (scope, tags, number) = (scope.clone(), tags(endpoint.tags), self.model.number());
        self.model.vpc_endpoints.adopt(VpcEndpoint {
            id,
            scope,
            tags,
            number,
            vpc,
            service: endpoint.service_name.unwrap_or_default(),
            address: Some(address.address),
            interface: None,
            policy: endpoint.policy_document.unwrap_or_else(|| VpcEndpoint::OPEN.to_owned()),
            created: endpoint.creation_timestamp.unwrap_or(self.now),
        });
    }

    /// An interface endpoint. Its hosts get the network interfaces that belong to it, or new ones.
    pub(super) fn interface_endpoint(&mut self, scope: &Scope, endpoint: ec2::VpcEndpoint) {
        if endpoint.vpc_endpoint_type.as_deref() != Some("Interface") {
            return;
        }
        let Some(id) = self.id(IdKind::VpcEndpoint, endpoint.vpc_endpoint_id) else { return };
        let Some(vpc) = self.vpc_of(&id, endpoint.vpc_id) else { return };
        let groups = endpoint.groups.into_iter().filter_map(|group| group.group_id).collect();
        let acceptance = endpoint.state.as_deref().and_then(|word| Acceptance::read("State", word).ok());
        let number = self.model.number();
        let private_dns = endpoint.private_dns_enabled == Some(true);
        let service = endpoint.service_name.unwrap_or_default();
        let offered_name = self.offered_name(&service).filter(|_| private_dns);
        self.model.vpc_endpoints.adopt(VpcEndpoint {
            id: id.clone(),
            scope: scope.clone(),
            tags: tags(endpoint.tags),
            number,
            vpc,
            address: None,
            interface: Some(InterfaceEndpoint {
                groups,
                private_dns,
                acceptance: acceptance.unwrap_or_default(),
                offered_name,
                record_type: endpoint.dns_options.and_then(|options| options.dns_record_ip_type),
            }),
            policy: endpoint.policy_document.unwrap_or_else(|| VpcEndpoint::OPEN.to_owned()),
            created: endpoint.creation_timestamp.unwrap_or(self.now),
            service,
        });
        for subnet in endpoint.subnet_ids {
            let mut known =
                endpoint.network_interface_ids.iter().filter_map(|id| self.model.network_interfaces.get(id));
            let interface = known.find(|interface| interface.subnet == subnet).map(|interface| interface.id.clone());
            let attached = interface.as_ref().and_then(|interface| self.attached.get(interface).cloned());
            if let Err(why) = self.model.adopt_endpoint_host(&id, &subnet, interface, attached) {
                self.leave_out(format!("{id}: its subnet {subnet}: {why}"));
            }
        }
    }

    pub(super) fn nat_gateway(&mut self, scope: &Scope, gateway: ec2::NatGateway) {
        let Some(id) = self.id(IdKind::NatGateway, gateway.nat_gateway_id) else { return };
        let state = gateway.state.unwrap_or_else(|| "available".into());
        if !matches!(state.as_str(), "available" | "pending") {
            return self.leave_out(format!("{id} is {state}"));
        }
        let Some(vpc) = self.vpc_of(&id, gateway.vpc_id) else { return };
        let Some(subnet) = gateway.subnet_id.filter(|subnet| self.model.subnets.get(subnet).is_some()) else {
            return self.leave_out(format!("{id}: its subnet is not in the files"));
        };
        let mut addresses: Vec<_> = gateway.nat_gateway_addresses.into_iter().collect();
        addresses.sort_by_key(|address| address.is_primary != Some(true));
        let has_others = addresses.len() > 1;
        let Some(address) = addresses.into_iter().next() else {
            return self.leave_out(format!("{id}: it has no address"));
        };
        let seen = if address.allocation_id.is_some() { address.public_ip } else { address.private_ip.clone() };
        let Some(public) = self.parsed(&id, "address", seen) else { return };
        let interface = address.network_interface_id;
        let interface = interface.filter(|id| self.model.network_interfaces.get(id).is_some());
        // The others are addresses of its network interface.
        if has_others && interface.is_none() {
            self.leave_out(format!(
                "{id}: its second and further addresses: its network interface is not in the files"
            ));
        }
        let own_number = self.model.number();
        self.model.nat_gateways.adopt(NatGateway {
            id,
            scope: scope.clone(),
            tags: tags(gateway.tags),
            number: own_number,
            vpc,
            subnet,
            allocation: address.allocation_id,
            public,
            interface,
            private: number(address.private_ip),
            state: NatState::Available,
            created: gateway.create_time.unwrap_or(self.now),
            ended: None,
        });
    }
}
