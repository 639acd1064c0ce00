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
mod describe;
mod ec2;
mod iam;
mod instance_attribute;
mod launch;
mod legacy;
mod params;
mod permission;
mod place;
mod protocol;
mod request;
mod service;
mod signature;
mod sts;
mod tags;
mod volume;
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
    instance_attribute::ACTIONS,
    launch::ACTIONS,
    place::ACTIONS,
    tags::ACTIONS,
    volume::ACTIONS,
];

#[cfg(test)]
mod tests;
