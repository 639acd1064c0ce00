//! Elastic IP addresses: public addresses that an account keeps, of EC2-Classic or of VPCs (semantics.md §3).
//!
//! Who has one is written where it is used, in the instance's or the interface's [`PublicAddress`], and nowhere else.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, InstanceState, Model, PublicAddress, Result, Row, Scope, Tags, Time, tags};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// The most addresses of a domain in an account and Region.
const LIMIT: usize = 5;
/// The age from which an address can be moved from EC2-Classic to VPCs.
const MOVABLE_AFTER: Duration = Duration::from_secs(24 * 3600);
/// How long DescribeAddressTransfers shows an accepted transfer to the former owner.
const SHOWN: Duration = Duration::from_secs(14 * 24 * 3600);

/// The domain of an address, outside of which it cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Domain {
    /// EC2-Classic. Requests name the address itself.
    Standard,
    /// VPCs. Requests name the allocation id.
    Vpc,
}

/// An Elastic IP address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElasticAddress {
    /// The allocation id (`eipalloc-…`). In EC2-Classic it is the address itself.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The address.
    pub address: Ipv4Addr,
    /// Its domain.
    pub domain: Domain,
    /// Whether it was moved out of EC2-Classic.
    pub migrated: bool,
    /// The time at which the account got it.
    pub since: Time,
    /// The name in its PTR record, in place of AWS's.
    #[serde(default)]
    pub name: Option<String>,
    /// Its last offer to another account.
    #[serde(default)]
    pub transfer: Option<AddressTransfer>,
}

/// A transfer to another account. The address keeps it after it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressTransfer {
    /// The former owner, and the Region.
    pub from: Scope,
    /// The account that may accept it.
    pub to: String,
    /// The end of the offer.
    pub expires: Time,
    /// The time of the acceptance.
    pub accepted: Option<Time>,
}

impl AddressTransfer {
    /// Whether it can be accepted.
    pub fn is_pending(&self, now: Time) -> bool {
        self.accepted.is_none() && now < self.expires
    }

    /// Whether the former owner sees it.
    pub fn is_visible(&self, now: Time) -> bool {
        let is_recent = |accepted| now.since(accepted) < SHOWN;
        self.is_pending(now) || self.accepted.is_some_and(is_recent)
    }
}

resource!(ElasticAddress, IdKind::Allocation, |elastic| vec![elastic.address.to_string()]);

/// The resource with a public address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressHolder {
    /// A Classic instance.
    Instance(String),
    /// A private address of a network interface.
    Interface {
        /// The interface.
        id: String,
        /// The private address.
        private: Ipv4Addr,
    },
}

/// The target of an association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressTarget {
    /// An instance. In a VPC it must have one interface.
    Instance(String),
    /// A network interface.
    Interface(String),
}

/// An address as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressName {
    /// An address of EC2-Classic, by itself.
    Public(Ipv4Addr),
    /// An address of VPCs, by its allocation id.
    Allocation(String),
}

impl Model {
    /// AllocateAddress: from Amazon's pool or an IPAM pool. The default domain is EC2-Classic where there is one; it has Amazon's only.
    pub fn allocate_address(
        &mut self,
        caller: &Caller,
        domain: Option<Domain>,
        pool: Option<&str>,
        asked: Option<&str>,
        tags: Tags,
    ) -> Result<String> {
        let is_classic = self.has_classic(&caller.scope) && pool.is_none();
        let default = if is_classic { Domain::Standard } else { Domain::Vpc };
        let domain = domain.unwrap_or(default);
        if domain == Domain::Standard {
            self.need_classic(&caller.scope)?;
            if let Some(pool) = pool {
                return Err(Error::invalid("IpamPoolId", pool));
            }
            if !tags.is_empty() {
                return Err(Error::ClassicAddressTags {});
            }
        }
        self.check_address_limit(caller, domain)?;
        tags::check(&tags)?;
        let address = match pool {
            None => self.new_public(asked)?.address,
            Some(pool) => {
                let asked = asked.map(|asked| asked.parse().map_err(|_| Error::invalid("Address", asked)));
                self.address_of_pool(caller, pool, asked.transpose()?)?
            }
        };
        let id = self.address_id(domain, address);
        if let Some(pool) = pool {
            self.keep_allocation(caller, pool, IpNet::from(IpAddr::V4(address)), Some(id.clone()));
        }
        self.elastic_addresses.insert(ElasticAddress {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            address,
            domain,
            migrated: false,
            since: caller.now,
            name: None,
            transfer: None,
        });
        Ok(id)
    }

