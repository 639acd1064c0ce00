//! VPCs: address spaces of an account, with their default resources.

use crate::collection::resource;
use crate::{
    Caller, Error, FormerBlock, IdKind, Ipv6Block, Model, Numbered, Resource, Result, Scope, Tags, VpcCidr, tags,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The tenancy of instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tenancy {
    /// Shared hardware.
    #[default]
    Default,
    /// Hardware of one account. Such a VPC cannot be enabled for ClassicLink (M21).
    Dedicated,
    /// A Dedicated Host.
    Host,
}

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// `vpc-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its address space (a VRF): that of its instances.
    pub number: u32,
    /// The address space (a VRF) of linked instances, to which 10.0.0.0/8 leads from this VPC.
    pub links_number: u32,
    /// Its CIDR blocks, the primary one first.
    pub cidrs: Vec<VpcCidr>,
    /// Its IPv6 blocks.
    #[serde(default)]
    pub ipv6: Vec<Ipv6Block>,
    /// Its removed blocks, for a while.
    #[serde(default)]
    pub former: Vec<FormerBlock>,
    /// Its DHCP options set (`dopt-…`). `None` if it has none.
    #[serde(default)]
    pub dhcp_options: Option<String>,
    /// The tenancy of its instances.
    pub tenancy: Tenancy,
    /// The attribute `enableDnsSupport`.
    pub dns_support: bool,
    /// The attribute `enableDnsHostnames`.
    pub dns_hostnames: bool,
    /// The attribute `enableNetworkAddressUsageMetrics`. It has no effect.
    #[serde(default)]
    pub usage_metrics: bool,
    /// Whether Classic instances may be linked to it.
    pub classic_link: bool,
    /// Whether public names resolve to private addresses across links.
    pub classic_link_dns: bool,
    /// Whether it is the default VPC.
    #[serde(default)]
    pub default: bool,
}

resource!(Vpc, IdKind::Vpc, |vpc| vpc.dhcp_options.iter().cloned().collect());

impl Numbered for Vpc {
    fn number(&self) -> u32 {
        self.number
    }
}

impl Vpc {
    /// The primary CIDR block.
    pub fn cidr(&self) -> Ipv4Net {
        self.cidrs.first().map(|block| block.cidr).unwrap_or_default()
    }

    /// All CIDR blocks.
    pub fn blocks(&self) -> impl Iterator<Item = Ipv4Net> {
        self.cidrs.iter().map(|block| block.cidr)
    }

    /// The address of its resolver: the third of the primary block (semantics.md §7.1).
    pub fn resolver(&self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.cidr().network().to_bits().wrapping_add(2))
    }

    /// Whether a block is within one of the VPC's.
    pub fn covers(&self, net: &Ipv4Net) -> bool {
        self.blocks().any(|block| block.contains(net))
    }
}

impl Model {
    /// CreateVpc: creates a VPC with its default group, main route table and default network ACL.
    pub fn create_vpc(&mut self, caller: &Caller, cidr: Ipv4Net, tenancy: Tenancy, tags: Tags) -> Result<String> {
        if !crate::ec2::vpc_block::is_block(&cidr) {
            return Err(Error::VpcRange { cidr: cidr.to_string() });
        }
        tags::check(&tags)?;
        let vpc = Vpc {
            id: self.new_id(IdKind::Vpc),
            scope: caller.scope.clone(),
            tags,
            number: self.number(),
            links_number: self.number(),
            cidrs: vec![VpcCidr { association: self.new_id(IdKind::CidrAssociation), cidr: cidr.trunc() }],
            ipv6: Vec::new(),
            former: Vec::new(),
            dhcp_options: Some(self.default_dhcp_options(&caller.scope)),
            tenancy,
            dns_support: true,
            dns_hostnames: false,
            usage_metrics: false,
            classic_link: false,
            classic_link_dns: false,
            default: false,
        };
        let id = vpc.id.clone();
        self.insert_main_route_table(&vpc);
        self.insert_default_group(&caller.scope, Some(&id));
        self.insert_default_acl(&vpc);
        self.vpcs.insert(vpc);
        Ok(id)
    }

    /// DeleteVpc. Only its default resources may be left. They are deleted, too.
    pub fn delete_vpc(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.vpcs.find(&caller.scope, id)?;
        if self.linked_to(id).next().is_some() {
            return Err(Error::VpcHasLinks { vpc: id.into() });
        }
        if self.vpc_is_used(id) || self.vpc_has_edges(id) {
            return Err(Error::HasDependencies { kind: "vpc".into(), id: id.into() });
        }
        self.delete_peerings_of(caller, id);
        self.route_tables.remove_where(|table| table.vpc == id);
        self.security_groups.remove_where(|group| group.vpc.as_deref() == Some(id));
        self.network_acls.remove_where(|acl| acl.vpc == id);
        self.block_exclusions.remove_where(|row| row.place == id);
        self.forget_group_associations(id);
        self.free_client_vpns_of(id);
        self.free_blocks_of(id);
        self.vpcs.remove(id);
        Ok(())
    }

    fn vpc_is_used(&self, id: &str) -> bool {
        self.subnets.by(id).next().is_some()
            || self.route_tables.by(id).any(|table| !table.is_main())
            || self.network_acls.by(id).any(|acl| !acl.default)
            || self.security_groups.by(id).any(|group| !group.is_default())
    }

    /// ModifyVpcAttribute: `enableNetworkAddressUsageMetrics`.
    pub fn set_usage_metrics(&mut self, caller: &Caller, id: &str, on: bool) -> Result<()> {
        self.vpcs.find_mut(&caller.scope, id)?.usage_metrics = on;
        Ok(())
    }

    /// ModifyVpcAttribute: `enableDnsSupport`.
    pub fn set_dns_support(&mut self, caller: &Caller, id: &str, on: bool) -> Result<()> {
        self.vpcs.find_mut(&caller.scope, id)?.dns_support = on;
        Ok(())
    }

    /// ModifyVpcAttribute: `enableDnsHostnames`, which needs `enableDnsSupport`.
    pub fn set_dns_hostnames(&mut self, caller: &Caller, id: &str, on: bool) -> Result<()> {
        self.vpcs.find_mut(&caller.scope, id)?.dns_hostnames = on;
        Ok(())
    }

    /// ModifyVpcTenancy. EC2 allows only the change from dedicated to default.
    pub fn set_default_tenancy(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.vpcs.find_mut(&caller.scope, id)?.tenancy = Tenancy::Default;
        Ok(())
    }

    /// The VPC to which a row refers. Its absence would be a bug, and is reported as an unknown id.
    pub(crate) fn vpc_of(&self, id: &str) -> Result<&Vpc> {
        self.vpcs.get(id).ok_or_else(|| Error::NotFound { kind: Vpc::ID, id: id.to_owned() })
    }
}
