//! The resources that a request is about, as ARNs.
//!
//! `ec2.txt` says which types of resources each EC2 action asks permission for. Which resources those are tells what the request
//! names (`named`); what the action makes is asked for as `type/*`, and so is a required type of which nothing is named. An action
//! without a line is asked about on `*`.

use super::known::{self, Fact};
use super::named::{self, ByType, Named, names_id};
use super::{Asked, Context, auto_scaling, ec2_keys, launched, service_keys, services, tagging};
use crate::api::Params;
use model::iam::{Class, Identity, Role, service_linked_role};
use model::{Caller, IdKind, Model, Scope, arn, load_balancer};
use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::{Arc, LazyLock};

/// A resource that a request is about.
pub struct Resource {
    /// Its ARN, or `*`.
    pub arn: String,
    /// What is known of it and of the request.
    pub known: Context,
    /// The action on it, if it differs from the request's.
    pub action: Option<&'static str>,
}

impl Resource {
    fn of(arn: String, known: Context) -> Resource {
        Resource { arn, known, action: None }
    }

    /// A new resource, on which the request sets tags.
    fn tagged(arn: String, known: &Arc<Context>, action: &'static str) -> Resource {
        Resource { arn, known: with(known, Vec::new()), action: Some(action) }
    }
}

/// A type of resource, and whether the action always has one.
type Type = (&'static str, bool);

static TYPES: LazyLock<BTreeMap<&str, Vec<Type>>> = LazyLock::new(|| {
    let lines = include_str!("ec2.txt").lines().filter(|line| !line.starts_with('#'));
    let one = |word: &'static str| word.strip_suffix('*').map_or((word, false), |name| (name, true));
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(action, types)| (action, types.split(' ').map(one).collect()))
        .collect()
});

/// The resources of a request, each with what is known of the sender.
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
            let passed = passed_role(model, scope, asked, &known).into_iter();
            let passed = passed.chain(passed_by_parts(model, caller, asked, &known));
            let passed = passed.chain(passed_to_service(model, asked, &known));
            let known = tagged(service_keys::about_request(asked));
            let named = auto_scaling::of(model, caller, asked).into_iter();
            Box::new(named.map(move |(arn, about)| Resource::of(arn, with(&known, about))).chain(passed))
        }
        "ec2" => {
            let mut passed = passed_by_parts(model, caller, asked, &known);
            passed.extend(passed_to_service(model, asked, &known));
            Box::new(of_ec2(model, caller, asked, known).chain(passed))
        }
        "elasticloadbalancing" => {
            Box::new(of_load_balancers(model, caller, asked, tagged(service_keys::about_request(asked))))
        }
        "iam" => {
            let added = added_to_profile(model, scope, asked, &known);
            let known = tagged(Vec::new());
            let arn = of_iam(model, caller, asked);
            let tags = tagging::action(asked).map(|action| Resource::tagged(arn.clone(), &known, action));
            let arns = iter::once(arn).chain(renamed(model, scope, asked));
            let about = move |arn: String| {
                let mut facts = known::about_iam(model, &arn);
                facts.extend(known::boundary(model, asked, &arn));
                Resource::of(arn, with(&known, facts))
            };
            Box::new(arns.map(about).chain(added).chain(tags))
        }
        "route53" => one(of_route53(asked), with(&known, Vec::new())),
        "rds" | "elasticache" | "redshift" => {
            let passed = passed_to_service(model, asked, &known);
            let known = tagged(service_keys::about_request(asked));
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
            Box::new(named.into_iter().map(about).chain(passed).chain(tags))
        }
        "ssm" => {
            let of_parameter = move |arn| Resource::of(arn, with(&known, Vec::new()));
            Box::new(of_parameters(scope, asked).into_iter().map(of_parameter))
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

/// Who gives a session tags or a source identity must be allowed that, too. A session passes its source identity on.
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

fn with(known: &Arc<Context>, facts: Vec<Fact>) -> Context {
    let mut more = Context::upon(known);
    more.extend(facts);
    more
}

fn of_ec2<'a>(
    model: &'a Model,
    caller: &'a Caller,
    asked: &'a Asked<'a>,
    known: Arc<Context>,
) -> impl Iterator<Item = Resource> + 'a {
    let scope = &caller.scope;
    let types = TYPES.get(asked.action).map(Vec::as_slice).unwrap_or_default();
    let mut named = if types.is_empty() { ByType::new() } else { named::all(model, caller, asked) };
    let mut asked_about = Vec::new();
    for (resource_type, required) in types {
        let these = named.remove(*resource_type).unwrap_or_default();
        let new = makes(asked, resource_type) || *required && these.is_empty();
        let new = new && !is_left_out(model, scope, asked, resource_type);
        if new || !these.is_empty() {
            asked_about.push((*resource_type, these, new));
        }
    }
    let all = asked_about.is_empty().then(|| Resource::of("*".to_owned(), with(&known, known::tags_given(asked, ""))));
    let tagged = tagged(model, caller, asked, Arc::clone(&known));
    let passed = passed_role(model, scope, asked, &known);
    let of_types = asked_about.into_iter().flat_map(move |(resource_type, these, new)| {
        let known = Arc::new(with(&known, known::tags_given(asked, resource_type)));
        let new = if new { about_new(model, caller, asked, resource_type, &known) } else { Vec::new() };
        these.into_iter().map(move |one| about(model, scope, resource_type, &one, &known)).chain(new)
    });
    of_types.chain(all).chain(tagged).chain(passed)
}

