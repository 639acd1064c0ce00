//! Attaches and detaches network interfaces, also of running instances.

use crate::{Caller, EnaSrd, Error, IdKind, InstanceState, InstanceType, InterfaceAttachment, Model, Network, Result};

impl Model {
    /// Attaches an interface to an instance. `id` is the attachment's.
    pub(crate) fn attach(
        &mut self,
        caller: &Caller,
        interface: &str,
        (instance, device_index): (&str, u16),
        port: u32,
        delete_on_termination: bool,
    ) -> String {
        let id = self.new_id(IdKind::NetworkInterfaceAttachment);
        let attachment = InterfaceAttachment {
            id: id.clone(),
            instance: instance.to_owned(),
            device_index,
            port,
            delete_on_termination,
            since: caller.now,
            srd: EnaSrd::default(),
        };
        if let Some(interface) = self.network_interfaces.get_mut(interface) {
            interface.attachment = Some(attachment);
        }
        id
    }

    /// Checks that an instance of this type may have this many interfaces.
    pub(crate) fn check_interface_count(&self, instance_type: &str, count: usize) -> Result<()> {
        let most = InstanceType::named(instance_type).map_or(1, |known| known.interfaces);
        match count > most as usize {
            true => Err(Error::InterfaceLimit { count, instance_type: instance_type.to_owned() }),
            false => Ok(()),
        }
    }

    /// AttachNetworkInterface: the instance must be in the same zone, running or stopped. Returns the attachment's id.
    pub fn attach_network_interface(
        &mut self,
        caller: &Caller,
        id: &str,
        instance: &str,
        index: u16,
    ) -> Result<String> {
        let interface = self.network_interfaces.find(&caller.scope, id)?;
        let instance = self.instances.find(&caller.scope, instance)?;
        if self.is_platforms(id) {
            return Err(Error::NotYours {});
        }
        if interface.attachment.is_some() {
            return Err(Error::InterfaceInUse { id: id.into() });
        }
        if !matches!(instance.state, InstanceState::Running | InstanceState::Stopped) {
            return Err(Error::WrongState { id: instance.id.clone(), state: instance.state.name().into() });
        }
        let place = instance.vpc().ok_or_else(|| Error::OnlyVpcInterfaces { id: instance.id.clone() })?;
        if place.vpc != interface.vpc {
            return Err(Error::DifferentNetworks {});
        }
        if self.subnets.get(&interface.subnet).is_none_or(|subnet| subnet.zone != instance.zone) {
            return Err(Error::InterfaceZone {});
        }
        let theirs = place.interfaces.iter().filter_map(|id| self.network_interfaces.get(id)?.attachment.as_ref());
        let taken: Vec<u16> = theirs.map(|attachment| attachment.device_index).collect();
        if taken.contains(&index) {
            return Err(Error::DeviceIndexTaken { id: instance.id.clone(), index });
        }
        self.check_interface_count(&instance.instance_type, taken.len() + 1)?;

        let (instance, port) = (instance.id.clone(), self.number());
        let attachment = self.attach(caller, id, (&instance, index), port, false);
        let before = taken.iter().filter(|taken| **taken < index).count();
        if let Some(Network::Vpc(place)) = self.instances.get_mut(&instance).map(|instance| &mut instance.network) {
            place.interfaces.insert(before, id.to_owned());
        }
        Ok(attachment)
    }

    /// DetachNetworkInterface. The primary interface is refused.
    pub fn detach_network_interface(&mut self, caller: &Caller, attachment: &str) -> Result<()> {
        if IdKind::ServiceAttachment.fits(attachment) {
            return Err(Error::ServiceAttachment {});
        }
        let is_it = |known: &InterfaceAttachment| known.id == attachment;
        let found = self.network_interfaces.of(&caller.scope).find_map(|interface| {
            let attached = interface.attachment.as_ref().filter(|known| is_it(known));
            Some((interface, attached?))
        });
        let missing = || Error::NotFound { kind: IdKind::NetworkInterfaceAttachment, id: attachment.into() };
        let (interface, attached) = found.ok_or_else(missing)?;
        if attached.device_index == 0 {
            return Err(Error::PrimaryInterface {});
        }
        let (id, instance) = (interface.id.clone(), attached.instance.clone());
        if let Some(interface) = self.network_interfaces.get_mut(&id) {
            interface.attachment = None;
        }
        if let Some(Network::Vpc(place)) = self.instances.get_mut(&instance).map(|instance| &mut instance.network) {
            place.interfaces.retain(|theirs| *theirs != id);
        }
        Ok(())
    }
}
