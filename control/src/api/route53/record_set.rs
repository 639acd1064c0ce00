//! Records of hosted zones.

use super::{Result, bare, change, cut, geo_location, size};
use crate::api::action::{Actions, Change, View};
use model::{
    AliasTarget, CidrRouting, Failover, Geoproximity, Location, MOST_BIAS, RECORD_TYPES, RecordAction, RecordFault,
    RecordSet, Region, ResourceLocation, ShapeFault, ZoneError, domain_name, escaped_name, reversed,
};
use shapes::route53;

/// The most record sets in a page.
const PAGE: usize = 300;
/// The most values in a batch, and the most characters in all of them (quotas of Route 53).
const VALUES: usize = 1000;
const CHARACTERS: usize = 32_000;

pub fn actions(all: Actions) -> Actions {
    all.write(change_records).read(list)
}

fn change_records(
    cx: Change,
    input: route53::ChangeResourceRecordSetsRequest,
) -> Result<route53::ChangeResourceRecordSetsResponse> {
    let route53::ChangeResourceRecordSetsRequest { hosted_zone_id, change_batch } = input;
    check_size(&change_batch)?;
    let changes = change_batch.changes.iter().map(|change| {
        let action = match change.action.as_str() {
            "CREATE" => RecordAction::Create,
            "DELETE" => RecordAction::Delete,
            "UPSERT" => RecordAction::Upsert,
            other => return Err(ZoneError::NoRecordAction { action: other.to_owned() }),
        };
        Ok((action, record_set_of(change)?))
    });
    let changes = changes.collect::<std::result::Result<Vec<_>, _>>()?;
    cx.model.change_records(cx.caller, bare(&hosted_zone_id), changes)?;
    let change_info = change(cx.model, cx.caller, change_batch.comment);
    Ok(route53::ChangeResourceRecordSetsResponse { change_info })
}

/// Refuses a batch that is too large. Values of an UPSERT count twice.
fn check_size(batch: &route53::ChangeBatch) -> std::result::Result<(), ZoneError> {
    let values = total(batch, |set| set.resource_records.len().max(1));
    let characters = total(batch, |set| set.resource_records.iter().map(|record| record.value.chars().count()).sum());
    match () {
        () if values > VALUES => Err(ZoneError::in_batch(vec![RecordFault::TooManyRecords { most: VALUES }])),
        () if characters > CHARACTERS => {
            Err(ZoneError::in_batch(vec![RecordFault::TooManyCharacters { most: CHARACTERS }]))
        }
        () => Ok(()),
    }
}

fn total(batch: &route53::ChangeBatch, count: impl Fn(&route53::ResourceRecordSet) -> usize) -> usize {
    let times = |change: &route53::Change| if change.action == "UPSERT" { 2 } else { 1 };
    batch.changes.iter().map(|change| times(change) * count(&change.resource_record_set)).sum()
}

/// In the order of their names, label by label from the last, then by type and identifier.
fn list(cx: View, input: route53::ListResourceRecordSetsRequest) -> Result<route53::ListResourceRecordSetsResponse> {
    let route53::ListResourceRecordSetsRequest {
        hosted_zone_id,
        start_record_name,
        start_record_type,
        start_record_identifier,
        max_items,
    } = input;
    let zone = cx.model.zone_of(&cx.caller.scope.account, bare(&hosted_zone_id))?;
    let size = size(max_items.as_deref(), PAGE)?;
    let from = match (start_record_name, start_record_type) {
        (None, None) => String::new(),
        (None, Some(_)) => return Err(ZoneError::StartWithoutName {}.into()),
        (Some(name), kind) => {
            check_characters(&name)?;
            // The name need not be valid. The list begins with the first name after it.
            let first = reversed(&domain_name(&name).unwrap_or_else(|| name.to_ascii_lowercase())) + " ";
            kind.map_or(first.clone(), |kind| format!("{first}{kind} {}", start_record_identifier.unwrap_or_default()))
        }
    };
    let (sets, next) = cut(zone.listed_from(from), size);
    Ok(route53::ListResourceRecordSetsResponse {
        resource_record_sets: sets.into_iter().map(shown).collect(),
        is_truncated: next.is_some(),
        next_record_name: next.map(|set| escaped_name(&set.name)),
        next_record_type: next.map(|set| set.kind.clone()),
        next_record_identifier: next.and_then(|set| set.identifier.clone()),
        max_items: size.to_string(),
    })
}

pub(super) fn name_of(text: &str) -> std::result::Result<String, ZoneError> {
    domain_name(text).ok_or_else(|| ZoneError::InvalidDomainName { name: text.into() })
}

