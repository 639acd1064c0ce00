//! The wire: `protocol` knows the dialects, `service` which service a request is for, `action` how an action's input is
//! decoded and its reply encoded. What actions take and give is data (the crate `shapes`); what they mean is in a folder a
//! service, one file a resource: typed input → model → typed output.
//!
//! Whoever serves takes a [`Request`] from HTTP, asks [`Request::writes`] which lock it needs, and calls [`Request::read`] or
//! [`Request::write`]. After a write it stores and publishes what [`Model::take_changes`] says, or calls [`Model::undo`] and
//! answers with an error; only then the client gets the reply.

mod access;
mod action;
mod customer_gateway;
mod describe;
mod dhcp_options;
mod ec2;
mod egress_only_internet_gateway;
mod elastic_address;
mod flow_log;
mod internet_gateway;
mod legacy;
mod nat_gateway;
mod network_acl;
mod network_interface;
mod params;
mod private_address;
mod protocol;
mod request;
mod route_table;
mod service;
mod sts;
mod vpc_endpoint;
mod vpc_peering_connection;
mod vpn_connection;
mod vpn_gateway;
mod xml;
mod zone_names;

pub use access::{Credentials, DEFAULT_ACCOUNT};
pub use params::Params;
pub use protocol::{ApiError, Dialect, Reply, RequestError};
pub use request::{Call, Request};

use crate::model::{Caller, Model, Result, Scope};
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
    customer_gateway::ACTIONS,
    dhcp_options::ACTIONS,
    egress_only_internet_gateway::ACTIONS,
    elastic_address::ACTIONS,
    flow_log::ACTIONS,
    internet_gateway::ACTIONS,
    nat_gateway::ACTIONS,
    network_acl::ACTIONS,
    network_interface::ACTIONS,
    private_address::ACTIONS,
    route_table::ACTIONS,
    vpc_endpoint::ACTIONS,
    vpc_peering_connection::ACTIONS,
    vpn_connection::ACTIONS,
    vpn_gateway::ACTIONS,
];

/// The ARN of a resource.
fn arn(scope: &Scope, resource_type: &str, id: &str) -> String {
    format!("arn:{}:ec2:{}:{}:{resource_type}/{id}", scope.partition(), scope.region, scope.account)
}

#[cfg(test)]
mod tests;
