//! What RDS, ElastiCache and Redshift keep and tell again, each in words of its own.

use super::deployment::{paged, said, said_over};
use model::services::{Result, ServiceEntry, Thing};
use model::{Model, Scope};
use shapes::{Page, Shape};

/// A page, and how to ask for the next.
pub type Paged<'m> = (Vec<&'m ServiceEntry>, Option<String>);

/// The entry of that name, or all, by name.
pub fn found<'m>(
    model: &'m Model,
    scope: &'m Scope,
    (thing, name): (Thing, Option<String>),
    page: Page,
    wanted: impl Fn(&ServiceEntry) -> bool,
) -> Result<Paged<'m>> {
    let mut rows = match name {
        Some(name) => vec![model.service_entry(scope, thing, &name)?],
        None => model.service_entries_of(scope, thing).collect(),
    };
    rows.retain(|row| wanted(row));
    paged(page, rows, |row: &&ServiceEntry| &row.name)
}

/// What is told of an entry.
pub fn told<S: Shape + Default>(entry: &ServiceEntry) -> S {
    said(&entry.told)
}

/// Changes what is told of an entry; as it is now.
///
/// # Errors
/// [`model::services::Error::NotFound`], and what the change is refused for.
pub fn retold<S: Shape + Default>(
    model: &mut Model,
    scope: &Scope,
    (thing, name): (Thing, &str),
    change: impl FnOnce(&Model, &mut S) -> Result<()>,
) -> Result<ServiceEntry> {
    let mut entry = model.service_entry(scope, thing, name)?.clone();
    let mut told: S = told(&entry);
    change(model, &mut told)?;
    entry.told = said_over("", &told);
    model.keep_service_entry(entry.clone());
    Ok(entry)
}
