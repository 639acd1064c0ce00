//! Security groups of one VPC in another VPC of the same owner and Region.

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

    /// DisassociateSecurityGroupVpc, when no interface there has it.
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

    /// Takes a VPC that goes out of the groups of others.
    pub(crate) fn forget_group_associations(&mut self, vpc: &str) {
        self.security_groups.update(|group| group.also_in.contains(vpc), |group| _ = group.also_in.remove(vpc));
    }
}
