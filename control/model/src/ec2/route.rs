//! Routes, which users create, replace and delete. Those of the platform stay (semantics.md §5.1, §5.2).

use crate::ec2::classic_link::is_classic;
use crate::ec2::prefix_list::check_list_in;
use crate::{
    Caller, Destination, Error, IdKind, Model, Origin, PrefixList, Result, Route, RouteTable, Subnet, Target,
    VpcPeeringConnection,
};
use ipnet::{Ipv4Net, Ipv6Net};

/// The most static routes of a table.
const ROUTES: usize = 50;

/// The target of a route, as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetSpec {
    /// A resource by its id.
    Target(Target),
    /// An instance, which stands for its only network interface.
    Instance(String),
}

impl Destination {
    /// The destination with the bits beyond the prefix cleared, as EC2 stores it.
    fn canonical(self) -> Destination {
        match self {
            Destination::V4(net) => Destination::V4(net.trunc()),
            Destination::V6(net) => Destination::V6(net.trunc()),
            list => list,
        }
    }

    /// Whether it is within another destination.
    pub(crate) fn within(&self, other: &Destination) -> bool {
        match (self, other) {
            (Destination::V4(net), Destination::V4(other)) => Ipv4Net::contains(other, net),
            (Destination::V6(net), Destination::V6(other)) => Ipv6Net::contains(other, net),
            _ => false,
        }
    }
}

impl Route {
    fn is_static(&self) -> bool {
        self.origin != Origin::EnableVgwRoutePropagation
    }
}

impl RouteTable {
    /// The route to exactly that destination, unless it is propagated.
    fn static_route(&self, destination: &Destination) -> Option<&Route> {
        self.routes.iter().find(|route| route.is_static() && route.destination == *destination)
    }

    /// The routes of the platform whose destination contains another one.
    fn platforms_around(&self, destination: &Destination) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(move |route| route.is_platforms() && destination.within(&route.destination))
    }

    /// Checks that a destination is not within 10.0.0.0/8 while that is ClassicLink's (M17).
    pub(crate) fn refuse_inside_classic_link(&self, destination: &Destination) -> Result<()> {
        match self.platforms_around(destination).any(is_classic) {
            true => Err(Error::RouteInsideClassicLink { cidr: destination.to_string(), table: self.id.clone() }),
            false => Ok(()),
        }
    }
}

impl RouteTable {
    /// The effective routes. A propagated route yields to a local route that contains it, and to a static one with the same destination
    /// (semantics.md §5.1). Of the others the longest prefix wins.
    pub fn effective_routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(|route| route.is_static() || !self.overrules(route))
    }

    /// The effective route for all of an IPv4 block.
    pub fn longest(&self, net: &Ipv4Net) -> Option<&Route> {
        let around = self.effective_routes().filter_map(|route| match &route.destination {
            Destination::V4(prefix) if prefix.contains(net) => Some((prefix.prefix_len(), route)),
            _ => None,
        });
        around.max_by_key(|(length, _)| *length).map(|(_, route)| route)
    }

    fn overrules(&self, propagated: &Route) -> bool {
        self.platforms_around(&propagated.destination).next().is_some()
            || self.static_route(&propagated.destination).is_some()
    }
}

fn check_local_target(destination: &Destination, target: &Target) -> Result<()> {
    match target {
        Target::Local | Target::NetworkInterface(_) | Target::NatGateway(_) => Ok(()),
        other => {
            let target = other.id().unwrap_or_default().to_owned();
            Err(Error::LocalTarget { cidr: destination.to_string(), target })
        }
    }
}

impl Model {
    /// CreateRoute. The same route again is no error, another target for its destination is. Within a local route only the block of a whole
    /// subnet is allowed, and within ClassicLink's 10.0.0.0/8 nothing (M17).
    pub fn create_route(
        &mut self,
        caller: &Caller,
        table: &str,
        destination: Destination,
        target: TargetSpec,
    ) -> Result<()> {
        let rows = self.route_tables.find(&caller.scope, table)?;
        let destination = destination.canonical();
        let target = self.resolve_target(caller, rows, &destination, target)?;
        match rows.static_route(&destination) {
            Some(row) if row.target == target => return Ok(()),
            Some(row) if is_classic(row) => return Err(Error::ClassicLinkRouteExists { table: table.into() }),
            Some(_) => return Err(Error::RouteExists { cidr: destination.to_string() }),
            None => self.check_inside_local(rows, &destination, &target)?,
        }
        let counted =
            rows.routes.iter().filter(|row| row.is_static() && !row.is_platforms()).map(|row| &row.destination);
        let count = |destination: &Destination| match destination {
            Destination::PrefixList(list) => self.size_of_prefix_list(list),
            _ => 1,
        };
        if counted.chain([&destination]).map(count).sum::<usize>() > ROUTES {
            return Err(Error::RouteLimit {});
        }
        let route = Route { destination, target, origin: Origin::CreateRoute };
        self.check_edge(rows, &route)?;
        self.route_tables.find_mut(&caller.scope, table)?.routes.push(route);
        Ok(())
    }

