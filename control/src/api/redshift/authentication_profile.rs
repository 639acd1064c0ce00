//! Authentication profiles, which have connection options of drivers. They are stored and returned.

use crate::api::action::{Actions, Change, View};
use crate::api::deployment::same_members;
use crate::api::entry::{self, retold};
use model::Tags;
use model::services::{Error, Obstacle, Result, ServiceEntry, Thing};
use serde_json::Value as Json;
use shapes::List;
use shapes::redshift::{
    self, AuthenticationProfile, CreateAuthenticationProfileResult, ModifyAuthenticationProfileResult,
};

const THING: Thing = Thing::AuthenticationProfile;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

/// A profile whose content is JSON.
fn profile(name: &str, content: String) -> Result<AuthenticationProfile> {
    match serde_json::from_str::<Json>(&content) {
        Ok(_) => Ok(AuthenticationProfile { authentication_profile_content: Some(content), ..Default::default() }),
        Err(_) => Err(Error::State { thing: THING, name: name.to_owned(), why: Obstacle::NoJson {} }),
    }
}

fn create(
    cx: Change,
    input: redshift::CreateAuthenticationProfileMessage,
) -> Result<CreateAuthenticationProfileResult> {
    let name = input.authentication_profile_name;
    let profile = profile(&name, input.authentication_profile_content)?;
    let entry = entry::create(cx.model, cx.caller, (THING, &name), &profile, Tags::new())?;
    Ok(same_members(&shown(&entry)))
}

fn describe(cx: View, input: redshift::DescribeAuthenticationProfilesMessage) -> Result<List<AuthenticationProfile>> {
    match input.authentication_profile_name {
        Some(name) => Ok(vec![shown(cx.model.service_entry(&cx.caller.scope, THING, &name)?)].into()),
        None => Ok(cx.model.service_entries_of(&cx.caller.scope, THING).map(shown).collect()),
    }
}

fn modify(
    cx: Change,
    input: redshift::ModifyAuthenticationProfileMessage,
) -> Result<ModifyAuthenticationProfileResult> {
    let name = input.authentication_profile_name;
    let changed = profile(&name, input.authentication_profile_content)?;
    let entry = retold(cx.model, &cx.caller.scope, (THING, &name), |_, told: &mut AuthenticationProfile| {
        *told = changed;
        Ok(())
    })?;
    Ok(same_members(&shown(&entry)))
}

fn delete(cx: Change, input: redshift::DeleteAuthenticationProfileMessage) -> Result<String> {
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &input.authentication_profile_name)?;
    Ok(entry.name)
}

fn shown(entry: &ServiceEntry) -> AuthenticationProfile {
    AuthenticationProfile { authentication_profile_name: Some(entry.name.clone()), ..entry::told(entry) }
}
