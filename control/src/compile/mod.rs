//! From the model to the dataplane's tables. Here, and only here, the cloud's words get their meaning for packets:
//!
//! - EC2-Classic is one address space a Region; every VPC is one, and has a second for *its* 10.0.0.0/8, in which the linked
//!   instances stand that it can see.
//! - A link is a second attachment of the instance's port: in the VPC's address space, under the link's groups. Its address stands
//!   in the second address space only, and only the tables of the VPC's own subnets lead there. That is all of "not transitive".
//! - A security group is a filter and a group of one number; a subnet is a segment and a route table of one number; the Internet is
//!   one address space with edges that translate 1:1.
//!
//! The tables are compiled piece by piece: each entry belongs to one [`Subject`]. What is read of the model for a subject is noted
//! while it is compiled, so a change concerns the subjects that have read what it touched ([`Compiler::concerned`]).

mod fabric;
mod instances;
mod managed;
mod nat;
mod outside;
mod platform;
mod routes;
pub(crate) mod rules;
mod sites;
mod transit;

#[cfg(test)]
pub(crate) mod tests;

use crate::tables::Tables;
use model::{Changes, Model, Read};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use wire::{Change, Entry, Key};

/// A piece of the model that has entries of its own in the tables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// What never changes: the Internet's and the Classic networks' own tables.
    Platform,
    /// A VPC: the route table of what is linked to it.
    Vpc(String),
    /// A subnet: its segment and route table.
    Subnet(String),
    /// A network ACL.
    Acl(String),
    /// A security group.
    Group(String),
    /// An instance: its port, its attachments, its addresses.
    Instance(String),
    /// A NAT gateway: its NAT and its address.
    NatGateway(String),
    /// A gateway endpoint: its NAT, its address, and its way on.
    Endpoint(String),
    /// A route table of a transit gateway.
    TransitTable(String),
    /// An attachment to a transit gateway: the route table for what it brings into its VPC.
    Entrance(String),
    /// A customer gateway: the route table of its site.
    Site(String),
    /// A host outside the cloud.
    Host(String),
    /// A host of a service: its port, its attachment, its addresses.
    ManagedHost(String),
}

/// The entries of a subject; `None` if it does not exist.
fn compile(model: &Model, subject: &Subject) -> Option<Vec<Entry>> {
    match subject {
        Subject::Platform => Some(outside::platform(model)),
        Subject::Vpc(id) => model.vpcs.get(id).map(|vpc| vec![routes::linked_table(model, vpc)]),
        Subject::Subnet(id) => model.subnets.get(id).map(|subnet| routes::subnet(model, subnet)),
        Subject::Acl(id) => model.network_acls.get(id).map(|acl| vec![rules::acl(acl)]),
        Subject::Group(id) => model.security_groups.get(id).map(|group| vec![rules::group(model, group)]),
        Subject::Instance(id) => model.instances.get(id).map(|instance| instances::instance(model, instance)),
        Subject::NatGateway(id) => model.nat_gateways.get(id).map(|gateway| nat::gateway(model, gateway)),
        Subject::Endpoint(id) => model.vpc_endpoints.get(id).map(|endpoint| nat::endpoint(model, endpoint)),
        Subject::TransitTable(id) => model.transit_route_tables.get(id).map(|table| vec![transit::table(model, table)]),
        Subject::Entrance(id) => {
            let attachment = model.transit_attachments.get(id);
            attachment.map(|attachment| transit::entrance(model, attachment).into_iter().collect())
        }
        Subject::Site(id) => model.customer_gateways.get(id).map(|site| vec![sites::table(model, site)]),
        Subject::Host(name) => model.hosts.get(name).map(|host| outside::host(model, host)),
        Subject::ManagedHost(name) => model.managed_hosts.get(name).map(|host| managed::host(model, host)),
    }
}

/// The subjects that touched rows are themselves: of a new one nothing has been read yet.
fn touched_subjects(changes: &Changes) -> impl Iterator<Item = Subject> {
    let vpcs = changes.vpcs.keys().cloned().map(Subject::Vpc);
    let subnets = changes.subnets.keys().cloned().map(Subject::Subnet);
    let acls = changes.network_acls.keys().cloned().map(Subject::Acl);
    let groups = changes.security_groups.keys().cloned().map(Subject::Group);
    let instances = changes.instances.keys().cloned().map(Subject::Instance);
    let nat_gateways = changes.nat_gateways.keys().cloned().map(Subject::NatGateway);
    let endpoints = changes.vpc_endpoints.keys().cloned().map(Subject::Endpoint);
    let transit_tables = changes.transit_route_tables.keys().cloned().map(Subject::TransitTable);
    let entrances = changes.transit_attachments.keys().cloned().map(Subject::Entrance);
    let sites = changes.customer_gateways.keys().cloned().map(Subject::Site);
    let hosts = changes.hosts.keys().cloned().map(Subject::Host);
    let managed_hosts = changes.managed_hosts.keys().cloned().map(Subject::ManagedHost);
    vpcs.chain(subnets)
        .chain(acls)
        .chain(groups)
        .chain(instances)
        .chain(nat_gateways)
        .chain(endpoints)
        .chain(transit_tables)
        .chain(entrances)
        .chain(sites)
        .chain(hosts)
        .chain(managed_hosts)
}

