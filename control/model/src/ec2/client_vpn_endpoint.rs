//! Client VPN endpoints. They are stored and described, and no client connects to them.

use crate::collection::resource;
use crate::words::words;
use crate::{
    AuthorizationRule, Caller, ClientVpnRoute, Error, IdKind, Model, Result, Scope, Tags, TargetNetwork, Time, tags,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

words! {
    /// The transport protocol of clients.
    ClientVpnTransport { Udp "udp", Tcp "tcp" }
}

words! {
    /// The type of an authentication method.
    ClientAuthenticationType {
        Certificate "certificate-authentication",
        DirectoryService "directory-service-authentication",
        Federated "federated-authentication",
    }
}

words! {
    /// Whether the self-service portal, a web page, gives clients their configuration.
    SelfServicePortal { Disabled "disabled", Enabled "enabled" }
}

/// An authentication method of clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAuthentication {
    /// Its type.
    pub kind: ClientAuthenticationType,
    /// The certificate chain, the directory or the SAML provider.
    pub by: Option<String>,
    /// The SAML provider of the self-service portal.
    pub self_service: Option<String>,
}

/// The log of connections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionLog {
    /// Whether connections are logged.
    pub enabled: bool,
    /// The log group.
    pub group: Option<String>,
    /// The log stream.
    pub stream: Option<String>,
}

/// The options of an endpoint, which can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientVpnOptions {
    /// Its description.
    pub description: Option<String>,
    /// The server's certificate.
    pub certificate: String,
    /// The log of connections.
    pub log: ConnectionLog,
    /// The name servers of clients.
    pub dns_servers: Vec<Ipv4Addr>,
    /// The port that clients connect to.
    pub port: u16,
    /// Whether clients send only packets for the endpoint's routes through the tunnel.
    pub split_tunnel: bool,
    /// The self-service portal.
    pub portal: SelfServicePortal,
    /// The Lambda function that is asked about connections.
    pub connect_handler: Option<String>,
    /// The maximum duration of a session, in hours.
    pub session_hours: u32,
    /// Whether a session that ends disconnects its client. Otherwise the client connects anew.
    pub disconnects: bool,
    /// The login banner.
    pub banner: Option<String>,
    /// Whether clients must use the endpoint's routes.
    pub enforces_routes: bool,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientVpnEndpoint {
    /// `cvpn-endpoint-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The block of the clients' addresses.
    pub clients: Ipv4Net,
    /// The transport protocol of clients.
    pub transport: ClientVpnTransport,
    /// The authentication methods of clients.
    pub authentication: Vec<ClientAuthentication>,
    /// Its options.
    pub options: ClientVpnOptions,
    /// The VPC of its target networks.
    pub vpc: Option<String>,
    /// Its security groups there.
    pub groups: Vec<String>,
    /// Its target networks.
    pub networks: Vec<TargetNetwork>,
    /// Its routes.
    pub routes: Vec<ClientVpnRoute>,
    /// Its authorization rules.
    pub rules: Vec<AuthorizationRule>,
    /// The list of revoked certificates of clients, in PEM.
    #[serde(default)]
    pub revoked: Option<String>,
    /// The time of its creation.
    pub created: Time,
}

resource!(ClientVpnEndpoint, IdKind::ClientVpnEndpoint, |endpoint| {
    endpoint.networks.iter().map(|network| network.interface.clone()).collect()
});

