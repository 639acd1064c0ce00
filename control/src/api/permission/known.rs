//! Condition keys and their values: what is known of a request and its resources (semantics.md §10).

use super::{Asked, Context};
use model::iam::Principal;
use model::{Caller, IdKind, Instance, Model, Scope, Subnet, Tenancy, arn};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What is known of a request's sender.
#[derive(Clone, Debug, Default)]
pub struct Sender {
    /// The sender's address.
    pub address: Option<IpAddr>,
    /// The VPC of the address, if it is private.
    pub vpc: Option<String>,
    /// Whether TLS was used.
    pub secure: bool,
    /// The client's user agent.
    pub agent: Option<String>,
}

/// A condition key and a value.
pub type Fact = (String, String);

fn fact(key: &str, value: impl ToString) -> Fact {
    (key.to_owned(), value.to_string())
}

/// The keys that every request has.
pub fn about_caller(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Context {
    let Caller { scope: Scope { account, region }, now, principal, .. } = caller;
    let arns = principal.arns(model, account);
    let mut known: Context = [
        fact("aws:CurrentTime", now),
        fact("aws:EpochTime", now.0 / 1000),
        fact("aws:SecureTransport", asked.sender.secure),
        fact("aws:RequestedRegion", region),
        fact("aws:PrincipalArn", arns.last().map_or("", String::as_str)),
        fact("aws:PrincipalAccount", account),
        fact("aws:PrincipalIsAWSService", false),
        fact("aws:ViaAWSService", false),
        fact("aws:userid", principal.user_id(model, account)),
    ]
    .into_iter()
    .collect();
    let kind = match principal {
        Principal::Root => "Account",
        Principal::User { .. } => "User",
        Principal::Role { .. } => "AssumedRole",
        Principal::Federated { .. } => "FederatedUser",
    };
    known.add("aws:PrincipalType", kind);
    if let Principal::User { name } = principal {
        known.add("aws:username", name);
    }
    // A session's tags stand in the place of its role's, whatever the case of their keys.
    let mut tags = principal.identity(model, account).map(|identity| identity.named.tags.clone()).unwrap_or_default();
    if let Principal::Role { tags: of_session, .. } = principal {
        tags.retain(|key, _| !of_session.all.keys().any(|other| other.eq_ignore_ascii_case(key)));
        tags.extend(of_session.all.clone());
    }
    tags.iter().for_each(|(key, value)| known.add(&format!("aws:PrincipalTag/{key}"), value));
    if let Some(address) = asked.sender.address {
        let key = if asked.sender.vpc.is_none() { "aws:SourceIp" } else { "aws:VpcSourceIp" };
        known.add(key, address.to_canonical());
    }
    if let Some(vpc) = &asked.sender.vpc {
        known.add("aws:SourceVpc", vpc);
    }
    if let Some(agent) = &asked.sender.agent {
        known.add("aws:UserAgent", agent);
    }
    match asked.service {
        "ec2" => known.add("ec2:Region", region),
        "iam" => asked.params.value("PolicyArn").into_iter().for_each(|arn| known.add("iam:PolicyARN", arn)),
        "sts" => {
            let sent = |key: &str, name: &str| asked.params.value(name).map(|value| fact(key, value));
            let facts = [sent("sts:ExternalId", "ExternalId"), sent("sts:RoleSessionName", "RoleSessionName")];
            facts.into_iter().flatten().for_each(|(key, value)| known.add(&key, value));
        }
        _ => {}
    }
    known
}

/// The tags that a request sets: `TagSpecification.N.Tag.M`, `Tag.N`, `Tags.member.N`, `Tags.Tag.N`.
pub fn tags_given(asked: &Asked<'_>, resource_type: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, key) in asked.params.sent() {
        let Some(tag) = name.strip_suffix(".Key") else { continue };
        let for_this = match tag.split_once(".Tag.") {
            Some((specification, _)) if specification != "Tags" => {
                asked.params.value(&format!("{specification}.ResourceType")) == Some(resource_type)
            }
            _ => tag.starts_with("Tag.") || tag.starts_with("Tags."),
        };
        if for_this {
            let value = asked.params.value(&format!("{tag}.Value")).unwrap_or_default();
            facts.push(fact(&format!("aws:RequestTag/{key}"), value));
            facts.push(fact("aws:TagKeys", key));
        }
    }
    facts
}