fn about(model: &Model, scope: &Scope, resource_type: &str, one: &Named, known: &Arc<Context>) -> Resource {
    let facts = one.id.as_deref().map(|id| ec2_keys::about(model, scope, id)).unwrap_or_default();
    Resource::of(arn_of(scope, resource_type, &one.called), with(known, facts))
}

fn about_new(
    model: &Model,
    caller: &Caller,
    asked: &Asked<'_>,
    resource_type: &str,
    known: &Arc<Context>,
) -> Vec<Resource> {
    let all = ec2_keys::about_new(model, caller, asked, resource_type).into_iter();
    all.map(|facts| Resource::of(arn_of(&caller.scope, resource_type, "*"), with(known, facts))).collect()
}

/// Whether an action makes a resource of a type: by its name (CreateVpc, CopySnapshot, RunInstances), and for a few
/// more. Key pairs and placement groups have their names before they exist.
fn makes(asked: &Asked<'_>, resource_type: &str) -> bool {
    match (asked.action, resource_type) {
        (_, "key-pair" | "placement-group") => false,
        ("RunInstances", "network-interface") => makes_interface(asked),
        ("RunInstances", "volume")
        | ("AllocateAddress", "elastic-ip")
        | ("AllocateHosts", "dedicated-host")
        | ("CreateTransitGatewayPeeringAttachment", "transit-gateway-attachment")
        | ("CreateFlowLogs", "vpc-flow-log")
        | ("CreateImage" | "CopyImage", "snapshot") => true,
        (action, _) => {
            let made =
                ["Create", "Copy", "Import", "Register", "Run"].iter().find_map(|verb| action.strip_prefix(verb));
            let noun = resource_type.replace('-', "");
            made.is_some_and(|made| {
                made.trim_end_matches('s').to_ascii_lowercase().ends_with(noun.trim_end_matches('s'))
            })
        }
    }
}

