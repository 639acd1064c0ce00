//! When users and roles last used the services that they may use, and which policies let them. A report is complete at once, and told as
//! things are when it is read.

use super::policies::attached;
use super::{Result, paged};
use crate::api::action::{Actions, Change, View};
use model::Model;
use model::iam::{Error, Identity, LastUse, Rule};
use policy::{Document, may_allow};
use shapes::{Facts, SERVICES, iam};
use std::collections::{BTreeMap, BTreeSet};

/// How many services can be asked about at a time (IAM's reference, ListPoliciesGrantingServiceAccess).
const MOST_NAMESPACES: usize = 200;

/// The services' names, by what policies call them.
const NAMES: [(&str, &str); 12] = [
    ("autoscaling", "Amazon EC2 Auto Scaling"),
    ("ec2", "Amazon EC2"),
    ("elasticache", "Amazon ElastiCache"),
    ("elasticloadbalancing", "Elastic Load Balancing"),
    ("iam", "AWS Identity and Access Management"),
    ("logs", "Amazon CloudWatch Logs"),
    ("rds", "Amazon RDS"),
    ("redshift", "Amazon Redshift"),
    ("route53", "Amazon Route 53"),
    ("ssm", "AWS Systems Manager"),
    ("sts", "AWS Security Token Service"),
    ("tag", "Amazon Resource Group Tagging API"),
];

pub fn actions(all: Actions) -> Actions {
    all.write(generate).read(get).read(get_with_entities).read(list_granting)
}

fn generate(
    cx: Change,
    input: iam::GenerateServiceLastAccessedDetailsRequest,
) -> Result<iam::GenerateServiceLastAccessedDetailsResponse> {
    let id = cx.model.report_access(&cx.caller.scope.account, cx.caller.now, input.arn)?;
    Ok(iam::GenerateServiceLastAccessedDetailsResponse { job_id: Some(id) })
}

fn get(
    cx: View,
    input: iam::GetServiceLastAccessedDetailsRequest,
) -> Result<iam::GetServiceLastAccessedDetailsResponse> {
    let iam::GetServiceLastAccessedDetailsRequest { job_id, page } = input;
    let account = &cx.caller.scope.account;
    let report = cx.model.access_report(account, &job_id)?;
    let documents = cx.model.documents_of(account, &report.arn).unwrap_or_default();
    let allows = |facts: &&Facts| documents.iter().any(|document| grants(document, facts));
    let services = SERVICES.into_iter().filter(allows).map(|facts| facts.in_policies);
    let told = |service| last_access(cx.model, account, &report.arn, service);
    let (services_last_accessed, is_truncated, marker) = paged(page, services, |service| service, told)?;
    Ok(iam::GetServiceLastAccessedDetailsResponse {
        job_status: "COMPLETED".to_owned(),
        job_type: Some("SERVICE_LEVEL".to_owned()),
        job_creation_date: report.at,
        services_last_accessed,
        job_completion_date: report.at,
        is_truncated,
        marker,
        ..Default::default()
    })
}

/// When each user and role that a report is about used one service.
fn get_with_entities(
    cx: View,
    input: iam::GetServiceLastAccessedDetailsWithEntitiesRequest,
) -> Result<iam::GetServiceLastAccessedDetailsWithEntitiesResponse> {
    let iam::GetServiceLastAccessedDetailsWithEntitiesRequest { job_id, service_namespace, page } = input;
    let account = &cx.caller.scope.account;
    let report = cx.model.access_report(account, &job_id)?;
    let told = |entity: &Identity| iam::EntityDetails {
        entity_info: iam::EntityInfo {
            arn: entity.arn(),
            name: entity.named.name.clone(),
            r#type: entity.class().noun().to_uppercase(),
            id: entity.named.unique_id.clone(),
            path: Some(entity.named.path.clone()),
        },
        last_authenticated: use_of(cx.model, entity, &service_namespace).map(|last| last.at),
    };
    let entities = cx.model.entities_under(account, &report.arn);
    let (entity_details_list, is_truncated, marker) = paged(page, entities, |entity| &entity.id, told)?;
    Ok(iam::GetServiceLastAccessedDetailsWithEntitiesResponse {
        job_status: "COMPLETED".to_owned(),
        job_creation_date: report.at,
        job_completion_date: report.at,
        entity_details_list,
        is_truncated,
        marker,
        ..Default::default()
    })
}