    /// ModifyAddressAttribute and ResetAddressAttribute: sets the name in the PTR record of an address of VPCs.
    pub fn name_address(&mut self, caller: &Caller, id: &str, name: Option<String>) -> Result<()> {
        self.elastic_addresses.find_mut(&caller.scope, id)?.name = name;
        Ok(())
    }

    pub(crate) fn check_address_limit(&self, caller: &Caller, domain: Domain) -> Result<()> {
        let own = self.elastic_addresses.of(&caller.scope).filter(|address| address.domain == domain);
        if own.count() >= LIMIT { Err(Error::AddressLimit {}) } else { Ok(()) }
    }

    fn address_id(&mut self, domain: Domain, address: Ipv4Addr) -> String {
        match domain {
            Domain::Standard => address.to_string(),
            Domain::Vpc => self.new_id(IdKind::Allocation),
        }
    }

    /// The caller's Elastic IP address with that number.
    fn own_address(&self, caller: &Caller, address: Ipv4Addr) -> Result<&ElasticAddress> {
        let own = self.elastic_addresses.by(&address.to_string()).find(|own| own.scope == caller.scope);
        own.ok_or(Error::NotYourAddress { address })
    }

    /// The resource with an address, and the association's id.
    pub fn holder_of(&self, address: Ipv4Addr) -> Option<(AddressHolder, String)> {
        let association = |public: &PublicAddress| public.elastic.clone().filter(|_| public.address == address);
        let key = address.to_string();
        let interfaces = self.network_interfaces.by(&key);
        let addresses = interfaces.flat_map(|i| i.public.iter().map(move |(own, public)| (i, own, public)));
        let mut interfaces = addresses.filter_map(|(interface, private, public)| {
            let holder = AddressHolder::Interface { id: interface.id.clone(), private: *private };
            Some((holder, association(public)?))
        });
        let instances = self.instances.by(&key);
        let mut instances = instances
            .filter_map(|i| Some((AddressHolder::Instance(i.id.clone()), association(i.classic()?.public.as_ref()?)?)));
        interfaces.next().or_else(|| instances.next())
    }

    /// Whether an interface outside a default VPC has an address.
    fn holds_outside_default(&self, address: Ipv4Addr) -> bool {
        let Some((AddressHolder::Interface { id, .. }, _)) = self.holder_of(address) else { return false };
        let vpc = self.network_interfaces.get(&id).and_then(|interface| self.vpcs.get(&interface.vpc));
        !vpc.is_some_and(|vpc| vpc.default)
    }

    /// AssociateAddress. An associated address is moved: in EC2-Classic always, in VPCs only if the request allows it. In accounts
    /// without EC2-Classic that is the default. Returns the association's id.
    pub fn associate_address(
        &mut self,
        caller: &Caller,
        name: &AddressName,
        target: &AddressTarget,
        private: Option<Ipv4Addr>,
        reassociate: Option<bool>,
    ) -> Result<String> {
        let (holder, in_vpc) = self.address_target(caller, target, private)?;
        let address = match (name, &in_vpc) {
            (AddressName::Allocation(_), None) => return Err(Error::ClassicNeedsAddress {}),
            (AddressName::Public(_), Some(_)) => return Err(Error::VpcNeedsAllocation {}),
            (AddressName::Public(address), None) => self.classic_address(caller, *address)?,
            (AddressName::Allocation(id), Some(_)) => self.elastic_addresses.find(&caller.scope, id)?.address,
        };
        if let (Some(vpc), AddressHolder::Interface { id, private }) = (in_vpc, &holder) {
            let reassociate = reassociate.unwrap_or(!self.has_classic(&caller.scope));
            if let Some(before) = self.check_interface(address, &vpc, id, *private, reassociate)? {
                return Ok(before);
            }
        }
        self.take_off(address)?;
        let association = self.new_id(IdKind::AddressAssociation);
        self.set_public(&holder, Some(PublicAddress { address, elastic: Some(association.clone()) }));
        Ok(association)
    }

