//! What belongs to an account and to no Region: identities with their policies, and all of Route 53.

use super::questions::{Question, json};
use super::{ExportError, has_items, pages, zones};
use model::{Model, Scope, Time};
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;
use shapes::iam;
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
    files.extend(zones::files(model, scope, now)?);
    Ok(files)
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
