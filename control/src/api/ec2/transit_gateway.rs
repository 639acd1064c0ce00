//! Transit gateways.

use super::cidr::cidr;
use super::listing::{Attributes, each, lingering_state, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use ipnet::IpNet;
use model::{Error, Result, Support, TransitGateway, TransitGatewayChange, TransitGatewayOptions, arn};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

static ATTRIBUTES: Attributes<TransitGateway> = Attributes(&[
    ("options.amazon-side-asn", |_, gateway| one(gateway.options.asn)),
    ("options.association-default-route-table-id", |_, gateway| each(&gateway.association_table)),
    ("options.auto-accept-shared-attachments", |_, gateway| one(gateway.options.auto_accept.word())),
    ("options.default-route-table-association", |_, gateway| one(gateway.options.associates.word())),
    ("options.default-route-table-propagation", |_, gateway| one(gateway.options.propagates.word())),
    ("options.dns-support", |_, gateway| one(gateway.options.dns.word())),
    // Not documented, and taken.
    ("options.multicast-support", |_, gateway| one(gateway.options.multicast.word())),
    ("options.propagation-default-route-table-id", |_, gateway| each(&gateway.propagation_table)),
    ("options.vpn-ecmp-support", |_, gateway| one(gateway.options.vpn_ecmp.word())),
    ("owner-id", |_, gateway| one(&gateway.scope.account)),
    ("state", |model, gateway| one(lingering_state(model, &gateway.id))),
    ("transit-gateway-id", |_, gateway| one(&gateway.id)),
]);

/// Turns something on or off as a request says, if it says so.
pub fn turn(of: &mut Support, parameter: &str, wanted: Option<String>) -> Result<()> {
    if let Some(wanted) = wanted {
        *of = Support::read(parameter, &wanted)?;
    }
    Ok(())
}

fn shown(gateway: &TransitGateway, state: &str) -> ec2::TransitGateway {
    let options = &gateway.options;
    let options = ec2::TransitGatewayOptions {
        amazon_side_asn: Some(options.asn),
        transit_gateway_cidr_blocks: options.blocks.iter().cloned().collect::<List<_>>().unless_empty(),
        auto_accept_shared_attachments: text(options.auto_accept.word()),
        default_route_table_association: text(options.associates.word()),
        association_default_route_table_id: gateway.association_table.clone(),
        default_route_table_propagation: text(options.propagates.word()),
        propagation_default_route_table_id: gateway.propagation_table.clone(),
        vpn_ecmp_support: text(options.vpn_ecmp.word()),
        dns_support: text(options.dns.word()),
        security_group_referencing_support: text(options.group_references.word()),
        multicast_support: text(options.multicast.word()),
        ..Default::default()
    };
    ec2::TransitGateway {
        transit_gateway_id: text(&gateway.id),
        transit_gateway_arn: text(arn(&gateway.scope, "transit-gateway", &gateway.id)),
        state: text(state),
        owner_id: text(&gateway.scope.account),
        description: text(&gateway.description),
        creation_time: Some(gateway.created),
        options: Some(options),
        tags: tags::shown(&gateway.tags),
    }
}

/// Sets what both CreateTransitGateway and ModifyTransitGateway can say.
fn set(options: &mut TransitGatewayOptions, sent: ec2::TransitGatewaySettings) -> Result<()> {
    options.asn = sent.amazon_side_asn.unwrap_or(options.asn);
    turn(&mut options.vpn_ecmp, "VpnEcmpSupport", sent.vpn_ecmp_support)?;
    turn(&mut options.dns, "DnsSupport", sent.dns_support)?;
    let group_references = sent.security_group_referencing_support;
    turn(&mut options.group_references, "SecurityGroupReferencingSupport", group_references)?;
    turn(&mut options.auto_accept, "AutoAcceptSharedAttachments", sent.auto_accept_shared_attachments)?;
    turn(&mut options.associates, "DefaultRouteTableAssociation", sent.default_route_table_association)?;
    turn(&mut options.propagates, "DefaultRouteTablePropagation", sent.default_route_table_propagation)
}

/// The CIDR blocks of a gateway: at least a /24 of IPv4, or a /64 of IPv6.
fn blocks(sent: List<String>) -> Result<Vec<String>> {
    let is_small = |block: IpNet| block.prefix_len() > if block.addr().is_ipv4() { 24 } else { 64 };
    for block in &sent {
        if is_small(cidr("TransitGatewayCidrBlocks", block)?) {
            return Err(Error::invalid("TransitGatewayCidrBlocks", block));
        }
    }
    Ok(sent.into_iter().collect())
}

fn options_of(asked: ec2::TransitGatewayRequestOptions) -> Result<TransitGatewayOptions> {
    let ec2::TransitGatewayRequestOptions { multicast_support, transit_gateway_cidr_blocks, settings } = asked;
    let blocks = blocks(transit_gateway_cidr_blocks)?;
    let mut options = TransitGatewayOptions { blocks, ..TransitGatewayOptions::default() };
    turn(&mut options.multicast, "MulticastSupport", multicast_support)?;
    set(&mut options, settings)?;
    Ok(options)
}

fn create(cx: Change, input: ec2::CreateTransitGatewayRequest) -> Result<ec2::TransitGateway> {
    let ec2::CreateTransitGatewayRequest { description, options, tag_specifications } = input;
    let tags = tags::of(tag_specifications, "transit-gateway")?;
    let options = options.map(options_of).transpose()?.unwrap_or_default();
    let id = cx.model.create_transit_gateway(cx.caller, description.unwrap_or_default(), options, tags)?;
    Ok(shown(cx.model.transit_gateways.find(&cx.caller.scope, &id)?, "pending"))
}

fn describe(
    View { model, caller }: View,
    input: ec2::DescribeTransitGatewaysRequest,
) -> Result<ec2::DescribeTransitGatewaysResult> {
    let seen = model.transit_gateways.iter().filter(|gateway| model.is_transit_seen_by(caller, gateway));
    let all = seen.chain(model.departed(caller));
    ATTRIBUTES.list(model, all, input, |gateway| shown(gateway, lingering_state(model, &gateway.id)))
}

fn modify(cx: Change, input: ec2::ModifyTransitGatewayRequest) -> Result<ec2::TransitGateway> {
    let ec2::ModifyTransitGatewayRequest { transit_gateway_id: id, description, options } = input;
    let ec2::ModifyTransitGatewayOptions {
        add_transit_gateway_cidr_blocks,
        remove_transit_gateway_cidr_blocks,
        association_default_route_table_id: association_table,
        propagation_default_route_table_id: propagation_table,
        settings,
    } = options.unwrap_or_default();
    let mut options = cx.model.transit_gateways.find(&cx.caller.scope, &id)?.options.clone();
    options.blocks.retain(|block| !remove_transit_gateway_cidr_blocks.contains(block));
    options.blocks.extend(blocks(add_transit_gateway_cidr_blocks)?);
    set(&mut options, settings)?;
    let options = Some(options);
    let change = TransitGatewayChange { description, options, association_table, propagation_table };
    cx.model.modify_transit_gateway(cx.caller, &id, change)?;
    Ok(shown(cx.model.transit_gateways.find(&cx.caller.scope, &id)?, "modifying"))
}

fn delete(cx: Change, input: ec2::DeleteTransitGatewayRequest) -> Result<ec2::TransitGateway> {
    let id = input.transit_gateway_id;
    let gateway = cx.model.transit_gateways.find(&cx.caller.scope, &id)?.clone();
    cx.model.delete_transit_gateway(cx.caller, &id)?;
    Ok(shown(&gateway, "deleting"))
}
