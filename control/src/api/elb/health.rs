//! The instances of load balancers, and their health.

use super::{Result, ids, instances, number, shown_number, text};
use crate::api::action::{Actions, Change, View};
use model::Model;
use model::load_balancer::{Error, HealthCheck, LoadBalancer};
use shapes::{List, elb};

pub fn actions(all: Actions) -> Actions {
    all.write(configure).write(register).write(deregister).read(describe)
}

/// A health check as replies describe it.
pub fn shown(check: &HealthCheck) -> elb::HealthCheck {
    elb::HealthCheck {
        target: check.target.clone(),
        interval: shown_number(check.interval),
        timeout: shown_number(check.timeout),
        unhealthy_threshold: shown_number(check.unhealthy_threshold),
        healthy_threshold: shown_number(check.healthy_threshold),
    }
}

fn read(check: elb::HealthCheck) -> HealthCheck {
    HealthCheck {
        target: check.target,
        interval: number(check.interval),
        timeout: number(check.timeout),
        unhealthy_threshold: number(check.unhealthy_threshold),
        healthy_threshold: number(check.healthy_threshold),
    }
}

fn configure(cx: Change, input: elb::ConfigureHealthCheckInput) -> Result<elb::HealthCheck> {
    let check = read(input.health_check);
    cx.model.configure_health_check(cx.caller, &input.load_balancer_name, check.clone())?;
    Ok(shown(&check))
}

fn register(cx: Change, input: elb::RegisterEndPointsInput) -> Result<List<elb::Instance>> {
    Ok(instances(&cx.model.register_instances(&cx.caller.scope, &input.load_balancer_name, &ids(input.instances))?))
}

fn deregister(cx: Change, input: elb::DeregisterEndPointsInput) -> Result<List<elb::Instance>> {
    Ok(instances(&cx.model.deregister_instances(&cx.caller.scope, &input.load_balancer_name, &ids(input.instances))?))
}

fn describe(cx: View, input: elb::DescribeEndPointStateInput) -> Result<List<elb::InstanceState>> {
    let balancer = cx.model.load_balancer(&cx.caller.scope, &input.load_balancer_name)?;
    let wanted = match input.instances.is_empty() {
        true => balancer.instances.keys().cloned().collect(),
        false => ids(input.instances),
    };
    wanted.iter().map(|id| state(cx.model, balancer, id)).collect()
}

/// The state of an instance, which need not be registered.
fn state(model: &Model, balancer: &LoadBalancer, id: &str) -> Result<elb::InstanceState> {
    if !balancer.instances.contains_key(id) && model.instances.find(&balancer.scope, id).is_err() {
        return Err(Error::NoSuchInstance { id: id.to_owned() }.into());
    }
    let health = balancer.health_of(model, id);
    Ok(elb::InstanceState {
        instance_id: text(id),
        state: text(health.state),
        reason_code: text(health.reason),
        description: text(health.description),
    })
}
