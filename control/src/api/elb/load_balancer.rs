//! Load balancers.

use super::{Result, instances, listener, paged, policy, tags, text};
use crate::api::action::{Actions, Change, View};
use crate::api::elb::health;
use model::Model;
use model::load_balancer::{LIMIT, LoadBalancer, NewLoadBalancer, Place, Placing};
use shapes::elb;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(delete).read(describe).read(limits)
}

fn create(cx: Change, input: elb::CreateAccessPointInput) -> Result<String> {
    let new = NewLoadBalancer {
        name: input.load_balancer_name,
        listeners: input.listeners.into_iter().map(listener::read).collect::<Result<_>>()?,
        placing: Placing {
            zones: input.availability_zones.to_vec(),
            subnets: input.subnets.to_vec(),
            groups: input.security_groups.to_vec(),
            scheme: input.scheme,
        },
        tags: tags::of(input.tags)?,
    };
    Ok(cx.model.create_load_balancer(cx.caller, new)?.dns_name.clone())
}

fn delete(cx: Change, input: elb::DeleteAccessPointInput) -> Result<()> {
    Ok(cx.model.delete_load_balancer(cx.caller, &input.load_balancer_name)?)
}

fn describe(
    View { model, caller }: View,
    input: elb::DescribeAccessPointsInput,
) -> Result<elb::DescribeAccessPointsOutput> {
    let names = &input.load_balancer_names;
    let mut rows: Vec<&LoadBalancer> = model.load_balancers_of(&caller.scope).collect();
    if !names.is_empty() {
        rows =
            names.iter().map(|name| model.load_balancer(&caller.scope, name)).collect::<std::result::Result<_, _>>()?;
        rows.sort_by(|one, other| one.name.cmp(&other.name));
        rows.dedup_by(|one, other| one.name == other.name);
    }
    let (rows, next_marker) = paged(&input.page, rows, |row| &row.name)?;
    let load_balancer_descriptions = rows.into_iter().map(|row| shown(model, row)).collect();
    Ok(elb::DescribeAccessPointsOutput { load_balancer_descriptions, next_marker })
}

fn shown(model: &Model, balancer: &LoadBalancer) -> elb::LoadBalancerDescription {
    let described = elb::LoadBalancerDescription {
        load_balancer_name: text(&balancer.name),
        dns_name: text(&balancer.dns_name),
        canonical_hosted_zone_name: (!balancer.is_internal()).then(|| balancer.dns_name.clone()),
        canonical_hosted_zone_name_id: hosted_zone(&balancer.scope.region).map(str::to_owned),
        listener_descriptions: balancer.listeners.values().map(listener::shown).collect(),
        policies: Some(policy::of(balancer)),
        backend_server_descriptions: policy::of_backends(balancer),
        availability_zones: balancer.place.zones().into_iter().map(str::to_owned).collect(),
        subnets: Vec::new().into(),
        vpc_id: balancer.place.vpc().map(str::to_owned),
        instances: instances(balancer.instances.keys()),
        health_check: Some(health::shown(&balancer.check)),
        source_security_group: Some(source_group(model, balancer)),
        security_groups: Vec::new().into(),
        created_time: Some(balancer.created),
        scheme: text(if balancer.is_internal() { "internal" } else { "internet-facing" }),
    };
    match &balancer.place {
        Place::Classic { .. } => described,
        Place::Vpc { subnets, groups, .. } => elb::LoadBalancerDescription {
            subnets: subnets.values().cloned().collect(),
            security_groups: groups.iter().cloned().collect(),
            ..described
        },
    }
}

/// The group that rules may name to let the load balancer in.
fn source_group(model: &Model, balancer: &LoadBalancer) -> elb::SourceSecurityGroup {
    let (owner, name) = model.source_group(balancer);
    elb::SourceSecurityGroup { owner_alias: text(owner), group_name: name.map(str::to_owned) }
}

/// The hosted zones of load balancers' names, by Region (AWS General Reference, endpoints).
const HOSTED_ZONES: [(&str, &str); 26] = [
    ("af-south-1", "Z268VQBMOI5EKX"),
    ("ap-east-1", "Z3DQVH9N71FHZ0"),
    ("ap-northeast-1", "Z14GRHDCWA56QT"),
    ("ap-northeast-2", "ZWKZPGTI48KDX"),
    ("ap-northeast-3", "Z5LXEXXYW11ES"),
    ("ap-south-1", "ZP97RAFLXTNZK"),
    ("ap-southeast-1", "Z1LMS91P8CMLE5"),
    ("ap-southeast-2", "Z1GM3OXH4ZPM65"),
    ("ap-southeast-3", "Z08888821HLRG5A9ZRTER"),
    ("ca-central-1", "ZQSVJUPU6J1EY"),
    ("cn-north-1", "Z1GDH35T77C1KE"),
    ("cn-northwest-1", "ZM7IZAIOVVDZF"),
    ("eu-central-1", "Z215JYRZR1TBD5"),
    ("eu-north-1", "Z23TAZ6LKFMNIO"),
    ("eu-south-1", "Z3ULH7SSC9OV64"),
    ("eu-west-1", "Z32O12XQLNTSW2"),
    ("eu-west-2", "ZHURV8PSTC4K8"),
    ("eu-west-3", "Z3Q77PNBQS71R4"),
    ("me-south-1", "ZS929ML54UICD"),
    ("sa-east-1", "Z2P70J7HTTTPLU"),
    ("us-east-1", "Z35SXDOTRQ7X7K"),
    ("us-east-2", "Z3AADJGX6KTTL2"),
    ("us-gov-east-1", "Z166TLBEWOO7G0"),
    ("us-gov-west-1", "Z33AYJ8TM3BH4J"),
    ("us-west-1", "Z368ELLRRE2KJ0"),
    ("us-west-2", "Z1H1FL5HABSF5"),
];

fn hosted_zone(region: &str) -> Option<&'static str> {
    HOSTED_ZONES.iter().find(|(name, _)| *name == region).map(|(_, zone)| *zone)
}

fn limits(_: View, input: elb::DescribeAccountLimitsInput) -> Result<elb::DescribeAccountLimitsOutput> {
    let limit = |name: &str, max: usize| elb::Limit { name: text(name), max: text(max) };
    let limits = vec![
        limit("classic-listeners", 100),
        limit("classic-load-balancers", LIMIT),
        limit("classic-registered-instances", 1000),
    ];
    let (limits, next_marker) = paged(&input.page, limits, |limit| limit.name.as_deref().unwrap_or_default())?;
    Ok(elb::DescribeAccountLimitsOutput { limits: limits.into(), next_marker })
}