/// Whether a launch makes interfaces: unless all that it describes exist already.
fn makes_interface(asked: &Asked<'_>) -> bool {
    let (mut described, mut there) = (BTreeSet::new(), BTreeSet::new());
    for (name, _) in asked.params.sent() {
        let mut parts = name.split('.');
        if let (Some("NetworkInterface"), Some(place), Some(member)) = (parts.next(), parts.next(), parts.next()) {
            described.insert(place);
            there.extend((member == "NetworkInterfaceId").then_some(place));
        }
    }
    described.is_empty() || there != described
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

/// Whether a type does not apply, because a launch in EC2-Classic needs nothing of a VPC.
fn is_left_out(model: &Model, scope: &Scope, asked: &Asked<'_>, resource_type: &str) -> bool {
    let launches = asked.action == "RunInstances" && matches!(resource_type, "subnet" | "network-interface");
    let in_vpc = || asked.params.sent().any(|(name, value)| names_id(name) && IdKind::Subnet.fits(value));
    launches && !in_vpc() && model.network_meant(scope).is_ok_and(|network| network.is_none())
}

/// A resource's ARN. Those of images and snapshots have no account.
fn arn_of(scope: &Scope, resource_type: &str, id: &str) -> String {
    match resource_type {
        "image" | "snapshot" => format!("arn:{}:ec2:{}::{resource_type}/{id}", scope.partition(), scope.region),
        _ => arn(scope, resource_type, id),
    }
}

/// Setting tags on a new resource needs permission to tag it.
fn tagged<'a>(
    model: &'a Model,
    caller: &'a Caller,
    asked: &'a Asked<'a>,
    known: Arc<Context>,
) -> impl Iterator<Item = Resource> + 'a {
    let specifies = |name: &str| name.starts_with("TagSpecification.") && name.ends_with(".ResourceType");
    let types = asked.params.sent().filter(move |(name, _)| specifies(name)).map(|(_, value)| value);
    types.collect::<BTreeSet<&str>>().into_iter().flat_map(move |resource_type| {
        let mut given = known::tags_given(asked, resource_type);
        if given.is_empty() {
            return Vec::new();
        }
        given.push(("ec2:CreateAction".to_owned(), asked.action.to_owned()));
        let mut all = about_new(model, caller, asked, resource_type, &Arc::new(with(&known, given)));
        all.iter_mut().for_each(|new| new.action = Some("ec2:CreateTags"));
        all
    })
}

/// The service to which an instance's role is passed.
const EC2: &str = "ec2.amazonaws.com";

/// Giving an instance a role needs permission to pass the role.
fn passed_role(model: &Model, scope: &Scope, asked: &Asked<'_>, known: &Arc<Context>) -> Option<Resource> {
    role_in(model, scope, asked.params, known)
}

/// The roles in templates and specifications, of which a request may have several.
fn passed_by_parts(model: &Model, caller: &Caller, asked: &Asked<'_>, known: &Arc<Context>) -> Vec<Resource> {
    let parts = launched::parts(model, caller, asked.params);
    parts.iter().filter_map(|said| role_in(model, &caller.scope, said, known)).collect()
}

/// The role of the instance profile that a launch's parameters name.
fn role_in(model: &Model, scope: &Scope, params: &Params, known: &Arc<Context>) -> Option<Resource> {
    let name = params.value("IamInstanceProfile.Name");
    let by_either = || params.value("IamInstanceProfile.Arn").or(params.value("IamInstanceProfile"));
    let by_arn = || by_either()?.rsplit('/').next();
    let profile = model.instance_profile(&scope.account, name.or_else(by_arn)?).ok()?;
    let role = model.identity(&scope.account, Class::Role, profile.role.as_ref()?).ok()?;
    Some(passing(model, role, known, EC2))
}

/// Adding a role to an instance profile gives the role to every instance with the profile.
fn added_to_profile(model: &Model, scope: &Scope, asked: &Asked<'_>, known: &Arc<Context>) -> Option<Resource> {
    let name = asked.params.value("RoleName").filter(|_| asked.action == "AddRoleToInstanceProfile")?;
    let role = model.identity(&scope.account, Class::Role, name).ok()?;
    Some(passing(model, role, known, EC2))
}