    /// The holder for a target, and its VPC. In a VPC the holder is a private address, by default the primary one.
    fn address_target(
        &self,
        caller: &Caller,
        target: &AddressTarget,
        private: Option<Ipv4Addr>,
    ) -> Result<(AddressHolder, Option<String>)> {
        match target {
            AddressTarget::Interface(id) => {
                let interface = self.network_interfaces.find(&caller.scope, id)?;
                if self.is_platforms(id) {
                    return Err(Error::NotYours {});
                }
                let holder =
                    AddressHolder::Interface { id: id.clone(), private: private.unwrap_or(interface.address()) };
                Ok((holder, Some(interface.vpc.clone())))
            }
            AddressTarget::Instance(id) => {
                let instance = self.instances.find(&caller.scope, id)?;
                let is_ready = match instance.classic() {
                    Some(_) => instance.is_running(),
                    None => matches!(instance.state, InstanceState::Running | InstanceState::Stopped),
                };
                if !is_ready {
                    return Err(Error::NotRunningForAddress { id: id.clone() });
                }
                let Some(place) = instance.vpc() else { return Ok((AddressHolder::Instance(id.clone()), None)) };
                match place.interfaces.as_slice() {
                    [only] => self.address_target(caller, &AddressTarget::Interface(only.clone()), private),
                    _ => Err(Error::SeveralInterfaces { id: id.clone() }),
                }
            }
        }
    }

    fn classic_address(&self, caller: &Caller, address: Ipv4Addr) -> Result<Ipv4Addr> {
        let own = self.own_address(caller, address)?;
        match (own.domain, own.migrated) {
            (Domain::Standard, _) => Ok(address),
            (Domain::Vpc, true) => Err(Error::AddressMigrated { address }),
            (Domain::Vpc, false) => Err(Error::NotYourAddress { address }),
        }
    }

    /// Checks that an interface may get an address. Returns the association if it exists already.
    fn check_interface(
        &self,
        address: Ipv4Addr,
        vpc: &str,
        id: &str,
        private: Ipv4Addr,
        reassociate: bool,
    ) -> Result<Option<String>> {
        let Some(interface) = self.network_interfaces.get(id) else { return Ok(None) };
        if !interface.addresses.contains(&private) {
            return Err(Error::NoSuchPrivate { address: private, interface: id.into() });
        }
        if self.internet_gateway_of(vpc).is_none() {
            return Err(Error::NoInternetGateway { vpc: vpc.into() });
        }
        let current = interface.public.get(&private).and_then(|public| Some((public.address, public.elastic.clone()?)));
        let elsewhere = self.holder_of(address);
        match (current, elsewhere) {
            (Some((current, association)), _) if current == address => Ok(Some(association)),
            (Some((_, association)), _) if !reassociate => {
                Err(Error::AddressAssociated { what: id.into(), association })
            }
            (_, Some((_, association))) if !reassociate => {
                Err(Error::AddressAssociated { what: address.to_string(), association })
            }
            _ => Ok(None),
        }
    }

    /// Disassociates an address. A holder that needs a public address gets one of the pool.
    fn take_off(&mut self, address: Ipv4Addr) -> Result<()> {
        let Some((holder, _)) = self.holder_of(address) else { return Ok(()) };
        let instance = match &holder {
            AddressHolder::Instance(id) => self.instances.get(id),
            AddressHolder::Interface { id, .. } if self.is_platforms(id) => return Err(Error::NotYours {}),
            AddressHolder::Interface { id, private } => {
                let primary = self.network_interfaces.get(id).filter(|interface| interface.address() == *private);
                let instance = primary.and_then(|interface| self.instances.get(interface.instance()?));
                instance.filter(|instance| self.auto_public_interface(instance) == Some(id))
            }
        };
        let fresh = match instance.is_some_and(|instance| instance.is_on()) {
            true => Some(self.new_public(None)?),
            false => None,
        };
        self.set_public(&holder, fresh);
        Ok(())
    }

    fn set_public(&mut self, holder: &AddressHolder, public: Option<PublicAddress>) {
        match holder {
            AddressHolder::Instance(id) => {
                if let Some(classic) = self.instances.get_mut(id).and_then(crate::Instance::classic_mut) {
                    classic.public = public;
                }
            }
            AddressHolder::Interface { id, private } => {
                if let Some(interface) = self.network_interfaces.get_mut(id) {
                    match public {
                        Some(public) => interface.public.insert(*private, public),
                        None => interface.public.remove(private),
                    };
                }
            }
        }
    }

