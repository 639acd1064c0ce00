//! CIDR collections of Route 53: blocks of clients' addresses by location, which IP-based routing refers to.

use super::error::{RecordFault, Result, ZoneError};
use super::record_set::CidrRouting;
use crate::{Caller, Model, Row};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The most collections of an account (a quota of Route 53).
const COLLECTIONS: usize = 5;
/// The most blocks of a collection, and of a request (likewise).
const BLOCKS: usize = 1000;
/// The longest name of a collection, and of a location.
const LONGEST: (usize, usize) = (64, 16);

/// A CIDR collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CidrCollection {
    /// A UUID.
    pub id: String,
    /// The twelve digits of its account.
    pub account: String,
    /// Its name.
    pub name: String,
    /// The caller reference of the request that created it.
    pub reference: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// The location of each block.
    pub blocks: BTreeMap<IpNet, String>,
}

/// A change of a location of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CidrChange {
    /// The location.
    pub location: String,
    /// Whether the blocks are put there. Otherwise they are taken away.
    pub puts: bool,
    /// The blocks.
    pub blocks: Vec<String>,
}

impl Row for CidrCollection {
    fn id(&self) -> &str {
        &self.id
    }
}

impl CidrCollection {
    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:route53:::cidrcollection/{}", self.id)
    }

    /// Its locations, by name.
    pub fn locations(&self) -> BTreeSet<&str> {
        self.blocks.values().map(String::as_str).collect()
    }

    /// The location of the longest block that an address is in.
    pub fn location_of(&self, address: IpAddr) -> Option<&str> {
        let around = self.blocks.iter().filter(|(block, _)| block.contains(&address));
        around.max_by_key(|(block, _)| block.prefix_len()).map(|(_, location)| location.as_str())
    }

    fn remove(&mut self, change: &CidrChange) -> Result<()> {
        for block in blocks_of(change)? {
            if self.blocks.get(&block) == Some(&change.location) {
                self.blocks.remove(&block);
            }
        }
        Ok(())
    }

    fn put(&mut self, change: &CidrChange) -> Result<()> {
        for block in blocks_of(change)? {
            let before = self.blocks.insert(block, change.location.clone());
            if before.is_some_and(|before| before != change.location) {
                return Err(ZoneError::CidrBlockInUse { block });
            }
        }
        Ok(())
    }
}

/// The blocks of a change, with no bits beyond their prefixes.
fn blocks_of(change: &CidrChange) -> Result<Vec<IpNet>> {
    let read = |text: &String| {
        let block = text.parse::<IpNet>().ok().filter(|block| match block {
            IpNet::V4(block) => (1..=24).contains(&block.prefix_len()),
            IpNet::V6(block) => (1..=48).contains(&block.prefix_len()),
        });
        block.map(|block| block.trunc()).ok_or_else(|| ZoneError::NoCidrBlock { block: text.clone() })
    };
    change.blocks.iter().map(read).collect()
}

fn check_name(name: &str, longest: usize) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    match (1..=longest).contains(&name.len()) && name.bytes().all(fits) {
        true => Ok(()),
        false => Err(ZoneError::BadCidrName { name: name.to_owned(), longest }),
    }
}

impl Model {
    /// CreateCidrCollection. A request that is repeated returns the collection that it created.
    ///
    /// # Errors
    /// If the name is invalid or taken, or if there are too many.
    pub fn create_cidr_collection(
        &mut self,
        caller: &Caller,
        name: String,
        reference: String,
    ) -> Result<CidrCollection> {
        let account = caller.scope.account.clone();
        check_name(&name, LONGEST.0)?;
        if let Some(same) = self.cidr_collections_of(&account).find(|one| one.name == name) {
            let is_repeated = same.reference == reference;
            return if is_repeated { Ok(same.clone()) } else { Err(ZoneError::CidrCollectionAlreadyExists { name }) };
        }
        if self.cidr_collections_of(&account).count() >= COLLECTIONS {
            return Err(ZoneError::LimitsExceeded { what: "CIDR collections", most: COLLECTIONS });
        }
        let id = self.new_uuid();
        let new = CidrCollection { id, account, name, reference, version: 1, blocks: BTreeMap::new() };
        self.cidr_collections.insert(new.clone());
        Ok(new)
    }

