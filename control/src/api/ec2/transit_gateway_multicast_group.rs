//! Groups of multicast domains: their members and sources.

use super::listing::{Attributes, each, paged};
use super::text;
use crate::api::action::{Actions, Change, View};
use crate::api::said::same_members;
use model::{Caller, Error, Model, MulticastMember, Result, Tags, TransitGatewayMulticastDomain};
use shapes::ec2;
use std::net::IpAddr;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(register_members).write(register_sources);
    all.write(deregister_members).write(deregister_sources).read(search)
}

/// The address of a group.
fn group(sent: Option<String>) -> Result<IpAddr> {
    let sent = sent.ok_or_else(|| Error::missing("GroupIpAddress"))?;
    let address = sent.parse().ok().filter(IpAddr::is_multicast);
    address.ok_or_else(|| Error::invalid("GroupIpAddress", sent))
}

/// Members and sources have the same parameters and the same replies.
fn register(
    model: &mut Model,
    caller: &Caller,
    input: ec2::RegisterTransitGatewayMulticastGroupMembersRequest,
    is_source: bool,
) -> Result<ec2::TransitGatewayMulticastRegisteredGroupMembers> {
    let (id, group) = (input.transit_gateway_multicast_domain_id, group(input.group_ip_address)?);
    let interfaces = input.network_interface_ids;
    model.register_multicast(caller, &id, group, &interfaces, is_source)?;
    Ok(ec2::TransitGatewayMulticastRegisteredGroupMembers {
        transit_gateway_multicast_domain_id: Some(id),
        registered_network_interface_ids: interfaces,
        group_ip_address: text(group),
    })
}

fn deregister(
    model: &mut Model,
    caller: &Caller,
    input: ec2::DeregisterTransitGatewayMulticastGroupMembersRequest,
    is_source: bool,
) -> Result<ec2::TransitGatewayMulticastDeregisteredGroupMembers> {
    let id = input.transit_gateway_multicast_domain_id;
    let id = id.ok_or_else(|| Error::missing("TransitGatewayMulticastDomainId"))?;
    let (group, interfaces) = (group(input.group_ip_address)?, input.network_interface_ids);
    model.deregister_multicast(caller, &id, group, &interfaces, is_source)?;
    Ok(ec2::TransitGatewayMulticastDeregisteredGroupMembers {
        transit_gateway_multicast_domain_id: Some(id),
        deregistered_network_interface_ids: interfaces,
        group_ip_address: text(group),
    })
}

fn register_members(
    cx: Change,
    input: ec2::RegisterTransitGatewayMulticastGroupMembersRequest,
) -> Result<ec2::TransitGatewayMulticastRegisteredGroupMembers> {
    register(cx.model, cx.caller, input, false)
}

fn register_sources(
    cx: Change,
    input: ec2::RegisterTransitGatewayMulticastGroupSourcesRequest,
) -> Result<ec2::TransitGatewayMulticastRegisteredGroupSources> {
    register(cx.model, cx.caller, same_members(&input), true).map(|told| same_members(&told))
}

fn deregister_members(
    cx: Change,
    input: ec2::DeregisterTransitGatewayMulticastGroupMembersRequest,
) -> Result<ec2::TransitGatewayMulticastDeregisteredGroupMembers> {
    deregister(cx.model, cx.caller, input, false)
}

fn deregister_sources(
    cx: Change,
    input: ec2::DeregisterTransitGatewayMulticastGroupSourcesRequest,
) -> Result<ec2::TransitGatewayMulticastDeregisteredGroupSources> {
    deregister(cx.model, cx.caller, same_members(&input), true).map(|told| same_members(&told))
}

static ATTRIBUTES: Attributes<ec2::TransitGatewayMulticastGroup> = Attributes(&[
    ("group-ip-address", |_, row| each(&row.group_ip_address)),
    ("is-group-member", |_, row| each(row.group_member)),
    ("is-group-source", |_, row| each(row.group_source)),
    ("member-type", |_, row| each(&row.member_type)),
    ("resource-id", |_, row| each(&row.resource_id)),
    ("resource-type", |_, row| each(&row.resource_type)),
    ("source-type", |_, row| each(&row.source_type)),
    ("subnet-id", |_, row| each(&row.subnet_id)),
    ("transit-gateway-attachment-id", |_, row| each(&row.transit_gateway_attachment_id)),
]);

/// A member or a source, if its subnet is still associated with the domain.
fn shown(
    model: &Model,
    domain: &TransitGatewayMulticastDomain,
    member: &MulticastMember,
) -> Option<ec2::TransitGatewayMulticastGroup> {
    let (association, attachment) = model.multicast_association_of(domain, &member.interface)?;
    let of_kind = |is_it: bool| text("static").filter(|_| is_it);
    Some(ec2::TransitGatewayMulticastGroup {
        group_ip_address: text(member.group),
        transit_gateway_attachment_id: text(&attachment.id),
        subnet_id: text(&association.subnet),
        resource_id: text(&attachment.vpc),
        resource_type: text("vpc"),
        resource_owner_id: text(&attachment.scope.account),
        network_interface_id: text(&member.interface),
        group_member: Some(!member.is_source),
        group_source: Some(member.is_source),
        member_type: of_kind(!member.is_source),
        source_type: of_kind(member.is_source),
    })
}

fn search(
    cx: View,
    input: ec2::SearchTransitGatewayMulticastGroupsRequest,
) -> Result<ec2::SearchTransitGatewayMulticastGroupsResult> {
    let wanted = ATTRIBUTES.wanted(&input.filters)?;
    let domain = cx.model.multicast_domain(cx.caller, &input.transit_gateway_multicast_domain_id)?;
    let place = |member: &MulticastMember| format!("{} {} {}", member.group, member.is_source, member.interface);
    let rows = domain.members.iter().filter_map(|member| Some((place(member), shown(cx.model, domain, member)?)));
    let rows = rows.filter(|(_, row)| wanted.pass(cx.model, row, &Tags::new())).collect();
    let (rows, next_token) = paged(&input.page, rows, |(place, _): &(String, _)| place)?;
    let multicast_groups = rows.into_iter().map(|(_, row)| row).collect();
    Ok(ec2::SearchTransitGatewayMulticastGroupsResult { multicast_groups, next_token })
}
