//! Dedicated Hosts.

use super::listing::{Attributes, each, one};
use super::subnet::zone;
use super::{each_id, tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{DedicatedHost, Departure, Error, HostChange, HostKind, Model, OnOff, Result, zone_id};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(allocate).read(describe).write(modify).write(release)
}

static ATTRIBUTES: Attributes<DedicatedHost> = Attributes(&[
    ("auto-placement", |_, host| one(host.auto_placement.word())),
    ("availability-zone", |_, host| one(&host.zone)),
    ("availability-zone-id", |_, host| one(zone_id(&host.zone))),
    ("instance-type", |_, host| each(kind(host).1)),
    ("state", |model, host| one(state(model, host))),
]);

fn state(model: &Model, host: &DedicatedHost) -> &'static str {
    if model.dedicated_hosts.get(&host.id).is_some() { "available" } else { "released" }
}

/// The family and the type.
fn kind(host: &DedicatedHost) -> (Option<String>, Option<String>) {
    match &host.kind {
        HostKind::Family(family) => (text(family), None),
        HostKind::Type(instance_type) => (None, text(instance_type)),
    }
}

fn shown(model: &Model, host: &DedicatedHost) -> ec2::Host {
    let (instance_family, instance_type) = kind(host);
    let several = instance_family.is_some();
    let instance = |instance: &model::Instance| ec2::HostInstance {
        instance_id: text(&instance.id),
        instance_type: text(&instance.instance_type),
        owner_id: text(&instance.scope.account),
    };
    let released = model.departures.get(&host.id).map(|departure: &Departure| departure.since);
    ec2::Host {
        auto_placement: text(host.auto_placement.word()),
        availability_zone: text(&host.zone),
        availability_zone_id: text(zone_id(&host.zone)),
        host_id: text(&host.id),
        host_properties: Some(ec2::HostProperties { instance_family, instance_type, ..Default::default() }),
        instances: model.instances_on(host).map(instance).collect(),
        state: text(state(model, host)),
        allocation_time: Some(host.allocated),
        release_time: released,
        tags: tags::shown(&host.tags),
        host_recovery: text(host.recovery.word()),
        host_maintenance: text(host.maintenance.word()),
        allows_multiple_instance_types: text(if several { "on" } else { "off" }),
        owner_id: text(&host.scope.account),
        member_of_service_linked_resource_group: Some(false),
        ..Default::default()
    }
}

/// A family or a type, not both.
fn meant(family: Option<String>, instance_type: Option<String>) -> Result<Option<HostKind>> {
    match (family, instance_type) {
        (Some(_), Some(_)) => Err(Error::FamilyOrType {}),
        (Some(family), None) => Ok(Some(HostKind::Family(family))),
        (None, Some(name)) => Ok(Some(HostKind::Type(name))),
        (None, None) => Ok(None),
    }
}

fn change(
    auto_placement: Option<String>,
    recovery: Option<String>,
    maintenance: Option<String>,
    kind: Option<HostKind>,
) -> Result<HostChange> {
    let read = |parameter, word: Option<String>| word.map(|word| OnOff::read(parameter, &word)).transpose();
    Ok(HostChange {
        kind,
        auto_placement: read("AutoPlacement", auto_placement)?,
        recovery: read("HostRecovery", recovery)?,
        maintenance: read("HostMaintenance", maintenance)?,
    })
}

fn allocate(Change { model, caller }: Change, input: ec2::AllocateHostsRequest) -> Result<List<String>> {
    let ec2::AllocateHostsRequest {
        client_token,
        instance_family,
        tag_specifications,
        host_recovery,
        host_maintenance,
        availability_zone_id,
        auto_placement,
        instance_type,
        quantity,
        availability_zone,
    } = input;
    let kind = meant(instance_family, instance_type)?.ok_or_else(|| Error::missing("InstanceType"))?;
    let zone = zone(caller, availability_zone, availability_zone_id, |zone| Error::NoSuchZone { zone })?;
    let zone = zone.ok_or_else(|| Error::missing("AvailabilityZone"))?;
    let quantity = quantity.unwrap_or(1);
    let count = u32::try_from(quantity).ok().filter(|count| (1..=100).contains(count));
    let count = count.ok_or_else(|| Error::invalid("Quantity", quantity))?;
    let tags = tags::of(tag_specifications, "dedicated-host")?;
    let change = change(auto_placement, host_recovery, host_maintenance, None)?;
    let ids = model.once(caller, "AllocateHosts", token(&client_token), |model| {
        Ok(model.allocate_hosts(caller, (&zone, kind), count, change, tags)?.join(" "))
    })?;
    Ok(ids.split(' ').map(str::to_owned).collect())
}

fn describe(cx: View, input: ec2::DescribeHostsRequest) -> Result<ec2::DescribeHostsResult> {
    let all = cx.model.dedicated_hosts.of(&cx.caller.scope).chain(cx.model.departed(cx.caller));
    ATTRIBUTES.list(cx.model, all, input, |host| shown(cx.model, host))
}

fn modify(Change { model, caller }: Change, input: ec2::ModifyHostsRequest) -> Result<ec2::ModifyHostsResult> {
    let ec2::ModifyHostsRequest {
        host_recovery,
        instance_type,
        instance_family,
        host_maintenance,
        host_ids,
        auto_placement,
    } = input;
    let change = change(auto_placement, host_recovery, host_maintenance, meant(instance_family, instance_type)?)?;
    let (successful, unsuccessful) = each_id(host_ids, |id| model.modify_host(caller, id, &change));
    Ok(ec2::ModifyHostsResult { successful, unsuccessful })
}

fn release(Change { model, caller }: Change, input: ec2::ReleaseHostsRequest) -> Result<ec2::ReleaseHostsResult> {
    let (successful, unsuccessful) = each_id(input.host_ids, |id| model.release_host(caller, id));
    Ok(ec2::ReleaseHostsResult { successful, unsuccessful })
}
