//! VPN connections and their static routes.

use super::cidr::cidr;
use super::listing::{Attributes, each, one};
use super::vpn_gateway::check_type;
use super::vpn_options::{self, shown_options};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use ipnet::Ipv4Net;
use model::{Caller, Error, Model, Result, VpnConnection, VpnEnd, VpnTunnel};
use shapes::ec2;
use std::fmt::Write;
use std::net::Ipv4Addr;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(describe)
        .write(delete)
        .write(create_route)
        .write(delete_route)
        .write(modify)
        .write(modify_options)
}

static ATTRIBUTES: Attributes<VpnConnection> = Attributes(&[
    ("bgp-asn", |model, vpn| one(asn(model, vpn))),
    ("customer-gateway-configuration", |model, vpn| one(configuration(model, vpn))),
    ("customer-gateway-id", |_, vpn| one(&vpn.customer_gateway)),
    ("option.static-routes-only", |_, vpn| one(vpn.static_routes)),
    ("route.destination-cidr-block", |_, vpn| each(&vpn.routes)),
    ("state", |_, vpn| one(state(vpn))),
    ("type", |_, _| one("ipsec.1")),
    ("vpn-connection-id", |_, vpn| one(&vpn.id)),
    ("transit-gateway-id", |_, vpn| each(&vpn.transit_gateway)),
    ("vpn-gateway-id", |_, vpn| each(&vpn.vpn_gateway)),
]);

fn state(vpn: &VpnConnection) -> &'static str {
    if vpn.is_up() { "available" } else { "deleted" }
}

fn asn(model: &Model, vpn: &VpnConnection) -> u32 {
    model.customer_gateways.get(&vpn.customer_gateway).map(|gateway| gateway.asn).unwrap_or_default()
}

/// The addresses of the ends inside a tunnel: the cloud's and the site's.
pub fn ends(tunnel: &VpnTunnel) -> [Ipv4Addr; 2] {
    let inside = tunnel.inside.unwrap_or_default();
    [0, 1].map(|place| inside.hosts().nth(place).unwrap_or(inside.network()))
}

/// The configuration of the device at the site.
fn configuration(model: &Model, vpn: &VpnConnection) -> String {
    let kind = if vpn.transit_gateway.is_some() { "transit_gateway_id" } else { "vpn_gateway_id" };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vpn_connection id=\"{}\">\n  \
         <customer_gateway_id>{}</customer_gateway_id>\n  <{kind}>{}</{kind}>\n  \
         <vpn_connection_type>ipsec.1</vpn_connection_type>\n",
        vpn.id,
        vpn.customer_gateway,
        vpn.gateway()
    );
    let device = model.customer_gateways.get(&vpn.customer_gateway).map(|gateway| gateway.address.to_string());
    let device = device.unwrap_or_default();
    for (outside, tunnel) in vpn.tunnels.into_iter().zip(&vpn.options.tunnels) {
        let [cloud, site] = ends(tunnel);
        let mask = tunnel.inside.unwrap_or_default().netmask();
        let inside = |address: Ipv4Addr| {
            format!(
                "<tunnel_inside_address><ip_address>{address}</ip_address><network_mask>{mask}</network_mask>\
                 <network_cidr>30</network_cidr></tunnel_inside_address>"
            )
        };
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "  <ipsec_tunnel>\n    <customer_gateway>\n      <tunnel_outside_address><ip_address>{device}</ip_address>\
             </tunnel_outside_address>\n      {}\n    </customer_gateway>\n    <vpn_gateway>\n      <tunnel_outside_address>\
             <ip_address>{outside}</ip_address></tunnel_outside_address>\n      {}\n    </vpn_gateway>\n    <ike>\n      \
             <authentication_protocol>sha1</authentication_protocol>\n      \
             <encryption_protocol>aes-128-cbc</encryption_protocol>\n      <lifetime>28800</lifetime>\n      \
             <perfect_forward_secrecy>group2</perfect_forward_secrecy>\n      <mode>main</mode>\n      \
             <pre_shared_key>{}</pre_shared_key>\n    </ike>\n  </ipsec_tunnel>\n",
            inside(site),
            inside(cloud),
            tunnel.key.as_ref().unwrap_or(&vpn.key)
        );
    }
    text + "</vpn_connection>"
}