    /// DisassociateAddress, by an address of EC2-Classic. A free one stays free.
    pub fn disassociate_public(&mut self, caller: &Caller, address: Ipv4Addr) -> Result<()> {
        match self.own_address(caller, address)?.domain {
            Domain::Standard => self.take_off(address),
            Domain::Vpc => Err(Error::VpcNeedsAssociation {}),
        }
    }

    /// DisassociateAddress, by the association's id.
    pub fn disassociate_address(&mut self, caller: &Caller, association: &str) -> Result<()> {
        let of_vpcs = self.elastic_addresses.of(&caller.scope).filter(|own| own.domain == Domain::Vpc);
        let has = |own: &&ElasticAddress| self.holder_of(own.address).is_some_and(|(_, id)| id == association);
        let found = of_vpcs.filter(has).map(|own| own.address).next();
        let missing = Error::NotFound { kind: IdKind::AddressAssociation, id: association.into() };
        self.take_off(found.ok_or(missing)?)
    }

    /// ReleaseAddress. An associated address is refused, except in EC2-Classic and in a default VPC.
    pub fn release_address(&mut self, caller: &Caller, name: &AddressName) -> Result<()> {
        let own = match name {
            AddressName::Public(address) => self.own_address(caller, *address)?,
            AddressName::Allocation(id) => self.elastic_addresses.find(&caller.scope, id)?,
        };
        let (id, address, domain) = (own.id.clone(), own.address, own.domain);
        match (name, domain) {
            (AddressName::Public(_), Domain::Vpc) => return Err(Error::ReleaseNeedsAllocation {}),
            (_, Domain::Vpc) if self.holds_outside_default(address) => return Err(Error::AddressInUse { address }),
            _ => self.take_off(address)?,
        }
        self.elastic_addresses.remove(&id);
        self.free_blocks_of(&id);
        Ok(())
    }

    /// MoveAddressToVpc: moves a free address of EC2-Classic that the account has had for a day. The move is complete at once. Returns
    /// the allocation id.
    pub fn move_address_to_vpc(&mut self, caller: &Caller, address: Ipv4Addr) -> Result<String> {
        let own = self.own_address(caller, address)?;
        if own.domain == Domain::Vpc {
            return Err(Error::AddressMigrated { address });
        }
        if self.holder_of(address).is_some() {
            return Err(Error::AddressInUse { address });
        }
        if caller.now.since(own.since) < MOVABLE_AFTER {
            return Err(Error::AddressTooYoung { address });
        }
        self.move_address(caller, address, Domain::Vpc, true)
    }

    /// RestoreAddressToClassic: moves a free address back that came from EC2-Classic.
    pub fn restore_address(&mut self, caller: &Caller, address: Ipv4Addr) -> Result<()> {
        let own = self.own_address(caller, address)?;
        if !own.migrated {
            return Err(Error::NeverClassic { address });
        }
        if self.holder_of(address).is_some() {
            return Err(Error::AddressInUse { address });
        }
        self.move_address(caller, address, Domain::Standard, false).map(|_| ())
    }

    fn move_address(&mut self, caller: &Caller, address: Ipv4Addr, domain: Domain, migrated: bool) -> Result<String> {
        self.check_address_limit(caller, domain)?;
        let own = self.own_address(caller, address)?.clone();
        let id = self.address_id(domain, address);
        self.elastic_addresses.remove(own.id());
        self.elastic_addresses.insert(ElasticAddress { id: id.clone(), domain, migrated, tags: Tags::new(), ..own });
        Ok(id)
    }

    /// The Elastic IP address with that number, of any account.
    pub fn elastic_address(&self, address: Ipv4Addr) -> Option<&ElasticAddress> {
        self.elastic_addresses.by(&address.to_string()).next()
    }

    /// The free address of VPCs with that allocation id.
    pub(crate) fn free_allocation(&self, caller: &Caller, id: &str) -> Result<Option<Ipv4Addr>> {
        let address = self.elastic_addresses.find(&caller.scope, id)?;
        Ok(Some(address.address).filter(|address| self.holder_of(*address).is_none()))
    }
}
