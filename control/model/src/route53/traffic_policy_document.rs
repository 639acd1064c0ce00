//! The documents of traffic policies: trees of rules with endpoints as leaves, and the record sets that a tree stands for
//! ("Traffic policy document format", Route 53 API reference). Each rule is the record sets of one name, and a reference
//! to it is an alias with that name.

use super::domain_name::domain_name;
use super::error::{DocumentFault, Result, ZoneError};
use super::record_set::{
    AliasTarget, Failover, Geoproximity, Location, MOST_BIAS, RecordSet, ResourceLocation, empty_set,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::str::FromStr;

/// The longest document, in characters.
const LONGEST: usize = 102_400;
/// The types of records for which there are policies.
const TYPES: [&str; 9] = ["A", "AAAA", "CAA", "CNAME", "MX", "PTR", "SPF", "SRV", "TXT"];

/// A document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    #[serde(rename = "AWSPolicyFormatVersion")]
    version: Option<String>,
    /// The type of all its records.
    #[serde(default)]
    pub record_type: String,
    start_rule: Option<String>,
    start_endpoint: Option<String>,
    #[serde(default)]
    endpoints: BTreeMap<String, Endpoint>,
    #[serde(default)]
    rules: BTreeMap<String, Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    #[serde(rename = "Type")]
    kind: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "RuleType", rename_all = "lowercase", rename_all_fields = "PascalCase")]
enum Rule {
    Failover { primary: Box<Choice>, secondary: Box<Choice> },
    Geo { locations: Vec<Choice> },
    Geoproximity { geoproximity_locations: Vec<Choice> },
    Latency { regions: Vec<Choice> },
    Multivalue { items: Vec<Choice> },
    Weighted { items: Vec<Choice> },
}

/// What a rule may choose, and when.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Choice {
    endpoint_reference: Option<String>,
    rule_reference: Option<String>,
    #[serde(deserialize_with = "scalar")]
    evaluate_target_health: Option<bool>,
    health_check: Option<String>,
    #[serde(deserialize_with = "scalar")]
    weight: Option<u8>,
    region: Option<String>,
    #[serde(deserialize_with = "scalar")]
    is_default: Option<bool>,
    continent: Option<String>,
    country: Option<String>,
    subdivision: Option<String>,
    #[serde(deserialize_with = "scalar")]
    latitude: Option<f64>,
    #[serde(deserialize_with = "scalar")]
    longitude: Option<f64>,
    #[serde(deserialize_with = "scalar")]
    bias: Option<i32>,
}

/// Reads a number or a truth value, which documents may have in quotation marks.
fn scalar<'de, D: Deserializer<'de>, N: FromStr>(value: D) -> std::result::Result<Option<N>, D::Error> {
    let text = match serde_json::Value::deserialize(value)? {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    text.parse().map(Some).map_err(|_| D::Error::custom("another kind of value"))
}

/// Where the records of a document are made.
pub(super) struct Place<'p> {
    /// The id of the hosted zone, and its name.
    pub zone: (&'p str, &'p str),
    /// The id of the traffic policy instance.
    pub instance: &'p str,
    /// The name of the first record set.
    pub name: &'p str,
    /// How long resolvers may cache the records, in seconds.
    pub ttl: u32,
}

