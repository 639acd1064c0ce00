//! What belongs to an account and to no Region: identities with their policies, hosted zones and health checks.

use super::questions::{Question, json};
use super::{ExportError, ask_at, has_items, pages};
use model::{Model, Scope, Time};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value as Json;
use shapes::{iam, route53};
use std::path::PathBuf;

/// The actions of IAM: the file, the action, and further parameters.
const OF_IAM: &[(&str, Question, &str)] = &[
    (
        "iam-get-account-authorization-details",
        ("GetAccountAuthorizationDetails", json::<iam::GetAccountAuthorizationDetailsResponse>),
        // Every account has the policies that AWS manages.
        "&Filter.member.1=User&Filter.member.2=Group&Filter.member.3=Role&Filter.member.4=LocalManagedPolicy",
    ),
    ("iam-list-roles", ("ListRoles", json::<iam::ListRolesResponse>), ""),
    ("iam-list-instance-profiles", ("ListInstanceProfiles", json::<iam::ListInstanceProfilesResponse>), ""),
];
/// Members with a policy, which IAM encodes.
const POLICIES: [&str; 3] = ["AssumeRolePolicyDocument", "Document", "PolicyDocument"];
/// Where the next page of records begins, and the parameter that asks for it.
const NEXT: [(&str, &str); 3] =
    [("NextRecordName", "name"), ("NextRecordType", "type"), ("NextRecordIdentifier", "identifier")];

/// The files of an account, which asks in one of its Regions: `ACCOUNT/iam-list-roles.json` and so on.
pub(super) fn files(model: &Model, scope: &Scope, now: Time) -> Result<Vec<(PathBuf, Json)>, ExportError> {
    let path = |file: &str| PathBuf::from(&scope.account).join(format!("{file}.json"));
    let mut files = Vec::new();
    for (file, question, more) in OF_IAM {
        let mut answer = pages(model, ("iam", scope), now, question, more)?;
        decode(&mut answer);
        if has_items(&answer) {
            files.push((path(file), answer));
        }
    }
    for zone in model.zones_of(&scope.account) {
        let question = ("GetHostedZone", json::<route53::GetHostedZoneResponse> as fn(&str) -> _);
        let answer = ask_at(model, ("route53", scope), now, &question, (&zone_path(&zone.id, ""), ""))?;
        files.push((path(&format!("{}-zone", zone.id)), answer));
        files.push((path(&format!("{}-records", zone.id)), records(model, scope, now, &zone.id)?));
        if !zone.tags.is_empty() {
            files.push((path(&format!("{}-tags", zone.id)), tags(model, scope, now, ("hostedzone", &zone.id))?));
        }
    }
    let checks = health_checks(model, scope, now)?;
    if has_items(&checks) {
        files.push((path("route53-list-health-checks"), checks));
    }
    for check in model.health_checks_of(&scope.account).filter(|check| !check.tags.is_empty()) {
        files.push((path(&format!("{}-tags", check.id)), tags(model, scope, now, ("healthcheck", &check.id))?));
    }
    Ok(files)
}

/// The tags of a hosted zone or a health check.
fn tags(model: &Model, scope: &Scope, now: Time, (kind, id): (&str, &str)) -> Result<Json, ExportError> {
    let question = ("ListTagsForResource", json::<route53::ListTagsForResourceResponse> as fn(&str) -> _);
    ask_at(model, ("route53", scope), now, &question, (&format!("/2013-04-01/tags/{kind}/{id}"), ""))
}

/// All health checks of an account.
fn health_checks(model: &Model, scope: &Scope, now: Time) -> Result<Json, ExportError> {
    let question = ("ListHealthChecks", json::<route53::ListHealthChecksResponse> as fn(&str) -> _);
    let (mut query, mut all) = (String::new(), Vec::new());
    loop {
        let page = ask_at(model, ("route53", scope), now, &question, ("/2013-04-01/healthcheck", &query))?;
        all.extend(page["HealthChecks"].as_array().into_iter().flatten().cloned());
        let Some(next) = page["NextMarker"].as_str() else {
            return Ok(serde_json::json!({"HealthChecks": all}));
        };
        query = format!("marker={}", utf8_percent_encode(next, NON_ALPHANUMERIC));
    }
}

fn zone_path(zone: &str, more: &str) -> String {
    format!("/2013-04-01/hostedzone/{zone}{more}")
}

/// The records of a zone. The answer does not name it, so its id is put beside them.
fn records(model: &Model, scope: &Scope, now: Time, zone: &str) -> Result<Json, ExportError> {
    let question = ("ListResourceRecordSets", json::<route53::ListResourceRecordSetsResponse> as fn(&str) -> _);
    let (path, mut query, mut all) = (zone_path(zone, "/rrset"), String::new(), Vec::new());
    loop {
        let page = ask_at(model, ("route53", scope), now, &question, (&path, &query))?;
        all.extend(page["ResourceRecordSets"].as_array().into_iter().flatten().cloned());
        if page["IsTruncated"] != true {
            return Ok(serde_json::json!({"HostedZoneId": zone, "ResourceRecordSets": all}));
        }
        let next = |(member, parameter): &(&str, &str)| {
            Some(format!("{parameter}={}", utf8_percent_encode(page[*member].as_str()?, NON_ALPHANUMERIC)))
        };
        query = NEXT.iter().filter_map(next).collect::<Vec<_>>().join("&");
    }
}

/// Decodes the policies in an answer, as the aws command line prints them.
fn decode(json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(decode),
        Json::Object(members) => {
            for (name, value) in members {
                match value.as_str().filter(|_| POLICIES.contains(&name.as_str())).and_then(policy) {
                    Some(policy) => *value = policy,
                    None => decode(value),
                }
            }
        }
        _ => {}
    }
}

fn policy(encoded: &str) -> Option<Json> {
    serde_json::from_str(&percent_decode_str(encoded).decode_utf8().ok()?).ok()
}
