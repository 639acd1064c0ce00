//! Input and output that RDS, ElastiCache and Redshift have in common: pages, tags, events.

use super::ec2::listing;
pub use super::protocol::text;
use super::protocol::{ApiError, ServiceError};
pub use super::said::{said, said_over, same_members, unsaid};
use model::services::{Admitted, Clash, Error, Result, ServiceEvent, Thing, Wanted};
use model::{Caller, Model, Tags, Time};
pub use shapes::Paged;
use shapes::{Fault, Page};

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

/// The page of rows that a request asks for. Rows are sorted by `id`.
///
/// # Errors
/// [`Error::Marker`] if the request's marker or size is invalid.
pub fn paged<R>(page: Page, rows: Vec<R>, id: impl Fn(&R) -> &str) -> Result<Paged<R>> {
    let page = Page { size: page.size.or_else(|| Some(PAGE.to_owned())), ..page };
    let (items, next) = listing::paged(&page, rows, id).map_err(|_| Error::Marker)?;
    Ok(Paged { items, next })
}

/// The page of rows that a request asks for, in the order in which they are.
///
/// # Errors
/// As [`paged`].
pub fn paged_in_order<R>(page: Page, rows: impl Iterator<Item = R>) -> Result<Paged<R>> {
    let numbered = rows.enumerate().map(|(index, row)| (format!("{index:06}"), row)).collect();
    Ok(paged(page, numbered, |(place, _): &(String, R)| place)?.map(|(_, row)| row))
}

/// A number of nodes: at least one.
///
/// # Errors
/// [`Error::Value`]
pub fn number(name: &'static str, asked: i32, most: u16) -> Result<u16> {
    let fits = u16::try_from(asked).ok().filter(|count| (1..=most).contains(count));
    fits.ok_or_else(|| Error::Value { name, value: asked.to_string(), why: Wanted::From { least: 1, most } })
}

/// Refuses a number that is not within a range.
///
/// # Errors
/// [`Error::Value`]
pub fn within(name: &'static str, asked: Option<i32>, (least, most): (u16, u16)) -> Result<()> {
    match asked.filter(|asked| !(i32::from(least)..=i32::from(most)).contains(asked)) {
        Some(other) => Err(Error::Value { name, value: other.to_string(), why: Wanted::From { least, most } }),
        None => Ok(()),
    }
}

/// Refuses a value that is none of these words.
///
/// # Errors
/// [`Error::Value`]
pub fn one_of(name: &'static str, asked: Option<&str>, words: &[&str]) -> Result<()> {
    match asked.filter(|asked| !words.contains(asked)) {
        Some(other) => {
            Err(Error::Value { name, value: other.to_owned(), why: Wanted::OneOf { words: words.join(", ") } })
        }
        None => Ok(()),
    }
}

/// A request's tags. `code` is the service's error code for a key that is given twice.
///
/// # Errors
/// [`Error::Missing`] if a tag has no key, and [`Error::DuplicateTag`].
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

/// The time range of events that a request asks for.
pub struct Window {
    /// The start.
    pub start: Option<Time>,
    /// The end. `None` means that there is none.
    pub end: Option<Time>,
    /// The time before now at which the range begins without a start, in minutes. The default is 60.
    pub minutes: Option<i32>,
}

/// The events of resources of these kinds within a time range, of all names or of one.
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

/// The range or the security group that a request lets into a group of EC2-Classic.
///
/// # Errors
/// [`Clash::RangeOrGroup`] or [`Clash::NoRangeOrGroup`] if the request has both or neither, [`Error::Value`] if the
/// range is malformed, and the error of a group that does not exist.
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
