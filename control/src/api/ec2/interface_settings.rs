//! Settings of network interfaces, as requests say them.

use super::maybe_count;
use super::private_address::{prefix_wish, wish};
use super::vpc_cidr::ipv6_prefix_wish;
use model::{AddressWish, ConnectionTracking, EnaSrd, Error, InterfaceSettings, Ipv6Wish, Result};
use shapes::ec2;
use std::net::Ipv6Addr;

/// The IPv4 addresses that are asked for.
pub fn addresses(sent: &ec2::InterfaceSettings) -> Result<AddressWish> {
    let count = sent.secondary_private_ip_address_count;
    wish(sent.private_ip_address.clone(), &sent.private_ip_addresses, count)
}

/// The other settings of a request.
pub fn read(sent: &ec2::InterfaceSettings, primary_ipv6: Option<bool>) -> Result<InterfaceSettings> {
    let prefixes: Vec<String> = sent.ipv4_prefixes.iter().filter_map(|prefix| prefix.ipv4_prefix.clone()).collect();
    let ipv6_prefixes: Vec<String> =
        sent.ipv6_prefixes.iter().filter_map(|prefix| prefix.ipv6_prefix.clone()).collect();
    Ok(InterfaceSettings {
        ipv6: ipv6_wish(sent.ipv6_address_count, &sent.ipv6_addresses)?,
        prefixes: prefix_wish(&prefixes, sent.ipv4_prefix_count)?,
        ipv6_prefixes: ipv6_prefix_wish(&ipv6_prefixes, sent.ipv6_prefix_count)?,
        primary_ipv6: primary_ipv6.unwrap_or(false),
        tracking: sent.connection_tracking_specification.as_ref().map(tracking).unwrap_or_default(),
    })
}

/// The IPv6 addresses that are asked for, by number or one by one.
pub fn ipv6_wish(count: Option<i32>, named: &[ec2::InstanceIpv6Address]) -> Result<Ipv6Wish> {
    let one = |one: &ec2::InstanceIpv6Address| {
        let text = one.ipv6_address.as_deref().ok_or_else(|| Error::missing("Ipv6Address"))?;
        text.parse::<Ipv6Addr>().map_err(|_| Error::invalid("Ipv6Address", text))
    };
    let named = named.iter().map(one).collect::<Result<Vec<_>>>()?;
    match maybe_count("Ipv6AddressCount", count)? {
        Some(1..) if !named.is_empty() => Err(Error::Ipv6AddressesOrNumber {}),
        count => Ok(Ipv6Wish { named, count }),
    }
}

/// The time-outs of connections that are asked for.
pub fn tracking(sent: &ec2::ConnectionTrackingSpecificationRequest) -> ConnectionTracking {
    ConnectionTracking {
        tcp_established: sent.tcp_established_timeout,
        udp_stream: sent.udp_stream_timeout,
        udp: sent.udp_timeout,
    }
}

/// The settings of ENA Express.
pub fn srd(sent: ec2::EnaSrdSpecification) -> EnaSrd {
    let udp = sent.ena_srd_udp_specification.and_then(|udp| udp.ena_srd_udp_enabled);
    EnaSrd { enabled: sent.ena_srd_enabled, udp }
}
