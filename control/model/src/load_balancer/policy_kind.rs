//! The kinds of policies, and the attributes that each has (Elastic Load Balancing's guide for Classic Load Balancers).

use super::tls_policy::{CIPHERS, ORDER, PROTOCOLS, REFERENCE};

/// A kind of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// Requests stay with an instance by the application's cookie.
    Application,
    /// Instances are known by their keys.
    BackendAuthentication,
    /// Requests stay with an instance by a cookie of the load balancer's.
    Duration,
    /// How TLS is spoken with clients.
    Negotiation,
    /// Instances are told a client's address.
    ProxyProtocol,
    /// A key that instances may have.
    PublicKey,
}

/// An attribute of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyAttribute {
    /// The API's name for it.
    pub name: &'static str,
    /// Its type, as the API names it.
    pub kind: &'static str,
    /// How often it can be there: `ONE`, `ZERO_OR_ONE`, `ONE_OR_MORE`.
    pub cardinality: &'static str,
}

impl PolicyKind {
    /// Those that there are.
    pub const ALL: [PolicyKind; 6] = [
        PolicyKind::Application,
        PolicyKind::BackendAuthentication,
        PolicyKind::Duration,
        PolicyKind::Negotiation,
        PolicyKind::ProxyProtocol,
        PolicyKind::PublicKey,
    ];

    /// The API's name for it.
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
