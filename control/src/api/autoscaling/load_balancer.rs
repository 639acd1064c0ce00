//! The load balancers of groups.

use super::{Result, paged};
use crate::api::action::Actions;
use crate::model::{Caller, Model};
use shapes::autoscaling;

pub fn actions(all: Actions) -> Actions {
    all.write(attach).write(detach).read(describe)
}

fn attach(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::AttachLoadBalancersType,
) -> Result<autoscaling::AttachLoadBalancersResultType> {
    let autoscaling::AttachLoadBalancersType { auto_scaling_group_name, load_balancer_names } = input;
    model.attach_load_balancers(caller, &auto_scaling_group_name, &load_balancer_names)?;
    Ok(autoscaling::AttachLoadBalancersResultType {})
}

fn detach(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::DetachLoadBalancersType,
) -> Result<autoscaling::DetachLoadBalancersResultType> {
    let autoscaling::DetachLoadBalancersType { auto_scaling_group_name, load_balancer_names } = input;
    model.detach_load_balancers(caller, &auto_scaling_group_name, &load_balancer_names)?;
    Ok(autoscaling::DetachLoadBalancersResultType {})
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: autoscaling::DescribeLoadBalancersRequest,
) -> Result<autoscaling::DescribeLoadBalancersResponse> {
    let autoscaling::DescribeLoadBalancersRequest { auto_scaling_group_name, page } = input;
    let names = model.scaling_group(&caller.scope, &auto_scaling_group_name)?.load_balancers.iter().collect();
    let (names, next_token) = paged(page, names, |name: &&String| name)?;
    let one = |name: &String| autoscaling::LoadBalancerState {
        load_balancer_name: Some(name.clone()),
        state: Some("Added".to_owned()),
    };
    Ok(autoscaling::DescribeLoadBalancersResponse { load_balancers: names.into_iter().map(one).collect(), next_token })
}
