//! Client VPN endpoints, their target networks, routes and authorization rules.

use super::{Importer, parse, tags, unsigned};
use model::{
    AuthorizationRule, CLIENT_VPN_INTERFACE, CLIENT_VPN_LOCAL, ClientAuthentication, ClientAuthenticationType,
    ClientVpnEndpoint, ClientVpnOptions, ClientVpnRoute, ClientVpnTransport, ConnectionLog, IdKind, Scope,
    SelfServicePortal, TargetNetwork,
};
use shapes::ec2;

/// The usual port of clients.
const PORT: u16 = 443;
/// The usual length of a session in hours.
const SESSION: u32 = 24;

impl Importer<'_> {
    pub(super) fn client_vpn_endpoint(&mut self, scope: &Scope, told: ec2::ClientVpnEndpoint) {
        let Some(id) = self.id(IdKind::ClientVpnEndpoint, told.client_vpn_endpoint_id.clone()) else { return };
        if let Some(code) = told.status.as_ref().and_then(|status| gone(status.code.as_deref())) {
            return self.leave_out(format!("{id} is {code}"));
        }
        let vpc = told.vpc_id.clone();
        if vpc.is_some() && self.vpc_of(&id, vpc.clone()).is_none() {
            return;
        }
        let Some(clients) = self.parsed(&id, "ClientCidrBlock", told.client_cidr_block.clone()) else { return };
        let transport = told.transport_protocol.as_deref();
        let transport = transport.and_then(|word| ClientVpnTransport::read("TransportProtocol", word).ok());
        self.model.client_vpn_endpoints.adopt(ClientVpnEndpoint {
            id,
            scope: scope.clone(),
            tags: tags(told.tags.clone()),
            clients,
            transport: transport.unwrap_or_default(),
            authentication: told.authentication_options.iter().cloned().filter_map(authentication).collect(),
            vpc,
            groups: told.security_group_ids.to_vec(),
            networks: Vec::new(),
            routes: Vec::new(),
            rules: Vec::new(),
            revoked: None,
            created: parse(told.creation_time.as_ref()).unwrap_or(self.now),
            options: options(told),
        });
    }

    /// Changes the endpoint that something belongs to. Without it, what belongs to it is left out.
    fn change_client_vpn(&mut self, id: Option<String>, what: &str, change: impl FnOnce(&mut ClientVpnEndpoint)) {
        let id = id.unwrap_or_default();
        match self.model.client_vpn_endpoints.get(&id).cloned() {
            Some(mut endpoint) => {
                change(&mut endpoint);
                self.model.client_vpn_endpoints.adopt(endpoint);
            }
            None => self.leave_out(format!("{what}: its endpoint {id} is not in the files")),
        }
    }

    pub(super) fn client_vpn_network(&mut self, told: ec2::TargetNetwork) {
        let Some(id) = self.id(IdKind::ClientVpnAssociation, told.association_id) else { return };
        if let Some(code) = gone(told.status.unwrap_or_default().code.as_deref()) {
            return self.leave_out(format!("{id} is {code}"));
        }
        if self.has_client_vpn_network(&id) {
            return;
        }
        let subnet = told.target_network_id.unwrap_or_default();
        let Some(interface) = self.client_vpn_interface(&subnet) else {
            return self.leave_out(format!("{id}: its network interface in {subnet} is not in the files"));
        };
        self.change_client_vpn(told.client_vpn_endpoint_id, &id.clone(), |endpoint| {
            endpoint.networks.push(TargetNetwork { id, subnet, interface });
        });
    }

    fn has_client_vpn_network(&self, id: &str) -> bool {
        let mut networks = self.model.client_vpn_endpoints.iter().flat_map(|endpoint| &endpoint.networks);
        networks.any(|network| network.id == id)
    }

    /// An interface in a subnet that Client VPN has made and that belongs to no endpoint yet.
    fn client_vpn_interface(&self, subnet: &str) -> Option<String> {
        let is_free = |id: &str| self.model.client_vpn_endpoints.by(id).next().is_none();
        let mut interfaces = self.model.network_interfaces.by(subnet);
        let is_its = |description: &str| description.starts_with(CLIENT_VPN_INTERFACE);
        let found = interfaces.find(|interface| is_its(&interface.description) && is_free(&interface.id));
        found.map(|interface| interface.id.clone())
    }

    pub(super) fn client_vpn_route(&mut self, told: ec2::ClientVpnRoute) {
        const WHAT: &str = "a route of a Client VPN endpoint";
        if let Some(code) = gone(told.status.unwrap_or_default().code.as_deref()) {
            return self.leave_out(format!("{WHAT} is {code}"));
        }
        let Some(destination) = self.parsed(WHAT, "DestinationCidr", told.destination_cidr) else { return };
        let route = ClientVpnRoute {
            destination,
            subnet: told.target_subnet.unwrap_or_else(|| CLIENT_VPN_LOCAL.to_owned()),
            description: told.description,
            of_network: told.origin.is_some_and(|origin| origin == "associate"),
        };
        self.change_client_vpn(told.client_vpn_endpoint_id, WHAT, |endpoint| {
            if !endpoint.routes.contains(&route) {
                endpoint.routes.push(route);
            }
        });
    }

    pub(super) fn client_vpn_rule(&mut self, told: ec2::AuthorizationRule) {
        const WHAT: &str = "a rule of a Client VPN endpoint";
        if let Some(code) = gone(told.status.unwrap_or_default().code.as_deref()) {
            return self.leave_out(format!("{WHAT} is {code}"));
        }
        let Some(destination) = self.parsed(WHAT, "DestinationCidr", told.destination_cidr) else { return };
        let group = told.group_id.filter(|group| !group.is_empty() && told.access_all != Some(true));
        let rule = AuthorizationRule { destination, group, description: told.description };
        self.change_client_vpn(told.client_vpn_endpoint_id, WHAT, |endpoint| {
            if !endpoint.rules.contains(&rule) {
                endpoint.rules.push(rule);
            }
        });
    }
}

