//! Regions and their Availability Zones.

use super::listing::Attributes;
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Error, REGIONS, Region, Result, Tags};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.read(describe).read(describe_zones).write(modify_group)
}

static ATTRIBUTES: Attributes<Region> = Attributes(&[
    ("region-name", |_, region| vec![region.name.to_owned()]),
    ("endpoint", |_, region| vec![region.endpoint()]),
    ("opt-in-status", |_, region| vec![opt_in(region).to_owned()]),
]);

/// Every Region is there for every account: those that one must ask for have been asked for.
fn opt_in(region: &Region) -> &'static str {
    if region.by_opt_in { "opted-in" } else { "opt-in-not-required" }
}

fn shown(region: &Region) -> ec2::Region {
    ec2::Region {
        region_name: text(region.name),
        endpoint: text(region.endpoint()),
        opt_in_status: text(opt_in(region)),
        ..Default::default()
    }
}

/// The Regions of the caller's partition.
fn describe(cx: View, input: ec2::DescribeRegionsRequest) -> Result<List<ec2::Region>> {
    let ec2::DescribeRegionsRequest { region_names, filters } = input;
    let partition = Region::named(&cx.caller.scope.region).map(Region::partition);
    let here = || REGIONS.iter().filter(|region| Some(region.partition()) == partition);
    if let Some(name) = region_names.iter().find(|name| !here().any(|region| region.name == name.as_str())) {
        return Err(Error::invalid("regionName", name));
    }
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let named = |region: &&Region| region_names.is_empty() || region_names.iter().any(|name| name == region.name);
    let regions = here().filter(named).filter(|region| wanted.pass(cx.model, region, &Tags::new()));
    Ok(regions.map(shown).collect())
}

/// An Availability Zone: its Region, name and id.
struct Zone {
    region: &'static Region,
    name: String,
    id: String,
}

static ZONE_ATTRIBUTES: Attributes<Zone> = Attributes(&[
    ("zone-name", |_, zone| vec![zone.name.clone()]),
    ("zone-id", |_, zone| vec![zone.id.clone()]),
    ("region-name", |_, zone| vec![zone.region.name.to_owned()]),
    ("group-name", |_, zone| vec![zone.group()]),
    ("state", |_, _| vec!["available".into()]),
    ("zone-state", |_, _| vec!["available".into()]),
    ("zone-type", |_, _| vec!["availability-zone".into()]),
    ("opt-in-status", |_, _| vec!["opt-in-not-required".into()]),
]);

impl Zone {
    /// The Region's zones are a group, which `-zg-1` names.
    fn group(&self) -> String {
        format!("{}-zg-1", self.region.name)
    }
}

fn shown_zone(zone: &Zone) -> ec2::AvailabilityZone {
    ec2::AvailabilityZone {
        zone_name: text(&zone.name),
        zone_id: text(&zone.id),
        state: text("available"),
        region_name: text(zone.region.name),
        messages: Vec::new().into(),
        opt_in_status: text("opt-in-not-required"),
        group_name: text(zone.group()),
        network_border_group: text(zone.region.name),
        zone_type: text("availability-zone"),
        ..Default::default()
    }
}

/// The zones of a Region.
fn zones_of(region: &'static Region) -> impl Iterator<Item = Zone> {
    region.zones().map(move |(name, id)| Zone { region, name, id })
}

/// All zones are Availability Zones of their Region, from which nobody can opt out.
fn modify_group(cx: Change, input: ec2::ModifyAvailabilityZoneGroupRequest) -> Result<()> {
    let ec2::ModifyAvailabilityZoneGroupRequest { group_name, opt_in_status } = input;
    let mut zones = Region::named(&cx.caller.scope.region).into_iter().flat_map(zones_of);
    if !zones.any(|zone| zone.group() == group_name) {
        return Err(Error::invalid("GroupName", group_name));
    }
    match opt_in_status.as_str() {
        "opted-in" => Ok(()),
        other => Err(Error::invalid("OptInStatus", other)),
    }
}

fn describe_zones(cx: View, input: ec2::DescribeAvailabilityZonesRequest) -> Result<List<ec2::AvailabilityZone>> {
    let ec2::DescribeAvailabilityZonesRequest { zone_names, zone_ids, filters } = input;
    let region = Region::named(&cx.caller.scope.region);
    let mut zones: Vec<Zone> = region.into_iter().flat_map(zones_of).collect();
    let unknown = zone_names
        .iter()
        .find(|name| !zones.iter().any(|zone| zone.name == **name))
        .or_else(|| zone_ids.iter().find(|id| !zones.iter().any(|zone| zone.id == **id)));
    if let Some(zone) = unknown {
        return Err(Error::NoSuchZone { zone: zone.clone() });
    }
    let wanted = ZONE_ATTRIBUTES.wanted(&filters)?;
    zones.retain(|zone| {
        (zone_names.is_empty() || zone_names.contains(&zone.name))
            && (zone_ids.is_empty() || zone_ids.contains(&zone.id))
            && wanted.pass(cx.model, zone, &Tags::new())
    });
    Ok(zones.iter().map(shown_zone).collect())
}