/// Refuses control characters and spaces, which have to be escaped.
fn check_characters(name: &str) -> std::result::Result<(), ZoneError> {
    match name.chars().find(|c| matches!(c, '\0'..='\x1f' | '\x7f')).or_else(|| bare_space(name)) {
        Some(wrong) => Err(ZoneError::UnsupportedCharacter { wrong }),
        None => Ok(()),
    }
}

/// A space without a backslash before it.
fn bare_space(name: &str) -> Option<char> {
    name.replace("\\ ", "").contains(' ').then_some(' ')
}

/// The record set of a change.
///
/// # Errors
/// [`ZoneError::InvalidDomainName`], or that of the member that is invalid.
pub fn record_set_of(change: &route53::Change) -> std::result::Result<RecordSet, ZoneError> {
    check_shape(change)?;
    record_set(&change.resource_record_set)
}

/// Checks which members a record set has, without looking at its zone.
fn check_shape(change: &route53::Change) -> std::result::Result<(), ZoneError> {
    let set = &change.resource_record_set;
    let bad = |fault| {
        let identifier = set.set_identifier.clone().unwrap_or_else(|| "null".to_owned());
        let (action, name, kind) = (change.action.clone(), set.name.clone(), set.r#type.clone());
        Err(ZoneError::BadShape { fault, action, name, kind, identifier })
    };
    let (ttl, records) = (set.ttl.is_some(), !set.resource_records.is_empty());
    match (set.alias_target.is_some(), ttl || records) {
        (true, true) => return bad(ShapeFault::SeveralValues),
        (false, _) if !(ttl && records) => return bad(ShapeFault::NoValues),
        _ => {}
    }
    let rules = [
        set.weight.is_some(),
        set.region.is_some(),
        set.failover.is_some(),
        set.geo_location.is_some(),
        set.geo_proximity_location.is_some(),
        set.cidr_routing_config.is_some(),
        set.multi_value_answer == Some(true),
    ];
    match (rules.into_iter().filter(|rule| *rule).count(), set.set_identifier.is_some()) {
        (0, true) => bad(ShapeFault::NoRouting),
        (1, false) => bad(ShapeFault::NoIdentifier),
        (2.., _) => bad(ShapeFault::SeveralRoutings),
        _ => Ok(()),
    }
}

/// The place of the clients of geolocation routing.
fn location(place: &route53::GeoLocation) -> std::result::Result<Location, ZoneError> {
    let route53::GeoLocation { continent_code: continent, country_code: country, subdivision_code: subdivision } =
        place;
    let is_known = geo_location::is_known([continent.as_deref(), country.as_deref(), subdivision.as_deref()]);
    if is_known {
        return Ok(Location {
            continent: continent.clone(),
            country: country.clone(),
            subdivision: subdivision.clone(),
        });
    }
    Err(ZoneError::NoLocation {})
}

/// The place of the resource of geoproximity routing.
fn geoproximity(place: &route53::GeoProximityLocation) -> std::result::Result<Geoproximity, ZoneError> {
    let route53::GeoProximityLocation { aws_region, local_zone_group, coordinates, bias } = place;
    let location = match (aws_region, local_zone_group, coordinates) {
        (Some(region), None, None) => ResourceLocation::Region(known_region(region)?),
        (None, Some(group), None) => ResourceLocation::LocalZoneGroup(group.clone()),
        (None, None, Some(point)) => ResourceLocation::Coordinates(
            degrees("Latitude", &point.latitude, 90)?,
            degrees("Longitude", &point.longitude, 180)?,
        ),
        _ => return Err(ZoneError::NoResourceLocation {}),
    };
    if let Some(bias) = bias.filter(|bias| !(-MOST_BIAS..=MOST_BIAS).contains(bias)) {
        return Err(out_of_range("Bias", (-MOST_BIAS, MOST_BIAS), bias));
    }
    Ok(Geoproximity { location, bias: *bias })
}

fn out_of_range(name: &'static str, (least, most): (i32, i32), value: impl ToString) -> ZoneError {
    ZoneError::OutOfRange { name, least: least.into(), most: most.into(), value: value.to_string() }
}

/// A latitude or longitude, which is written without an exponent.
fn degrees(name: &'static str, text: &str, most: i32) -> std::result::Result<String, ZoneError> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    match text.parse::<f64>() {
        Ok(degrees) if is_plain && degrees.abs() <= f64::from(most) => Ok(text.to_owned()),
        _ => Err(out_of_range(name, (-most, most), text)),
    }
}

fn known_region(name: &str) -> std::result::Result<String, ZoneError> {
    match Region::named(name) {
        Some(region) => Ok(region.name.to_owned()),
        None => Err(ZoneError::NoRegion { name: name.to_owned() }),
    }
}

