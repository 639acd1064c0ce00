//! The locations of Regions, for geolocation routing.

use model::Location;

/// The beginnings of Regions' names, with the continent, the country and its subdivision (ISO 3166). Longer ones
/// precede shorter ones that they begin with.
const PLACES: [(&str, &str, &str, &str); 34] = [
    ("us-east-1", "NA", "US", "VA"),
    ("us-east-2", "NA", "US", "OH"),
    ("us-west-1", "NA", "US", "CA"),
    ("us-west-2", "NA", "US", "OR"),
    ("us-", "NA", "US", ""),
    ("ca-", "NA", "CA", ""),
    ("mx-", "NA", "MX", ""),
    ("sa-", "SA", "BR", ""),
    ("eu-west-1", "EU", "IE", ""),
    ("eu-west-2", "EU", "GB", ""),
    ("eu-west-3", "EU", "FR", ""),
    ("eu-central-2", "EU", "CH", ""),
    ("eu-north-1", "EU", "SE", ""),
    ("eu-south-1", "EU", "IT", ""),
    ("eu-south-2", "EU", "ES", ""),
    ("eu", "EU", "DE", ""),
    ("ap-northeast-2", "AS", "KR", ""),
    ("ap-northeast-", "AS", "JP", ""),
    ("ap-southeast-2", "OC", "AU", ""),
    ("ap-southeast-3", "AS", "ID", ""),
    ("ap-southeast-4", "OC", "AU", ""),
    ("ap-southeast-5", "AS", "MY", ""),
    ("ap-southeast-6", "OC", "NZ", ""),
    ("ap-southeast-7", "AS", "TH", ""),
    ("ap-southeast-", "AS", "SG", ""),
    ("ap-south-", "AS", "IN", ""),
    ("ap-east-2", "AS", "TW", ""),
    ("ap-east-", "AS", "HK", ""),
    ("me-south-1", "AS", "BH", ""),
    ("me-", "AS", "AE", ""),
    ("il-", "AS", "IL", ""),
    ("af-", "AF", "ZA", ""),
    ("cn-", "AS", "CN", ""),
    ("", "NA", "US", ""),
];

/// How exactly a location fits clients in a Region: 3 by subdivision, 2 by country, 1 by continent, 0 by default.
/// `None` if it does not fit ("Geolocation routing", Route 53 developer guide).
pub(super) fn fit(location: &Location, region: &str) -> Option<usize> {
    let (_, continent, country, subdivision) = PLACES.iter().find(|place| region.starts_with(place.0))?;
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

/// How near two Regions are: the length of the beginning that their names share.
pub(super) fn alike(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
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
        assert!(alike("eu-west-1", "eu-west-2") > alike("eu-west-1", "us-west-1"));
    }
}
