//! Private addresses of network interfaces on the wire.

use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{AddressWish, Caller, Error, IdKind, Model, Result};
use shapes::ec2;
use std::net::Ipv4Addr;

pub const ACTIONS: Actions =
    &[("AssignPrivateIpAddresses", Handler::Write(assign)), ("UnassignPrivateIpAddresses", Handler::Write(unassign))];

/// The addresses of a new interface: `PrivateIpAddress` or `PrivateIpAddresses.N`, `SecondaryPrivateIpAddressCount`.
pub fn take_wish(params: &mut Params) -> Result<AddressWish> {
    let named = params.structs("PrivateIpAddresses", |address| {
        Ok((address.flag("Primary")?.unwrap_or(false), address.need::<Ipv4Addr>("PrivateIpAddress")?))
    })?;
    let alone: Option<Ipv4Addr> = params.get("PrivateIpAddress")?;
    let count = params.get("SecondaryPrivateIpAddressCount")?.unwrap_or(0);
    let of_kind = |primary: bool| named.iter().filter(move |(is, _)| *is == primary).map(|(_, address)| *address);
    let primary: Vec<Ipv4Addr> = alone.into_iter().chain(of_kind(true)).collect();
    let secondary: Vec<Ipv4Addr> = of_kind(false).collect();
    wish_of(&primary, secondary, count)
}

/// The addresses of a new interface: the primary one alone or among others, and how many further ones.
pub fn wish(
    alone: Option<String>,
    named: &[ec2::PrivateIpAddressSpecification],
    count: Option<i32>,
) -> Result<AddressWish> {
    let count = count.unwrap_or(0);
    let count = usize::try_from(count).map_err(|_| Error::invalid("SecondaryPrivateIpAddressCount", count))?;
    let address = |text: &str| text.parse().map_err(|_| Error::invalid("PrivateIpAddress", text));
    let (mut primary, mut secondary) = (Vec::new(), Vec::new());
    primary.extend(alone.map(|text| address(&text)).transpose()?);
    for one in named {
        let text = one.private_ip_address.as_deref().ok_or_else(|| Error::missing("PrivateIpAddress"))?;
        let of_kind = if one.primary == Some(true) { &mut primary } else { &mut secondary };
        of_kind.push(address(text)?);
    }
    wish_of(&primary, secondary, count)
}

fn wish_of(primary: &[Ipv4Addr], secondary: Vec<Ipv4Addr>, count: usize) -> Result<AddressWish> {
    let why = match (primary.len(), secondary.len(), count) {
        (2.., _, _) => "Only one primary private IP address can be specified.",
        (_, 1.., 1..) => "Secondary private IP addresses and their number may not be specified on the same request",
        _ => return Ok(AddressWish { primary: primary.first().copied(), secondary, count }),
    };
    Err(Error::Combination { why: why.into() })
}

fn take_addresses(params: &mut Params) -> Result<Vec<Ipv4Addr>> {
    let list = params.list("PrivateIpAddress")?.into_iter();
    list.map(|address| address.parse().map_err(|_| params.invalid("PrivateIpAddress", address))).collect()
}

fn assign(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkInterfaceId", IdKind::NetworkInterface)?;
    let secondary = take_addresses(&mut params)?;
    let count = params.get("SecondaryPrivateIpAddressCount")?.unwrap_or(0);
    let reassign = params.flag("AllowReassignment")?.unwrap_or(false);
    let missing = params.missing("PrivateIpAddress or SecondaryPrivateIpAddressCount");
    params.finish()?;
    match (secondary.is_empty(), count) {
        (true, 0) => return Err(missing),
        (false, 1..) => {
            let why = "Private IP addresses and their number may not be specified on the same request".into();
            return Err(Error::Combination { why });
        }
        _ => {}
    }
    let wish = AddressWish { primary: None, secondary, count };
    let new = model.assign_private_addresses(caller, &id, &wish, reassign)?;
    let address = |address: &Ipv4Addr| Node::new().text("privateIpAddress", address);
    Ok(Node::done().text("networkInterfaceId", id).set("assignedPrivateIpAddressesSet", new.iter().map(address)))
}

fn unassign(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkInterfaceId", IdKind::NetworkInterface)?;
    let gone = take_addresses(&mut params)?;
    let missing = params.missing("PrivateIpAddress");
    params.finish()?;
    if gone.is_empty() {
        return Err(missing);
    }
    model.unassign_private_addresses(caller, &id, &gone)?;
    Ok(Node::done())
}
