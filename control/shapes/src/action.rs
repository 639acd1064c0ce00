//! Actions: their inputs and replies, and the facts of services.

use crate::json::json_in_form;
use crate::value::read_members;
use crate::{Form, Result, Shape, Source, Xml, write_members};
use serde_json::Value as Json;

/// An action of the API. The type is its input.
pub trait Action: Shape + Default {
    /// Its name.
    const NAME: &'static str;
    /// Whether it has dry runs.
    const DRY_RUN: bool;
    /// The type of its reply. A reply with a single member is also made from the member's value, one with a list and its
    /// token from a [`Paged`](crate::Paged). One without members, or with nothing but the word of success, is made from
    /// `()`.
    type Reply: Answer;
}

/// The reply of an action.
pub trait Answer {
    /// The members of the reply as XML. `None` if the action returns nothing.
    fn members(&self) -> Option<String>;
    /// The members in XML as JSON.
    ///
    /// # Errors
    /// If the text is not XML.
    fn json(members: &str, form: Form) -> std::result::Result<Json, quick_xml::Error>;
}

impl<S: Shape + Default> Answer for S {
    fn members(&self) -> Option<String> {
        let mut xml = Xml::default();
        write_members(self, &mut xml);
        Some(xml.into_string())
    }

    fn json(members: &str, form: Form) -> std::result::Result<Json, quick_xml::Error> {
        json_in_form::<S>(members, form)
    }
}

impl Answer for () {
    fn members(&self) -> Option<String> {
        None
    }

    fn json(_: &str, _: Form) -> std::result::Result<Json, quick_xml::Error> {
        Ok(Json::Null)
    }
}

/// The facts of a service.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Its name in the scope of a signature.
    pub signing: &'static str,
    /// Its name in policies.
    pub in_policies: &'static str,
    /// The version of its API.
    pub version: &'static str,
    /// The namespace of its documents.
    pub namespace: &'static str,
    /// The actions that the platform has.
    pub has: &'static [&'static str],
    /// The actions that clients have and the platform lacks.
    pub lacks: &'static [&'static str],
    /// The methods and paths of actions in REST-XML, those that the platform lacks last.
    pub routes: &'static [Route],
}

/// The method and path of an action in REST-XML.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// The path: `/2013-04-01/hostedzone/{Id}`, where a name in braces is a parameter.
    pub path: &'static str,
    /// The HTTP status of its success.
    pub status: u16,
    /// The action.
    pub action: &'static str,
}

impl Facts {
    /// Whether a path is one of the service's in REST-XML: its first part is the version.
    pub fn has_path(&self, path: &str) -> bool {
        !self.routes.is_empty() && path.split('/').nth(1) == Some(self.version)
    }

    /// The HTTP status of an action's success.
    pub fn status_of(&self, action: &str) -> u16 {
        self.routes.iter().find(|route| route.action == action).map_or(200, |route| route.status)
    }
}

/// Decodes an action's input from a request's parameters. Unknown parameters stay in the source.
///
/// # Errors
/// [`Fault`](crate::Fault) if a parameter is invalid.
pub fn decode<A: Action>(source: &mut dyn Source) -> Result<A> {
    let mut input = A::default();
    read_members(&mut input, source)?;
    Ok(input)
}
