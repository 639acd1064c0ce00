//! Hosted zones of Route 53 and their records. Their API takes no forms, so they are made in the model.

use super::functions::Unknown;
use super::properties::Properties;
use super::{Builder, Make};
use crate::api::{record_set_of, said_over};
use model::{Caller, RecordAction, RecordSet, ZoneVpc, domain_name};
use shapes::{of_json, route53};
use std::collections::BTreeMap;

/// The maker of a type.
pub fn maker(kind: &str) -> Option<Make> {
    Some(match kind {
        "AWS::Route53::HostedZone" => hosted_zone,
        "AWS::Route53::HealthCheck" => health_check,
        "AWS::Route53::RecordSet" => |b, p| {
            let set = record_set(b, p, p)?;
            create(b, vec![set]).map(|()| p.text("Name"))
        },
        "AWS::Route53::RecordSetGroup" => |b, p| {
            let sets = p.each("RecordSets").iter().map(|set| record_set(b, p, set)).collect::<Result<_, _>>()?;
            create(b, sets).map(|()| None)
        },
        _ => return None,
    })
}

fn caller(b: &Builder<'_, '_, '_>) -> Caller {
    Caller::of_account(b.template.scope.clone(), b.importer.now)
}

fn health_check(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let config = p.whole("HealthCheckConfig", &[]).ok_or("it does not say what it checks")?;
    let config = of_json::<route53::HealthCheckConfig>(config).map_err(|fault| fault.to_string())?;
    let (caller, reference) = (caller(b), b.made_up_name());
    let check = b.importer.model.create_health_check(&caller, reference, said_over("", &config));
    Ok(Some(check.map_err(|why| why.to_string())?.id))
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
fn create(b: &mut Builder<'_, '_, '_>, sets: Vec<(String, RecordSet)>) -> Result<(), Unknown> {
    let caller = caller(b);
    let mut changes: BTreeMap<String, Vec<(RecordAction, RecordSet)>> = BTreeMap::new();
    for (zone, set) in sets {
        changes.entry(zone).or_default().push((RecordAction::Create, set));
    }
    for (zone, changes) in changes {
        b.importer.model.change_records(&caller, &zone, changes).map_err(|why| why.to_string())?;
    }
    Ok(())
}

/// A record set, and the zone that it names, or that its group names.
fn record_set(
    b: &Builder<'_, '_, '_>,
    group: &Properties<'_>,
    p: &Properties<'_>,
) -> Result<(String, RecordSet), Unknown> {
    let zone = zone_of(b, group).or_else(|why| zone_of(b, p).map_err(|_| why))?;
    let number = |name: &str| p.text(name).and_then(|number| number.parse().ok());
    let place = |place: Properties<'_>| route53::GeoLocation {
        continent_code: place.text("ContinentCode"),
        country_code: place.text("CountryCode"),
        subdivision_code: place.text("SubdivisionCode"),
    };
    let near = |place: Properties<'_>| route53::GeoProximityLocation {
        aws_region: place.text("AWSRegion"),
        local_zone_group: place.text("LocalZoneGroup"),
        coordinates: place.inner("Coordinates").map(|point| route53::Coordinates {
            latitude: point.text("Latitude").unwrap_or_default(),
            longitude: point.text("Longitude").unwrap_or_default(),
        }),
        bias: place.text("Bias").and_then(|bias| bias.parse().ok()),
    };
    let values = p.texts("ResourceRecords").into_iter().map(|value| route53::ResourceRecord { value });
    let set = route53::ResourceRecordSet {
        name: p.text("Name").unwrap_or_default(),
        r#type: p.text("Type").unwrap_or_default(),
        set_identifier: p.text("SetIdentifier"),
        weight: number("Weight"),
        multi_value_answer: Some(p.is("MultiValueAnswer")),
        region: p.text("Region"),
        failover: p.text("Failover"),
        geo_location: p.inner("GeoLocation").map(place),
        geo_proximity_location: p.inner("GeoProximityLocation").map(near),
        ttl: number("TTL"),
        resource_records: values.collect(),
        alias_target: p.inner("AliasTarget").map(|target| alias(&target)),
        ..Default::default()
    };
    let change = route53::Change { action: "CREATE".to_owned(), resource_record_set: set };
    Ok((zone, record_set_of(&change).map_err(|why| why.to_string())?))
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

fn alias(target: &Properties<'_>) -> route53::AliasTarget {
    // A target is found by its name alone.
    target.pass_over(&["HostedZoneId"]);
    let zone = target.known(&["HostedZoneId"]).into_iter().next().map(|(_, id)| id);
    route53::AliasTarget {
        hosted_zone_id: zone.unwrap_or_default(),
        dns_name: target.text("DNSName").unwrap_or_default(),
        evaluate_target_health: target.is("EvaluateTargetHealth"),
    }
}
