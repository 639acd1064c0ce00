//! Client VPN endpoints.

use super::cidr::{address, cidr};
use super::listing::{Attributes, one};
use super::{int, tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{
    ClientAuthentication, ClientAuthenticationType, ClientVpnEndpoint, ClientVpnOptions, ClientVpnTransport,
    ConnectionLog, Error, NewClientVpnEndpoint, Result, SelfServicePortal,
};
use shapes::{List, ec2};
use std::net::Ipv4Addr;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(modify).write(delete).read(describe)
}

static ATTRIBUTES: Attributes<ClientVpnEndpoint> = Attributes(&[
    ("endpoint-id", |_, endpoint| one(&endpoint.id)),
    ("transport-protocol", |_, endpoint| one(endpoint.transport.word())),
]);

/// The options that a request leaves out.
fn defaults() -> ClientVpnOptions {
    ClientVpnOptions {
        description: None,
        certificate: String::new(),
        log: ConnectionLog::default(),
        dns_servers: Vec::new(),
        port: 443,
        split_tunnel: false,
        portal: SelfServicePortal::Disabled,
        connect_handler: None,
        session_hours: 24,
        disconnects: false,
        banner: None,
        enforces_routes: false,
    }
}

fn number<N: TryFrom<i32>>(parameter: &str, value: Option<i32>, default: N) -> Result<N> {
    let Some(value) = value else { return Ok(default) };
    N::try_from(value).map_err(|_| Error::invalid(parameter, value))
}

fn dns_servers(sent: &List<String>) -> Result<Vec<Ipv4Addr>> {
    sent.iter().map(|server| address("DnsServers", server)).collect()
}

fn log(sent: ec2::ConnectionLogOptions) -> ConnectionLog {
    ConnectionLog {
        enabled: sent.enabled.unwrap_or(false),
        group: sent.cloudwatch_log_group,
        stream: sent.cloudwatch_log_stream,
    }
}

/// Options with the settings of a request in their place.
fn with(options: ClientVpnOptions, sent: ec2::ClientVpnSettings) -> Result<ClientVpnOptions> {
    Ok(ClientVpnOptions {
        description: sent.description.or(options.description),
        port: number("VpnPort", sent.vpn_port, options.port)?,
        split_tunnel: sent.split_tunnel.unwrap_or(options.split_tunnel),
        portal: match sent.self_service_portal {
            Some(word) => SelfServicePortal::read("SelfServicePortal", &word)?,
            None => options.portal,
        },
        connect_handler: match sent.client_connect_options {
            Some(connect) => connect.lambda_function_arn.filter(|_| connect.enabled == Some(true)),
            None => options.connect_handler,
        },
        session_hours: number("SessionTimeoutHours", sent.session_timeout_hours, options.session_hours)?,
        disconnects: sent.disconnect_on_session_timeout.unwrap_or(options.disconnects),
        banner: match sent.client_login_banner_options {
            Some(banner) => banner.banner_text.filter(|_| banner.enabled == Some(true)),
            None => options.banner,
        },
        enforces_routes: match sent.client_route_enforcement_options {
            Some(ec2::ClientRouteEnforcementOptions { enforced: Some(enforced) }) => enforced,
            _ => options.enforces_routes,
        },
        ..options
    })
}

fn authentication(sent: ec2::ClientVpnAuthenticationRequest) -> Result<ClientAuthentication> {
    let kind = sent.r#type.ok_or_else(|| Error::missing("Authentication.Type"))?;
    let kind = ClientAuthenticationType::read("Authentication.Type", &kind)?;
    let federated = sent.federated_authentication.unwrap_or_default();
    let by = match kind {
        ClientAuthenticationType::Certificate => {
            sent.mutual_authentication.and_then(|mutual| mutual.client_root_certificate_chain_arn)
        }
        ClientAuthenticationType::DirectoryService => {
            sent.active_directory.and_then(|directory| directory.directory_id)
        }
        ClientAuthenticationType::Federated => federated.saml_provider_arn,
    };
    Ok(ClientAuthentication { kind, by, self_service: federated.self_service_saml_provider_arn })
}

