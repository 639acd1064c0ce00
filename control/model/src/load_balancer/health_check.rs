//! Health checks, as requests configure them.

use super::{Error, Listener, Result};
use crate::load_balancer::configuration::Probe;
use crate::{Caller, Model};
use serde::{Deserialize, Serialize};

/// A health check of instances. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// The target in the form of the API: `HTTP:80/index.html`.
    pub target: String,
    /// The interval between checks.
    pub interval: u32,
    /// How long an answer may take.
    pub timeout: u32,
    /// The number of failures in a row after which an instance is out of service.
    pub unhealthy_threshold: u32,
    /// The number of successes in a row after which an instance is in service.
    pub healthy_threshold: u32,
}

/// The longest path, in bytes.
const PATH: usize = 1024;

impl HealthCheck {
    /// The default health check of a load balancer with this first listener.
    pub(super) fn of_listener(first: &Listener) -> HealthCheck {
        HealthCheck {
            target: format!("TCP:{}", first.instance_port),
            interval: 30,
            timeout: 5,
            unhealthy_threshold: 2,
            healthy_threshold: 10,
        }
    }

    /// What is tried.
    ///
    /// # Errors
    /// If the target cannot be read.
    pub fn probe(&self) -> Result<Probe> {
        let bad = || Error::BadTarget { target: self.target.clone() };
        let (protocol, place) = self.target.split_once(':').ok_or_else(bad)?;
        let port = |number: &str| number.parse().ok().filter(|port: &u16| *port > 0).ok_or_else(bad);
        match protocol.to_ascii_uppercase().as_str() {
            "TCP" => Ok(Probe::Tcp(port(place)?)),
            "SSL" => Ok(Probe::Ssl(port(place)?)),
            secure @ ("HTTP" | "HTTPS") => {
                let slash = place.find('/').ok_or_else(bad)?;
                let (number, path) = place.split_at(slash);
                let is_path = path.len() <= PATH && path.bytes().all(|byte| byte.is_ascii_graphic());
                let (port, path) = (port(number)?, path.to_owned());
                let probe = if secure == "HTTPS" { Probe::Https(port, path) } else { Probe::Http(port, path) };
                Some(probe).filter(|_| is_path).ok_or_else(bad)
            }
            _ => Err(bad()),
        }
    }

    fn check(&self) -> Result<()> {
        self.probe()?;
        let ranges = [
            ("interval", self.interval, 5, 300),
            ("timeout", self.timeout, 2, 60),
            ("unhealthy threshold", self.unhealthy_threshold, 2, 10),
            ("healthy threshold", self.healthy_threshold, 2, 10),
        ];
        match ranges.into_iter().find(|(_, value, least, most)| !(least..=most).contains(&value)) {
            Some((what, _, least, most)) => Err(Error::CheckRange { what, least, most }),
            None if self.timeout >= self.interval => Err(Error::CheckTimeout {}),
            None => Ok(()),
        }
    }
}

impl Model {
    /// ConfigureHealthCheck.
    pub fn configure_health_check(&mut self, caller: &Caller, name: &str, check: HealthCheck) -> Result<()> {
        check.check()?;
        self.load_balancer_mut(&caller.scope, name)?.check = check;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(target: &str) -> Option<Probe> {
        let check = HealthCheck {
            target: target.into(),
            interval: 5,
            timeout: 2,
            unhealthy_threshold: 2,
            healthy_threshold: 2,
        };
        check.probe().ok()
    }

    #[test]
    fn a_target_says_what_is_tried() {
        assert_eq!(probe("TCP:22"), Some(Probe::Tcp(22)));
        assert_eq!(probe("tcp:65535"), Some(Probe::Tcp(65535)));
        assert_eq!(probe("HTTP:80/weather/us?x=:1"), Some(Probe::Http(80, "/weather/us?x=:1".into())));
        assert_eq!(probe("https:443/x"), Some(Probe::Https(443, "/x".into())));
        assert_eq!(probe("SSL:443"), Some(Probe::Ssl(443)));
        for bad in [
            "TCP",
            "TCP:0",
            "TCP:65536",
            "TCP:80/x",
            "HTTP:80",
            "HTTP:/x",
            "HTTP:80/a b",
            "HTTPS:443",
            "SSL:443/",
            "ICMP:1",
        ] {
            assert_eq!(probe(bad), None, "{bad}");
        }
    }
}
