//! Customer-managed prefix lists: named blocks for routes and rules. Every change of the blocks creates a version, and recent versions
//! can be restored.

use crate::collection::resource;
use crate::{
    Caller, Destination, Error, IdKind, Model, Result, RouteTable, RulePeer, Scope, SecurityGroup, Tags,
    TransitGatewayRouteTable, is_prefix_list, tags,
};
use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// How many entries a list may be made for (a quota of AWS).
const ENTRIES: usize = 1000;
/// How many versions are kept, the newest included. AWS keeps ten times as many.
const VERSIONS: usize = 100;
/// The longest description of an entry, in characters.
const DESCRIPTION: usize = 255;

/// A block of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixListEntry {
    /// The block.
    pub cidr: IpNet,
    /// Its description.
    pub description: Option<String>,
}

impl PrefixListEntry {
    fn destination(&self) -> Destination {
        match self.cidr {
            IpNet::V4(net) => Destination::V4(net),
            IpNet::V6(net) => Destination::V6(net),
        }
    }
}

/// The state of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrefixListState {
    /// It was created.
    Created,
    /// It was modified.
    Modified,
    /// An older version was restored.
    Restored,
    /// It could not be deleted, because it is in use.
    DeletionFailed,
}

/// A prefix list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixList {
    /// `pl-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its name; others may have the same.
    pub name: String,
    /// Whether its blocks are of IPv6.
    pub ipv6: bool,
    /// The most entries.
    pub max_entries: usize,
    /// The entries of the last versions, the newest last.
    pub versions: Vec<Vec<PrefixListEntry>>,
    /// The number of older versions that are no longer kept.
    #[serde(default)]
    pub dropped: usize,
    /// Its state.
    pub state: PrefixListState,
}

resource!(PrefixList, IdKind::PrefixList);

impl PrefixList {
    /// The number of the newest version; the first is 1.
    pub fn version(&self) -> usize {
        self.dropped + self.versions.len()
    }

    /// The entries of a version that is kept.
    pub fn entries_of(&self, version: usize) -> Option<&[PrefixListEntry]> {
        self.versions.get(version.checked_sub(self.dropped + 1)?).map(Vec::as_slice)
    }

    fn renew(&mut self, entries: Vec<PrefixListEntry>) {
        self.versions.push(entries);
        let too_many = self.versions.len().saturating_sub(VERSIONS);
        self.versions.drain(..too_many);
        self.dropped += too_many;
    }

    /// The entries.
    pub fn entries(&self) -> &[PrefixListEntry] {
        self.versions.last().map(Vec::as_slice).unwrap_or_default()
    }

    /// The blocks of IPv4.
    pub fn v4(&self) -> impl Iterator<Item = Ipv4Net> {
        self.entries().iter().filter_map(|entry| match entry.cidr {
            IpNet::V4(net) => Some(net),
            IpNet::V6(_) => None,
        })
    }
}

/// The parameters of CreateManagedPrefixList.
#[derive(Clone, Debug)]
pub struct NewPrefixList {
    /// See [`PrefixList`].
    pub name: String,
    /// See [`PrefixList`].
    pub ipv6: bool,
    /// See [`PrefixList`].
    pub max_entries: usize,
    /// The first version.
    pub entries: Vec<PrefixListEntry>,
    /// See [`PrefixList`].
    pub tags: Tags,
}

/// A change of a list.
#[derive(Clone, Debug, Default)]
pub struct PrefixListChange {
    /// The present version as the client knows it, which a change of entries needs.
    pub version: Option<usize>,
    /// The new name.
    pub name: Option<String>,
    /// New entries, or new descriptions of existing ones.
    pub add: Vec<PrefixListEntry>,
    /// The blocks to be removed.
    pub remove: Vec<IpNet>,
    /// The new maximum size.
    pub max_entries: Option<usize>,
}

fn check_name(name: &str) -> Result<()> {
    match (1..=255).contains(&name.len()) && !name.starts_with("com.amazonaws") {
        true => Ok(()),
        false => Err(Error::invalid("PrefixListName", name)),
    }
}

fn check_size(most: usize) -> Result<()> {
    if (1..=ENTRIES).contains(&most) { Ok(()) } else { Err(Error::invalid("MaxEntries", most)) }
}

fn check_entries(entries: &[PrefixListEntry], ipv6: bool, most: usize) -> Result<()> {
    if let Some(other) = entries.iter().find(|entry| matches!(entry.cidr, IpNet::V6(_)) != ipv6) {
        return Err(Error::BadCidr { name: "Cidr".into(), value: other.cidr.to_string() });
    }
    if entries.len() > most {
        return Err(Error::PrefixListFull { most });
    }
    check_each(entries)
}

/// Checks descriptions, and that no block occurs twice.
fn check_each(entries: &[PrefixListEntry]) -> Result<()> {
    let mut seen = HashSet::new();
    if let Some(twice) = entries.iter().find(|entry| !seen.insert(entry.cidr)) {
        return Err(Error::EntryTwice { cidr: twice.cidr.to_string() });
    }
    let mut descriptions = entries.iter().filter_map(|entry| entry.description.as_ref());
    match descriptions.find(|description| description.chars().count() > DESCRIPTION) {
        Some(long) => Err(Error::invalid("Description", long)),
        None => Ok(()),
    }
}

impl Model {
    /// Whether an account can use a prefix list: its own, or one of a service.
    pub(crate) fn knows_prefix_list(&self, scope: &Scope, id: &str) -> bool {
        is_prefix_list(&scope.region, id) || self.prefix_lists.find(scope, id).is_ok()
    }

