//! The options of VPN connections' tunnels.

use super::v4;
use model::{TunnelLog, VpnTunnel};
use shapes::ec2;

/// The options of a tunnel, without its key.
pub fn tunnel(told: ec2::TunnelOption) -> VpnTunnel {
    let logs = told.log_options.and_then(|told| told.cloud_watch_log_options).unwrap_or_default();
    VpnTunnel {
        inside: v4(told.tunnel_inside_cidr.as_ref()),
        key: None,
        phase1_lifetime: told.phase1_lifetime_seconds,
        phase2_lifetime: told.phase2_lifetime_seconds,
        rekey_margin: told.rekey_margin_time_seconds,
        rekey_fuzz: told.rekey_fuzz_percentage,
        replay_window: told.replay_window_size,
        dead_after: told.dpd_timeout_seconds,
        when_dead: told.dpd_timeout_action,
        startup: told.startup_action,
        lifecycle_control: told.enable_tunnel_lifecycle_control,
        phase1_encryption: told.phase1_encryption_algorithms.into_iter().filter_map(|one| one.value).collect(),
        phase2_encryption: told.phase2_encryption_algorithms.into_iter().filter_map(|one| one.value).collect(),
        phase1_integrity: told.phase1_integrity_algorithms.into_iter().filter_map(|one| one.value).collect(),
        phase2_integrity: told.phase2_integrity_algorithms.into_iter().filter_map(|one| one.value).collect(),
        phase1_groups: told.phase1_dh_group_numbers.into_iter().filter_map(|one| one.value).collect(),
        phase2_groups: told.phase2_dh_group_numbers.into_iter().filter_map(|one| one.value).collect(),
        ike_versions: told.ike_versions.into_iter().filter_map(|one| one.value).collect(),
        log: log(logs.log_enabled, logs.log_group_arn, logs.log_output_format),
        bgp_log: log(logs.bgp_log_enabled, logs.bgp_log_group_arn, logs.bgp_log_output_format),
    }
}

/// A log that is on.
fn log(enabled: Option<bool>, group: Option<String>, format: Option<String>) -> Option<TunnelLog> {
    (enabled == Some(true)).then_some(TunnelLog { enabled: true, group, format })
}
