//! Reserved Instances that are on offer: of every type, for one year and for three. Nobody can buy them here, and the prices are ours.

use super::listing::{Attributes, each, one};
use super::{text, uuid_of};
use crate::api::action::{Actions, View};
use model::{Error, InstanceType, Region, Result, instance_types};
use shapes::ec2;
use std::collections::HashSet;

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

/// The product descriptions of offerings.
const PRODUCTS: [&str; 2] = ["Linux/UNIX", "Windows"];
/// Seconds of a year of 365 days.
const YEAR: u32 = 365 * 24 * 3600;
/// The price of a virtual processor in an hour, in dollars.
const PRICE: f64 = 0.03;

/// An offering.
struct Offering {
    id: String,
    instance_type: &'static InstanceType,
    product: &'static str,
    years: u32,
    /// The zone and its id where capacity is reserved; else it is of all the Region.
    zone: Option<(String, String)>,
}

static ATTRIBUTES: Attributes<Offering> = Attributes(&[
    ("availability-zone", |_, offering| each(offering.zone.as_ref().map(|(zone, _)| zone))),
    ("availability-zone-id", |_, offering| each(offering.zone.as_ref().map(|(_, id)| id))),
    ("duration", |_, offering| one(offering.seconds())),
    ("fixed-price", |_, _| one(0)),
    ("instance-type", |_, offering| one(&offering.instance_type.name)),
    ("marketplace", |_, _| one(false)),
    ("product-description", |_, offering| one(offering.product)),
    ("reserved-instances-offering-id", |_, offering| one(&offering.id)),
    ("scope", |_, offering| one(offering.scope())),
    ("usage-price", |_, _| one(0)),
]);

impl Offering {
    fn seconds(&self) -> i64 {
        (self.years * YEAR).into()
    }

    fn scope(&self) -> &'static str {
        if self.zone.is_some() { "Availability Zone" } else { "Region" }
    }

    fn shown(self) -> ec2::ReservedInstancesOffering {
        let charge = ec2::RecurringCharge {
            amount: Some(f64::from(self.instance_type.processors) * PRICE / f64::from(self.years)),
            frequency: text("Hourly"),
        };
        ec2::ReservedInstancesOffering {
            currency_code: text("USD"),
            instance_tenancy: text("default"),
            marketplace: Some(false),
            offering_class: text("standard"),
            offering_type: text("No Upfront"),
            pricing_details: Vec::new().into(),
            recurring_charges: vec![charge].into(),
            scope: text(self.scope()),
            duration: Some(self.seconds()),
            usage_price: Some(0.0),
            fixed_price: Some(0.0),
            product_description: text(self.product),
            instance_type: text(&self.instance_type.name),
            availability_zone: self.zone.as_ref().map(|(zone, _)| zone.clone()),
            availability_zone_id: self.zone.map(|(_, id)| id),
            reserved_instances_offering_id: Some(self.id),
        }
    }
}

/// All that is on offer in a Region.
fn offerings(region: &str) -> Vec<Offering> {
    let zones: Vec<_> = Region::named(region).into_iter().flat_map(Region::zones).map(Some).chain([None]).collect();
    let mut all = Vec::new();
    for instance_type in instance_types() {
        for (product, years) in PRODUCTS.iter().flat_map(|product| [(*product, 1), (*product, 3)]) {
            let offering = |zone: &Option<(String, String)>| {
                let place = zone.as_ref().map_or(region, |(zone, _)| zone);
                let id = uuid_of(&format!("{} {product} {years} {place}", instance_type.name));
                Offering { id, instance_type, product, years, zone: zone.clone() }
            };
            all.extend(zones.iter().map(offering));
        }
    }
    all
}

fn describe(
    cx: View,
    input: ec2::DescribeReservedInstancesOfferingsRequest,
) -> Result<ec2::DescribeReservedInstancesOfferingsResult> {
    let ec2::DescribeReservedInstancesOfferingsRequest {
        availability_zone,
        instance_type,
        max_duration,
        min_duration,
        offering_class,
        product_description,
        reserved_instances_offering_ids: ids,
        availability_zone_id,
        filters,
        instance_tenancy,
        offering_type,
        page,
    } = input;
    let mut all = offerings(&cx.caller.scope.region);
    let named: HashSet<&String> = ids.iter().collect();
    all.retain(|offering| named.is_empty() || named.contains(&offering.id));
    let found: HashSet<&String> = all.iter().map(|offering| &offering.id).collect();
    if let Some(id) = ids.iter().find(|id| !found.contains(id)) {
        return Err(Error::Absent { code: "InvalidReservedInstancesOfferingId", id: id.clone() });
    }
    let is = |asked: &Option<String>, value: &str| asked.as_ref().is_none_or(|asked| asked == value);
    let only = is(&offering_class, "standard") && is(&instance_tenancy, "default") && is(&offering_type, "No Upfront");
    all.retain(|offering| {
        let zone = |asked: &Option<String>, value: Option<&String>| asked.is_none() || asked.as_ref() == value;
        only && zone(&availability_zone, offering.zone.as_ref().map(|(zone, _)| zone))
            && zone(&availability_zone_id, offering.zone.as_ref().map(|(_, id)| id))
            && is(&instance_type, &offering.instance_type.name)
            && is(&product_description, offering.product)
            && min_duration.is_none_or(|least| least <= offering.seconds())
            && max_duration.is_none_or(|most| offering.seconds() <= most)
    });
    let (offerings, next_token) = ATTRIBUTES.page_of_rows(cx.model, all, &filters, &page, |offering| &offering.id)?;
    let reserved_instances_offerings = offerings.into_iter().map(Offering::shown).collect();
    Ok(ec2::DescribeReservedInstancesOfferingsResult { next_token, reserved_instances_offerings })
}
