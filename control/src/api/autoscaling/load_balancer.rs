//! The load balancers of groups.

use super::{Result, paged};
use crate::api::action::Actions;
use model::{Caller, Model};
use shapes::{Fault, List, autoscaling};

pub fn actions(all: Actions) -> Actions {
    all.write(attach)
        .write(detach)
        .write(attach_sources)
        .write(detach_sources)
        .read(describe)
        .read(describe_sources)
        .read(describe_target_groups)
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

/// The load balancers among what sends traffic; there is nothing else.
fn named(sources: List<autoscaling::TrafficSourceIdentifier>) -> Result<Vec<String>> {
    let one = |source: autoscaling::TrafficSourceIdentifier| match source.r#type.as_deref() {
        Some("elb") => Ok(source.identifier),
        _ => Err(Fault::Unsupported { name: "TrafficSources".to_owned() }.into()),
    };
    sources.into_iter().map(one).collect()
}

fn attach_sources(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::AttachTrafficSourcesType,
) -> Result<autoscaling::AttachTrafficSourcesResultType> {
    let autoscaling::AttachTrafficSourcesType { auto_scaling_group_name, traffic_sources } = input;
    model.attach_load_balancers(caller, &auto_scaling_group_name, &named(traffic_sources)?)?;
    Ok(autoscaling::AttachTrafficSourcesResultType {})
}

fn detach_sources(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::DetachTrafficSourcesType,
) -> Result<autoscaling::DetachTrafficSourcesResultType> {
    let autoscaling::DetachTrafficSourcesType { auto_scaling_group_name, traffic_sources } = input;
    model.detach_load_balancers(caller, &auto_scaling_group_name, &named(traffic_sources)?)?;
    Ok(autoscaling::DetachTrafficSourcesResultType {})
}

/// The same by the newer name for whatever sends traffic.
fn describe_sources(
    model: &Model,
    caller: &Caller,
    input: autoscaling::DescribeTrafficSourcesRequest,
) -> Result<autoscaling::DescribeTrafficSourcesResponse> {
    let autoscaling::DescribeTrafficSourcesRequest { auto_scaling_group_name, traffic_source_type, page } = input;
    let group = model.scaling_group(&caller.scope, &auto_scaling_group_name)?;
    let wanted = traffic_source_type.as_deref().is_none_or(|kind| kind == "elb");
    let names = group.load_balancers.iter().filter(|_| wanted).collect();
    let (names, next_token) = paged(page, names, |name: &&String| name)?;
    let state = |name: &str| if model.is_served_by(group, name) { "InService" } else { "Added" };
    let one = |name: &String| autoscaling::TrafficSourceState {
        traffic_source: Some(name.clone()),
        identifier: Some(name.clone()),
        r#type: Some("elb".to_owned()),
        state: Some(state(name).to_owned()),
    };
    Ok(autoscaling::DescribeTrafficSourcesResponse {
        traffic_sources: names.into_iter().map(one).collect(),
        next_token,
    })
}

/// There are no target groups.
fn describe_target_groups(
    model: &Model,
    caller: &Caller,
    input: autoscaling::DescribeLoadBalancerTargetGroupsRequest,
) -> Result<autoscaling::DescribeLoadBalancerTargetGroupsResponse> {
    let autoscaling::DescribeLoadBalancerTargetGroupsRequest { auto_scaling_group_name, page: _ } = input;
    model.scaling_group(&caller.scope, &auto_scaling_group_name)?;
    Ok(autoscaling::DescribeLoadBalancerTargetGroupsResponse {
        load_balancer_target_groups: Vec::new().into(),
        next_token: None,
    })
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
    let group = model.scaling_group(&caller.scope, &auto_scaling_group_name)?;
    let (names, next_token) = paged(page, group.load_balancers.iter().collect(), |name: &&String| name)?;
    let state = |name: &str| if model.is_served_by(group, name) { "InService" } else { "Added" };
    let one = |name: &String| autoscaling::LoadBalancerState {
        load_balancer_name: Some(name.clone()),
        state: Some(state(name).to_owned()),
    };
    Ok(autoscaling::DescribeLoadBalancersResponse { load_balancers: names.into_iter().map(one).collect(), next_token })
}
