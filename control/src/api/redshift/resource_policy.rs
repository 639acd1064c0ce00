//! Policies of namespaces. They are stored and returned; nothing is shared by them.

use super::cluster::{THING as CLUSTER, namespace};
use crate::api::action::Actions;
use crate::api::entry;
use model::services::{Error, Obstacle, Result, ServiceEntry, Thing};
use model::{Caller, Model, Tags};
use serde_json::Value as Json;
use shapes::redshift::{self, ResourcePolicy};

const THING: Thing = Thing::ResourcePolicy;

pub fn actions(all: Actions) -> Actions {
    all.write(put).read(get).write(delete)
}

fn put(model: &mut Model, caller: &Caller, input: redshift::PutResourcePolicyMessage) -> Result<ResourcePolicy> {
    let redshift::PutResourcePolicyMessage { resource_arn: arn, policy } = input;
    if !model.deployments_of(&caller.scope, CLUSTER).any(|row| namespace(row) == arn) {
        return Err(Error::NotFound { thing: THING, name: arn });
    }
    if serde_json::from_str::<Json>(&policy).is_err() {
        return Err(Error::State { thing: THING, name: arn, why: Obstacle::NoJson {} });
    }
    if let Ok(before) = model.service_entry(&caller.scope, THING, &arn).cloned() {
        model.delete_service_entry(&caller.scope, THING, &before.id)?;
    }
    let told = ResourcePolicy { policy: Some(policy), ..Default::default() };
    Ok(shown(&entry::create(model, caller, (THING, &arn), &told, Tags::new())?))
}

fn get(model: &Model, caller: &Caller, input: redshift::GetResourcePolicyMessage) -> Result<ResourcePolicy> {
    Ok(shown(model.service_entry(&caller.scope, THING, &input.resource_arn)?))
}

fn delete(model: &mut Model, caller: &Caller, input: redshift::DeleteResourcePolicyMessage) -> Result<()> {
    model.delete_service_entry(&caller.scope, THING, &input.resource_arn)?;
    Ok(())
}

fn shown(entry: &ServiceEntry) -> ResourcePolicy {
    ResourcePolicy { resource_arn: Some(entry.name.clone()), ..entry::told(entry) }
}
