//! One version of all tables, compiled and immutable. The next version shares what did not change.

use super::address_map::AddressMap;
use super::id_map::IdMap;
use super::rules::RuleSet;
use prefix_trie::PrefixMap;
use thiserror::Error;
use wire::*;

/// Why an update cannot be applied. The tables stay as they were.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ApplyError {
    /// An attachment's port does not exist.
    #[error("{attachment} is of {port}, which does not exist: set the port first")]
    NoSuchPort {
        /// The attachment.
        attachment: AttachmentId,
        /// The port that it names.
        port: PortId,
    },
    /// A port would have two attachments in one VRF.
    #[error("{port} has {first} in {vrf} already: it cannot have {second} there too")]
    TwoInOneVrf {
        /// The port.
        port: PortId,
        /// The VRF.
        vrf: VrfId,
        /// The attachment that the port has there.
        first: AttachmentId,
        /// The attachment that was to be added.
        second: AttachmentId,
    },
    /// An attachment without an address.
    #[error("{0} has no address")]
    NoAddress(AttachmentId),
    /// Two routes of one table for the same destinations.
    #[error("{table} has two routes for {prefix}")]
    TwoRoutes {
        /// The table.
        table: TableId,
        /// The destinations.
        prefix: Prefix,
    },
}

/// A port and its attachments.
#[derive(Clone, Debug)]
pub struct PortEntry {
    /// The port.
    pub port: Port,
    /// Its attachments, each with its VRF.
    pub attachments: Few<(VrfId, AttachmentId)>,
}

/// A filter, compiled.
#[derive(Clone, Debug)]
pub struct FilterEntry {
    /// Rules for packets to the attachment.
    pub ingress: RuleSet,
    /// Rules for packets from the attachment.
    pub egress: RuleSet,
}

/// Tables with at most this many ports fit in a processor's caches.
const SMALL: usize = 1024;

/// One version of all tables.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    version: u64,
    ports: IdMap<PortEntry>,
    attachments: IdMap<Attachment>,
    vrfs: IdMap<AddressMap>,
    tables: IdMap<PrefixMap<Prefix, Route>>,
    filters: IdMap<FilterEntry>,
    segments: IdMap<Segment>,
    acls: IdMap<Acl>,
    nats: IdMap<Nat>,
    /// How many attachments are accounted.
    accounted: usize,
    impairments: IdMap<Impairments>,
    /// Each port's impaired paths, those with the higher precedence first.
    paths: IdMap<Vec<(FarEnd, Impairments)>>,
}

impl Snapshot {
    /// Empty tables of version 0.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The tables after an update.
    ///
    /// # Errors
    /// [`ApplyError`] if the changes contradict each other or this version.
    pub fn apply(&self, update: &Update) -> Result<Self, ApplyError> {
        let mut next = if update.whole { Self::empty() } else { self.clone() };
        next.version = update.version;
        for change in &update.changes {
            next.change(change)?;
        }
        Ok(next)
    }

    /// The version's number.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether the tables are larger than the processor's caches.
    pub fn is_large(&self) -> bool {
        self.ports.capacity() > SMALL
    }

    /// A port.
    pub fn port(&self, id: PortId) -> Option<&Port> {
        self.ports.get(id.0).map(|entry| &entry.port)
    }

    /// All ports.
    pub fn ports(&self) -> impl Iterator<Item = (PortId, &Port)> {
        self.ports.iter().map(|(id, entry)| (PortId(id), &entry.port))
    }

    /// An attachment.
    pub fn attachment(&self, id: AttachmentId) -> Option<&Attachment> {
        self.attachments.get(id.0)
    }

    /// Whether any attachment is accounted.
    pub fn has_accounting(&self) -> bool {
        self.accounted > 0
    }

    /// Whether any port or path is impaired.
    pub fn has_impairments(&self) -> bool {
        !self.impairments.is_empty() || !self.paths.is_empty()
    }

