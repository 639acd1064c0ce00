//! Actions by name: how each is decoded, carried out and encoded.
//!
//! A service's resources add their actions to [`Actions`] as functions of a typed input. This file has what all actions
//! have in common: input from parameters, faults of parameters, and the members of replies.

use super::protocol::{ApiError, RequestError, ServiceError};
use super::{Params, Sender};
use model::{Caller, LaunchForm, Model};
use shapes::{Action, Answer, Fault, Form, decode};
use std::collections::BTreeMap;

/// What an action that reads is given.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The model.
    pub model: &'a Model,
    /// The sender.
    pub caller: &'a Caller,
}

/// What an action that changes the model is given.
pub struct Change<'a> {
    /// The model.
    pub model: &'a mut Model,
    /// The sender.
    pub caller: &'a Caller,
}

/// The change that keeps the findings of a search. Its last arguments are the input and the findings.
type Keep<A, F, R, E> = fn(Change, A, F) -> Result<R, E>;

/// An error of any service.
pub type BoxedError = Box<dyn ApiError>;
/// The members of an action's reply as XML. `None` if the action returns nothing.
pub type Outcome = Result<Option<String>, BoxedError>;

type Read = dyn Fn(View, Params) -> Outcome + Send + Sync;
type Write = dyn Fn(Change, Params) -> Outcome + Send + Sync;
type Relay = dyn Fn(Change, &Sender, Params) -> Outcome + Send + Sync;

/// The change that follows from a search.
pub type Then = Box<dyn FnOnce(Change) -> Outcome + Send>;
type Search = dyn Fn(View, Params) -> Result<Then, BoxedError> + Send + Sync;

/// A change that also gets parameters as they were sent.
type ChangeWithForm<A, R, E> = fn(Change, A, LaunchForm) -> Result<R, E>;

/// How an action is carried out.
pub enum Handler {
    /// The action only reads the model.
    Read(Box<Read>),
    /// The action changes the model.
    Write(Box<Write>),
    /// The action makes requests to other services in its sender's name.
    Relay(Box<Relay>),
    /// The action searches for long, which may be done in a copy of the model, and then changes the model.
    Search(Box<Search>),
}

/// An action of a service.
pub struct Entry {
    /// How the action is carried out.
    pub handler: Handler,
    fault: fn(Params) -> Option<BoxedError>,
    json: fn(&str, Form) -> Result<String, RequestError>,
}

impl Entry {
    /// The error for a missing or malformed parameter, which comes before that for a lack of permission (semantics.md
    /// §1.6).
    pub fn fault(&self, params: Params) -> Option<BoxedError> {
        (self.fault)(params)
    }

    /// The members of a reply in XML as JSON.
    ///
    /// # Errors
    /// [`RequestError::NoXml`] if they are not XML.
    pub fn json(&self, members: &str, form: Form) -> Result<String, RequestError> {
        (self.json)(members, form)
    }
}

