//! The configuration of a load balancer's balancer in a zone.

use super::configuration::{Carries, Certificate, Configuration, HealthCheck, Listener, Stickiness, TargetAddress};
use super::{LoadBalancer, Policy};
use crate::Model;
use std::net::Ipv4Addr;
use std::time::Duration;

/// The configuration. `None` if the target of the health check is malformed, which the model prevents.
pub fn instructions(model: &Model, balancer: &LoadBalancer, zone: &str) -> Option<Configuration> {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let attributes = &balancer.attributes;
    let check = HealthCheck {
        probe: balancer.check.probe().ok()?,
        interval: seconds(balancer.check.interval),
        timeout: seconds(balancer.check.timeout),
        unhealthy_threshold: balancer.check.unhealthy_threshold,
        healthy_threshold: balancer.check.healthy_threshold,
    };
    Some(Configuration {
        listeners: balancer.listeners.values().map(|listener| listener_of(model, balancer, listener)).collect(),
        targets: targets(model, balancer, zone),
        check,
        idle_timeout: seconds(attributes.idle_timeout),
        draining: if attributes.draining { seconds(attributes.draining_timeout) } else { Duration::ZERO },
    })
}

fn listener_of(model: &Model, balancer: &LoadBalancer, listener: &super::Listener) -> Listener {
    let policy = |name: &String| balancer.policies.get(name);
    let stickiness = || {
        listener.policies.iter().filter_map(policy).find_map(|policy| match policy {
            Policy::Duration(seconds) => Some(Stickiness::Duration(*seconds)),
            Policy::Application(cookie) => Some(Stickiness::Application(cookie.clone())),
            _ => None,
        })
    };
    let of_backend = balancer.backend_policies.get(&listener.instance_port).into_iter().flatten();
    let carries = match listener.reads_requests() {
        true => Carries::Requests { stickiness: stickiness() },
        false => Carries::Bytes {
            proxy_line: of_backend.filter_map(policy).any(|policy| *policy == Policy::ProxyProtocol(true)),
        },
    };
    let certificate = listener.certificate.as_ref().and_then(|arn| model.server_certificate_of(arn).ok());
    Listener {
        address: Ipv4Addr::UNSPECIFIED,
        port: listener.port,
        instance_port: listener.instance_port,
        carries,
        certificate: certificate.map(|one| Certificate { chain: one.whole_chain(), key: one.private_key.clone() }),
        secure_instances: listener.encrypts(),
    }
}

/// The instances of the zone, or those of all zones of the load balancer.
fn targets(model: &Model, balancer: &LoadBalancer, zone: &str) -> Vec<TargetAddress> {
    let zones = balancer.place.zones();
    let is_served = |own: &str| if balancer.attributes.cross_zone { zones.contains(&own) } else { own == zone };
    let target = |id: &String| {
        model.instances.get(id).filter(|instance| is_served(&instance.zone))?;
        let address = balancer.address_of(model, id)?;
        Some(TargetAddress { id: id.clone(), address })
    };
    balancer.instances.keys().filter_map(target).collect()
}
