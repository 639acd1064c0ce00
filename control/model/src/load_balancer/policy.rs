//! Policies: stickiness, TLS negotiation, the PROXY protocol and keys of instances.

use super::listener;
use super::policy_kind::PolicyKind;
use super::tls_policy::{self, REFERENCE};
use super::{Error, LoadBalancer, Result};
use crate::{Caller, Model};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// Stickiness by a cookie of the load balancer that expires after this many seconds. `None`: when the browser is closed.
    Duration(Option<u64>),
    /// Stickiness by the application's cookie with that name.
    Application(String),
    /// Whether connections to instances begin with a line of the PROXY protocol.
    ProxyProtocol(bool),
    /// TLS negotiation, by attribute. It has no effect.
    Negotiation(BTreeMap<String, String>),
    /// A public key of instances. It has no effect.
    PublicKey(String),
    /// The policies with the public keys of instances. They have no effect.
    BackendAuthentication(Vec<String>),
}

impl Policy {
    /// A policy as CreateLoadBalancerPolicy describes it: its kind, and its attributes by their names.
    ///
    /// # Errors
    /// If there is no such kind, or an attribute is missing, unknown, or cannot be so.
    pub fn read(kind: &str, attributes: &[(String, String)]) -> Result<Policy> {
        let found = PolicyKind::ALL.into_iter().find(|known| known.name() == kind);
        let kind = found.ok_or_else(|| Error::NoSuchPolicyType { kind: kind.to_owned() })?;
        let known = kind.attributes();
        if let Some((unknown, _)) = attributes.iter().find(|(name, _)| !known.iter().any(|one| one.name == name)) {
            return Err(bad(unknown));
        }
        let name = known.first().map_or("", |attribute| attribute.name);
        let value = attributes.first().map(|(_, value)| value);
        let needed = || value.ok_or_else(|| bad(name));
        match kind {
            PolicyKind::Duration => {
                Policy::of_duration(value.map(|value| value.parse().map_err(|_| bad(name))).transpose()?)
            }
            PolicyKind::Application => Policy::of_application(needed()?),
            PolicyKind::ProxyProtocol => Ok(Policy::ProxyProtocol(switch(name, needed()?)?)),
            PolicyKind::Negotiation => Policy::of_negotiation(attributes),
            PolicyKind::PublicKey => Ok(Policy::PublicKey(needed()?.clone())),
            PolicyKind::BackendAuthentication => {
                needed()?;
                Ok(Policy::BackendAuthentication(attributes.iter().map(|(_, value)| value.clone()).collect()))
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
            Some(None) => Err(bad("CookieExpirationPeriod")),
            other => Ok(Policy::Duration(other.flatten())),
        }
    }

    /// A cookie of the application's.
    ///
    /// # Errors
    /// If no cookie can be called so.
    pub fn of_application(cookie: &str) -> Result<Policy> {
        let is_name = !cookie.is_empty() && cookie.bytes().all(|b| b.is_ascii_graphic() && !b"=;,\"".contains(&b));
        is_name.then(|| Policy::Application(cookie.to_owned())).ok_or_else(|| bad("CookieName"))
    }

    /// A negotiation policy with single protocols and ciphers, or with those of a predefined policy.
    fn of_negotiation(attributes: &[(String, String)]) -> Result<Policy> {
        let mut all = BTreeMap::new();
        for (name, value) in attributes {
            let value = match name.as_str() {
                REFERENCE => value.clone(),
                _ => switch(name, value)?.to_string(),
            };
            all.insert(name.clone(), value);
        }
        if let Some(reference) = all.get(REFERENCE).cloned() {
            let settings = tls_policy::settings(&reference).ok_or(Error::NoSuchPolicy { policy: reference })?;
            settings.into_iter().for_each(|(name, value)| _ = all.entry(name).or_insert(value));
        }
        Ok(Policy::Negotiation(all))
    }

    /// The predefined policy with that name.
    pub fn predefined(name: &str) -> Option<Policy> {
        tls_policy::settings(name).map(Policy::Negotiation)
    }

    /// Its kind.
    pub fn kind(&self) -> PolicyKind {
        match self {
            Policy::Duration(_) => PolicyKind::Duration,
            Policy::Application(_) => PolicyKind::Application,
            Policy::ProxyProtocol(_) => PolicyKind::ProxyProtocol,
            Policy::Negotiation(_) => PolicyKind::Negotiation,
            Policy::PublicKey(_) => PolicyKind::PublicKey,
            Policy::BackendAuthentication(_) => PolicyKind::BackendAuthentication,
        }
    }

    /// Its attributes and their values.
    pub fn values(&self) -> Vec<(String, String)> {
        let name = self.kind().attributes().first().map_or("", |attribute| attribute.name);
        let one = |value: String| (name.to_owned(), value);
        match self {
            Policy::Duration(seconds) => vec![one(seconds.unwrap_or(0).to_string())],
            Policy::Application(value) | Policy::PublicKey(value) => vec![one(value.clone())],
            Policy::ProxyProtocol(on) => vec![one(on.to_string())],
            Policy::Negotiation(all) => all.clone().into_iter().collect(),
            Policy::BackendAuthentication(keys) => keys.iter().cloned().map(one).collect(),
        }
    }

    /// Whether it is about stickiness.
    fn is_sticky(&self) -> bool {
        matches!(self, Policy::Duration(_) | Policy::Application(_))
    }

    fn is_of_backends(&self) -> bool {
        matches!(self, Policy::ProxyProtocol(_) | Policy::BackendAuthentication(_))
    }
}

fn bad(name: &str) -> Error {
    Error::BadPolicyAttribute { name: name.to_owned() }
}

fn switch(name: &str, value: &str) -> Result<bool> {
    value.to_ascii_lowercase().parse().map_err(|_| bad(name))
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
        if let Policy::BackendAuthentication(keys) = &policy {
            let is_key = |policy: &Policy| matches!(policy, Policy::PublicKey(_));
            if !balancer.policies_named(keys)?.into_iter().all(|(_, policy)| is_key(policy)) {
                return Err(bad("PublicKeyPolicyName"));
            }
        }
        match balancer.policies.get(name) {
            Some(_) => Err(Error::PolicyExists { policy: name.to_owned() }),
            None => {
                balancer.policies.insert(name.to_owned(), policy);
                Ok(())
            }
        }
    }

