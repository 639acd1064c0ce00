//! Clients of Client VPN endpoints: their configuration, and the list of revoked certificates. No client is ever connected.

use super::client_vpn_endpoint::host_name;
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{ClientAuthenticationType, Result};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.read(configuration).write(revoke).read(revoked).write(terminate)
}

/// A configuration file for OpenVPN. It has no certificates, which are not known here.
fn configuration(cx: View, input: ec2::ExportClientVpnClientConfigurationRequest) -> Result<String> {
    let endpoint = cx.model.client_vpn_endpoints.find(&cx.caller.scope, &input.client_vpn_endpoint_id)?;
    let asks = |kind: ClientAuthenticationType| endpoint.authentication.iter().any(|own| own.kind == kind);
    let mut lines = vec![
        "client".to_owned(),
        "dev tun".to_owned(),
        format!("proto {}", endpoint.transport.word()),
        format!("remote {} {}", host_name(endpoint), endpoint.options.port),
        "remote-random-hostname".to_owned(),
        "resolv-retry infinite".to_owned(),
        "nobind".to_owned(),
        "remote-cert-tls server".to_owned(),
        "cipher AES-256-GCM".to_owned(),
        "verb 3".to_owned(),
        "reneg-sec 0".to_owned(),
    ];
    if asks(ClientAuthenticationType::DirectoryService) {
        lines.push("auth-user-pass".to_owned());
    }
    if asks(ClientAuthenticationType::Federated) {
        lines.push("auth-federate".to_owned());
    }
    Ok(lines.join("\n") + "\n")
}

fn revoke(cx: Change, input: ec2::ImportClientVpnClientCertificateRevocationListRequest) -> Result<()> {
    let ec2::ImportClientVpnClientCertificateRevocationListRequest {
        client_vpn_endpoint_id: id,
        certificate_revocation_list: list,
    } = input;
    cx.model.import_client_revocation_list(cx.caller, &id, list)
}

fn revoked(
    cx: View,
    input: ec2::ExportClientVpnClientCertificateRevocationListRequest,
) -> Result<ec2::ExportClientVpnClientCertificateRevocationListResult> {
    let list = cx.model.client_vpn_endpoints.find(&cx.caller.scope, &input.client_vpn_endpoint_id)?.revoked.clone();
    let status = ec2::ClientCertificateRevocationListStatus { code: text("active"), message: None };
    Ok(ec2::ExportClientVpnClientCertificateRevocationListResult {
        status: list.is_some().then_some(status),
        certificate_revocation_list: list,
    })
}

fn terminate(
    cx: Change,
    input: ec2::TerminateClientVpnConnectionsRequest,
) -> Result<ec2::TerminateClientVpnConnectionsResult> {
    let ec2::TerminateClientVpnConnectionsRequest { client_vpn_endpoint_id: id, connection_id: _, username } = input;
    cx.model.client_vpn_endpoints.find(&cx.caller.scope, &id)?;
    Ok(ec2::TerminateClientVpnConnectionsResult {
        client_vpn_endpoint_id: Some(id),
        username,
        connection_statuses: List::default(),
    })
}
