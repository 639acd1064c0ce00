//! Notifications and metrics of groups. They are stored and returned; nothing is sent or measured.

use super::{Result, groups_of, paged, wanted};
use crate::api::action::{Actions, Change, View};
use model::auto_scaling::{AutoScalingGroup, Error as Refusal};
use shapes::{List, Paged, autoscaling as api};

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

fn put(cx: Change, input: api::PutNotificationConfigurationType) -> Result<()> {
    let api::PutNotificationConfigurationType { auto_scaling_group_name, topic_arn: topic, notification_types: kinds } =
        input;
    if let Some(kind) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(Refusal::invalid("notificationTypes", kind).into());
    }
    // Earlier notifications to the same topic are replaced.
    Ok(cx.model.change_notices(cx.caller, &auto_scaling_group_name, |row| {
        row.notifications.retain(|(known, _)| *known != topic);
        row.notifications.extend(kinds.into_iter().map(|kind| (topic.clone(), kind)));
    })?)
}

fn describe(
    cx: View,
    input: api::DescribeNotificationConfigurationsType,
) -> Result<Paged<api::NotificationConfiguration>> {
    let mut rows = Vec::new();
    for group in groups_of(cx.model, &cx.caller.scope).filter(|row| wanted(&input.auto_scaling_group_names, &row.name))
    {
        let place = |topic: &str, kind: &str| format!("{} {topic} {kind}", group.name);
        rows.extend(group.notifications.iter().map(|(topic, kind)| (place(topic, kind), group, topic, kind)));
    }
    let one = |(_, group, topic, kind): (String, &AutoScalingGroup, &String, &String)| api::NotificationConfiguration {
        auto_scaling_group_name: Some(group.name.clone()),
        topic_arn: Some(topic.clone()),
        notification_type: Some(kind.clone()),
    };
    Ok(paged(input.page, rows, |(place, ..)| place)?.map(one))
}

fn describe_types(_: View, _: api::DescribeAutoScalingNotificationTypesRequest) -> Result<List<String>> {
    Ok(KINDS.map(str::to_owned).into_iter().collect())
}

fn delete(cx: Change, input: api::DeleteNotificationConfigurationType) -> Result<()> {
    Ok(cx.model.change_notices(cx.caller, &input.auto_scaling_group_name, |row| {
        row.notifications.retain(|(topic, _)| *topic != input.topic_arn);
    })?)
}

/// These metrics, or all if none is named.
fn metrics(named: List<String>) -> Result<Vec<String>> {
    match named.iter().find(|name| !METRICS.contains(&name.as_str())) {
        Some(name) => Err(Refusal::invalid("metrics", name).into()),
        None if named.is_empty() => Ok(METRICS.map(str::to_owned).to_vec()),
        None => Ok(named.to_vec()),
    }
}

fn enable_metrics(cx: Change, input: api::EnableMetricsCollectionQuery) -> Result<()> {
    if input.granularity != GRANULARITY {
        return Err(Refusal::invalid("granularity", input.granularity).into());
    }
    let more = metrics(input.metrics)?;
    Ok(cx.model.change_notices(cx.caller, &input.auto_scaling_group_name, |row| row.metrics.extend(more))?)
}

fn disable_metrics(cx: Change, input: api::DisableMetricsCollectionQuery) -> Result<()> {
    let fewer = metrics(input.metrics)?;
    Ok(cx.model.change_notices(cx.caller, &input.auto_scaling_group_name, |row| {
        row.metrics.retain(|metric| !fewer.contains(metric));
    })?)
}

fn describe_metrics(
    _: View,
    _: api::DescribeMetricCollectionTypesRequest,
) -> Result<api::DescribeMetricCollectionTypesAnswer> {
    let metric = |name: &str| api::MetricCollectionType { metric: Some(name.to_owned()) };
    let granularity = api::MetricGranularityType { granularity: Some(GRANULARITY.to_owned()) };
    Ok(api::DescribeMetricCollectionTypesAnswer {
        metrics: METRICS.map(metric).into_iter().collect(),
        granularities: vec![granularity].into(),
    })
}
