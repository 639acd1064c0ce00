//! VPN connections on the wire.

use super::describe::Listing;
use super::params::Params;
use super::vpn_gateway::ipsec;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Error, IdKind, Model, Result, VpnConnection};
use ipnet::Ipv4Net;
use std::fmt::Write;

pub const ACTIONS: Actions = &[
    ("CreateVpnConnection", Handler::Write(create)),
    ("DescribeVpnConnections", Handler::Read(describe)),
    ("DeleteVpnConnection", Handler::Write(delete)),
    ("CreateVpnConnectionRoute", Handler::Write(create_route)),
    ("DeleteVpnConnectionRoute", Handler::Write(delete_route)),
];

static LISTING: Listing<VpnConnection> = Listing {
    ids: "VpnConnectionId",
    set: "vpnConnectionSet",
    filters: &[
        ("vpn-connection-id", |_, vpn| vec![vpn.id.clone()]),
        ("vpn-gateway-id", |_, vpn| vec![vpn.vpn_gateway.clone()]),
        ("customer-gateway-id", |_, vpn| vec![vpn.customer_gateway.clone()]),
        ("customer-gateway-configuration", |model, vpn| vec![configuration(model, vpn)]),
        ("option.static-routes-only", |_, vpn| vec![vpn.static_routes.to_string()]),
        ("route.destination-cidr-block", |_, vpn| vpn.routes.iter().map(Ipv4Net::to_string).collect()),
        ("bgp-asn", |model, vpn| vec![asn(model, vpn).to_string()]),
        ("state", |_, vpn| vec![state(vpn).to_owned()]),
        ("type", |_, _| vec!["ipsec.1".into()]),
    ],
    item: |model, vpn| item(model, vpn, state(vpn)),
};

fn state(vpn: &VpnConnection) -> &'static str {
    if vpn.is_up() { "available" } else { "deleted" }
}

fn asn(model: &Model, vpn: &VpnConnection) -> u32 {
    model.customer_gateways.get(&vpn.customer_gateway).map(|gateway| gateway.asn).unwrap_or_default()
}

/// What a user gives to the device at the site.
fn configuration(model: &Model, vpn: &VpnConnection) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vpn_connection id=\"{}\">\n  \
         <customer_gateway_id>{}</customer_gateway_id>\n  <vpn_gateway_id>{}</vpn_gateway_id>\n  \
         <vpn_connection_type>ipsec.1</vpn_connection_type>\n",
        vpn.id, vpn.customer_gateway, vpn.vpn_gateway
    );
    let device = model.customer_gateways.get(&vpn.customer_gateway).map(|gateway| gateway.address.to_string());
    let device = device.unwrap_or_default();
    for outside in vpn.tunnels {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "  <ipsec_tunnel>\n    <customer_gateway>\n      <tunnel_outside_address><ip_address>{device}</ip_address>\
             </tunnel_outside_address>\n    </customer_gateway>\n    <vpn_gateway>\n      <tunnel_outside_address>\
             <ip_address>{outside}</ip_address></tunnel_outside_address>\n    </vpn_gateway>\n    <ike>\n      \
             <authentication_protocol>sha1</authentication_protocol>\n      \
             <encryption_protocol>aes-128-cbc</encryption_protocol>\n      <lifetime>28800</lifetime>\n      \
             <perfect_forward_secrecy>group2</perfect_forward_secrecy>\n      <mode>main</mode>\n      \
             <pre_shared_key>{}</pre_shared_key>\n    </ike>\n  </ipsec_tunnel>\n",
            vpn.key
        );
    }
    text + "</vpn_connection>"
}

fn item(model: &Model, vpn: &VpnConnection, state: &str) -> Node {
    let route = |prefix: &Ipv4Net| {
        Node::new().text("destinationCidrBlock", prefix).text("source", "Static").text("state", "available")
    };
    let telemetry = |outside| {
        Node::new()
            .text("outsideIpAddress", outside)
            .text("status", "UP")
            .text("lastStatusChange", vpn.created)
            .text("statusMessage", "")
            .text("acceptedRouteCount", vpn.routes.len())
    };
    let node = Node::new()
        .text("vpnConnectionId", &vpn.id)
        .text("state", state)
        .text("type", "ipsec.1")
        .text("category", "VPN")
        .text("customerGatewayId", &vpn.customer_gateway)
        .text("vpnGatewayId", &vpn.vpn_gateway);
    if !vpn.is_up() {
        return node.tags(&vpn.tags);
    }
    node.text("customerGatewayConfiguration", configuration(model, vpn))
        .node("options", Node::new().text("staticRoutesOnly", vpn.static_routes))
        .set("routes", vpn.routes.iter().map(route))
        .set("vgwTelemetry", vpn.tunnels.into_iter().map(telemetry))
        .tags(&vpn.tags)
}

/// Options of tunnels; there are no real ones here.
const OPTIONS: &[&str] = &[
    "EnableAcceleration",
    "TunnelInsideIpVersion",
    "TunnelOptions",
    "LocalIpv4NetworkCidr",
    "RemoteIpv4NetworkCidr",
    "OutsideIpAddressType",
    "TunnelBandwidth",
];

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    ipsec(&mut params)?;
    let customer_gateway = params.id("CustomerGatewayId", IdKind::CustomerGateway)?;
    if params.has("TransitGatewayId") {
        return Err(Error::Unsupported { what: "Transit gateways are not supported.".into() });
    }
    let vpn_gateway = params.id("VpnGatewayId", IdKind::VpnGateway)?;
    let static_routes = params.nested("Options", |options| {
        options.ignore(OPTIONS);
        options.flag("StaticRoutesOnly")
    })?;
    let tags = params.tags("vpn-connection")?;
    params.ignore(&["PreSharedKeyStorage"]);
    params.finish()?;
    let static_routes = static_routes.flatten().unwrap_or(false);
    let id = model.create_vpn_connection(caller, &vpn_gateway, &customer_gateway, static_routes, tags)?;
    let vpn = model.vpn_connections.find(&caller.scope, &id)?;
    Ok(Node::new().node("vpnConnection", item(model, vpn, "pending")))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let visible = model.vpn_connections.of(&caller.scope).filter(|vpn| vpn.is_visible(caller.now));
    let chosen = LISTING.choose(model, params, &visible.collect::<Vec<_>>())?;
    Ok(Node::new().set(LISTING.set, chosen.into_iter().map(|vpn| (LISTING.item)(model, vpn))))
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpnConnectionId", IdKind::VpnConnection)?;
    params.finish()?;
    model.delete_vpn_connection(caller, &id)?;
    Ok(Node::done())
}

fn connection_and_prefix(params: &mut Params) -> Result<(String, Ipv4Net)> {
    let id = params.id("VpnConnectionId", IdKind::VpnConnection)?;
    let cidr = params.required("DestinationCidrBlock")?;
    let prefix: Ipv4Net =
        cidr.parse().map_err(|_| Error::BadCidr { name: "destinationCidrBlock".into(), value: cidr })?;
    Ok((id, prefix.trunc()))
}

fn create_route(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let (id, prefix) = connection_and_prefix(&mut params)?;
    params.finish()?;
    model.create_vpn_route(caller, &id, prefix)?;
    Ok(Node::done())
}

fn delete_route(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let (id, prefix) = connection_and_prefix(&mut params)?;
    params.finish()?;
    model.delete_vpn_route(caller, &id, prefix)?;
    Ok(Node::done())
}
