//! Which resources a request is about, as ARNs.
//!
//! `ec2.txt` says which types of resources each EC2 action asks permission for. Which resources those are tell the ids among the
//! parameters; a required type of which there is none is one that the action makes, and is asked for as `type/*`. An action without
//! a line is asked about on `*`.

use super::known::{self, Fact};
use super::{Asked, auto_scaling, services};
use crate::model::iam::{Class, Role};
use crate::model::{Caller, IdKind, Model, Scope, arn, load_balancer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A resource that a request is about.
pub struct Resource {
    /// Its ARN, or `*`.
    pub arn: String,
    /// What is known about it.
    pub about: Vec<Fact>,
    /// The action on it if it is another than the request's.
    pub action: Option<&'static str>,
}

impl Resource {
    fn of(arn: String, about: Vec<Fact>) -> Resource {
        Resource { arn, about, action: None }
    }
}

/// A type of resource, and whether an action always has one.
type Type = (&'static str, bool);

static TYPES: LazyLock<BTreeMap<&str, Vec<Type>>> = LazyLock::new(|| {
    let lines = include_str!("ec2.txt").lines().filter(|line| !line.starts_with('#'));
    let one = |word: &'static str| word.strip_suffix('*').map_or((word, false), |name| (name, true));
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(action, types)| (action, types.split(' ').map(one).collect()))
        .collect()
});

/// Parameters whose ids are not what permission is asked for: words of filters and tags, and a VPC of somebody else.
const ASIDE: [&str; 5] = ["Filter.", "Tag", "ClientToken", "DryRun", "PeerVpcId"];

/// The resources of a request.
pub fn of(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Resource> {
    match asked.service {
        "autoscaling" => {
            let named = auto_scaling::of(model, caller, asked).into_iter();
            let named = named.map(|(arn, about)| Resource::of(arn, about));
            named.chain(passed_role(model, &caller.scope, asked)).collect()
        }
        "ec2" => of_ec2(model, caller, asked),
        "elasticloadbalancing" => of_load_balancers(model, caller, asked),
        "iam" => vec![Resource::of(of_iam(model, caller, asked), known::tags_given(asked, ""))],
        "route53" => vec![Resource::of(of_route53(asked), Vec::new())],
        "rds" | "elasticache" | "redshift" => services::of(model, caller, asked, &known::tags_given(asked, "")),
        "sts" => {
            let role = asked.params.value("RoleArn").unwrap_or("*").to_owned();
            vec![Resource::of(role, Vec::new())]
        }
        _ => vec![Resource::of("*".to_owned(), Vec::new())],
    }
}

fn of_ec2(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Resource> {
    let scope = &caller.scope;
    let types = TYPES.get(asked.action).map(Vec::as_slice).unwrap_or_default();
    let named: BTreeSet<(String, String)> = named(model, scope, asked).collect();
    let mut all = Vec::new();
    for (resource_type, required) in types {
        let ids = named.iter().filter(|(kind, _)| kind == resource_type).map(|(_, id)| id);
        let given = known::tags_given(asked, resource_type);
        let before = all.len();
        for id in ids {
            let mut about = known::about(model, scope, id);
            about.extend(given.iter().cloned());
            all.push(Resource::of(arn_of(scope, resource_type, id), about));
        }
        let makes = *required || (asked.action, *resource_type) == ("RunInstances", "volume");
        if all.len() == before && makes && !is_left_out(model, scope, asked, resource_type) {
            let mut about = known::about_new(model, scope, asked, resource_type);
            about.extend(given);
            all.push(Resource::of(arn_of(scope, resource_type, "*"), about));
        }
    }
    if all.is_empty() {
        all.push(Resource::of("*".to_owned(), known::tags_given(asked, "")));
    }
    all.extend(passed_role(model, scope, asked));
    all
}

/// The load balancers that an action names; one that only looks is asked about on `*` (Service Authorization Reference).
fn of_load_balancers(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Resource> {
    let is_name = |name: &str| name == "LoadBalancerName" || name.starts_with("LoadBalancerNames.");
    let names = asked.params.sent().filter(|(name, _)| is_name(name)).map(|(_, value)| value);
    let given = known::tags_given(asked, "");
    let mut all: Vec<Resource> = names
        .filter(|_| !asked.action.starts_with("Describe"))
        .map(|name| {
            let mut about = known::about_load_balancer(model, &caller.scope, name);
            about.extend(given.iter().cloned());
            Resource::of(load_balancer::arn(&caller.scope, name), about)
        })
        .collect();
    if all.is_empty() {
        all.push(Resource::of("*".to_owned(), given));
    }
    all
}

/// The types and ids of what a request names.
fn named<'a>(model: &'a Model, scope: &'a Scope, asked: &'a Asked<'_>) -> impl Iterator<Item = (String, String)> + 'a {
    let sent = asked.params.sent().filter(|(name, _)| !ASIDE.iter().any(|aside| name.starts_with(aside)));
    sent.filter_map(move |(name, value)| {
        let part = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('.');
        let by_name = || model.security_groups.of(scope).find(|group| group.vpc.is_none() && group.name == value);
        match part {
            "KeyName" => Some(("key-pair".to_owned(), value.to_owned())),
            "GroupName" | "SecurityGroup" => by_name().map(|group| ("security-group".to_owned(), group.id.clone())),
            "Placement.GroupName" => Some(("placement-group".to_owned(), value.to_owned())),
            _ => IdKind::of(value).map(|kind| (kind.resource_type(), value.to_owned())),
        }
    })
}

/// In EC2-Classic an instance is launched without what only a VPC has.
fn is_left_out(model: &Model, scope: &Scope, asked: &Asked<'_>, resource_type: &str) -> bool {
    let launches = asked.action == "RunInstances" && matches!(resource_type, "subnet" | "network-interface");
    let in_vpc = asked.params.sent().any(|(_, value)| IdKind::Subnet.fits(value));
    launches && !in_vpc && model.network_meant(scope).is_ok_and(|network| network.is_none())
}

/// Images and snapshots have no account in their ARNs.
fn arn_of(scope: &Scope, resource_type: &str, id: &str) -> String {
    match resource_type {
        "image" | "snapshot" => format!("arn:aws:ec2:{}::{resource_type}/{id}", scope.region),
        _ => arn(scope, resource_type, id),
    }
}

/// Who gives an instance a role must be allowed to.
fn passed_role(model: &Model, scope: &Scope, asked: &Asked<'_>) -> Option<Resource> {
    let name = asked.params.value("IamInstanceProfile.Name");
    let by_either = || asked.params.value("IamInstanceProfile.Arn").or(asked.params.value("IamInstanceProfile"));
    let by_arn = || by_either()?.rsplit('/').next();
    let profile = model.instance_profile(&scope.account, name.or_else(by_arn)?).ok()?;
    let role = model.identity(&scope.account, Class::Role, profile.role.as_ref()?).ok()?;
    let about = vec![("iam:PassedToService".to_owned(), "ec2.amazonaws.com".to_owned())];
    Some(Resource { arn: role.arn(), about, action: Some("iam:PassRole") })
}

/// The one resource of an IAM action. What is not there yet has the path that it will get.
fn of_iam(model: &Model, caller: &Caller, asked: &Asked<'_>) -> String {
    let account = &caller.scope.account;
    let path = asked.params.value("Path").unwrap_or("/");
    let of_class = |class: Class, name: &str| match model.identity(account, class, name) {
        Ok(identity) => identity.arn(),
        Err(_) => format!("arn:aws:iam::{account}:{}{path}{name}", class.noun()),
    };
    let value = |name| asked.params.value(name);
    if let Some(name) = value("InstanceProfileName") {
        let profile = model.instance_profile(account, name).map(|profile| profile.named.arn("instance-profile"));
        return profile.unwrap_or_else(|_| format!("arn:aws:iam::{account}:instance-profile{path}{name}"));
    }
    let named = [("GroupName", Class::Group), ("UserName", Class::User), ("RoleName", Class::Role)];
    if let Some((name, class)) = named.iter().find_map(|(param, class)| Some((value(param)?, *class))) {
        return of_class(class, name);
    }
    match (value("PolicyArn").or(value("PolicySourceArn")), value("PolicyName")) {
        (Some(arn), _) => arn.to_owned(),
        (None, Some(name)) => format!("arn:aws:iam::{account}:policy{path}{name}"),
        // A user who names nobody means itself.
        (None, None) if !asked.action.starts_with("List") || asked.action == "ListAccessKeys" => {
            caller.principal.identity(model, account).map_or_else(|| "*".to_owned(), |identity| identity.arn())
        }
        (None, None) => "*".to_owned(),
    }
}

/// The hosted zone, or the change, that a Route 53 action names.
fn of_route53(asked: &Asked<'_>) -> String {
    let kind = if asked.action == "GetChange" { "change" } else { "hostedzone" };
    let id = asked.params.value("Id").map(|id| id.rsplit('/').next().unwrap_or(id));
    id.map_or_else(|| "*".to_owned(), |id| format!("arn:aws:route53:::{kind}/{id}"))
}

/// The role of an ARN.
pub fn role_of<'m>(model: &'m Model, arn: &str) -> Option<&'m Role> {
    let (account, rest) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    let role = model.identity(account, Class::Role, rest.rsplit('/').next()?).ok()?;
    role.role().filter(|_| role.arn() == arn)
}
