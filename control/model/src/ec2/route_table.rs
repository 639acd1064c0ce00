//! Route tables: where the packets of a subnet go.

use crate::LINGER;
use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, Time, Vpc, tags};
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The destination of a route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Destination {
    /// IPv4 addresses.
    V4(Ipv4Net),
    /// IPv6 addresses.
    V6(Ipv6Net),
    /// The addresses of a prefix list (`pl-…`).
    PrefixList(String),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::V4(net) => net.fmt(f),
            Destination::V6(net) => net.fmt(f),
            Destination::PrefixList(id) => id.fmt(f),
        }
    }
}

/// The target of a route (semantics.md §5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// The VPC itself. For 10.0.0.0/8, the instances linked to it.
    Local,
    /// `igw-…`
    InternetGateway(String),
    /// `eigw-…`
    EgressOnlyInternetGateway(String),
    /// `vgw-…`
    VpnGateway(String),
    /// `nat-…`
    NatGateway(String),
    /// `eni-…`, which need not be attached.
    NetworkInterface(String),
    /// `tgw-…`
    TransitGateway(String),
    /// `pcx-…`
    VpcPeeringConnection(String),
    /// `cagw-…`
    CarrierGateway(String),
    /// `vpce-…`
    VpcEndpoint(String),
}

impl Target {
    /// The id of the target. `None` for a local route.
    pub fn id(&self) -> Option<&str> {
        match self {
            Target::Local => None,
            Target::InternetGateway(id)
            | Target::EgressOnlyInternetGateway(id)
            | Target::CarrierGateway(id)
            | Target::VpnGateway(id)
            | Target::NatGateway(id)
            | Target::NetworkInterface(id)
            | Target::TransitGateway(id)
            | Target::VpcPeeringConnection(id)
            | Target::VpcEndpoint(id) => Some(id),
        }
    }
}

/// The origin of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The table's creation, or the platform.
    CreateRouteTable,
    /// A user.
    CreateRoute,
    /// Propagation from a VPN.
    EnableVgwRoutePropagation,
}

/// A route. A propagated one may have the same destination as another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Its destination.
    pub destination: Destination,
    /// Its target.
    pub target: Target,
    /// Its origin.
    pub origin: Origin,
}

impl Route {
    /// The local route for a block.
    pub fn local(cidr: Ipv4Net) -> Route {
        Route { destination: Destination::V4(cidr), target: Target::Local, origin: Origin::CreateRouteTable }
    }

    /// Whether its target is the VPC itself.
    pub fn is_local(&self) -> bool {
        self.target == Target::Local
    }

    /// Whether it is a local route, even if a user gave it another target.
    pub fn is_platforms(&self) -> bool {
        self.origin == Origin::CreateRouteTable
    }
}

/// The association of a table with a subnet or a gateway, or with its VPC as the main table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    /// `rtbassoc-…`
    pub id: String,
    /// The subnet. Without a subnet and a gateway it makes the table the main one.
    pub subnet: Option<String>,
    /// The Internet or virtual private gateway. The table is for packets that enter the VPC through it.
    #[serde(default)]
    pub gateway: Option<String>,
}

impl RouteTableAssociation {
    /// Whether it makes its table the main one.
    pub fn is_main(&self) -> bool {
        self.subnet.is_none() && self.gateway.is_none()
    }

    fn user(&self) -> Option<RouteTableUser> {
        let gateway = || self.gateway.clone().map(RouteTableUser::Gateway);
        self.subnet.clone().map(RouteTableUser::Subnet).or_else(gateway)
    }
}

/// An ended association of a gateway. Those of subnets are not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerAssociation {
    /// The association.
    pub association: RouteTableAssociation,
    /// The time of its end.
    pub since: Time,
}

impl FormerAssociation {
    /// Whether it is no longer described.
    pub fn is_forgotten(&self, now: Time) -> bool {
        now.since(self.since) >= LINGER
    }
}

/// A user of a route table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteTableUser {
    /// A subnet: the table is for packets that its instances send.
    Subnet(String),
    /// A gateway: the table is for packets that enter the VPC through it.
    Gateway(String),
}

impl RouteTableUser {
    /// Its id.
    fn id(&self) -> &str {
        match self {
            RouteTableUser::Subnet(id) | RouteTableUser::Gateway(id) => id,
        }
    }
}

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// `rtb-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number.
    pub number: u32,
    /// Its VPC.
    pub vpc: String,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Its associations.
    pub associations: Vec<RouteTableAssociation>,
    /// The ended associations of gateways.
    #[serde(default)]
    pub former: Vec<FormerAssociation>,
    /// The VPN gateways that propagate routes to it.
    pub propagating: Vec<String>,
}

