//! Tunnels of VPN connections. Both are always up, and maintenance is never pending.

use super::cidr::address;
use super::vpn_connection::told;
use super::{text, vpn_options};
use crate::api::action::{Actions, Change, View};
use model::Result;
use shapes::ec2;
use std::net::Ipv4Addr;

pub fn actions(all: Actions) -> Actions {
    all.write(modify).read(active).read(replacement).write(replace)
}

fn outside(sent: &str) -> Result<Ipv4Addr> {
    address("VpnTunnelOutsideIpAddress", sent)
}

fn modify(cx: Change, input: ec2::ModifyVpnTunnelOptionsRequest) -> Result<ec2::VpnConnection> {
    let ec2::ModifyVpnTunnelOptionsRequest { vpn_connection_id: id, vpn_tunnel_outside_ip_address, tunnel_options } =
        input;
    let outside = outside(&vpn_tunnel_outside_ip_address)?;
    let said = vpn_options::tunnel(tunnel_options.settings)?;
    cx.model.modify_vpn_tunnel(cx.caller, &id, outside, said)?;
    told(cx.model, cx.caller, &id)
}

/// The algorithms that both ends use: the first ones that the tunnel's options allow, or AWS's defaults.
fn active(cx: View, input: ec2::GetActiveVpnTunnelStatusRequest) -> Result<ec2::ActiveVpnTunnelStatus> {
    let outside = outside(&input.vpn_tunnel_outside_ip_address)?;
    let (vpn, place) = cx.model.vpn_tunnel(cx.caller, &input.vpn_connection_id, outside)?;
    let tunnel = &vpn.options.tunnels[place];
    let first = |said: &[String], usual: &str| text(said.first().map_or(usual, String::as_str));
    let group = |said: &[i32]| Some(said.first().copied().unwrap_or(2));
    Ok(ec2::ActiveVpnTunnelStatus {
        phase1_encryption_algorithm: first(&tunnel.phase1_encryption, "AES128"),
        phase2_encryption_algorithm: first(&tunnel.phase2_encryption, "AES128"),
        phase1_integrity_algorithm: first(&tunnel.phase1_integrity, "SHA1"),
        phase2_integrity_algorithm: first(&tunnel.phase2_integrity, "SHA1"),
        phase1_dh_group: group(&tunnel.phase1_groups),
        phase2_dh_group: group(&tunnel.phase2_groups),
        ike_version: first(&tunnel.ike_versions, "ikev1"),
        provisioning_status: text("available"),
        ..Default::default()
    })
}

fn replacement(
    cx: View,
    input: ec2::GetVpnTunnelReplacementStatusRequest,
) -> Result<ec2::GetVpnTunnelReplacementStatusResult> {
    let outside = outside(&input.vpn_tunnel_outside_ip_address)?;
    let (vpn, _) = cx.model.vpn_tunnel(cx.caller, &input.vpn_connection_id, outside)?;
    Ok(ec2::GetVpnTunnelReplacementStatusResult {
        vpn_connection_id: text(&vpn.id),
        transit_gateway_id: vpn.transit_gateway.clone(),
        customer_gateway_id: text(&vpn.customer_gateway),
        vpn_gateway_id: vpn.vpn_gateway.clone(),
        vpn_tunnel_outside_ip_address: text(outside),
        maintenance_details: Some(ec2::MaintenanceDetails::default()),
    })
}

/// A replaced tunnel keeps its addresses, so nothing changes.
fn replace(cx: Change, input: ec2::ReplaceVpnTunnelRequest) -> Result<()> {
    let outside = outside(&input.vpn_tunnel_outside_ip_address)?;
    cx.model.vpn_tunnel(cx.caller, &input.vpn_connection_id, outside).map(drop)
}
