//! The locations of Regions, for geolocation, geoproximity and latency routing.

use model::{Geoproximity, Location, ResourceLocation};

/// A latitude and a longitude, in degrees.
type Point = (f64, f64);
/// The beginning of Regions' names, the continent, the country and its subdivision (ISO 3166), and about where it is.
type Place = (&'static str, &'static str, &'static str, &'static str, Point);

/// The places of Regions. Longer beginnings precede shorter ones that they begin with.
const PLACES: [Place; 40] = [
    ("us-east-1", "NA", "US", "VA", (39.0, -77.5)),
    ("us-east-2", "NA", "US", "OH", (40.0, -83.0)),
    ("us-west-1", "NA", "US", "CA", (37.4, -122.0)),
    ("us-west-2", "NA", "US", "OR", (45.8, -119.7)),
    ("us-gov-east-", "NA", "US", "OH", (40.0, -83.0)),
    ("us-gov-west-", "NA", "US", "OR", (45.8, -119.7)),
    ("us-", "NA", "US", "", (38.9, -77.0)),
    ("ca-west-", "NA", "CA", "", (51.0, -114.1)),
    ("ca-", "NA", "CA", "", (45.5, -73.6)),
    ("mx-", "NA", "MX", "", (20.6, -100.4)),
    ("sa-", "SA", "BR", "", (-23.5, -46.6)),
    ("eu-west-1", "EU", "IE", "", (53.3, -6.3)),
    ("eu-west-2", "EU", "GB", "", (51.5, -0.1)),
    ("eu-west-3", "EU", "FR", "", (48.9, 2.4)),
    ("eu-central-2", "EU", "CH", "", (47.4, 8.5)),
    ("eu-north-1", "EU", "SE", "", (59.3, 18.1)),
    ("eu-south-1", "EU", "IT", "", (45.5, 9.2)),
    ("eu-south-2", "EU", "ES", "", (41.6, -0.9)),
    ("eu", "EU", "DE", "", (50.1, 8.7)),
    ("ap-northeast-2", "AS", "KR", "", (37.6, 127.0)),
    ("ap-northeast-3", "AS", "JP", "", (34.7, 135.5)),
    ("ap-northeast-", "AS", "JP", "", (35.7, 139.7)),
    ("ap-southeast-2", "OC", "AU", "", (-33.9, 151.2)),
    ("ap-southeast-3", "AS", "ID", "", (-6.2, 106.8)),
    ("ap-southeast-4", "OC", "AU", "", (-37.8, 145.0)),
    ("ap-southeast-5", "AS", "MY", "", (3.1, 101.7)),
    ("ap-southeast-6", "OC", "NZ", "", (-36.8, 174.8)),
    ("ap-southeast-7", "AS", "TH", "", (13.8, 100.5)),
    ("ap-southeast-", "AS", "SG", "", (1.4, 103.8)),
    ("ap-south-2", "AS", "IN", "", (17.4, 78.5)),
    ("ap-south-", "AS", "IN", "", (19.1, 72.9)),
    ("ap-east-2", "AS", "TW", "", (25.0, 121.6)),
    ("ap-east-", "AS", "HK", "", (22.3, 114.2)),
    ("me-south-1", "AS", "BH", "", (26.1, 50.6)),
    ("me-", "AS", "AE", "", (24.5, 54.4)),
    ("il-", "AS", "IL", "", (32.1, 34.8)),
    ("af-", "AF", "ZA", "", (-33.9, 18.4)),
    ("cn-northwest-", "AS", "CN", "", (37.5, 105.2)),
    ("cn-", "AS", "CN", "", (39.9, 116.4)),
    ("", "NA", "US", "", (39.0, -77.5)),
];

/// How exactly a location fits clients in a Region: 3 by subdivision, 2 by country, 1 by continent, 0 by default.
/// `None` if it does not fit ("Geolocation routing", Route 53 developer guide).
pub(super) fn fit(location: &Location, region: &str) -> Option<usize> {
    let (_, continent, country, subdivision, _) = place(region)?;
    let is = |wanted: &Option<String>, here: &str| wanted.as_ref().is_none_or(|wanted| wanted == here);
    match location {
        Location { country: Some(any), .. } if any == "*" => Some(0),
        Location { country: Some(_), subdivision: part, .. } => {
            let fits = is(&location.country, country) && is(part, subdivision);
            fits.then_some(if part.is_some() { 3 } else { 2 })
        }
        Location { continent: Some(_), .. } => is(&location.continent, continent).then_some(1),
        _ => None,
    }
}

