//! Attributes of a load balancer.

use super::{Error, Result};
use crate::{Caller, Model};
use serde::{Deserialize, Serialize};

/// The attributes. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// Whether every zone's balancer sends to the instances of all zones.
    pub cross_zone: bool,
    /// Whether connections to an instance that is out may go on for a while.
    pub draining: bool,
    /// For how long.
    pub draining_timeout: u32,
    /// How long a connection may be without a byte.
    pub idle_timeout: u32,
    /// What is done with requests that could be read in two ways; kept and shown.
    pub desync_mitigation: String,
    /// Where accesses are logged; kept and shown.
    #[serde(default)]
    pub access_log: Option<AccessLog>,
}

/// A log of accesses, which nobody writes here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLog {
    /// Whether it is on. One that is off keeps its settings.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The bucket.
    pub bucket: String,
    /// What its objects' names begin with.
    pub prefix: Option<String>,
    /// How often it is written, in minutes.
    pub interval: u32,
}

/// What earlier logs, which do not say whether they are on, are taken to say.
fn yes() -> bool {
    true
}

impl Default for Attributes {
    fn default() -> Self {
        Attributes {
            cross_zone: false,
            draining: false,
            draining_timeout: 300,
            idle_timeout: 60,
            desync_mitigation: "defensive".into(),
            access_log: None,
        }
    }
}

impl Attributes {
    fn check(&self) -> Result<()> {
        match self {
            Attributes { draining_timeout: 0 | 3601.., .. } => {
                Err(Error::AttributeSeconds { name: "ConnectionDraining.Timeout", most: 3600 })
            }
            Attributes { idle_timeout: 0 | 4001.., .. } => {
                Err(Error::AttributeSeconds { name: "ConnectionSettings.IdleTimeout", most: 4000 })
            }
            Attributes { desync_mitigation, .. }
                if !["monitor", "defensive", "strictest"].contains(&desync_mitigation.as_str()) =>
            {
                Err(Error::DesyncMode {})
            }
            Attributes { access_log: Some(log), .. } if log.bucket.is_empty() => Err(Error::LogWithoutBucket {}),
            Attributes { access_log: Some(AccessLog { interval, .. }), .. } if ![5, 60].contains(interval) => {
                Err(Error::LogInterval { minutes: *interval })
            }
            _ => Ok(()),
        }
    }
}

impl Model {
    /// ModifyLoadBalancerAttributes. Answers with all attributes.
    ///
    /// # Errors
    /// If the load balancer is not there, or an attribute cannot be so.
    pub fn modify_load_balancer(
        &mut self,
        caller: &Caller,
        name: &str,
        change: impl FnOnce(&mut Attributes),
    ) -> Result<&Attributes> {
        let balancer = self.load_balancer_mut(&caller.scope, name)?;
        change(&mut balancer.attributes);
        balancer.attributes.check()?;
        Ok(&balancer.attributes)
    }
}