/// The keys of an existing EC2 resource.
pub fn about(model: &Model, scope: &Scope, id: &str) -> Vec<Fact> {
    let Some(kind) = IdKind::of(id) else { return Vec::new() };
    let vpc = |vpc: &str| fact("ec2:Vpc", arn(scope, "vpc", vpc));
    let facts = match kind {
        IdKind::Vpc => model.vpcs.find(scope, id).ok().map(|row| vec![fact("ec2:Tenancy", tenancy(row.tenancy))]),
        IdKind::Instance => model.instances.find(scope, id).ok().map(|row| about_instance(model, row)),
        IdKind::SecurityGroup => {
            model.security_groups.find(scope, id).ok().map(|row| row.vpc.iter().map(|id| vpc(id)).collect())
        }
        IdKind::Subnet => {
            model.subnets.find(scope, id).ok().map(|row| vec![vpc(&row.vpc), fact("ec2:AvailabilityZone", &row.zone)])
        }
        IdKind::NetworkInterface => model
            .network_interfaces
            .find(scope, id)
            .ok()
            .map(|row| vec![vpc(&row.vpc), fact("ec2:Subnet", arn(scope, "subnet", &row.subnet))]),
        IdKind::RouteTable => model.route_tables.find(scope, id).ok().map(|row| vec![vpc(&row.vpc)]),
        IdKind::NetworkAcl => model.network_acls.find(scope, id).ok().map(|row| vec![vpc(&row.vpc)]),
        IdKind::VpcPeeringConnection => model.peerings.get(id).map(|row| {
            let side = |key, scope, id: &str| fact(key, arn(scope, "vpc", id));
            vec![
                side("ec2:RequesterVpc", &row.requester.scope, &row.requester.vpc),
                side("ec2:AccepterVpc", &row.accepter.scope, &row.accepter.vpc),
            ]
        }),
        _ => None,
    };
    let mut facts = facts.unwrap_or_default();
    // `ec2:VpcID`, `ec2:InstanceID`, …
    facts.push(fact(&format!("ec2:{kind:?}ID"), id));
    for (key, value) in model.tags_of(scope, id).into_iter().flatten() {
        facts.push(fact(&format!("aws:ResourceTag/{key}"), value));
        facts.push(fact(&format!("ec2:ResourceTag/{key}"), value));
    }
    facts
}

/// The keys of a resource of IAM: its tags, which users and roles have under two names.
pub fn about_iam(model: &Model, arn: &str) -> Vec<Fact> {
    let is_identity = arn.contains(":user/") || arn.contains(":role/");
    let prefixes: &[&str] = if is_identity { &["aws:ResourceTag", "iam:ResourceTag"] } else { &["aws:ResourceTag"] };
    let tags = model.iam_tags(arn).into_iter().flatten();
    tags.flat_map(|(key, value)| prefixes.iter().map(move |prefix| fact(&format!("{prefix}/{key}"), value))).collect()
}

/// The keys of a load balancer, if it exists.
pub fn about_load_balancer(model: &Model, scope: &Scope, name: &str) -> Vec<Fact> {
    let tags = model.load_balancer(scope, name).into_iter().flat_map(|balancer| &balancer.tags);
    tags.flat_map(|(key, value)| {
        ["aws:ResourceTag", "elasticloadbalancing:ResourceTag"].map(|prefix| fact(&format!("{prefix}/{key}"), value))
    })
    .collect()
}

