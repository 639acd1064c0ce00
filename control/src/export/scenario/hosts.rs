//! Instances, their further interfaces, their addresses, and hosts outside the cloud.

use super::{Entries, Writer, say_owner};
use model::{
    AddressHolder, ClassicPlace, Domain, Host, HostPlace, IMPAIR_TAG, IdKind, Instance, InstanceType, MTU_TAG, Network,
    NetworkInterface, PORT_TAG, PUBLIC_IP_TAG, PathEnd, Resource, VpcPlace, impairments_of, impairments_text,
};
use serde_json::{Value as Json, json};
use std::net::Ipv4Addr;

/// The instance type of instances without one.
const DEFAULT_TYPE: &str = "m3.medium";

impl Writer<'_> {
    pub(super) fn instances(&mut self) -> Entries {
        let mut entries = Entries::new();
        for instance in self.model.instances.iter().filter(|instance| !instance.is_gone()) {
            let subnet = instance.vpc().map(|place| &place.subnet);
            if !instance.is_on() {
                self.leave_out(format!("{}: it is {}", instance.id, instance.state.name()));
            } else if subnet.is_some_and(|subnet| !self.is_written(IdKind::Subnet, subnet)) {
                self.leave_out(format!("{}: its subnet is left out", instance.id));
            } else {
                entries.push(self.instance(instance));
            }
        }
        entries.extend(self.managed());
        entries
    }

    fn instance(&mut self, instance: &Instance) -> (String, Json) {
        let mut entry = match &instance.network {
            Network::Classic(place) => self.classic(instance, place),
            Network::Vpc(place) => self.in_subnet(instance, place),
        };
        if instance.instance_type != DEFAULT_TYPE && InstanceType::named(&instance.instance_type).is_some() {
            entry["InstanceType"] = json!(instance.instance_type);
        }
        for (tag, value) in
            instance.tags.iter().filter(|(tag, _)| [MTU_TAG, PORT_TAG, IMPAIR_TAG].contains(&tag.as_str()))
        {
            let words = if tag == IMPAIR_TAG { self.bad_networks(&instance.id, value) } else { value.clone() };
            entry["Tags"][tag] = json!(words);
        }
        self.entry(&instance.id, entry)
    }

    /// The impairments of an instance. Ids in them become names, because ids differ when the scenario
    /// runs.
    fn bad_networks(&mut self, instance: &str, words: &String) -> String {
        let mut bad = impairments_of(Some(words));
        bad.paths.retain(|end, _| {
            let is_lost = matches!(end, PathEnd::Host(host) if self.model.hosts.get(host).is_none());
            if is_lost {
                self.leave_out(format!("{instance}: its bad network with {end}"));
            }
            !is_lost
        });
        impairments_text(&bad)
    }

    fn classic(&mut self, instance: &Instance, place: &ClassicPlace) -> Json {
        let groups = self.names_of(IdKind::SecurityGroup, &instance.id, &place.groups);
        let mut entry = json!({"SecurityGroups": groups, "PrivateIpAddress": place.private});
        if let Some(public) = place.public.as_ref().filter(|public| public.elastic.is_none()) {
            entry["PublicIpAddress"] = json!(public.address);
        }
        match &place.link {
            Some(link) if self.is_written(IdKind::Vpc, &link.vpc) => {
                let groups = self.names_of(IdKind::SecurityGroup, &instance.id, &link.groups);
                entry["link"] = json!({"VpcId": self.name(&link.vpc), "SecurityGroups": groups});
            }
            Some(link) => self.leave_out(format!("{}: its link to {}", instance.id, link.vpc)),
            None => {}
        }
        say_owner(&mut entry, instance.scope());
        entry
    }

    fn in_subnet(&mut self, instance: &Instance, place: &VpcPlace) -> Json {
        let mut entry = json!({"SubnetId": self.name(&place.subnet)});
        let primary = place.interfaces.first().and_then(|id| self.model.network_interfaces.get(id));
        let Some(primary) = primary else { return entry };
        self.place(&mut entry, &instance.id, primary);
        entry
    }

    /// Adds what a host's primary interface says.
    pub(super) fn place(&mut self, entry: &mut Json, host: &str, primary: &NetworkInterface) {
        entry["SecurityGroups"] = json!(self.names_of(IdKind::SecurityGroup, host, &primary.groups));
        entry["PrivateIpAddress"] = json!(primary.address());
        if let Some(public) = primary.primary_public().filter(|public| public.elastic.is_none()) {
            entry["AssociatePublicIpAddress"] = json!(true);
            entry["Tags"][PUBLIC_IP_TAG] = json!(public.address);
        }
        if !primary.source_dest_check {
            entry["SourceDestCheck"] = json!(false);
        }
        if primary.addresses.len() > 1 {
            entry["SecondaryPrivateIpAddresses"] = json!(&primary.addresses[1..]);
        }
    }

    /// Interfaces that were not made with an instance or by the platform.
    pub(super) fn interfaces(&mut self) -> Entries {
        let model = self.model;
        let is_primary = |interface: &NetworkInterface| {
            interface.attachment.as_ref().is_some_and(|attachment| attachment.device_index == 0)
        };
        let own = |interface: &&NetworkInterface| !is_primary(interface) && !model.is_platforms(&interface.id);
        let further = model.network_interfaces.iter().filter(own);
        further.filter_map(|interface| self.interface(interface)).collect()
    }

    fn interface(&mut self, interface: &NetworkInterface) -> Option<(String, Json)> {
        let at = interface.attachment.as_ref();
        if let Some(at) = at.filter(|at| !self.is_written(IdKind::Instance, &at.instance)) {
            self.leave_out(format!("{}: its instance {} is left out", interface.id, at.instance));
            return None;
        }
        if !self.is_written(IdKind::Subnet, &interface.subnet) {
            self.leave_out(format!("{}: its subnet is left out", interface.id));
            return None;
        }
        let mut entry = json!({
            "SubnetId": self.name(&interface.subnet),
            "SecurityGroups": self.names_of(IdKind::SecurityGroup, &interface.id, &interface.groups),
            "PrivateIpAddress": interface.address(),
        });
        if let Some(at) = at {
            entry["InstanceId"] = json!(self.name(&at.instance));
            entry["DeviceIndex"] = json!(at.device_index);
        }
        if interface.addresses.len() > 1 {
            entry["SecondaryPrivateIpAddresses"] = json!(&interface.addresses[1..]);
        }
        if !interface.source_dest_check {
            entry["SourceDestCheck"] = json!(false);
        }
        Some(self.entry(&interface.id, entry))
    }

    /// Elastic IP addresses that are associated with instances. Others equal newly allocated ones.
    pub(super) fn addresses(&mut self) -> Entries {
        let mut entries = Entries::new();
        for elastic in self.model.elastic_addresses.iter() {
            let domain = if elastic.domain == Domain::Standard { "standard" } else { "vpc" };
            match self.model.holder_of(elastic.address).map(|(holder, _)| holder) {
                Some(AddressHolder::Instance(instance)) if self.is_written(IdKind::Instance, &instance) => {
                    let entry = json!({"Domain": domain, "InstanceId": self.name(&instance)});
                    entries.push(self.entry(&elastic.id, entry));
                }
                Some(AddressHolder::Interface { id, private }) => match self.instance_of(&id, private) {
                    Some(instance) => {
                        let entry = json!({"Domain": domain, "InstanceId": instance});
                        entries.push(self.entry(&elastic.id, entry));
                    }
                    None if self.model.nat_gateway_of(&id).is_some() => {}
                    None => self.leave_out(format!("{}: that it is {private}'s, of {id}", elastic.id)),
                },
                _ => {}
            }
        }
        entries
    }

    /// The name of the instance whose only interface this is, if the address is the first one.
    fn instance_of(&self, interface: &str, private: Ipv4Addr) -> Option<String> {
        let interface = self.model.network_interfaces.get(interface)?;
        let instance = interface.instance().filter(|instance| self.is_written(IdKind::Instance, instance))?;
        let is_only = self.model.instances.get(instance)?.vpc()?.interfaces == [interface.id.clone()];
        (is_only && interface.address() == private).then(|| self.name(instance))
    }

    pub(super) fn hosts(&mut self) -> Entries {
        let mut entries = Entries::new();
        for host in self.model.hosts.iter() {
            match outside(host) {
                _ if matches!(&host.place, HostPlace::Site(gateway) if !self.is_written(IdKind::CustomerGateway, gateway)) =>
                {
                    self.leave_out(format!("{}: its site is left out", host.name));
                }
                entry => entries.push((host.name.clone(), entry)),
            }
        }
        entries
    }
}

fn outside(host: &Host) -> Json {
    match (&host.place, &host.service) {
        (HostPlace::Site(gateway), _) => json!({"site": {"gateway": gateway, "address": host.address}}),
        (HostPlace::Internet, Some(service)) => json!({"service": {"name": service, "address": host.address}}),
        (HostPlace::Internet, None) => json!({"internet": host.address}),
    }
}
