//! Egress-only Internet gateways. They are for IPv6, so they have no effect on packets.

use crate::collection::resource;
use crate::{Caller, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};

/// An egress-only Internet gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EgressOnlyInternetGateway {
    /// `eigw-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its VPC.
    pub vpc: String,
}

resource!(EgressOnlyInternetGateway, IdKind::EgressOnlyInternetGateway, |gateway| vec![gateway.vpc.clone()]);

impl Model {
    /// CreateEgressOnlyInternetGateway: creates a gateway that is attached to a VPC.
    pub fn create_egress_only_gateway(&mut self, caller: &Caller, vpc: &str, tags: Tags) -> Result<String> {
        self.vpcs.find(&caller.scope, vpc)?;
        tags::check(&tags)?;
        let id = self.new_id(IdKind::EgressOnlyInternetGateway);
        let (scope, vpc) = (caller.scope.clone(), vpc.to_owned());
        self.egress_only_gateways.insert(EgressOnlyInternetGateway { id: id.clone(), scope, tags, vpc });
        Ok(id)
    }

    /// DeleteEgressOnlyInternetGateway. Its routes become blackholes.
    pub fn delete_egress_only_gateway(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.egress_only_gateways.find(&caller.scope, id)?;
        self.egress_only_gateways.remove(id);
        Ok(())
    }
}
