//! Instances that stand for hosts of services: at the same place, with the same groups and addresses.

use super::{Entries, Writer, say_owner};
use model::services::Admitted;
use model::{IdKind, ManagedHost, ManagedPlace};
use serde_json::{Value as Json, json};

impl Writer<'_> {
    pub(super) fn managed(&mut self) -> Entries {
        let model = self.model;
        let mut entries = Entries::new();
        for host in model.managed_hosts.iter().filter(|host| host.is_on()) {
            let entry = match &host.place {
                ManagedPlace::Vpc { interface, .. } => self.managed_in_vpc(host, interface),
                ManagedPlace::Classic { .. } => self.managed_in_classic(host),
            };
            entries.extend(entry.map(|entry| self.entry(&host.id, entry)));
        }
        entries
    }

    fn managed_in_vpc(&mut self, host: &ManagedHost, interface: &str) -> Option<Json> {
        let model = self.model;
        let interface = model.network_interfaces.get(interface)?;
        if !self.is_written(IdKind::Subnet, &interface.subnet) {
            self.leave_out(format!("{}: its subnet is left out", host.id));
            return None;
        }
        let mut entry = json!({"SubnetId": self.name(&interface.subnet)});
        self.place(&mut entry, &host.id, interface);
        Some(entry)
    }

    fn managed_in_classic(&mut self, host: &ManagedHost) -> Option<Json> {
        let ManagedPlace::Classic { private, public, groups, .. } = &host.place else { return None };
        let (own, others): (Vec<&String>, Vec<&String>) =
            groups.iter().partition(|id| self.model.access_groups.get(id).is_some());
        if !others.iter().all(|id| self.is_written(IdKind::SecurityGroup, id)) {
            self.leave_out(format!("{}: it is in groups that are left out", host.id));
            return None;
        }
        let own = (!own.is_empty()).then(|| access_group(host));
        let groups: Vec<String> = others.into_iter().cloned().chain(own).collect();
        let mut entry = json!({"SecurityGroups": groups, "PrivateIpAddress": private});
        if let Some(public) = public {
            entry["PublicIpAddress"] = json!(public);
        }
        say_owner(&mut entry, &host.scope);
        Some(entry)
    }

    /// For each host that is in a service's own groups, a group of EC2-Classic that lets the same clients reach its program.
    pub(super) fn access_groups(&mut self) -> Entries {
        let model = self.model;
        let mut entries = Entries::new();
        for host in model.managed_hosts.iter().filter(|host| host.is_on()) {
            let ManagedPlace::Classic { groups, .. } = &host.place else { continue };
            let own: Vec<_> = groups.iter().filter_map(|id| model.access_groups.get(id)).collect();
            if own.is_empty() {
                continue;
            }
            let admitted = own.iter().flat_map(|group| &group.admitted);
            let rules: Vec<String> = admitted.filter_map(|admitted| self.admission(host, admitted)).collect();
            let mut entry = json!({"ingress": rules});
            say_owner(&mut entry, &host.scope);
            entries.push((access_group(host), entry));
        }
        entries
    }

    fn admission(&mut self, host: &ManagedHost, admitted: &Admitted) -> Option<String> {
        let peer = match admitted {
            Admitted::Range(range) => range.to_string(),
            Admitted::Group { id, .. } if self.is_written(IdKind::SecurityGroup, id) => id.clone(),
            Admitted::Group { .. } => {
                self.leave_out(format!("{}: that it admits {admitted}", host.id));
                return None;
            }
        };
        Some(format!("tcp {} from {peer}", host.program.port))
    }
}

/// The name of the group that stands for a service's own groups of a host.
fn access_group(host: &ManagedHost) -> String {
    format!("groups-of-{}", host.id)
}
