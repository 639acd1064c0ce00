//! The resources that a request is about, as ARNs.

use super::fact::{Fact, fact};
use super::resource::{Resource, with};
use super::{
    Asked, Context, auto_scaling, cluster_users, ec2_resources, iam_resources, known, log_resources, passed_role,
    service_keys, services, tagging,
};
use model::iam::Role;
use model::ssm::{self, Selector};
use model::{Caller, Model, Scope, load_balancer};
use std::iter;
use std::sync::Arc;

/// The resources of a request. `known` has the condition keys of the sender and of the whole request.
pub fn of<'a>(
    model: &'a Model,
    caller: &'a Caller,
    asked: &'a Asked<'a>,
    known: Arc<Context>,
) -> Box<dyn Iterator<Item = Resource> + 'a> {
    // Only EC2 says which resource a tag is for.
    let tagged = |more: Vec<Fact>| {
        let mut known = with(&known, known::tags_given(asked, ""));
        known.extend(more);
        Arc::new(known)
    };
    let one = |arn: String, known: Context| Box::new(iter::once(Resource::of(arn, known)));
    let scope = &caller.scope;
    match asked.service {
        "autoscaling" => {
            let passed = passed_role::of_launch(model, scope, asked.params, &known).into_iter();
            let passed = passed.chain(passed_role::of_parts(model, caller, asked, &known));
            let passed = passed.chain(passed_role::to_service(model, asked, &known));
            let known = tagged(service_keys::about_request(asked));
            let named = auto_scaling::of(model, caller, asked).into_iter();
            Box::new(named.map(move |(arn, about)| Resource::of(arn, with(&known, about))).chain(passed))
        }
        "ec2" => {
            let mut passed = passed_role::of_parts(model, caller, asked, &known);
            passed.extend(passed_role::to_service(model, asked, &known));
            Box::new(ec2_resources::of(model, caller, asked, known).chain(passed))
        }
        "elasticloadbalancing" => {
            let known = tagged(service_keys::about_request(asked));
            let name = asked.params.value("LoadBalancerName");
            let tags = tagging::action(asked).zip(name).map(|(action, name)| {
                let created = fact("elasticloadbalancing:CreateAction", asked.action);
                Resource::tagged(load_balancer::arn(scope, name), &Arc::new(with(&known, vec![created])), action)
            });
            Box::new(of_load_balancers(model, caller, asked, known).chain(tags))
        }
        "iam" => {
            let added = passed_role::into_profile(model, scope, asked, &known);
            let known = tagged(Vec::new());
            let arn = iam_resources::named(model, caller, asked);
            let tags = tagging::action(asked).map(|action| Resource::tagged(arn.clone(), &known, action));
            let arns = iter::once(arn).chain(iam_resources::renamed(model, scope, asked));
            let about = move |arn: String| {
                let mut facts = known::about_iam(model, &arn);
                facts.extend(known::boundary(model, asked, &arn));
                Resource::of(arn, with(&known, facts))
            };
            Box::new(arns.map(about).chain(added).chain(tags))
        }
        "route53" => {
            let applied =
                asked.params.value("TrafficPolicyId").filter(|_| asked.action == "CreateTrafficPolicyInstance");
            let applied = applied.map(|id| format!("arn:aws:route53:::trafficpolicy/{id}"));
            let named = move |arn| Resource::of(arn, with(&known, Vec::new()));
            Box::new(iter::once(of_route53(asked)).chain(applied).map(named))
        }
        "rds" | "elasticache" | "redshift" => {
            let passed = passed_role::to_service(model, asked, &known);
            let known = tagged(service_keys::about_request(asked));
            let before = cluster_users::before(scope, asked, &known);
            let named = services::of(model, scope, asked);
            let made = named.iter().filter(|arn| services::makes(model, scope, asked, arn));
            let tags: Vec<Resource> = match tagging::action(asked) {
                Some(action) => made.map(|arn| Resource::tagged(arn.clone(), &known, action)).collect(),
                None => Vec::new(),
            };
            let about = move |arn: String| {
                // A setting that the request changes has its new value.
                let mut facts = service_keys::about(model, scope, &arn);
                facts.retain(|(key, _)| known.get(key).is_none());
                Resource::of(arn, with(&known, facts))
            };
            Box::new(named.into_iter().map(about).chain(passed).chain(before).chain(tags))
        }
        "ssm" => {
            let known = tagged(service_keys::about_request(asked));
            let named = of_parameters(scope, asked);
            let tags: Vec<Resource> = match tagging::action(asked) {
                Some(action) => named.iter().map(|arn| Resource::tagged(arn.clone(), &known, action)).collect(),
                None => Vec::new(),
            };
            let about = move |arn: String| {
                let facts = service_keys::about_parameter(model, &arn);
                Resource::of(arn, with(&known, facts))
            };
            Box::new(named.into_iter().map(about).chain(tags))
        }
        "logs" => {
            let known = tagged(log_resources::tags_given(asked));
            let named = log_resources::named(scope, asked);
            let tags = log_resources::made_with_tags(scope, asked);
            let tags = tags.map(|arn| Resource::tagged(arn, &known, "logs:TagResource"));
            let about = log_resources::about(model, &named);
            Box::new(iter::once(Resource::of(named, with(&known, about))).chain(tags))
        }
        "sts" => {
            let federated = asked.params.value("Name").filter(|_| asked.action == "GetFederationToken");
            let federated = federated.map(|name| format!("arn:aws:sts::{}:federated-user/{name}", scope.account));
            let arn = federated.unwrap_or_else(|| asked.params.value("RoleArn").unwrap_or("*").to_owned());
            let known = Arc::new(with(&tagged(Vec::new()), known::about_iam(model, &arn)));
            let more = given_to_session(caller, asked).into_iter().map(Some);
            let actions = iter::once(None).chain(more);
            let about =
                actions.map(move |action| Resource { arn: arn.clone(), known: with(&known, Vec::new()), action });
            Box::new(about)
        }
        _ => one("*".to_owned(), with(&known, Vec::new())),
    }
}

