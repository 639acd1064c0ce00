//! What RDS, ElastiCache and Redshift have in common on the wire.

use super::ec2::listing;
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

/// How many items a page has if nothing is said.
const PAGE: &str = "100";

/// One page of rows, and how to ask for the next.
pub fn paged<R>(page: Page, rows: Vec<R>, id: impl Fn(&R) -> &str) -> Result<(Vec<R>, Option<String>)> {
    let page = Page { size: page.size.or_else(|| Some(PAGE.to_owned())), ..page };
    listing::paged(&page, rows, id).map_err(|_| Error::Marker)
}

/// Tags as a request gives them. A key must be there, and once; `code` is the service's for one that is there twice.
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

/// What a service tells again as it was said, `said` over what was said before: JSON of the service's structure.
pub fn said_over<S: Shape + Default>(before: &str, said: &S) -> String {
    let mut xml = Xml::default();
    write_members(said, &mut xml);
    let mut all: Json = serde_json::from_str(before).unwrap_or_else(|_| Json::Object(serde_json::Map::new()));
    if let (Some(all), Ok(Json::Object(new))) = (all.as_object_mut(), json_of_xml::<S>(&xml.into_string())) {
        all.extend(new);
    }
    all.to_string()
}

/// What a service tells again, without one member.
pub fn unsaid(before: &str, member: &str) -> String {
    let mut all: Json = serde_json::from_str(before).unwrap_or_default();
    if let Some(all) = all.as_object_mut() {
        all.remove(member);
    }
    all.to_string()
}

/// The structure that is filled with what was said.
pub fn said<S: Shape + Default>(told: &str) -> S {
    serde_json::from_str(told).ok().and_then(|json: Json| of_json(&json).ok()).unwrap_or_default()
}

/// When events happened that are asked for: from, to, or in so many of the last minutes.
pub struct Window {
    /// The first moment.
    pub start: Option<Time>,
    /// The last moment.
    pub end: Option<Time>,
    /// How far back if there is no first moment, in minutes; an hour if nothing is said.
    pub minutes: Option<i32>,
}

/// The events of things of these kinds, or of the one of that name, within a time.
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

/// The text of a member that is there.
pub fn text(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

/// Who is to be let in, as an authorisation of a group in EC2-Classic names it: a range, or a group of EC2.
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