/// The parameters that give a role to a service, and the service as policies call it.
const GIVEN_ROLES: [(&str, &str, &str); 9] = [
    ("autoscaling", "RoleARN", "autoscaling.amazonaws.com"),
    ("autoscaling", "ServiceLinkedRoleARN", "autoscaling.amazonaws.com"),
    ("ec2", "DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),
    ("ec2", "IamFleetRole", "spotfleet.amazonaws.com"),
    ("rds", "IamRoleArn", "export.rds.amazonaws.com"),
    ("rds", "MonitoringRoleArn", "monitoring.rds.amazonaws.com"),
    ("rds", "RoleArn", "rds.amazonaws.com"),
    ("redshift", "DefaultIamRoleArn", "redshift.amazonaws.com"),
    ("redshift", "IamRoleArn", "redshift.amazonaws.com"),
];

/// Giving a service a role needs permission to pass the role.
fn passed_to_service(model: &Model, asked: &Asked<'_>, known: &Arc<Context>) -> Vec<Resource> {
    let passed = |(name, arn): (&str, &str)| {
        let is_given = |word: &str| !name.starts_with("Remove") && name.split('.').any(|part| part == word);
        let (.., to) =
            GIVEN_ROLES.into_iter().find(|(service, word, _)| *service == asked.service && is_given(word))?;
        Some(passing(model, model.identity_with(arn)?, known, to))
    };
    asked.params.sent().filter_map(passed).collect()
}

fn passing(model: &Model, role: &Identity, known: &Arc<Context>, service: &str) -> Resource {
    let mut about = known::about_iam(model, &role.arn());
    about.push(known::fact("iam:PassedToService", service));
    Resource { arn: role.arn(), known: with(known, about), action: Some("iam:PassRole") }
}

/// What IAM makes with a name, besides users, roles and groups: the parameter with the name, and the word in ARNs.
const MADE_BY_IAM: [(&str, &str); 3] =
    [("PolicyName", "policy"), ("VirtualMFADeviceName", "mfa"), ("Name", "saml-provider")];

/// Lists of one user's belongings. Without a named user they are the sender's.
const LISTS_OF_A_USER: [&str; 5] = [
    "ListAccessKeys",
    "ListMFADevices",
    "ListSSHPublicKeys",
    "ListServiceSpecificCredentials",
    "ListSigningCertificates",
];

/// Words in the names of actions that are about the account as a whole.
const OF_THE_ACCOUNT: [&str; 5] = ["Account", "CredentialReport", "DeletionStatus", "Custom", "LastAccessedDetails"];

/// The resource that an IAM action names. A new one has the path that it will get.
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
    if let Some(name) = value("ServerCertificateName") {
        let certificate = model.server_certificate(account, name).map(|certificate| certificate.arn());
        return certificate.unwrap_or_else(|_| format!("arn:aws:iam::{account}:server-certificate{path}{name}"));
    }
    let named = [("GroupName", Class::Group), ("UserName", Class::User), ("RoleName", Class::Role)];
    if let Some((name, class)) = named.iter().find_map(|(param, class)| Some((value(param)?, *class))) {
        return of_class(class, name);
    }
    let arns = ["Arn", "PolicyArn", "PolicySourceArn", "OpenIDConnectProviderArn", "SAMLProviderArn", "SerialNumber"];
    if let Some(arn) = arns.into_iter().find_map(value) {
        return arn.to_owned();
    }
    if let Some((name, noun)) = MADE_BY_IAM.iter().find_map(|(param, noun)| Some((value(param)?, noun))) {
        return format!("arn:aws:iam::{account}:{noun}{path}{name}");
    }
    if let Some(url) = value("Url") {
        let url = url.trim_start_matches("https://").split('?').next().unwrap_or_default();
        return format!("arn:aws:iam::{account}:oidc-provider/{url}");
    }
    if let Some(service) = value("AWSServiceName") {
        let made = service_linked_role(service, value("CustomSuffix"));
        return made.map_or_else(|_| "*".to_owned(), |(name, path)| format!("arn:aws:iam::{account}:role{path}{name}"));
    }
    // It names a key only, and whose that is.
    if asked.action == "GetAccessKeyLastUsed" {
        let key = value("AccessKeyId").and_then(|id| model.access_keys.get(id)).filter(|key| key.account == *account);
        let user = key.and_then(|key| key.user.as_deref());
        return user.map_or_else(|| "*".to_owned(), |user| of_class(Class::User, user));
    }
    // Without a named user it is the sender.
    let is_list = asked.action.starts_with("List");
    let of_account = OF_THE_ACCOUNT.iter().any(|word| asked.action.contains(word));
    match LISTS_OF_A_USER.contains(&asked.action) || !is_list && !of_account {
        true => caller.principal.identity(model, account).map_or_else(|| "*".to_owned(), |identity| identity.arn()),
        false => "*".to_owned(),
    }
}

