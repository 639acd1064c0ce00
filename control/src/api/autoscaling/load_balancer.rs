//! The load balancers of groups.

use super::{Result, paged};
use crate::api::action::{Actions, Change, View};
use model::Model;
use model::auto_scaling::AutoScalingGroup;
use shapes::{Fault, List, Paged, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.write(attach)
        .write(detach)
        .write(attach_sources)
        .write(detach_sources)
        .read(describe)
        .read(describe_sources)
        .read(describe_target_groups)
}

/// The type of load balancers among sources of traffic. No other type exists here.
const CLASSIC: &str = "elb";

/// The load balancers among sources of traffic.
pub fn named(sources: List<api::TrafficSourceIdentifier>) -> Result<Vec<String>> {
    let one = |source: api::TrafficSourceIdentifier| match source.r#type.as_deref() {
        Some(CLASSIC) => Ok(source.identifier),
        _ => Err(Fault::Unsupported { name: "TrafficSources".to_owned() }.into()),
    };
    sources.into_iter().map(one).collect()
}

/// The load balancers of a group as sources of traffic.
pub fn sources(group: &AutoScalingGroup) -> List<api::TrafficSourceIdentifier> {
    let one =
        |name: &String| api::TrafficSourceIdentifier { identifier: name.clone(), r#type: Some(CLASSIC.to_owned()) };
    group.load_balancers.iter().map(one).collect()
}

fn attach(cx: Change, input: api::AttachLoadBalancersType) -> Result<()> {
    Ok(cx.model.attach_load_balancers(cx.caller, &input.auto_scaling_group_name, &input.load_balancer_names)?)
}

fn detach(cx: Change, input: api::DetachLoadBalancersType) -> Result<()> {
    Ok(cx.model.detach_load_balancers(cx.caller, &input.auto_scaling_group_name, &input.load_balancer_names)?)
}

fn attach_sources(cx: Change, input: api::AttachTrafficSourcesType) -> Result<()> {
    Ok(cx.model.attach_load_balancers(cx.caller, &input.auto_scaling_group_name, &named(input.traffic_sources)?)?)
}

fn detach_sources(cx: Change, input: api::DetachTrafficSourcesType) -> Result<()> {
    Ok(cx.model.detach_load_balancers(cx.caller, &input.auto_scaling_group_name, &named(input.traffic_sources)?)?)
}

/// Whether a load balancer sends traffic to its group.
fn state(model: &Model, group: &AutoScalingGroup, name: &str) -> Option<String> {
    Some(if model.is_served_by(group, name) { "InService" } else { "Added" }.to_owned())
}

fn describe(cx: View, input: api::DescribeLoadBalancersRequest) -> Result<Paged<api::LoadBalancerState>> {
    let group = cx.model.scaling_group(&cx.caller.scope, &input.auto_scaling_group_name)?;
    let one = |name: &String| api::LoadBalancerState {
        load_balancer_name: Some(name.clone()),
        state: state(cx.model, group, name),
    };
    Ok(paged(input.page, group.load_balancers.iter().collect(), |name: &&String| name)?.map(one))
}

fn describe_sources(cx: View, input: api::DescribeTrafficSourcesRequest) -> Result<Paged<api::TrafficSourceState>> {
    let group = cx.model.scaling_group(&cx.caller.scope, &input.auto_scaling_group_name)?;
    let wanted = input.traffic_source_type.is_none_or(|kind| kind == CLASSIC);
    let names = group.load_balancers.iter().filter(|_| wanted).collect();
    let one = |name: &String| api::TrafficSourceState {
        traffic_source: Some(name.clone()),
        identifier: Some(name.clone()),
        r#type: Some(CLASSIC.to_owned()),
        state: state(cx.model, group, name),
    };
    Ok(paged(input.page, names, |name: &&String| name)?.map(one))
}

/// There are no target groups.
fn describe_target_groups(
    cx: View,
    input: api::DescribeLoadBalancerTargetGroupsRequest,
) -> Result<Paged<api::LoadBalancerTargetGroupState>> {
    cx.model.scaling_group(&cx.caller.scope, &input.auto_scaling_group_name)?;
    Ok(Paged { items: Vec::new(), next: None })
}