fn failover(role: &str) -> std::result::Result<Failover, ZoneError> {
    match role {
        "PRIMARY" => Ok(Failover::Primary),
        "SECONDARY" => Ok(Failover::Secondary),
        other => Err(ZoneError::NoFailoverRole { role: other.to_owned() }),
    }
}

fn record_set(set: &route53::ResourceRecordSet) -> std::result::Result<RecordSet, ZoneError> {
    if !RECORD_TYPES.contains(&set.r#type.as_str()) {
        return Err(ZoneError::UnsupportedType { kind: set.r#type.clone() });
    }
    let alias = |alias: &route53::AliasTarget| {
        Ok(AliasTarget {
            zone: bare(&alias.hosted_zone_id).to_owned(),
            name: name_of(&alias.dns_name)?,
            evaluate_health: alias.evaluate_target_health,
        })
    };
    let number = |name, value: i64, most: i32| match (0..=i64::from(most)).contains(&value) {
        true => Ok(value),
        false => Err(out_of_range(name, (0, most), value)),
    };
    let weight = set.weight.map(|weight| number("Weight", weight, 255)).transpose()?;
    let ttl = set.ttl.map(|ttl| number("TTL", ttl, i32::MAX)).transpose()?;
    Ok(RecordSet {
        name: name_of(&set.name)?,
        kind: set.r#type.clone(),
        identifier: set.set_identifier.clone(),
        weight: weight.and_then(|weight| u8::try_from(weight).ok()),
        multivalue: set.multi_value_answer.unwrap_or(false),
        region: set.region.as_deref().map(known_region).transpose()?,
        failover: set.failover.as_deref().map(failover).transpose()?,
        location: set.geo_location.as_ref().map(location).transpose()?,
        geoproximity: set.geo_proximity_location.as_ref().map(geoproximity).transpose()?,
        cidr: set
            .cidr_routing_config
            .as_ref()
            .map(|cidr| CidrRouting { collection: cidr.collection_id.clone(), location: cidr.location_name.clone() }),
        health_check: set.health_check_id.clone(),
        ttl: ttl.and_then(|ttl| u32::try_from(ttl).ok()),
        values: set.resource_records.iter().map(|record| record.value.clone()).collect(),
        alias: set.alias_target.as_ref().map(alias).transpose()?,
        policy_instance: None,
    })
}

fn shown(set: &RecordSet) -> route53::ResourceRecordSet {
    if let Some(instance) = &set.policy_instance {
        return route53::ResourceRecordSet {
            name: escaped_name(&set.name),
            r#type: set.kind.clone(),
            traffic_policy_instance_id: Some(instance.clone()),
            ..Default::default()
        };
    }
    let values = set.values.iter().map(|value| route53::ResourceRecord { value: value.clone() });
    let values: shapes::List<_> = values.collect();
    route53::ResourceRecordSet {
        name: escaped_name(&set.name),
        r#type: set.kind.clone(),
        set_identifier: set.identifier.clone(),
        weight: set.weight.map(i64::from),
        multi_value_answer: set.multivalue.then_some(true),
        region: set.region.clone(),
        failover: set.failover.map(|role| if role == Failover::Primary { "PRIMARY" } else { "SECONDARY" }.to_owned()),
        geo_location: set.location.clone().map(|place| route53::GeoLocation {
            continent_code: place.continent,
            country_code: place.country,
            subdivision_code: place.subdivision,
        }),
        geo_proximity_location: set.geoproximity.as_ref().map(shown_geoproximity),
        cidr_routing_config: set
            .cidr
            .clone()
            .map(|cidr| route53::CidrRoutingConfig { collection_id: cidr.collection, location_name: cidr.location }),
        health_check_id: set.health_check.clone(),
        ttl: set.ttl.map(i64::from),
        resource_records: values.unless_empty(),
        alias_target: set.alias.as_ref().map(|alias| route53::AliasTarget {
            hosted_zone_id: alias.zone.clone(),
            dns_name: escaped_name(&alias.name),
            evaluate_target_health: alias.evaluate_health,
        }),
        ..Default::default()
    }
}

fn shown_geoproximity(own: &Geoproximity) -> route53::GeoProximityLocation {
    let place = route53::GeoProximityLocation { bias: own.bias, ..Default::default() };
    match own.location.clone() {
        ResourceLocation::Region(region) => route53::GeoProximityLocation { aws_region: Some(region), ..place },
        ResourceLocation::LocalZoneGroup(group) => {
            route53::GeoProximityLocation { local_zone_group: Some(group), ..place }
        }
        ResourceLocation::Coordinates(latitude, longitude) => {
            let coordinates = Some(route53::Coordinates { latitude, longitude });
            route53::GeoProximityLocation { coordinates, ..place }
        }
    }
}
