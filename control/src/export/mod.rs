//! Exports a cloud as the files that `classiclink import` reads: the API's own answers, as `aws --output json` prints
//! them.

mod accounts;
mod details;
mod documents;
mod left_out;
mod parts;
mod questions;
mod scenario;
mod zones;

pub use left_out::left_out;
pub use scenario::{LEFT_OUT, scenario, scenario_with};
pub(crate) use scenario::{is_default_acl, names};

use crate::api::{Reply, Request};
use model::{Model, Scope, Time};
use percent_encoding::NON_ALPHANUMERIC;
use questions::{OF_CLASSIC, OF_RARE_KINDS, OF_SERVICES, PARAMETERS, QUESTIONS, Question};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[cfg(test)]
pub(crate) mod tests;

/// Why a cloud cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The API refused one of the requests, which is a bug in this program.
    #[error("{action} of {account} in {region} is not answered: {reply}")]
    Refused {
        /// The action.
        action: &'static str,
        /// The account that asked.
        account: String,
        /// The Region that it asked in.
        region: String,
        /// The reply.
        reply: String,
    },
}

/// The files of a cloud, by path: `ACCOUNT/REGION/describe-vpcs.json` and so on.
///
/// # Errors
/// [`ExportError`].
pub fn files(model: &Model, now: Time) -> Result<Vec<(PathBuf, Json)>, ExportError> {
    // The order is that of the ids, because an import makes everything at once.
    let model = &model.without_id_order();
    let mut files = Vec::new();
    let scopes = scopes(model);
    for scope in &scopes {
        let directory = PathBuf::from(&scope.account).join(&scope.region);
        let classic = if model.has_classic(scope) { OF_CLASSIC } else { &[] };
        for question in QUESTIONS.iter().chain(classic) {
            let more = PARAMETERS.iter().find(|(action, _)| *action == question.0).map_or("", |(_, more)| more);
            let answer = ask(model, ("ec2", scope), now, question, more)?;
            files.push((directory.join(format!("{}.json", kebab(question.0))), answer));
        }
        for question in OF_RARE_KINDS {
            let answer = pages(model, ("ec2", scope), now, question, "")?;
            if has_items(&answer) {
                files.push((directory.join(format!("{}.json", kebab(question.0))), answer));
            }
        }
        for (service, file, question) in OF_SERVICES {
            let answer = pages(model, (service, scope), now, question, "")?;
            if has_items(&answer) {
                files.push((directory.join(format!("{file}.json")), answer));
            }
        }
        for (file, answer) in documents::files(model, scope, now)? {
            files.push((directory.join(file), answer));
        }
        for (file, answer) in details::files(model, scope, now)? {
            files.push((directory.join(file), answer));
        }
        for (file, answer) in parts::files(model, scope, now)? {
            files.push((directory.join(file), answer));
        }
    }
    // Resources without a Region are asked for in the account's first one.
    let homes: BTreeMap<&String, &Scope> = scopes.iter().rev().map(|scope| (&scope.account, scope)).collect();
    for scope in homes.into_values() {
        files.extend(accounts::files(model, scope, now)?);
    }
    Ok(files)
}

/// Whether an answer has an object, or a list with items.
fn has_items(answer: &Json) -> bool {
    let mut members = answer.as_object().into_iter().flat_map(|members| members.values());
    members.any(|member| member.is_object() || member.as_array().is_some_and(|list| !list.is_empty()))
}

/// Every account and Region with a visit.
fn scopes(model: &Model) -> Vec<Scope> {
    let scope = |id: &str| {
        let (account, region) = id.split_once('/')?;
        Some(Scope { account: account.to_owned(), region: region.to_owned() })
    };
    model.visits.iter().filter_map(|visit| scope(&visit.id)).collect()
}

/// Puts a resource's id or name beside a reply that does not have it. A parameter that takes several is not a member.
fn put_beside(reply: &mut Json, parameter: &str, name: &str) {
    if let Some(members) = reply.as_object_mut().filter(|_| !parameter.contains('.')) {
        members.insert(parameter.to_owned(), name.into());
    }
}

/// The reply of a service with pages, asked with further parameters.
fn pages(
    model: &Model,
    of: (&str, &Scope),
    now: Time,
    question: &Question,
    parameters: &str,
) -> Result<Json, ExportError> {
    let mut all = serde_json::Map::new();
    let mut more = parameters.to_owned();
    loop {
        let page = ask(model, of, now, question, &more)?;
        for (name, value) in page.as_object().into_iter().flatten() {
            match value {
                Json::Array(items) => {
                    let known = all.entry(name.clone()).or_insert_with(|| Json::Array(Vec::new()));
                    known.as_array_mut().into_iter().for_each(|known| known.extend(items.iter().cloned()));
                }
                Json::Object(_) => _ = all.insert(name.clone(), value.clone()),
                _ => {}
            }
        }
        let marker = |name: &'static str| page[name].as_str().map(|marker| (name, marker));
        match ["Marker", "NextMarker", "NextToken"].into_iter().find_map(marker) {
            Some((name, marker)) => {
                let parameter = if name == "NextToken" { name } else { "Marker" };
                let marker = percent_encoding::utf8_percent_encode(marker, NON_ALPHANUMERIC);
                more = format!("{parameters}&{parameter}={marker}");
            }
            None => return Ok(Json::Object(all)),
        }
    }
}

fn ask(
    model: &Model,
    (service, scope): (&str, &Scope),
    now: Time,
    question: &Question,
    more: &str,
) -> Result<Json, ExportError> {
    let form = format!("Action={}{more}", question.0);
    answer(model, scope, question, Request::of_process_for(service, scope, &form, now))
}

/// Asks a service whose actions have paths, with a query.
fn ask_at(
    model: &Model,
    (service, scope): (&str, &Scope),
    now: Time,
    question: &Question,
    url: (&str, &str),
) -> Result<Json, ExportError> {
    answer(model, scope, question, Request::of_process_at(service, scope, url, now))
}

fn answer(
    model: &Model,
    scope: &Scope,
    question: &Question,
    request: Result<Request, Reply>,
) -> Result<Json, ExportError> {
    let (action, json) = *question;
    let Scope { account, region } = scope;
    let reply = request.and_then(|request| request.read(model)).unwrap_or_else(|refusal| refusal);
    let answer = (reply.status == 200).then(|| json(&members(action, &reply.body))).flatten();
    let refused =
        || ExportError::Refused { action, account: account.clone(), region: region.clone(), reply: reply.body };
    answer.ok_or_else(refused)
}

/// A reply whose members are in it directly, rather than in a result.
fn members<'x>(action: &str, xml: &'x str) -> Cow<'x, str> {
    let inner = xml.split_once(&format!("<{action}Result>"));
    match inner.and_then(|(_, rest)| rest.rsplit_once(&format!("</{action}Result>"))) {
        Some((members, _)) => format!("<Response>{members}</Response>").into(),
        None => xml.into(),
    }
}

/// `DescribeVpcs` → `describe-vpcs`.
fn kebab(action: &str) -> String {
    let mut name = String::new();
    for letter in action.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
