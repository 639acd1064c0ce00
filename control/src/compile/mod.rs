//! From the model to the dataplane's tables. Here, and only here, the cloud's words get their meaning for packets:
//!
//! - EC2-Classic is one address space a Region; every VPC is one, and has a second for *its* 10.0.0.0/8, in which the linked
//!   instances stand that it can see.
//! - A link is a second attachment of the instance's port: in the VPC's address space, under the link's groups. Its address stands
//!   in the second address space only, and only the tables of the VPC's own subnets lead there. That is all of "not transitive".
//! - A security group is a filter and a group of one number; a subnet is a segment and a route table of one number; the Internet is
//!   one address space with edges that translate 1:1.
//!
//! The tables are compiled piece by piece: each entry belongs to one [`Subject`], and [`Compiler::update`] compiles only the
//! subjects that a change can have touched.

mod affected;
mod fabric;
mod instances;
mod nat;
mod outside;
mod routes;
mod rules;
mod sites;

#[cfg(test)]
pub(crate) mod tests;

use crate::model::{Changes, Model};
use crate::tables::Tables;
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
    /// A NAT gateway: its translator and its address.
    NatGateway(String),
    /// A gateway endpoint: its translator, its address, and its way on.
    Endpoint(String),
    /// A customer gateway: the route table of its site.
    Site(String),
    /// A host outside the cloud.
    Host(String),
}

/// The entries of a subject, none if it does not exist.
pub fn compile(model: &Model, subject: &Subject) -> Vec<Entry> {
    let entries = match subject {
        Subject::Platform => Some(outside::platform()),
        Subject::Vpc(id) => model.vpcs.get(id).map(|vpc| vec![routes::linked_table(model, vpc)]),
        Subject::Subnet(id) => model.subnets.get(id).map(|subnet| routes::subnet(model, subnet)),
        Subject::Acl(id) => model.network_acls.get(id).map(|acl| vec![rules::acl(acl)]),
        Subject::Group(id) => model.security_groups.get(id).map(|group| vec![rules::group(model, group)]),
        Subject::Instance(id) => model.instances.get(id).map(|instance| instances::instance(model, instance)),
        Subject::NatGateway(id) => model.nat_gateways.get(id).map(|gateway| nat::gateway(model, gateway)),
        Subject::Endpoint(id) => model.vpc_endpoints.get(id).map(|endpoint| nat::endpoint(model, endpoint)),
        Subject::Site(id) => model.customer_gateways.get(id).map(|site| vec![sites::table(model, site)]),
        Subject::Host(name) => model.hosts.get(name).map(|host| outside::host(model, host)),
    };
    entries.unwrap_or_default()
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
    all.extend(model.customer_gateways.iter().map(|site| Subject::Site(site.id.clone())));
    all.extend(model.hosts.iter().map(|host| Subject::Host(host.name.clone())));
    all
}

/// Knows which entries each subject has made so far.
#[derive(Debug, Default)]
pub struct Compiler {
    made: HashMap<Subject, Vec<Key>>,
}

impl Compiler {
    /// The whole tables of a model.
    pub fn whole(model: &Model) -> (Self, Tables) {
        let (mut compiler, mut tables) = (Self::default(), Tables::default());
        let changes = compiler.compile(model, subjects(model), &tables);
        tables.apply(&changes);
        (compiler, tables)
    }

    /// The changes that bring the tables up to date with the model after `changes`.
    pub fn update(&mut self, model: &Model, changes: &Changes, tables: &Tables) -> Vec<Change> {
        self.compile(model, affected::affected(model, changes), tables)
    }

    fn compile(&mut self, model: &Model, subjects: BTreeSet<Subject>, tables: &Tables) -> Vec<Change> {
        let mut wanted = BTreeMap::new();
        let mut before = Vec::new();
        for subject in subjects {
            let entries = compile(model, &subject);
            let keys: Vec<Key> = entries.iter().map(Entry::key).collect();
            wanted.extend(entries.into_iter().map(|entry| (entry.key(), entry)));
            let made = if keys.is_empty() { self.made.remove(&subject) } else { self.made.insert(subject, keys) };
            before.extend(made.into_iter().flatten());
        }
        tables.difference(before, &wanted)
    }
}
