//! VPCs, their subnets, and what connects them.

use super::{Entries, Writer, is_default, say_owner};
use model::{
    IdKind, NatGateway, PeeringOptions, PeeringStatus, Resource, RouteTable, Subnet, Target, Tenancy, Vpc, VpcEndpoint,
    VpcPeeringConnection,
};
use serde_json::{Value as Json, json};

impl Writer<'_> {
    pub(super) fn vpcs(&mut self) -> Entries {
        let used: Vec<&Vpc> = self.model.vpcs.iter().filter(|vpc| !self.is_made_anew(vpc)).collect();
        used.into_iter().map(|vpc| self.vpc(vpc)).collect()
    }

    /// Whether a VPC is a default one that the platform makes by itself, with nothing in it.
    fn is_made_anew(&self, vpc: &Vpc) -> bool {
        let mut interfaces = self.model.network_interfaces.iter();
        vpc.default
            && !vpc.classic_link
            && !interfaces.any(|interface| interface.vpc == vpc.id)
            && self.model.active_peerings(&vpc.id).next().is_none()
    }

    fn vpc(&mut self, vpc: &Vpc) -> (String, Json) {
        let mut entry = json!({"CidrBlock": vpc.cidr().to_string()});
        let others: Vec<String> = vpc.blocks().skip(1).map(|block| block.to_string()).collect();
        if !others.is_empty() {
            entry["SecondaryCidrBlocks"] = json!(others);
        }
        match vpc.tenancy {
            Tenancy::Default => {}
            Tenancy::Dedicated | Tenancy::Host => entry["InstanceTenancy"] = json!("dedicated"),
        }
        if vpc.classic_link {
            entry["classic-link"] = json!(true);
        }
        say_owner(&mut entry, vpc.scope());
        let options = vpc.dhcp_options.as_ref().and_then(|id| self.model.dhcp_options.get(id));
        let without_words = [
            (!vpc.ipv6.is_empty(), "its IPv6 blocks"),
            (!options.is_some_and(|options| options.default), "its DHCP options"),
            (!vpc.dns_support || vpc.dns_hostnames || vpc.classic_link_dns, "its DNS attributes"),
        ];
        for (_, what) in without_words.iter().filter(|(is_so, _)| *is_so) {
            self.leave_out(format!("{}: {what}", vpc.id));
        }
        self.entry(&vpc.id, entry)
    }

    /// A gateway that is attached to a VPC that is written.
    fn in_vpc(&mut self, id: &str, vpc: Option<&String>) -> Option<(String, Json)> {
        let vpc = vpc.filter(|vpc| self.is_written(IdKind::Vpc, vpc))?;
        let entry = json!({"VpcId": self.name(vpc)});
        Some(self.entry(id, entry))
    }

    pub(super) fn internet_gateways(&mut self) -> Entries {
        let all = self.model.internet_gateways.iter();
        all.filter_map(|gateway| self.in_vpc(&gateway.id, gateway.vpc.as_ref())).collect()
    }

    pub(super) fn vpn_gateways(&mut self) -> Entries {
        let all = self.model.vpn_gateways.iter();
        all.filter_map(|gateway| self.in_vpc(&gateway.id, gateway.vpc.as_ref())).collect()
    }

    pub(super) fn subnets(&mut self) -> Entries {
        let all = self.model.subnets.iter();
        let entry = |subnet: &Subnet| {
            let Some(cidr) = subnet.cidr else {
                self.leave_out(format!("{}: it has IPv6 addresses only", subnet.id));
                return None;
            };
            let (_, mut entry) = self.in_vpc(&subnet.id, Some(&subnet.vpc))?;
            entry["CidrBlock"] = json!(cidr.to_string());
            Some((self.name(&subnet.id), entry))
        };
        all.filter_map(entry).collect()
    }

    pub(super) fn nat_gateways(&mut self) -> Entries {
        let available = self.model.nat_gateways.iter().filter(|gateway| gateway.is_available());
        let entry = |gateway: &NatGateway| {
            let mut entry = json!({"SubnetId": self.name(&gateway.subnet)});
            if gateway.is_private() {
                entry["ConnectivityType"] = json!("private");
                entry["PrivateIpAddress"] = json!(gateway.public);
            }
            self.is_written(IdKind::Subnet, &gateway.subnet).then(|| self.entry(&gateway.id, entry))
        };
        available.filter_map(entry).collect()
    }

    /// Remote sites. Scenarios have sites and connections to them in the default account only.
    pub(super) fn customer_gateways(&mut self) -> Entries {
        let mut entries = Entries::new();
        for gateway in self.model.customer_gateways.iter() {
            match is_default(gateway.scope()) {
                true => entries.push(self.entry(&gateway.id, json!({"IpAddress": gateway.address}))),
                false => self.leave_out(format!("{}: it is another account's, or in another Region", gateway.id)),
            }
        }
        entries
    }

    pub(super) fn vpn_connections(&mut self) -> Entries {
        let mut entries = Entries::new();
        for vpn in self.model.vpn_connections.iter().filter(|vpn| vpn.is_up()) {
            let (inside, outside) = (vpn.gateway(), &vpn.customer_gateway);
            let has_ends =
                self.is_written(IdKind::VpnGateway, inside) && self.is_written(IdKind::CustomerGateway, outside);
            if !is_default(vpn.scope()) || !has_ends {
                self.leave_out(format!("{}: one of its ends is left out, or attached to nothing", vpn.id));
                continue;
            }
            let routes: Vec<String> = vpn.routes.iter().map(ToString::to_string).collect();
            let entry = json!({"VpnGatewayId": inside, "CustomerGatewayId": outside, "routes": routes});
            entries.push(self.entry(&vpn.id, entry));
        }
        entries
    }

    pub(super) fn peerings(&mut self) -> Entries {
        let all = self.model.peerings.iter();
        all.filter_map(|peering| self.peering(peering)).collect()
    }

    fn peering(&mut self, peering: &VpcPeeringConnection) -> Option<(String, Json)> {
        let status = peering.status(self.now);
        if !matches!(status, PeeringStatus::Active | PeeringStatus::PendingAcceptance) {
            return None;
        }
        let (requester, accepter) = (&peering.requester, &peering.accepter);
        let has_ends = [requester, accepter].iter().all(|side| self.is_written(IdKind::Vpc, &side.vpc));
        if !has_ends {
            self.leave_out(format!("{}: one of its VPCs is not there", peering.id));
            return None;
        }
        let mut entry = json!({"VpcId": self.name(&requester.vpc), "PeerVpcId": self.name(&accepter.vpc)});
        if status == PeeringStatus::PendingAcceptance {
            entry["pending"] = json!(true);
        }
        for (side, name) in [(requester, "Requester"), (accepter, "Accepter")] {
            let options = option_names(&side.options);
            if !options.is_empty() {
                entry[format!("{name}PeeringConnectionOptions")] = json!(options);
            }
        }
        Some(self.entry(&peering.id, entry))
    }

    pub(super) fn endpoints(&mut self) -> Entries {
        let all = self.model.vpc_endpoints.iter();
        all.filter_map(|endpoint| self.endpoint(endpoint)).collect()
    }

    fn endpoint(&mut self, endpoint: &VpcEndpoint) -> Option<(String, Json)> {
        if endpoint.interface.is_some() {
            self.leave_out(format!("{}: it is an interface endpoint", endpoint.id));
            return None;
        }
        let (_, mut entry) = self.in_vpc(&endpoint.id, Some(&endpoint.vpc))?;
        let target = Target::VpcEndpoint(endpoint.id.clone());
        let leads_there = |table: &&RouteTable| table.routes.iter().any(|route| route.target == target);
        let tables = self.model.route_tables.iter().filter(leads_there);
        let tables = tables.filter(|table| self.is_written(IdKind::RouteTable, &table.id));
        entry["ServiceName"] = json!(endpoint.service);
        entry["RouteTableIds"] = tables.map(|table| json!(self.name(&table.id))).collect();
        if endpoint.policy != VpcEndpoint::OPEN {
            self.leave_out(format!("{}: its policy", endpoint.id));
        }
        Some((self.name(&endpoint.id), entry))
    }
}

/// The API's names of the enabled options.
fn option_names(options: &PeeringOptions) -> Vec<&'static str> {
    let names = [
        (options.dns_from_peer, "AllowDnsResolutionFromRemoteVpc"),
        (options.links_to_peer, "AllowEgressFromLocalClassicLinkToRemoteVpc"),
        (options.vpc_to_peer_links, "AllowEgressFromLocalVpcToRemoteClassicLink"),
    ];
    names.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name).collect()
}
