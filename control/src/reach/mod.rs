//! Which hosts reach which, for every service.
//!
//! Each answer is the dataplane's own, as `why` gets it ([`Engine::explain`]), on the model's compiled tables. One host
//! answers for all that the tables do not distinguish from it (`likeness`), and one port likewise (`service`).

mod difference;
mod likeness;
mod rows;
mod selection;
mod service;

#[cfg(test)]
mod tests;

pub use difference::{Access, Difference, difference};
pub use rows::Rows;
pub use service::{Service, distinct_services, merged, parts};

use crate::compile::Compiler;
use crate::explain::names::{Names, Reach};
use crate::explain::{destinations, first_packet, from_ports, other_client_ports, shell_word};
use dataplane::environment::Environment;
use dataplane::packet::VirtioHeader;
use dataplane::pipeline::{Engine, Outcome, Packet};
use dataplane::policy::Snapshot;
use likeness::groups;
use model::Model;
use selection::Selection;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use wire::{Change, Drop, DropReason, Explanation, FiveTuple, PortId, Step, Update};

/// How many pairs of groups a thread takes at a time.
const PAIRS: usize = 64;

/// Why a matrix cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// No running host is meant by this word.
    #[error(
        "nothing that runs is called {word}: give the id or Name of an instance or of what has one (a security group, a subnet, a VPC, …), a \
         service's resource, tag:KEY=VALUE, a CIDR block, an account, a Region, `classic`, `internet` or `on-premises`",
        word = shell_word(.0)
    )]
    Unknown(String),
    /// The compiled tables are invalid, which is a bug in the compiler.
    #[error("the tables cannot be used: {0}")]
    Tables(#[from] dataplane::policy::ApplyError),
    /// There is no memory for the engine.
    #[error("there is not enough memory: {0}")]
    Memory(#[from] io::Error),
}

/// The result for a first packet and its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both arrive.
    Open,
    /// The packet or its reply arrives at another host: a middlebox, or one with the same address.
    Elsewhere,
    /// The packet or its reply is dropped.
    Dropped(DropReason),
    /// The hosts have no addresses for it.
    NoAddress,
}

impl Verdict {
    /// The result in a word: `open`, or the obstacle.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Elsewhere => "elsewhere",
            Self::Dropped(reason) => reason.name(),
            Self::NoAddress => "no-address",
        }
    }
}

/// A host as its users know it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct HostName {
    /// An instance's id, or a host's name.
    pub id: String,
    /// An instance's Name tag.
    pub name: Option<String>,
}

/// A model's compiled tables in an engine.
pub struct Network<'m> {
    model: &'m Model,
    names: Names<'m>,
    changes: Vec<Change>,
    engine: Engine,
    hosts: Vec<Host>,
    /// Ports from which clients may be answered differently than from the usual one.
    client_ports: Vec<u16>,
}

/// A host and its addresses.
struct Host {
    name: HostName,
    addresses: Vec<(Reach, Ipv4Addr)>,
}

/// The matrix of senders and receivers.
pub struct Matrix {
    /// All hosts.
    pub hosts: Vec<HostName>,
    /// The services.
    pub services: Vec<Service>,
    /// The senders, in groups of alike hosts.
    pub from: Vec<Vec<usize>>,
    /// The receivers, in groups of alike hosts.
    pub to: Vec<Vec<usize>>,
    /// Results by sender, receiver and service. `None` between a host and itself.
    cells: Vec<Option<Verdict>>,
}

/// A model's compiled tables, and an engine that has them.
///
/// # Errors
/// [`ReachError::Tables`], [`ReachError::Memory`].
pub(crate) fn compiled(model: &Model) -> Result<(Vec<Change>, Engine), ReachError> {
    let update = Update { version: 1, whole: true, changes: Compiler::whole(model).1.whole() };
    let engine = Engine::new(1, Environment::system())?;
    engine.publish(Arc::new(Snapshot::empty().apply(&update)?));
    Ok((update.changes, engine))
}