/// About the radius of the Earth in kilometres.
const RADIUS: f64 = 6371.0;

/// How far apart two Regions are, in kilometres. A Local Zone counts as its Region.
pub(super) fn distance(one: &str, other: &str) -> f64 {
    between(point(one), point(other))
}

/// How far a resource counts as being from clients in a Region: its distance with its bias ("Geoproximity routing",
/// Route 53 developer guide).
pub(super) fn biased_distance(resource: &Geoproximity, region: &str) -> f64 {
    let place = match &resource.location {
        ResourceLocation::Region(name) | ResourceLocation::LocalZoneGroup(name) => point(name),
        // Coordinates are checked when they are sent.
        ResourceLocation::Coordinates(latitude, longitude) => {
            (latitude.parse().unwrap_or_default(), longitude.parse().unwrap_or_default())
        }
    };
    let (distance, bias) = (between(place, point(region)), f64::from(resource.bias.unwrap_or(0)) / 100.0);
    if bias < 0.0 { distance / (1.0 + bias) } else { distance * (1.0 - bias) }
}

fn place(region: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| region.starts_with(place.0))
}

fn point(region: &str) -> Point {
    place(region).map(|place| place.4).unwrap_or_default()
}

/// The length of the great circle between two points, in kilometres.
fn between(one: Point, other: Point) -> f64 {
    let [(north, east), (other_north, other_east)] =
        [one, other].map(|(latitude, longitude)| (latitude.to_radians(), longitude.to_radians()));
    let cosine = north.sin() * other_north.sin() + north.cos() * other_north.cos() * (east - other_east).cos();
    cosine.clamp(-1.0, 1.0).acos() * RADIUS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_exact_location_fits_best() {
        let place = |continent: &str, country: &str, subdivision: &str| {
            let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            Location { continent: some(continent), country: some(country), subdivision: some(subdivision) }
        };
        let fits = |region: &str| {
            [("", "US", "OR"), ("", "US", ""), ("NA", "", ""), ("", "*", "")]
                .map(|(continent, country, part)| fit(&place(continent, country, part), region))
        };
        assert_eq!(fits("us-west-2"), [Some(3), Some(2), Some(1), Some(0)]);
        assert_eq!(fits("us-east-1"), [None, Some(2), Some(1), Some(0)]);
        assert_eq!(fits("eu-central-1"), [None, None, None, Some(0)]);
    }

    #[test]
    fn distances_are_those_on_the_earth() {
        assert!(distance("eu-west-1", "eu-west-1") < 1.0);
        assert!((5_400.0..5_600.0).contains(&distance("us-east-1", "eu-west-1")));
        assert!(distance("eu-west-1", "eu-west-2") < distance("eu-west-1", "us-west-1"));
        assert!(distance("ca-west-1", "us-west-2") < distance("ca-west-1", "ca-central-1"));
        assert!(distance("ap-northeast-1", "us-west-2") < distance("ap-northeast-1", "eu-central-1"));
    }

    #[test]
    fn a_bias_makes_a_resource_nearer_or_farther() {
        let far = |bias| {
            let location = ResourceLocation::Coordinates("53.3".into(), "-6.3".into());
            biased_distance(&Geoproximity { location, bias }, "us-east-1")
        };
        let plain = distance("eu-west-1", "us-east-1");
        for (bias, expected) in [(None, plain), (Some(0), plain), (Some(50), plain / 2.0), (Some(-50), plain * 2.0)] {
            assert!((far(bias) - expected).abs() < 1.0, "{bias:?}");
        }
        let zone = Geoproximity { location: ResourceLocation::LocalZoneGroup("us-west-2-lax-1".into()), bias: None };
        assert!(biased_distance(&zone, "us-west-2") < 1.0);
    }
}
