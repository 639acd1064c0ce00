//! The locations of geolocation routing.

use super::{PAGE, Result, cut, size};
use crate::api::action::{Actions, View};
use model::ZoneError;
use shapes::route53;
use std::sync::LazyLock;

/// The countries by their codes, each followed by its subdivisions that Route 53 supports (ISO 3166).
const COUNTRIES: &str = include_str!("geo_locations.txt");
const CONTINENTS: [(&str, &str); 7] = [
    ("AF", "Africa"),
    ("AN", "Antarctica"),
    ("AS", "Asia"),
    ("EU", "Europe"),
    ("NA", "North America"),
    ("OC", "Oceania"),
    ("SA", "South America"),
];

/// All locations, in the order of lists: continents are behind the countries.
static LOCATIONS: LazyLock<Vec<route53::GeoLocationDetails>> = LazyLock::new(|| {
    let mut countries: Vec<route53::GeoLocationDetails> = Vec::new();
    for (code, name) in COUNTRIES.lines().filter_map(|line| line.split_once(' ')) {
        let of_country = countries.last().cloned().unwrap_or_default();
        countries.push(match code.split_once('-') {
            Some((_, part)) => route53::GeoLocationDetails {
                subdivision_code: Some(part.to_owned()),
                subdivision_name: Some(name.to_owned()),
                ..of_country
            },
            None => route53::GeoLocationDetails {
                country_code: Some(code.to_owned()),
                country_name: Some(name.to_owned()),
                ..Default::default()
            },
        });
    }
    let continent = |(code, name): (&str, &str)| route53::GeoLocationDetails {
        continent_code: Some(code.to_owned()),
        continent_name: Some(name.to_owned()),
        ..Default::default()
    };
    countries.into_iter().chain(CONTINENTS.map(continent)).collect()
});

/// The codes of a location: of a continent, of a country, of a country and its subdivision.
type Codes<'a> = [Option<&'a str>; 3];

fn codes(location: &route53::GeoLocationDetails) -> Codes<'_> {
    let route53::GeoLocationDetails { continent_code, country_code, subdivision_code, .. } = location;
    [continent_code.as_deref(), country_code.as_deref(), subdivision_code.as_deref()]
}

/// The place of a location among all.
fn position(wanted: Codes<'_>) -> Option<usize> {
    LOCATIONS.iter().position(|location| codes(location) == wanted)
}

/// Whether a location exists.
pub(super) fn is_known(wanted: Codes<'_>) -> bool {
    position(wanted).is_some()
}

pub fn actions(all: Actions) -> Actions {
    all.read(get).read(list)
}

fn get(_: View, input: route53::GetGeoLocationRequest) -> Result<route53::GetGeoLocationResponse> {
    let route53::GetGeoLocationRequest { continent_code, country_code, subdivision_code } = input;
    let wanted = [continent_code.as_deref(), country_code.as_deref(), subdivision_code.as_deref()];
    let found = position(wanted).ok_or(ZoneError::NoSuchGeoLocation {})?;
    Ok(route53::GetGeoLocationResponse { geo_location_details: LOCATIONS[found].clone() })
}

fn list(_: View, input: route53::ListGeoLocationsRequest) -> Result<route53::ListGeoLocationsResponse> {
    let route53::ListGeoLocationsRequest {
        start_continent_code,
        start_country_code,
        start_subdivision_code,
        max_items,
    } = input;
    let size = size(max_items.as_deref(), PAGE)?;
    let first =
        match [start_continent_code.as_deref(), start_country_code.as_deref(), start_subdivision_code.as_deref()] {
            [None, None, None] => 0,
            start => position(start).ok_or(ZoneError::NoSuchGeoLocation {})?,
        };
    let (page, next) = cut(LOCATIONS[first..].iter(), size);
    let [next_continent_code, next_country_code, next_subdivision_code] =
        next.map(codes).unwrap_or_default().map(|code| code.map(str::to_owned));
    Ok(route53::ListGeoLocationsResponse {
        geo_location_details_list: page.into_iter().cloned().collect(),
        is_truncated: next.is_some(),
        next_continent_code,
        next_country_code,
        next_subdivision_code,
        max_items: size.to_string(),
    })
}