    /// ReplaceRoute: sets another target for an existing destination. A local route can lead to a network interface or a NAT gateway, and
    /// back. ClassicLink's 10.0.0.0/8 cannot be replaced.
    pub fn replace_route(
        &mut self,
        caller: &Caller,
        table: &str,
        destination: Destination,
        target: TargetSpec,
    ) -> Result<()> {
        let rows = self.route_tables.find(&caller.scope, table)?;
        let destination = destination.canonical();
        let target = self.resolve_target(caller, rows, &destination, target)?;
        match rows.static_route(&destination) {
            Some(row) if is_classic(row) => return Err(Error::ReplaceClassicLinkRoute { table: table.into() }),
            Some(row) if row.is_platforms() => check_local_target(&destination, &target)?,
            Some(row) => {
                if target == Target::Local {
                    return Err(Error::NotALocalRoute { cidr: destination.to_string() });
                }
                self.check_inside_local(rows, &row.destination, &target)?;
            }
            None => {
                rows.refuse_inside_classic_link(&destination)?;
                return Err(Error::RouteNotDefined { cidr: destination.to_string() });
            }
        }
        if target != Target::Local {
            rows.refuse_inside_classic_link(&destination)?;
        }
        let route = Route { destination: destination.clone(), target: target.clone(), origin: Origin::CreateRoute };
        self.check_edge(rows, &route)?;
        let rows = &mut self.route_tables.find_mut(&caller.scope, table)?.routes;
        if let Some(row) = rows.iter_mut().find(|row| row.is_static() && row.destination == destination) {
            row.target = target;
        }
        Ok(())
    }

    /// DeleteRoute. Local routes are refused.
    pub fn delete_route(&mut self, caller: &Caller, table: &str, destination: Destination) -> Result<()> {
        let destination = destination.canonical();
        let cidr = destination.to_string();
        match self.route_tables.find(&caller.scope, table)?.static_route(&destination) {
            Some(row) if is_classic(row) => return Err(Error::RemoveClassicLinkRoute { table: table.into() }),
            Some(row) if row.is_platforms() => return Err(Error::LocalRoute { cidr, table: table.into() }),
            Some(Route { target: Target::VpcEndpoint(_), .. }) => {
                return Err(Error::EndpointRoute { destination: cidr, table: table.into() });
            }
            Some(_) => {}
            None => return Err(Error::RouteNotFound { cidr, table: table.into() }),
        }
        let rows = &mut self.route_tables.find_mut(&caller.scope, table)?.routes;
        rows.retain(|row| !(row.is_static() && row.destination == destination));
        Ok(())
    }

    /// Checks a route within a local route: it must be for a whole subnet, and lead to an appliance.
    fn check_inside_local(&self, table: &RouteTable, destination: &Destination, target: &Target) -> Result<()> {
        table.refuse_inside_classic_link(destination)?;
        if let Destination::PrefixList(list) = destination {
            let entries = self.prefix_lists.get(list).map(PrefixList::entries).unwrap_or_default();
            return check_list_in(table, entries);
        }
        let Some(local) = table.platforms_around(destination).next() else { return Ok(()) };
        let is_subnet = |subnet: &Subnet| match destination {
            Destination::V4(net) => subnet.cidr == Some(*net),
            Destination::V6(net) => subnet.ipv6.as_ref().is_some_and(|block| block.cidr == *net),
            Destination::PrefixList(_) => false,
        };
        match self.subnets.by(&table.vpc).any(is_subnet) {
            true => check_local_target(destination, target),
            false => Err(Error::RouteInsideLocal {
                cidr: destination.to_string(),
                local: local.destination.to_string(),
                table: table.id.clone(),
            }),
        }
    }

    fn check_edge(&self, table: &RouteTable, route: &Route) -> Result<()> {
        match table.is_edge() && !self.is_edge_route(&table.vpc, route) {
            true => Err(Error::EdgeRoute { cidr: route.destination.to_string(), table: table.id.clone() }),
            false => Ok(()),
        }
    }

    /// The target of a request. It must exist in the table's VPC and take packets to the destination. Routes to prefix lists of services
    /// belong to endpoints.
    fn resolve_target(
        &self,
        caller: &Caller,
        table: &RouteTable,
        destination: &Destination,
        target: TargetSpec,
    ) -> Result<Target> {
        let target = match target {
            TargetSpec::Target(target) => target,
            TargetSpec::Instance(id) => {
                let instance = self.instances.find(&caller.scope, &id)?;
                match instance.vpc().map(|place| place.interfaces.as_slice()) {
                    Some([only]) => Target::NetworkInterface(only.clone()),
                    Some([_, _, ..]) => return Err(Error::SeveralInterfaces { id }),
                    _ => return Err(Error::RouteInstance { id }),
                }
            }
        };
        self.check_target(caller, table, &target)?;
        let ipv6 = match destination {
            Destination::V4(_) => Some(false),
            Destination::V6(_) => Some(true),
            Destination::PrefixList(id) => self.prefix_lists.find(&caller.scope, id).ok().map(|list| list.ipv6),
        };
        let fits = match ipv6 {
            Some(false) => !matches!(target, Target::EgressOnlyInternetGateway(_)),
            Some(true) => !matches!(target, Target::VpnGateway(_) | Target::CarrierGateway(_)),
            None => false,
        };
        let target_id = || target.id().unwrap_or_default().to_owned();
        match fits {
            true => Ok(target),
            false => Err(Error::TargetFamily { destination: destination.to_string(), target: target_id() }),
        }
    }

