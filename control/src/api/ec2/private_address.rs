//! Private addresses of network interfaces.

use super::cidr::{address, cidr};
use super::text;
use crate::api::action::{Actions, Change};
use ipnet::Ipv4Net;
use model::{AddressWish, Error, PrefixWish, Result};
use shapes::ec2;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// The number of further addresses.
const COUNT: &str = "SecondaryPrivateIpAddressCount";
/// Which prefixes are wanted, and how many.
const PREFIXES: [&str; 2] = ["Ipv4Prefix", "Ipv4PrefixCount"];

pub fn actions(all: Actions) -> Actions {
    all.write(assign).write(unassign)
}

/// The addresses of a new interface: the primary one alone or among others, and how many further ones.
pub fn wish(
    alone: Option<String>,
    named: &[ec2::PrivateIpAddressSpecification],
    count: Option<i32>,
) -> Result<AddressWish> {
    let mut wish = AddressWish { count: number(COUNT, count)?, ..Default::default() };
    let mut primary: Vec<Ipv4Addr> =
        alone.iter().map(|text| address("PrivateIpAddress", text)).collect::<Result<_>>()?;
    for one in named {
        let text = one.private_ip_address.as_deref();
        let text = text.ok_or_else(|| Error::missing("PrivateIpAddresses.PrivateIpAddress"))?;
        let of_kind = if one.primary == Some(true) { &mut primary } else { &mut wish.secondary };
        of_kind.push(address("PrivateIpAddresses.PrivateIpAddress", text)?);
    }
    match (primary.as_slice(), wish.secondary.is_empty(), wish.count) {
        ([_, _, ..], ..) => Err(Error::OnePrimaryAddress {}),
        (_, false, 1..) => Err(Error::AddressesOrNumber {}),
        (primary, ..) => Ok(AddressWish { primary: primary.first().copied(), ..wish }),
    }
}

pub fn number(parameter: &str, count: Option<i32>) -> Result<usize> {
    let count = count.unwrap_or(0);
    usize::try_from(count).map_err(|_| Error::invalid(parameter, count))
}

/// The prefixes that a request names, or how many it wants. The first argument has the names of the two parameters.
pub fn prefixes<N: FromStr>(parameters: [&str; 2], named: &[String], count: Option<i32>) -> Result<(Vec<N>, usize)> {
    let [prefix, prefix_count] = parameters;
    let count = number(prefix_count, count)?;
    let named = named.iter().map(|block| cidr(prefix, block)).collect::<Result<Vec<_>>>()?;
    match (named.is_empty(), count) {
        (false, 1..) => Err(Error::PrefixesOrNumber {}),
        _ => Ok((named, count)),
    }
}

/// The IPv4 prefixes that a request asks for.
pub fn prefix_wish(named: &[String], count: Option<i32>) -> Result<PrefixWish> {
    let (named, count) = prefixes(PREFIXES, named, count)?;
    PrefixWish::new(named, count)
}

pub fn addresses(list: &[String]) -> Result<Vec<Ipv4Addr>> {
    list.iter().map(|text| address("PrivateIpAddress", text)).collect()
}

fn assign(cx: Change, input: ec2::AssignPrivateIpAddressesRequest) -> Result<ec2::AssignPrivateIpAddressesResult> {
    let ec2::AssignPrivateIpAddressesRequest {
        network_interface_id,
        private_ip_addresses,
        secondary_private_ip_address_count,
        allow_reassignment,
        ipv4_prefixes,
        ipv4_prefix_count,
    } = input;
    let prefixes = prefix_wish(&ipv4_prefixes, ipv4_prefix_count)?;
    let wish = AddressWish {
        primary: None,
        secondary: addresses(&private_ip_addresses)?,
        count: number(COUNT, secondary_private_ip_address_count)?,
    };
    match (wish.secondary.is_empty(), wish.count) {
        (true, 0) if prefixes.is_empty() => {
            return Err(Error::missing("PrivateIpAddress or SecondaryPrivateIpAddressCount"));
        }
        (false, 1..) => return Err(Error::AddressesOrNumber {}),
        _ => {}
    }
    let reassign = allow_reassignment.unwrap_or(false);
    let new = cx.model.assign_private_addresses(cx.caller, &network_interface_id, &wish, reassign)?;
    let prefixes = cx.model.assign_prefixes(cx.caller, &network_interface_id, &prefixes, &[])?;
    let block = |prefix| ec2::Ipv4PrefixSpecification { ipv4_prefix: text(prefix) };
    let assigned = |address: Ipv4Addr| ec2::AssignedPrivateIpAddress { private_ip_address: text(address) };
    Ok(ec2::AssignPrivateIpAddressesResult {
        network_interface_id: Some(network_interface_id),
        assigned_private_ip_addresses: new.into_iter().map(assigned).collect(),
        assigned_ipv4_prefixes: prefixes.into_iter().map(block).collect::<shapes::List<_>>().unless_empty(),
    })
}

fn unassign(cx: Change, input: ec2::UnassignPrivateIpAddressesRequest) -> Result<()> {
    let ec2::UnassignPrivateIpAddressesRequest { network_interface_id, private_ip_addresses, ipv4_prefixes } = input;
    if private_ip_addresses.is_empty() && ipv4_prefixes.is_empty() {
        return Err(Error::missing("PrivateIpAddress"));
    }
    cx.model.unassign_private_addresses(cx.caller, &network_interface_id, &addresses(&private_ip_addresses)?)?;
    let (gone, _) = prefixes::<Ipv4Net>(PREFIXES, &ipv4_prefixes, None)?;
    cx.model.unassign_prefixes(cx.caller, &network_interface_id, &gone)
}
