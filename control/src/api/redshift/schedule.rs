//! Snapshot schedules. They are stored and returned; no snapshot is taken by them.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::entry::{self, found, retold};
use model::services::{Deployment, Error, Obstacle, Result, ServiceEntry, Thing};
use model::{Caller, Model};
use shapes::redshift;

const THING: Thing = Thing::SnapshotSchedule;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(modify_cluster).write(delete)
}

fn create(cx: Change, input: redshift::CreateSnapshotScheduleMessage) -> Result<redshift::SnapshotSchedule> {
    let redshift::CreateSnapshotScheduleMessage {
        schedule_definitions,
        schedule_identifier,
        schedule_description,
        tags: sent,
    } = input;
    let name =
        schedule_identifier.map_or_else(|| format!("schedule-{}", cx.model.number()), |name| name.to_ascii_lowercase());
    let schedule = redshift::SnapshotSchedule { schedule_definitions, schedule_description, ..Default::default() };
    let entry = entry::create(cx.model, cx.caller, (THING, &name), &schedule, tags::of(sent)?)?;
    Ok(shown(&entry))
}

fn describe(cx: View, input: redshift::DescribeSnapshotSchedulesMessage) -> Result<Paged<redshift::SnapshotSchedule>> {
    let redshift::DescribeSnapshotSchedulesMessage {
        cluster_identifier,
        schedule_identifier,
        tag_keys,
        tag_values,
        page,
    } = input;
    // A named schedule that does not exist is no error.
    let is_asked = |entry: &ServiceEntry| {
        schedule_identifier.as_deref().is_none_or(|name| name.eq_ignore_ascii_case(&entry.name))
            && tags::pass(&entry.tags, &tag_keys, &tag_values)
            && cluster_identifier
                .as_ref()
                .is_none_or(|name| clusters(entry).iter().any(|one| one.eq_ignore_ascii_case(name)))
    };
    Ok(found(cx.model, &cx.caller.scope, (THING, None), page, is_asked)?.map(shown))
}

fn modify(cx: Change, input: redshift::ModifySnapshotScheduleMessage) -> Result<redshift::SnapshotSchedule> {
    let redshift::ModifySnapshotScheduleMessage { schedule_identifier: name, schedule_definitions } = input;
    let entry = retold(cx.model, &cx.caller.scope, (THING, &name), |_, told: &mut redshift::SnapshotSchedule| {
        told.schedule_definitions = schedule_definitions;
        Ok(())
    })?;
    Ok(shown(&entry))
}

/// The names of the clusters with a schedule. They are in the entry's `of`.
fn clusters(entry: &ServiceEntry) -> Vec<String> {
    entry.of.iter().flat_map(|names| names.split(' ')).map(str::to_owned).collect()
}

fn set_clusters(model: &mut Model, mut entry: ServiceEntry, names: &[String]) {
    entry.of = Some(names.join(" ")).filter(|names| !names.is_empty());
    model.keep_service_entry(entry);
}

/// A cluster has at most one schedule.
fn modify_cluster(cx: Change, input: redshift::ModifyClusterSnapshotScheduleMessage) -> Result<()> {
    let redshift::ModifyClusterSnapshotScheduleMessage {
        cluster_identifier,
        schedule_identifier,
        disassociate_schedule,
    } = input;
    let cluster = cx.model.deployment(&cx.caller.scope, Thing::Cluster, &cluster_identifier)?.name.clone();
    let new = schedule_identifier.filter(|_| disassociate_schedule != Some(true));
    follow(cx.model, cx.caller, cluster, new.as_deref())
}

/// Associates a cluster with a schedule, or with none.
///
/// # Errors
/// The error of a schedule that does not exist.
pub fn follow(model: &mut Model, caller: &Caller, cluster: String, schedule: Option<&str>) -> Result<()> {
    let new = schedule.map(|name| model.service_entry(&caller.scope, THING, name).cloned()).transpose()?;
    forget(model, caller, &cluster);
    if let Some(entry) = new {
        let mut names = clusters(&entry);
        names.retain(|name| *name != cluster);
        names.push(cluster);
        set_clusters(model, entry, &names);
    }
    Ok(())
}

/// The name of a cluster's schedule.
pub fn of_cluster(model: &Model, cluster: &Deployment) -> Option<String> {
    let mut all = model.service_entries_of(&cluster.scope, THING);
    all.find(|entry| clusters(entry).contains(&cluster.name)).map(|entry| entry.name.clone())
}

/// The schedules of a cluster: one, or none.
fn followed(model: &Model, caller: &Caller, cluster: &str) -> Vec<ServiceEntry> {
    let all = model.service_entries_of(&caller.scope, THING);
    all.filter(|entry| clusters(entry).iter().any(|name| name == cluster)).cloned().collect()
}

/// Removes a cluster from its schedule.
pub fn forget(model: &mut Model, caller: &Caller, cluster: &str) {
    for entry in followed(model, caller, cluster) {
        let names: Vec<String> = clusters(&entry).into_iter().filter(|name| name != cluster).collect();
        set_clusters(model, entry, &names);
    }
}

/// Renames a cluster in its schedule.
pub fn rename(model: &mut Model, caller: &Caller, before: &str, now: &str) {
    for entry in followed(model, caller, before) {
        let now = |name: String| if name == before { now.to_owned() } else { name };
        let names: Vec<String> = clusters(&entry).into_iter().map(now).collect();
        set_clusters(model, entry, &names);
    }
}

fn delete(cx: Change, input: redshift::DeleteSnapshotScheduleMessage) -> Result<()> {
    let name = input.schedule_identifier;
    if let Some(user) = clusters(cx.model.service_entry(&cx.caller.scope, THING, &name)?).into_iter().next() {
        return Err(Error::State { thing: THING, name, why: Obstacle::UsedBy { name: user } });
    }
    cx.model.delete_service_entry(&cx.caller.scope, THING, &name)?;
    Ok(())
}

fn shown(entry: &ServiceEntry) -> redshift::SnapshotSchedule {
    let names = clusters(entry);
    let following = |name: &String| redshift::ClusterAssociatedToSchedule {
        cluster_identifier: text(name),
        schedule_association_state: text("ACTIVE"),
    };
    redshift::SnapshotSchedule {
        schedule_identifier: text(&entry.name),
        tags: tags::shown(&entry.tags),
        associated_cluster_count: i32::try_from(names.len()).ok(),
        associated_clusters: names.iter().map(following).collect(),
        ..entry::told(entry)
    }
}