    /// The CIDR collection with that id.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchCidrCollection`]
    pub fn cidr_collection(&self, account: &str, id: &str) -> Result<&CidrCollection> {
        let found = self.cidr_collections.get(id).filter(|one| one.account == account);
        found.ok_or_else(|| ZoneError::NoSuchCidrCollection { id: id.to_owned() })
    }

    /// The CIDR collections of an account, by id.
    pub fn cidr_collections_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m CidrCollection> {
        self.cidr_collections.iter().filter(move |one| one.account == account)
    }

    /// ChangeCidrCollection: all changes or none. Blocks are taken away before others are put, so that one request can
    /// move a block.
    ///
    /// # Errors
    /// If there is no such collection, if it has another version, if a block is invalid or taken, if a location that
    /// records refer to would have none left, or if there are too many.
    pub fn change_cidr_collection(
        &mut self,
        caller: &Caller,
        id: &str,
        version: Option<i64>,
        changes: &[CidrChange],
    ) -> Result<()> {
        let before = self.cidr_collection(&caller.scope.account, id)?;
        if version.is_some_and(|version| version != before.version) {
            return Err(ZoneError::CidrCollectionVersionMismatch { version: before.version });
        }
        let mut after = before.clone();
        let limit = || ZoneError::LimitsExceeded { what: "CIDR blocks", most: BLOCKS };
        if changes.iter().map(|change| change.blocks.len()).sum::<usize>() > BLOCKS {
            return Err(limit());
        }
        changes.iter().try_for_each(|change| check_name(&change.location, LONGEST.1))?;
        changes.iter().filter(|change| !change.puts).try_for_each(|change| after.remove(change))?;
        changes.iter().filter(|change| change.puts).try_for_each(|change| after.put(change))?;
        if after.blocks.len() > BLOCKS {
            return Err(limit());
        }
        let locations = after.locations();
        let is_missed = |cidr: &&CidrRouting| !cidr.is_default() && !locations.contains(cidr.location.as_str());
        if let Some(CidrRouting { location, .. }) = self.routings_by(id).find(is_missed) {
            return Err(ZoneError::CidrLocationInUse { location: location.clone() });
        }
        after.version += 1;
        self.cidr_collections.insert(after);
        Ok(())
    }

    /// DeleteCidrCollection: of one that is empty and that no records refer to.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchCidrCollection`], [`ZoneError::CidrCollectionInUse`].
    pub fn delete_cidr_collection(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let is_empty = self.cidr_collection(&caller.scope.account, id)?.blocks.is_empty();
        if !is_empty || self.routings_by(id).next().is_some() {
            return Err(ZoneError::CidrCollectionInUse {});
        }
        self.cidr_collections.remove(id);
        Ok(())
    }

    /// The references of records to a collection.
    fn routings_by<'m>(&'m self, id: &'m str) -> impl Iterator<Item = &'m CidrRouting> {
        let sets = self.hosted_zones.iter().flat_map(|zone| zone.records.values());
        sets.filter_map(|set| set.cidr.as_ref()).filter(move |cidr| cidr.collection == id)
    }

    /// The fault of a reference to a location, which must be one of a collection's or the default one.
    pub(super) fn fault_of_cidr(&self, account: &str, cidr: &CidrRouting) -> Option<RecordFault> {
        let CidrRouting { collection, location } = cidr.clone();
        match self.cidr_collection(account, &collection) {
            Err(_) => Some(RecordFault::NoCidrCollection { id: collection }),
            Ok(found) if cidr.is_default() || found.locations().contains(location.as_str()) => None,
            Ok(_) => Some(RecordFault::NoCidrLocation { collection, location }),
        }
    }
}
