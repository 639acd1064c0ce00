//! Scaling activities.

use super::{Error, Result, fits, groups_of, paged, wanted};
use crate::api::action::{Actions, View};
use model::auto_scaling::{ActivityStatus, ScalingActivity};
use model::{Model, Time};
use shapes::{List, Paged, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

fn shown(model: &Model, activity: &ScalingActivity) -> api::Activity {
    let group =
        model.scaling_group(&activity.scope, &activity.group).ok().filter(|group| group.arn() == activity.group_arn);
    api::Activity {
        activity_id: activity.id.clone(),
        auto_scaling_group_name: activity.group.clone(),
        description: Some(activity.description.clone()),
        cause: activity.cause.clone(),
        start_time: activity.started,
        end_time: activity.ended,
        status_code: activity.status.code().to_owned(),
        status_message: activity.status.message().map(str::to_owned),
        progress: Some(activity.status.progress()),
        details: Some(activity.details.clone()),
        auto_scaling_group_state: group.is_none().then(|| "Deleted".to_owned()),
        auto_scaling_group_arn: Some(activity.group_arn.clone()),
    }
}

/// The activity of that id.
pub fn of_id(model: &Model, id: &str) -> Option<api::Activity> {
    model.scaling_activities.get(id).map(|activity| shown(model, activity))
}

/// The activities of these ids as they begin. What takes AWS a while is over here at once.
pub fn begun(model: &Model, ids: &[String], status: &ActivityStatus) -> List<api::Activity> {
    let begins = |activity| api::Activity {
        status_code: status.code().to_owned(),
        progress: Some(status.progress()),
        end_time: None,
        ..activity
    };
    ids.iter().filter_map(|id| of_id(model, id)).map(begins).collect()
}

fn describe(View { model, caller }: View, input: api::DescribeScalingActivitiesType) -> Result<Paged<api::Activity>> {
    let api::DescribeScalingActivitiesType {
        activity_ids,
        auto_scaling_group_name: name,
        include_deleted_groups,
        page,
        filters,
    } = input;
    let mut rows: Vec<&ScalingActivity> = match (&name, include_deleted_groups.unwrap_or(false)) {
        (Some(name), false) => model.scaling_activities.by(&model.scaling_group(&caller.scope, name)?.arn()).collect(),
        (None, false) => {
            groups_of(model, &caller.scope).flat_map(|group| model.scaling_activities.by(&group.arn())).collect()
        }
        (name, true) => {
            let of_name =
                |row: &&ScalingActivity| name.as_ref().is_none_or(|name| *name == row.group || *name == row.group_arn);
            model.scaling_activities.iter().filter(of_name).collect()
        }
    };
    rows.retain(|row| row.scope == caller.scope && wanted(&activity_ids, &row.id));
    for filter in filters.iter() {
        let name = filter.name.as_deref().unwrap_or_default();
        let bound = || {
            let text = filter.values.first().map(String::as_str).unwrap_or_default();
            text.parse::<Time>().map_err(|_| Error::Filter(name.to_owned()))
        };
        let (first, last) = match name {
            "StartTimeLowerBound" => (bound()?, Time(u64::MAX)),
            "StartTimeUpperBound" => (Time(0), bound()?),
            "Status" => {
                rows.retain(|row| fits(&filter.values, row.status.code()));
                continue;
            }
            _ => return Err(Error::Filter(name.to_owned())),
        };
        rows.retain(|row| (first..=last).contains(&row.started));
    }
    // The newest comes first.
    let place = |row: &ScalingActivity| format!("{:020}{}", u64::MAX - row.started.0, row.id);
    let placed = rows.into_iter().map(|row| (place(row), row)).collect();
    Ok(paged(page, placed, |(place, _)| place)?.map(|(_, row)| shown(model, row)))
}
