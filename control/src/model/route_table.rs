//! Route tables: where the packets of a subnet go.

use super::collection::resource;
use super::{Caller, Error, IdKind, Model, Result, Scope, Tags, Vpc, tags};
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a route is for.
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

/// Where a route leads (semantics.md §5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// Inside the VPC; for 10.0.0.0/8, to what is linked to it.
    Local,
    /// `igw-…`
    InternetGateway(String),
    /// `eigw-…`
    EgressOnlyInternetGateway(String),
    /// `vgw-…`
    VpnGateway(String),
    /// `nat-…`
    NatGateway(String),
    /// `eni-…`, of an instance or not.
    NetworkInterface(String),
    /// `pcx-…`
    VpcPeeringConnection(String),
    /// `vpce-…`
    VpcEndpoint(String),
}

impl Target {
    /// The id of what it leads to; local routes lead to nothing that has one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Target::Local => None,
            Target::InternetGateway(id)
            | Target::EgressOnlyInternetGateway(id)
            | Target::VpnGateway(id)
            | Target::NatGateway(id)
            | Target::NetworkInterface(id)
            | Target::VpcPeeringConnection(id)
            | Target::VpcEndpoint(id) => Some(id),
        }
    }
}

/// How a route came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// With the table, or by the platform.
    CreateRouteTable,
    /// By a user.
    CreateRoute,
    /// From a VPN, by propagation.
    EnableVgwRoutePropagation,
}

/// One row of a table. A propagated one may stand beside another of the same destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// What it is for.
    pub destination: Destination,
    /// Where it leads.
    pub target: Target,
    /// How it came to be.
    pub origin: Origin,
}

impl Route {
    /// A local route of that block.
    pub fn local(cidr: Ipv4Net) -> Route {
        Route { destination: Destination::V4(cidr), target: Target::Local, origin: Origin::CreateRouteTable }
    }

    /// Whether the platform made it.
    pub fn is_local(&self) -> bool {
        self.target == Target::Local
    }
}

/// That a subnet uses a table, or that it is its VPC's main one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    /// `rtbassoc-…`
    pub id: String,
    /// The subnet; `None` makes the table the main one.
    pub subnet: Option<String>,
}

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// `rtb-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number.
    pub number: u32,
    /// The VPC it belongs to.
    pub vpc: String,
    /// Its rows.
    pub routes: Vec<Route>,
    /// Who uses it.
    pub associations: Vec<RouteTableAssociation>,
    /// The VPN gateways whose routes it takes up.
    pub propagating: Vec<String>,
}

resource!(RouteTable, IdKind::RouteTable, |table| {
    let subnets = table.associations.iter().filter_map(|association| association.subnet.clone());
    let targets = table.routes.iter().filter_map(|route| route.target.id()).map(str::to_owned);
    subnets.chain(targets).chain([table.vpc.clone()]).collect()
});

impl RouteTable {
    /// Whether it is the main table of its VPC.
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(|association| association.subnet.is_none())
    }
}

impl Model {
    fn new_route_table(&mut self, vpc: &Vpc, tags: Tags) -> RouteTable {
        let mut routes: Vec<Route> = vpc.blocks().map(Route::local).collect();
        routes.extend(vpc.ipv6.as_ref().map(|block| Route {
            destination: Destination::V6(block.cidr),
            target: Target::Local,
            origin: Origin::CreateRouteTable,
        }));
        if self.needs_classic_route(vpc) {
            routes.push(Route::local(super::CLASSIC_RANGE));
        }
        RouteTable {
            id: self.new_id(IdKind::RouteTable),
            scope: vpc.scope.clone(),
            tags,
            number: self.number(),
            vpc: vpc.id.clone(),
            routes,
            associations: Vec::new(),
            propagating: Vec::new(),
        }
    }

    pub(super) fn insert_main_route_table(&mut self, vpc: &Vpc) {
        let mut table = self.new_route_table(vpc, Tags::new());
        table.associations.push(RouteTableAssociation { id: self.new_id(IdKind::RouteTableAssociation), subnet: None });
        self.route_tables.insert(table);
    }

    /// The main table of a VPC.
    pub fn main_route_table(&self, vpc: &str) -> Option<&RouteTable> {
        self.route_tables.by(vpc).find(|table| table.is_main())
    }

    /// The table that a subnet uses: its own, or else the main one of its VPC.
    pub fn route_table_of(&self, subnet: &str) -> Option<&RouteTable> {
        let own = self.route_tables.by(subnet).next();
        own.or_else(|| self.main_route_table(&self.subnets.get(subnet)?.vpc))
    }

    /// CreateRouteTable: with the VPC's local routes, and 10.0.0.0/8 where ClassicLink wants it (M15).
    pub fn create_route_table(&mut self, caller: &Caller, vpc: &str, tags: Tags) -> Result<String> {
        let vpc = self.vpcs.find(&caller.scope, vpc)?.clone();
        tags::check(&tags)?;
        let table = self.new_route_table(&vpc, tags);
        let id = table.id.clone();
        self.route_tables.insert(table);
        Ok(id)
    }

    /// DeleteRouteTable: not the main one, and none that a subnet uses.
    pub fn delete_route_table(&mut self, caller: &Caller, id: &str) -> Result<()> {
        if !self.route_tables.find(&caller.scope, id)?.associations.is_empty() {
            return Err(Error::HasDependencies { kind: "routeTable".into(), id: id.into() });
        }
        self.route_tables.remove(id);
        Ok(())
    }

    /// AssociateRouteTable: the subnet uses this table from now on.
    pub fn associate_route_table(&mut self, caller: &Caller, id: &str, subnet: &str) -> Result<String> {
        let table = self.route_tables.find(&caller.scope, id)?;
        if self.subnets.find(&caller.scope, subnet)?.vpc != table.vpc {
            return Err(Error::DifferentNetworks {});
        }
        let uses = |table: &RouteTable| {
            let own = table.associations.iter().find(|a| a.subnet.as_deref() == Some(subnet));
            own.map(|association| association.id.clone())
        };
        if let Some(association) = uses(table) {
            return Ok(association);
        }
        if self.route_tables.by(subnet).any(|table| uses(table).is_some()) {
            return Err(Error::AlreadyAssociated { subnet: subnet.into() });
        }
        let association = self.new_id(IdKind::RouteTableAssociation);
        self.route_tables
            .find_mut(&caller.scope, id)?
            .associations
            .push(RouteTableAssociation { id: association.clone(), subnet: Some(subnet.to_owned()) });
        Ok(association)
    }

    /// DisassociateRouteTable: the subnet uses the main table again.
    pub fn disassociate_route_table(&mut self, caller: &Caller, association: &str) -> Result<()> {
        let (table, found) = self.route_table_association(caller, association)?;
        if found.subnet.is_none() {
            return Err(Error::MainAssociation { id: association.into() });
        }
        self.route_tables.find_mut(&caller.scope, &table)?.associations.retain(|a| a.id != association);
        Ok(())
    }

    /// ReplaceRouteTableAssociation: another table for a subnet, or, by the main association, for the whole VPC.
    /// Answers the new association's id.
    pub fn replace_route_table_association(&mut self, caller: &Caller, association: &str, id: &str) -> Result<String> {
        let (from, found) = self.route_table_association(caller, association)?;
        let new = self.route_tables.find(&caller.scope, id)?;
        if self.route_tables.find(&caller.scope, &from)?.vpc != new.vpc {
            return Err(Error::DifferentNetworks {});
        }
        let new = RouteTableAssociation { id: self.new_id(IdKind::RouteTableAssociation), subnet: found.subnet };
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
