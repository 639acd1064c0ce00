//! VPC Block Public Access: blocks traffic between the VPCs of an account and Region and the Internet, except for exclusions.

use crate::collection::resource;
use crate::words::words;
use crate::{
    Caller, IdKind, InternetBlock, Model, NatGateway, NetworkInterface, Result, Scope, Subnet, Tags, Time, Vpc, tags,
};
use serde::{Deserialize, Serialize};

words! {
    /// The traffic that an exclusion lets pass.
    ExclusionMode { Bidirectional "allow-bidirectional", Egress "allow-egress" }
}

/// An exclusion of a VPC or a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockExclusion {
    /// `vpcbpa-exclude-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The VPC or the subnet.
    pub place: String,
    /// The traffic that passes.
    pub mode: ExclusionMode,
    /// The time of its creation.
    pub created: Time,
    /// When it was last changed.
    pub changed: Option<Time>,
}

resource!(BlockExclusion, IdKind::VpcBlockPublicAccessExclusion, |exclusion| vec![exclusion.place.clone()]);

impl BlockExclusion {
    /// Whether it excludes a single subnet.
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

    /// CreateVpcBlockPublicAccessExclusion, of a VPC or of a subnet. Returns the id.
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

    /// DeleteVpcBlockPublicAccessExclusion. Returns what was deleted.
    pub fn delete_exclusion(&mut self, caller: &Caller, id: &str) -> Result<BlockExclusion> {
        let exclusion = self.block_exclusions.find(&caller.scope, id)?.clone();
        self.block_exclusions.remove(id);
        Ok(exclusion)
    }

    /// The blocked traffic between a subnet and the Internet. The subnet's own exclusions precede those of its VPC.
    pub fn internet_block_of(&self, subnet: &Subnet) -> InternetBlock {
        self.block_but_for(&subnet.scope, &[&subnet.id, &subnet.vpc])
    }

    /// The blocked traffic between a VPC and the Internet, apart from exclusions of subnets.
    pub fn internet_block_of_vpc(&self, vpc: &Vpc) -> InternetBlock {
        self.block_but_for(&vpc.scope, &[&vpc.id])
    }

    /// The blocked traffic after the exclusions of the first of these places that has any.
    fn block_but_for(&self, scope: &Scope, places: &[&String]) -> InternetBlock {
        let block = self.settings(scope).internet_block;
        if block == InternetBlock::Off {
            return block;
        }
        // Of several exclusions of a place the widest one applies.
        let widest = |place: &&String| self.block_exclusions.by(place).map(|exclusion| exclusion.mode).min();
        match places.iter().find_map(widest) {
            Some(ExclusionMode::Bidirectional) => InternetBlock::Off,
            Some(ExclusionMode::Egress) => InternetBlock::Ingress,
            None => block,
        }
    }

    /// Whether the public addresses of an interface are blocked from the Internet.
    pub fn blocks_interface(&self, interface: &NetworkInterface) -> bool {
        let subnet = self.subnets.get(&interface.subnet);
        let is_blocked = |subnet| self.internet_block_of(subnet) != InternetBlock::Off;
        !interface.public.is_empty() && subnet.is_some_and(is_blocked)
    }

    /// Whether a NAT gateway is blocked from the Internet. It begins no connections inwards, so a block of ingress alone does not apply.
    pub fn blocks_nat_gateway(&self, gateway: &NatGateway) -> bool {
        let subnet = self.subnets.get(&gateway.subnet);
        let is_blocked = |subnet| self.internet_block_of(subnet) == InternetBlock::Bidirectional;
        !gateway.is_private() && subnet.is_some_and(is_blocked)
    }
}
