//! The zones, subnets and groups of load balancers.

use super::Result;
use crate::api::action::Actions;
use model::{Caller, Model};
use shapes::{List, elb};

pub fn actions(all: Actions) -> Actions {
    all.write(apply_groups).write(attach).write(detach).write(enable).write(disable)
}

fn apply_groups(
    model: &mut Model,
    caller: &Caller,
    input: elb::ApplySecurityGroupsToLoadBalancerInput,
) -> Result<List<String>> {
    Ok(model.apply_groups(caller, &input.load_balancer_name, &input.security_groups)?.into())
}

fn attach(model: &mut Model, caller: &Caller, input: elb::AttachLoadBalancerToSubnetsInput) -> Result<List<String>> {
    Ok(model.attach_to_subnets(caller, &input.load_balancer_name, &input.subnets)?.into())
}

fn detach(model: &mut Model, caller: &Caller, input: elb::DetachLoadBalancerFromSubnetsInput) -> Result<List<String>> {
    Ok(model.detach_from_subnets(caller, &input.load_balancer_name, &input.subnets)?.into())
}

fn enable(model: &mut Model, caller: &Caller, input: elb::AddAvailabilityZonesInput) -> Result<List<String>> {
    Ok(model.enable_zones(caller, &input.load_balancer_name, &input.availability_zones)?.into())
}

fn disable(model: &mut Model, caller: &Caller, input: elb::RemoveAvailabilityZonesInput) -> Result<List<String>> {
    Ok(model.disable_zones(caller, &input.load_balancer_name, &input.availability_zones)?.into())
}
