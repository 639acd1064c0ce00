//! The options of VPN connections and of their tunnels.

use super::cidr::cidr;
use super::text;
use ipnet::Ipv4Net;
use model::{Error, Result, TunnelLog, VpnConnection, VpnOptions, VpnTunnel};
use shapes::ec2;

/// The options of a tunnel in a request.
pub fn tunnel(sent: ec2::TunnelSettings) -> Result<VpnTunnel> {
    let logs = sent.log_options.and_then(|sent| sent.cloud_watch_log_options).unwrap_or_default();
    Ok(VpnTunnel {
        inside: sent.tunnel_inside_cidr.as_deref().map(inside).transpose()?,
        key: sent.pre_shared_key.map(key).transpose()?,
        phase1_lifetime: sent.phase1_lifetime_seconds,
        phase2_lifetime: sent.phase2_lifetime_seconds,
        rekey_margin: sent.rekey_margin_time_seconds,
        rekey_fuzz: sent.rekey_fuzz_percentage,
        replay_window: sent.replay_window_size,
        dead_after: sent.dpd_timeout_seconds,
        when_dead: sent.dpd_timeout_action,
        startup: sent.startup_action,
        lifecycle_control: sent.enable_tunnel_lifecycle_control,
        phase1_encryption: sent.phase1_encryption_algorithms.into_iter().filter_map(|one| one.value).collect(),
        phase2_encryption: sent.phase2_encryption_algorithms.into_iter().filter_map(|one| one.value).collect(),
        phase1_integrity: sent.phase1_integrity_algorithms.into_iter().filter_map(|one| one.value).collect(),
        phase2_integrity: sent.phase2_integrity_algorithms.into_iter().filter_map(|one| one.value).collect(),
        phase1_groups: sent.phase1_dh_group_numbers.into_iter().filter_map(|one| one.value).collect(),
        phase2_groups: sent.phase2_dh_group_numbers.into_iter().filter_map(|one| one.value).collect(),
        ike_versions: sent.ike_versions.into_iter().filter_map(|one| one.value).collect(),
        log: log(logs.log_enabled, logs.log_group_arn, logs.log_output_format),
        bgp_log: log(logs.bgp_log_enabled, logs.bgp_log_group_arn, logs.bgp_log_output_format),
    })
}

/// A log of a tunnel, if the request mentions it. Its format is JSON by default.
fn log(enabled: Option<bool>, group: Option<String>, format: Option<String>) -> Option<TunnelLog> {
    let enabled = enabled?;
    let format = format.or_else(|| enabled.then(|| "json".to_owned()));
    Some(TunnelLog { enabled, group, format })
}

/// The blocks of 169.254.0.0/16 that AWS reserves, a /30 each, by the last two bytes (API reference, VpnTunnelOptionsSpecification).
const RESERVED: [[u8; 2]; 7] = [[0, 0], [1, 0], [2, 0], [3, 0], [4, 0], [5, 0], [169, 252]];

/// The addresses inside of a tunnel: four of 169.254.0.0/16.
fn inside(block: &str) -> Result<Ipv4Net> {
    let sent: Ipv4Net = cidr("TunnelInsideCidr", block)?;
    let [.., third, fourth] = sent.network().octets();
    let is_free = !RESERVED.contains(&[third, fourth]);
    match sent.prefix_len() == 30 && sent.network().is_link_local() && is_free {
        true => Ok(sent.trunc()),
        false => Err(Error::invalid("TunnelInsideCidr", block)),
    }
}

/// A secret has 8 to 64 letters, digits, dots and underscores, and does not begin with 0 (API reference, VpnTunnelOptionsSpecification).
fn key(sent: String) -> Result<String> {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let fits = (8..=64).contains(&sent.len()) && sent.chars().all(is_usual) && !sent.starts_with('0');
    if fits { Ok(sent) } else { Err(Error::invalid("PreSharedKey", sent)) }
}