    fn check_target(&self, caller: &Caller, table: &RouteTable, target: &Target) -> Result<()> {
        let unknown = |kind, id: &String| Err(Error::NotFound { kind, id: id.clone() });
        let scope = &caller.scope;
        let (kind, id, vpc) = match target {
            Target::Local => return Ok(()),
            Target::NetworkInterface(id) => {
                ("interface", id, Some(self.network_interfaces.find(scope, id)?.vpc.as_str()))
            }
            Target::InternetGateway(id) => {
                ("network gateway", id, self.internet_gateways.find(scope, id)?.vpc.as_deref())
            }
            Target::VpcPeeringConnection(id) => {
                let side = self.routable_peering(caller, id)?.side_of(&table.vpc);
                ("VPC peering connection", id, side.map(|side| side.vpc.as_str()))
            }
            Target::TransitGateway(id) => {
                if self.transit_attachment_of(id, &table.vpc).is_none() {
                    return unknown(IdKind::TransitGateway, id);
                }
                ("transit gateway", id, Some(table.vpc.as_str()))
            }
            Target::EgressOnlyInternetGateway(id) => {
                ("gateway", id, Some(self.egress_only_gateways.find(scope, id)?.vpc.as_str()))
            }
            Target::CarrierGateway(id) => {
                ("carrier gateway", id, Some(self.carrier_gateways.find(scope, id)?.vpc.as_str()))
            }
            Target::VpnGateway(id) => ("network gateway", id, self.vpn_gateways.find(scope, id)?.vpc.as_deref()),
            Target::NatGateway(id) => {
                let gateway = self.nat_gateways.find(scope, id)?;
                if !gateway.is_available() {
                    return unknown(IdKind::NatGateway, id);
                }
                ("NAT gateway", id, Some(gateway.vpc.as_str()))
            }
            Target::VpcEndpoint(_) => return Err(Error::EndpointRoutes {}),
        };
        match vpc == Some(table.vpc.as_str()) {
            true => Ok(()),
            false => Err(Error::RouteNetworks { table: table.id.clone(), target: format!("{kind} {id}") }),
        }
    }

    /// Whether a route is active: its target exists in the table's VPC and takes packets. Otherwise it is a blackhole.
    pub fn route_is_active(&self, table: &RouteTable, route: &Route) -> bool {
        let in_vpc = |vpc: &Option<String>| vpc.as_ref() == Some(&table.vpc);
        match &route.target {
            Target::Local => true,
            Target::NetworkInterface(id) => {
                let instance = self.network_interfaces.get(id).and_then(|interface| interface.instance());
                instance.and_then(|id| self.instances.get(id)).is_some_and(|instance| instance.is_on())
            }
            Target::InternetGateway(id) => self.internet_gateways.get(id).is_some_and(|gateway| in_vpc(&gateway.vpc)),
            Target::VpcPeeringConnection(id) => self.peerings.get(id).is_some_and(|peering| peering.is_active()),
            Target::NatGateway(id) => self.nat_gateways.get(id).is_some_and(|gateway| gateway.is_available()),
            Target::VpnGateway(id) => self.vpn_gateways.get(id).is_some_and(|gateway| in_vpc(&gateway.vpc)),
            Target::TransitGateway(id) => self.transit_attachment_of(id, &table.vpc).is_some(),
            Target::VpcEndpoint(id) => self.vpc_endpoints.get(id).is_some(),
            Target::EgressOnlyInternetGateway(id) => self.egress_only_gateways.get(id).is_some(),
            Target::CarrierGateway(id) => self.carrier_gateways.get(id).is_some(),
        }
    }

    /// Whether an active peering connection joins two VPCs, so that their groups may refer to each other.
    pub(crate) fn are_peers(&self, one: &str, other: &str) -> bool {
        self.peering_between(one, other).is_some_and(VpcPeeringConnection::in_one_region)
    }

    /// Whether a gateway or endpoint of a VPC prevents its deletion.
    pub(crate) fn vpc_has_edges(&self, vpc: &str) -> bool {
        self.internet_gateway_of(vpc).is_some()
            || self.vpn_gateway_of(vpc).is_some()
            || self.egress_only_gateways.by(vpc).next().is_some()
            || self.vpc_endpoints.by(vpc).next().is_some()
            || self.carrier_gateways.by(vpc).next().is_some()
            || self.route_servers.by(vpc).next().is_some()
    }
}
