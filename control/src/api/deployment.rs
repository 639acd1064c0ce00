//! What RDS, ElastiCache and Redshift share on the wire.

use super::ec2::listing;
pub use super::protocol::text;
use super::protocol::{ApiError, ServiceError};
use model::services::{Admitted, Clash, Error, Result, ServiceEvent, Thing, Wanted};
use model::{Caller, Model, Tags, Time};
use serde_json::Value as Json;
use shapes::{Fault, Page, Shape, Xml, json_of_xml, of_json, write_members};

impl ApiError for Error {
    fn code(&self) -> &'static str {
        Error::code(self)
    }

    fn status(&self) -> u16 {
        Error::status(self)
    }
}

impl ServiceError for Error {
    fn of_parameter(fault: Fault) -> Error {
        match fault {
            Fault::Missing { name } => Error::Missing { name },
            Fault::Unknown { name } => Error::Unknown { name },
            Fault::Unsupported { name } => Error::Unsupported { name },
            Fault::Invalid { name, value } => Error::Invalid { name, value },
            Fault::Malformed { shape, id } => Error::Malformed { shape, id },
        }
    }
}

/// The default size of a page.
const PAGE: &str = "100";

/// One page of rows, and the marker of the next.
pub fn paged<R>(page: Page, rows: Vec<R>, id: impl Fn(&R) -> &str) -> Result<(Vec<R>, Option<String>)> {
    let page = Page { size: page.size.or_else(|| Some(PAGE.to_owned())), ..page };
    listing::paged(&page, rows, id).map_err(|_| Error::Marker)
}

/// A request's tags. Every key must be given once; `code` is the service's error for a duplicate.
pub fn tags_of(code: &'static str, sent: impl IntoIterator<Item = (Option<String>, Option<String>)>) -> Result<Tags> {
    let mut tags = Tags::new();
    for (key, value) in sent {
        let key = key.ok_or_else(|| Error::Missing { name: "Tags.Key".to_owned() })?;
        if tags.insert(key.clone(), value.unwrap_or_default()).is_some() {
            return Err(Error::DuplicateTag { key, code });
        }
    }
    Ok(tags)
}

/// The settings that a service returns as they were given: `said` over those given before, as JSON of the service's
/// structure.
pub fn said_over<S: Shape + Default>(before: &str, said: &S) -> String {
    let mut xml = Xml::default();
    write_members(said, &mut xml);
    let mut all = members(before);
    if let Ok(Json::Object(new)) = json_of_xml::<S>(&xml.into_string()) {
        all.extend(new);
    }
    Json::Object(all).to_string()
}

/// What a service tells again, without one member.
pub fn unsaid(before: &str, member: &str) -> String {
    let mut all = members(before);
    all.remove(member);
    Json::Object(all).to_string()
}

/// The members of what is told; none if nothing was.
fn members(told: &str) -> serde_json::Map<String, Json> {
    serde_json::from_str(told).unwrap_or_default()
}

/// The structure that is filled with what was said.
pub fn said<S: Shape + Default>(told: &str) -> S {
    serde_json::from_str(told).ok().and_then(|json: Json| of_json(&json).ok()).unwrap_or_default()
}

/// The time range of events: from, to, or the last minutes.
pub struct Window {
    /// The start.
    pub start: Option<Time>,
    /// The end.
    pub end: Option<Time>,
    /// The length in minutes if there is no start; an hour by default.
    pub minutes: Option<i32>,
}

/// The events of resources of these kinds, or of the one with that name, within a time range.
pub fn events<'m>(
    model: &'m Model,
    caller: &Caller,
    things: &[Thing],
    name: Option<&str>,
    window: &Window,
) -> Vec<&'m ServiceEvent> {
    let minutes = u64::try_from(window.minutes.unwrap_or(60)).unwrap_or_default();
    let first = Time(caller.now.0.saturating_sub(minutes * 60_000));
    let from = window.start.unwrap_or(first);
    let to = window.end.unwrap_or(Time(u64::MAX));
    let prefixes: Vec<String> = things.iter().map(|thing| thing.arn(&caller.scope, "")).collect();
    let is_asked = |event: &&ServiceEvent| {
        prefixes.iter().any(|prefix| event.source.starts_with(prefix))
            && name.is_none_or(|name| name.eq_ignore_ascii_case(&event.name))
            && (from..=to).contains(&event.at)
    };
    model.service_events.iter().filter(is_asked).collect()
}

/// The authorisation of a group in EC2-Classic: an address range, or a group of EC2.
pub fn admitted(
    model: &Model,
    caller: &Caller,
    range: Option<String>,
    (id, name, account): (Option<String>, Option<String>, Option<String>),
) -> Result<Admitted> {
    match range {
        Some(_) if id.is_some() || name.is_some() => Err(Clash::RangeOrGroup {}.into()),
        Some(range) => {
            let parsed = range.parse().ok().map(Admitted::Range);
            let why = Wanted::Range {};
            parsed.ok_or(Error::Value { name: "CIDRIP", value: range, why })
        }
        None if id.is_none() && name.is_none() => Err(Clash::NoRangeOrGroup {}.into()),
        None => model.admitted_group(caller, id.as_deref(), name.as_deref(), account.as_deref()),
    }
}
