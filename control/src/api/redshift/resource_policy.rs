//! Resource policies of namespaces. They are stored and returned; they share nothing.

use super::cluster::{THING as CLUSTER, namespace};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::said_over;
use crate::api::entry;
use model::Tags;
use model::services::{Error, Obstacle, Result, ServiceEntry, Thing};
use serde_json::Value as Json;
use shapes::redshift::{self, ResourcePolicy};

const THING: Thing = Thing::ResourcePolicy;

pub fn actions(all: Actions) -> Actions {
    all.write(put).read(get).write(delete)
}

fn put(cx: Change, input: redshift::PutResourcePolicyMessage) -> Result<ResourcePolicy> {
    let redshift::PutResourcePolicyMessage { resource_arn: arn, policy } = input;
    let cluster = cx.model.deployments_of(&cx.caller.scope, CLUSTER).find(|row| namespace(row) == arn);
    let Some(cluster) = cluster.map(|row| row.id.clone()) else {
        return Err(Error::NotFound { thing: THING, name: arn });
    };
    if serde_json::from_str::<Json>(&policy).is_err() {
        return Err(Error::State { thing: THING, name: arn, why: Obstacle::NoJson {} });
    }
    if let Ok(before) = cx.model.service_entry(&cx.caller.scope, THING, &arn).cloned() {
        cx.model.delete_service_entry(&cx.caller.scope, THING, &before.id)?;
    }
    let told = said_over("", &ResourcePolicy { policy: Some(policy), ..Default::default() });
    let entry = cx.model.create_service_entry(cx.caller, (THING, &arn, &arn), (Some(cluster), told), Tags::new())?;
    Ok(shown(&entry))
}

fn get(cx: View, input: redshift::GetResourcePolicyMessage) -> Result<ResourcePolicy> {
    Ok(shown(cx.model.service_entry(&cx.caller.scope, THING, &input.resource_arn)?))
}

fn delete(cx: Change, input: redshift::DeleteResourcePolicyMessage) -> Result<()> {
    cx.model.delete_service_entry(&cx.caller.scope, THING, &input.resource_arn)?;
    Ok(())
}

fn shown(entry: &ServiceEntry) -> ResourcePolicy {
    ResourcePolicy { resource_arn: Some(entry.name.clone()), ..entry::told(entry) }
}