    /// Whether a port, or the path between it and a peer, is impaired.
    pub fn is_impaired(&self, port: PortId) -> bool {
        self.impairments.get(port.0).is_some() || self.paths.get(port.0).is_some()
    }

    /// A port's impairments.
    pub fn impairments(&self, port: PortId) -> Option<&Impairments> {
        self.impairments.get(port.0)
    }

    /// The impairments of the path between a port and the host of `other`, which the port's host sees at this address.
    /// Of several far ends that match, the one with the highest precedence applies.
    pub fn path_between(&self, port: PortId, other: PortId, address: Address) -> Option<(FarEnd, &Impairments)> {
        let matches = |peer: FarEnd| match peer {
            FarEnd::Port(port) => port == other,
            FarEnd::Net(net) => net.contains(&address),
        };
        self.paths.get(port.0)?.iter().find(|(peer, _)| matches(*peer)).map(|(peer, there)| (*peer, there))
    }

    /// The impairments of the path between a port and exactly this far end.
    pub fn path_to(&self, port: PortId, peer: FarEnd) -> Option<&Impairments> {
        self.paths.get(port.0)?.iter().find(|(other, _)| *other == peer).map(|(_, there)| there)
    }

    /// A port's attachment in a VRF.
    pub fn attachment_in(&self, port: PortId, vrf: VrfId) -> Option<AttachmentId> {
        let entry = self.ports.get(port.0)?;
        entry.attachments.iter().find(|(at, _)| *at == vrf).map(|(_, id)| *id)
    }

    /// A port's attachments.
    pub fn attachments_of(&self, port: PortId) -> impl Iterator<Item = (AttachmentId, &Attachment)> {
        let entries = self.ports.get(port.0).map_or(&[][..], |entry| &entry.attachments);
        entries.iter().filter_map(|(_, id)| Some((*id, self.attachment(*id)?)))
    }

    /// The endpoint that has an address in a VRF.
    pub fn endpoint(&self, vrf: VrfId, address: Address) -> Option<Endpoint> {
        self.vrfs.get(vrf.0)?.get(address)
    }

    /// The route to a destination: the one with the longest prefix.
    pub fn route(&self, table: TableId, destination: Address) -> Option<&Route> {
        self.tables.get(table.0)?.get_lpm(&Prefix::from(destination)).map(|(_, route)| route)
    }

    /// A filter.
    pub fn filter(&self, id: FilterId) -> Option<&FilterEntry> {
        self.filters.get(id.0)
    }

    /// A segment.
    pub fn segment(&self, id: SegmentId) -> Option<&Segment> {
        self.segments.get(id.0)
    }

    /// A stateless rule list, its rules in the order in which they are tried.
    pub fn acl(&self, id: AclId) -> Option<&Acl> {
        self.acls.get(id.0)
    }

    /// A NAT.
    pub fn nat(&self, id: NatId) -> Option<&Nat> {
        self.nats.get(id.0)
    }

    fn change(&mut self, change: &Change) -> Result<(), ApplyError> {
        match change {
            Change::Set(entry) => self.set(entry),
            Change::Remove(key) => {
                self.remove(*key);
                Ok(())
            }
        }
    }