fn shown_authentication(own: &ClientAuthentication) -> ec2::ClientVpnAuthentication {
    let told = ec2::ClientVpnAuthentication { r#type: text(own.kind.word()), ..Default::default() };
    let by = own.by.clone();
    match own.kind {
        ClientAuthenticationType::Certificate => ec2::ClientVpnAuthentication {
            mutual_authentication: Some(ec2::CertificateAuthentication { client_root_certificate_chain: by }),
            ..told
        },
        ClientAuthenticationType::DirectoryService => ec2::ClientVpnAuthentication {
            active_directory: Some(ec2::DirectoryServiceAuthentication { directory_id: by }),
            ..told
        },
        ClientAuthenticationType::Federated => ec2::ClientVpnAuthentication {
            federated_authentication: Some(ec2::FederatedAuthentication {
                saml_provider_arn: by,
                self_service_saml_provider_arn: own.self_service.clone(),
            }),
            ..told
        },
    }
}

fn status(endpoint: &ClientVpnEndpoint) -> Option<ec2::ClientVpnEndpointStatus> {
    let code = if endpoint.networks.is_empty() { "pending-associate" } else { "available" };
    Some(ec2::ClientVpnEndpointStatus { code: text(code), message: None })
}

/// The name that clients connect to, with a label of their own before it.
pub fn host_name(endpoint: &ClientVpnEndpoint) -> String {
    format!("{}.prod.clientvpn.{}.amazonaws.com", endpoint.id, endpoint.scope.region)
}

fn dns_name(endpoint: &ClientVpnEndpoint) -> String {
    format!("*.{}", host_name(endpoint))
}

fn shown(endpoint: &ClientVpnEndpoint) -> ec2::ClientVpnEndpoint {
    let options = &endpoint.options;
    let network =
        |subnet: &String| ec2::AssociatedTargetNetwork { network_id: text(subnet), network_type: text("vpc") };
    let portal = format!("https://self-service.clientvpn.amazonaws.com/endpoints/{}", endpoint.id);
    ec2::ClientVpnEndpoint {
        client_vpn_endpoint_id: text(&endpoint.id),
        description: options.description.clone(),
        status: status(endpoint),
        creation_time: text(endpoint.created.to_seconds()),
        dns_name: text(dns_name(endpoint)),
        client_cidr_block: text(endpoint.clients),
        dns_servers: options.dns_servers.iter().map(ToString::to_string).collect(),
        split_tunnel: Some(options.split_tunnel),
        vpn_protocol: text("openvpn"),
        transport_protocol: text(endpoint.transport.word()),
        vpn_port: Some(options.port.into()),
        associated_target_networks: endpoint.networks.iter().map(|own| network(&own.subnet)).collect(),
        server_certificate_arn: text(&options.certificate),
        authentication_options: endpoint.authentication.iter().map(shown_authentication).collect(),
        connection_log_options: Some(ec2::ConnectionLogResponseOptions {
            enabled: Some(options.log.enabled),
            cloudwatch_log_group: options.log.group.clone(),
            cloudwatch_log_stream: options.log.stream.clone(),
            ..Default::default()
        }),
        tags: tags::shown(&endpoint.tags),
        security_group_ids: endpoint.groups.clone().into(),
        vpc_id: endpoint.vpc.clone(),
        self_service_portal_url: Some(portal).filter(|_| options.portal == SelfServicePortal::Enabled),
        client_connect_options: Some(ec2::ClientConnectResponseOptions {
            enabled: Some(options.connect_handler.is_some()),
            lambda_function_arn: options.connect_handler.clone(),
            status: None,
        }),
        session_timeout_hours: int(options.session_hours),
        client_login_banner_options: Some(ec2::ClientLoginBannerResponseOptions {
            enabled: Some(options.banner.is_some()),
            banner_text: options.banner.clone(),
        }),
        client_route_enforcement_options: Some(ec2::ClientRouteEnforcementResponseOptions {
            enforced: Some(options.enforces_routes),
        }),
        disconnect_on_session_timeout: Some(options.disconnects),
        endpoint_ip_address_type: text("ipv4"),
        traffic_ip_address_type: text("ipv4"),
        ..Default::default()
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateClientVpnEndpointRequest,
) -> Result<ec2::CreateClientVpnEndpointResult> {
    let ec2::CreateClientVpnEndpointRequest {
        client_cidr_block,
        server_certificate_arn: certificate,
        authentication_options,
        connection_log_options,
        dns_servers: servers,
        transport_protocol,
        client_token,
        tag_specifications,
        settings,
    } = input;
    let clients = client_cidr_block.ok_or_else(|| Error::missing("ClientCidrBlock"))?;
    let transport = transport_protocol.map(|word| ClientVpnTransport::read("TransportProtocol", &word));
    let (log, dns_servers) = (log(connection_log_options), dns_servers(&servers)?);
    let new = NewClientVpnEndpoint {
        clients: cidr("ClientCidrBlock", &clients)?,
        transport: transport.transpose()?.unwrap_or_default(),
        authentication: authentication_options.into_iter().map(authentication).collect::<Result<_>>()?,
        vpc: settings.vpc_id.clone(),
        groups: settings.security_group_ids.to_vec(),
        options: with(ClientVpnOptions { certificate, log, dns_servers, ..defaults() }, settings)?,
        tags: tags::of(tag_specifications, "client-vpn-endpoint")?,
    };
    let id = model
        .once(caller, "CreateClientVpnEndpoint", token(&client_token), |model| model.create_client_vpn(caller, new))?;
    let endpoint = model.client_vpn_endpoints.find(&caller.scope, &id)?;
    Ok(ec2::CreateClientVpnEndpointResult {
        client_vpn_endpoint_id: text(&id),
        status: status(endpoint),
        dns_name: text(dns_name(endpoint)),
    })
}

fn modify(cx: Change, input: ec2::ModifyClientVpnEndpointRequest) -> Result<()> {
    let ec2::ModifyClientVpnEndpointRequest {
        client_vpn_endpoint_id: id,
        server_certificate_arn,
        connection_log_options,
        dns_servers: servers,
        settings,
    } = input;
    let options = cx.model.client_vpn_endpoints.find(&cx.caller.scope, &id)?.options.clone();
    let options = ClientVpnOptions {
        certificate: server_certificate_arn.unwrap_or(options.certificate),
        log: connection_log_options.map_or(options.log, log),
        dns_servers: match servers {
            // Servers that are switched off are none.
            Some(sent) if sent.enabled == Some(false) => Vec::new(),
            Some(sent) => dns_servers(&sent.custom_dns_servers)?,
            None => options.dns_servers,
        },
        ..options
    };
    let place = (settings.vpc_id.clone(), settings.security_group_ids.to_vec());
    cx.model.change_client_vpn(cx.caller, &id, with(options, settings)?, place)
}

fn delete(cx: Change, input: ec2::DeleteClientVpnEndpointRequest) -> Result<ec2::ClientVpnEndpointStatus> {
    cx.model.delete_client_vpn(cx.caller, &input.client_vpn_endpoint_id)?;
    Ok(ec2::ClientVpnEndpointStatus { code: text("deleting"), message: None })
}

fn describe(cx: View, input: ec2::DescribeClientVpnEndpointsRequest) -> Result<ec2::DescribeClientVpnEndpointsResult> {
    let all = cx.model.client_vpn_endpoints.of(&cx.caller.scope);
    ATTRIBUTES.list(cx.model, all, input, shown)
}
