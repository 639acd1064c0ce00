//! VPC Block Public Access: what keeps an account's VPCs of a Region from the Internet, whatever their gateways are, and what is excluded.

use crate::collection::resource;
use crate::words::words;
use crate::{
    Caller, IdKind, InternetBlock, Model, NatGateway, NetworkInterface, Result, Scope, Subnet, Tags, Time, Vpc, tags,
};
use serde::{Deserialize, Serialize};

words! {
    /// What passes all the same.
    ExclusionMode { Bidirectional "allow-bidirectional", Egress "allow-egress" }
}

/// A VPC or a subnet that is excluded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockExclusion {
    /// `vpcbpa-exclude-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The VPC or the subnet.
    pub place: String,
    /// What passes.
    pub mode: ExclusionMode,
    /// Since when it is.
    pub created: Time,
    /// When it was last changed.
    pub changed: Option<Time>,
}

resource!(BlockExclusion, IdKind::VpcBlockPublicAccessExclusion, |exclusion| vec![exclusion.place.clone()]);

impl BlockExclusion {
    /// Whether a single subnet is excluded.
    pub fn is_of_subnet(&self) -> bool {
        IdKind::Subnet.fits(&self.place)
    }
}

impl Model {
    /// ModifyVpcBlockPublicAccessOptions.
    pub fn block_internet(&mut self, caller: &Caller, block: InternetBlock) {
        self.change_settings(caller, |settings| {
            (settings.internet_block, settings.internet_block_set) = (block, Some(caller.now));
        });
    }

    /// CreateVpcBlockPublicAccessExclusion, of a VPC or of a subnet. Answers with the id.
    pub fn exclude_from_block(
        &mut self,
        caller: &Caller,
        place: String,
        mode: ExclusionMode,
        tags: Tags,
    ) -> Result<String> {
        match IdKind::Subnet.fits(&place) {
            true => drop(self.subnets.find(&caller.scope, &place)?),
            false => drop(self.vpcs.find(&caller.scope, &place)?),
        }
        tags::check(&tags)?;
        let id = self.new_id(IdKind::VpcBlockPublicAccessExclusion);
        let (scope, created) = (caller.scope.clone(), caller.now);
        self.block_exclusions.insert(BlockExclusion {
            id: id.clone(),
            scope,
            tags,
            place,
            mode,
            created,
            changed: None,
        });
        Ok(id)
    }

    /// ModifyVpcBlockPublicAccessExclusion.
    pub fn change_exclusion(&mut self, caller: &Caller, id: &str, mode: ExclusionMode) -> Result<()> {
        let exclusion = self.block_exclusions.find_mut(&caller.scope, id)?;
        (exclusion.mode, exclusion.changed) = (mode, Some(caller.now));
        Ok(())
    }

    /// DeleteVpcBlockPublicAccessExclusion. Answers with what was.
    pub fn delete_exclusion(&mut self, caller: &Caller, id: &str) -> Result<BlockExclusion> {
        let exclusion = self.block_exclusions.find(&caller.scope, id)?.clone();
        self.block_exclusions.remove(id);
        Ok(exclusion)
    }

    /// What is kept from passing between a subnet and the Internet. Its own exclusions count before those of its VPC.
    pub fn internet_block_of(&self, subnet: &Subnet) -> InternetBlock {
        self.block_but_for(&subnet.scope, &[&subnet.id, &subnet.vpc])
    }

    /// What is kept from passing between a VPC and the Internet, where its subnets have no exclusions of their own.
    pub fn internet_block_of_vpc(&self, vpc: &Vpc) -> InternetBlock {
        self.block_but_for(&vpc.scope, &[&vpc.id])
    }

    /// What is kept from passing after the exclusions of the first of these places that has any.
    fn block_but_for(&self, scope: &Scope, places: &[&String]) -> InternetBlock {
        let block = self.settings(scope).internet_block;
        if block == InternetBlock::Off {
            return block;
        }
        // Of several exclusions of a place the widest counts.
        let widest = |place: &&String| self.block_exclusions.by(place).map(|exclusion| exclusion.mode).min();
        match places.iter().find_map(widest) {
            Some(ExclusionMode::Bidirectional) => InternetBlock::Off,
            Some(ExclusionMode::Egress) => InternetBlock::Ingress,
            None => block,
        }
    }

    /// Whether an interface has public addresses that a block keeps from the Internet.
    pub fn blocks_interface(&self, interface: &NetworkInterface) -> bool {
        let subnet = self.subnets.get(&interface.subnet);
        let is_blocked = |subnet| self.internet_block_of(subnet) != InternetBlock::Off;
        !interface.public.is_empty() && subnet.is_some_and(is_blocked)
    }

    /// Whether a block keeps a NAT gateway from the Internet. It lets nothing in by itself, so that a block of ingress does not concern it.
    pub fn blocks_nat_gateway(&self, gateway: &NatGateway) -> bool {
        let subnet = self.subnets.get(&gateway.subnet);
        let is_blocked = |subnet| self.internet_block_of(subnet) == InternetBlock::Bidirectional;
        !gateway.is_private() && subnet.is_some_and(is_blocked)
    }
}
