//! Users of Redis and Valkey, and how they prove who they are. They are kept, and no server knows them.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, said_over, text};
use crate::api::entry::{self, retold};
use model::services::{Clash, Error, Result, ServiceEntry, Thing, UserFault, Wanted};
use model::{Caller, Model, Scope, Time};
use shapes::List;
use shapes::elasticache::{self, User, UserGroup};

pub const THING: Thing = Thing::CacheUser;
const GROUP: Thing = Thing::CacheUserGroup;
/// The user that is there by itself.
pub const DEFAULT: &str = "default";

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(cx: Change, input: elasticache::CreateUserMessage) -> Result<User> {
    let elasticache::CreateUserMessage {
        user_id,
        user_name,
        engine,
        passwords,
        access_string,
        no_password_required,
        tags: sent,
        authentication_mode,
    } = input;
    let engine = checked_engine(engine)?;
    let said = authentication(&passwords, no_password_required, authentication_mode)?;
    let authentication = said.ok_or(UserFault::Mode { mode: "null".to_owned() })?;
    if user_id.eq_ignore_ascii_case(DEFAULT) {
        return Err(Error::Exists { thing: THING, name: user_id });
    }
    let user = User {
        user_name: Some(user_name),
        engine: Some(engine),
        access_string: Some(access_string),
        authentication: Some(authentication),
        ..Default::default()
    };
    let entry = entry::create(cx.model, cx.caller, (THING, &user_id), &user, tags::of(sent)?)?;
    Ok(shown(cx.model, &entry))
}

/// The name of a user.
///
/// # Errors
/// [`Error::NotFound`]
pub fn name_of(model: &Model, scope: &Scope, id: &str) -> Result<String> {
    if id.eq_ignore_ascii_case(DEFAULT) {
        return Ok(DEFAULT.to_owned());
    }
    let user: User = entry::told(model.service_entry(scope, THING, id)?);
    Ok(user.user_name.unwrap_or_default())
}

/// An engine that has users, in small letters.
pub fn checked_engine(asked: String) -> Result<String> {
    match asked.to_ascii_lowercase() {
        engine if engine == "redis" || engine == "valkey" => Ok(engine),
        _ => {
            let why = Wanted::Engine { engines: "redis, valkey".to_owned() };
            Err(Error::Value { name: "Engine", value: asked, why })
        }
    }
}