resource!(RouteTable, IdKind::RouteTable, |table| {
    let users = table.associations.iter().flat_map(|users| users.subnet.iter().chain(&users.gateway)).cloned();
    let targets = table.routes.iter().filter_map(|route| route.target.id()).map(str::to_owned);
    users.chain(targets).chain([table.vpc.clone()]).collect()
});

impl RouteTable {
    /// Whether a gateway uses it.
    pub fn is_edge(&self) -> bool {
        self.associations.iter().any(|association| association.gateway.is_some())
    }

    /// Whether it is the main table of its VPC.
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(RouteTableAssociation::is_main)
    }
}

impl Model {
    fn new_route_table(&mut self, vpc: &Vpc, tags: Tags) -> RouteTable {
        let mut routes: Vec<Route> = vpc.blocks().map(Route::local).collect();
        routes.extend(vpc.ipv6.iter().map(|block| Route {
            destination: Destination::V6(block.cidr),
            target: Target::Local,
            origin: Origin::CreateRouteTable,
        }));
        if self.needs_classic_route(vpc) {
            routes.push(Route::local(crate::CLASSIC_RANGE));
        }
        RouteTable {
            id: self.new_id(IdKind::RouteTable),
            scope: vpc.scope.clone(),
            tags,
            number: self.number(),
            vpc: vpc.id.clone(),
            routes,
            associations: Vec::new(),
            former: Vec::new(),
            propagating: Vec::new(),
        }
    }

    pub(crate) fn insert_main_route_table(&mut self, vpc: &Vpc) {
        let mut table = self.new_route_table(vpc, Tags::new());
        let id = self.new_id(IdKind::RouteTableAssociation);
        table.associations.push(RouteTableAssociation { id, subnet: None, gateway: None });
        self.route_tables.insert(table);
    }

    /// The main table of a VPC.
    pub fn main_route_table(&self, vpc: &str) -> Option<&RouteTable> {
        self.route_tables.by(vpc).find(|table| table.is_main())
    }

    /// The table that a subnet uses: its own, or the main one of its VPC.
    pub fn route_table_of(&self, subnet: &str) -> Option<&RouteTable> {
        let own = self.route_tables.by(subnet).next();
        own.or_else(|| self.main_route_table(&self.subnets.get(subnet)?.vpc))
    }

    /// The table for packets that enter a VPC through a gateway, if it has one.
    pub fn route_table_of_gateway(&self, gateway: &str) -> Option<&RouteTable> {
        let is_its = |association: &RouteTableAssociation| association.gateway.as_deref() == Some(gateway);
        self.route_tables.by(gateway).find(|table| table.associations.iter().any(is_its))
    }

    /// CreateRouteTable: creates a table with the VPC's local routes, and with 10.0.0.0/8 if ClassicLink needs it (M15).
    pub fn create_route_table(&mut self, caller: &Caller, vpc: &str, tags: Tags) -> Result<String> {
        let vpc = self.vpcs.find(&caller.scope, vpc)?.clone();
        tags::check(&tags)?;
        let table = self.new_route_table(&vpc, tags);
        let id = table.id.clone();
        self.route_tables.insert(table);
        Ok(id)
    }

    /// DeleteRouteTable. The main table, and one that a subnet or gateway uses, are refused.
    pub fn delete_route_table(&mut self, caller: &Caller, id: &str) -> Result<()> {
        if !self.route_tables.find(&caller.scope, id)?.associations.is_empty() {
            return Err(Error::HasDependencies { kind: "routeTable".into(), id: id.into() });
        }
        self.route_tables.remove(id);
        Ok(())
    }

    /// AssociateRouteTable, with a subnet or a gateway. Returns the association's id.
    pub fn associate_route_table(&mut self, caller: &Caller, id: &str, user: RouteTableUser) -> Result<String> {
        let table = self.route_tables.find(&caller.scope, id)?;
        self.check_user(caller, table, &user)?;
        let of_user = |table: &RouteTable| {
            let own = table.associations.iter().find(|association| association.user().as_ref() == Some(&user));
            own.map(|association| association.id.clone())
        };
        if let Some(association) = of_user(table) {
            return Ok(association);
        }
        let taken = self.route_tables.by(user.id()).any(|table| of_user(table).is_some());
        let answer = self.new_id(IdKind::RouteTableAssociation);
        let new = |subnet, gateway| RouteTableAssociation { id: answer.clone(), subnet, gateway };
        let association = match user {
            RouteTableUser::Subnet(subnet) if taken => return Err(Error::AlreadyAssociated { subnet }),
            RouteTableUser::Gateway(gateway) if taken => return Err(Error::GatewayAssociated { gateway }),
            RouteTableUser::Subnet(subnet) => new(Some(subnet), None),
            RouteTableUser::Gateway(gateway) => new(None, Some(gateway)),
        };
        let table = self.route_tables.find_mut(&caller.scope, id)?;
        table.former.retain(|former| former.association.gateway != association.gateway);
        table.associations.push(association);
        Ok(answer)
    }

