//! Offerings of instance types. All types are offered everywhere.

use super::listing::Attributes;
use super::text;
use crate::api::action::{Actions, View};
use model::{Caller, Error, Region, Result, instance_types};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

/// The offering of a type in a place.
struct Offering {
    instance_type: &'static str,
    place: String,
    /// Sorts and pages.
    id: String,
}

static ATTRIBUTES: Attributes<Offering> = Attributes(&[
    ("instance-type", |_, offering| vec![offering.instance_type.to_owned()]),
    ("location", |_, offering| vec![offering.place.clone()]),
]);

/// The places of that kind in the caller's Region.
fn places(caller: &Caller, kind: &str) -> Result<Vec<String>> {
    let region = caller.scope.region.clone();
    let zones = Region::named(&region).into_iter().flat_map(Region::zones);
    match kind {
        "region" => Ok(vec![region]),
        "availability-zone" => Ok(zones.map(|(name, _)| name).collect()),
        "availability-zone-id" => Ok(zones.map(|(_, id)| id).collect()),
        _ => Err(Error::invalid("LocationType", kind)),
    }
}

fn describe(
    cx: View,
    input: ec2::DescribeInstanceTypeOfferingsRequest,
) -> Result<ec2::DescribeInstanceTypeOfferingsResult> {
    let ec2::DescribeInstanceTypeOfferingsRequest { location_type, filters, page } = input;
    let kind = location_type.unwrap_or_else(|| "region".into());
    let places = places(cx.caller, &kind)?;
    let offer = |name: &'static str, place: &String| Offering {
        instance_type: name,
        place: place.clone(),
        id: format!("{name} {place}"),
    };
    let all = instance_types().flat_map(|t| places.iter().map(|place| offer(&t.name, place))).collect();
    let (all, next_token) = ATTRIBUTES.page_of_rows(cx.model, all, &filters, &page, |offering| &offering.id)?;
    let shown = |offering: Offering| ec2::InstanceTypeOffering {
        instance_type: text(offering.instance_type),
        location_type: text(&kind),
        location: Some(offering.place),
    };
    Ok(ec2::DescribeInstanceTypeOfferingsResult {
        instance_type_offerings: all.into_iter().map(shown).collect(),
        next_token,
    })
}
