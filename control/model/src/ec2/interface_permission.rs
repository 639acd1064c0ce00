//! Permissions of other accounts to use a network interface. They are kept and shown: only its own
//! account uses a network interface here.

use crate::collection::resource;
use crate::words::words;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, is_account_id};
use serde::{Deserialize, Serialize};

words! {
    /// What a network interface may be used for.
    InterfacePurpose { InstanceAttach "INSTANCE-ATTACH", EipAssociate "EIP-ASSOCIATE" }
}

/// A permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfacePermission {
    /// `eni-perm-…`
    pub id: String,
    /// The account that gave it, and its Region.
    pub scope: Scope,
    /// Always empty: it cannot be tagged.
    pub tags: Tags,
    /// The network interface.
    pub interface: String,
    /// The account that it is given to.
    pub account: String,
    /// The permitted use.
    pub purpose: InterfacePurpose,
}

resource!(InterfacePermission, IdKind::NetworkInterfacePermission, |permission| vec![permission.interface.clone()]);

impl Model {
    /// CreateNetworkInterfacePermission. Returns the id.
    pub fn create_interface_permission(
        &mut self,
        caller: &Caller,
        interface: &str,
        account: String,
        purpose: InterfacePurpose,
    ) -> Result<String> {
        self.network_interfaces.find(&caller.scope, interface)?;
        if !is_account_id(&account) {
            return Err(Error::invalid("AwsAccountId", account));
        }
        let (id, scope) = (self.new_id(IdKind::NetworkInterfacePermission), caller.scope.clone());
        let (tags, interface) = (Tags::new(), interface.to_owned());
        self.interface_permissions.insert(InterfacePermission {
            id: id.clone(),
            scope,
            tags,
            interface,
            account,
            purpose,
        });
        Ok(id)
    }

    /// The permissions that a caller gave, and whose network interfaces still exist.
    pub fn interface_permissions_of<'m>(&'m self, caller: &'m Caller) -> impl Iterator<Item = &'m InterfacePermission> {
        let is_there = move |own: &&InterfacePermission| self.network_interfaces.get(&own.interface).is_some();
        self.interface_permissions.of(&caller.scope).filter(is_there)
    }

    /// DeleteNetworkInterfacePermission.
    pub fn delete_interface_permission(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.interface_permissions.find(&caller.scope, id)?;
        self.interface_permissions.remove(id);
        Ok(())
    }
}