    /// Checks that a subnet or a gateway is in the table's VPC, and can use its routes.
    fn check_user(&self, caller: &Caller, table: &RouteTable, user: &RouteTableUser) -> Result<()> {
        let vpc = match user {
            RouteTableUser::Subnet(id) => Some(&self.subnets.find(&caller.scope, id)?.vpc),
            RouteTableUser::Gateway(id) => match IdKind::of(id) {
                Some(IdKind::VpnGateway) => self.vpn_gateways.find(&caller.scope, id)?.vpc.as_ref(),
                _ => {
                    IdKind::InternetGateway.check(id)?;
                    self.internet_gateways.find(&caller.scope, id)?.vpc.as_ref()
                }
            },
        };
        match (vpc, user) {
            (Some(vpc), RouteTableUser::Subnet(_)) if *vpc == table.vpc => Ok(()),
            (Some(vpc), RouteTableUser::Gateway(_)) if *vpc == table.vpc => self.check_edge_routes(table),
            (None, RouteTableUser::Gateway(id)) => {
                Err(Error::GatewayNotAttached { id: id.clone(), vpc: table.vpc.clone() })
            }
            _ => Err(Error::DifferentNetworks {}),
        }
    }

    /// Checks the routes of a gateway's table: they must be for addresses of the VPC and lead to its network interfaces.
    fn check_edge_routes(&self, table: &RouteTable) -> Result<()> {
        match table.routes.iter().find(|route| !self.is_edge_route(&table.vpc, route)) {
            Some(route) => Err(Error::EdgeRoute { cidr: route.destination.to_string(), table: table.id.clone() }),
            None => Ok(()),
        }
    }

    /// Whether a gateway's table can have a route.
    pub(crate) fn is_edge_route(&self, vpc: &str, route: &Route) -> bool {
        let inside = self.vpcs.get(vpc).is_some_and(|vpc| match &route.destination {
            Destination::V4(net) => vpc.covers(net),
            Destination::V6(net) => vpc.ipv6.iter().any(|block| block.cidr.contains(net)),
            Destination::PrefixList(_) => false,
        });
        route.is_local() || inside && matches!(route.target, Target::NetworkInterface(_))
    }

    /// Ends the association of a gateway that leaves its VPC.
    pub(crate) fn disassociate_gateway(&mut self, gateway: &str) {
        let is_its = |association: &RouteTableAssociation| association.gateway.as_deref() == Some(gateway);
        self.route_tables.update(
            |table| table.associations.iter().any(is_its),
            |table| table.associations.retain(|association| !is_its(association)),
        );
    }

    /// DisassociateRouteTable. The subnet uses the main table again.
    pub fn disassociate_route_table(&mut self, caller: &Caller, association: &str) -> Result<()> {
        let (table, found) = self.route_table_association(caller, association)?;
        if found.is_main() {
            return Err(Error::MainAssociation { id: association.into() });
        }
        let table = self.route_tables.find_mut(&caller.scope, &table)?;
        table.associations.retain(|a| a.id != association);
        if found.gateway.is_some() {
            table.former.push(FormerAssociation { association: found, since: caller.now });
        }
        Ok(())
    }

    /// ReplaceRouteTableAssociation: sets another table for a subnet or a gateway or, by the main association, another main table. Returns
    /// the new association's id.
    pub fn replace_route_table_association(&mut self, caller: &Caller, association: &str, id: &str) -> Result<String> {
        let (from, found) = self.route_table_association(caller, association)?;
        let new = self.route_tables.find(&caller.scope, id)?;
        if self.route_tables.find(&caller.scope, &from)?.vpc != new.vpc {
            return Err(Error::DifferentNetworks {});
        }
        if found.gateway.is_some() {
            self.check_edge_routes(new)?;
        }
        let new = RouteTableAssociation { id: self.new_id(IdKind::RouteTableAssociation), ..found };
        let answer = new.id.clone();
        self.route_tables.find_mut(&caller.scope, &from)?.associations.retain(|a| a.id != association);
        self.route_tables.find_mut(&caller.scope, id)?.associations.push(new);
        Ok(answer)
    }

    fn route_table_association(&self, caller: &Caller, id: &str) -> Result<(String, RouteTableAssociation)> {
        let mut all =
            self.route_tables.of(&caller.scope).flat_map(|t| t.associations.iter().map(|a| (t.id.clone(), a)));
        let found = all.find(|(_, association)| association.id == id).map(|(table, a)| (table, a.clone()));
        found.ok_or_else(|| Error::NotFound { kind: IdKind::RouteTableAssociation, id: id.into() })
    }
}
