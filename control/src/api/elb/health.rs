//! The instances of load balancers, and their health.

use super::{Result, ids, instances, text};
use crate::api::action::Actions;
use model::load_balancer::{Error, HealthCheck, LoadBalancer};
use model::{Caller, Model};
use shapes::elb;

pub fn actions(all: Actions) -> Actions {
    all.write(configure).write(register).write(deregister).read(describe)
}

/// A health check as replies describe it.
pub fn shown(check: &HealthCheck) -> elb::HealthCheck {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    elb::HealthCheck {
        target: check.target.clone(),
        interval: number(check.interval),
        timeout: number(check.timeout),
        unhealthy_threshold: number(check.unhealthy_threshold),
        healthy_threshold: number(check.healthy_threshold),
    }
}

fn read(check: elb::HealthCheck) -> HealthCheck {
    let elb::HealthCheck { target, interval, timeout, unhealthy_threshold, healthy_threshold } = check;
    // What is negative is below every limit, too.
    let number = |value: i32| u32::try_from(value).unwrap_or(0);
    HealthCheck {
        target,
        interval: number(interval),
        timeout: number(timeout),
        unhealthy_threshold: number(unhealthy_threshold),
        healthy_threshold: number(healthy_threshold),
    }
}

fn configure(
    model: &mut Model,
    caller: &Caller,
    input: elb::ConfigureHealthCheckInput,
) -> Result<elb::ConfigureHealthCheckOutput> {
    let elb::ConfigureHealthCheckInput { load_balancer_name: name, health_check } = input;
    let check = read(health_check);
    model.configure_health_check(caller, &name, check.clone())?;
    Ok(elb::ConfigureHealthCheckOutput { health_check: Some(shown(&check)) })
}

fn register(
    model: &mut Model,
    caller: &Caller,
    input: elb::RegisterEndPointsInput,
) -> Result<elb::RegisterEndPointsOutput> {
    let elb::RegisterEndPointsInput { load_balancer_name: name, instances: new } = input;
    let all = model.register_instances(&caller.scope, &name, &ids(new))?;
    Ok(elb::RegisterEndPointsOutput { instances: instances(&all) })
}

fn deregister(
    model: &mut Model,
    caller: &Caller,
    input: elb::DeregisterEndPointsInput,
) -> Result<elb::DeregisterEndPointsOutput> {
    let elb::DeregisterEndPointsInput { load_balancer_name: name, instances: gone } = input;
    let left = model.deregister_instances(&caller.scope, &name, &ids(gone))?;
    Ok(elb::DeregisterEndPointsOutput { instances: instances(&left) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: elb::DescribeEndPointStateInput,
) -> Result<elb::DescribeEndPointStateOutput> {
    let elb::DescribeEndPointStateInput { load_balancer_name: name, instances: named } = input;
    let balancer = model.load_balancer(&caller.scope, &name)?;
    let wanted = match named.is_empty() {
        true => balancer.instances.keys().cloned().collect(),
        false => ids(named),
    };
    let state = |id: &String| state(model, balancer, id);
    Ok(elb::DescribeEndPointStateOutput { instance_states: wanted.iter().map(state).collect::<Result<_>>()? })
}

/// The state of an instance, be it registered or not.
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
