//! The wire: EC2's Query protocol, parameters in and XML out, one file a resource (semantics.md §1.1–1.3).
//!
//! A service takes a [`Request`] from HTTP, asks [`Request::writes`] which lock it needs, and calls [`Request::read`] or
//! [`Request::write`]. After a write it stores and publishes what [`Model::take_changes`] says, or calls [`Model::undo`] and
//! answers with an error; only then the client gets the reply.

mod access;
mod catalogue;
mod classic_link;
mod customer_gateway;
mod describe;
mod dhcp_options;
mod egress_only_internet_gateway;
mod elastic_address;
mod flow_log;
mod identity;
mod instance;
mod instance_attribute;
mod instance_filters;
mod instance_item;
mod internet_gateway;
mod launch;
mod nat_gateway;
mod network_acl;
mod network_interface;
mod params;
mod place;
mod private_address;
mod request;
mod route_table;
mod security_group;
mod security_group_reference;
mod security_group_rule;
mod subnet;
mod tags;
mod volume;
mod vpc;
mod vpc_cidr;
mod vpc_endpoint;
mod vpc_peering_connection;
mod vpn_connection;
mod vpn_gateway;
mod xml;
mod zone_names;

pub use access::{Credentials, DEFAULT_ACCOUNT};
pub use identity::identity;
pub use params::Params;
pub use request::{Reply, Request};

use crate::model::{Caller, Error, Model, Result, Scope};
use xml::Node;

/// How an action is carried out.
#[derive(Clone, Copy, Debug)]
enum Handler {
    /// It only looks.
    Read(fn(&Model, &Caller, Params) -> Result<Node>),
    /// It changes something.
    Write(fn(&mut Model, &Caller, Params) -> Result<Node>),
}

/// What a resource's file knows to do: actions by name.
type Actions = &'static [(&'static str, Handler)];

// One a line, by name, so that resources can be added side by side.
#[rustfmt::skip]
static ACTIONS: &[Actions] = &[
    catalogue::ACTIONS,
    classic_link::ACTIONS,
    customer_gateway::ACTIONS,
    dhcp_options::ACTIONS,
    egress_only_internet_gateway::ACTIONS,
    elastic_address::ACTIONS,
    flow_log::ACTIONS,
    instance::ACTIONS,
    instance_attribute::ACTIONS,
    internet_gateway::ACTIONS,
    launch::ACTIONS,
    nat_gateway::ACTIONS,
    network_acl::ACTIONS,
    network_interface::ACTIONS,
    private_address::ACTIONS,
    place::ACTIONS,
    route_table::ACTIONS,
    security_group::ACTIONS,
    security_group_reference::ACTIONS,
    security_group_rule::ACTIONS,
    subnet::ACTIONS,
    tags::ACTIONS,
    volume::ACTIONS,
    vpc::ACTIONS,
    vpc_cidr::ACTIONS,
    vpc_endpoint::ACTIONS,
    vpc_peering_connection::ACTIONS,
    vpn_connection::ACTIONS,
    vpn_gateway::ACTIONS,
];

fn handler(action: &str) -> Result<Handler> {
    let mut all = ACTIONS.iter().copied().flatten();
    let found = all.find(|(name, _)| *name == action).map(|(_, handler)| *handler);
    found.ok_or_else(|| Error::UnknownAction { action: action.to_owned() })
}

/// The ARN of a resource.
fn arn(scope: &Scope, resource_type: &str, id: &str) -> String {
    format!("arn:aws:ec2:{}:{}:{resource_type}/{id}", scope.region, scope.account)
}

#[cfg(test)]
mod tests;
