//! Warm pools: instances that stand ready.

use super::{Error, Result, instance, paged};
use crate::api::action::Actions;
use model::auto_scaling::{AutoScalingGroup, Error as Refusal, Member, WarmPool, WarmState};
use model::{Caller, Model};
use shapes::autoscaling;

pub fn actions(all: Actions) -> Actions {
    all.write(put).read(describe).write(delete)
}

fn put(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::PutWarmPoolType,
) -> Result<autoscaling::PutWarmPoolAnswer> {
    let autoscaling::PutWarmPoolType {
        auto_scaling_group_name: group,
        max_group_prepared_capacity,
        min_size,
        pool_state,
        instance_reuse_policy,
    } = input;
    let state = match pool_state.as_deref() {
        None | Some("Stopped") => WarmState::Stopped,
        Some("Running") => WarmState::Running,
        Some("Hibernated") => {
            return Err(Error::from(shapes::Fault::Unsupported { name: "PoolState=Hibernated".into() }));
        }
        Some(other) => {
            return Err(Refusal::InvalidValue { field: "poolState".into(), value: other.into() }.into());
        }
    };
    // A number stays until minus one takes it back.
    let before = model.scaling_group(&caller.scope, &group)?.warm_pool.as_ref().and_then(|pool| pool.prepared);
    let prepared = match max_group_prepared_capacity {
        None => before,
        Some(-1) => None,
        most => count("maxGroupPreparedCapacity", most)?,
    };
    let pool = WarmPool {
        min: count("minSize", min_size)?.unwrap_or(0),
        prepared,
        state,
        reuses: instance_reuse_policy.and_then(|policy| policy.reuse_on_scale_in),
        deleting: false,
    };
    model.put_warm_pool(caller, &group, pool)?;
    Ok(autoscaling::PutWarmPoolAnswer {})
}

fn count(field: &str, value: Option<i32>) -> Result<Option<u32>> {
    let bad = |value: i32| Refusal::InvalidValue { field: field.into(), value: value.to_string() };
    value.map(|value| u32::try_from(value).map_err(|_| bad(value).into())).transpose()
}

/// A pool as it is shown.
pub fn shown(group: &AutoScalingGroup) -> Option<autoscaling::WarmPoolConfiguration> {
    let pool = group.warm_pool.as_ref()?;
    let number = |number: u32| i32::try_from(number).ok();
    let reuse = pool.reuses.map(|reuses| autoscaling::InstanceReusePolicy { reuse_on_scale_in: Some(reuses) });
    Some(autoscaling::WarmPoolConfiguration {
        max_group_prepared_capacity: pool.prepared.and_then(number),
        min_size: number(pool.min),
        pool_state: Some(pool.state.word().to_owned()),
        status: pool.deleting.then(|| "PendingDelete".to_owned()),
        instance_reuse_policy: reuse,
    })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: autoscaling::DescribeWarmPoolType,
) -> Result<autoscaling::DescribeWarmPoolAnswer> {
    let autoscaling::DescribeWarmPoolType { auto_scaling_group_name: name, page } = input;
    let group = model.scaling_group(&caller.scope, &name)?;
    let warmed: Vec<(&String, &Member)> = group.warmed().collect();
    let (rows, next_token) = paged(page, warmed, |(id, _)| id.as_str())?;
    Ok(autoscaling::DescribeWarmPoolAnswer {
        warm_pool_configuration: shown(group),
        instances: rows.into_iter().map(|(id, member)| instance::shown(model, id, member)).collect(),
        next_token,
    })
}

/// Its instances are terminated first, with or without ForceDelete.
fn delete(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::DeleteWarmPoolType,
) -> Result<autoscaling::DeleteWarmPoolAnswer> {
    model.delete_warm_pool(caller, &input.auto_scaling_group_name)?;
    Ok(autoscaling::DeleteWarmPoolAnswer {})
}
