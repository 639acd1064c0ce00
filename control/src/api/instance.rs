//! Instances on the wire: describing them, and their lives.

use super::describe::{Listing, Page};
use super::instance_item::{item, state};
use super::launch::reservation;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler, instance_filters};
use crate::model::{Caller, Error, IdKind, Instance, InstanceState, Model, Result, zone_id};
use std::collections::BTreeMap;

pub const ACTIONS: Actions = &[
    ("DescribeInstances", Handler::Read(describe)),
    ("DescribeInstanceStatus", Handler::Read(describe_status)),
    ("StartInstances", Handler::Write(start)),
    ("StopInstances", Handler::Write(stop)),
    ("RebootInstances", Handler::Write(reboot)),
    ("TerminateInstances", Handler::Write(terminate)),
];

static LISTING: Listing<Instance> = Listing {
    ids: "InstanceId",
    set: "instancesSet",
    filters: instance_filters::FILTERS,
    item: |m, i| item(m, i, false),
};

static STATUS: Listing<Instance> =
    Listing { ids: "InstanceId", set: "instanceStatusSet", filters: instance_filters::STATUS, item: |_, i| status(i) };

/// The caller's instances, without those terminated too long ago.
fn visible<'m>(model: &'m Model, caller: &'m Caller) -> Vec<&'m Instance> {
    model.instances.of(&caller.scope).filter(|instance| !instance.is_forgotten(caller.now)).collect()
}

fn describe(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    params.ignore(&["IncludeManagedResources"]);
    if params.has("MaxResults") && params.has("InstanceId") {
        let why = "The parameter instancesSet cannot be used with the parameter maxResults".into();
        return Err(Error::Combination { why });
    }
    let page = Page::take(&mut params)?;
    let chosen = LISTING.choose(model, params, &visible(model, caller))?;
    // A page holds reservations; those of one stay together.
    let mut reservations: BTreeMap<&str, Vec<&Instance>> = BTreeMap::new();
    for instance in chosen {
        reservations.entry(&instance.reservation).or_default().push(instance);
    }
    reservations.values_mut().for_each(|instances| instances.sort_by_key(|instance| instance.launch_index));
    let cut = page.cut(reservations.into_iter().collect(), |(id, _)| id);
    Ok(cut.render("reservationSet", |(_, instances)| reservation(model, &instances, false)))
}

fn describe_status(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    params.ignore(&["IncludeManagedResources"]);
    let all = params.flag("IncludeAllInstances")?.unwrap_or(false);
    STATUS.answer_where(model, params, &visible(model, caller), |instance| all || instance.is_running())
}

fn status(instance: &Instance) -> Node {
    let word = if instance.is_running() { "ok" } else { "not-applicable" };
    let details = || {
        let detail = Node::new().text("name", "reachability").text("status", "passed");
        let node = Node::new().text("status", word);
        if instance.is_running() { node.set("details", [detail]) } else { node }
    };
    Node::new()
        .text("instanceId", &instance.id)
        .text("availabilityZone", &instance.zone)
        .text("availabilityZoneId", zone_id(&instance.zone))
        .node("instanceState", state(instance.state.name(), instance.state.code()))
        .node("systemStatus", details())
        .node("instanceStatus", details())
}

fn take_ids(params: &mut Params) -> Result<Vec<String>> {
    let ids = params.ids("InstanceId", IdKind::Instance)?;
    if ids.is_empty() { Err(params.missing("InstanceId")) } else { Ok(ids) }
}

/// The reply to a change of state: what it was, and the state on the way to what it is now.
fn changes(ids: &[String], before: &[InstanceState], way: impl Fn(InstanceState) -> Node) -> Node {
    let one = |(id, before): (&String, &InstanceState)| {
        Node::new()
            .text("instanceId", id)
            .node("currentState", way(*before))
            .node("previousState", state(before.name(), before.code()))
    };
    Node::new().set("instancesSet", ids.iter().zip(before).map(one))
}

fn start(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = take_ids(&mut params)?;
    params.ignore(&["AdditionalInfo"]);
    params.finish()?;
    let before = model.start_instances(caller, &ids)?;
    Ok(changes(&ids, &before, |before| match before {
        InstanceState::Running => state("running", 16),
        _ => state("pending", 0),
    }))
}

fn stop(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = take_ids(&mut params)?;
    params.ignore(&["Force", "Hibernate", "SkipOsShutdown"]);
    params.finish()?;
    let before = model.stop_instances(caller, &ids)?;
    Ok(changes(&ids, &before, |before| match before {
        InstanceState::Stopped => state("stopped", 80),
        _ => state("stopping", 64),
    }))
}

fn reboot(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = take_ids(&mut params)?;
    params.finish()?;
    model.reboot_instances(caller, &ids)?;
    Ok(Node::done())
}

fn terminate(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = take_ids(&mut params)?;
    params.ignore(&["Force", "SkipOsShutdown"]);
    params.finish()?;
    let before = model.terminate_instances(caller, &ids)?;
    Ok(changes(&ids, &before, |before| match before {
        InstanceState::Terminated => state("terminated", 48),
        _ => state("shutting-down", 32),
    }))
}
