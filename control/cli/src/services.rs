//! The services that `reach`, `diff` and `what-if` are asked about, and other protocols' numbers.

use clap::Args;
use control::reach::{Network, Service, distinct_services, parts};
use std::collections::BTreeSet;
use std::str::FromStr;
use wire::{ICMP, TCP, UDP};

/// The services to ask about.
#[derive(Debug, Args)]
pub(super) struct Services {
    /// TCP to this port or range of ports; may be given several times.
    #[arg(long, value_name = "PORT[-PORT]")]
    tcp: Vec<Ports>,
    /// UDP to this port or range of ports; may be given several times.
    #[arg(long, value_name = "PORT[-PORT]")]
    udp: Vec<Ports>,
    /// ICMP echoes.
    #[arg(long)]
    icmp: bool,
    /// Another protocol, by its number; may be given several times.
    #[arg(long, value_name = "NUMBER", value_parser = protocol)]
    protocol: Vec<u8>,
}

/// A range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ports(u16, u16);

impl FromStr for Ports {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self(first, last)),
            _ => Err("give a port, 443, or a range of ports, 8000-8099"),
        }
    }
}

/// The number of a protocol without an option of its own.
pub(super) fn protocol(text: &str) -> Result<u8, &'static str> {
    match text.parse() {
        Ok(TCP | UDP | ICMP) => Err("use --tcp, --udp or --icmp"),
        Ok(number) => Ok(number),
        Err(_) => Err("give a protocol's number: 47 is GRE, 50 is ESP"),
    }
}

impl Services {
    /// The services named, in parts that no rule distinguishes, or all such parts.
    pub(super) fn chosen(&self, networks: &[&Network<'_>]) -> Vec<Service> {
        let distinct = distinct_services(networks.iter().map(|network| network.tables()).collect::<Vec<_>>());
        let tcp = self.tcp.iter().map(|Ports(first, last)| Service::Tcp(*first, *last));
        let udp = self.udp.iter().map(|Ports(first, last)| Service::Udp(*first, *last));
        let others = self.protocol.iter().copied().map(Service::Protocol);
        let icmp = self.icmp.then_some(Service::Icmp);
        let named: BTreeSet<Service> = icmp.into_iter().chain(tcp).chain(udp).chain(others).collect();
        if named.is_empty() { distinct } else { parts(&named, &distinct) }
    }

    pub(super) fn are_named(&self) -> bool {
        self.icmp || !(self.tcp.is_empty() && self.udp.is_empty() && self.protocol.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_one_or_a_range() {
        assert_eq!("443".parse(), Ok(Ports(443, 443)));
        assert_eq!("0-65535".parse(), Ok(Ports(0, 65_535)));
        for wrong in ["", "-", "80-", "-80", "90-80", "80-90-100", "65536", "http", " 80"] {
            assert!(wrong.parse::<Ports>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_protocol_with_an_option_of_its_own_is_refused() {
        assert_eq!(protocol("50"), Ok(50));
        assert!(["6", "17", "1", "256", "esp", "-1"].iter().all(|wrong| protocol(wrong).is_err()));
    }
}
