//! Notifications and metrics of groups. They are stored and returned; nothing is sent or measured.

use super::{Result, group, paged, wanted};
use crate::api::action::Actions;
use model::auto_scaling::Error as Refusal;
use model::{Caller, Model};
use shapes::{List, autoscaling};

pub fn actions(all: Actions) -> Actions {
    all.write(put)
        .read(describe)
        .read(describe_types)
        .write(delete)
        .write(enable_metrics)
        .write(disable_metrics)
        .read(describe_metrics)
}

/// The kinds of events.
const KINDS: [&str; 5] = [
    "autoscaling:EC2_INSTANCE_LAUNCH",
    "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
    "autoscaling:EC2_INSTANCE_TERMINATE",
    "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
    "autoscaling:TEST_NOTIFICATION",
];

/// The metrics of a group (Amazon EC2 Auto Scaling user guide, "Available metrics and dimensions").
const METRICS: [&str; 20] = [
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
    "GroupDesiredCapacity",
    "GroupInServiceCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupMinSize",
    "GroupPendingCapacity",
    "GroupPendingInstances",
    "GroupStandbyCapacity",
    "GroupStandbyInstances",
    "GroupTerminatingCapacity",
    "GroupTerminatingInstances",
    "GroupTotalCapacity",
    "GroupTotalInstances",
    "WarmPoolDesiredCapacity",
    "WarmPoolMinSize",
    "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity",
    "WarmPoolTotalCapacity",
];

/// How often they would be collected.
pub const GRANULARITY: &str = "1Minute";

fn put(model: &mut Model, caller: &Caller, input: autoscaling::PutNotificationConfigurationType) -> Result<()> {
    let autoscaling::PutNotificationConfigurationType {
        auto_scaling_group_name: group,
        topic_arn: topic,
        notification_types: kinds,
    } = input;
    if let Some(kind) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(Refusal::invalid("notificationTypes", kind).into());
    }
    let pairs: Vec<_> = kinds.into_iter().map(|kind| (topic.clone(), kind)).collect();
    // Those before of the same topic are forgotten.
    Ok(model.change_notices(caller, &group, |row| {
        row.notifications.retain(|(known, _)| *known != topic);
        row.notifications.extend(pairs);
    })?)
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: autoscaling::DescribeNotificationConfigurationsType,
) -> Result<autoscaling::DescribeNotificationConfigurationsAnswer> {
    let autoscaling::DescribeNotificationConfigurationsType {
        auto_scaling_group_names: names,
        include_managed_resources: _,
        page,
    } = input;
    let groups = group::of(model, &caller.scope).filter(|row| wanted(&names, &row.name));
    let of_group = |row: &model::auto_scaling::AutoScalingGroup| {
        let name = row.name.clone();
        let all = row.notifications.clone().into_iter();
        all.map(move |(topic, kind)| (format!("{name} {topic} {kind}"), name.clone(), topic, kind))
    };
    let (rows, next_token) = paged(page, groups.flat_map(of_group).collect(), |(place, ..)| place)?;
    let one = |(_, group, topic, kind): (String, String, String, String)| autoscaling::NotificationConfiguration {
        auto_scaling_group_name: Some(group),
        topic_arn: Some(topic),
        notification_type: Some(kind),
    };
    let notification_configurations = rows.into_iter().map(one).collect();
    Ok(autoscaling::DescribeNotificationConfigurationsAnswer { notification_configurations, next_token })
}

fn describe_types(
    _: &Model,
    _: &Caller,
    _: autoscaling::DescribeAutoScalingNotificationTypesRequest,
) -> Result<autoscaling::DescribeAutoScalingNotificationTypesAnswer> {
    let auto_scaling_notification_types = KINDS.iter().map(|kind| (*kind).to_owned()).collect();
    Ok(autoscaling::DescribeAutoScalingNotificationTypesAnswer { auto_scaling_notification_types })
}

fn delete(model: &mut Model, caller: &Caller, input: autoscaling::DeleteNotificationConfigurationType) -> Result<()> {
    let autoscaling::DeleteNotificationConfigurationType { auto_scaling_group_name: group, topic_arn: topic } = input;
    Ok(model.change_notices(caller, &group, |row| row.notifications.retain(|(known, _)| *known != topic))?)
}

/// These metrics, or all if none is named.
fn metrics(named: List<String>) -> Result<Vec<String>> {
    match named.iter().find(|name| !METRICS.contains(&name.as_str())) {
        Some(name) => Err(Refusal::invalid("metrics", name).into()),
        None if named.is_empty() => Ok(METRICS.iter().map(|name| (*name).to_owned()).collect()),
        None => Ok(named.to_vec()),
    }
}

fn enable_metrics(model: &mut Model, caller: &Caller, input: autoscaling::EnableMetricsCollectionQuery) -> Result<()> {
    let autoscaling::EnableMetricsCollectionQuery { auto_scaling_group_name: group, metrics: named, granularity } =
        input;
    if granularity != GRANULARITY {
        return Err(Refusal::invalid("granularity", granularity).into());
    }
    let more = metrics(named)?;
    Ok(model.change_notices(caller, &group, |row| row.metrics.extend(more))?)
}

fn disable_metrics(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::DisableMetricsCollectionQuery,
) -> Result<()> {
    let autoscaling::DisableMetricsCollectionQuery { auto_scaling_group_name: group, metrics: named } = input;
    let fewer = metrics(named)?;
    Ok(model.change_notices(caller, &group, |row| row.metrics.retain(|metric| !fewer.contains(metric)))?)
}

fn describe_metrics(
    _: &Model,
    _: &Caller,
    _: autoscaling::DescribeMetricCollectionTypesRequest,
) -> Result<autoscaling::DescribeMetricCollectionTypesAnswer> {
    let metric = |name: &&str| autoscaling::MetricCollectionType { metric: Some((*name).to_owned()) };
    let granularity = autoscaling::MetricGranularityType { granularity: Some(GRANULARITY.to_owned()) };
    Ok(autoscaling::DescribeMetricCollectionTypesAnswer {
        metrics: METRICS.iter().map(metric).collect(),
        granularities: vec![granularity].into(),
    })
}
