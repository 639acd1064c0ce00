//! NAT gateways: translate the addresses of a VPC's instances to a public or a private one.

use crate::collection::resource;
use crate::ec2::network_interface::NewInterface;
use crate::{Caller, Error, IdKind, Model, PublicAddress, Result, Scope, SecondaryAddresses, Subnet, Tags, Time, tags};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use std::time::Duration;

/// How long a gateway that is deleted or failed can still be described.
const VISIBLE: Duration = Duration::from_secs(3600);

/// The state of a gateway. Transitional states take no time here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NatState {
    /// It is available.
    Available,
    /// It could not be created.
    Failed {
        /// EC2's code.
        code: String,
        /// EC2's message.
        message: String,
    },
    /// It is deleted.
    Deleted,
}

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// `nat-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number (a NAT).
    pub number: u32,
    /// The VPC.
    pub vpc: String,
    /// Its subnet, whose segment and route table it uses.
    pub subnet: String,
    /// Its allocation id (`eipalloc-…`). `None` for a private gateway.
    pub allocation: Option<String>,
    /// The address that its destinations see: the public one, or that of its interface. 0.0.0.0 for a failed private gateway.
    pub public: Ipv4Addr,
    /// Its network interface. `None` once it is deleted.
    pub interface: Option<String>,
    /// Its private address.
    pub private: Option<Ipv4Addr>,
    /// The state.
    pub state: NatState,
    /// The time of its creation.
    pub created: Time,
    /// The time at which it failed or was deleted.
    pub ended: Option<Time>,
}

resource!(NatGateway, IdKind::NatGateway, |gateway| {
    let places = [&gateway.vpc, &gateway.subnet];
    places.into_iter().chain(&gateway.allocation).chain(&gateway.interface).cloned().collect()
});

impl NatGateway {
    /// Whether it is available.
    pub fn is_available(&self) -> bool {
        self.state == NatState::Available
    }

    /// Whether it is a private gateway, which leads to other private networks.
    pub fn is_private(&self) -> bool {
        self.allocation.is_none()
    }

    /// Whether it is still described.
    pub fn is_visible(&self, now: Time) -> bool {
        self.ended.is_none_or(|ended| now.since(ended) < VISIBLE)
    }
}

/// The parameters of a new NAT gateway.
#[derive(Clone, Debug)]
pub struct NewNatGateway {
    /// The subnet.
    pub subnet: String,
    /// Its Elastic IP address. `None` for a private gateway.
    pub allocation: Option<String>,
    /// Its private address. By default the subnet chooses one.
    pub private: Option<Ipv4Addr>,
    /// Its other addresses.
    pub secondary: SecondaryAddresses,
    /// Its tags.
    pub tags: Tags,
}

impl Model {
    /// CreateNatGateway. As in EC2, an obstacle makes the gateway a failed one.
    pub fn create_nat_gateway(&mut self, caller: &Caller, new: NewNatGateway) -> Result<String> {
        let NewNatGateway { subnet, allocation, private, secondary, tags } = new;
        let subnet = self.subnets.find(&caller.scope, &subnet)?.clone();
        let public = match &allocation {
            Some(allocation) => Some(self.elastic_addresses.find(&caller.scope, allocation)?.address),
            None => None,
        };
        let taken = match &allocation {
            Some(allocation) => self.free_allocation(caller, allocation)?.is_none(),
            None => false,
        };
        tags::check(&tags)?;
        self.check_addresses(&subnet, private.as_slice())?;
        let private = private.or_else(|| self.some_free_addresses(&subnet, 1, &[]).first().copied());
        let taken = allocation.as_deref().filter(|_| taken);
        let failure = self.failure_of_nat_gateway(&subnet, public.is_some(), taken, private);
        let id = self.new_id(IdKind::NatGateway);
        let private = private.filter(|_| failure.is_none());
        let interface = private.map(|address| {
            let interface = self.insert_interface(NewInterface {
                scope: &caller.scope,
                subnet: &subnet,
                addresses: vec![address],
                groups: Vec::new(),
                description: format!("Interface for NAT Gateway {id}"),
                tags: Tags::new(),
            });
            let elastic = public.map(|address| (address, self.new_id(IdKind::AddressAssociation)));
            if let Some(interface) = self.network_interfaces.get_mut(&interface) {
                let elastic = elastic.map(|(address, id)| PublicAddress { address, elastic: Some(id) });
                interface.public.extend(elastic.map(|public| (address, public)));
                interface.source_dest_check = false;
            }
            interface
        });
        let state = match failure {
            Some((code, message)) => NatState::Failed { code: code.into(), message },
            None => NatState::Available,
        };
        let gateway = NatGateway {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            number: self.number(),
            vpc: subnet.vpc,
            subnet: subnet.id,
            allocation,
            public: public.or(private).unwrap_or(Ipv4Addr::UNSPECIFIED),
            ended: (state != NatState::Available).then_some(caller.now),
            interface,
            private,
            state,
            created: caller.now,
        };
        let is_available = gateway.is_available();
        self.nat_gateways.insert(gateway);
        if is_available {
            self.add_secondary_addresses(caller, &id, secondary)?;
        }
        Ok(id)
    }

    /// Why a new NAT gateway fails: the code and the message of its description. `taken` is its allocation if another resource has that.
    fn failure_of_nat_gateway(
        &self,
        subnet: &Subnet,
        is_public: bool,
        taken: Option<&str>,
        private: Option<Ipv4Addr>,
    ) -> Option<(&'static str, String)> {
        if is_public && self.internet_gateway_of(&subnet.vpc).is_none() {
            return Some(("Gateway.NotAttached", format!("Network {} has no Internet gateway attached", subnet.vpc)));
        }
        if let Some(allocation) = taken {
            let message = format!("Elastic IP address [{allocation}] is already associated");
            return Some(("Resource.AlreadyAssociated", message));
        }
        private.is_none().then(|| {
            let message = format!("Subnet has insufficient free addresses to create this NAT gateway: {}", subnet.id);
            ("InsufficientFreeAddressesInSubnet", message)
        })
    }

    /// DeleteNatGateway. Its address is released, and its routes become blackholes.
    pub fn delete_nat_gateway(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let gateway = self.nat_gateways.find(&caller.scope, id)?;
        if !gateway.is_visible(caller.now) {
            return Err(Error::NotFound { kind: IdKind::NatGateway, id: id.into() });
        }
        let gateway = self.nat_gateways.find_mut(&caller.scope, id)?;
        if gateway.is_available() {
            gateway.state = NatState::Deleted;
            gateway.ended = Some(caller.now);
            if let Some(interface) = gateway.interface.take() {
                self.network_interfaces.remove(&interface);
            }
        }
        Ok(())
    }

    /// The gateway that an interface belongs to.
    pub fn nat_gateway_of(&self, interface: &str) -> Option<&NatGateway> {
        self.nat_gateways.by(interface).next()
    }
}
