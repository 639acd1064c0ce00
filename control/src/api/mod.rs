//! The wire: EC2's Query protocol, parameters in and XML out, one file a resource (semantics.md §1.1–1.3).
//!
//! A service takes a [`Request`] from HTTP, asks [`Request::writes`] which lock it needs, and calls [`Request::read`] or
//! [`Request::write`]. After a write it stores and publishes what [`Model::take_changes`] says, or calls [`Model::undo`] and
//! answers with an error; only then the client gets the reply.

mod access;
mod describe;
mod params;
mod request;
mod route_table;
mod subnet;
mod vpc;
mod xml;

pub use access::{Credentials, DEFAULT_ACCOUNT};
pub use params::Params;
pub use request::{Reply, Request};

use crate::model::{Caller, Error, Model, Result};
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

static ACTIONS: &[Actions] = &[vpc::ACTIONS, subnet::ACTIONS, route_table::ACTIONS];

fn handler(action: &str) -> Result<Handler> {
    let mut all = ACTIONS.iter().copied().flatten();
    let found = all.find(|(name, _)| *name == action).map(|(_, handler)| *handler);
    found.ok_or_else(|| Error::UnknownAction { action: action.to_owned() })
}

#[cfg(test)]
mod tests;
