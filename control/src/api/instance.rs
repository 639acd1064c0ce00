//! Instances on the wire: describing them, and their lives.

use super::describe::{Listing, Page};
use super::instance_item::{item, state, status_check};
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

static LISTING: Listing<Instance> =
    Listing { ids: "InstanceId", set: "instancesSet", filters: instance_filters::FILTERS, item };

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
    Ok(cut.render("reservationSet", |(_, instances)| reservation(model, &instances)))
}

fn describe_status(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    params.ignore(&["IncludeManagedResources"]);
    let all = params.flag("IncludeAllInstances")?.unwrap_or(false);
    STATUS.answer_where(model, params, &visible(model, caller), |instance| all || instance.is_running())
}

fn status(instance: &Instance) -> Node {
    let (word, reachability) = status_check(instance);
    let details = || {
        let node = Node::new().text("status", word);
        let detail = |passed| Node::new().text("name", "reachability").text("status", passed);
        match reachability {
            Some(passed) => node.set("details", [detail(passed)]),
            None => node,
        }
    };
    Node::new()
        .text("instanceId", &instance.id)
        .text("availabilityZone", &instance.zone)
        .text("availabilityZoneId", zone_id(&instance.zone))
        .node("instanceState", state(instance.state))
        .node("systemStatus", details())
        .node("instanceStatus", details())
}

fn take_ids(params: &mut Params) -> Result<Vec<String>> {
    let ids = params.ids("InstanceId", IdKind::Instance)?;
    if ids.is_empty() { Err(params.missing("InstanceId")) } else { Ok(ids) }
}

/// The reply to a change of state: what it is, and what it was.
fn changes(model: &Model, ids: &[String], before: &[InstanceState]) -> Node {
    let one = |(id, before): (&String, &InstanceState)| {
        let now = model.instances.get(id).map_or(*before, |instance| instance.state);
        Node::new().text("instanceId", id).node("currentState", state(now)).node("previousState", state(*before))
    };
    Node::new().set("instancesSet", ids.iter().zip(before).map(one))
}

fn start(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = take_ids(&mut params)?;
    params.ignore(&["AdditionalInfo"]);
    params.finish()?;
    let before = model.start_instances(caller, &ids)?;
    Ok(changes(model, &ids, &before))
}

fn stop(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = take_ids(&mut params)?;
    params.ignore(&["Force", "Hibernate", "SkipOsShutdown"]);
    params.finish()?;
    let before = model.stop_instances(caller, &ids)?;
    Ok(changes(model, &ids, &before))
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
    Ok(changes(model, &ids, &before))
}
