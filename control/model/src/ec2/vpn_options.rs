//! Options of VPN connections and their tunnels. They have no effect on packets.

use crate::{Caller, Error, Model, Result, VpnConnection};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The options of a tunnel. Absent ones have AWS's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VpnTunnel {
    /// The inside addresses.
    pub inside: Option<Ipv4Net>,
    /// The pre-shared key, if it is not the connection's.
    pub key: Option<String>,
    /// The lifetime of phase 1 of IKE, in seconds.
    pub phase1_lifetime: Option<i32>,
    /// The lifetime of phase 2, in seconds.
    pub phase2_lifetime: Option<i32>,
    /// The rekey margin in seconds.
    pub rekey_margin: Option<i32>,
    /// The rekey fuzz in per cent.
    pub rekey_fuzz: Option<i32>,
    /// The replay window, in packets.
    pub replay_window: Option<i32>,
    /// The DPD time-out in seconds.
    pub dead_after: Option<i32>,
    /// The DPD time-out action.
    pub when_dead: Option<String>,
    /// The startup action.
    pub startup: Option<String>,
    /// Whether tunnel endpoint lifecycle control is enabled.
    pub lifecycle_control: Option<bool>,
    /// The ciphers of the first phase.
    pub phase1_encryption: Vec<String>,
    /// The ciphers of the second phase.
    pub phase2_encryption: Vec<String>,
    /// The hashes of the first phase.
    pub phase1_integrity: Vec<String>,
    /// The hashes of the second phase.
    pub phase2_integrity: Vec<String>,
    /// The Diffie-Hellman groups of the first phase.
    pub phase1_groups: Vec<i32>,
    /// The Diffie-Hellman groups of the second phase.
    pub phase2_groups: Vec<i32>,
    /// The versions of IKE.
    pub ike_versions: Vec<String>,
    /// The log of its state.
    pub log: Option<TunnelLog>,
    /// The log of its BGP sessions.
    pub bgp_log: Option<TunnelLog>,
}

/// A log of a tunnel in CloudWatch Logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelLog {
    /// Whether it is on.
    pub enabled: bool,
    /// The ARN of its log group.
    pub group: Option<String>,
    /// Its format, in a word.
    pub format: Option<String>,
}

impl VpnTunnel {
    /// These options, completed by others.
    #[must_use]
    pub fn over(self, other: VpnTunnel) -> VpnTunnel {
        fn either<T>(over: Vec<T>, under: Vec<T>) -> Vec<T> {
            if over.is_empty() { under } else { over }
        }
        VpnTunnel {
            inside: self.inside.or(other.inside),
            key: self.key.or(other.key),
            phase1_lifetime: self.phase1_lifetime.or(other.phase1_lifetime),
            phase2_lifetime: self.phase2_lifetime.or(other.phase2_lifetime),
            rekey_margin: self.rekey_margin.or(other.rekey_margin),
            rekey_fuzz: self.rekey_fuzz.or(other.rekey_fuzz),
            replay_window: self.replay_window.or(other.replay_window),
            dead_after: self.dead_after.or(other.dead_after),
            when_dead: self.when_dead.or(other.when_dead),
            startup: self.startup.or(other.startup),
            lifecycle_control: self.lifecycle_control.or(other.lifecycle_control),
            phase1_encryption: either(self.phase1_encryption, other.phase1_encryption),
            phase2_encryption: either(self.phase2_encryption, other.phase2_encryption),
            phase1_integrity: either(self.phase1_integrity, other.phase1_integrity),
            phase2_integrity: either(self.phase2_integrity, other.phase2_integrity),
            phase1_groups: either(self.phase1_groups, other.phase1_groups),
            phase2_groups: either(self.phase2_groups, other.phase2_groups),
            ike_versions: either(self.ike_versions, other.ike_versions),
            log: self.log.or(other.log),
            bgp_log: self.bgp_log.or(other.bgp_log),
        }
    }
}

/// The options of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VpnOptions {
    /// Whether acceleration is enabled.
    pub acceleration: bool,
    /// The local IPv4 network, at the site.
    pub local: Ipv4Net,
    /// The remote IPv4 network, in the cloud.
    pub remote: Ipv4Net,
    /// The options of each tunnel.
    pub tunnels: [VpnTunnel; 2],
}

impl Model {
    /// Inside addresses for a tunnel without named ones: a block of four from 169.254.6.0 to 169.254.165.255, where AWS reserves none.
    pub(crate) fn inside_of_tunnel(&mut self) -> Ipv4Net {
        let [low, high, ..] = self.next_random().to_le_bytes();
        let address = Ipv4Addr::new(169, 254, 6 + high % 160, low & !3);
        Ipv4Net::new(address, 30).unwrap_or_default()
    }

    /// ModifyVpnConnectionOptions.
    pub fn modify_vpn_options(
        &mut self,
        caller: &Caller,
        id: &str,
        local: Option<Ipv4Net>,
        remote: Option<Ipv4Net>,
    ) -> Result<()> {
        self.vpn_that_is_up(caller, id)?;
        let options = &mut self.vpn_connections.find_mut(&caller.scope, id)?.options;
        options.local = local.unwrap_or(options.local);
        options.remote = remote.unwrap_or(options.remote);
        Ok(())
    }

    /// The connection, and the place in it of the tunnel with that outside address.
    pub fn vpn_tunnel(&self, caller: &Caller, id: &str, outside: Ipv4Addr) -> Result<(&VpnConnection, usize)> {
        let vpn = self.vpn_that_is_up(caller, id)?;
        let tunnel = vpn.tunnels.iter().position(|address| *address == outside);
        Ok((vpn, tunnel.ok_or_else(|| Error::invalid("VpnTunnelOutsideIpAddress", outside))?))
    }

    /// ModifyVpnTunnelOptions, of the tunnel with that outside address.
    pub fn modify_vpn_tunnel(&mut self, caller: &Caller, id: &str, outside: Ipv4Addr, said: VpnTunnel) -> Result<()> {
        let (_, tunnel) = self.vpn_tunnel(caller, id, outside)?;
        let options = &mut self.vpn_connections.find_mut(&caller.scope, id)?.options;
        let before = std::mem::take(&mut options.tunnels[tunnel]);
        options.tunnels[tunnel] = said.over(before);
        Ok(())
    }
}
