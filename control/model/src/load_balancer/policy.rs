//! Policies: how a client's requests stay with an instance, and what instances are told of clients.

use super::{Error, LoadBalancer, Result};
use crate::{Caller, Model};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// A cookie of the load balancer's, for so many seconds or until the browser is closed.
    Duration(Option<u64>),
    /// The application's cookie of that name.
    Application(String),
    /// Whether instances are told a client's address in a line of the PROXY protocol.
    ProxyProtocol(bool),
}

/// A kind of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyKind {
    /// The API's name for it.
    pub name: &'static str,
    /// The name of its only attribute.
    pub attribute: &'static str,
    /// The type of that, as the API names it.
    pub attribute_type: &'static str,
    /// How often it can be there: `ONE` or `ZERO_OR_ONE`.
    pub cardinality: &'static str,
}

const DURATION: PolicyKind = PolicyKind {
    name: "LBCookieStickinessPolicyType",
    attribute: "CookieExpirationPeriod",
    attribute_type: "Long",
    cardinality: "ZERO_OR_ONE",
};
const APPLICATION: PolicyKind = PolicyKind {
    name: "AppCookieStickinessPolicyType",
    attribute: "CookieName",
    attribute_type: "String",
    cardinality: "ONE",
};
const PROXY: PolicyKind = PolicyKind {
    name: "ProxyProtocolPolicyType",
    attribute: "ProxyProtocol",
    attribute_type: "Boolean",
    cardinality: "ONE",
};

impl PolicyKind {
    /// Those that there are.
    pub const ALL: [PolicyKind; 3] = [APPLICATION, DURATION, PROXY];
}

impl Policy {
    /// A policy as CreateLoadBalancerPolicy describes it: its kind, and its attributes by their names.
    ///
    /// # Errors
    /// If there is no such kind, or its attribute is missing or cannot be so.
    pub fn read(kind: &str, attributes: &BTreeMap<String, String>) -> Result<Policy> {
        let found = PolicyKind::ALL.into_iter().find(|known| known.name == kind);
        let found = found.ok_or_else(|| Error::NoSuchPolicyType { kind: kind.to_owned() })?;
        let bad = |name: &str| Error::BadPolicyAttribute { name: name.to_owned() };
        if let Some(unknown) = attributes.keys().find(|name| *name != found.attribute) {
            return Err(bad(unknown));
        }
        let value = attributes.get(found.attribute);
        match found {
            DURATION => {
                let seconds = value.map(|value| value.parse().map_err(|_| bad(found.attribute))).transpose()?;
                Policy::of_duration(seconds)
            }
            APPLICATION => Policy::of_application(value.ok_or_else(|| bad(found.attribute))?),
            _ => {
                let on = value.and_then(|value| value.to_ascii_lowercase().parse().ok());
                Ok(Policy::ProxyProtocol(on.ok_or_else(|| bad(found.attribute))?))
            }
        }
    }

    /// A cookie of the load balancer's own.
    ///
    /// # Errors
    /// If it were to end before it begins.
    pub fn of_duration(seconds: Option<i64>) -> Result<Policy> {
        let seconds = seconds.map(|seconds| u64::try_from(seconds).ok().filter(|seconds| *seconds > 0));
        match seconds {
            Some(None) => Err(Error::BadPolicyAttribute { name: DURATION.attribute.into() }),
            other => Ok(Policy::Duration(other.flatten())),
        }
    }

    /// A cookie of the application's.
    ///
    /// # Errors
    /// If no cookie can be called so.
    pub fn of_application(cookie: &str) -> Result<Policy> {
        let is_name = !cookie.is_empty() && cookie.bytes().all(|b| b.is_ascii_graphic() && !b"=;,\"".contains(&b));
        let bad = || Error::BadPolicyAttribute { name: APPLICATION.attribute.into() };
        is_name.then(|| Policy::Application(cookie.to_owned())).ok_or_else(bad)
    }

    /// Its kind.
    pub fn kind(&self) -> PolicyKind {
        match self {
            Policy::Duration(_) => DURATION,
            Policy::Application(_) => APPLICATION,
            Policy::ProxyProtocol(_) => PROXY,
        }
    }