impl<'m> Network<'m> {
    /// Compiles a model.
    ///
    /// # Errors
    /// [`ReachError::Tables`], [`ReachError::Memory`].
    pub fn of(model: &'m Model) -> Result<Self, ReachError> {
        let (changes, engine) = compiled(model)?;
        let names = Names::of(model);
        let instances = model.instances.iter().filter(|instance| instance.is_on());
        let instances = instances.map(|instance| (instance.id.clone(), instance.tags.get("Name").cloned()));
        let outside = model.hosts.iter().map(|host| (host.name.clone(), None));
        let managed = model.managed_hosts.iter().filter(|host| host.is_on()).map(|host| (host.id.clone(), None));
        let host = |(id, name): (String, Option<String>)| {
            let addresses = names.addresses(&id);
            Host { name: HostName { id, name }, addresses }
        };
        let hosts = instances.chain(outside).chain(managed).map(host).collect();
        Ok(Self { model, names, changes, engine, hosts, client_ports: other_client_ports(model) })
    }

    /// The compiled tables.
    pub fn tables(&self) -> &[Change] {
        &self.changes
    }

    /// The path of a first packet and of its reply.
    pub fn explain(&self, port: PortId, packet: FiveTuple) -> Explanation {
        self.engine.explain(port, packet)
    }

    /// Why a packet that comes first is dropped, as it left its host.
    pub fn drop(&self, port: PortId, virtio: &VirtioHeader, mut bytes: Vec<u8>) -> Option<Drop> {
        let batch = self.engine.batch();
        let (parsed, offload) = match batch.parse_offloaded(port, virtio, &mut bytes) {
            Ok(parsed) => parsed,
            Err(drop) => return Some(drop),
        };
        bytes.truncate(parsed.length());
        let (partial_checksum, segment_size) = (offload.needs_checksum(), offload.segment_size());
        let mut packet = Packet { bytes: &mut bytes, partial_checksum, segment_size };
        match batch.process_parsed(port, &parsed, &mut packet) {
            Outcome::Drop { drop, .. } => Some(drop),
            Outcome::Forward { .. } => None,
        }
    }

    /// A port's host and the index of its interface.
    pub fn interface(&self, port: PortId) -> Option<(String, u16)> {
        self.engine.snapshot().port(port).map(|port| (port.host.clone(), port.interface))
    }

    /// All hosts.
    pub fn hosts(&self) -> impl Iterator<Item = &HostName> {
        self.hosts.iter().map(|host| &host.name)
    }

    /// The ids of the hosts that any of these words means. `None` without words, which means all hosts.
    ///
    /// # Errors
    /// [`ReachError::Unknown`] if a word means none.
    pub fn meant(&self, words: &[String]) -> Result<Option<BTreeSet<String>>, ReachError> {
        let mut all = BTreeSet::new();
        for word in words {
            let selection = Selection::of(self.model, word);
            let found: Vec<&Host> = self.hosts.iter().filter(|host| selection.has(host)).collect();
            if found.is_empty() {
                return Err(ReachError::Unknown(word.clone()));
            }
            all.extend(found.into_iter().map(|host| host.name.id.clone()));
        }
        Ok((!words.is_empty()).then_some(all))
    }

    /// Computes the matrix of services between hosts. Without named hosts it has all.
    pub fn matrix(
        &self,
        from: Option<&BTreeSet<String>>,
        to: Option<&BTreeSet<String>>,
        services: Vec<Service>,
    ) -> Matrix {
        let groups = groups(self);
        let chosen = |chosen: Option<&BTreeSet<String>>| -> Vec<Vec<usize>> {
            let is_chosen = |host: &usize| chosen.is_none_or(|ids| ids.contains(&self.hosts[*host].name.id));
            let members = groups.iter().map(|group| group.iter().copied().filter(is_chosen).collect::<Vec<_>>());
            members.filter(|members| !members.is_empty()).collect()
        };
        let (from, to) = (chosen(from), chosen(to));
        let cells = self.ask(&from, &to, &services);
        Matrix { hosts: self.hosts.iter().map(|host| host.name.clone()).collect(), services, from, to, cells }
    }

