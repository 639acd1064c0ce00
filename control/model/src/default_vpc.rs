//! The default resources of an account in a Region: the default group of EC2-Classic or, where there is no EC2-Classic, a
//! default VPC (semantics.md §3).

use super::{
    Caller, Destination, Error, Model, Result, Row, Scope, Subnet, Tags, Target, TargetSpec, Tenancy, Vpc, ids,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The CIDR block of every default VPC (VPC User Guide, "Default VPC components").
const BLOCK: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(172, 31, 0, 0), 16);
/// The prefix length of a default subnet. Each zone has one.
const SUBNETS: u8 = 20;

/// The note that an account has its default resources in a Region. It stays, so that a deleted default VPC is not created again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The account and the Region: `111122223333/us-east-1`.
    pub id: String,
}

impl Row for Visit {
    fn id(&self) -> &str {
        &self.id
    }
}

fn visit(scope: &Scope) -> String {
    format!("{}/{}", scope.account, scope.region)
}

/// The position in the sequence of ids at which the ids of a scope's default resources begin. It is in the second half, which
/// counting never reaches, and each scope has 1,024 positions.
fn own_ids(scope: &Scope) -> u64 {
    (1 << 63) | (ids::digest(&visit(scope)) >> 1 & !0x3ff)
}

impl Model {
    /// Whether an account lacks its default resources in a Region, because it has never sent a request there.
    pub fn lacks_defaults(&self, scope: &Scope) -> bool {
        self.visits.get(&visit(scope)).is_none()
    }

    /// Notes that an account has its default resources in a Region. None are created from now on.
    pub fn note_defaults(&mut self, scope: &Scope) {
        self.visits.insert(Visit { id: visit(scope) });
    }

    /// Creates an account's default resources, unless it has them: a DHCP options set, and the default group of EC2-Classic or a
    /// default VPC. Their ids depend on the scope alone, so they are the same before and after they are stored.
    pub fn ensure_defaults(&mut self, caller: &Caller) -> Result<()> {
        if !self.lacks_defaults(&caller.scope) {
            return Ok(());
        }
        let place = self.move_ids(own_ids(&caller.scope));
        let created = self.create_defaults(caller);
        self.move_ids(place);
        created
    }

    fn create_defaults(&mut self, caller: &Caller) -> Result<()> {
        self.note_defaults(&caller.scope);
        self.default_dhcp_options(&caller.scope);
        if self.has_classic(&caller.scope) {
            self.default_classic_group(&caller.scope);
            return Ok(());
        }
        self.create_default_vpc(caller).map(|_| ())
    }

    /// CreateDefaultVpc: a VPC with a subnet in each zone, an Internet gateway and a route to it. Accounts with EC2-Classic have none.
    pub fn create_default_vpc(&mut self, caller: &Caller) -> Result<String> {
        if self.has_classic(&caller.scope) {
            return Err(Error::DefaultVpcInClassic {});
        }
        if self.default_vpc(&caller.scope).is_some() {
            return Err(Error::DefaultVpcExists {});
        }
        let id = self.create_vpc(caller, BLOCK, Tenancy::Default, Tags::new())?;
        let vpc = self.vpcs.find_mut(&caller.scope, &id)?;
        (vpc.default, vpc.dns_hostnames) = (true, true);
        let zones = super::Region::named(&caller.scope.region).into_iter().flat_map(super::Region::zones);
        for (zone, _) in zones {
            self.create_default_subnet(caller, &zone)?;
        }
        let gateway = self.create_internet_gateway(caller, Tags::new())?;
        self.attach_internet_gateway(caller, &gateway, &id)?;
        if let Some(table) = self.main_route_table(&id).map(|table| table.id.clone()) {
            let target = TargetSpec::Target(Target::InternetGateway(gateway));
            self.create_route(caller, &table, Destination::V4(Ipv4Net::default()), target)?;
        }
        Ok(id)
    }

    /// CreateDefaultSubnet: a subnet in a zone that has none, with the first free block.
    pub fn create_default_subnet(&mut self, caller: &Caller, zone: &str) -> Result<String> {
        let zone = self.zone_of_subnet(&caller.scope, Some(zone))?;
        let vpc = self.default_vpc(&caller.scope).ok_or(Error::NoDefaultVpc {})?.id.clone();
        let subnets = || self.subnets.by(&vpc);
        if let Some(subnet) = subnets().find(|subnet| subnet.default_for_zone && subnet.zone == zone) {
            return Err(Error::DefaultSubnetExists { id: subnet.id.clone(), zone });
        }
        let mut places = BLOCK.subnets(SUBNETS).into_iter().flatten();
        let free = places.find(|cidr| !subnets().any(|other| other.overlaps(cidr)));
        let cidr = free.ok_or(Error::SubnetConflict { cidr: BLOCK })?;
        let id = self.create_subnet(caller, &vpc, cidr, Some(&zone), Tags::new())?;
        let subnet = self.subnets.find_mut(&caller.scope, &id)?;
        (subnet.default_for_zone, subnet.public_on_launch) = (true, true);
        Ok(id)
    }

    /// The default VPC of an account in a Region.
    pub fn default_vpc<'a>(&'a self, scope: &'a Scope) -> Option<&'a Vpc> {
        self.vpcs.of(scope).find(|vpc| vpc.default)
    }

    /// The network of a request that names none: the default VPC, or `None` for EC2-Classic.
    pub fn default_network(&self, scope: &Scope) -> Result<Option<String>> {
        match self.default_vpc(scope) {
            Some(vpc) => Ok(Some(vpc.id.clone())),
            None if self.has_classic(scope) => Ok(None),
            None => Err(Error::NoDefaultVpc {}),
        }
    }

    /// The subnet of a launch that names none: the default subnet of the zone, or of the first zone. `None` for EC2-Classic.
    pub fn default_subnet(&self, caller: &Caller, zone: Option<&str>) -> Result<Option<Subnet>> {
        let Some(vpc) = self.default_network(&caller.scope)? else { return Ok(None) };
        let zone = zone.map(|zone| self.zone(&caller.scope, Some(zone))).transpose()?;
        let mut all: Vec<&Subnet> = self.subnets.by(&vpc).filter(|subnet| subnet.default_for_zone).collect();
        all.sort_by(|a, b| a.zone.cmp(&b.zone));
        let found = all.into_iter().find(|subnet| zone.as_ref().is_none_or(|zone| subnet.zone == *zone));
        found.cloned().map(Some).ok_or(Error::NoDefaultSubnet { vpc })
    }
}
