//! Subjects: the parts of the model that are compiled one by one, each by the file for its kind.

use super::{entrance, instances, managed, nat, outside, routes, rules, sites, transit};
use model::{Changes, Model, Row};
use std::collections::BTreeSet;
use std::iter;
use wire::Entry;

/// Declares the subjects that are rows: each with the model's collection of these rows, and the entries of one row.
macro_rules! subjects {
    ($model:ident: $($(#[$doc:meta])* $subject:ident($rows:ident as $row:ident) => $entries:expr;)*) => {
        /// A part of the model that has entries of its own in the tables.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Subject {
            /// The constant part: the tables of the Internet and of EC2-Classic.
            Platform,
            $($(#[$doc])* $subject(String),)*
        }

        /// Compiles a subject's entries. `None` if it does not exist.
        pub(super) fn compile($model: &Model, subject: &Subject) -> Option<Vec<Entry>> {
            match subject {
                Subject::Platform => Some(outside::platform($model)),
                $(Subject::$subject(id) => $model.$rows.get(id).map(|$row| $entries),)*
            }
        }

        /// The subjects of the changed rows. Nothing has read a new row yet.
        pub(super) fn changed_subjects(changes: &Changes) -> impl Iterator<Item = Subject> {
            iter::empty()$(.chain(changes.$rows.keys().cloned().map(Subject::$subject)))*
        }

        /// All subjects of a model.
        pub(super) fn subjects(model: &Model) -> BTreeSet<Subject> {
            let platform = iter::once(Subject::Platform);
            platform$(.chain(model.$rows.iter().map(|row| Subject::$subject(row.id().to_owned()))))*.collect()
        }
    };
}

subjects! {
    model:
    /// A VPC: the route table of the instances linked to it.
    Vpc(vpcs as vpc) => vec![routes::linked_table(model, vpc)];
    /// A subnet: its segment and route table.
    Subnet(subnets as subnet) => routes::subnet(model, subnet);
    /// A network ACL.
    Acl(network_acls as acl) => vec![rules::acl(acl)];
    /// A security group.
    Group(security_groups as group) => vec![rules::group(model, group)];
    /// An instance: its port, its attachments, its addresses.
    Instance(instances as instance) => instances::instance(model, instance);
    /// A NAT gateway: its NAT and its address.
    NatGateway(nat_gateways as gateway) => nat::gateway(model, gateway);
    /// A gateway endpoint: its NAT, its address and its route table.
    Endpoint(vpc_endpoints as endpoint) => nat::endpoint(model, endpoint);
    /// A route table of a transit gateway.
    TransitTable(transit_route_tables as table) => vec![transit::table(model, table)];
    /// An attachment to a transit gateway: the route table for packets that it brings into its VPC.
    Entrance(transit_attachments as attachment) => entrance::entrance(model, attachment).into_iter().collect();
    /// A customer gateway: the route table of its site.
    Site(customer_gateways as site) => vec![sites::table(model, site)];
    /// A host outside the cloud.
    Host(hosts as host) => outside::host(model, host);
    /// A host of a service: its port, its attachment, its addresses.
    ManagedHost(managed_hosts as host) => managed::host(model, host);
}
