//! What services tell that are asked with JSON documents: parameters of Systems Manager, and log groups.

use super::questions::Question;
use super::{ExportError, answer};
use crate::api::{Call, Request};
use model::ssm::ParameterType;
use model::{Model, Scope, Time};
use serde_json::{Value as Json, json};

/// An action, by its service, its target and its list. The name of the token for the next page is written as that service does.
type Listing = ((&'static str, &'static str), &'static str, &'static str, &'static str);

const HISTORY: Listing = (("ssm", "AmazonSSM"), "GetParameterHistory", "Parameters", "NextToken");
const GROUPS: Listing = (("logs", "Logs_20140328"), "DescribeLogGroups", "logGroups", "nextToken");

/// The files of a scope: `ssm-parameter-NAME.json` and `logs-describe-log-groups.json`.
pub(super) fn files(model: &Model, scope: &Scope, now: Time) -> Result<Vec<(String, Json)>, ExportError> {
    let mut files = Vec::new();
    // The values of the others are secret.
    for parameter in model.parameters_of(scope).filter(|row| row.kind != ParameterType::SecureString) {
        let versions = all(model, scope, now, &HISTORY, json!({"Name": parameter.name}))?;
        let name = parameter.name.replace('/', "%2F");
        files.push((format!("ssm-parameter-{name}.json"), json!({HISTORY.2: versions})));
    }
    let groups = all(model, scope, now, &GROUPS, json!({}))?;
    if !groups.is_empty() {
        files.push(("logs-describe-log-groups.json".to_owned(), json!({GROUPS.2: groups})));
    }
    Ok(files)
}

/// The items of all pages.
fn all(model: &Model, scope: &Scope, now: Time, listing: &Listing, mut body: Json) -> Result<Vec<Json>, ExportError> {
    let ((service, prefix), action, list, token) = *listing;
    let question: Question = (action, |body| serde_json::from_str(body).ok());
    let target = format!("{prefix}.{action}");
    let mut items = Vec::new();
    loop {
        let text = body.to_string();
        let call = Call { method: "POST", path: "/", target: Some(&target), body: &text, ..Call::default() };
        let request = Request::of_process_call(service, scope, &call, now);
        let page = answer(model, scope, &question, request)?;
        items.extend(page[list].as_array().into_iter().flatten().cloned());
        if page[token].is_null() {
            return Ok(items);
        }
        body[token] = page[token].clone();
    }
}