    /// Computes every pair of groups, on all processors.
    fn ask(&self, from: &[Vec<usize>], to: &[Vec<usize>], services: &[Service]) -> Vec<Option<Verdict>> {
        let pairs: Vec<_> = from.iter().flat_map(|from| to.iter().map(move |to| different(from, to))).collect();
        let mut cells = vec![None; pairs.len() * services.len()];
        if cells.is_empty() {
            return cells;
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let portions = pairs.chunks(PAIRS).zip(cells.chunks_mut(PAIRS * services.len()));
        let portions = std::sync::Mutex::new(portions);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    // The next portion is taken under the lock and computed outside it.
                    let next = || portions.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
                    while let Some((pairs, cells)) = next() {
                        for (pair, cells) in pairs.iter().zip(cells.chunks_mut(services.len())) {
                            let Some((from, to)) = *pair else { continue };
                            self.verdicts(from, to, services)
                                .zip(cells)
                                .for_each(|(verdict, cell)| *cell = Some(verdict));
                        }
                    }
                });
            }
        });
        cells
    }

    /// The results for each service between two hosts.
    fn verdicts<'a>(&'a self, from: usize, to: usize, services: &'a [Service]) -> impl Iterator<Item = Verdict> + 'a {
        let (from, to) = (&self.hosts[from], &self.hosts[to]);
        let ways = destinations(&from.addresses, to.addresses.clone()).into_iter();
        let ways: Vec<(PortId, Ipv4Addr, Ipv4Addr)> = ways
            .filter_map(|address| {
                let (port, source) = self.names.leaves_by(&from.name.id, address, None)?;
                Some((port, source, address))
            })
            .collect();
        services.iter().map(move |service| {
            let mut first = None;
            for (port, source, address) in &ways {
                let packet = first_packet(*source, *address, service.traffic());
                match self.verdict_of_every_port(*port, packet, &from.name.id, &to.name.id) {
                    Verdict::Open => return Verdict::Open,
                    other => first = first.or(Some(other)),
                }
            }
            first.unwrap_or(Verdict::NoAddress)
        })
    }

    /// The result of a first packet: open only if it is from every port of the client.
    fn verdict_of_every_port(&self, port: PortId, packet: FiveTuple, from: &str, to: &str) -> Verdict {
        let of = |packet| self.verdict(&self.engine.explain(port, packet), from, to);
        match of(packet) {
            Verdict::Open => {
                let mut others = from_ports(packet, &self.client_ports).map(of);
                others.find(|verdict| *verdict != Verdict::Open).unwrap_or(Verdict::Open)
            }
            other => other,
        }
    }

    fn verdict(&self, explanation: &Explanation, from: &str, to: &str) -> Verdict {
        for step in explanation.there.iter().chain(explanation.back.iter().flatten()) {
            if let Step::Dropped(drop) = step {
                return Verdict::Dropped(drop.reason);
            }
        }
        let snapshot = self.engine.snapshot();
        let is_at = |receiver: Option<(PortId, _)>, host: &str| {
            receiver.and_then(|(port, _)| snapshot.port(port)).is_some_and(|port| port.host == host)
        };
        match is_at(explanation.arrives_at(), to) && is_at(explanation.reply_arrives_at(), from) {
            true => Verdict::Open,
            false => Verdict::Elsewhere,
        }
    }
}

/// Two different hosts, one of each group, if there are two.
fn different(from: &[usize], to: &[usize]) -> Option<(usize, usize)> {
    let first = *from.first()?;
    match to.iter().find(|host| **host != first) {
        Some(other) => Some((first, *other)),
        // The receiver's group has only this host. Another host may be the sender.
        None => Some((*from.iter().find(|host| **host != first)?, first)),
    }
}

impl Matrix {
    /// The results between two groups. `None` if both are the same single host.
    pub fn between(&self, from: usize, to: usize) -> Option<Vec<Verdict>> {
        let start = (from * self.to.len() + to) * self.services.len();
        self.cells.get(start..start + self.services.len())?.iter().copied().collect()
    }

    /// Every two groups.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.from.len()).flat_map(|from| (0..self.to.len()).map(move |to| (from, to)))
    }

    /// The services that are open between two groups, with adjacent port ranges merged.
    pub fn open(&self, from: usize, to: usize) -> Vec<Service> {
        let verdicts = self.between(from, to).unwrap_or_default();
        let open = self.services.iter().zip(verdicts).filter(|(_, verdict)| *verdict == Verdict::Open);
        merged(open.map(|(service, _)| *service))
    }
}
