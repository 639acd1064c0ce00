//! Simulation of policies: SimulatePrincipalPolicy, SimulateCustomPolicy.

use super::{Error, Result, paged};
use crate::api::action::{Actions, View};
use model::iam::{Error as Refused, Identity, Policy};
use model::{Caller, Model};
use policy::{Context, Document, Query, Verdict, evaluate};
use shapes::{List, Page, iam};
use std::collections::BTreeSet;

pub fn actions(all: Actions) -> Actions {
    all.read(custom).read(principal).read(keys_of_custom).read(keys_of_principal)
}

/// The list of a request that has the permissions boundary.
const BOUNDARY: &str = "PermissionsBoundaryPolicyInputList";
/// The most pairs of an action and a resource in a simulation.
const PAIRS: usize = 2000;

/// The actions, resources and context to simulate.
struct Asked {
    principals: Vec<String>,
    actions: List<String>,
    resources: List<String>,
    context: List<iam::ContextEntry>,
    page: Page,
}

fn custom(cx: View, input: iam::SimulateCustomPolicyRequest) -> Result<iam::SimulatePolicyResponse> {
    let iam::SimulateCustomPolicyRequest {
        policy_input_list,
        permissions_boundary_policy_input_list: boundary,
        action_names,
        resource_arns,
        context_entries,
        page,
    } = input;
    let (given, boundary) = (read("PolicyInputList", &policy_input_list)?, read(BOUNDARY, &boundary)?);
    let asked = Asked {
        principals: Vec::new(),
        actions: action_names,
        resources: resource_arns,
        context: context_entries,
        page,
    };
    answer(cx.caller, &documents(&given), &documents(&boundary), asked)
}

fn principal(cx: View, input: iam::SimulatePrincipalPolicyRequest) -> Result<iam::SimulatePolicyResponse> {
    let iam::SimulatePrincipalPolicyRequest {
        policy_source_arn,
        policy_input_list,
        permissions_boundary_policy_input_list: boundary,
        action_names,
        resource_arns,
        context_entries,
        page,
    } = input;
    let identity = of_arn(cx.model, cx.caller, &policy_source_arn)?;
    let (given, boundary) = (read("PolicyInputList", &policy_input_list)?, read(BOUNDARY, &boundary)?);
    let mut bounding = documents(&boundary);
    if bounding.is_empty() {
        bounding.extend(cx.model.boundary_of(identity));
    }
    let mut policies = cx.model.policies_of(identity);
    policies.extend(documents(&given));
    let asked = Asked {
        principals: vec![policy_source_arn],
        actions: action_names,
        resources: resource_arns,
        context: context_entries,
        page,
    };
    answer(cx.caller, &policies, &bounding, asked)
}

fn keys_of_custom(
    _: View,
    input: iam::GetContextKeysForCustomPolicyRequest,
) -> Result<iam::GetContextKeysForPolicyResponse> {
    Ok(keys_of(&documents(&read("PolicyInputList", &input.policy_input_list)?)))
}

fn keys_of_principal(
    cx: View,
    input: iam::GetContextKeysForPrincipalPolicyRequest,
) -> Result<iam::GetContextKeysForPolicyResponse> {
    let iam::GetContextKeysForPrincipalPolicyRequest { policy_source_arn, policy_input_list } = input;
    let given = read("PolicyInputList", &policy_input_list)?;
    let mut policies = cx.model.policies_of(of_arn(cx.model, cx.caller, &policy_source_arn)?);
    policies.extend(documents(&given));
    Ok(keys_of(&policies))
}

/// The context keys that policies use, which a simulation can be given.
fn keys_of(policies: &[(&str, &Document)]) -> iam::GetContextKeysForPolicyResponse {
    let keys: BTreeSet<&str> = policies.iter().flat_map(|(_, document)| document.context_keys()).collect();
    iam::GetContextKeysForPolicyResponse { context_key_names: keys.into_iter().map(str::to_owned).collect() }
}

