//! Scaling policies.

use super::{Error, Result, number, paged, wanted};
use crate::api::action::Actions;
use crate::api::deployment::{said, said_over};
use model::auto_scaling::{Adjustment, AdjustmentType, Error as Refusal, PolicyType, ScalingPolicy};
use model::{Caller, Model};
use shapes::autoscaling;

pub fn actions(all: Actions) -> Actions {
    all.write(put).read(describe).write(delete).write(execute)
}

/// A metric's distance in thousandths, in which it can be compared.
fn thousandths(value: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "what is beyond is the farthest that there is")]
    let whole = (value * 1000.0).round() as i64;
    whole
}

fn put(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::PutScalingPolicyType,
) -> Result<autoscaling::PolicyARNType> {
    let autoscaling::PutScalingPolicyType {
        auto_scaling_group_name: group,
        policy_name: name,
        policy_type,
        adjustment_type,
        min_adjustment_step,
        min_adjustment_magnitude,
        scaling_adjustment,
        cooldown,
        metric_aggregation_type,
        step_adjustments,
        estimated_instance_warmup,
        target_tracking_configuration,
        enabled,
        predictive_scaling_configuration,
    } = input;
    let kind = policy_type.map(|word| PolicyType::read("policyType", &word)).transpose()?.unwrap_or_default();
    let by_step = kind == PolicyType::Step;
    let adjusts = by_step || kind == PolicyType::Simple;
    let adjustment = adjusts.then(|| {
        let word = adjustment_type.as_deref().ok_or_else(|| missing("AdjustmentType"))?;
        if by_step == step_adjustments.is_empty() || by_step == scaling_adjustment.is_some() {
            return Err(missing(if by_step { "StepAdjustments" } else { "ScalingAdjustment" }));
        }
        let steps = step_adjustments.iter().map(|step| {
            let bound = |bound: Option<f64>| bound.map(thousandths);
            (bound(step.metric_interval_lower_bound), bound(step.metric_interval_upper_bound), step.scaling_adjustment)
        });
        Ok(Adjustment {
            kind: AdjustmentType::read("adjustmentType", word)?,
            by: scaling_adjustment,
            steps: steps.collect(),
            least: number("MinAdjustmentMagnitude", min_adjustment_magnitude.or(min_adjustment_step))?.unwrap_or(1),
        })
    });
    let adjustment = adjustment.transpose()?;
    if kind == PolicyType::TargetTracking && target_tracking_configuration.is_none() {
        return Err(missing("TargetTrackingConfiguration"));
    }
    if kind == PolicyType::Predictive && predictive_scaling_configuration.is_none() {
        return Err(missing("PredictiveScalingConfiguration"));
    }
    let as_said = autoscaling::ScalingPolicy {
        adjustment_type,
        min_adjustment_step,
        min_adjustment_magnitude,
        scaling_adjustment,
        cooldown,
        metric_aggregation_type: metric_aggregation_type.or(by_step.then(|| "Average".to_owned())),
        step_adjustments,
        estimated_instance_warmup,
        target_tracking_configuration,
        predictive_scaling_configuration,
        ..Default::default()
    };
    let what = (kind, enabled.unwrap_or(true), adjustment, said_over("", &as_said));
    let policy = model.put_scaling_policy(caller, &group, &name, what)?;
    Ok(autoscaling::PolicyARNType { policy_arn: Some(policy.arn()), alarms: Vec::new().into() })
}

fn missing(name: &str) -> Error {
    shapes::Fault::Missing { name: name.to_owned() }.into()
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: autoscaling::DescribePoliciesType,
) -> Result<autoscaling::PoliciesType> {
    let autoscaling::DescribePoliciesType {
        auto_scaling_group_name: group,
        policy_names: names,
        policy_types,
        include_managed_resources: _,
        page,
    } = input;
    if let Some(group) = &group {
        model.scaling_group(&caller.scope, group)?;
    }
    let is_asked = |row: &&ScalingPolicy| {
        row.scope == caller.scope
            && group.as_ref().is_none_or(|group| *group == row.group_name)
            && (wanted(&names, &row.name) || names.contains(&row.arn()))
            && wanted(&policy_types, row.kind.word())
    };
    let rows = model.scaling_policies.iter().filter(is_asked).collect();
    let (rows, next_token) = paged(page, rows, |row: &&ScalingPolicy| &row.id)?;
    Ok(autoscaling::PoliciesType { scaling_policies: rows.into_iter().map(shown).collect(), next_token })
}

fn shown(row: &ScalingPolicy) -> autoscaling::ScalingPolicy {
    let told: autoscaling::ScalingPolicy = said(&row.told);
    autoscaling::ScalingPolicy {
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

fn delete(model: &mut Model, caller: &Caller, input: autoscaling::DeletePolicyType) -> Result<()> {
    let autoscaling::DeletePolicyType { auto_scaling_group_name: group, policy_name: name } = input;
    Ok(model.delete_scaling_policy(caller, group.as_deref(), &name)?)
}

fn execute(model: &mut Model, caller: &Caller, input: autoscaling::ExecutePolicyType) -> Result<()> {
    let autoscaling::ExecutePolicyType {
        auto_scaling_group_name: group,
        policy_name: name,
        honor_cooldown,
        metric_value,
        breach_threshold,
    } = input;
    let breach = match (metric_value, breach_threshold) {
        (Some(value), Some(threshold)) => Some(thousandths(value - threshold)),
        (None, None) => None,
        _ => return Err(Refusal::NoStep {}.into()),
    };
    let named = (group.as_deref(), name.as_str());
    Ok(model.execute_scaling_policy(caller, named, honor_cooldown.unwrap_or(false), breach)?)
}