/// The ARN after a change of name or path, which needs permission, too (IAM API Reference, "UpdateUser").
fn renamed(model: &Model, scope: &Scope, asked: &Asked<'_>) -> Option<String> {
    let (account, value) = (&scope.account, |name: &str| asked.params.value(name));
    let (noun, named, new) = match asked.action {
        "UpdateUser" => {
            let user = model.identity(account, Class::User, value("UserName")?).ok()?;
            ("user", &user.named, value("NewUserName"))
        }
        "UpdateGroup" => {
            let group = model.identity(account, Class::Group, value("GroupName")?).ok()?;
            ("group", &group.named, value("NewGroupName"))
        }
        "UpdateServerCertificate" => {
            let certificate = model.server_certificate(account, value("ServerCertificateName")?).ok()?;
            ("server-certificate", &certificate.named, value("NewServerCertificateName"))
        }
        _ => return None,
    };
    let (path, name) = (value("NewPath").unwrap_or(&named.path), new.unwrap_or(&named.name));
    Some(format!("arn:aws:iam::{account}:{noun}{path}{name}"))
}

/// Actions of Route 53 that name a hosted zone without being about it (Service Authorization Reference).
const ABOUT_NO_ZONE: [&str; 3] = ["CreateReusableDelegationSet", "ListHostedZonesByName", "TestDNSAnswer"];

/// The hosted zone, health check or change that a Route 53 action names.
fn of_route53(asked: &Asked<'_>) -> String {
    let kind = match asked.action {
        action if ABOUT_NO_ZONE.contains(&action) => return "*".to_owned(),
        "GetChange" => "change",
        action if action.contains("HealthCheck") || asked.params.value("ResourceType") == Some("healthcheck") => {
            "healthcheck"
        }
        action if action.contains("DelegationSet") => "delegationset",
        action if action.contains("TrafficPolicy") => "trafficpolicy",
        action if action.contains("QueryLogging") && asked.params.value("Id").is_some() => "queryloggingconfig",
        _ => "hostedzone",
    };
    let names = ["Id", "ResourceId", "HostedZoneId", "hostedzoneid", "HealthCheckId"];
    let id = names.iter().find_map(|name| asked.params.value(name)).map(|id| id.rsplit('/').next().unwrap_or(id));
    id.map_or_else(|| "*".to_owned(), |id| format!("arn:aws:route53:::{kind}/{id}"))
}

/// The parameters of Systems Manager that a request names. They belong to AWS, so their ARNs have no account; a version
/// is not part of the name.
fn of_parameters(scope: &Scope, asked: &Asked<'_>) -> Vec<String> {
    let names = |name: &str| matches!(name, "Name" | "Path") || name.starts_with("Names.member.");
    let arn = |name: &str| {
        let name = name.split(':').next().unwrap_or(name).trim_matches('/');
        format!("arn:{}:ssm:{}::parameter/{name}", scope.partition(), scope.region)
    };
    let named = asked.params.sent().filter(|(name, _)| names(name)).map(|(_, value)| arn(value));
    let named: Vec<String> = named.collect();
    if named.is_empty() { vec!["*".to_owned()] } else { named }
}

/// The role with an ARN.
pub fn role_of<'m>(model: &'m Model, arn: &str) -> Option<&'m Role> {
    model.identity_with(arn)?.role()
}
