//! Spot prices. They are constant and follow from the size of a type, because nobody pays them.

use super::listing::{Attributes, one};
use super::text;
use crate::api::action::{Actions, View};
use model::{InstanceType, Region, Result, instance_types};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(history)
}

/// The product descriptions of prices.
const PRODUCTS: [&str; 4] = ["Linux/UNIX", "Red Hat Enterprise Linux", "SUSE Linux", "Windows"];
/// The price of a virtual processor, in millionths of a dollar an hour.
const PRICE: u32 = 12_500;

/// A type's price in a zone.
struct Price {
    instance_type: &'static InstanceType,
    zone: String,
    zone_id: String,
    product: &'static str,
    /// Sorts and pages.
    place: String,
}

static ATTRIBUTES: Attributes<Price> = Attributes(&[
    ("availability-zone", |_, price| one(&price.zone)),
    ("availability-zone-id", |_, price| one(&price.zone_id)),
    ("instance-type", |_, price| one(&price.instance_type.name)),
    ("product-description", |_, price| one(price.product)),
    ("spot-price", |_, price| one(dollars(price.instance_type))),
]);

fn dollars(instance_type: &InstanceType) -> String {
    let price = instance_type.processors.saturating_mul(PRICE);
    format!("{}.{:06}", price / 1_000_000, price % 1_000_000)
}

fn history(cx: View, input: ec2::DescribeSpotPriceHistoryRequest) -> Result<ec2::DescribeSpotPriceHistoryResult> {
    let ec2::DescribeSpotPriceHistoryRequest {
        availability_zone_id,
        start_time: _,
        end_time,
        instance_types: types,
        product_descriptions,
        filters,
        availability_zone,
        page,
    } = input;
    let at = end_time.unwrap_or(cx.caller.now);
    let zones: Vec<_> = Region::named(&cx.caller.scope.region).into_iter().flat_map(Region::zones).collect();
    let is_asked = |list: &[String], value: &str| list.is_empty() || list.iter().any(|one| one == value);
    let mut prices = Vec::new();
    for instance_type in instance_types().filter(|known| is_asked(&types, &known.name)) {
        for (zone, zone_id) in &zones {
            for product in PRODUCTS.into_iter().filter(|product| is_asked(&product_descriptions, product)) {
                let place = format!("{} {product} {zone}", instance_type.name);
                let (zone, zone_id) = (zone.clone(), zone_id.clone());
                prices.push(Price { instance_type, zone, zone_id, product, place });
            }
        }
    }
    prices.retain(|price| {
        availability_zone.as_ref().is_none_or(|zone| *zone == price.zone)
            && availability_zone_id.as_ref().is_none_or(|id| *id == price.zone_id)
    });
    let (prices, next_token) = ATTRIBUTES.page_of_rows(cx.model, prices, &filters, &page, |price| &price.place)?;
    let shown = |price: Price| ec2::SpotPrice {
        instance_type: text(&price.instance_type.name),
        spot_price: text(dollars(price.instance_type)),
        availability_zone: Some(price.zone),
        availability_zone_id: Some(price.zone_id),
        product_description: text(price.product),
        timestamp: Some(at),
    };
    Ok(ec2::DescribeSpotPriceHistoryResult { spot_price_history: prices.into_iter().map(shown).collect(), next_token })
}
