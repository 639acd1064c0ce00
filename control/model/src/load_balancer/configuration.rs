//! The messages between control and a balancer, each a line of JSON.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

/// A balancer's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// Its listeners.
    pub listeners: Vec<Listener>,
    /// Its targets.
    pub targets: Vec<TargetAddress>,
    /// The health check of targets.
    pub check: HealthCheck,
    /// The idle timeout of connections.
    pub idle_timeout: Duration,
    /// How long the connections of a target that is out of service may continue.
    pub draining: Duration,
}

/// A port that clients connect to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// The address to listen on. The unspecified address means all.
    pub address: Ipv4Addr,
    /// The port to listen on.
    pub port: u16,
    /// The targets' port.
    pub instance_port: u16,
    /// The protocol inside TCP or TLS.
    pub carries: Carries,
    /// The certificate with which TLS is terminated. Without one clients do not use TLS.
    #[serde(default)]
    pub certificate: Option<Certificate>,
    /// Whether connections to instances use TLS.
    #[serde(default)]
    pub secure_instances: bool,
}

/// A certificate and its private key in PEM.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The certificate and its chain.
    pub chain: String,
    /// The private key.
    pub key: String,
}

/// The key is left out.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// The traffic of a listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carries {
    /// Bytes, which may be TLS.
    Bytes {
        /// Whether each connection to a target begins with a line of the PROXY protocol, which names the client.
        proxy_line: bool,
    },
    /// HTTP/1.1 requests.
    Requests {
        /// The stickiness of a client's requests, if any.
        stickiness: Option<Stickiness>,
    },
}

/// How a client's requests are bound to one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stickiness {
    /// By a cookie of the balancer that expires after this many seconds. `None`: when the browser is closed.
    Duration(Option<u64>),
    /// For as long as the client has the application's cookie with this name.
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

/// A health check of targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// The probe.
    pub probe: Probe,
    /// The interval between probes.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// The number of failures in a row after which a target is out of service.
    pub unhealthy_threshold: u32,
    /// The number of successes in a row after which a target is in service.
    pub healthy_threshold: u32,
}

/// The probe of a health check.
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

/// The verdict of health checks on a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is new.
    #[default]
    Registering,
    /// It is in service.
    InService,
    /// It has failed too many checks in a row.
    Failing,
    /// It had failed, and has not passed enough checks in a row since.
    Recovering,
}

/// A target's health.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The verdict.
    pub verdict: Verdict,
    /// The failure of the last check, if it failed.
    pub failure: Option<String>,
}

/// The health of all targets by id.
pub type Report = BTreeMap<String, Health>;

/// The first message of a balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The load balancer that it belongs to, by the id of its row.
    pub load_balancer: String,
    /// Its zone.
    pub zone: String,
}