/// The authentication of a user, which requests give in one of two ways.
fn authentication(
    passwords: &List<String>,
    none_needed: Option<bool>,
    mode: Option<elasticache::AuthenticationMode>,
) -> Result<Option<elasticache::Authentication>> {
    let mode = mode.unwrap_or_default();
    let kind = mode.r#type.as_deref();
    if let Some(other) = kind.filter(|kind| !["password", "no-password-required", "iam"].contains(kind)) {
        return Err(UserFault::Mode { mode: other.to_owned() }.into());
    }
    let without = none_needed == Some(true);
    if let Some(other) = kind.filter(|kind| without && *kind != "no-password-required") {
        return Err(Clash::NoPasswordBut { mode: other.to_owned() }.into());
    }
    if !passwords.is_empty() && !mode.passwords.is_empty() {
        return Err(Clash::PasswordsTwice {}.into());
    }
    let all: Vec<&String> = passwords.iter().chain(mode.passwords.iter()).collect();
    let with_password = kind == Some("password") || kind.is_none() && !all.is_empty();
    if let Some(kind) = kind.filter(|kind| *kind != "password" && !all.is_empty()) {
        return Err(Clash::NoPasswords { mode: kind.to_owned() }.into());
    }
    if kind == Some("password") && all.is_empty() {
        return Err(Clash::NoPassword {}.into());
    }
    if all.iter().any(|password| !(16..=128).contains(&password.len())) {
        return Err(UserFault::Password {}.into());
    }
    let password_count = i32::try_from(all.len()).ok().filter(|_| with_password);
    let told = match kind {
        _ if without => Some("no-password"),
        None if with_password => Some("password"),
        other => other,
    };
    Ok(told.map(|kind| elasticache::Authentication { r#type: text(kind), password_count }))
}

/// The default user, and those that were created.
fn describe(cx: View, input: elasticache::DescribeUsersMessage) -> Result<Paged<User>> {
    let elasticache::DescribeUsersMessage { engine, user_id, filters, page } = input;
    let own = cx.model.service_entries_of(&cx.caller.scope, THING);
    let all = std::iter::once(by_itself(cx.caller)).chain(own.cloned()).map(|entry| shown(cx.model, &entry));
    let has = |user: &User, name: &str| match name {
        "user-id" => user.user_id.clone(),
        "user-name" => user.user_name.clone(),
        _ => None,
    };
    let rows: Vec<_> = all
        .filter(|user| {
            user_id.as_ref().is_none_or(|id| user.user_id.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(id)))
                && engine.as_deref().is_none_or(|engine| user.engine.as_deref() == Some(&engine.to_ascii_lowercase()))
                && filters.iter().all(|filter| has(user, &filter.name).is_none_or(|own| filter.values.contains(&own)))
        })
        .collect();
    if let (Some(name), true) = (user_id, rows.is_empty()) {
        return Err(Error::NotFound { thing: THING, name });
    }
    paged(page, rows, |user| user.user_id.as_deref().unwrap_or_default())
}

fn by_itself(caller: &Caller) -> ServiceEntry {
    let user = User {
        user_name: text(DEFAULT),
        engine: text("redis"),
        access_string: text("on ~* +@all"),
        authentication: Some(elasticache::Authentication { r#type: text("no-password"), password_count: None }),
        ..Default::default()
    };
    ServiceEntry {
        id: THING.arn(&caller.scope, DEFAULT),
        scope: caller.scope.clone(),
        tags: model::Tags::new(),
        thing: THING,
        name: DEFAULT.to_owned(),
        created: Time(0),
        of: None,
        told: said_over("", &user),
    }
}

fn modify(cx: Change, input: elasticache::ModifyUserMessage) -> Result<User> {
    let elasticache::ModifyUserMessage {
        user_id,
        access_string,
        append_access_string: more,
        passwords,
        no_password_required,
        authentication_mode,
        engine,
    } = input;
    let engine = engine.map(checked_engine).transpose()?;
    let authentication = authentication(&passwords, no_password_required, authentication_mode)?;
    let entry = retold(cx.model, &cx.caller.scope, (THING, &user_id), |_, told: &mut User| {
        let access = access_string.or(told.access_string.take());
        told.access_string = match (access, more) {
            (Some(access), Some(more)) => Some(format!("{access} {more}")),
            (access, more) => access.or(more),
        };
        told.authentication = authentication.or(told.authentication.take());
        told.engine = engine.or(told.engine.take());
        Ok(())
    })?;
    Ok(shown(cx.model, &entry))
}

fn delete(cx: Change, input: elasticache::DeleteUserMessage) -> Result<User> {
    if input.user_id.eq_ignore_ascii_case(DEFAULT) {
        return Err(Error::DefaultUser {});
    }
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &input.user_id)?;
    let shown = shown(cx.model, &entry);
    leave_groups(cx.model, cx.caller, &entry.name)?;
    Ok(User { status: text("deleting"), ..shown })
}

/// The groups that have a user.
fn groups_with(model: &Model, scope: &Scope, user: &str) -> Vec<String> {
    let has =
        |entry: &&ServiceEntry| entry::told::<UserGroup>(entry).user_ids.iter().any(|id| id.eq_ignore_ascii_case(user));
    model.service_entries_of(scope, GROUP).filter(has).map(|entry| entry.name.clone()).collect()
}

/// Takes a user who is deleted out of all groups.
fn leave_groups(model: &mut Model, caller: &Caller, user: &str) -> Result<()> {
    for group in groups_with(model, &caller.scope, user) {
        retold(model, &caller.scope, (GROUP, &group), |_, told: &mut UserGroup| {
            told.user_ids = told.user_ids.iter().filter(|id| !id.eq_ignore_ascii_case(user)).cloned().collect();
            Ok(())
        })?;
    }
    Ok(())
}

fn shown(model: &Model, entry: &ServiceEntry) -> User {
    let told: User = entry::told(entry);
    let least = if told.engine.as_deref() == Some("valkey") { "7.2" } else { "6.0" };
    User {
        user_id: text(&entry.name),
        status: text("active"),
        minimum_engine_version: text(least),
        user_group_ids: groups_with(model, &entry.scope, &entry.name).into(),
        arn: text(&entry.id),
        ..told
    }
}
