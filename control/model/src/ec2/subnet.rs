//! Subnets: blocks of a VPC's addresses in one zone, each with a network ACL.

use crate::collection::resource;
use crate::{
    Caller, Error, FormerBlock, IdKind, Ipv6Block, Model, Numbered, PrivateDnsNameOptions, Result, Scope, Tags, tags,
};
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number (a segment).
    pub number: u32,
    /// Its VPC.
    pub vpc: String,
    /// Its IPv4 block. `None` for an IPv6-only subnet, which has no network interfaces here.
    pub cidr: Option<Ipv4Net>,
    /// Its IPv6 block.
    #[serde(default)]
    pub ipv6: Option<Ipv6Block>,
    /// Whether new interfaces get an IPv6 address by default.
    #[serde(default)]
    pub ipv6_on_creation: bool,
    /// Its removed IPv6 blocks, for a while.
    #[serde(default)]
    pub former: Vec<FormerBlock>,
    /// Its Availability Zone.
    pub zone: String,
    /// Whether launched instances get a public address by default.
    pub public_on_launch: bool,
    /// The default private DNS names of instances.
    #[serde(default)]
    pub names: PrivateDnsNameOptions,
    /// Whether the resolver synthesizes IPv6 addresses (DNS64). It has no effect.
    #[serde(default)]
    pub dns64: bool,
    /// Whether it is the default subnet of its zone.
    #[serde(default)]
    pub default_for_zone: bool,
}

resource!(Subnet, IdKind::Subnet, |subnet| vec![subnet.vpc.clone()]);

impl Numbered for Subnet {
    fn number(&self) -> u32 {
        self.number
    }
}

impl Subnet {
    /// The addresses that instances may have: all but the first four and the last (semantics.md §3).
    pub fn usable(&self) -> impl DoubleEndedIterator<Item = Ipv4Addr> {
        let ends = |cidr: Ipv4Net| u32::from(cidr.network()).saturating_add(4)..u32::from(cidr.broadcast());
        self.cidr.map_or(0..0, ends).map(Ipv4Addr::from)
    }

    /// The number of addresses for instances.
    pub fn size(&self) -> usize {
        self.usable().count()
    }

    /// The address of the implicit router.
    pub fn router(&self) -> Ipv4Addr {
        let router = |cidr: Ipv4Net| Ipv4Addr::from(u32::from(cidr.network()).saturating_add(1));
        self.cidr.map_or(Ipv4Addr::UNSPECIFIED, router)
    }

    /// Whether it overlaps a block.
    pub fn overlaps(&self, block: &Ipv4Net) -> bool {
        self.cidr.is_some_and(|own| own.contains(block) || block.contains(&own))
    }

    /// Whether an address of the subnet is reserved by AWS.
    pub fn reserves(&self, address: Ipv4Addr) -> bool {
        let is_usable = |cidr: Ipv4Net| {
            let (first, last) = (u32::from(cidr.network()), u32::from(cidr.broadcast()));
            (first.saturating_add(4)..last).contains(&u32::from(address)) || !cidr.contains(&address)
        };
        !self.cidr.is_some_and(is_usable)
    }

    /// Whether an address is one of its own.
    pub fn contains(&self, address: &Ipv4Addr) -> bool {
        self.cidr.is_some_and(|cidr| cidr.contains(address))
    }

    /// Its block as text: the IPv4 block if it has one.
    pub fn block(&self) -> String {
        let ipv6 = || self.ipv6.as_ref().map(|block| block.cidr.to_string());
        self.cidr.map(|cidr| cidr.to_string()).or_else(ipv6).unwrap_or_default()
    }
}

impl Model {
    /// CreateSubnet: the block must be within the VPC and outside its other subnets.
    pub fn create_subnet(
        &mut self,
        caller: &Caller,
        vpc: &str,
        cidr: Ipv4Net,
        zone: Option<&str>,
        tags: Tags,
    ) -> Result<String> {
        let owner = self.vpcs.find(&caller.scope, vpc)?;
        // EC2 uses the canonical form of a block.
        let cidr = cidr.trunc();
        if !(16..=28).contains(&cidr.prefix_len()) || !owner.covers(&cidr) {
            return Err(Error::SubnetRange { cidr: cidr.to_string() });
        }
        if self.subnets.by(vpc).any(|other| other.overlaps(&cidr)) {
            return Err(Error::SubnetConflict { cidr });
        }
        self.insert_subnet(caller, vpc, Some(cidr), zone, tags)
    }

