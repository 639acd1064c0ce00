//! What is known about a request and about its resources: condition keys and their values (semantics.md §10).

use super::{Asked, Context};
use crate::model::iam::Principal;
use crate::model::{Caller, IdKind, Instance, Model, Resource, Scope, Tags, Tenancy, arn};
use std::net::IpAddr;

/// What is known of who sent a request.
#[derive(Clone, Debug, Default)]
pub struct Sender {
    /// The address it came from.
    pub address: Option<IpAddr>,
    /// What its program calls itself.
    pub agent: Option<String>,
}

/// A condition key and a value.
pub type Fact = (String, String);

fn fact(key: &str, value: impl ToString) -> Fact {
    (key.to_owned(), value.to_string())
}

/// The keys that every request has, whatever it is about.
pub fn about_caller(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Context {
    let Caller { scope: Scope { account, region }, now, principal } = caller;
    let arns = principal.arns(model, account);
    let mut known: Context = [
        fact("aws:CurrentTime", now),
        fact("aws:EpochTime", now.0 / 1000),
        fact("aws:SecureTransport", false),
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
    };
    known.add("aws:PrincipalType", kind);
    if let Principal::User { name } = principal {
        known.add("aws:username", name);
    }
    if let Some(identity) = principal.identity(model, account) {
        identity.named.tags.iter().for_each(|(key, value)| known.add(&format!("aws:PrincipalTag/{key}"), value));
    }
    if let Some(address) = asked.sender.address {
        known.add("aws:SourceIp", address.to_canonical());
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

/// The tags that a request gives: `TagSpecification.N.Tag.M`, `Tag.N`, `Tags.member.N`, `Tags.Tag.N`.
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

/// The keys of an EC2 resource that is there.
pub fn about(model: &Model, scope: &Scope, id: &str) -> Vec<Fact> {
    let Some(kind) = IdKind::of(id) else { return Vec::new() };
    let vpc = |vpc: &str| fact("ec2:Vpc", arn(scope, "vpc", vpc));
    let (mut facts, tags) = match kind {
        IdKind::Vpc => with(model.vpcs.find(scope, id).ok(), |row| vec![fact("ec2:Tenancy", tenancy(row.tenancy))]),
        IdKind::Instance => with(model.instances.find(scope, id).ok(), about_instance),
        IdKind::SecurityGroup => {
            with(model.security_groups.find(scope, id).ok(), |row| row.vpc.iter().map(|id| vpc(id)).collect())
        }
        IdKind::Subnet => {
            with(model.subnets.find(scope, id).ok(), |row| vec![vpc(&row.vpc), fact("ec2:AvailabilityZone", &row.zone)])
        }
        IdKind::NetworkInterface => with(model.network_interfaces.find(scope, id).ok(), |row| {
            vec![vpc(&row.vpc), fact("ec2:Subnet", arn(scope, "subnet", &row.subnet))]
        }),
        IdKind::RouteTable => with(model.route_tables.find(scope, id).ok(), |row| vec![vpc(&row.vpc)]),
        IdKind::NetworkAcl => with(model.network_acls.find(scope, id).ok(), |row| vec![vpc(&row.vpc)]),
        IdKind::VpcPeeringConnection => with(model.peerings.get(id), |row| {
            let side = |key, scope, id: &str| fact(key, arn(scope, "vpc", id));
            vec![
                side("ec2:RequesterVpc", &row.requester.scope, &row.requester.vpc),
                side("ec2:AccepterVpc", &row.accepter.scope, &row.accepter.vpc),
            ]
        }),
        _ => {
            let mut others = model.tagged(scope).filter(|(tagged, _)| *tagged == id);
            (Vec::new(), others.next().map(|(_, tags)| tags))
        }
    };
    // `ec2:VpcID`, `ec2:InstanceID`, …
    facts.push(fact(&format!("ec2:{kind:?}ID"), id));
    for (key, value) in tags.into_iter().flatten() {
        facts.push(fact(&format!("aws:ResourceTag/{key}"), value));
        facts.push(fact(&format!("ec2:ResourceTag/{key}"), value));
    }
    facts
}

/// The keys of a load balancer, if it is there.
pub fn about_load_balancer(model: &Model, scope: &Scope, name: &str) -> Vec<Fact> {
    let tags = model.load_balancer(scope, name).into_iter().flat_map(|balancer| &balancer.tags);
    tags.flat_map(|(key, value)| {
        ["aws:ResourceTag", "elasticloadbalancing:ResourceTag"].map(|prefix| fact(&format!("{prefix}/{key}"), value))
    })
    .collect()
}

fn with<T: Resource>(row: Option<&T>, facts: impl Fn(&T) -> Vec<Fact>) -> (Vec<Fact>, Option<&Tags>) {
    row.map_or((Vec::new(), None), |row| (facts(row), Some(row.tags())))
}

fn about_instance(instance: &Instance) -> Vec<Fact> {
    vec![
        fact("ec2:InstanceType", &instance.instance_type),
        fact("ec2:AvailabilityZone", &instance.zone),
        fact("ec2:EbsOptimized", instance.ebs_optimized),
        fact("ec2:RootDeviceType", "ebs"),
        fact("ec2:InstanceMarketType", if instance.spot { "spot" } else { "on-demand" }),
        fact("ec2:Tenancy", tenancy(instance.tenancy)),
    ]
}

fn tenancy(tenancy: Tenancy) -> &'static str {
    crate::api::ec2::vpc::tenancy(tenancy)
}

/// The keys of an EC2 resource that is about to be made.
pub fn about_new(model: &Model, scope: &Scope, asked: &Asked<'_>, resource_type: &str) -> Vec<Fact> {
    let sent = |key: &str, name: &str| asked.params.value(name).map(|value| fact(key, value));
    let place = asked.params.sent().find_map(|(_, value)| {
        let subnet = model.subnets.find(scope, value).ok()?;
        Some((arn(scope, "vpc", &subnet.vpc), arn(scope, "subnet", &subnet.id), subnet.zone.clone()))
    });
    let mut facts = Vec::new();
    match resource_type {
        "instance" => {
            facts.extend(sent("ec2:InstanceType", "InstanceType"));
            facts.extend(sent("ec2:InstanceProfile", "IamInstanceProfile.Arn"));
            facts.extend(sent("ec2:EbsOptimized", "EbsOptimized"));
            facts.push(fact("ec2:Tenancy", asked.params.value("Placement.Tenancy").unwrap_or("default")));
            facts.push(fact("ec2:RootDeviceType", "ebs"));
            let zone = asked.params.value("Placement.AvailabilityZone").map(str::to_owned);
            facts.extend(zone.or(place.map(|(_, _, zone)| zone)).map(|zone| fact("ec2:AvailabilityZone", zone)));
        }
        "network-interface" => {
            facts.extend(
                place.into_iter().flat_map(|(vpc, subnet, _)| [fact("ec2:Vpc", vpc), fact("ec2:Subnet", subnet)]),
            );
        }
        "subnet" | "route-table" | "network-acl" | "security-group" => {
            let vpc = asked.params.value("VpcId");
            facts.extend(vpc.map(|vpc| fact("ec2:Vpc", arn(scope, "vpc", vpc))));
        }
        _ => {}
    }
    facts
}
