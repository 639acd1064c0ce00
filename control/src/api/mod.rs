//! The wire: `protocol` knows the dialects, `service` which service a request is for, `action` how an action's input is
//! decoded and its reply encoded. What actions take and give is data (the crate `shapes`); what they mean is in a folder a
//! service, one file a resource: typed input → model → typed output.
//!
//! Whoever serves takes a [`Request`] from HTTP, asks [`Request::writes`] which lock it needs, and calls [`Request::read`] or
//! [`Request::write`]. After a write it stores and publishes what [`Model::take_changes`] says, or calls [`Model::undo`] and
//! answers with an error; only then the client gets the reply.

mod access;
mod action;
mod catalogue;
mod classic_link;
mod describe;
mod ec2;
mod instance_attribute;
mod launch;
mod legacy;
mod params;
mod place;
mod protocol;
mod request;
mod service;
mod sts;
mod tags;
mod volume;
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
    catalogue::ACTIONS,
    classic_link::ACTIONS,
    instance_attribute::ACTIONS,
    launch::ACTIONS,
    place::ACTIONS,
    tags::ACTIONS,
    volume::ACTIONS,
];

/// The ARN of a resource.
fn arn(scope: &Scope, resource_type: &str, id: &str) -> String {
    format!("arn:aws:ec2:{}:{}:{resource_type}/{id}", scope.region, scope.account)
}

#[cfg(test)]
mod tests;