/// The user, group or role of an ARN.
fn of_arn<'m>(model: &'m Model, caller: &'m Caller, arn: &str) -> Result<&'m Identity> {
    let found = model.identity_with(arn).filter(|one| one.named.account == caller.scope.account);
    Ok(found.ok_or_else(|| Refused::NoSuch { noun: "entity", name: arn.to_owned() })?)
}

/// The policies in a list of a request, named by their position.
fn read(list: &str, texts: &List<String>) -> Result<Vec<(String, Policy)>> {
    let one = |(index, text): (usize, &String)| Ok((format!("{list}.{}", index + 1), Policy::of_identity(text)?));
    texts.iter().enumerate().map(one).collect()
}

fn documents(given: &[(String, Policy)]) -> Vec<(&str, &Document)> {
    given.iter().map(|(name, policy)| (name.as_str(), policy.document())).collect()
}

/// The result for policies, and for the permissions boundary, if there is one.
fn answer(
    caller: &Caller,
    policies: &[(&str, &Document)],
    boundary: &[(&str, &Document)],
    asked: Asked,
) -> Result<iam::SimulatePolicyResponse> {
    let Asked { principals, actions, resources, context, page } = asked;
    let entries = context.iter().flat_map(|entry| {
        let key = entry.context_key_name.clone().unwrap_or_default();
        entry.context_key_values.iter().map(move |value| (key.clone(), value))
    });
    let context: Context = entries.collect();
    let resources = if resources.is_empty() { vec!["*".to_owned()] } else { resources.to_vec() };
    let count = actions.len() * resources.len();
    if count > PAIRS {
        return Err(Error::TooManyPairs { count, most: PAIRS });
    }
    let pairs = actions.iter().flat_map(|action| resources.iter().map(move |resource| (action, resource)));
    let numbered = pairs.enumerate().map(|(place, pair)| (format!("{place:06}"), pair));
    let account = &caller.scope.account;
    let asked_about: BTreeSet<&str> = policies.iter().flat_map(|(_, document)| document.context_keys()).collect();
    let missing: Vec<&str> = asked_about.into_iter().filter(|key| context.get(key).is_none()).collect();
    let result = |(_, (action, resource)): (String, (&String, &String))| {
        let query = Query { principals: &principals, account, action, resource, context: &context };
        let bounded = (!boundary.is_empty()).then(|| evaluate(boundary.iter().copied(), &query));
        let (decision, by) = match (evaluate(policies.iter().copied(), &query), bounded) {
            (Verdict::Denied(by), _) | (_, Some(Verdict::Denied(by))) => ("explicitDeny", Some(by)),
            (Verdict::ImplicitDeny, _) | (_, Some(Verdict::ImplicitDeny)) => ("implicitDeny", None),
            (Verdict::Allowed(by), _) => ("allowed", Some(by)),
        };
        let detail = bounded.map(|bounded| iam::PermissionsBoundaryDecisionDetail {
            allowed_by_permissions_boundary: Some(matches!(bounded, Verdict::Allowed(_))),
        });
        let statement = |by: policy::Match<'_>| iam::Statement {
            source_policy_id: Some(by.policy.to_owned()),
            source_policy_type: Some("IAM Policy".to_owned()),
            ..iam::Statement::default()
        };
        iam::EvaluationResult {
            eval_action_name: action.clone(),
            eval_resource_name: Some(resource.clone()),
            eval_decision: decision.to_owned(),
            matched_statements: by.into_iter().map(statement).collect(),
            missing_context_values: missing.iter().map(|key| (*key).to_owned()).collect(),
            permissions_boundary_decision_detail: detail,
            ..iam::EvaluationResult::default()
        }
    };
    let (evaluation_results, is_truncated, marker) = paged(page, numbered, |(place, _)| place, result)?;
    Ok(iam::SimulatePolicyResponse { evaluation_results, is_truncated, marker })
}
