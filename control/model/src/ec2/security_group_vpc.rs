//! Associations of security groups with other VPCs of their owner and Region.

use crate::{Caller, Error, Model, Result, SecurityGroup};

impl SecurityGroup {
    /// Whether interfaces in a VPC may have it.
    pub fn can_be_in(&self, vpc: &str) -> bool {
        self.vpc.as_deref() == Some(vpc) || self.also_in.contains(vpc)
    }
}

impl Model {
    /// AssociateSecurityGroupVpc.
    pub fn associate_group(&mut self, caller: &Caller, id: &str, vpc: &str) -> Result<()> {
        self.vpcs.find(&caller.scope, vpc)?;
        let group = self.security_groups.find(&caller.scope, id)?;
        if group.vpc.is_none() || group.name == "default" {
            return Err(Error::GroupNotShareable { group: id.to_owned() });
        }
        if group.can_be_in(vpc) {
            return Err(Error::GroupAtHome { group: id.to_owned(), vpc: vpc.to_owned() });
        }
        self.security_groups.find_mut(&caller.scope, id)?.also_in.insert(vpc.to_owned());
        Ok(())
    }

    /// DisassociateSecurityGroupVpc. It is refused while an interface there has the group.
    pub fn disassociate_group(&mut self, caller: &Caller, id: &str, vpc: &str) -> Result<()> {
        if !self.security_groups.find(&caller.scope, id)?.also_in.contains(vpc) {
            return Err(Error::GroupNotAssociated { group: id.to_owned(), vpc: vpc.to_owned() });
        }
        if self.network_interfaces.by(id).any(|interface| interface.vpc == vpc) {
            return Err(Error::HasDependencies { kind: "security group".into(), id: id.to_owned() });
        }
        self.security_groups.find_mut(&caller.scope, id)?.also_in.remove(vpc);
        Ok(())
    }

    /// Removes a deleted VPC from the associations of groups.
    pub(crate) fn forget_group_associations(&mut self, vpc: &str) {
        self.security_groups.update(|group| group.also_in.contains(vpc), |group| _ = group.also_in.remove(vpc));
    }
}