    /// The number of rules or routes that a reference to a list counts for: its maximum size, or one for a list of a service.
    pub(crate) fn size_of_prefix_list(&self, id: &str) -> usize {
        self.prefix_lists.get(id).map_or(1, |list| list.max_entries)
    }

    /// Whether the blocks of a list are of IPv6.
    pub(crate) fn is_ipv6_list(&self, id: &str) -> bool {
        self.prefix_lists.get(id).is_some_and(|list| list.ipv6)
    }

    /// CreateManagedPrefixList.
    pub fn create_prefix_list(&mut self, caller: &Caller, new: NewPrefixList) -> Result<String> {
        check_name(&new.name)?;
        check_size(new.max_entries)?;
        check_entries(&new.entries, new.ipv6, new.max_entries)?;
        tags::check(&new.tags)?;
        let id = self.new_id(IdKind::PrefixList);
        self.prefix_lists.insert(PrefixList {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags: new.tags,
            name: new.name,
            ipv6: new.ipv6,
            max_entries: new.max_entries,
            versions: vec![new.entries],
            dropped: 0,
            state: PrefixListState::Created,
        });
        Ok(id)
    }

    /// ModifyManagedPrefixList: the name, and either the size or the entries.
    pub fn modify_prefix_list(&mut self, caller: &Caller, id: &str, change: PrefixListChange) -> Result<()> {
        let list = self.prefix_lists.find(&caller.scope, id)?;
        let (most, version) = (change.max_entries.unwrap_or(list.max_entries), list.version());
        check_size(most)?;
        change.name.iter().try_for_each(|name| check_name(name))?;
        let changes = !change.add.is_empty() || !change.remove.is_empty();
        match change.version {
            _ if changes && change.max_entries.is_some() => return Err(Error::SizeOrEntries {}),
            None if changes => return Err(Error::missing("CurrentVersion")),
            Some(known) if known != version => return Err(Error::PrefixListVersion {}),
            _ => {}
        }
        let mut entries = list.entries().to_vec();
        for gone in &change.remove {
            let place = entries.iter().position(|entry| entry.cidr == *gone);
            entries.remove(place.ok_or_else(|| Error::NoSuchEntry { cidr: gone.to_string(), list: id.to_owned() })?);
        }
        check_each(&change.add)?;
        for new in change.add {
            match entries.iter_mut().find(|entry| entry.cidr == new.cidr) {
                Some(entry) => *entry = new,
                None => entries.push(new),
            }
        }
        check_entries(&entries, list.ipv6, most)?;
        self.check_list_in_tables(id, &entries)?;
        let list = self.prefix_lists.find_mut(&caller.scope, id)?;
        list.max_entries = most;
        list.name = change.name.unwrap_or_else(|| list.name.clone());
        list.state = PrefixListState::Modified;
        if changes {
            list.renew(entries);
        }
        Ok(())
    }

    /// RestoreManagedPrefixListVersion: creates a version with the entries of an older one.
    pub fn restore_prefix_list(&mut self, caller: &Caller, id: &str, previous: usize, current: usize) -> Result<()> {
        let list = self.prefix_lists.find(&caller.scope, id)?;
        if list.version() != current {
            return Err(Error::PrefixListVersion {});
        }
        let entries = list.entries_of(previous).ok_or_else(|| Error::invalid("PreviousVersion", previous))?.to_vec();
        check_entries(&entries, list.ipv6, list.max_entries)?;
        self.check_list_in_tables(id, &entries)?;
        let list = self.prefix_lists.find_mut(&caller.scope, id)?;
        list.renew(entries);
        list.state = PrefixListState::Restored;
        Ok(())
    }

    /// DeleteManagedPrefixList. A list that a route or rule names is refused. Returns the list.
    pub fn delete_prefix_list(&mut self, caller: &Caller, id: &str) -> Result<PrefixList> {
        let list = self.prefix_lists.find(&caller.scope, id)?.clone();
        if self.users_of_prefix_list(id).is_empty() {
            self.prefix_lists.remove(id);
        } else {
            self.prefix_lists.find_mut(&caller.scope, id)?.state = PrefixListState::DeletionFailed;
        }
        Ok(list)
    }

    /// The route tables, of VPCs and of transit gateways, and groups that name a list.
    pub fn users_of_prefix_list(&self, id: &str) -> Vec<String> {
        let names = |group: &SecurityGroup| {
            group.rules.iter().any(|rule| matches!(&rule.peer, RulePeer::PrefixList(list) if list == id))
        };
        let groups = self.security_groups.iter().filter(|group| names(group)).map(|group| group.id.clone());
        let refers = |table: &TransitGatewayRouteTable| table.references.iter().any(|reference| reference.list == id);
        let of_transit = self.transit_route_tables.iter().filter(|table| refers(table)).map(|table| table.id.clone());
        self.tables_with_list(id).map(|table| table.id.clone()).chain(of_transit).chain(groups).collect()
    }

    fn tables_with_list<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a RouteTable> {
        let leads = move |table: &RouteTable| {
            table.routes.iter().any(|route| matches!(&route.destination, Destination::PrefixList(list) if list == id))
        };
        self.route_tables.iter().filter(move |table| leads(table))
    }

    /// Checks that a list does not lead addresses of ClassicLink's range elsewhere (M17), in any table.
    fn check_list_in_tables(&self, id: &str, entries: &[PrefixListEntry]) -> Result<()> {
        self.tables_with_list(id).try_for_each(|table| check_list_in(table, entries))
    }
}

/// Checks that a list does not lead addresses of ClassicLink's range elsewhere (M17), in one table.
pub(crate) fn check_list_in(table: &RouteTable, entries: &[PrefixListEntry]) -> Result<()> {
    entries.iter().try_for_each(|entry| table.refuse_inside_classic_link(&entry.destination()))
}