    /// The value of its attribute, if it has one.
    pub fn value(&self) -> Option<String> {
        match self {
            Policy::Duration(seconds) => seconds.map(|seconds| seconds.to_string()),
            Policy::Application(cookie) => Some(cookie.clone()),
            Policy::ProxyProtocol(on) => Some(on.to_string()),
        }
    }

    fn is_of_listeners(&self) -> bool {
        !matches!(self, Policy::ProxyProtocol(_))
    }
}

impl LoadBalancer {
    /// The policies of these names.
    fn policies_named(&self, names: &[String]) -> Result<Vec<(&String, &Policy)>> {
        let named = |name: &String| {
            let found = self.policies.get_key_value(name);
            found.ok_or_else(|| Error::NoSuchPolicy { policy: name.clone() })
        };
        names.iter().map(named).collect()
    }

    fn is_policy_used(&self, name: &str) -> bool {
        let of_listeners = self.listeners.values().map(|listener| &listener.policies);
        of_listeners.chain(self.backend_policies.values()).any(|names| names.contains(name))
    }
}

impl Model {
    /// CreateLoadBalancerPolicy and its kin: it has no effect until a port has it.
    ///
    /// # Errors
    /// If the load balancer is not there, or the name is taken or none.
    pub fn create_balancer_policy(
        &mut self,
        caller: &Caller,
        balancer: &str,
        name: &str,
        policy: Policy,
    ) -> Result<()> {
        let balancer = self.load_balancer_mut(&caller.scope, balancer)?;
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !(1..=128).contains(&name.len()) || !name.chars().all(fits) {
            return Err(Error::BadPolicyName { policy: name.to_owned() });
        }
        match balancer.policies.get(name) {
            Some(_) => Err(Error::PolicyExists { policy: name.to_owned() }),
            None => {
                balancer.policies.insert(name.to_owned(), policy);
                Ok(())
            }
        }
    }

    /// DeleteLoadBalancerPolicy: not one that a port has.
    pub fn delete_balancer_policy(&mut self, caller: &Caller, balancer: &str, name: &str) -> Result<()> {
        let balancer = self.load_balancer_mut(&caller.scope, balancer)?;
        if balancer.is_policy_used(name) {
            return Err(Error::PolicyInUse { policy: name.to_owned() });
        }
        let gone = balancer.policies.remove(name);
        gone.map(|_| ()).ok_or_else(|| Error::NoSuchPolicy { policy: name.to_owned() })
    }

    /// SetLoadBalancerPoliciesOfListener: these in the place of those before, one at the most.
    pub fn set_listener_policies(
        &mut self,
        caller: &Caller,
        balancer: &str,
        port: i32,
        names: &[String],
    ) -> Result<()> {
        let balancer = self.load_balancer_mut(&caller.scope, balancer)?;
        let policies = balancer.policies_named(names)?;
        let fit = policies.len() <= 1 && policies.iter().all(|(_, policy)| policy.is_of_listeners());
        let listener = balancer.listener_mut(port)?;
        if !names.is_empty() && (!fit || !listener.reads_requests()) {
            return Err(Error::OnePolicy {});
        }
        listener.policies = names.iter().cloned().collect();
        Ok(())
    }

    /// SetLoadBalancerPoliciesForBackendServer: these in the place of those before.
    pub fn set_backend_policies(&mut self, caller: &Caller, balancer: &str, port: i32, names: &[String]) -> Result<()> {
        let balancer = self.load_balancer_mut(&caller.scope, balancer)?;
        let other = balancer.policies_named(names)?.into_iter().find(|(_, policy)| policy.is_of_listeners());
        if let Some((policy, _)) = other {
            return Err(Error::BackendPolicy { policy: policy.clone() });
        }
        let mut listeners = balancer.listeners.values().filter(|listener| !listener.reads_requests());
        let found = listeners.find(|listener| i32::from(listener.instance_port) == port);
        let port = found.ok_or(Error::NoBackend { port })?.instance_port;
        let names: BTreeSet<String> = names.iter().cloned().collect();
        match names.is_empty() {
            true => _ = balancer.backend_policies.remove(&port),
            false => _ = balancer.backend_policies.insert(port, names),
        }
        Ok(())
    }
}