/// The policies that let an identity use services: its own and, of a user, its groups'.
fn list_granting(
    cx: View,
    input: iam::ListPoliciesGrantingServiceAccessRequest,
) -> Result<iam::ListPoliciesGrantingServiceAccessResponse> {
    let iam::ListPoliciesGrantingServiceAccessRequest { arn, service_namespaces } = input;
    let identity = cx.model.identity_with(&arn).filter(|identity| identity.named.account == cx.caller.scope.account);
    let identity = identity.ok_or_else(|| Error::NoSuchArn { arn: arn.clone() })?;
    if service_namespaces.len() > MOST_NAMESPACES {
        let value = format!("{} namespaces", service_namespaces.len());
        return Err(Error::constraint("serviceNamespaces", value, Rule::MostLength(MOST_NAMESPACES)).into());
    }
    let policies = |namespace: &String| -> Vec<_> {
        let service = SERVICES.into_iter().find(|facts| facts.in_policies == *namespace);
        let of_owner = |owner| service.map(|facts| granting(cx.model, owner, facts)).unwrap_or_default();
        cx.model.policy_owners(identity).flat_map(of_owner).collect()
    };
    // Policies are read once for each service, however often it is named.
    let distinct: BTreeSet<&String> = service_namespaces.iter().collect();
    let granted: BTreeMap<_, _> = distinct.into_iter().map(|namespace| (namespace, policies(namespace))).collect();
    let entry = |namespace: &String| iam::ListPoliciesGrantingServiceAccessEntry {
        service_namespace: Some(namespace.clone()),
        policies: granted.get(namespace).cloned().unwrap_or_default().into(),
    };
    Ok(iam::ListPoliciesGrantingServiceAccessResponse {
        policies_granting_service_access: service_namespaces.iter().map(entry).collect(),
        is_truncated: Some(false),
        ..Default::default()
    })
}

/// The owner's policies that grant something of a service.
fn granting(model: &Model, owner: &Identity, service: &Facts) -> Vec<iam::PolicyGrantingServiceAccess> {
    let managed = attached(owner, None).into_iter().filter(|policy| {
        let document = policy.policy_arn.as_deref().and_then(|arn| model.policy_document(arn));
        document.is_some_and(|document| grants(document, service))
    });
    let managed = managed.map(|policy| iam::PolicyGrantingServiceAccess {
        policy_name: policy.policy_name.unwrap_or_default(),
        policy_type: "MANAGED".to_owned(),
        policy_arn: policy.policy_arn,
        ..Default::default()
    });
    let inline = owner.inline.iter().filter(|(_, policy)| grants(policy.document(), service));
    let inline = inline.map(|(name, _)| iam::PolicyGrantingServiceAccess {
        policy_name: name.clone(),
        policy_type: "INLINE".to_owned(),
        entity_type: Some(owner.class().noun().to_uppercase()),
        entity_name: Some(owner.named.name.clone()),
        ..Default::default()
    });
    managed.chain(inline).collect()
}

/// Whether a policy may allow something of a service.
fn grants(document: &Document, service: &Facts) -> bool {
    let mut actions = service.has.iter().map(|name| format!("{}:{name}", service.in_policies));
    actions.any(|action| may_allow(document, &action))
}

fn use_of<'m>(model: &'m Model, entity: &Identity, service: &str) -> Option<&'m LastUse> {
    model.uses_of(&entity.named.unique_id).find(|one| one.service == service)
}

fn last_access(model: &Model, account: &str, arn: &str, service: &str) -> iam::ServiceLastAccessed {
    let entities = model.entities_under(account, arn).into_iter();
    let uses: Vec<(String, &LastUse)> =
        entities.filter_map(|entity| Some((entity.arn(), use_of(model, entity, service)?))).collect();
    let last = uses.iter().max_by_key(|(_, last)| last.at);
    let name = NAMES.iter().find(|(word, _)| *word == service).map_or(service, |(_, name)| *name);
    iam::ServiceLastAccessed {
        service_name: name.to_owned(),
        last_authenticated: last.map(|(_, last)| last.at),
        service_namespace: service.to_owned(),
        last_authenticated_entity: last.map(|(entity, _)| entity.clone()),
        last_authenticated_region: last.map(|(_, last)| last.region.clone()),
        total_authenticated_entities: i32::try_from(uses.len()).ok(),
        ..Default::default()
    }
}