/// The options of CreateVpnConnection.
pub fn read(sent: ec2::VpnConnectionOptionsSpecification) -> Result<VpnOptions> {
    let mut options = VpnOptions {
        acceleration: sent.enable_acceleration.unwrap_or(false),
        local: sent
            .local_ipv4_network_cidr
            .map_or(Ok(Ipv4Net::default()), |block| cidr("LocalIpv4NetworkCidr", &block))?,
        remote: sent
            .remote_ipv4_network_cidr
            .map_or(Ok(Ipv4Net::default()), |block| cidr("RemoteIpv4NetworkCidr", &block))?,
        ..VpnOptions::default()
    };
    if let Some(other) = sent.tunnel_inside_ip_version.filter(|version| version != "ipv4") {
        return Err(Error::invalid("TunnelInsideIpVersion", other));
    }
    if sent.tunnel_options.len() > options.tunnels.len() {
        return Err(Error::invalid("TunnelOptions", sent.tunnel_options.len()));
    }
    for (place, sent) in sent.tunnel_options.into_iter().enumerate() {
        options.tunnels[place] = tunnel(sent.settings)?;
    }
    Ok(options)
}

/// A tunnel as it is shown. Unset options are left out.
fn shown_tunnel(vpn: &VpnConnection, place: usize) -> ec2::TunnelOption {
    let tunnel = vpn.options.tunnels[place].clone();
    macro_rules! list {
        ($values:expr, $item:ident) => {
            $values
                .into_iter()
                .map(|value| ec2::$item { value: Some(value) })
                .collect::<shapes::List<_>>()
                .unless_empty()
        };
    }
    ec2::TunnelOption {
        outside_ip_address: text(vpn.tunnels[place]),
        tunnel_inside_cidr: tunnel.inside.map(|inside| inside.to_string()),
        pre_shared_key: Some(tunnel.key.unwrap_or_else(|| vpn.key.clone())),
        phase1_lifetime_seconds: tunnel.phase1_lifetime,
        phase2_lifetime_seconds: tunnel.phase2_lifetime,
        rekey_margin_time_seconds: tunnel.rekey_margin,
        rekey_fuzz_percentage: tunnel.rekey_fuzz,
        replay_window_size: tunnel.replay_window,
        dpd_timeout_seconds: tunnel.dead_after,
        dpd_timeout_action: tunnel.when_dead,
        startup_action: tunnel.startup,
        enable_tunnel_lifecycle_control: tunnel.lifecycle_control,
        phase1_encryption_algorithms: list!(tunnel.phase1_encryption, Phase1EncryptionAlgorithmsListValue),
        phase2_encryption_algorithms: list!(tunnel.phase2_encryption, Phase2EncryptionAlgorithmsListValue),
        phase1_integrity_algorithms: list!(tunnel.phase1_integrity, Phase1IntegrityAlgorithmsListValue),
        phase2_integrity_algorithms: list!(tunnel.phase2_integrity, Phase2IntegrityAlgorithmsListValue),
        phase1_dh_group_numbers: list!(tunnel.phase1_groups, Phase1DHGroupNumbersListValue),
        phase2_dh_group_numbers: list!(tunnel.phase2_groups, Phase2DHGroupNumbersListValue),
        ike_versions: list!(tunnel.ike_versions, IKEVersionsListValue),
        log_options: Some(shown_logs(tunnel.log.unwrap_or_default(), tunnel.bgp_log.unwrap_or_default())),
        ..Default::default()
    }
}

/// The logs of a tunnel are shown even when they are off.
fn shown_logs(log: TunnelLog, bgp_log: TunnelLog) -> ec2::VpnTunnelLogOptions {
    let options = ec2::CloudWatchLogOptions {
        log_enabled: Some(log.enabled),
        log_group_arn: log.group,
        log_output_format: log.format,
        bgp_log_enabled: Some(bgp_log.enabled),
        bgp_log_group_arn: bgp_log.group,
        bgp_log_output_format: bgp_log.format,
    };
    ec2::VpnTunnelLogOptions { cloud_watch_log_options: Some(options) }
}

/// `options`
pub fn shown_options(vpn: &VpnConnection) -> ec2::VpnConnectionOptions {
    ec2::VpnConnectionOptions {
        enable_acceleration: Some(vpn.options.acceleration),
        static_routes_only: Some(vpn.static_routes),
        local_ipv4_network_cidr: text(vpn.options.local),
        remote_ipv4_network_cidr: text(vpn.options.remote),
        outside_ip_address_type: text("PublicIpv4"),
        tunnel_inside_ip_version: text("ipv4"),
        tunnel_options: (0..vpn.tunnels.len()).map(|place| shown_tunnel(vpn, place)).collect(),
        ..Default::default()
    }
}
