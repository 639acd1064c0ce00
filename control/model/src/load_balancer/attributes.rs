//! Attributes of a load balancer.

use super::{Error, Result};
use crate::{Caller, Model};
use serde::{Deserialize, Serialize};

/// The attributes. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// Whether each zone's balancer sends to the instances of all zones.
    pub cross_zone: bool,
    /// Whether connection draining is on: connections to an instance that is out of service may continue.
    pub draining: bool,
    /// How long they may continue.
    pub draining_timeout: u32,
    /// The idle timeout of connections.
    pub idle_timeout: u32,
    /// The treatment of ambiguous requests. It has no effect.
    pub desync_mitigation: String,
    /// The access log. Nothing is written to it.
    #[serde(default)]
    pub access_log: Option<AccessLog>,
}

/// An access log. Nothing is written to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLog {
    /// Whether it is on. A log that is off keeps its settings.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The bucket.
    pub bucket: String,
    /// The prefix of the names of its objects.
    pub prefix: Option<String>,
    /// The interval between writes, in minutes.
    pub interval: u32,
}

/// The default for rows of older versions, whose logs are on.
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
    /// ModifyLoadBalancerAttributes. Returns all attributes.
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
