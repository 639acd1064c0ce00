//! Metrics of AWS's own network that an account subscribes to.

use super::listing::{Attributes, one};
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Error, MetricSubscription, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(enable).write(disable).read(describe)
}

/// The only metric and the only statistic.
const METRIC: &str = "aggregate-latency";
const STATISTIC: &str = "p50";

static ATTRIBUTES: Attributes<MetricSubscription> = Attributes(&[
    ("destination", |_, own| one(&own.destination)),
    ("metric", |_, own| one(&own.metric)),
    ("source", |_, own| one(&own.source)),
    ("statistic", |_, own| one(&own.statistic)),
]);

/// A parameter with one possible value, which is also the default.
fn only(parameter: &str, sent: Option<String>, usual: &str) -> Result<String> {
    match sent {
        Some(other) if other != usual => Err(Error::invalid(parameter, other)),
        _ => Ok(usual.to_owned()),
    }
}

fn subscription(
    source: Option<String>,
    destination: Option<String>,
    metric: Option<String>,
    statistic: Option<String>,
) -> Result<MetricSubscription> {
    Ok(MetricSubscription {
        source: source.ok_or_else(|| Error::missing("Source"))?,
        destination: destination.ok_or_else(|| Error::missing("Destination"))?,
        metric: only("Metric", metric, METRIC)?,
        statistic: only("Statistic", statistic, STATISTIC)?,
    })
}

fn enable(cx: Change, input: ec2::EnableAwsNetworkPerformanceMetricSubscriptionRequest) -> Result<bool> {
    let wanted = subscription(input.source, input.destination, input.metric, input.statistic)?;
    cx.model.change_settings(cx.caller, |settings| {
        settings.metrics.insert(wanted);
    });
    Ok(true)
}

fn disable(cx: Change, input: ec2::DisableAwsNetworkPerformanceMetricSubscriptionRequest) -> Result<bool> {
    let unwanted = subscription(input.source, input.destination, input.metric, input.statistic)?;
    cx.model.change_settings(cx.caller, |settings| settings.metrics.retain(|own| *own != unwanted));
    Ok(true)
}

fn shown(own: MetricSubscription) -> ec2::Subscription {
    ec2::Subscription {
        source: Some(own.source),
        destination: Some(own.destination),
        metric: Some(own.metric),
        statistic: Some(own.statistic),
        period: text("five-minutes"),
    }
}

fn describe(
    cx: View,
    input: ec2::DescribeAwsNetworkPerformanceMetricSubscriptionsRequest,
) -> Result<ec2::DescribeAwsNetworkPerformanceMetricSubscriptionsResult> {
    let place = |own: &MetricSubscription| format!("{} {}", own.source, own.destination);
    let metrics = cx.model.settings(&cx.caller.scope).metrics;
    let (rows, next_token) = ATTRIBUTES.page_of_parts(cx.model, &metrics, &input.filters, &input.page, place)?;
    let subscriptions = rows.into_iter().cloned().map(shown).collect();
    Ok(ec2::DescribeAwsNetworkPerformanceMetricSubscriptionsResult { next_token, subscriptions })
}
