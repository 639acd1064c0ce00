//! The wire: `protocol` knows the dialects, `service` which service a request is for, `action` how an action's input is
//! decoded and its reply encoded. What actions take and give is data (the crate `shapes`); what they mean is in a folder a
//! service, one file a resource: typed input → model → typed output.
//!
//! Whoever serves takes a [`Request`] from HTTP, asks [`Request::writes`] which lock it needs, and calls [`Request::read`] or
//! [`Request::write`]. After a write it stores and publishes what [`Model::take_changes`] says, or calls [`Model::undo`] and
//! answers with an error; only then the client gets the reply.

mod action;
mod admission;
mod catalogue;
mod classic_link;
mod credentials;
mod customer_gateway;
mod describe;
mod dhcp_options;
mod ec2;
mod egress_only_internet_gateway;
mod elastic_address;
mod flow_log;
mod iam;
mod instance_attribute;
mod internet_gateway;
mod launch;
mod legacy;
mod nat_gateway;
mod network_acl;
mod network_interface;
mod params;
mod permission;
mod place;
mod private_address;
mod protocol;
mod request;
mod route_table;
mod service;
mod signature;
mod sts;
mod tags;
mod volume;
mod vpc_endpoint;
mod vpc_peering_connection;
mod vpn_connection;
mod vpn_gateway;
mod xml;
mod zone_names;

pub use credentials::{Credentials, DEFAULT_ACCOUNT};
pub use params::Params;
pub use permission::Sender;
pub use protocol::{ApiError, Dialect, Reply, RequestError};
pub use request::{Call, Request};
pub use signature::Signed;

use crate::model::{Caller, Model, Result, arn};
use xml::Node;

/// How an action that builds its reply by hand is carried out.
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
    instance_attribute::ACTIONS,
    internet_gateway::ACTIONS,
    launch::ACTIONS,
    nat_gateway::ACTIONS,
    network_acl::ACTIONS,
    network_interface::ACTIONS,
    private_address::ACTIONS,
    place::ACTIONS,
    route_table::ACTIONS,
    tags::ACTIONS,
    volume::ACTIONS,
    vpc_endpoint::ACTIONS,
    vpc_peering_connection::ACTIONS,
    vpn_connection::ACTIONS,
    vpn_gateway::ACTIONS,
];

#[cfg(test)]
mod tests;
