//! Where load balancers are: their zones, subnets and groups.

use super::Result;
use crate::api::action::Actions;
use model::{Caller, Model};
use shapes::elb;

pub fn actions(all: Actions) -> Actions {
    all.write(apply_groups).write(attach).write(detach).write(enable).write(disable)
}

fn apply_groups(
    model: &mut Model,
    caller: &Caller,
    input: elb::ApplySecurityGroupsToLoadBalancerInput,
) -> Result<elb::ApplySecurityGroupsToLoadBalancerOutput> {
    let elb::ApplySecurityGroupsToLoadBalancerInput { load_balancer_name: name, security_groups } = input;
    let security_groups = model.apply_groups(caller, &name, &security_groups)?.into();
    Ok(elb::ApplySecurityGroupsToLoadBalancerOutput { security_groups })
}

fn attach(
    model: &mut Model,
    caller: &Caller,
    input: elb::AttachLoadBalancerToSubnetsInput,
) -> Result<elb::AttachLoadBalancerToSubnetsOutput> {
    let elb::AttachLoadBalancerToSubnetsInput { load_balancer_name: name, subnets } = input;
    Ok(elb::AttachLoadBalancerToSubnetsOutput { subnets: model.attach_to_subnets(caller, &name, &subnets)?.into() })
}

fn detach(
    model: &mut Model,
    caller: &Caller,
    input: elb::DetachLoadBalancerFromSubnetsInput,
) -> Result<elb::DetachLoadBalancerFromSubnetsOutput> {
    let elb::DetachLoadBalancerFromSubnetsInput { load_balancer_name: name, subnets } = input;
    Ok(elb::DetachLoadBalancerFromSubnetsOutput { subnets: model.detach_from_subnets(caller, &name, &subnets)?.into() })
}

fn enable(
    model: &mut Model,
    caller: &Caller,
    input: elb::AddAvailabilityZonesInput,
) -> Result<elb::AddAvailabilityZonesOutput> {
    let elb::AddAvailabilityZonesInput { load_balancer_name: name, availability_zones: zones } = input;
    Ok(elb::AddAvailabilityZonesOutput { availability_zones: model.enable_zones(caller, &name, &zones)?.into() })
}

fn disable(
    model: &mut Model,
    caller: &Caller,
    input: elb::RemoveAvailabilityZonesInput,
) -> Result<elb::RemoveAvailabilityZonesOutput> {
    let elb::RemoveAvailabilityZonesInput { load_balancer_name: name, availability_zones: zones } = input;
    Ok(elb::RemoveAvailabilityZonesOutput { availability_zones: model.disable_zones(caller, &name, &zones)?.into() })
}
