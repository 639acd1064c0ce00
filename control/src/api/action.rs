//! Actions by name: how each is decoded, carried out and encoded.

use super::Params;
use super::protocol::{ApiError, RequestError, ServiceError};
use model::{Caller, LaunchForm, Model, Time};
use serde_json::Value as Json;
use shapes::{Action, Answer, Fault, Shape, decode, json_of_xml};
use std::collections::BTreeMap;

/// Keeps the findings of a search. Arguments are the input and what was found.
type Keep<A, F, R, E> = fn(&mut Model, &Caller, A, F) -> Result<R, E>;

/// An error of any service.
pub type Refusal = Box<dyn ApiError>;
/// An action's result: the members of its reply as XML or, for services with that dialect, as JSON; or nothing.
pub type Outcome = std::result::Result<Option<String>, Refusal>;

type Look = dyn Fn(&Model, &Caller, Params) -> Outcome + Send + Sync;
type Change = dyn Fn(&mut Model, &Caller, Params) -> Outcome + Send + Sync;

/// The change that a search ends with.
pub type Then = Box<dyn FnOnce(&mut Model, &Caller) -> Outcome + Send>;
type Search = dyn Fn(&Model, &Caller, Params) -> std::result::Result<Then, Refusal> + Send + Sync;

/// A change that also gets one of the request's structures as it was sent.
type ChangeWithForm<A, E> = fn(&mut Model, &Caller, A, LaunchForm) -> Result<<A as Action>::Reply, E>;

/// Converts times to seconds since 1970, as AWS JSON has them. XML has text.
fn in_seconds(json: Json) -> Json {
    let member = |(name, value): (String, Json)| {
        let moment = value.as_str().filter(|_| name.ends_with("Date")).and_then(|text| text.parse::<Time>().ok());
        let value = moment.map_or_else(|| in_seconds(value), |moment| Json::from(moment.0 / 1000));
        (name, value)
    };
    match json {
        Json::Object(members) => Json::Object(members.into_iter().map(member).collect()),
        Json::Array(items) => Json::Array(items.into_iter().map(in_seconds).collect()),
        other => other,
    }
}

/// How an action is carried out.
pub enum Handler {
    /// It only reads the model.
    Read(Box<Look>),
    /// It changes the model.
    Write(Box<Change>),
    /// It searches for long, which may be done in a copy of the model, and then keeps what it has found.
    Search(Box<Search>),
}

/// An action of a service.
pub struct Entry {
    /// How it is carried out.
    pub handler: Handler,
    fault: fn(Params) -> Option<Refusal>,
}

impl Entry {
    /// What is missing in a request or malformed, which is told before what is not allowed (semantics.md §1.6).
    pub fn fault(&self, params: Params) -> Option<Refusal> {
        (self.fault)(params)
    }
}

/// The actions of a service.
#[derive(Default)]
pub struct Actions(BTreeMap<&'static str, Entry>);

impl Actions {
    /// Adds an action that only reads.
    pub fn read<A, E>(self, look: fn(&Model, &Caller, A) -> Result<A::Reply, E>) -> Actions
    where
        A: Action + 'static,
        E: ServiceError + 'static,
    {
        let run = move |model: &Model, caller: &Caller, params| answer(look(model, caller, input::<A, E>(params)?));
        self.with::<A, E>(Handler::Read(Box::new(run)))
    }

    /// Adds an action that only reads, of a service that answers in JSON.
    pub fn read_in_json<A, E>(self, look: fn(&Model, &Caller, A) -> Result<A::Reply, E>) -> Actions
    where
        A: Action + 'static,
        A::Reply: Shape + Default,
        E: ServiceError + 'static,
    {
        let run = move |model: &Model, caller: &Caller, params| {
            let members = answer(look(model, caller, input::<A, E>(params)?))?.unwrap_or_default();
            let json = json_of_xml::<A::Reply>(&members).map(|json| Some(in_seconds(json).to_string()));
            json.map_err(|error| -> Refusal { Box::new(RequestError::Internal { message: error.to_string() }) })
        };
        self.with::<A, E>(Handler::Read(Box::new(run)))
    }

    /// Adds an action that changes the model.
    pub fn write<A, E>(self, change: fn(&mut Model, &Caller, A) -> Result<A::Reply, E>) -> Actions
    where
        A: Action + 'static,
        E: ServiceError + 'static,
    {
        let run =
            move |model: &mut Model, caller: &Caller, params| answer(change(model, caller, input::<A, E>(params)?));
        self.with::<A, E>(Handler::Write(Box::new(run)))
    }

    /// Adds an action that changes the model and keeps one of its structures as it was sent.
    pub fn write_with_form<A, E>(self, change: ChangeWithForm<A, E>) -> Actions
    where
        A: Action + 'static,
        E: ServiceError + 'static,
    {
        let run = move |model: &mut Model, caller: &Caller, params: Params| {
            let form = params.form();
            answer(change(model, caller, input::<A, E>(params)?, form))
        };
        self.with::<A, E>(Handler::Write(Box::new(run)))
    }

    /// Adds an action that searches for long and keeps what it has found.
    pub fn search<A, F, E>(
        self,
        look: fn(&Model, &Caller, &A) -> Result<F, E>,
        keep: Keep<A, F, A::Reply, E>,
    ) -> Actions
    where
        A: Action + Send + 'static,
        F: Send + 'static,
        E: ServiceError + 'static,
    {
        let run = move |model: &Model, caller: &Caller, params| {
            let input = input::<A, E>(params)?;
            let found = look(model, caller, &input).map_err(|error| -> Refusal { Box::new(error) })?;
            let then: Then = Box::new(move |model, caller| answer(keep(model, caller, input, found)));
            Ok(then)
        };
        self.with::<A, E>(Handler::Search(Box::new(run)))
    }

    /// Adds an action under its name, of which there is one.
    fn with<A, E>(mut self, handler: Handler) -> Actions
    where
        A: Action + 'static,
        E: ServiceError + 'static,
    {
        let before = self.0.insert(A::NAME, Entry { handler, fault: fault::<A, E> });
        debug_assert!(before.is_none(), "{} is there twice", A::NAME);
        self
    }

    /// The names of all actions, sorted.
    #[cfg(test)]
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// The action of that name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }
}

/// What of an action's parameters is missing or malformed.
fn fault<A, E>(mut params: Params) -> Option<Refusal>
where
    A: Action,
    E: ServiceError + 'static,
{
    match decode::<A>(&mut params) {
        Err(fault @ (Fault::Missing { .. } | Fault::Malformed { .. })) => Some(Box::new(E::of_parameter(fault))),
        _ => None,
    }
}

/// Reads all parameters: what is left is unknown, which most services refuse, and a dry run ends here (semantics.md §1.6).
fn input<A, E>(mut params: Params) -> Result<A, Refusal>
where
    A: Action,
    E: ServiceError + 'static,
{
    let refusal = |fault: Fault| -> Refusal { Box::new(E::of_parameter(fault)) };
    let input = decode(&mut params).map_err(refusal)?;
    let dry = if A::DRY_RUN { params.dry_run().map_err(refusal)? } else { false };
    if E::REFUSES_UNKNOWN {
        params.left().map_err(refusal)?;
    }
    if dry { Err(Box::new(RequestError::DryRun)) } else { Ok(input) }
}

fn answer<E: ApiError + 'static>(reply: Result<impl Answer, E>) -> Outcome {
    match reply {
        Ok(reply) => Ok(reply.members()),
        Err(error) => Err(Box::new(error)),
    }
}