    /// DeleteLoadBalancerPolicy. A policy that a port uses is refused.
    pub fn delete_balancer_policy(&mut self, caller: &Caller, balancer: &str, name: &str) -> Result<()> {
        let balancer = self.load_balancer_mut(&caller.scope, balancer)?;
        if balancer.is_policy_used(name) {
            return Err(Error::PolicyInUse { policy: name.to_owned() });
        }
        let gone = balancer.policies.remove(name);
        gone.map(|_| ()).ok_or_else(|| Error::NoSuchPolicy { policy: name.to_owned() })
    }

    /// SetLoadBalancerPoliciesOfListener: replaces the policies of a listener, of which there is one at most.
    pub fn set_listener_policies(
        &mut self,
        caller: &Caller,
        balancer: &str,
        port: i32,
        names: &[String],
    ) -> Result<()> {
        let balancer = self.load_balancer_mut(&caller.scope, balancer)?;
        let policies = balancer.policies_named(names)?;
        let of_kind = |is: fn(&Policy) -> bool| policies.iter().filter(|(_, policy)| is(policy)).count();
        let (sticky, tls) = (of_kind(Policy::is_sticky), of_kind(|policy| matches!(policy, Policy::Negotiation(_))));
        let others = policies.len() - sticky - tls;
        let listener = balancer.listener_mut(port)?;
        if others > 0 || sticky > 1 || sticky == 1 && !listener.reads_requests() {
            return Err(Error::OnePolicy {});
        }
        if tls > 1 || tls == 1 && !listener.protocol.is_secure() {
            return Err(Error::OneNegotiation {});
        }
        listener.policies = names.iter().cloned().collect();
        Ok(())
    }

    /// SetLoadBalancerPoliciesForBackendServer: replaces the policies of an instance port, which needs no listener yet.
    pub fn set_backend_policies(&mut self, caller: &Caller, balancer: &str, port: i32, names: &[String]) -> Result<()> {
        let balancer = self.load_balancer_mut(&caller.scope, balancer)?;
        let policies = balancer.policies_named(names)?;
        if let Some((policy, _)) = policies.iter().find(|(_, policy)| !policy.is_of_backends()) {
            return Err(Error::BackendPolicy { policy: (*policy).clone() });
        }
        let port = listener::port(port)?;
        let names: BTreeSet<String> = names.iter().cloned().collect();
        match names.is_empty() {
            true => _ = balancer.backend_policies.remove(&port),
            false => _ = balancer.backend_policies.insert(port, names),
        }
        Ok(())
    }
}