/// The parameters of a new endpoint.
#[derive(Clone, Debug)]
pub struct NewClientVpnEndpoint {
    /// The block of the clients' addresses.
    pub clients: Ipv4Net,
    /// The transport protocol of clients.
    pub transport: ClientVpnTransport,
    /// The authentication methods of clients.
    pub authentication: Vec<ClientAuthentication>,
    /// Its options.
    pub options: ClientVpnOptions,
    /// The VPC of its target networks.
    pub vpc: Option<String>,
    /// Its security groups there.
    pub groups: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

/// The valid durations of sessions, in hours.
const SESSIONS: [u32; 4] = [8, 10, 12, 24];
/// The valid ports of endpoints.
const PORTS: [u16; 2] = [443, 1194];

fn check_options(options: &ClientVpnOptions) -> Result<()> {
    if !PORTS.contains(&options.port) {
        return Err(Error::invalid("VpnPort", options.port));
    }
    if !SESSIONS.contains(&options.session_hours) {
        return Err(Error::invalid("SessionTimeoutHours", options.session_hours));
    }
    Ok(())
}

impl Model {
    /// CreateClientVpnEndpoint. Returns the id.
    pub fn create_client_vpn(&mut self, caller: &Caller, new: NewClientVpnEndpoint) -> Result<String> {
        if !(12..=22).contains(&new.clients.prefix_len()) {
            return Err(Error::invalid("ClientCidrBlock", new.clients));
        }
        if new.authentication.is_empty() {
            return Err(Error::missing("Authentication"));
        }
        check_options(&new.options)?;
        self.check_client_vpn_place(caller, new.vpc.as_deref(), &new.groups)?;
        tags::check(&new.tags)?;
        let id = self.new_id(IdKind::ClientVpnEndpoint);
        self.client_vpn_endpoints.insert(ClientVpnEndpoint {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags: new.tags,
            clients: new.clients.trunc(),
            transport: new.transport,
            authentication: new.authentication,
            options: new.options,
            vpc: new.vpc,
            groups: new.groups,
            networks: Vec::new(),
            routes: Vec::new(),
            rules: Vec::new(),
            revoked: None,
            created: caller.now,
        });
        Ok(id)
    }

    /// Checks the VPC of an endpoint and its security groups there, which are named together.
    fn check_client_vpn_place(&self, caller: &Caller, vpc: Option<&str>, groups: &[String]) -> Result<()> {
        let Some(vpc) = vpc else {
            return if groups.is_empty() { Ok(()) } else { Err(Error::missing("VpcId")) };
        };
        self.vpcs.find(&caller.scope, vpc)?;
        if groups.is_empty() { Ok(()) } else { self.check_vpc_groups(&caller.scope, vpc, groups) }
    }

    /// ModifyClientVpnEndpoint: its options and, with a VPC, its groups there.
    pub fn change_client_vpn(
        &mut self,
        caller: &Caller,
        id: &str,
        options: ClientVpnOptions,
        (vpc, groups): (Option<String>, Vec<String>),
    ) -> Result<()> {
        let endpoint = self.client_vpn_endpoints.find(&caller.scope, id)?;
        check_options(&options)?;
        self.check_client_vpn_place(caller, vpc.as_deref(), &groups)?;
        let moves = vpc.is_some() && vpc != endpoint.vpc;
        if moves && !endpoint.networks.is_empty() {
            return Err(Error::ClientVpnInUse { id: id.to_owned() });
        }
        let endpoint = self.client_vpn_endpoints.find_mut(&caller.scope, id)?;
        endpoint.options = options;
        if moves || !groups.is_empty() {
            (endpoint.vpc, endpoint.groups) = (vpc, groups);
            self.give_groups_to_client_vpn(id);
        }
        Ok(())
    }

    /// DeleteClientVpnEndpoint. Its target networks must be disassociated first.
    pub fn delete_client_vpn(&mut self, caller: &Caller, id: &str) -> Result<()> {
        if !self.client_vpn_endpoints.find(&caller.scope, id)?.networks.is_empty() {
            return Err(Error::ClientVpnInUse { id: id.to_owned() });
        }
        self.client_vpn_endpoints.remove(id);
        Ok(())
    }

    /// Removes a VPC from the endpoints that had target networks in it, so that they can be associated with another one.
    pub(crate) fn free_client_vpns_of(&mut self, vpc: &str) {
        let is_there = |endpoint: &ClientVpnEndpoint| endpoint.vpc.as_deref() == Some(vpc);
        self.client_vpn_endpoints.update(is_there, |endpoint| {
            endpoint.vpc = None;
            endpoint.groups.clear();
        });
    }

    /// The endpoint that an interface belongs to.
    pub fn client_vpn_of(&self, interface: &str) -> Option<&ClientVpnEndpoint> {
        self.client_vpn_endpoints.by(interface).next()
    }

    /// ImportClientVpnClientCertificateRevocationList: replaces the list.
    pub fn import_client_revocation_list(&mut self, caller: &Caller, id: &str, list: String) -> Result<()> {
        self.client_vpn_endpoints.find_mut(&caller.scope, id)?.revoked = Some(list);
        Ok(())
    }
}
