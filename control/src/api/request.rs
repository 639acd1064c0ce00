//! One request and its reply.

use super::{Credentials, Handler, Params, handler, xml};
use crate::link::Promise;
use crate::model::{Caller, Error, Model, Result, Time};
use std::hash::{BuildHasher, RandomState};

/// The newest API version; replies follow the version of the request.
const NEWEST: &str = "2016-11-15";
/// The API version that ClassicLink came with; older ones are not served.
const OLDEST: &str = "2014-10-01";

/// What goes back over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The XML document.
    pub body: String,
}

impl Reply {
    /// The error document for an error.
    pub fn error(error: &Error) -> Reply {
        let status = match error {
            Error::DryRun {} => 412,
            _ => 400,
        };
        Reply { status, body: xml::error(error.code(), &error.to_string(), &request_id()) }
    }

    /// The error document for what cannot be done just now; nothing was changed.
    pub fn unavailable(message: &str) -> Reply {
        Reply::failure(503, "Unavailable", message)
    }

    /// The error document for a failure of ours; nothing was changed.
    pub fn internal(message: &str) -> Reply {
        Reply::failure(500, "InternalError", message)
    }

    /// The error document for what is none of the model's errors.
    pub fn failure(status: u16, code: &str, message: &str) -> Reply {
        Reply { status, body: xml::error(code, message, &request_id()) }
    }
}

/// A request, its parameters not yet looked at.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub action: String,
    /// Who asks, and when.
    pub caller: Caller,
    version: String,
    params: Params,
    handler: Handler,
}

impl Request {
    /// Reads a request: the query of a GET or the body of a POST, form-encoded, and the `Authorization` header if there is one.
    pub fn parse(form: &str, authorization: Option<&str>, now: Time) -> Result<Request> {
        let mut params = Params::parse(form)?;
        let presigned = params.text("X-Amz-Credential");
        params.ignore(&[
            "X-Amz-Algorithm",
            "X-Amz-Date",
            "X-Amz-Expires",
            "X-Amz-SignedHeaders",
            "X-Amz-Signature",
            "X-Amz-Security-Token",
            "AWSAccessKeyId",
            "Signature",
            "SignatureMethod",
            "SignatureVersion",
            "Timestamp",
            "Expires",
            "SecurityToken",
        ]);
        let credentials = match (authorization, presigned) {
            (Some(header), _) => Credentials::from_header(header),
            (None, Some(scope)) => Credentials::from_scope(&scope),
            (None, None) => Credentials::default(),
        };
        let action = params.text("Action").ok_or(Error::NoAction {})?;
        let version = params.text("Version").unwrap_or_else(|| NEWEST.to_owned());
        if version.len() != NEWEST.len() || !(OLDEST..=NEWEST).contains(&version.as_str()) {
            return Err(Error::BadVersion { version, action });
        }
        let caller = Caller { scope: credentials.scope()?, now };
        Ok(Request { handler: handler(&action)?, action, caller, version, params })
    }

    /// Whether it may change the model.
    pub fn writes(&self) -> bool {
        matches!(self.handler, Handler::Write(_))
    }

    /// What its answer promises: what it says of changed states is true whether or not anything is in force yet.
    pub fn promise(&self) -> Promise {
        match self.action.as_str() {
            "RunInstances" | "StartInstances" | "StopInstances" | "TerminateInstances" => Promise::Begun,
            _ => Promise::InForce,
        }
    }

    /// Carries out a request that only looks ([`Request::writes`] says which).
    pub fn read(self, model: &Model) -> Result<Reply> {
        match self.handler {
            Handler::Read(look) if !model.is_new_here(&self.caller.scope) => {
                look(model, &self.caller, self.params).map(|body| reply(&self.action, &self.version, body))
            }
            // Who is new here sees what a first change will find; a copy shares all that it does not change.
            _ => self.write(&mut model.clone()),
        }
    }

    /// Carries out any request. On an error nothing has changed since the last [`Model::take_changes`].
    pub fn write(self, model: &mut Model) -> Result<Reply> {
        let welcomed = model.welcome(&self.caller);
        let answer = welcomed.and_then(|()| match self.handler {
            Handler::Read(look) => look(model, &self.caller, self.params),
            Handler::Write(change) => change(model, &self.caller, self.params),
        });
        match answer {
            Ok(body) => Ok(reply(&self.action, &self.version, body)),
            Err(error) => {
                model.undo();
                Err(error)
            }
        }
    }
}

fn reply(action: &str, version: &str, body: xml::Node) -> Reply {
    Reply { status: 200, body: xml::reply(action, version, &request_id(), body) }
}

/// A random UUID (RFC 9562, version 4).
pub(super) fn request_id() -> String {
    let (high, low) = (RandomState::new().hash_one(0), RandomState::new().hash_one(1));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 50),
        low & 0xffff_ffff_ffff
    )
}
