//! The health checks of a group.

use super::{Error, Result};
use crate::words::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// A health check of instances in service. Volumes are never impaired.
    HealthCheckType { Ec2 "EC2", Ebs "EBS", Elb "ELB" }
}

/// The enabled health checks. That of EC2 is always enabled, and shown only if it was named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HealthChecks(BTreeSet<HealthCheckType>);

impl HealthChecks {
    /// Whether a health check is enabled.
    pub fn has(&self, check: HealthCheckType) -> bool {
        self.0.contains(&check)
    }
}

impl Default for HealthChecks {
    fn default() -> HealthChecks {
        HealthChecks(BTreeSet::from([HealthCheckType::Ec2]))
    }
}

/// Parses names with commas between them.
impl TryFrom<String> for HealthChecks {
    type Error = Error;

    fn try_from(text: String) -> Result<HealthChecks> {
        let read = |word: &str| HealthCheckType::read("HealthCheckType", word.trim());
        Ok(HealthChecks(text.split(',').map(read).collect::<Result<_>>()?))
    }
}

impl From<HealthChecks> for String {
    fn from(checks: HealthChecks) -> String {
        let words: Vec<&str> = checks.0.into_iter().map(HealthCheckType::word).collect();
        words.join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_checks_are_shown_as_they_were_given() {
        for (text, by_balancer) in [("EC2", false), ("ELB", true), ("EC2,ELB", true), ("EBS,ELB", true), ("EBS", false)]
        {
            let checks = HealthChecks::try_from(text.to_owned()).unwrap();
            assert_eq!((checks.has(HealthCheckType::Elb), String::from(checks)), (by_balancer, text.to_owned()));
        }
        for text in ["", "elb", "ELB,", "VPC_LATTICE"] {
            assert!(HealthChecks::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn rows_with_one_check_can_be_read() {
        assert_eq!(
            serde_json::from_str::<HealthChecks>("\"ELB\"").unwrap(),
            HealthChecks([HealthCheckType::Elb].into())
        );
    }
}
