//! The differences of two matrices of the same services: what a change opens and closes.

use super::{HostName, Matrix, Service, Verdict, merged};
use serde::Serialize;
use std::collections::BTreeMap;

/// Services between hosts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    /// The senders.
    pub from: Vec<HostName>,
    /// The receivers.
    pub to: Vec<HostName>,
    /// The services that opened or closed.
    pub services: Vec<Service>,
}

/// The difference that a change makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Access that works now and did not before.
    pub opened: Vec<Access>,
    /// Access that worked before and does not now.
    pub closed: Vec<Access>,
}

impl Difference {
    /// Whether nothing opened or closed.
    pub fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.closed.is_empty()
    }
}

/// Hosts that are alike in both matrices.
struct Joint {
    hosts: Vec<HostName>,
    before: Place,
    after: Place,
}

/// A host's groups in a matrix, as a sender and as a receiver.
type Place = (Option<usize>, Option<usize>);

/// The difference of two matrices of the same services. A host that is in only one of them reaches nothing in the
/// other.
pub fn difference(before: &Matrix, after: &Matrix) -> Difference {
    let joints = joints(before, after);
    let (mut opened, mut closed) = (Changes::default(), Changes::default());
    for (from, sender) in joints.iter().enumerate() {
        for (to, receiver) in joints.iter().enumerate() {
            if from == to && sender.hosts.len() < 2 {
                continue;
            }
            let was = verdicts(before, sender.before, receiver.before);
            let is = verdicts(after, sender.after, receiver.after);
            let changed = |wanted: bool| {
                let of = |service: usize| {
                    let open = |verdicts: &Option<Vec<Verdict>>| {
                        verdicts.as_ref().is_some_and(|all| all.get(service) == Some(&Verdict::Open))
                    };
                    open(&is) == wanted && open(&was) != wanted
                };
                let services = before.services.iter().enumerate().filter(|(index, _)| of(*index));
                merged(services.map(|(_, service)| *service))
            };
            opened.add(from, to, changed(true));
            closed.add(from, to, changed(false));
        }
    }
    Difference { opened: opened.accesses(&joints), closed: closed.accesses(&joints) }
}

fn verdicts(matrix: &Matrix, from: Place, to: Place) -> Option<Vec<Verdict>> {
    matrix.between(from.0?, to.1?)
}

fn joints(before: &Matrix, after: &Matrix) -> Vec<Joint> {
    let (was, is) = (places(before), places(after));
    let mut joints: BTreeMap<(Place, Place), Vec<HostName>> = BTreeMap::new();
    let names: BTreeMap<&str, &HostName> =
        before.hosts.iter().chain(&after.hosts).map(|host| (host.id.as_str(), host)).collect();
    let ids = was.keys().chain(is.keys().filter(|id| !was.contains_key(*id)));
    for id in ids {
        let place = |places: &BTreeMap<&str, Place>| places.get(id).copied().unwrap_or_default();
        joints.entry((place(&was), place(&is))).or_default().extend(names.get(id).map(|name| (*name).clone()));
    }
    joints.into_iter().map(|((before, after), hosts)| Joint { hosts, before, after }).collect()
}

fn places(matrix: &Matrix) -> BTreeMap<&str, Place> {
    let mut places: BTreeMap<&str, Place> = BTreeMap::new();
    for (group, members) in matrix.from.iter().enumerate() {
        members.iter().for_each(|host| places.entry(&matrix.hosts[*host].id).or_default().0 = Some(group));
    }
    for (group, members) in matrix.to.iter().enumerate() {
        members.iter().for_each(|host| places.entry(&matrix.hosts[*host].id).or_default().1 = Some(group));
    }
    places
}

/// What opened, or what closed: the senders by receiver and services. Senders that have both in common are reported
/// together.
#[derive(Default)]
struct Changes(BTreeMap<(usize, Vec<Service>), Vec<usize>>);

impl Changes {
    fn add(&mut self, from: usize, to: usize, services: Vec<Service>) {
        if !services.is_empty() {
            self.0.entry((to, services)).or_default().push(from);
        }
    }

    fn accesses(self, joints: &[Joint]) -> Vec<Access> {
        let hosts = |joint: usize| joints[joint].hosts.clone();
        self.0
            .into_iter()
            .map(|((to, services), from)| Access {
                from: from.into_iter().flat_map(hosts).collect(),
                to: hosts(to),
                services,
            })
            .collect()
    }
}