fn about_instance(model: &Model, instance: &Instance) -> Vec<Fact> {
    vec![
        fact("ec2:InstanceType", &instance.instance_type),
        fact("ec2:AvailabilityZone", &instance.zone),
        fact("ec2:EbsOptimized", instance.ebs_optimized),
        fact("ec2:RootDeviceType", model.root_device_type(&instance.image).word()),
        fact("ec2:InstanceMarketType", if instance.spot { "spot" } else { "on-demand" }),
        fact("ec2:Tenancy", tenancy(instance.tenancy)),
    ]
}

fn tenancy(tenancy: Tenancy) -> &'static str {
    crate::api::ec2::vpc::tenancy(tenancy)
}

/// The keys of resources of a type that are about to be made: once for each of their places, at least once.
pub fn about_new(model: &Model, caller: &Caller, asked: &Asked<'_>, resource_type: &str) -> Vec<Vec<Fact>> {
    let scope = &caller.scope;
    let sent = |key: &str, name: &str| asked.params.value(name).map(|value| fact(key, value));
    match resource_type {
        "instance" => {
            let subnets = subnets(model, caller, asked);
            let zone = subnets.first().map(|subnet| subnet.zone.as_str());
            let zone = zone.or_else(|| asked.params.value("Placement.AvailabilityZone"));
            let tenancy = asked.params.value("Placement.Tenancy").unwrap_or("default");
            let image = asked.params.value("ImageId").unwrap_or_default();
            let root = model.root_device_type(image).word();
            let always = [fact("ec2:Tenancy", tenancy), fact("ec2:RootDeviceType", root)];
            let others = [
                sent("ec2:InstanceType", "InstanceType"),
                sent("ec2:InstanceProfile", "IamInstanceProfile.Arn"),
                sent("ec2:EbsOptimized", "EbsOptimized"),
                zone.map(|zone| fact("ec2:AvailabilityZone", zone)),
            ];
            vec![always.into_iter().chain(others.into_iter().flatten()).collect()]
        }
        "network-interface" => {
            let place = |subnet: &Subnet| {
                let (vpc, subnet) = (arn(scope, "vpc", &subnet.vpc), arn(scope, "subnet", &subnet.id));
                vec![fact("ec2:Vpc", vpc), fact("ec2:Subnet", subnet)]
            };
            let places: Vec<Vec<Fact>> = subnets(model, caller, asked).iter().map(place).collect();
            if places.is_empty() { vec![Vec::new()] } else { places }
        }
        "subnet" | "route-table" | "network-acl" | "security-group" => {
            let vpc = asked.params.value("VpcId").map(str::to_owned);
            // A group without a VPC belongs to the default VPC, if there is one.
            let meant = || model.network_meant(scope).ok().flatten().filter(|_| resource_type == "security-group");
            vec![vpc.or_else(meant).map(|vpc| fact("ec2:Vpc", arn(scope, "vpc", &vpc))).into_iter().collect()]
        }
        _ => vec![Vec::new()],
    }
}

/// The subnets in which interfaces are made, each once: those named, or the default one.
fn subnets(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Subnet> {
    let (mut ids, mut leaves_open) = (BTreeSet::new(), asked.action == "RunInstances");
    for (name, value) in asked.params.sent() {
        match name.split('.').collect::<Vec<_>>().as_slice() {
            ["SubnetId"] | ["NetworkInterface", _, "SubnetId"] => {
                ids.insert(value);
            }
            ["NetworkInterface", _, "NetworkInterfaceId"] => leaves_open = false,
            _ => {}
        }
    }
    if ids.is_empty() && leaves_open {
        let meant = model.subnet_meant(caller, asked.params.value("Placement.AvailabilityZone"));
        return meant.ok().flatten().into_iter().collect();
    }
    ids.into_iter().filter_map(|id| model.subnets.find(&caller.scope, id).ok().cloned()).collect()
}
