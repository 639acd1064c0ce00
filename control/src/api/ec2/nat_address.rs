//! Addresses of NAT gateways.

use super::private_address::{addresses, number};
use super::text;
use crate::api::action::{Actions, Change};
use model::{Caller, Error, Model, NatGateway, NetworkInterface, Result};
use shapes::{List, ec2};
use std::net::Ipv4Addr;

pub fn actions(all: Actions) -> Actions {
    all.write(associate).write(disassociate).write(assign).write(unassign)
}

/// A gateway's addresses, the primary one first. One that is failed or deleted has only what it was made for.
pub fn shown(model: &Model, gateway: &NatGateway) -> List<ec2::NatGatewayAddress> {
    let interface = gateway.interface.as_deref().and_then(|id| model.network_interfaces.get(id));
    match interface {
        Some(interface) => of(model, interface, &interface.addresses, "succeeded"),
        None => vec![former(gateway)].into(),
    }
}

fn former(gateway: &NatGateway) -> ec2::NatGatewayAddress {
    ec2::NatGatewayAddress {
        allocation_id: gateway.allocation.clone(),
        private_ip: gateway.private.and_then(text),
        public_ip: gateway.private.filter(|_| !gateway.is_private()).and(text(gateway.public)),
        is_primary: Some(true),
        status: text(if gateway.private.is_some() { "succeeded" } else { "failed" }),
        ..Default::default()
    }
}

/// These addresses of a gateway's interface.
fn of(
    model: &Model,
    interface: &NetworkInterface,
    addresses: &[Ipv4Addr],
    status: &str,
) -> List<ec2::NatGatewayAddress> {
    let one = |own: &Ipv4Addr| {
        let public = interface.public.get(own);
        let elastic = public.and_then(|public| model.elastic_address(public.address));
        ec2::NatGatewayAddress {
            allocation_id: elastic.map(|elastic| elastic.id.clone()),
            network_interface_id: text(&interface.id),
            private_ip: text(own),
            public_ip: public.and_then(|public| text(public.address)),
            association_id: public.and_then(|public| public.elastic.clone()),
            is_primary: Some(*own == interface.address()),
            status: text(status),
            ..Default::default()
        }
    };
    addresses.iter().map(one).collect()
}

/// The interface of a gateway.
fn interface<'m>(model: &'m Model, caller: &Caller, id: &str) -> Result<Option<&'m NetworkInterface>> {
    let gateway = model.nat_gateways.find(&caller.scope, id)?;
    Ok(gateway.interface.as_deref().and_then(|id| model.network_interfaces.get(id)))
}

/// The reply about some of a gateway's addresses.
fn told(
    model: &Model,
    caller: &Caller,
    id: &str,
    addresses: &[Ipv4Addr],
    status: &str,
) -> Result<List<ec2::NatGatewayAddress>> {
    let interface = interface(model, caller, id)?;
    Ok(interface.map(|interface| of(model, interface, addresses, status)).unwrap_or_default())
}

fn associate(
    cx: Change,
    input: ec2::AssociateNatGatewayAddressRequest,
) -> Result<ec2::AssociateNatGatewayAddressResult> {
    let ec2::AssociateNatGatewayAddressRequest { nat_gateway_id: id, allocation_ids, private_ip_addresses } = input;
    let new = cx.model.associate_nat_addresses(cx.caller, &id, &allocation_ids, addresses(&private_ip_addresses)?)?;
    let nat_gateway_addresses = told(cx.model, cx.caller, &id, &new, "associating")?;
    Ok(ec2::AssociateNatGatewayAddressResult { nat_gateway_id: Some(id), nat_gateway_addresses })
}

fn disassociate(
    cx: Change,
    input: ec2::DisassociateNatGatewayAddressRequest,
) -> Result<ec2::DisassociateNatGatewayAddressResult> {
    let ec2::DisassociateNatGatewayAddressRequest { nat_gateway_id: id, association_ids } = input;
    let before = interface(cx.model, cx.caller, &id)?.cloned();
    let gone = cx.model.disassociate_nat_addresses(cx.caller, &id, &association_ids)?;
    let told = before.map(|interface| of(cx.model, &interface, &gone, "disassociating"));
    Ok(ec2::DisassociateNatGatewayAddressResult {
        nat_gateway_id: Some(id),
        nat_gateway_addresses: told.unwrap_or_default(),
    })
}

fn assign(
    cx: Change,
    input: ec2::AssignPrivateNatGatewayAddressRequest,
) -> Result<ec2::AssignPrivateNatGatewayAddressResult> {
    let ec2::AssignPrivateNatGatewayAddressRequest {
        nat_gateway_id: id,
        private_ip_addresses,
        private_ip_address_count,
    } = input;
    let count = number("PrivateIpAddressCount", private_ip_address_count)?;
    match (private_ip_addresses.is_empty(), count) {
        (true, 0) => return Err(Error::missing("PrivateIpAddress or PrivateIpAddressCount")),
        (false, 1..) => return Err(Error::AddressesOrNumber {}),
        _ => {}
    }
    let new = cx.model.assign_nat_addresses(cx.caller, &id, addresses(&private_ip_addresses)?, count)?;
    let nat_gateway_addresses = told(cx.model, cx.caller, &id, &new, "assigning")?;
    Ok(ec2::AssignPrivateNatGatewayAddressResult { nat_gateway_id: Some(id), nat_gateway_addresses })
}

fn unassign(
    cx: Change,
    input: ec2::UnassignPrivateNatGatewayAddressRequest,
) -> Result<ec2::UnassignPrivateNatGatewayAddressResult> {
    let ec2::UnassignPrivateNatGatewayAddressRequest { nat_gateway_id: id, private_ip_addresses } = input;
    let gone = addresses(&private_ip_addresses)?;
    let nat_gateway_addresses = told(cx.model, cx.caller, &id, &gone, "unassigning")?;
    cx.model.unassign_nat_addresses(cx.caller, &id, &gone)?;
    Ok(ec2::UnassignPrivateNatGatewayAddressResult { nat_gateway_id: Some(id), nat_gateway_addresses })
}
