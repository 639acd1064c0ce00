//! What control tells a balancer, and what it tells control: a line of JSON each.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

/// All that a balancer does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// Where it listens.
    pub listeners: Vec<Listener>,
    /// To whom it may send.
    pub targets: Vec<TargetAddress>,
    /// How it finds out who of them works.
    pub check: HealthCheck,
    /// How long a connection may be without a byte.
    pub idle_timeout: Duration,
    /// How long the connections of a target that is out may go on.
    pub draining: Duration,
}

/// A port that clients connect to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// The own address; unspecified means all.
    pub address: Ipv4Addr,
    /// The own port.
    pub port: u16,
    /// The targets' port.
    pub instance_port: u16,
    /// What it carries.
    pub carries: Carries,
    /// The certificate with which TLS ends here; without one, it is not spoken with clients.
    #[serde(default)]
    pub certificate: Option<Certificate>,
    /// Whether TLS is spoken with instances.
    #[serde(default)]
    pub secure_instances: bool,
}

/// A certificate with its key, both as PEM.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The certificate, and those that vouch for it.
    pub chain: String,
    /// The private key.
    pub key: String,
}

/// A key is nobody's business.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// What a listener carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carries {
    /// Bytes, TLS among them.
    Bytes {
        /// Whether targets are told the client's address first, in a line of the PROXY protocol.
        proxy_line: bool,
    },
    /// Requests of HTTP/1.1.
    Requests {
        /// How the requests of a client stay with one target.
        stickiness: Option<Stickiness>,
    },
}

/// How the requests of a client stay with one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stickiness {
    /// By a cookie of the balancer's for so many seconds, or until the browser is closed.
    Duration(Option<u64>),
    /// As long as the application's cookie of this name.
    Application(String),
}

/// A target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetAddress {
    /// The instance.
    pub id: String,
    /// Its address.
    pub address: Ipv4Addr,
}

/// How targets are checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// What is tried.
    pub probe: Probe,
    /// How often.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// So many failures in a row put a target out of service.
    pub unhealthy_threshold: u32,
    /// So many successes in a row put it into service.
    pub healthy_threshold: u32,
}

/// What a health check tries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// A connection to this port.
    Tcp(u16),
    /// A request for this path at this port, which must be answered with 200.
    Http(u16, String),
    /// A TLS connection to this port.
    Ssl(u16),
    /// The same request inside TLS.
    Https(u16, String),
}

/// What is known of a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is new.
    #[default]
    Registering,
    /// It gets what clients send.
    InService,
    /// It has failed too many checks in a row.
    Failing,
    /// It had failed, and has not passed enough checks in a row.
    Recovering,
}

/// A target's health.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// What is known.
    pub verdict: Verdict,
    /// How the last check failed, if it did.
    pub failure: Option<String>,
}

/// The health of all targets, by their ids.
pub type Report = BTreeMap<String, Health>;

/// What a balancer says first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The load balancer that it is a part of: the id of its row.
    pub load_balancer: String,
    /// The zone it is in.
    pub zone: String,
}
