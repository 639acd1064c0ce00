//! Groups of users.

use super::tags;
use super::user::{self, checked_engine};
use crate::api::action::Actions;
use crate::api::deployment::{said_over, text};
use crate::api::entry::{self, found, retold};
use model::services::{Error, Result, ServiceEntry, Thing};
use model::{Caller, Model, Scope};
use shapes::{List, elasticache};

const THING: Thing = Thing::CacheUserGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::CreateUserGroupMessage,
) -> Result<elasticache::UserGroup> {
    let elasticache::CreateUserGroupMessage { user_group_id: name, engine, user_ids, tags: sent } = input;
    let engine = checked_engine(engine)?;
    check_users(model, &caller.scope, &user_ids)?;
    let group = elasticache::UserGroup { engine: Some(engine), user_ids, ..Default::default() };
    let told = said_over("", &group);
    let entry = model.create_service_entry(caller, (THING, &name, &name), (None, told), tags::of(sent)?)?;
    Ok(elasticache::UserGroup { status: text("creating"), ..shown(&entry) })
}

fn check_users(model: &Model, scope: &Scope, users: &List<String>) -> Result<()> {
    let mut others = users.iter().filter(|user| *user != "default");
    others.try_for_each(|user| model.service_entry(scope, user::THING, user).map(|_| ()))
}

/// The groups that have a user.
pub fn names_with(model: &Model, scope: &Scope, user: &str) -> Vec<String> {
    let has = |entry: &&ServiceEntry| {
        entry::told::<elasticache::UserGroup>(entry).user_ids.iter().any(|id| id.eq_ignore_ascii_case(user))
    };
    model.service_entries_of(scope, THING).filter(has).map(|entry| entry.name.clone()).collect()
}

/// Takes a user who is deleted out of all groups.
pub fn forget(model: &mut Model, caller: &Caller, user: &str) -> Result<()> {
    for group in names_with(model, &caller.scope, user) {
        retold(model, &caller.scope, (THING, &group), |_, told: &mut elasticache::UserGroup| {
            told.user_ids = told.user_ids.iter().filter(|id| !id.eq_ignore_ascii_case(user)).cloned().collect();
            Ok(())
        })?;
    }
    Ok(())
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: elasticache::DescribeUserGroupsMessage,
) -> Result<elasticache::DescribeUserGroupsResult> {
    let elasticache::DescribeUserGroupsMessage { user_group_id: name, page } = input;
    let (rows, marker) = found(model, &caller.scope, (THING, name), page, |_| true)?;
    Ok(elasticache::DescribeUserGroupsResult { user_groups: rows.into_iter().map(shown).collect(), marker })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::ModifyUserGroupMessage,
) -> Result<elasticache::UserGroup> {
    let elasticache::ModifyUserGroupMessage {
        user_group_id: name,
        user_ids_to_add: more,
        user_ids_to_remove: fewer,
        engine,
    } = input;
    check_users(model, &caller.scope, &more)?;
    let engine = engine.map(checked_engine).transpose()?;
    let entry = retold(model, &caller.scope, (THING, &name), |_, told: &mut elasticache::UserGroup| {
        if let Some(other) = fewer.iter().find(|id| !told.user_ids.contains(id)) {
            return Err(Error::NotFound { thing: user::THING, name: other.clone() });
        }
        let mut ids = told.user_ids.to_vec();
        ids.retain(|id| !fewer.contains(id) && !more.contains(id));
        told.user_ids = ids.into_iter().chain(more).collect();
        told.engine = engine.or(told.engine.take());
        Ok(())
    })?;
    Ok(elasticache::UserGroup { status: text("modifying"), ..shown(&entry) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::DeleteUserGroupMessage,
) -> Result<elasticache::UserGroup> {
    let entry = model.delete_service_entry(&caller.scope, THING, &input.user_group_id)?;
    Ok(elasticache::UserGroup { status: text("deleting"), ..shown(&entry) })
}

fn shown(entry: &ServiceEntry) -> elasticache::UserGroup {
    let told: elasticache::UserGroup = entry::told(entry);
    elasticache::UserGroup {
        user_group_id: text(&entry.name),
        status: text("active"),
        user_ids: told.user_ids.to_vec().into(),
        minimum_engine_version: text("6.0"),
        replication_groups: Vec::new().into(),
        arn: text(&entry.id),
        ..told
    }
}
