//! Actions: what one takes, what it gives, and what a service knows.

use crate::value::read_members;
use crate::{Result, Shape, Source, Xml, write_members};

/// An action of the API; the type is what it takes.
pub trait Action: Shape + Default {
    /// Its name.
    const NAME: &'static str;
    /// Whether it can be asked for without being carried out.
    const DRY_RUN: bool;
    /// What it gives.
    type Reply: Answer;
}

/// What an action gives.
pub trait Answer {
    /// The members of the reply as XML; `None` if the action gives nothing.
    fn members(&self) -> Option<String>;
}

impl<S: Shape> Answer for S {
    fn members(&self) -> Option<String> {
        let mut xml = Xml::default();
        write_members(self, &mut xml);
        Some(xml.into_string())
    }
}

impl Answer for () {
    fn members(&self) -> Option<String> {
        None
    }
}

/// What is to be known about a service.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Its name in the scope of a signature.
    pub signing: &'static str,
    /// The version of its API.
    pub version: &'static str,
    /// The namespace of its documents.
    pub namespace: &'static str,
    /// The actions that the platform has.
    pub has: &'static [&'static str],
    /// The actions that its clients know and the platform has not.
    pub lacks: &'static [&'static str],
    /// By which methods and paths REST-XML names its actions.
    pub routes: &'static [Route],
}

/// How REST-XML names an action.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// HTTP's method.
    pub method: &'static str,
    /// The path: `/2013-04-01/hostedzone/{Id}`, a name in braces being a parameter.
    pub path: &'static str,
    /// The HTTP status of its success.
    pub status: u16,
    /// The action.
    pub action: &'static str,
}

impl Facts {
    /// The HTTP status of an action's success.
    pub fn status_of(&self, action: &str) -> u16 {
        self.routes.iter().find(|route| route.action == action).map_or(200, |route| route.status)
    }
}

/// Takes an action's input out of a request's parameters; what the action does not know stays.
///
/// # Errors
/// [`Fault`](crate::Fault) if a parameter is not as it must be.
pub fn decode<A: Action>(source: &mut dyn Source) -> Result<A> {
    let mut input = A::default();
    read_members(&mut input, source)?;
    Ok(input)
}
