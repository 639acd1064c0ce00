//! The cloud's resources behind the dataplane's numbers, as parts of a path.

use super::{header, passes};
use crate::explain::names::{Named, Names};
use ipnet::{IpNet, Ipv4Net};
use model::{Destination, Model, NetworkInterface, PathPart, PathRule, Subnet, Target, TransitGatewayRouteTable};
use wire::{AclId, AttachmentId, Direction, FilterId, FiveTuple, RuleId, SegmentId, Step, TableId};

/// AWS's code for what VPC Block Public Access blocks.
pub const BLOCKED: &str = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED";

/// Finds parts in a model.
pub struct Parts<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its resources by number.
    pub names: Names<'a>,
}

impl Parts<'_> {
    /// The parts that a packet passes, in AWS's order: the sender, the rules for leaving, the routes, the rules for
    /// arriving, the receiver.
    pub fn of(&self, steps: &[Step], packet: FiveTuple) -> Vec<PathPart> {
        let (mut ends, mut leaving, mut routes, mut arriving) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut now = packet;
        for step in steps {
            match step {
                Step::Route { table, prefix, by, .. } => {
                    ends.extend(self.end(*by, now));
                    routes.extend(self.routed(*table, *prefix));
                }
                Step::Onward { table, prefix, .. } => routes.extend(self.routed(*table, *prefix)),
                Step::Filter { direction: Direction::Egress, rule, .. } => leaving.extend(self.filter(*rule)),
                Step::Filter { rule, .. } => arriving.extend(self.filter(*rule)),
                Step::Acl { segment, direction, acl, rule } => {
                    let part = self.acl(*segment, *acl, *direction, Some(*rule));
                    if *direction == Direction::Egress { leaving.extend(part) } else { arriving.extend(part) }
                }
                Step::Translated { packet } => now = *packet,
                Step::Delivered { attachment, .. } => {
                    let receiver = self.end(*attachment, now).into_iter().rev();
                    arriving.extend(receiver);
                }
                _ => {}
            }
        }
        [ends, leaving, routes, arriving].into_iter().flatten().collect()
    }

    /// The sender or receiver: the instance and its interface.
    fn end(&self, id: AttachmentId, packet: FiveTuple) -> Vec<PathPart> {
        let Some(interface) = self.interface(id) else { return self.attachment(id).into_iter().collect() };
        let instance = interface.instance().map(|id| PathPart { id: id.to_owned(), ..PathPart::default() });
        let part = self.attachment(id).map(|part| PathPart { header: Some(header(packet)), ..part });
        instance.into_iter().chain(part).collect()
    }

    /// The network interface of an attachment in a VPC.
    fn interface(&self, id: AttachmentId) -> Option<&NetworkInterface> {
        match self.names.resource(id.0)? {
            Named::Interface(_, interface) => Some(interface),
            Named::Managed(host) => self.model.network_interfaces.get(host.interface()?),
            _ => None,
        }
    }

    /// The network interface of an attachment, or the instance in EC2-Classic that has it.
    pub fn attachment(&self, id: AttachmentId) -> Option<PathPart> {
        if let Some(interface) = self.interface(id) {
            let (vpc, subnet) = (Some(interface.vpc.clone()), Some(interface.subnet.clone()));
            return Some(PathPart { id: interface.id.clone(), vpc, subnet, ..PathPart::default() });
        }
        let Named::Presence(instance, _) = self.names.resource(id.0)? else { return None };
        Some(PathPart { id: instance.id.clone(), ..PathPart::default() })
    }

    /// Whether VPC Block Public Access blocks a part, if it is an interface.
    pub fn is_blocked(&self, part: &PathPart) -> bool {
        let interface = self.model.network_interfaces.get(&part.id);
        interface.is_some_and(|interface| self.model.blocks_interface(interface))
    }

    fn filter(&self, rule: Option<(FilterId, RuleId)>) -> Option<PathPart> {
        let (filter, rule) = rule?;
        let Named::Group(group) = self.names.resource(filter.0)? else { return None };
        let rule = group.rules.iter().find(|of_group| of_group.number() == rule.0).cloned();
        let (id, vpc) = (group.id.clone(), group.vpc.clone());
        Some(PathPart { id, vpc, rule: rule.map(PathRule::Group), ..PathPart::default() })
    }

    /// A network ACL at a subnet's boundary, and its rule. Without a match it is the last rule, which AWS adds itself.
    pub fn acl(&self, segment: SegmentId, id: AclId, direction: Direction, rule: Option<u16>) -> Option<PathPart> {
        let Named::Other(acl, _) = self.names.resource(id.0)? else { return None };
        let acl = self.model.network_acls.get(acl)?;
        let egress = direction == Direction::Egress;
        let entry = acl.entries.iter().find(|entry| entry.egress == egress && Some(entry.number) == rule);
        let subnet = match self.names.resource(segment.0) {
            Some(Named::Subnet(subnet)) => Some(subnet.id.clone()),
            _ => None,
        };
        Some(PathPart {
            id: acl.id.clone(),
            vpc: Some(acl.vpc.clone()),
            subnet,
            rule: entry.cloned().map(PathRule::Acl),
            header: None,
        })
    }

    /// A route, and its target.
    fn routed(&self, table: TableId, prefix: Ipv4Net) -> Vec<PathPart> {
        let route = self.route(table, prefix);
        let target = route.as_ref().and_then(|part| match &part.rule {
            Some(PathRule::Route(route, _)) if passes(&route.target) => route.target.id(),
            Some(PathRule::Transit(route, _)) => route.attachment.as_deref(),
            _ => None,
        });
        let target = target.map(|id| PathPart { id: id.to_owned(), ..PathPart::default() });
        route.clone().into_iter().chain(target).collect()
    }

    /// A transit gateway's table.
    pub fn transit_table(&self, table: TableId) -> Option<&TransitGatewayRouteTable> {
        match self.names.resource(table.0)? {
            Named::TransitTable(table) => Some(table),
            _ => None,
        }
    }

    /// The subnet of a table, which may be the table for packets that a transit gateway brings there.
    fn subnet(&self, table: TableId) -> Option<&Subnet> {
        match self.names.resource(table.0)? {
            Named::Subnet(subnet) => Some(subnet),
            Named::Entrance(attachment) => self.model.subnets.get(&attachment.subnets.first()?.subnet),
            _ => None,
        }
    }

    /// A route table, as its owner knows it.
    pub fn table(&self, table: TableId) -> Option<PathPart> {
        if let Some(row) = self.transit_table(table) {
            return Some(PathPart { id: row.id.clone(), ..PathPart::default() });
        }
        let subnet = self.subnet(table)?;
        let id = self.model.route_table_of(&subnet.id)?.id.clone();
        let (vpc, subnet) = (Some(subnet.vpc.clone()), Some(subnet.id.clone()));
        Some(PathPart { id, vpc, subnet, ..PathPart::default() })
    }

    /// A route of a table.
    pub fn route(&self, table: TableId, prefix: Ipv4Net) -> Option<PathPart> {
        let part = self.table(table)?;
        let rule = match self.transit_table(table) {
            Some(row) => {
                let mut routes = self.model.transit_routes(row).into_iter();
                let route = routes.find(|route| route.destination == IpNet::V4(prefix));
                route.map(|route| PathRule::Transit(route.clone(), self.model.transit_route_is_active(&route)))
            }
            None => {
                let rows = self.model.route_tables.get(&part.id)?;
                let route = rows.routes.iter().find(|route| route.destination == Destination::V4(prefix));
                route.map(|route| PathRule::Route(route.clone(), self.model.route_is_active(rows, route)))
            }
        };
        Some(PathPart { rule, ..part })
    }

    /// AWS's code for a route whose target takes no packets.
    pub fn blackhole_code(&self, table: TableId, prefix: Ipv4Net) -> &'static str {
        if self.transit_table(table).is_some() {
            return "TGW_RTB_BAD_STATE_ROUTE";
        }
        let target = self.route(table, prefix).and_then(|part| match part.rule {
            Some(PathRule::Route(route, true)) => Some(route.target),
            _ => None,
        });
        if let Some(Target::NatGateway(id)) = &target
            && self.model.nat_gateways.get(id).is_some_and(|gateway| self.model.blocks_nat_gateway(gateway))
        {
            return BLOCKED;
        }
        let (Some(Target::TransitGateway(gateway)), Some(subnet)) = (target, self.subnet(table)) else {
            return "BAD_STATE_ROUTE";
        };
        match self.model.transit_attachment_of(&gateway, &subnet.vpc) {
            Some(attachment) if !self.model.transits_zone(attachment, &subnet.zone) => "TGW_ATTACH_VPC_AZ_RESTRICTION",
            Some(attachment) if attachment.association.is_none() => "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION",
            _ => "BAD_STATE_ROUTE",
        }
    }
}