    fn set(&mut self, entry: &Entry) -> Result<(), ApplyError> {
        match entry {
            Entry::Port(id, port) => {
                let attachments = self.ports.get(id.0).map_or(Few::new(), |entry| entry.attachments.clone());
                self.ports.insert(id.0, PortEntry { port: port.clone(), attachments });
            }
            Entry::Attachment(id, attachment) => self.set_attachment(*id, attachment)?,
            Entry::Address(vrf, address, endpoint) => self.vrfs.or_default(vrf.0).insert(*address, *endpoint),
            Entry::Table(id, routes) => {
                let mut table = PrefixMap::new();
                for route in routes {
                    let prefix = route.prefix.trunc();
                    if table.insert(prefix, Route { prefix, ..*route }).is_some() {
                        return Err(ApplyError::TwoRoutes { table: *id, prefix });
                    }
                }
                self.tables.insert(id.0, table);
            }
            Entry::Filter(id, filter) => {
                let (ingress, egress) = (RuleSet::new(&filter.ingress), RuleSet::new(&filter.egress));
                self.filters.insert(id.0, FilterEntry { ingress, egress });
            }
            Entry::Segment(id, segment) => self.segments.insert(id.0, *segment),
            Entry::Acl(id, acl) => {
                let mut acl = acl.clone();
                acl.ingress.sort_by_key(|rule| rule.number);
                acl.egress.sort_by_key(|rule| rule.number);
                self.acls.insert(id.0, acl);
            }
            Entry::Nat(id, nat) => self.nats.insert(id.0, *nat),
            Entry::Impairments(port, impairments) => self.impairments.insert(port.0, *impairments),
            Entry::Path(port, peer, impairments) => self.set_path(*port, *peer, *impairments),
        }
        Ok(())
    }

    fn remove(&mut self, key: Key) {
        match key {
            Key::Port(id) => self.ports.remove(id.0),
            Key::Attachment(id) => self.remove_attachment(id),
            Key::Address(vrf, address) => self.remove_address(vrf, address),
            Key::Table(id) => self.tables.remove(id.0),
            Key::Filter(id) => self.filters.remove(id.0),
            Key::Segment(id) => self.segments.remove(id.0),
            Key::Acl(id) => self.acls.remove(id.0),
            Key::Nat(id) => self.nats.remove(id.0),
            Key::Impairments(port) => self.impairments.remove(port.0),
            Key::Path(port, peer) => self.remove_path(port, peer),
        }
    }

    fn set_path(&mut self, port: PortId, peer: FarEnd, impairments: Impairments) {
        self.remove_path(port, peer);
        let mut paths = self.paths.get(port.0).cloned().unwrap_or_default();
        paths.push((peer, impairments));
        paths.sort_by_key(|(peer, _)| std::cmp::Reverse((peer.precedence(), *peer)));
        self.paths.insert(port.0, paths);
    }

    fn remove_path(&mut self, port: PortId, peer: FarEnd) {
        let Some(paths) = self.paths.get(port.0) else { return };
        let rest: Vec<_> = paths.iter().filter(|(other, _)| *other != peer).copied().collect();
        if rest.is_empty() { self.paths.remove(port.0) } else { self.paths.insert(port.0, rest) }
    }

    fn remove_address(&mut self, vrf: VrfId, address: Address) {
        let addresses = self.vrfs.or_default(vrf.0);
        addresses.remove(address);
        if addresses.is_empty() {
            self.vrfs.remove(vrf.0);
        }
    }

    fn set_attachment(&mut self, id: AttachmentId, attachment: &Attachment) -> Result<(), ApplyError> {
        if attachment.addresses.is_empty() {
            return Err(ApplyError::NoAddress(id));
        }
        self.remove_attachment(id);
        let (port, vrf) = (attachment.port, attachment.vrf);
        let mut entry = self.ports.get(port.0).cloned().ok_or(ApplyError::NoSuchPort { attachment: id, port })?;
        if let Some((_, first)) = entry.attachments.iter().find(|(at, _)| *at == vrf) {
            return Err(ApplyError::TwoInOneVrf { port, vrf, first: *first, second: id });
        }
        entry.attachments.push((vrf, id));
        self.ports.insert(port.0, entry);
        self.attachments.insert(id.0, attachment.clone());
        self.accounted += usize::from(attachment.accounted);
        Ok(())
    }

    fn remove_attachment(&mut self, id: AttachmentId) {
        let Some((port, accounted)) = self.attachment(id).map(|there| (there.port, there.accounted)) else { return };
        self.accounted -= usize::from(accounted);
        if let Some(entry) = self.ports.get(port.0) {
            let mut entry = entry.clone();
            entry.attachments.retain(|(_, of)| *of != id);
            self.ports.insert(port.0, entry);
        }
        self.attachments.remove(id.0);
    }
}
