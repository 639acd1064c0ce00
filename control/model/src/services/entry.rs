//! Entries: resources that a service stores and returns, such as subscriptions, proxies and users. They have no effect on the network,
//! except custom endpoints of clusters, which name members.

use super::{Error, Result, Thing};
use crate::{Caller, Model, Row, Scope, Tags, Time, check_tags};
use serde::{Deserialize, Serialize};

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEntry {
    /// Its ARN.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its kind.
    pub thing: Thing,
    /// Its name.
    pub name: String,
    /// The time of its creation.
    pub created: Time,
    /// The id of the resource that it belongs to. Several ids are separated by spaces.
    pub of: Option<String>,
    /// The structure that its service returns, as JSON of the API.
    pub told: String,
}

impl Row for ServiceEntry {
    fn id(&self) -> &str {
        &self.id
    }
}

/// The part of a custom endpoint's structure that selects members.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CustomEndpoint {
    custom_endpoint_type: String,
    static_members: Vec<String>,
    excluded_members: Vec<String>,
}

impl ServiceEntry {
    /// Whether a custom endpoint includes a member of its cluster: a listed one, or any that is not excluded. An endpoint for readers
    /// does not include the writer.
    pub(super) fn admits(&self, member: &str, writes: bool) -> bool {
        let endpoint: CustomEndpoint = serde_json::from_str(&self.told).unwrap_or_default();
        let has = |list: &[String]| list.iter().any(|name| name.eq_ignore_ascii_case(member));
        let is_listed = match endpoint.static_members.is_empty() {
            true => !has(&endpoint.excluded_members),
            false => has(&endpoint.static_members),
        };
        is_listed && !(writes && endpoint.custom_endpoint_type == "READER")
    }
}

impl Model {
    /// The entry with that name, or ARN.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn service_entry(&self, scope: &Scope, thing: Thing, name: &str) -> Result<&ServiceEntry> {
        let is_it = |entry: &&ServiceEntry| {
            entry.thing == thing && entry.scope == *scope && (entry.name.eq_ignore_ascii_case(name) || entry.id == name)
        };
        self.service_entries.iter().find(is_it).ok_or_else(|| Error::NotFound { thing, name: name.to_owned() })
    }

    /// All entries of a kind, by id.
    pub fn service_entries_of<'a>(&'a self, scope: &'a Scope, thing: Thing) -> impl Iterator<Item = &'a ServiceEntry> {
        self.service_entries.iter().filter(move |row| row.thing == thing && row.scope == *scope)
    }

    /// Creates an entry. `in_arn` is its name in its ARN.
    ///
    /// # Errors
    /// [`Error::Exists`], and what is wrong with the tags.
    pub fn create_service_entry(
        &mut self,
        caller: &Caller,
        (thing, name, in_arn): (Thing, &str, &str),
        (of, told): (Option<String>, String),
        tags: Tags,
    ) -> Result<ServiceEntry> {
        if self.service_entry(&caller.scope, thing, name).is_ok() {
            return Err(Error::Exists { thing, name: name.to_owned() });
        }
        check_tags(&tags)?;
        let (id, scope) = (thing.arn(&caller.scope, in_arn), caller.scope.clone());
        let entry = ServiceEntry { id, scope, tags, thing, name: name.to_owned(), created: caller.now, of, told };
        self.service_entries.insert(entry.clone());
        Ok(entry)
    }

    /// Updates entries that refer to a deployment by its ARN. A retained backup is of a deployment that is gone, and stays as it is.
    pub fn entries_follow(&mut self, old: &str, new: &str) {
        let quoted = |id: &str| format!("\"{id}\"");
        let renamed =
            |of: &String| of.split(' ').map(|id| if id == old { new } else { id }).collect::<Vec<_>>().join(" ");
        let all = self.service_entries.iter().filter(|entry| entry.thing != Thing::AutomatedBackup);
        for entry in all.cloned().collect::<Vec<_>>() {
            let (of, told) = (entry.of.as_ref().map(renamed), entry.told.replace(&quoted(old), &quoted(new)));
            if of != entry.of || told != entry.told {
                self.keep_service_entry(ServiceEntry { of, told, ..entry });
            }
        }
    }

    /// Deletes the entries of a kind that are of something that is gone.
    pub fn forget_service_entries(&mut self, scope: &Scope, thing: Thing, of: &str) {
        let own = self.service_entries_of(scope, thing).filter(|entry| entry.of.as_deref() == Some(of));
        for id in own.map(|entry| entry.id.clone()).collect::<Vec<_>>() {
            self.service_entries.remove(&id);
        }
    }

    /// Stores a changed entry.
    pub fn keep_service_entry(&mut self, entry: ServiceEntry) {
        self.service_entries.insert(entry);
    }

    /// Deletes an entry; returns it as it was.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn delete_service_entry(&mut self, scope: &Scope, thing: Thing, name: &str) -> Result<ServiceEntry> {
        let id = self.service_entry(scope, thing, name)?.id.clone();
        self.service_entries.remove(&id).ok_or_else(|| Error::NotFound { thing, name: name.to_owned() })
    }
}
