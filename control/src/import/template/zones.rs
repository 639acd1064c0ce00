//! Hosted zones of Route 53 and their records. Their API takes no forms, so they are made in the model.

use super::Builder;
use super::functions::Unknown;
use super::properties::Properties;
use super::resources::Make;
use model::{
    AliasTarget, Caller, Failover, Location, RECORD_TYPES, RecordAction, RecordSet, ZoneVpc, domain_name, empty_set,
};
use std::collections::BTreeMap;

/// The maker of a type.
pub fn maker(kind: &str) -> Option<Make> {
    Some(match kind {
        "AWS::Route53::HostedZone" => hosted_zone,
        "AWS::Route53::RecordSet" => |b, p| {
            let set = record_set(b, p, p)?;
            create(b, vec![set])
        },
        "AWS::Route53::RecordSetGroup" => |b, p| {
            let sets = p.each("RecordSets").iter().map(|set| record_set(b, p, set)).collect::<Result<_, _>>()?;
            create(b, sets)
        },
        _ => return None,
    })
}

fn caller(b: &Builder<'_, '_, '_>) -> Caller {
    Caller::of_account(b.template.scope.clone(), b.importer.now)
}

fn hosted_zone(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let name = p.text("Name").unwrap_or_default();
    let comment = p.inner("HostedZoneConfig").and_then(|config| config.text("Comment"));
    let vpc = |vpc: &Properties<'_>| Some(ZoneVpc { id: vpc.text("VPCId")?, region: vpc.text("VPCRegion")? });
    let vpcs: Vec<ZoneVpc> = p.each("VPCs").iter().filter_map(vpc).collect();
    let (caller, reference) = (caller(b), b.made_up_name());
    let model = &mut b.importer.model;
    let id = model.create_hosted_zone(&caller, &name, reference, (comment, None), vpcs.first());
    let id = id.map_err(|why| why.to_string())?;
    for vpc in vpcs.iter().skip(1) {
        model.associate_zone(&caller, &id, vpc).map_err(|why| why.to_string())?;
    }
    Ok(Some(id))
}

/// Creates record sets in their zones.
fn create(b: &mut Builder<'_, '_, '_>, sets: Vec<(String, RecordSet)>) -> Result<Option<String>, Unknown> {
    let caller = caller(b);
    let mut changes: BTreeMap<String, Vec<(RecordAction, RecordSet)>> = BTreeMap::new();
    for (zone, set) in sets {
        changes.entry(zone).or_default().push((RecordAction::Create, set));
    }
    for (zone, changes) in changes {
        b.importer.model.change_records(&caller, &zone, changes).map_err(|why| why.to_string())?;
    }
    Ok(None)
}

/// A record set, and the zone that it names, or that its group names.
fn record_set(
    b: &Builder<'_, '_, '_>,
    group: &Properties<'_>,
    p: &Properties<'_>,
) -> Result<(String, RecordSet), Unknown> {
    let zone = zone_of(b, group).or_else(|why| zone_of(b, p).map_err(|_| why))?;
    let (name, kind) = (domain(p, "Name")?, p.text("Type").unwrap_or_default());
    if !RECORD_TYPES.contains(&kind.as_str()) {
        return Err(format!("records of the type {kind} are not known here"));
    }
    let role = |role: String| if role == "PRIMARY" { Failover::Primary } else { Failover::Secondary };
    let place = |place: Properties<'_>| Location {
        continent: place.text("ContinentCode"),
        country: place.text("CountryCode"),
        subdivision: place.text("SubdivisionCode"),
    };
    let set = RecordSet {
        identifier: p.text("SetIdentifier"),
        weight: p.text("Weight").and_then(|weight| weight.parse().ok()),
        multivalue: p.is("MultiValueAnswer"),
        region: p.text("Region"),
        failover: p.text("Failover").map(role),
        location: p.inner("GeoLocation").map(place),
        ttl: p.text("TTL").and_then(|ttl| ttl.parse().ok()),
        values: p.texts("ResourceRecords"),
        alias: p.inner("AliasTarget").map(|target| alias(&target)).transpose()?,
        ..empty_set(&name, &kind)
    };
    Ok((zone, set))
}

/// The id of the zone that a record set or a group of them names.
fn zone_of(b: &Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<String, Unknown> {
    if let Some(id) = p.text("HostedZoneId") {
        return Ok(id);
    }
    let name = p.text("HostedZoneName").ok_or("it names no hosted zone")?;
    let zones = b.importer.model.zones_of(&b.template.scope.account);
    let found = zones.into_iter().find(|zone| domain_name(&name).as_ref() == Some(&zone.name));
    found.map(|zone| zone.id.clone()).ok_or_else(|| format!("its hosted zone {name} is not in the files"))
}

fn alias(target: &Properties<'_>) -> Result<AliasTarget, Unknown> {
    // A target is found by its name, whatever its zone.
    target.pass_over(&["HostedZoneId"]);
    let zone = target.known(&["HostedZoneId"]).into_iter().next().map(|(_, id)| id).unwrap_or_default();
    let (name, evaluate_health) = (domain(target, "DNSName")?, target.is("EvaluateTargetHealth"));
    Ok(AliasTarget { zone, name, evaluate_health })
}

fn domain(p: &Properties<'_>, property: &str) -> Result<String, Unknown> {
    let text = p.text(property).unwrap_or_default();
    domain_name(&text).ok_or_else(|| format!("its {property} {text} is no domain name"))
}
