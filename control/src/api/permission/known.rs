//! Condition keys and their values: what is known of a request and of resources outside EC2 (semantics.md §10).

use super::fact::{Fact, fact};
use super::{Asked, Context, ec2_keys};
use crate::api::ec2::instance_item::{primary, private};
use model::iam::Principal;
use model::{Caller, Model, Scope, arn, domain_name, escaped_name};

/// The account in a resource's ARN.
pub fn owner_in(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit()))
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
    // A session's tags replace those of its role. The case of keys does not matter.
    let mut tags = principal.identity(model, account).map(|identity| identity.named.tags.clone()).unwrap_or_default();
    if let Some(of_session) = principal.session_tags() {
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
    known.extend(about_session(model, caller, asked));
    known.extend(about_sending_instance(model, caller));
    known.extend(about_request(model, caller, asked));
    known
}

/// The keys of the sender's session, and of the MFA device that the session or the request shows.
fn about_session(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Fact> {
    let mut facts: Vec<Fact> =
        caller.principal.source_identity().map(|name| fact("aws:SourceIdentity", name)).into_iter().collect();
    if let Some(session) = caller.session {
        facts.push(fact("aws:TokenIssueTime", session.at));
    }
    let shows_mfa = || {
        let (serial, code) = (asked.params.value("SerialNumber"), asked.params.value("TokenCode"));
        code.is_some()
            && serial.is_some_and(|serial| model.is_own_mfa_device(&caller.scope.account, &caller.principal, serial))
    };
    let since = match caller.session {
        _ if asked.service == "sts" && shows_mfa() => Some(caller.now),
        session => session.filter(|session| session.with_mfa).map(|session| session.at),
    };
    if let Some(since) = since {
        facts.push(fact("aws:MultiFactorAuthAge", caller.now.0.saturating_sub(since.0) / 1000));
    }
    // Requests with long-term credentials do not have the key.
    if since.is_some() || caller.session.is_some() {
        facts.push(fact("aws:MultiFactorAuthPresent", since.is_some()));
    }
    facts
}

/// The keys of the instance that has the sender's credentials from its profile.
fn about_sending_instance(model: &Model, caller: &Caller) -> Vec<Fact> {
    let Principal::Role { instance: Some(id), .. } = &caller.principal else { return Vec::new() };
    let Some(instance) = model.instances.get(id) else { return Vec::new() };
    let mut facts = vec![fact("ec2:SourceInstanceARN", arn(&instance.scope, "instance", id))];
    facts.extend(instance.vpc().map(|place| fact("aws:Ec2InstanceSourceVpc", &place.vpc)));
    facts.extend(
        private(instance, primary(model, instance)).map(|address| fact("aws:Ec2InstanceSourcePrivateIPv4", address)),
    );
    facts
}

/// The keys that only some services have, for the whole request.
fn about_request(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Fact> {
    let sent = |key: &str, name: &str| asked.params.value(name).map(|value| fact(key, value));
    match asked.service {
        "ec2" => ec2_keys::about_request(model, caller, asked),
        "iam" => [
            sent("iam:PolicyARN", "PolicyArn"),
            sent("iam:AWSServiceName", "AWSServiceName"),
            sent("iam:ServiceSpecificCredentialServiceName", "ServiceName"),
        ]
        .into_iter()
        .flatten()
        .collect(),
        "route53" => about_zones(asked),
        "sts" => {
            let source = caller.principal.source_identity().map(|name| fact("sts:SourceIdentity", name));
            let transitive = asked.params.sent().filter(|(name, _)| name.starts_with("TransitiveTagKeys.member."));
            let transitive = transitive.map(|(_, key)| fact("sts:TransitiveTagKeys", key));
            [
                sent("sts:ExternalId", "ExternalId"),
                sent("sts:RoleSessionName", "RoleSessionName"),
                sent("sts:SourceIdentity", "SourceIdentity").or(source),
            ]
            .into_iter()
            .flatten()
            .chain(transitive)
            .collect()
        }
        _ => Vec::new(),
    }
}

/// The keys of changes of record sets, and of the VPC of a hosted zone.
fn about_zones(asked: &Asked<'_>) -> Vec<Fact> {
    let value = |name: &str| asked.params.value(name);
    let vpc = [("VPC.VPCId", "VPC.VPCRegion"), ("vpcid", "vpcregion")].into_iter().find_map(|(id, region)| {
        let (id, region) = (value(id)?, value(region).unwrap_or_default());
        Some(fact("route53:VPCs", format!("VPCId={id},VPCRegion={region}")))
    });
    let changes = asked.params.sent().filter(|(name, _)| name.starts_with("ChangeBatch.Changes."));
    let changes = changes.filter_map(|(name, value)| {
        if name.ends_with(".ResourceRecordSet.Name") {
            return Some(fact("route53:ChangeResourceRecordSetsNormalizedRecordNames", normalized(value)));
        }
        let is_type = name.ends_with(".ResourceRecordSet.Type");
        let is_action = name.ends_with(".Action");
        is_type
            .then(|| fact("route53:ChangeResourceRecordSetsRecordTypes", value))
            .or_else(|| is_action.then(|| fact("route53:ChangeResourceRecordSetsActions", value)))
    });
    changes.chain(vpc).collect()
}

/// A record's name as conditions have it: in lower case, without the last dot, and with an asterisk and the like in
/// octal (Route 53 developer guide, "Using IAM policy conditions for fine-grained access control").
fn normalized(name: &str) -> String {
    let name = domain_name(name).unwrap_or_else(|| name.to_ascii_lowercase());
    escaped_name(name.trim_end_matches('.'))
}

/// The tags that a request sets (`TagSpecification.N.Tag.M`, `Tag.N`, `Tags.member.N`, `Tags.Tag.N`), and the keys of those
/// that it removes (`TagKeys.member.N`, `TagKeys.TagKey.N`).
pub fn tags_given(asked: &Asked<'_>, resource_type: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, key) in asked.params.sent() {
        if name.starts_with("TagKeys.") {
            facts.push(fact("aws:TagKeys", key));
        }
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

/// The keys of a resource of IAM: its tags, which users and roles have under two names.
pub fn about_iam(model: &Model, arn: &str) -> Vec<Fact> {
    let is_identity = arn.contains(":user/") || arn.contains(":role/");
    let prefixes: &[&str] = if is_identity { &["aws:ResourceTag", "iam:ResourceTag"] } else { &["aws:ResourceTag"] };
    let tags = model.iam_tags(arn).unwrap_or_default();
    tags.iter()
        .flat_map(|(key, value)| prefixes.iter().map(move |prefix| fact(&format!("{prefix}/{key}"), value)))
        .collect()
}

/// The permissions boundary that a request sets, or that the user or role with that ARN has.
pub fn boundary(model: &Model, asked: &Asked<'_>, arn: &str) -> Option<Fact> {
    let held = || model.identity_with(arn)?.boundary.as_deref();
    let boundary = asked.params.value("PermissionsBoundary").or_else(held);
    boundary.map(|arn| fact("iam:PermissionsBoundary", arn))
}

/// The keys of a load balancer, if it exists.
pub fn about_load_balancer(model: &Model, scope: &Scope, name: &str) -> Vec<Fact> {
    let tags = model.load_balancer(scope, name).into_iter().flat_map(|balancer| &balancer.tags);
    tags.flat_map(|(key, value)| {
        ["aws:ResourceTag", "elasticloadbalancing:ResourceTag"].map(|prefix| fact(&format!("{prefix}/{key}"), value))
    })
    .collect()
}
