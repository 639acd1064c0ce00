//! Filters of Describe… actions: any of a filter's values, all of the filters.

use model::Row;
use model::services::{Clash, Error, Result, Thing};
use shapes::{Filters, rds};

/// Refuses filters that the API does not know, and those without values.
pub fn check(filters: &Filters<rds::Filter>) -> Result<()> {
    for filter in filters.iter() {
        if !filters.documented.contains(&filter.name.as_str()) {
            return Err(Error::UnknownFilter { name: filter.name.clone() });
        }
        if filter.values.is_empty() {
            return Err(Clash::EmptyFilter {}.into());
        }
    }
    Ok(())
}

/// These filters, and an identifier, which counts as one more value of the filter by identifier.
pub fn with(filters: &[rds::Filter], name: &str, identifier: Option<&str>) -> Vec<rds::Filter> {
    let mut all = filters.to_vec();
    let Some(identifier) = identifier.map(str::to_owned) else { return all };
    match all.iter_mut().find(|filter| filter.name == name) {
        Some(filter) => filter.values.push(identifier),
        None => all.push(rds::Filter { name: name.to_owned(), values: vec![identifier].into() }),
    }
    all
}

/// The rows that pass filters. An identifier counts as one more value of the filter by identifier. It is an error only if
/// nothing is found.
///
/// # Errors
/// [`Error::NotFound`]
pub fn found<'m, R: Row>(
    rows: impl Iterator<Item = &'m R>,
    filters: &Filters<rds::Filter>,
    (thing, by, identifier): (Thing, &str, Option<String>),
    values: impl Fn(&R, &str) -> Vec<String>,
) -> Result<Vec<&'m R>> {
    check(filters)?;
    let filters = with(filters, by, identifier.as_deref());
    let rows: Vec<&R> = rows.filter(|row| pass(&filters, |name| values(row, name))).collect();
    match identifier.filter(|_| rows.is_empty()) {
        Some(name) => Err(Error::NotFound { thing, name }),
        None => Ok(rows),
    }
}

/// Whether something passes that has these values under a filter's name. Case makes no difference in names of RDS.
pub fn pass(filters: &[rds::Filter], has: impl Fn(&str) -> Vec<String>) -> bool {
    filters.iter().all(|filter| {
        let has = has(&filter.name);
        filter.values.iter().any(|wanted| has.iter().any(|value| value.eq_ignore_ascii_case(wanted)))
    })
}
