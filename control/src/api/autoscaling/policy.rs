//! Scaling policies.

use super::{Error, Result, number, paged, same_members, wanted};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{said, said_over};
use model::auto_scaling::{Adjustment, AdjustmentType, Error as Refusal, PolicyType, ScalingPolicy};
use shapes::{Paged, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.write(put).read(describe).write(delete).write(execute)
}

/// A metric's distance in thousandths, in which it can be compared.
fn thousandths(value: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "what is beyond is the farthest that there is")]
    let whole = (value * 1000.0).round() as i64;
    whole
}

fn put(cx: Change, input: api::PutScalingPolicyType) -> Result<api::PolicyARNType> {
    let (group, name) = (&input.auto_scaling_group_name, &input.policy_name);
    let kind =
        input.policy_type.as_deref().map(|word| PolicyType::read("policyType", word)).transpose()?.unwrap_or_default();
    let adjustment = match kind {
        PolicyType::Simple | PolicyType::Step => Some(adjustment(kind == PolicyType::Step, &input)?),
        PolicyType::TargetTracking if input.target_tracking_configuration.is_none() => {
            return Err(missing("TargetTrackingConfiguration"));
        }
        PolicyType::Predictive if input.predictive_scaling_configuration.is_none() => {
            return Err(missing("PredictiveScalingConfiguration"));
        }
        PolicyType::TargetTracking | PolicyType::Predictive => None,
    };
    let mut kept: api::ScalingPolicy = same_members(&input);
    if kind == PolicyType::Step {
        kept.metric_aggregation_type.get_or_insert_with(|| "Average".to_owned());
    }
    let what = (kind, input.enabled.unwrap_or(true), adjustment, said_over("", &kept));
    let policy = cx.model.put_scaling_policy(cx.caller, group, name, what)?;
    Ok(api::PolicyARNType { policy_arn: Some(policy.arn()), alarms: Vec::new().into() })
}

/// The adjustment of a step policy or of a simple one.
fn adjustment(by_step: bool, sent: &api::PutScalingPolicyType) -> Result<Adjustment> {
    let word = sent.adjustment_type.as_deref().ok_or_else(|| missing("AdjustmentType"))?;
    if by_step == sent.step_adjustments.is_empty() || by_step == sent.scaling_adjustment.is_some() {
        return Err(missing(if by_step { "StepAdjustments" } else { "ScalingAdjustment" }));
    }
    let steps = sent.step_adjustments.iter().map(|step| {
        let bound = |bound: Option<f64>| bound.map(thousandths);
        (bound(step.metric_interval_lower_bound), bound(step.metric_interval_upper_bound), step.scaling_adjustment)
    });
    let least = sent.min_adjustment_magnitude.or(sent.min_adjustment_step);
    Ok(Adjustment {
        kind: AdjustmentType::read("adjustmentType", word)?,
        by: sent.scaling_adjustment,
        steps: steps.collect(),
        least: number("MinAdjustmentMagnitude", least)?.unwrap_or(1),
    })
}

fn missing(name: &str) -> Error {
    shapes::Fault::Missing { name: name.to_owned() }.into()
}

fn describe(cx: View, input: api::DescribePoliciesType) -> Result<Paged<api::ScalingPolicy>> {
    let group = input.auto_scaling_group_name;
    if let Some(group) = &group {
        cx.model.scaling_group(&cx.caller.scope, group)?;
    }
    let is_asked = |row: &&ScalingPolicy| {
        row.scope == cx.caller.scope
            && group.as_ref().is_none_or(|group| *group == row.group_name)
            && (wanted(&input.policy_names, &row.name) || input.policy_names.contains(&row.arn()))
            && wanted(&input.policy_types, row.kind.word())
    };
    let rows = cx.model.scaling_policies.iter().filter(is_asked).collect();
    Ok(paged(input.page, rows, |row: &&ScalingPolicy| &row.id)?.map(shown))
}

fn shown(row: &ScalingPolicy) -> api::ScalingPolicy {
    let told: api::ScalingPolicy = said(&row.told);
    api::ScalingPolicy {
        auto_scaling_group_name: Some(row.group_name.clone()),
        policy_name: Some(row.name.clone()),
        policy_arn: Some(row.arn()),
        policy_type: Some(row.kind.word().to_owned()),
        step_adjustments: told.step_adjustments.to_vec().into(),
        alarms: Vec::new().into(),
        enabled: Some(row.enabled),
        ..told
    }
}

fn delete(cx: Change, input: api::DeletePolicyType) -> Result<()> {
    Ok(cx.model.delete_scaling_policy(cx.caller, input.auto_scaling_group_name.as_deref(), &input.policy_name)?)
}

fn execute(cx: Change, input: api::ExecutePolicyType) -> Result<()> {
    let breach = match (input.metric_value, input.breach_threshold) {
        (Some(value), Some(threshold)) => Some(thousandths(value - threshold)),
        (None, None) => None,
        _ => return Err(Refusal::NoStep {}.into()),
    };
    let named = (input.auto_scaling_group_name.as_deref(), input.policy_name.as_str());
    Ok(cx.model.execute_scaling_policy(cx.caller, named, input.honor_cooldown.unwrap_or(false), breach)?)
}
