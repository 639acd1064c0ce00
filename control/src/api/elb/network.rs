//! The zones, subnets and groups of load balancers.

use super::Result;
use crate::api::action::{Actions, Change};
use shapes::{List, elb};

pub fn actions(all: Actions) -> Actions {
    all.write(apply_groups).write(attach).write(detach).write(enable).write(disable)
}

fn apply_groups(cx: Change, input: elb::ApplySecurityGroupsToLoadBalancerInput) -> Result<List<String>> {
    Ok(cx.model.apply_groups(cx.caller, &input.load_balancer_name, &input.security_groups)?.into())
}

fn attach(cx: Change, input: elb::AttachLoadBalancerToSubnetsInput) -> Result<List<String>> {
    Ok(cx.model.attach_to_subnets(cx.caller, &input.load_balancer_name, &input.subnets)?.into())
}

fn detach(cx: Change, input: elb::DetachLoadBalancerFromSubnetsInput) -> Result<List<String>> {
    Ok(cx.model.detach_from_subnets(cx.caller, &input.load_balancer_name, &input.subnets)?.into())
}

fn enable(cx: Change, input: elb::AddAvailabilityZonesInput) -> Result<List<String>> {
    Ok(cx.model.enable_zones(cx.caller, &input.load_balancer_name, &input.availability_zones)?.into())
}

fn disable(cx: Change, input: elb::RemoveAvailabilityZonesInput) -> Result<List<String>> {
    Ok(cx.model.disable_zones(cx.caller, &input.load_balancer_name, &input.availability_zones)?.into())
}
