//! Regions, zones and what an account has there, on the wire.

use super::describe::{Filters, Values};
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Error, INSTANCES, Model, REGIONS, Region, Result, Tags};

pub const ACTIONS: Actions = &[
    ("DescribeRegions", Handler::Read(regions)),
    ("DescribeAvailabilityZones", Handler::Read(zones)),
    ("DescribeAccountAttributes", Handler::Read(account)),
];

static REGION_FILTERS: &[(&str, Values<Region>)] = &[
    ("region-name", |_, region| vec![region.name.to_owned()]),
    ("endpoint", |_, region| vec![region.endpoint()]),
    ("opt-in-status", |_, _| vec!["opt-in-not-required".into()]),
];

fn regions(model: &Model, _: &Caller, mut params: Params) -> Result<Node> {
    let names = params.list("RegionName")?;
    let filters = Filters::take(&mut params, REGION_FILTERS)?;
    params.ignore(&["AllRegions"]);
    params.finish()?;
    if let Some(name) = names.iter().find(|name| Region::named(name).is_none()) {
        return Err(Error::InvalidValue { name: "regionName".into(), value: name.clone() });
    }
    let wanted = |region: &&Region| {
        (names.is_empty() || names.iter().any(|name| name == region.name)) && filters.pass(model, region, &Tags::new())
    };
    let item = |region: &Region| {
        Node::new()
            .text("regionName", region.name)
            .text("regionEndpoint", region.endpoint())
            .text("optInStatus", "opt-in-not-required")
    };
    Ok(Node::new().set("regionInfo", REGIONS.iter().filter(wanted).map(item)))
}

/// A zone: its Region, name and id.
struct Zone {
    region: &'static str,
    name: String,
    id: String,
}

static ZONE_FILTERS: &[(&str, Values<Zone>)] = &[
    ("zone-name", |_, zone| vec![zone.name.clone()]),
    ("zone-id", |_, zone| vec![zone.id.clone()]),
    ("region-name", |_, zone| vec![zone.region.to_owned()]),
    ("group-name", |_, zone| vec![zone.region.to_owned()]),
    ("state", |_, _| vec!["available".into()]),
    ("zone-state", |_, _| vec!["available".into()]),
    ("zone-type", |_, _| vec!["availability-zone".into()]),
    ("opt-in-status", |_, _| vec!["opt-in-not-required".into()]),
    ("message", |_, _| Vec::new()),
];

fn zones(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let names = params.list("ZoneName")?;
    let ids = params.list("ZoneId")?;
    let filters = Filters::take(&mut params, ZONE_FILTERS)?;
    params.ignore(&["AllAvailabilityZones"]);
    params.finish()?;
    let region = Region::named(&caller.scope.region);
    let zones =
        region.into_iter().flat_map(|region| region.zones().map(|(name, id)| Zone { region: region.name, name, id }));
    let zones: Vec<Zone> = zones.collect();
    for name in &names {
        if !zones.iter().any(|zone| zone.name == *name) {
            return Err(Error::NoSuchZone { zone: name.clone(), region: caller.scope.region.clone() });
        }
    }
    let wanted = |zone: &&Zone| {
        (names.is_empty() || names.contains(&zone.name))
            && (ids.is_empty() || ids.contains(&zone.id))
            && filters.pass(model, zone, &Tags::new())
    };
    let item = |zone: &Zone| {
        Node::new()
            .text("zoneName", &zone.name)
            .text("zoneId", &zone.id)
            .text("zoneState", "available")
            .text("regionName", zone.region)
            .set("messageSet", [])
            .text("optInStatus", "opt-in-not-required")
            .text("groupName", zone.region)
            .text("networkBorderGroup", zone.region)
            .text("zoneType", "availability-zone")
    };
    Ok(Node::new().set("availabilityZoneInfo", zones.iter().filter(wanted).map(item)))
}

/// What DescribeAccountAttributes tells (semantics.md §3).
fn account(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let names = params.list("AttributeName")?;
    params.finish()?;
    let platforms: &[&str] = if model.has_classic(&caller.scope) { &["EC2", "VPC"] } else { &["VPC"] };
    let default = model.default_vpc(&caller.scope).map_or("none", |vpc| &vpc.id);
    let most = INSTANCES.to_string();
    let all: [(&str, &[&str]); 6] = [
        ("supported-platforms", platforms),
        ("default-vpc", &[default]),
        ("max-instances", &[&most]),
        ("vpc-max-security-groups-per-interface", &["5"]),
        ("max-elastic-ips", &["5"]),
        ("vpc-max-elastic-ips", &["5"]),
    ];
    if let Some(name) = names.iter().find(|name| !all.iter().any(|(known, _)| known == name)) {
        return Err(Error::InvalidValue { name: "attributeName".into(), value: name.clone() });
    }
    let wanted = |(name, _): &&(&str, &[&str])| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let item = |(name, values): &(&str, &[&str])| {
        let values = values.iter().map(|value| Node::new().text("attributeValue", value));
        Node::new().text("attributeName", name).set("attributeValueSet", values)
    };
    Ok(Node::new().set("accountAttributeSet", all.iter().filter(wanted).map(item)))
}
