//! The hosts of a load balancer, one in each of its zones. A balancer runs on each host.

use super::{LoadBalancer, Place, Result};
use crate::{ManagedHost, ManagedPlace, ManagedService, Model, NewManagedHost, NewPlace, Owner, Power, Program};

impl Model {
    /// The hosts of a load balancer that are not being removed.
    fn hosts_of_balancer(&self, balancer: &str) -> impl Iterator<Item = &ManagedHost> {
        let is_of =
            |host: &&ManagedHost| host.owner.service == ManagedService::LoadBalancing && host.power != Power::Ending;
        self.managed_hosts.by(balancer).filter(is_of)
    }

    /// Gives a load balancer a host in each zone, with its groups, and removes others. A deleted load balancer has none.
    pub(super) fn settle_hosts(&mut self, id: &str) -> Result<()> {
        let balancer = self.load_balancers.get(id).cloned();
        let hosts: Vec<ManagedHost> = self.hosts_of_balancer(id).cloned().collect();
        let is_kept = |host: &&ManagedHost| balancer.as_ref().is_some_and(|balancer| self.is_in_place(balancer, host));
        let (kept, gone): (Vec<_>, Vec<_>) = hosts.iter().partition(is_kept);
        gone.iter().for_each(|host| self.end_managed_host(&host.id));
        let Some(balancer) = balancer else { return Ok(()) };
        for zone in balancer.place.zones() {
            if !kept.iter().any(|host| host.zone == zone) {
                self.make_balancers_host(&balancer, zone)?;
            }
        }
        if let Place::Vpc { groups, .. } = &balancer.place {
            kept.iter().for_each(|host| self.set_managed_groups(&host.id, groups));
        }
        self.point_name_to_hosts(id);
        Ok(())
    }

    /// Whether a host is in one of its load balancer's places.
    fn is_in_place(&self, balancer: &LoadBalancer, host: &ManagedHost) -> bool {
        match (&balancer.place, &host.place) {
            (Place::Classic { zones }, ManagedPlace::Classic { .. }) => zones.contains(&host.zone),
            (Place::Vpc { subnets, .. }, ManagedPlace::Vpc { interface, .. }) => {
                let interface = self.network_interfaces.get(interface);
                interface.is_some_and(|interface| subnets.get(&host.zone) == Some(&interface.subnet))
            }
            _ => false,
        }
    }

    fn make_balancers_host(&mut self, balancer: &LoadBalancer, zone: &str) -> Result<()> {
        let place = match &balancer.place {
            Place::Classic { .. } => NewPlace::Classic {
                zone: zone.to_owned(),
                groups: vec![self.group_of_classic_balancers(&balancer.scope.region)],
                public: true,
            },
            Place::Vpc { subnets, groups, internal, .. } => NewPlace::Subnet {
                subnet: subnets.get(zone).cloned().unwrap_or_default(),
                groups: groups.clone(),
                description: format!("ELB {}", balancer.name),
                public: !internal,
            },
        };
        let arguments = ["balance", "--load-balancer", &balancer.id, "--zone", zone].map(str::to_owned).to_vec();
        self.make_managed_host(NewManagedHost {
            name: balancer.name.clone(),
            scope: balancer.scope.clone(),
            owner: Owner { service: ManagedService::LoadBalancing, resource: balancer.id.clone() },
            place,
            names: Vec::new(),
            // Its ports come and go with the listeners.
            program: Program { kind: "balancer".into(), port: 0, arguments, ..Program::default() },
        })?;
        Ok(())
    }

    /// Points the name of a load balancer to its hosts: to those with a target in service, or to all if there is none.
    pub fn point_name_to_hosts(&mut self, id: &str) {
        let Some(balancer) = self.load_balancers.get(id) else { return };
        let name = balancer.dns_name.to_ascii_lowercase();
        let on: Vec<&ManagedHost> = self.hosts_of_balancer(id).filter(|host| host.is_on()).collect();
        let able = on.iter().any(|host| balancer.serves_in(&host.zone));
        let is_named = |host: &ManagedHost| host.is_on() && (!able || balancer.serves_in(&host.zone));
        let named = |host: &ManagedHost| {
            let names = if is_named(host) { vec![name.clone()] } else { Vec::new() };
            (host.names != names).then(|| (host.id.clone(), names))
        };
        let other: Vec<_> = self.hosts_of_balancer(id).filter_map(named).collect();
        other.into_iter().for_each(|(host, names)| self.set_managed_names(&host, names));
    }
}
