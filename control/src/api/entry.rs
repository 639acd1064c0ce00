//! Resources of RDS, ElastiCache and Redshift that have no effect on the network. Each keeps the structure that its
//! service returns ([`super::said::said_over`]).

use super::deployment::{Paged, paged, said, said_over};
use model::services::{Error, Result, ServiceEntry, Thing};
use model::{Caller, Model, Scope, Tags};
use shapes::{Page, Shape};

/// The entry with that name, or a page of those that are wanted.
///
/// # Errors
/// [`model::services::Error::NotFound`], and the error of an invalid page.
pub fn found<'m>(
    model: &'m Model,
    scope: &'m Scope,
    (thing, name): (Thing, Option<String>),
    page: Page,
    wanted: impl Fn(&ServiceEntry) -> bool,
) -> Result<Paged<&'m ServiceEntry>> {
    let mut rows = match name {
        Some(name) => vec![model.service_entry(scope, thing, &name)?],
        None => model.service_entries_of(scope, thing).collect(),
    };
    rows.retain(|row| wanted(row));
    paged(page, rows, |row: &&ServiceEntry| &row.name)
}

/// Makes an entry for which the service returns a structure.
///
/// # Errors
/// [`model::services::Error::Exists`], and what is wrong with the name and the tags.
pub fn create<S: Shape + Default>(
    model: &mut Model,
    caller: &Caller,
    (thing, name): (Thing, &str),
    told: &S,
    tags: Tags,
) -> Result<ServiceEntry> {
    model.create_service_entry(caller, (thing, name, name), (None, said_over("", told)), tags)
}

/// The scope of an account's entries that are in no Region.
pub fn global(scope: &Scope) -> Scope {
    Scope { region: String::new(), ..scope.clone() }
}

/// Refuses an entry's new name if another entry has it.
///
/// # Errors
/// [`model::services::Error::Exists`]
pub fn check_free(model: &Model, scope: &Scope, (thing, name): (Thing, &str)) -> Result<()> {
    match model.service_entry(scope, thing, name) {
        Ok(_) => Err(Error::Exists { thing, name: name.to_owned() }),
        Err(_) => Ok(()),
    }
}

/// Renames an entry, whose ARN stays. Without a new name it stays as it is.
///
/// # Errors
/// [`model::services::Error::Exists`]
pub fn renamed(model: &mut Model, entry: ServiceEntry, new: Option<String>) -> Result<ServiceEntry> {
    let Some(name) = new.filter(|new| *new != entry.name) else { return Ok(entry) };
    check_free(model, &entry.scope, (entry.thing, &name))?;
    let entry = ServiceEntry { name, ..entry };
    model.keep_service_entry(entry.clone());
    Ok(entry)
}

/// The structure that a service returns for an entry.
pub fn told<S: Shape + Default>(entry: &ServiceEntry) -> S {
    said(&entry.told)
}

/// Changes the structure that a service returns for an entry. Returns the changed entry.
///
/// # Errors
/// [`model::services::Error::NotFound`], and the error of the change.
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