/// All subjects of a model.
fn subjects(model: &Model) -> BTreeSet<Subject> {
    let mut all = BTreeSet::from([Subject::Platform]);
    all.extend(model.vpcs.iter().map(|vpc| Subject::Vpc(vpc.id.clone())));
    all.extend(model.subnets.iter().map(|subnet| Subject::Subnet(subnet.id.clone())));
    all.extend(model.network_acls.iter().map(|acl| Subject::Acl(acl.id.clone())));
    all.extend(model.security_groups.iter().map(|group| Subject::Group(group.id.clone())));
    all.extend(model.instances.iter().map(|instance| Subject::Instance(instance.id.clone())));
    all.extend(model.nat_gateways.iter().map(|gateway| Subject::NatGateway(gateway.id.clone())));
    all.extend(model.vpc_endpoints.iter().map(|endpoint| Subject::Endpoint(endpoint.id.clone())));
    all.extend(model.transit_route_tables.iter().map(|table| Subject::TransitTable(table.id.clone())));
    all.extend(model.transit_attachments.iter().map(|attachment| Subject::Entrance(attachment.id.clone())));
    all.extend(model.customer_gateways.iter().map(|site| Subject::Site(site.id.clone())));
    all.extend(model.hosts.iter().map(|host| Subject::Host(host.name.clone())));
    all.extend(model.managed_hosts.iter().map(|host| Subject::ManagedHost(host.id.clone())));
    all
}

/// Knows of each subject which entries it has made, and of what.
#[derive(Debug, Default)]
pub struct Compiler {
    made: HashMap<Subject, Made>,
    /// The subjects that were made of what was read there.
    readers: HashMap<Read, BTreeSet<Subject>>,
}

/// What a subject has made, and what of the model was read for it.
#[derive(Debug, Default)]
struct Made {
    keys: Vec<Key>,
    reads: BTreeSet<Read>,
}

impl Compiler {
    /// The whole tables of a model.
    pub fn whole(model: &Model) -> (Self, Tables) {
        let (mut compiler, mut tables) = (Self::default(), Tables::default());
        let changes = compiler.update(model, subjects(model), &tables);
        tables.apply(&changes);
        (compiler, tables)
    }

    /// The subjects whose entries may be others after `changes`, the last ones made to the model: those of the rows themselves, and
    /// those that were made of what the changes touched.
    pub fn concerned(&self, model: &Model, changes: &Changes) -> BTreeSet<Subject> {
        let touched = model.touched(changes);
        let readers = touched.iter().filter_map(|read| self.readers.get(read)).flatten();
        touched_subjects(changes).chain(readers.cloned()).collect()
    }

    /// The changes that bring the entries of these subjects up to date with the model.
    pub fn update(&mut self, model: &Model, subjects: BTreeSet<Subject>, tables: &Tables) -> Vec<Change> {
        let (model, reads) = model.watched();
        let mut wanted = BTreeMap::new();
        let mut before = Vec::new();
        for subject in subjects {
            let compiled = compile(&model, &subject);
            let (exists, reads) = (compiled.is_some(), reads.take());
            let entries = compiled.unwrap_or_default();
            let made = Made { keys: entries.iter().map(Entry::key).collect(), reads };
            wanted.extend(entries.into_iter().map(|entry| (entry.key(), entry)));
            before.extend(self.replace(subject, exists.then_some(made)).keys);
        }
        tables.difference(before, &wanted)
    }

    /// Notes what a subject has made; what it had made before.
    fn replace(&mut self, subject: Subject, made: Option<Made>) -> Made {
        let before = self.made.remove(&subject).unwrap_or_default();
        let none = BTreeSet::new();
        let reads = made.as_ref().map_or(&none, |made| &made.reads);
        for read in before.reads.difference(reads) {
            if let Some(readers) = self.readers.get_mut(read) {
                readers.remove(&subject);
                if readers.is_empty() {
                    self.readers.remove(read);
                }
            }
        }
        for read in reads.difference(&before.reads) {
            self.readers.entry(*read).or_default().insert(subject.clone());
        }
        self.made.extend(made.map(|made| (subject, made)));
        before
    }
}