pub fn shown(model: &Model, vpn: &VpnConnection) -> ec2::VpnConnection {
    let told = ec2::VpnConnection {
        category: text("VPN"),
        tags: tags::shown(&vpn.tags),
        vpn_connection_id: text(&vpn.id),
        state: text(state(vpn)),
        r#type: text("ipsec.1"),
        customer_gateway_id: text(&vpn.customer_gateway),
        vpn_gateway_id: vpn.vpn_gateway.clone(),
        transit_gateway_id: vpn.transit_gateway.clone(),
        ..Default::default()
    };
    if !vpn.is_up() {
        return told;
    }
    let route = |prefix: &Ipv4Net| ec2::VpnStaticRoute {
        destination_cidr_block: text(prefix),
        source: text("Static"),
        state: text("available"),
    };
    let telemetry = |outside: Ipv4Addr| ec2::VgwTelemetry {
        accepted_route_count: i32::try_from(vpn.routes.len()).ok(),
        last_status_change: Some(vpn.created),
        outside_ip_address: text(outside),
        status: text("UP"),
        status_message: text(""),
        certificate_arn: None,
    };
    ec2::VpnConnection {
        gateway_association_state: text("associated"),
        options: Some(shown_options(vpn)),
        routes: vpn.routes.iter().map(route).collect(),
        vgw_telemetry: vpn.tunnels.into_iter().map(telemetry).collect(),
        customer_gateway_configuration: text(configuration(model, vpn)),
        ..told
    }
}

/// The cloud's end that a request names.
pub fn end(vpn_gateway: Option<String>, transit_gateway: Option<String>) -> Result<Option<VpnEnd>> {
    match (vpn_gateway, transit_gateway) {
        (Some(id), None) => Ok(Some(VpnEnd::VpnGateway(id))),
        (None, Some(id)) => Ok(Some(VpnEnd::TransitGateway(id))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Error::OneVpnEnd {}),
    }
}

fn create(cx: Change, input: ec2::CreateVpnConnectionRequest) -> Result<ec2::VpnConnection> {
    let ec2::CreateVpnConnectionRequest {
        customer_gateway_id,
        r#type,
        vpn_gateway_id,
        transit_gateway_id,
        tag_specifications,
        options,
    } = input;
    check_type(&r#type)?;
    let end = end(vpn_gateway_id, transit_gateway_id)?.ok_or_else(|| Error::missing("VpnGatewayId"))?;
    let options = options.unwrap_or_default();
    let said = (options.static_routes_only.unwrap_or(false), vpn_options::read(options)?);
    let tags = tags::of(tag_specifications, "vpn-connection")?;
    let id = cx.model.create_vpn_connection(cx.caller, end, &customer_gateway_id, said, tags)?;
    Ok(ec2::VpnConnection { state: text("pending"), ..told(cx.model, cx.caller, &id)? })
}

fn describe(cx: View, input: ec2::DescribeVpnConnectionsRequest) -> Result<ec2::DescribeVpnConnectionsResult> {
    let visible = cx.model.vpn_connections.of(&cx.caller.scope).filter(|vpn| vpn.is_visible(cx.caller.now));
    ATTRIBUTES.list(cx.model, visible, input, |vpn| shown(cx.model, vpn))
}

fn delete(cx: Change, input: ec2::DeleteVpnConnectionRequest) -> Result<()> {
    cx.model.delete_vpn_connection(cx.caller, &input.vpn_connection_id)
}

fn prefix(block: &str) -> Result<Ipv4Net> {
    cidr("destinationCidrBlock", block).map(|prefix: Ipv4Net| prefix.trunc())
}

fn create_route(cx: Change, input: ec2::CreateVpnConnectionRouteRequest) -> Result<()> {
    cx.model.create_vpn_route(cx.caller, &input.vpn_connection_id, prefix(&input.destination_cidr_block)?)
}

fn delete_route(cx: Change, input: ec2::DeleteVpnConnectionRouteRequest) -> Result<()> {
    cx.model.delete_vpn_route(cx.caller, &input.vpn_connection_id, prefix(&input.destination_cidr_block)?)
}

/// A connection of a caller, as the reply to a change shows it.
pub fn told(model: &Model, caller: &Caller, id: &str) -> Result<ec2::VpnConnection> {
    Ok(shown(model, model.vpn_connections.find(&caller.scope, id)?))
}

fn modify(cx: Change, input: ec2::ModifyVpnConnectionRequest) -> Result<ec2::VpnConnection> {
    let ec2::ModifyVpnConnectionRequest {
        vpn_connection_id: id,
        transit_gateway_id,
        customer_gateway_id,
        vpn_gateway_id,
    } = input;
    let other = end(vpn_gateway_id, transit_gateway_id)?;
    if other.is_none() && customer_gateway_id.is_none() {
        return Err(Error::missing("CustomerGatewayId"));
    }
    cx.model.modify_vpn_connection(cx.caller, &id, other, customer_gateway_id)?;
    told(cx.model, cx.caller, &id)
}

fn modify_options(cx: Change, input: ec2::ModifyVpnConnectionOptionsRequest) -> Result<ec2::VpnConnection> {
    let ec2::ModifyVpnConnectionOptionsRequest {
        vpn_connection_id: id,
        local_ipv4_network_cidr,
        remote_ipv4_network_cidr,
    } = input;
    let local = local_ipv4_network_cidr.map(|block| cidr("LocalIpv4NetworkCidr", &block)).transpose()?;
    let remote = remote_ipv4_network_cidr.map(|block| cidr("RemoteIpv4NetworkCidr", &block)).transpose()?;
    cx.model.modify_vpn_options(cx.caller, &id, local, remote)?;
    told(cx.model, cx.caller, &id)
}