/// The actions that a request needs permission for because it gives a session tags or a source identity. A session
/// passes its source identity on.
fn given_to_session(caller: &Caller, asked: &Asked<'_>) -> Vec<&'static str> {
    let is_tagged = asked.params.sent().any(|(name, _)| name.starts_with("Tags.member."));
    let has_source = asked.params.value("SourceIdentity").is_some() || caller.principal.source_identity().is_some();
    let mut actions = Vec::new();
    if is_tagged {
        actions.push("sts:TagSession");
    }
    if has_source && asked.action == "AssumeRole" {
        actions.push("sts:SetSourceIdentity");
    }
    actions
}

/// The load balancers that an action names. Reading actions are asked for on `*` (Service Authorization Reference).
fn of_load_balancers<'a>(
    model: &'a Model,
    caller: &'a Caller,
    asked: &'a Asked<'a>,
    known: Arc<Context>,
) -> impl Iterator<Item = Resource> + 'a {
    let is_name = |name: &str| name == "LoadBalancerName" || name.starts_with("LoadBalancerNames.");
    let looks = asked.action.starts_with("Describe");
    let names = asked.params.sent().filter(move |(name, _)| !looks && is_name(name)).map(|(_, value)| value);
    let mut names = names.peekable();
    let all = names.peek().is_none().then(|| Resource::of("*".to_owned(), with(&known, Vec::new())));
    let named = names.map(move |name| {
        let about = known::about_load_balancer(model, &caller.scope, name);
        Resource::of(load_balancer::arn(&caller.scope, name), with(&known, about))
    });
    named.chain(all)
}

/// Actions of Route 53 that name a hosted zone without being about it (Service Authorization Reference).
const ABOUT_NO_ZONE: [&str; 3] = ["CreateReusableDelegationSet", "ListHostedZonesByName", "TestDNSAnswer"];

/// The resource that a Route 53 action names.
fn of_route53(asked: &Asked<'_>) -> String {
    let kind = match asked.action {
        action if ABOUT_NO_ZONE.contains(&action) => return "*".to_owned(),
        "GetChange" => "change",
        action if action.contains("HealthCheck") || asked.params.value("ResourceType") == Some("healthcheck") => {
            "healthcheck"
        }
        action if action.contains("DelegationSet") => "delegationset",
        action if action.contains("Cidr") => "cidrcollection",
        "CreateTrafficPolicyInstance" | "ListTrafficPolicyInstancesByHostedZone" => "hostedzone",
        "ListTrafficPolicyInstancesByPolicy" => "trafficpolicy",
        action if action.contains("TrafficPolicyInstance") => "trafficpolicyinstance",
        action if action.contains("TrafficPolicy") => "trafficpolicy",
        action if action.contains("QueryLogging") && asked.params.value("Id").is_some() => "queryloggingconfig",
        _ => "hostedzone",
    };
    let names = ["Id", "id", "ResourceId", "HostedZoneId", "hostedzoneid", "HealthCheckId", "CidrCollectionId"];
    let id = names.iter().find_map(|name| asked.params.value(name)).map(|id| id.rsplit('/').next().unwrap_or(id));
    id.map_or_else(|| "*".to_owned(), |id| format!("arn:aws:route53:::{kind}/{id}"))
}

/// The parameters of Systems Manager that a request names, or the path. A version is not part of an ARN.
fn of_parameters(scope: &Scope, asked: &Asked<'_>) -> Vec<String> {
    let names = |name: &str| matches!(name, "Name" | "Path" | "ResourceId") || name.starts_with("Names.member.");
    let named = asked.params.sent().filter(|(name, _)| names(name));
    let named: Vec<String> =
        named.map(|(_, value)| ssm::arn(scope, Selector::of(value).0.trim_end_matches('/'))).collect();
    if named.is_empty() { vec!["*".to_owned()] } else { named }
}

/// The role with an ARN.
pub fn role_of<'m>(model: &'m Model, arn: &str) -> Option<&'m Role> {
    model.identity_with(arn)?.role()
}