impl Place<'_> {
    /// The name of the record sets of the rule with this number.
    fn name_of(&self, rule: usize) -> String {
        format!("_{rule}.{}.{}", self.instance, self.zone.1)
    }
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// [`ZoneError::InvalidTrafficPolicyDocument`]
    pub fn read(text: &str) -> Result<Document> {
        if text.chars().count() > LONGEST {
            return Err(bad(DocumentFault::TooLong));
        }
        let unreadable =
            |error: serde_json::Error| DocumentFault::Unreadable { line: error.line(), column: error.column() };
        let document: Document = serde_json::from_str(text).map_err(|error| bad(unreadable(error)))?;
        if document.version.is_none() {
            return Err(bad(DocumentFault::NoVersion));
        }
        if !TYPES.contains(&document.record_type.as_str()) {
            return Err(bad(DocumentFault::RecordType));
        }
        // What it refers to is found by following it.
        document.records(&Place { zone: ("", "example."), instance: "", name: "example.", ttl: 0 })?;
        Ok(document)
    }

    /// The record sets of an instance.
    ///
    /// # Errors
    /// [`ZoneError::InvalidTrafficPolicyDocument`] if the document refers to what it does not have.
    pub fn records(&self, place: &Place<'_>) -> Result<Vec<RecordSet>> {
        let start = Choice {
            rule_reference: self.start_rule.clone(),
            endpoint_reference: self.start_endpoint.clone(),
            ..Choice::default()
        };
        if start.rule_reference.is_none() && start.endpoint_reference.is_none() {
            return Err(bad(DocumentFault::NoStart));
        }
        let mut all = vec![self.leading(place, &start, empty_set(place.name, &self.record_type))?];
        for (rule_number, rule) in self.rules.values().enumerate() {
            let set = empty_set(&place.name_of(rule_number), &self.record_type);
            for (number, (choice, set)) in rule.choices(&set).into_iter().enumerate() {
                let set = RecordSet { identifier: Some(number.to_string()), ..set };
                all.push(self.leading(place, choice, set)?);
            }
        }
        Ok(all)
    }

    /// A record set that leads to what a choice refers to.
    fn leading(&self, place: &Place<'_>, choice: &Choice, set: RecordSet) -> Result<RecordSet> {
        let unknown = || bad(DocumentFault::Reference);
        let set = RecordSet {
            health_check: choice.health_check.clone(),
            policy_instance: Some(place.instance.to_owned()),
            ..set
        };
        let alias = |zone: &str, name: String| {
            let evaluate_health = choice.evaluate_target_health.unwrap_or(false);
            Some(AliasTarget { zone: zone.to_owned(), name, evaluate_health })
        };
        match (&choice.endpoint_reference, &choice.rule_reference) {
            (None, Some(rule)) => {
                let number = self.rules.keys().position(|id| id == rule).ok_or_else(unknown)?;
                Ok(RecordSet { alias: alias(place.zone.0, place.name_of(number)), ..set })
            }
            (Some(endpoint), None) => match self.endpoints.get(endpoint).ok_or_else(unknown)? {
                Endpoint { kind, value } if kind == "value" => {
                    Ok(RecordSet { ttl: Some(place.ttl), values: vec![value.clone()], ..set })
                }
                // The zone of a load balancer's name is not needed to find it.
                Endpoint { value, .. } => {
                    Ok(RecordSet { alias: alias("", domain_name(value).ok_or_else(unknown)?), ..set })
                }
            },
            _ => Err(unknown()),
        }
    }
}

impl Rule {
    /// The choices, each with a record set that is routed accordingly.
    fn choices(&self, set: &RecordSet) -> Vec<(&Choice, RecordSet)> {
        match self {
            Rule::Failover { primary, secondary } => {
                let roles = [(primary, Failover::Primary), (secondary, Failover::Secondary)];
                roles.map(|(choice, role)| (choice.as_ref(), RecordSet { failover: Some(role), ..set.clone() })).into()
            }
            Rule::Geo { locations } => {
                routed(locations, set, |choice, set| RecordSet { location: Some(choice.location()), ..set })
            }
            Rule::Geoproximity { geoproximity_locations } => {
                let near = |choice: &Choice, set| RecordSet { geoproximity: Some(choice.geoproximity()), ..set };
                routed(geoproximity_locations, set, near)
            }
            Rule::Latency { regions } => {
                routed(regions, set, |choice, set| RecordSet { region: choice.region.clone(), ..set })
            }
            Rule::Multivalue { items } => routed(items, set, |_, set| RecordSet { multivalue: true, ..set }),
            Rule::Weighted { items } => routed(items, set, |choice, set| RecordSet { weight: choice.weight, ..set }),
        }
    }
}

fn routed<'c>(
    choices: &'c [Choice],
    set: &RecordSet,
    route: fn(&Choice, RecordSet) -> RecordSet,
) -> Vec<(&'c Choice, RecordSet)> {
    choices.iter().map(|choice| (choice, route(choice, set.clone()))).collect()
}

impl Choice {
    fn location(&self) -> Location {
        let country = if self.is_default == Some(true) { Some("*".to_owned()) } else { self.country.clone() };
        Location { continent: self.continent.clone(), country, subdivision: self.subdivision.clone() }
    }

    fn geoproximity(&self) -> Geoproximity {
        let location = match &self.region {
            Some(region) => ResourceLocation::Region(region.trim_start_matches("aws:route53:").to_owned()),
            None => {
                let degrees = |value: Option<f64>| value.unwrap_or_default().to_string();
                ResourceLocation::Coordinates(degrees(self.latitude), degrees(self.longitude))
            }
        };
        Geoproximity { location, bias: self.bias.map(|bias| bias.clamp(-MOST_BIAS, MOST_BIAS)) }
    }
}

fn bad(why: DocumentFault) -> ZoneError {
    ZoneError::InvalidTrafficPolicyDocument { why }
}