/// The actions of a service.
#[derive(Default)]
pub struct Actions(BTreeMap<&'static str, Entry>);

impl Actions {
    /// The actions that these functions add, one for each of the service's resources.
    pub fn of(resources: &[fn(Actions) -> Actions]) -> Actions {
        resources.iter().fold(Actions::default(), |actions, add| add(actions))
    }

    /// Adds an action that only reads. It gives its reply, or the value of the reply's only member.
    pub fn read<A, R, E>(self, look: fn(View, A) -> Result<R, E>) -> Actions
    where
        A: Action + 'static,
        R: Into<A::Reply> + 'static,
        E: ServiceError + 'static,
    {
        let run = move |cx: View, params| answer::<A, E>(look(cx, input::<A, E>(params)?));
        self.with::<A, E>(Handler::Read(Box::new(run)))
    }

    /// Adds an action that changes the model. It gives its reply, or the value of the reply's only member.
    pub fn write<A, R, E>(self, change: fn(Change, A) -> Result<R, E>) -> Actions
    where
        A: Action + 'static,
        R: Into<A::Reply> + 'static,
        E: ServiceError + 'static,
    {
        let run = move |cx: Change, params| answer::<A, E>(change(cx, input::<A, E>(params)?));
        self.with::<A, E>(Handler::Write(Box::new(run)))
    }

    /// Adds an action that changes the model and keeps some parameters as they were sent.
    pub fn write_with_form<A, R, E>(self, kept: fn(&Params) -> LaunchForm, change: ChangeWithForm<A, R, E>) -> Actions
    where
        A: Action + 'static,
        R: Into<A::Reply> + 'static,
        E: ServiceError + 'static,
    {
        let run = move |cx: Change, params: Params| {
            let form = kept(&params);
            answer::<A, E>(change(cx, input::<A, E>(params)?, form))
        };
        self.with::<A, E>(Handler::Write(Box::new(run)))
    }

    /// Adds an action that makes requests to other services in its sender's name.
    pub fn relay<A, R, E>(self, change: fn(Change, &Sender, A) -> Result<R, E>) -> Actions
    where
        A: Action + 'static,
        R: Into<A::Reply> + 'static,
        E: ServiceError + 'static,
    {
        let run = move |cx: Change, sender: &Sender, params| answer::<A, E>(change(cx, sender, input::<A, E>(params)?));
        self.with::<A, E>(Handler::Relay(Box::new(run)))
    }

    /// Adds an action that searches for long with `look` and changes the model with `keep`.
    pub fn search<A, F, E>(self, look: fn(View, &A) -> Result<F, E>, keep: Keep<A, F, A::Reply, E>) -> Actions
    where
        A: Action + Send + 'static,
        F: Send + 'static,
        E: ServiceError + 'static,
    {
        let run = move |cx: View, params| {
            let input = input::<A, E>(params)?;
            let found = look(cx, &input).map_err(|error| -> BoxedError { Box::new(error) })?;
            let then: Then = Box::new(move |cx| answer::<A, E>(keep(cx, input, found)));
            Ok(then)
        };
        self.with::<A, E>(Handler::Search(Box::new(run)))
    }

    /// Adds an action under its name.
    fn with<A, E>(mut self, handler: Handler) -> Actions
    where
        A: Action + 'static,
        E: ServiceError + 'static,
    {
        let before = self.0.insert(A::NAME, Entry { handler, fault: fault::<A, E>, json: json::<A> });
        debug_assert!(before.is_none(), "two actions have the name {}", A::NAME);
        self
    }

    /// The names of all actions, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// The action of that name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }
}

/// The error for the first parameter of an action that is missing or malformed.
fn fault<A, E>(mut params: Params) -> Option<BoxedError>
where
    A: Action,
    E: ServiceError + 'static,
{
    match decode::<A>(&mut params) {
        Err(fault @ (Fault::Missing { .. } | Fault::Malformed { .. })) => Some(Box::new(E::of_parameter(fault))),
        _ => None,
    }
}

/// The members of an action's reply as JSON.
fn json<A: Action>(members: &str, form: Form) -> Result<String, RequestError> {
    Ok(A::Reply::json(members, form).map_err(RequestError::NoXml)?.to_string())
}

/// The action's input from all parameters. A parameter that is left is unknown, which most services refuse, and a dry run
/// ends here (semantics.md §1.6).
fn input<A, E>(mut params: Params) -> Result<A, BoxedError>
where
    A: Action,
    E: ServiceError + 'static,
{
    let boxed = |fault: Fault| -> BoxedError { Box::new(E::of_parameter(fault)) };
    let input = decode(&mut params).map_err(boxed)?;
    let dry = if A::DRY_RUN { params.dry_run().map_err(boxed)? } else { false };
    if E::REFUSES_UNKNOWN {
        params.left().map_err(boxed)?;
    }
    if dry { Err(Box::new(RequestError::DryRun)) } else { Ok(input) }
}

fn answer<A: Action, E: ApiError + 'static>(reply: Result<impl Into<A::Reply>, E>) -> Outcome {
    let reply: A::Reply = reply.map_err(|error| -> BoxedError { Box::new(error) })?.into();
    Ok(reply.members())
}
