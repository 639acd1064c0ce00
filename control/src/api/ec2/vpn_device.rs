//! Customer gateway devices of VPN connections, and their sample configuration.

use super::listing::paged;
use super::text;
use super::vpn_connection::ends;
use crate::api::action::{Actions, View};
use model::{Error, Model, Result, VpnConnection};
use shapes::ec2;
use std::fmt::Write;

pub fn actions(all: Actions) -> Actions {
    all.read(types).read(sample)
}

/// The only type, for any device with IPsec. AWS has many vendors' products.
const GENERIC: &str = "9005b6c1";

fn types(_: View, input: ec2::GetVpnConnectionDeviceTypesRequest) -> Result<ec2::GetVpnConnectionDeviceTypesResult> {
    let generic = ec2::VpnConnectionDeviceType {
        vpn_connection_device_type_id: text(GENERIC),
        vendor: text("Generic"),
        platform: text("Generic"),
        software: text("Vendor Agnostic"),
    };
    let (types, next_token) = paged(&input.page, vec![generic], |_| GENERIC)?;
    Ok(ec2::GetVpnConnectionDeviceTypesResult { vpn_connection_device_types: types.into(), next_token })
}

fn sample(cx: View, input: ec2::GetVpnConnectionDeviceSampleConfigurationRequest) -> Result<String> {
    let ec2::GetVpnConnectionDeviceSampleConfigurationRequest {
        vpn_connection_id: id,
        vpn_connection_device_type_id: device,
        internet_key_exchange_version,
        sample_type,
    } = input;
    if device != GENERIC {
        return Err(Error::invalid("VpnConnectionDeviceTypeId", device));
    }
    let version = internet_key_exchange_version.unwrap_or_else(|| "ikev1".to_owned());
    if !matches!(version.as_str(), "ikev1" | "ikev2") {
        return Err(Error::invalid("InternetKeyExchangeVersion", version));
    }
    if let Some(other) = sample_type.filter(|kind| !matches!(kind.as_str(), "compatibility" | "recommended")) {
        return Err(Error::invalid("SampleType", other));
    }
    Ok(written(cx.model, cx.model.vpn_connections.find(&cx.caller.scope, &id)?, &version))
}

fn written(model: &Model, vpn: &VpnConnection, version: &str) -> String {
    let site = model.customer_gateways.get(&vpn.customer_gateway);
    let device = site.map(|site| site.address.to_string()).unwrap_or_default();
    let mut text = format!("# VPN connection {}\n# {} at {device}, {}\n", vpn.id, vpn.customer_gateway, vpn.gateway());
    for (number, (outside, tunnel)) in (1..).zip(vpn.tunnels.into_iter().zip(&vpn.options.tunnels)) {
        let [cloud, inside] = ends(tunnel);
        let key = tunnel.key.as_ref().unwrap_or(&vpn.key);
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n# Tunnel {number}\nike-version {version}\npre-shared-key {key}\nlocal-address {device}\n\
             remote-address {outside}\ninside-local-address {inside}/30\ninside-remote-address {cloud}/30\n\
             ike aes128-sha1-modp1024\nesp aes128-sha1-modp1024\nmss 1379\n"
        );
    }
    text
}
