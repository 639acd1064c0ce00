//! Policies of load balancers.

use super::{Result, text};
use crate::api::action::{Actions, Change, View};
use model::load_balancer::{Error, LoadBalancer, Policy, PolicyAttribute, PolicyKind, predefined_policies};
use shapes::{List, elb};
use std::collections::BTreeMap;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .write(create_of_application)
        .write(create_of_duration)
        .write(delete)
        .read(describe)
        .read(describe_types)
        .write(set_of_listener)
        .write(set_of_backend)
}

/// All policies of a load balancer, by their kinds.
pub fn of(balancer: &LoadBalancer) -> elb::Policies {
    let mut policies = elb::Policies {
        app_cookie_stickiness_policies: Vec::new().into(),
        lb_cookie_stickiness_policies: Vec::new().into(),
        other_policies: Vec::new().into(),
    };
    for (name, policy) in &balancer.policies {
        match policy {
            Policy::Application(cookie) => policies
                .app_cookie_stickiness_policies
                .push(elb::AppCookieStickinessPolicy { policy_name: text(name), cookie_name: text(cookie) }),
            Policy::Duration(seconds) => policies.lb_cookie_stickiness_policies.push(elb::LBCookieStickinessPolicy {
                policy_name: text(name),
                // A period of 0 stands for the browser's session.
                cookie_expiration_period: Some(seconds.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0)),
            }),
            _ => policies.other_policies.push(name.clone()),
        }
    }
    policies
}

/// The policies of instance ports.
pub fn of_backends(balancer: &LoadBalancer) -> List<elb::BackendServerDescription> {
    let one = |(port, names): (&u16, &std::collections::BTreeSet<String>)| elb::BackendServerDescription {
        instance_port: Some((*port).into()),
        policy_names: names.iter().cloned().collect(),
    };
    balancer.backend_policies.iter().map(one).collect()
}

fn create(cx: Change, input: elb::CreateLoadBalancerPolicyInput) -> Result<()> {
    let attributes = input.policy_attributes.into_iter();
    let attributes = attributes.filter_map(|one| Some((one.attribute_name?, one.attribute_value?)));
    let policy = Policy::read(&input.policy_type_name, &attributes.collect::<Vec<_>>())?;
    Ok(cx.model.create_balancer_policy(cx.caller, &input.load_balancer_name, &input.policy_name, policy)?)
}

fn create_of_application(cx: Change, input: elb::CreateAppCookieStickinessPolicyInput) -> Result<()> {
    let policy = Policy::of_application(&input.cookie_name)?;
    Ok(cx.model.create_balancer_policy(cx.caller, &input.load_balancer_name, &input.policy_name, policy)?)
}

fn create_of_duration(cx: Change, input: elb::CreateLBCookieStickinessPolicyInput) -> Result<()> {
    let policy = Policy::of_duration(input.cookie_expiration_period)?;
    Ok(cx.model.create_balancer_policy(cx.caller, &input.load_balancer_name, &input.policy_name, policy)?)
}

fn delete(cx: Change, input: elb::DeleteLoadBalancerPolicyInput) -> Result<()> {
    Ok(cx.model.delete_balancer_policy(cx.caller, &input.load_balancer_name, &input.policy_name)?)
}

/// The policies of a load balancer; where none is named, the predefined ones.
fn describe(
    View { model, caller }: View,
    input: elb::DescribeLoadBalancerPoliciesInput,
) -> Result<List<elb::PolicyDescription>> {
    let (balancer, names) = (input.load_balancer_name, input.policy_names);
    let balancer = balancer.map(|name| model.load_balancer(&caller.scope, &name)).transpose()?;
    let all: BTreeMap<String, Policy> = match balancer {
        Some(balancer) => balancer.policies.clone(),
        None => predefined_policies().filter_map(|name| Some((name.to_owned(), Policy::predefined(name)?))).collect(),
    };
    if let Some(policy) = names.iter().find(|name| !all.contains_key(*name)) {
        return Err(Error::NoSuchPolicy { policy: policy.clone() }.into());
    }
    let wanted = all.iter().filter(|(name, _)| names.is_empty() || names.contains(name));
    Ok(wanted.map(shown).collect())
}

fn shown((name, policy): (&String, &Policy)) -> elb::PolicyDescription {
    let attribute = |(name, value): (String, String)| elb::PolicyAttributeDescription {
        attribute_name: Some(name),
        attribute_value: Some(value),
    };
    elb::PolicyDescription {
        policy_name: text(name),
        policy_type_name: text(policy.kind().name()),
        policy_attribute_descriptions: policy.values().into_iter().map(attribute).collect(),
    }
}

fn describe_types(
    _: View,
    input: elb::DescribeLoadBalancerPolicyTypesInput,
) -> Result<List<elb::PolicyTypeDescription>> {
    let names = input.policy_type_names;
    if let Some(kind) = names.iter().find(|name| !PolicyKind::ALL.iter().any(|kind| kind.name() == *name)) {
        return Err(Error::NoSuchPolicyType { kind: kind.clone() }.into());
    }
    let wanted = PolicyKind::ALL.into_iter().filter(|kind| names.is_empty() || names.iter().any(|n| n == kind.name()));
    Ok(wanted.map(type_shown).collect())
}

fn type_shown(kind: PolicyKind) -> elb::PolicyTypeDescription {
    let attribute = |attribute: PolicyAttribute| elb::PolicyAttributeTypeDescription {
        attribute_name: text(attribute.name),
        attribute_type: text(attribute.kind),
        cardinality: text(attribute.cardinality),
        ..Default::default()
    };
    elb::PolicyTypeDescription {
        policy_type_name: text(kind.name()),
        policy_attribute_type_descriptions: kind.attributes().into_iter().map(attribute).collect(),
        ..Default::default()
    }
}

fn set_of_listener(cx: Change, input: elb::SetLoadBalancerPoliciesOfListenerInput) -> Result<()> {
    let (balancer, port) = (&input.load_balancer_name, input.load_balancer_port);
    Ok(cx.model.set_listener_policies(cx.caller, balancer, port, &input.policy_names)?)
}

fn set_of_backend(cx: Change, input: elb::SetLoadBalancerPoliciesForBackendServerInput) -> Result<()> {
    let (balancer, port) = (&input.load_balancer_name, input.instance_port);
    Ok(cx.model.set_backend_policies(cx.caller, balancer, port, &input.policy_names)?)
}