    /// CreateSubnet with `Ipv6Native`: creates an IPv6-only subnet.
    pub fn create_ipv6_subnet(
        &mut self,
        caller: &Caller,
        vpc: &str,
        cidr: Ipv6Net,
        zone: Option<&str>,
        tags: Tags,
    ) -> Result<String> {
        self.vpcs.find(&caller.scope, vpc)?;
        let id = self.insert_subnet(caller, vpc, None, zone, tags)?;
        self.associate_subnet_cidr(caller, &id, cidr)?;
        // Its interfaces can have no other addresses.
        self.set_ipv6_on_creation(caller, &id, true)?;
        Ok(id)
    }

    fn insert_subnet(
        &mut self,
        caller: &Caller,
        vpc: &str,
        cidr: Option<Ipv4Net>,
        zone: Option<&str>,
        tags: Tags,
    ) -> Result<String> {
        let zone = self.zone_of_subnet(&caller.scope, zone)?;
        tags::check(&tags)?;
        let subnet = Subnet {
            id: self.new_id(IdKind::Subnet),
            scope: caller.scope.clone(),
            tags,
            number: self.number(),
            vpc: vpc.to_owned(),
            cidr,
            ipv6: None,
            former: Vec::new(),
            ipv6_on_creation: false,
            zone,
            public_on_launch: false,
            names: PrivateDnsNameOptions::default(),
            dns64: false,
            default_for_zone: false,
        };
        let id = subnet.id.clone();
        self.associate_default_acl(&subnet);
        self.subnets.insert(subnet);
        Ok(id)
    }

    /// DeleteSubnet. A subnet with interfaces is refused. Its associations end.
    pub fn delete_subnet(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.subnets.find(&caller.scope, id)?;
        if self.subnet_is_used(id) {
            return Err(Error::HasDependencies { kind: "subnet".into(), id: id.into() });
        }
        let of_subnet = |subnet: &Option<String>| subnet.as_deref() == Some(id);
        self.route_tables.update(
            |table| table.associations.iter().any(|a| of_subnet(&a.subnet)),
            |table| table.associations.retain(|a| !of_subnet(&a.subnet)),
        );
        self.network_acls.update(
            |acl| acl.associations.iter().any(|a| a.subnet == id),
            |acl| acl.associations.retain(|a| a.subnet != id),
        );
        self.subnet_cidr_reservations.remove_where(|row| row.subnet == id);
        self.block_exclusions.remove_where(|row| row.place == id);
        self.free_blocks_of(id);
        self.subnets.remove(id);
        Ok(())
    }

    fn subnet_is_used(&self, id: &str) -> bool {
        self.network_interfaces.by(id).next().is_some()
    }

    /// ModifySubnetAttribute: `AssignIpv6AddressOnCreation`, which needs an IPv6 block.
    pub fn set_ipv6_on_creation(&mut self, caller: &Caller, id: &str, on: bool) -> Result<()> {
        let subnet = self.subnets.find(&caller.scope, id)?;
        if on && subnet.ipv6.is_none() {
            return Err(Error::NoIpv6InSubnet { subnet: id.into() });
        }
        self.subnets.find_mut(&caller.scope, id)?.ipv6_on_creation = on;
        Ok(())
    }

    /// ModifySubnetAttribute: the private DNS names.
    pub fn set_subnet_names(&mut self, caller: &Caller, id: &str, names: PrivateDnsNameOptions) -> Result<()> {
        self.subnets.find_mut(&caller.scope, id)?.names = names;
        Ok(())
    }

    /// ModifySubnetAttribute: `EnableDns64`.
    pub fn set_dns64(&mut self, caller: &Caller, id: &str, on: bool) -> Result<()> {
        self.subnets.find_mut(&caller.scope, id)?.dns64 = on;
        Ok(())
    }

    /// ModifySubnetAttribute: `MapPublicIpOnLaunch`.
    pub fn set_public_on_launch(&mut self, caller: &Caller, id: &str, on: bool) -> Result<()> {
        self.subnets.find_mut(&caller.scope, id)?.public_on_launch = on;
        Ok(())
    }
}
