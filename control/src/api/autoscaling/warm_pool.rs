//! Warm pools: instances that stand ready.

use super::{Result, instance, number, paged, shown_number};
use crate::api::action::{Actions, Change, View};
use model::auto_scaling::{AutoScalingGroup, Error as Refusal, Member, WarmPool, WarmState};
use shapes::{Fault, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.write(put).read(describe).write(delete)
}

fn put(cx: Change, input: api::PutWarmPoolType) -> Result<()> {
    let state = match input.pool_state.as_deref() {
        None | Some("Stopped") => WarmState::Stopped,
        Some("Running") => WarmState::Running,
        Some("Hibernated") => return Err(Fault::Unsupported { name: "PoolState=Hibernated".into() }.into()),
        Some(other) => return Err(Refusal::invalid("poolState", other).into()),
    };
    let group = &input.auto_scaling_group_name;
    // A number stays until minus one takes it back.
    let before = cx.model.scaling_group(&cx.caller.scope, group)?.warm_pool.as_ref().and_then(|pool| pool.prepared);
    let prepared = match input.max_group_prepared_capacity {
        None => before,
        Some(-1) => None,
        most => number("maxGroupPreparedCapacity", most)?,
    };
    let pool = WarmPool {
        min: number("minSize", input.min_size)?.unwrap_or(0),
        prepared,
        state,
        reuses: input.instance_reuse_policy.and_then(|policy| policy.reuse_on_scale_in),
        deleting: false,
    };
    Ok(cx.model.put_warm_pool(cx.caller, group, pool)?)
}

/// A pool as it is shown.
pub fn shown(group: &AutoScalingGroup) -> Option<api::WarmPoolConfiguration> {
    let pool = group.warm_pool.as_ref()?;
    let reuse = pool.reuses.map(|reuses| api::InstanceReusePolicy { reuse_on_scale_in: Some(reuses) });
    Some(api::WarmPoolConfiguration {
        max_group_prepared_capacity: pool.prepared.map(shown_number),
        min_size: Some(shown_number(pool.min)),
        pool_state: Some(pool.state.word().to_owned()),
        status: pool.deleting.then(|| "PendingDelete".to_owned()),
        instance_reuse_policy: reuse,
    })
}

fn describe(cx: View, input: api::DescribeWarmPoolType) -> Result<api::DescribeWarmPoolAnswer> {
    let group = cx.model.scaling_group(&cx.caller.scope, &input.auto_scaling_group_name)?;
    let warmed: Vec<(&String, &Member)> = group.warmed().collect();
    let rows =
        paged(input.page, warmed, |(id, _)| id.as_str())?.map(|(id, member)| instance::shown(cx.model, id, member));
    Ok(api::DescribeWarmPoolAnswer {
        warm_pool_configuration: shown(group),
        instances: rows.items.into(),
        next_token: rows.next,
    })
}

/// Its instances are terminated first, with or without ForceDelete.
fn delete(cx: Change, input: api::DeleteWarmPoolType) -> Result<()> {
    Ok(cx.model.delete_warm_pool(cx.caller, &input.auto_scaling_group_name)?)
}
