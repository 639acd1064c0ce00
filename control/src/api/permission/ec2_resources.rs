//! The resources of a request to EC2.
//!
//! `ec2.txt` has the types of resources of each action. A type's resources are those that the request names (`named`).
//! A resource that the action makes is asked for as `type/*`, and so is a required type of which the request names
//! none. An action without a line is asked for on `*`.

use super::named::{self, ByType, Named, names_id};
use super::resource::{Resource, with};
use super::{Asked, Context, ec2_keys, known, passed_role};
use model::{Caller, IdKind, Model, Scope, arn};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

/// A type of resource, and whether the action always has one.
type Type = (&'static str, bool);

/// The types of resources of each EC2 action.
static TYPES: LazyLock<BTreeMap<&str, Vec<Type>>> = LazyLock::new(|| {
    let lines = include_str!("ec2.txt").lines().filter(|line| !line.starts_with('#'));
    let one = |word: &'static str| word.strip_suffix('*').map_or((word, false), |name| (name, true));
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(action, types)| (action, types.split(' ').map(one).collect()))
        .collect()
});

/// The resources of an EC2 request. `known` has the condition keys of the sender and of the whole request.
pub fn of<'a>(
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
    let passed = passed_role::of_launch(model, scope, asked.params, &known);
    let of_types = asked_about.into_iter().flat_map(move |(resource_type, these, new)| {
        let known = Arc::new(with(&known, known::tags_given(asked, resource_type)));
        let new = if new { about_new(model, caller, asked, resource_type, &known) } else { Vec::new() };
        these.into_iter().map(move |one| about(model, scope, resource_type, &one, &known)).chain(new)
    });
    of_types.chain(all).chain(tagged).chain(passed)
}

fn about(model: &Model, scope: &Scope, resource_type: &str, one: &Named, known: &Arc<Context>) -> Resource {
    let facts = one.id.as_deref().map(|id| ec2_keys::about(model, scope, id)).unwrap_or_default();
    Resource::of(arn(scope, resource_type, &one.called), with(known, facts))
}

fn about_new(
    model: &Model,
    caller: &Caller,
    asked: &Asked<'_>,
    resource_type: &str,
    known: &Arc<Context>,
) -> Vec<Resource> {
    let all = ec2_keys::about_new(model, caller, asked, resource_type).into_iter();
    all.map(|facts| Resource::of(arn(&caller.scope, resource_type, "*"), with(known, facts))).collect()
}

/// Whether an action makes a resource of a type. Most actions' names say so: CreateVpc, CopySnapshot, RunInstances. Key
/// pairs and placement groups are named in the request that makes them.
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

/// Whether a launch makes interfaces. It does not if all that it describes exist already.
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

/// Whether a type does not apply: a launch in EC2-Classic has no subnet and no network interface.
fn is_left_out(model: &Model, scope: &Scope, asked: &Asked<'_>, resource_type: &str) -> bool {
    let launches = asked.action == "RunInstances" && matches!(resource_type, "subnet" | "network-interface");
    let in_vpc = || asked.params.sent().any(|(name, value)| names_id(name) && IdKind::Subnet.fits(value));
    launches && !in_vpc() && model.default_network(scope).is_ok_and(|network| network.is_none())
}

/// The new resources that a request tags, which needs permission for CreateTags.
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
