//! The instances of a load balancer (row M38).

use super::{Error, LoadBalancer, Place, Result, row_id};
use crate::load_balancer::configuration::{Health, Report};
use crate::{Instance, InstanceState, Model, Network, Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// An instance's place behind a load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Its address at its registration. If it gets another one in EC2-Classic, it must be registered again.
    pub address: Ipv4Addr,
    /// Its health by zone of the load balancer.
    #[serde(default)]
    pub health: BTreeMap<String, Health>,
}

impl LoadBalancer {
    /// The address to which it may send now. `None` if the instance is off or has another address than at its registration.
    pub fn address_of(&self, model: &Model, id: &str) -> Option<Ipv4Addr> {
        let instance = model.instances.get(id).filter(|instance| instance.is_on())?;
        let registered = self.instances.get(id)?.address;
        model.balanced_address(instance).filter(|address| *address == registered)
    }
}

impl Model {
    /// The address of an instance for load balancers of its own network, and of the VPC that it is linked to.
    fn balanced_address(&self, instance: &Instance) -> Option<Ipv4Addr> {
        match &instance.network {
            Network::Classic(place) => place.private,
            Network::Vpc(place) => Some(self.network_interfaces.get(place.interfaces.first()?)?.address()),
        }
    }

    /// RegisterInstancesWithLoadBalancer. Returns all instances.
    ///
    /// An instance must be in the load balancer's network. One of EC2-Classic that is linked to its VPC may be registered if the VPC
    /// has a subnet in the instance's zone (M38).
    ///
    /// # Errors
    /// If the load balancer or an instance is not there, or an instance is off or elsewhere.
    pub fn register_instances(&mut self, scope: &Scope, name: &str, ids: &[String]) -> Result<Vec<String>> {
        let balancer = self.load_balancer(scope, name)?;
        let registered: Vec<(String, Ipv4Addr)> = ids
            .iter()
            .map(|id| Ok((id.clone(), self.check_registration(scope, balancer, id)?)))
            .collect::<Result<_>>()?;
        let balancer = self.load_balancer_mut(scope, name)?;
        for (id, address) in registered {
            let is_same = balancer.instances.get(&id).is_some_and(|there| there.address == address);
            if !is_same {
                balancer.instances.insert(id, Registration { address, health: BTreeMap::new() });
            }
        }
        let all = balancer.instances.keys().cloned().collect();
        self.point_name_to_hosts(&row_id(scope, name));
        Ok(all)
    }

    /// Checks that an instance may be registered. Returns its address.
    fn check_registration(&self, scope: &Scope, balancer: &LoadBalancer, id: &str) -> Result<Ipv4Addr> {
        let missing = || Error::NoSuchInstance { id: id.to_owned() };
        let instance = self.instances.find(scope, id).map_err(|_| missing())?;
        if !matches!(instance.state, InstanceState::Pending | InstanceState::Running) {
            return Err(Error::NotOn { id: id.to_owned(), state: instance.state.name() });
        }
        match (&balancer.place, &instance.network) {
            (Place::Classic { .. }, Network::Vpc(_)) => return Err(Error::VpcInstance { id: id.to_owned() }),
            (Place::Vpc { vpc, .. }, Network::Vpc(place)) if place.vpc != *vpc => {
                return Err(Error::OtherNetwork { id: id.to_owned() });
            }
            (Place::Vpc { vpc, .. }, Network::Classic(_)) => self.check_linked(instance, vpc)?,
            _ => {}
        }
        self.balanced_address(instance).ok_or_else(missing)
    }

    /// Checks the conditions of M38 for an instance in EC2-Classic.
    fn check_linked(&self, instance: &Instance, vpc: &str) -> Result<()> {
        let (id, vpc_id) = (instance.id.clone(), vpc.to_owned());
        if instance.link().is_none_or(|link| link.vpc != vpc) {
            return Err(Error::NotLinked { id, vpc: vpc_id });
        }
        match self.subnets.by(vpc).any(|subnet| subnet.zone == instance.zone) {
            true => Ok(()),
            false => Err(Error::NoSubnetInZone { id, vpc: vpc_id, zone: instance.zone.clone() }),
        }
    }

    /// DeregisterInstancesFromLoadBalancer. Returns those that are left.
    ///
    /// # Errors
    /// If the load balancer is not there, or an instance is neither registered nor there.
    pub fn deregister_instances(&mut self, scope: &Scope, name: &str, ids: &[String]) -> Result<Vec<String>> {
        let balancer = self.load_balancer(scope, name)?;
        let is_known = |id: &String| balancer.instances.contains_key(id) || self.instances.find(scope, id).is_ok();
        if let Some(id) = ids.iter().find(|id| !is_known(id)) {
            return Err(Error::NoSuchInstance { id: id.clone() });
        }
        let balancer = self.load_balancer_mut(scope, name)?;
        balancer.instances.retain(|id, _| !ids.contains(id));
        let left = balancer.instances.keys().cloned().collect();
        self.point_name_to_hosts(&row_id(scope, name));
        Ok(left)
    }

    /// Deregisters a terminated instance from all load balancers (M38).
    pub(crate) fn deregister_everywhere(&mut self, id: &str) {
        let balancers: Vec<String> = self.load_balancers.by(id).map(|balancer| balancer.id.clone()).collect();
        for name in balancers {
            if let Some(balancer) = self.load_balancers.get_mut(&name) {
                balancer.instances.remove(id);
            }
            self.point_name_to_hosts(&name);
        }
    }

    /// Whether a report of a zone's balancer has nothing new.
    pub fn knows_health(&self, balancer: &str, zone: &str, report: &Report) -> bool {
        let known = |(id, registration): (&String, &Registration)| registration.health.get(zone) == report.get(id);
        self.load_balancers.get(balancer).is_none_or(|balancer| balancer.instances.iter().all(known))
    }

    /// Stores a report of a zone's balancer. A target that is not in the report was not checked.
    pub fn note_health(&mut self, balancer: &str, zone: &str, report: &Report) {
        if self.knows_health(balancer, zone, report) {
            return;
        }
        let balancers = self.load_balancers.get_mut(balancer).into_iter();
        for (id, registration) in balancers.flat_map(|balancer| &mut balancer.instances) {
            match report.get(id) {
                Some(health) => _ = registration.health.insert(zone.to_owned(), health.clone()),
                None => _ = registration.health.remove(zone),
            }
        }
        self.point_name_to_hosts(balancer);
    }
}
