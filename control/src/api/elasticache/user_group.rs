//! Groups of users.

use super::tags;
use super::user::{self, checked_engine};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, said, said_over, text};
use crate::api::entry::{self, found, retold};
use model::services::{Clash, Deployment, Error, Result, ServiceEntry, Thing};
use model::{Caller, Model, Scope};
use shapes::List;
use shapes::elasticache::{self, ReplicationGroup, ServerlessCache, UserGroup};

const THING: Thing = Thing::CacheUserGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(cx: Change, input: elasticache::CreateUserGroupMessage) -> Result<UserGroup> {
    let engine = checked_engine(input.engine)?;
    check_users(cx.model, &cx.caller.scope, &engine, &input.user_ids)?;
    let group = UserGroup { engine: Some(engine), user_ids: input.user_ids, ..Default::default() };
    let entry = entry::create(cx.model, cx.caller, (THING, &input.user_group_id), &group, tags::of(input.tags)?)?;
    Ok(UserGroup { status: text("creating"), ..shown(cx.model, &entry) })
}

/// Refuses users who do not exist, two of the same name, and for Redis a group without the default user.
fn check_users(model: &Model, scope: &Scope, engine: &str, users: &[String]) -> Result<()> {
    let names = users.iter().map(|id| user::name_of(model, scope, id)).collect::<Result<Vec<String>>>()?;
    if names.iter().enumerate().any(|(place, name)| names[..place].contains(name)) {
        return Err(Error::DuplicateUserName {});
    }
    match engine == "redis" && !names.iter().any(|name| name == user::DEFAULT) {
        true => Err(Error::NoDefaultUser {}),
        false => Ok(()),
    }
}

fn describe(cx: View, input: elasticache::DescribeUserGroupsMessage) -> Result<Paged<UserGroup>> {
    let elasticache::DescribeUserGroupsMessage { user_group_id: name, page } = input;
    Ok(found(cx.model, &cx.caller.scope, (THING, name), page, |_| true)?.map(|entry| shown(cx.model, entry)))
}

fn modify(Change { model, caller }: Change, input: elasticache::ModifyUserGroupMessage) -> Result<UserGroup> {
    let (more, fewer) = (input.user_ids_to_add, input.user_ids_to_remove);
    let engine = input.engine.map(checked_engine).transpose()?;
    let named = (THING, input.user_group_id.as_str());
    let entry = retold(model, &caller.scope, named, |model, told: &mut UserGroup| {
        if let Some(other) = fewer.iter().find(|id| !told.user_ids.contains(id)) {
            return Err(Error::NotFound { thing: user::THING, name: other.clone() });
        }
        let mut ids = told.user_ids.to_vec();
        ids.retain(|id| !fewer.contains(id) && !more.contains(id));
        told.user_ids = ids.into_iter().chain(more).collect();
        told.engine = engine.or(told.engine.take());
        check_users(model, &caller.scope, told.engine.as_deref().unwrap_or_default(), &told.user_ids)
    })?;
    Ok(UserGroup { status: text("modifying"), ..shown(model, &entry) })
}

/// Deletes a group, which also leaves the replication groups and the serverless caches that have it.
fn delete(cx: Change, input: elasticache::DeleteUserGroupMessage) -> Result<UserGroup> {
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &input.user_group_id)?;
    let deleting = UserGroup { status: text("deleting"), ..shown(cx.model, &entry) };
    let of: Vec<Deployment> = replication_groups_with(cx.model, &entry).cloned().collect();
    for row in of {
        let left = kept(&row, |id| id.eq_ignore_ascii_case(&entry.name));
        cx.model.set_deployment(&row.id, |settings| settings.told = said_over(&settings.told, &with(left)));
    }
    let caches: Vec<ServiceEntry> = serverless_caches_with(cx.model, &entry).cloned().collect();
    for cache in caches {
        retold(cx.model, &cache.scope, (cache.thing, &cache.id), |_, told: &mut ServerlessCache| {
            told.user_group_id = None;
            Ok(())
        })?;
    }
    Ok(deleting)
}

/// The replication groups that have a group of users.
fn replication_groups_with<'m>(model: &'m Model, entry: &'m ServiceEntry) -> impl Iterator<Item = &'m Deployment> {
    let has = move |row: &&Deployment| user_groups(row).iter().any(|id| id.eq_ignore_ascii_case(&entry.name));
    model.deployments_of(&entry.scope, Thing::ReplicationGroup).filter(has)
}

/// The serverless caches that have a group of users.
fn serverless_caches_with<'m>(model: &'m Model, entry: &'m ServiceEntry) -> impl Iterator<Item = &'m ServiceEntry> {
    let has = move |cache: &&ServiceEntry| {
        let group = entry::told::<ServerlessCache>(cache).user_group_id;
        group.is_some_and(|id| id.eq_ignore_ascii_case(&entry.name))
    };
    model.service_entries_of(&entry.scope, Thing::ServerlessCache).filter(has)
}

/// The ids of the user groups that a replication group has.
fn user_groups(row: &Deployment) -> List<String> {
    said::<ReplicationGroup>(&row.settings.told).user_group_ids
}

/// The user groups that a replication group keeps.
fn kept(row: &Deployment, is_gone: impl Fn(&String) -> bool) -> Vec<String> {
    user_groups(row).into_iter().filter(|id| !is_gone(id)).collect()
}

/// A replication group with these user groups and no other members.
fn with(user_groups: Vec<String>) -> ReplicationGroup {
    ReplicationGroup { user_group_ids: user_groups.into(), ..Default::default() }
}

/// The user groups of a new replication group, all of which must exist. They require TLS.
pub fn checked(model: &Model, caller: &Caller, ids: List<String>, tls: bool) -> Result<List<String>> {
    if !tls && !ids.is_empty() {
        return Err(Clash::Needs { name: "UserGroupIds", other: "TransitEncryptionEnabled" }.into());
    }
    ids.iter().try_for_each(|id| find(model, caller, id).map(|_| ()))?;
    Ok(ids)
}

/// The user group of that id.
///
/// # Errors
/// [`Error::NotFound`]
pub fn find<'m>(model: &'m Model, caller: &Caller, id: &str) -> Result<&'m ServiceEntry> {
    model.service_entry(&caller.scope, THING, id)
}

/// The user groups of a replication group after a change.
pub fn changed(
    model: &Model,
    caller: &Caller,
    row: &Deployment,
    (more, fewer): (List<String>, &[String]),
    none: Option<bool>,
) -> Result<ReplicationGroup> {
    let more = checked(model, caller, more, row.settings.tls)?;
    let left = kept(row, |id| none == Some(true) || fewer.contains(id) || more.contains(id));
    Ok(with(left.into_iter().chain(more).collect()))
}

fn shown(model: &Model, entry: &ServiceEntry) -> UserGroup {
    let told: UserGroup = entry::told(entry);
    UserGroup {
        user_group_id: text(&entry.name),
        status: text("active"),
        user_ids: told.user_ids.to_vec().into(),
        minimum_engine_version: text("6.0"),
        replication_groups: replication_groups_with(model, entry).map(|row| row.name.clone()).collect(),
        serverless_caches: serverless_caches_with(model, entry).map(|cache| cache.name.clone()).collect(),
        arn: text(&entry.id),
        ..told
    }
}
