//! The kinds of policies, and the attributes that each has (Elastic Load Balancing's guide for Classic Load Balancers).

use super::tls_policy::{CIPHERS, ORDER, PROTOCOLS, REFERENCE};

/// A kind of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// Stickiness by the application's cookie.
    Application,
    /// Authentication of instances by their keys.
    BackendAuthentication,
    /// Stickiness by a cookie of the load balancer.
    Duration,
    /// TLS negotiation with clients.
    Negotiation,
    /// The PROXY protocol to instances.
    ProxyProtocol,
    /// A public key of instances.
    PublicKey,
}

/// An attribute of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyAttribute {
    /// Its name.
    pub name: &'static str,
    /// Its type in the API.
    pub kind: &'static str,
    /// How often it may occur: `ONE`, `ZERO_OR_ONE`, `ONE_OR_MORE`.
    pub cardinality: &'static str,
}

impl PolicyKind {
    /// All kinds.
    pub const ALL: [PolicyKind; 6] = [
        PolicyKind::Application,
        PolicyKind::BackendAuthentication,
        PolicyKind::Duration,
        PolicyKind::Negotiation,
        PolicyKind::ProxyProtocol,
        PolicyKind::PublicKey,
    ];

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            PolicyKind::Application => "AppCookieStickinessPolicyType",
            PolicyKind::BackendAuthentication => "BackendServerAuthenticationPolicyType",
            PolicyKind::Duration => "LBCookieStickinessPolicyType",
            PolicyKind::Negotiation => "SSLNegotiationPolicyType",
            PolicyKind::ProxyProtocol => "ProxyProtocolPolicyType",
            PolicyKind::PublicKey => "PublicKeyPolicyType",
        }
    }

    /// Its attributes.
    pub fn attributes(self) -> Vec<PolicyAttribute> {
        let one = |name, kind, cardinality| PolicyAttribute { name, kind, cardinality };
        match self {
            PolicyKind::Application => vec![one("CookieName", "String", "ONE")],
            PolicyKind::BackendAuthentication => vec![one("PublicKeyPolicyName", "PolicyName", "ONE_OR_MORE")],
            PolicyKind::Duration => vec![one("CookieExpirationPeriod", "Long", "ZERO_OR_ONE")],
            PolicyKind::ProxyProtocol => vec![one("ProxyProtocol", "Boolean", "ONE")],
            PolicyKind::PublicKey => vec![one("PublicKey", "String", "ONE")],
            PolicyKind::Negotiation => {
                let switches = PROTOCOLS.into_iter().chain([ORDER]).chain(CIPHERS);
                let switches = switches.map(|name| one(name, "Boolean", "ZERO_OR_ONE"));
                std::iter::once(one(REFERENCE, "String", "ZERO_OR_ONE")).chain(switches).collect()
            }
        }
    }
}
