//! Empty non-terminals: names without data that exist because other names are below them (RFC 8499 §7). NXDOMAIN for
//! one would deny those too (RFC 8020).

use super::NameIndex;
use super::endpoint::is_above_endpoints;
use super::hostname::is_above_hosts;
use std::net::Ipv4Addr;

/// Whether names that everybody or this VPC sees are below a name, given in lower case without a final dot.
pub(super) fn is_empty_non_terminal(index: &NameIndex, vpc: Option<&str>, name: &str) -> bool {
    name.is_empty()
        || is_above_hosts(name)
        || is_above_endpoints(name)
        || is_above_addresses(name)
        || index.has_below(None, name)
        || vpc.is_some_and(|vpc| index.has_below(Some(vpc), name))
}

/// Whether names of addresses are below a name: `in-addr.arpa`, `168.192.in-addr.arpa`.
fn is_above_addresses(name: &str) -> bool {
    let Some(rest) = name.strip_suffix("in-addr.arpa") else { return name == "arpa" };
    let Some(octets) = rest.strip_suffix('.') else { return rest.is_empty() };
    let missing = 4_usize.saturating_sub(octets.split('.').count());
    missing > 0 && format!("{octets}{}", ".0".repeat(missing)).parse::<Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::tests::Cloud;

    #[test]
    fn every_name_above_another_exists() {
        let cloud = Cloud::new();
        for name in [
            "",
            "com",
            "amazonaws.com",
            "us-east-1.amazonaws.com",
            "us-gov.amazonaws.com",
            "compute.amazonaws.com",
            "compute-1.amazonaws.com",
            "internal",
            "ec2.internal",
            "compute.internal",
            "example.com",
            "arpa",
            "in-addr.arpa",
            "168.192.in-addr.arpa",
        ] {
            assert!(is_empty_non_terminal(&cloud.index, None, name), "{name}");
        }
        for name in [
            "example",
            "ample.com",
            "nal",
            "x.ec2.internal",
            "300.in-addr.arpa",
            "+5.in-addr.arpa",
            "05.in-addr.arpa",
            ".5.in-addr.arpa",
            ".in-addr.arpa",
            "xin-addr.arpa",
            "1.2.3.4.in-addr.arpa",
        ] {
            assert!(!is_empty_non_terminal(&cloud.index, None, name), "{name}");
        }
    }
}
