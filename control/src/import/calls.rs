//! An import's own calls of the API, and the replies to them.

use super::Importer;
use super::form::request;
use crate::api::{Reply, Request};
use model::{IdKind, Scope, Time};
use std::borrow::Cow;

impl Importer<'_> {
    /// Calls a service's API for an account. Returns the reply, or why the call is refused.
    pub(super) fn call(
        &mut self,
        scope: &Scope,
        service: &str,
        action: &str,
        form: &[(String, String)],
    ) -> Result<Reply, String> {
        self.call_at(self.now, None, scope, (service, action), form)
    }

    /// Calls a service's API at a time. A resource that the call creates gets the given id.
    pub(super) fn call_at(
        &mut self,
        now: Time,
        id: Option<(IdKind, String)>,
        scope: &Scope,
        (service, action): (&str, &str),
        form: &[(String, String)],
    ) -> Result<Reply, String> {
        let text = request(action, form);
        // A refused call may leave changes, so it is made in a copy.
        let mut copy = self.model.clone();
        copy.platform.given_ids = id.into_iter().collect();
        let reply = Request::of_process_for(service, scope, &text, now).and_then(|request| request.write(&mut copy));
        let reply = reply.map_err(|refusal| message_or(&refusal, action))?;
        copy.platform.given_ids.clear();
        *self.model = copy;
        Ok(reply)
    }
}

/// The message of a refusal, or what was refused.
pub(super) fn message_or(refusal: &Reply, refused: &str) -> String {
    element(&refusal.body, "Message").unwrap_or_else(|| refused.to_owned())
}

/// The text of the first element with that name.
pub(super) fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), Cow::into_owned))
}
