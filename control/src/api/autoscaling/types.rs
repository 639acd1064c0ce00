//! Limits, and the values that other actions accept.

use super::{Result, groups_of};
use crate::api::action::{Actions, View};
use model::auto_scaling::TerminationPolicy;
use shapes::{List, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.read(limits).read(adjustment_types).read(termination_policy_types)
}

/// The most groups, and the most launch configurations, of an account in a Region. The limits are not enforced.
const LIMITS: (i32, i32) = (500, 200);

fn limits(cx: View, _: api::DescribeAccountLimitsRequest) -> Result<api::DescribeAccountLimitsAnswer> {
    let groups = groups_of(cx.model, &cx.caller.scope).count();
    let configurations = cx.model.launch_configurations.iter().filter(|row| row.scope == cx.caller.scope).count();
    Ok(api::DescribeAccountLimitsAnswer {
        max_number_of_auto_scaling_groups: Some(LIMITS.0),
        max_number_of_launch_configurations: Some(LIMITS.1),
        number_of_auto_scaling_groups: i32::try_from(groups).ok(),
        number_of_launch_configurations: i32::try_from(configurations).ok(),
    })
}

fn adjustment_types(_: View, _: api::DescribeAdjustmentTypesRequest) -> Result<List<api::AdjustmentType>> {
    let one = |word: &str| api::AdjustmentType { adjustment_type: Some(word.to_owned()) };
    Ok(["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"].map(one).into_iter().collect())
}

fn termination_policy_types(_: View, _: api::DescribeTerminationPolicyTypesRequest) -> Result<List<String>> {
    Ok(TerminationPolicy::ALL.iter().map(|policy| policy.word().to_owned()).collect())
}
