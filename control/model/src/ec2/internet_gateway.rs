//! Internet gateways, which connect a VPC to the Internet.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};

/// An Internet gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// `igw-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its VPC.
    pub vpc: Option<String>,
}

resource!(InternetGateway, IdKind::InternetGateway, |gateway| gateway.vpc.iter().cloned().collect());

impl Model {
    /// CreateInternetGateway: creates a gateway that is not attached.
    pub fn create_internet_gateway(&mut self, caller: &Caller, tags: Tags) -> Result<String> {
        tags::check(&tags)?;
        let id = self.new_id(IdKind::InternetGateway);
        self.internet_gateways.insert(InternetGateway { id: id.clone(), scope: caller.scope.clone(), tags, vpc: None });
        Ok(id)
    }

    /// AttachInternetGateway: one gateway a VPC, one VPC a gateway.
    pub fn attach_internet_gateway(&mut self, caller: &Caller, id: &str, vpc: &str) -> Result<()> {
        let gateway = self.internet_gateways.find(&caller.scope, id)?;
        self.vpcs.find(&caller.scope, vpc)?;
        if gateway.vpc.is_some() {
            return Err(Error::GatewayAttached { id: id.into(), vpc: gateway.vpc.clone().unwrap_or_default() });
        }
        if let Some(other) = self.internet_gateway_of(vpc) {
            return Err(Error::VpcHasGateway { vpc: vpc.into(), gateway: other.id.clone() });
        }
        self.internet_gateways.find_mut(&caller.scope, id)?.vpc = Some(vpc.to_owned());
        Ok(())
    }

    /// The Internet gateway attached to a VPC.
    pub fn internet_gateway_of(&self, vpc: &str) -> Option<&InternetGateway> {
        self.internet_gateways.by(vpc).next()
    }

    /// DetachInternetGateway. It is refused while the VPC has public addresses.
    pub fn detach_internet_gateway(&mut self, caller: &Caller, id: &str, vpc: &str) -> Result<()> {
        let gateway = self.internet_gateways.find(&caller.scope, id)?;
        if gateway.vpc.as_deref() != Some(vpc) {
            return Err(Error::GatewayNotAttached { id: id.into(), vpc: vpc.into() });
        }
        if self.network_interfaces.by(vpc).any(|interface| !interface.public.is_empty()) {
            return Err(Error::MappedAddresses { vpc: vpc.into() });
        }
        self.internet_gateways.find_mut(&caller.scope, id)?.vpc = None;
        self.disassociate_gateway(id);
        Ok(())
    }

    /// DeleteInternetGateway. An attached gateway is refused.
    pub fn delete_internet_gateway(&mut self, caller: &Caller, id: &str) -> Result<()> {
        if self.internet_gateways.find(&caller.scope, id)?.vpc.is_some() {
            return Err(Error::HasDependencies { kind: "internetGateway".into(), id: id.into() });
        }
        self.internet_gateways.remove(id);
        Ok(())
    }
}
