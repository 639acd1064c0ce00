//! One request: which service and action it is for, who asks, and how the answer is written.

use super::action::{Handler, Outcome, Refusal};
use super::protocol::{ApiError, Dialect, Reply, RequestError, Success};
use super::service::{Hints, Service};
use super::{Credentials, Params};
use crate::link::Promise;
use crate::model::{Caller, Model, Time};

/// Parameters that sign a request and ask for nothing, of signatures of version 4 and of version 2.
const SIGNING: [&str; 13] = [
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
];

/// An HTTP request, as far as it says what is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Call<'a> {
    /// The path of its URL.
    pub path: &'a str,
    /// Form-encoded parameters: the query of a GET or the body of a POST.
    pub form: &'a str,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The header `X-Amz-Target`.
    pub target: Option<&'a str>,
}

/// A request, its parameters not yet looked at.
pub struct Request {
    /// What is asked for.
    pub action: String,
    /// Who asks, and when.
    pub caller: Caller,
    service: &'static Service,
    version: String,
    params: Params,
    handler: &'static Handler,
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// The reply that refuses it, in the dialect of its client.
    pub fn parse(call: &Call<'_>, now: Time) -> Result<Request, Reply> {
        let parsed = Params::parse(call.form);
        let mut params = parsed.map_err(|error| Dialect::Ec2.error(&error))?;
        let presigned = params.text("X-Amz-Credential");
        params.ignore(&SIGNING);
        let credentials = match (call.authorization, presigned) {
            (Some(header), _) => Credentials::from_header(header),
            (None, Some(scope)) => Credentials::from_scope(&scope),
            (None, None) => Credentials::default(),
        };
        let (action, version) = (params.text("Action"), params.text("Version"));
        let hints = Hints {
            signed_for: credentials.service.as_deref(),
            target: call.target,
            action: action.as_deref(),
            version: version.as_deref(),
            path: call.path,
        };
        let service = Service::of(&hints).map_err(|(error, dialect)| dialect.error(&error))?;
        let refuse = |error: &dyn ApiError| service.dialect.error(error);
        let action = action.ok_or_else(|| refuse(&RequestError::NoAction))?;
        let version = version.unwrap_or_else(|| service.facts.version.to_owned());
        let handler = find(service, &action, &version).map_err(|error| refuse(&error))?;
        Ok(Request { action, caller: Caller { scope: credentials.scope(), now }, service, version, params, handler })
    }

    /// How its client wants to be answered.
    pub fn dialect(&self) -> Dialect {
        self.service.dialect
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
    ///
    /// # Errors
    /// The reply that refuses it.
    pub fn read(self, model: &Model) -> Result<Reply, Reply> {
        match self.handler {
            Handler::Read(look) if !model.is_new_here(&self.caller.scope) => {
                let outcome = look(model, &self.caller, self.params);
                answer(self.service, &self.action, &self.version, outcome)
            }
            // Who is new here sees what a first change will find; a copy shares all that it does not change.
            _ => self.write(&mut model.clone()),
        }
    }

    /// Carries out any request. On an error nothing has changed since the last [`Model::take_changes`].
    ///
    /// # Errors
    /// The reply that refuses it.
    pub fn write(self, model: &mut Model) -> Result<Reply, Reply> {
        let welcomed = model.welcome(&self.caller).map_err(|error| -> Refusal { Box::new(error) });
        let outcome = welcomed.and_then(|()| match self.handler {
            Handler::Read(look) => look(model, &self.caller, self.params),
            Handler::Write(change) => change(model, &self.caller, self.params),
        });
        answer(self.service, &self.action, &self.version, outcome).inspect_err(|_| model.undo())
    }
}

/// The service's action of that name, in that version.
fn find(service: &'static Service, action: &str, version: &str) -> Result<&'static Handler, RequestError> {
    let action = action.to_owned();
    if !service.serves(version) {
        return Err(RequestError::BadVersion { action, version: version.to_owned() });
    }
    match service.actions.get(&action) {
        Some(handler) => Ok(handler),
        None if service.facts.lacks.binary_search(&action.as_str()).is_ok() => {
            Err(RequestError::UnsupportedAction { action })
        }
        None => Err(RequestError::UnknownAction { action }),
    }
}

fn answer(service: &Service, action: &str, version: &str, outcome: Outcome) -> Result<Reply, Reply> {
    match outcome {
        Ok(members) => {
            Ok(service.dialect.reply(&Success { action, version, namespace: service.facts.namespace, members }))
        }
        Err(error) => Err(service.dialect.error(error.as_ref())),
    }
}
