//! When users and roles last used the services that they may use. A report is complete at once, and told as things are when it is read.

use super::{Result, paged};
use crate::api::action::Actions;
use model::iam::LastUse;
use model::{Caller, Model};
use policy::may_allow;
use shapes::{Facts, SERVICES, iam};

/// The services' names, by what policies call them.
const NAMES: [(&str, &str); 10] = [
    ("autoscaling", "Amazon EC2 Auto Scaling"),
    ("ec2", "Amazon EC2"),
    ("elasticache", "Amazon ElastiCache"),
    ("elasticloadbalancing", "Elastic Load Balancing"),
    ("iam", "AWS Identity and Access Management"),
    ("rds", "Amazon RDS"),
    ("redshift", "Amazon Redshift"),
    ("route53", "Amazon Route 53"),
    ("ssm", "AWS Systems Manager"),
    ("sts", "AWS Security Token Service"),
];

pub fn actions(all: Actions) -> Actions {
    all.write(generate).read(get)
}

fn generate(
    model: &mut Model,
    caller: &Caller,
    input: iam::GenerateServiceLastAccessedDetailsRequest,
) -> Result<iam::GenerateServiceLastAccessedDetailsResponse> {
    let id = model.report_access(&caller.scope.account, caller.now, input.arn)?;
    Ok(iam::GenerateServiceLastAccessedDetailsResponse { job_id: Some(id) })
}

fn get(
    model: &Model,
    caller: &Caller,
    input: iam::GetServiceLastAccessedDetailsRequest,
) -> Result<iam::GetServiceLastAccessedDetailsResponse> {
    let iam::GetServiceLastAccessedDetailsRequest { job_id, page } = input;
    let account = &caller.scope.account;
    let report = model.access_report(account, &job_id)?;
    let documents = model.documents_of(account, &report.arn).unwrap_or_default();
    let allows = |facts: &&Facts| {
        let mut actions = facts.has.iter().map(|name| format!("{}:{name}", facts.signing));
        actions.any(|action| documents.iter().any(|document| may_allow(document, &action)))
    };
    let services = SERVICES.into_iter().filter(allows).map(|facts| facts.signing);
    let told = |service| last_access(model, account, &report.arn, service);
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

fn last_access(model: &Model, account: &str, arn: &str, service: &str) -> iam::ServiceLastAccessed {
    let use_of = |id: &str| model.uses_of(id).find(|one| one.service == service);
    let entities = model.entities_under(account, arn).into_iter();
    let uses: Vec<(String, &LastUse)> =
        entities.filter_map(|entity| Some((entity.arn(), use_of(&entity.named.unique_id)?))).collect();
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