/// The status of what is gone or going, or has never come to be: `deleting`, `association-failed`.
fn gone(code: Option<&str>) -> Option<&str> {
    const GONE: [&str; 4] = ["delet", "disassociat", "revok", "fail"];
    code.filter(|code| GONE.iter().any(|word| code.contains(word)))
}

fn options(told: ec2::ClientVpnEndpoint) -> ClientVpnOptions {
    let log = told.connection_log_options.unwrap_or_default();
    let connect = told.client_connect_options.unwrap_or_default();
    let banner = told.client_login_banner_options.unwrap_or_default();
    let enforcement = told.client_route_enforcement_options.unwrap_or_default();
    let portal = match told.self_service_portal_url {
        Some(_) => SelfServicePortal::Enabled,
        None => SelfServicePortal::Disabled,
    };
    ClientVpnOptions {
        description: told.description,
        certificate: told.server_certificate_arn.unwrap_or_default(),
        log: ConnectionLog {
            enabled: log.enabled == Some(true),
            group: log.cloudwatch_log_group,
            stream: log.cloudwatch_log_stream,
        },
        dns_servers: told.dns_servers.iter().filter_map(|server| server.parse().ok()).collect(),
        port: told.vpn_port.and_then(|port| u16::try_from(port).ok()).unwrap_or(PORT),
        split_tunnel: told.split_tunnel == Some(true),
        portal,
        connect_handler: connect.lambda_function_arn.filter(|_| connect.enabled == Some(true)),
        session_hours: unsigned(told.session_timeout_hours).unwrap_or(SESSION),
        disconnects: told.disconnect_on_session_timeout == Some(true),
        banner: banner.banner_text.filter(|_| banner.enabled == Some(true)),
        enforces_routes: enforcement.enforced == Some(true),
    }
}

fn authentication(told: ec2::ClientVpnAuthentication) -> Option<ClientAuthentication> {
    let kind = ClientAuthenticationType::read("Type", &told.r#type?).ok()?;
    let federated = told.federated_authentication.unwrap_or_default();
    let by = match kind {
        ClientAuthenticationType::Certificate => {
            told.mutual_authentication.and_then(|mutual| mutual.client_root_certificate_chain)
        }
        ClientAuthenticationType::DirectoryService => {
            told.active_directory.and_then(|directory| directory.directory_id)
        }
        ClientAuthenticationType::Federated => federated.saml_provider_arn,
    };
    Some(ClientAuthentication { kind, by, self_service: federated.self_service_saml_provider_arn })
}
