//! Client VPN endpoints: what clients would connect to. They are kept and shown, and carry no packets.

use crate::collection::resource;
use crate::words::words;
use crate::{
    AuthorizationRule, Caller, ClientVpnRoute, Error, IdKind, Model, Result, Scope, Tags, TargetNetwork, Time, tags,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

words! {
    /// What clients speak.
    ClientVpnTransport { Udp "udp", Tcp "tcp" }
}

words! {
    /// How clients show who they are.
    ClientAuthenticationType {
        Certificate "certificate-authentication",
        DirectoryService "directory-service-authentication",
        Federated "federated-authentication",
    }
}

words! {
    /// Whether clients get their configuration from a web page.
    SelfServicePortal { Disabled "disabled", Enabled "enabled" }
}

/// A way for clients to show who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAuthentication {
    /// Which it is.
    pub kind: ClientAuthenticationType,
    /// The certificate chain, the directory or the SAML provider.
    pub by: Option<String>,
    /// The SAML provider of the self-service portal.
    pub self_service: Option<String>,
}

/// Where connections are logged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionLog {
    /// Whether they are.
    pub enabled: bool,
    /// The log group.
    pub group: Option<String>,
    /// The log stream.
    pub stream: Option<String>,
}

/// What can be changed of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientVpnOptions {
    /// What its owner says of it.
    pub description: Option<String>,
    /// The server's certificate.
    pub certificate: String,
    /// The log of connections.
    pub log: ConnectionLog,
    /// The name servers of clients.
    pub dns_servers: Vec<Ipv4Addr>,
    /// The port that clients connect to.
    pub port: u16,
    /// Whether only packets for the endpoint's routes take the tunnel.
    pub split_tunnel: bool,
    /// The self-service portal.
    pub portal: SelfServicePortal,
    /// The Lambda function that is asked about connections.
    pub connect_handler: Option<String>,
    /// After how many hours a session ends.
    pub session_hours: u32,
    /// Whether a client is disconnected then, rather than connected anew.
    pub disconnects: bool,
    /// The text that clients show.
    pub banner: Option<String>,
    /// Whether clients must use the endpoint's routes.
    pub enforces_routes: bool,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientVpnEndpoint {
    /// `cvpn-endpoint-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The addresses of clients.
    pub clients: Ipv4Net,
    /// What clients speak.
    pub transport: ClientVpnTransport,
    /// How clients show who they are.
    pub authentication: Vec<ClientAuthentication>,
    /// What can be changed of it.
    pub options: ClientVpnOptions,
    /// The VPC of its target networks.
    pub vpc: Option<String>,
    /// Its security groups there.
    pub groups: Vec<String>,
    /// Its target networks.
    pub networks: Vec<TargetNetwork>,
    /// Its routes.
    pub routes: Vec<ClientVpnRoute>,
    /// Who may connect to what.
    pub rules: Vec<AuthorizationRule>,
    /// Since when it is.
    pub created: Time,
}

resource!(ClientVpnEndpoint, IdKind::ClientVpnEndpoint, |endpoint| {
    endpoint.networks.iter().map(|network| network.interface.clone()).collect()
});

/// An endpoint to be made.
#[derive(Clone, Debug)]
pub struct NewClientVpnEndpoint {
    /// The addresses of clients.
    pub clients: Ipv4Net,
    /// What clients speak.
    pub transport: ClientVpnTransport,
    /// How clients show who they are.
    pub authentication: Vec<ClientAuthentication>,
    /// What can be changed of it.
    pub options: ClientVpnOptions,
    /// The VPC of its target networks.
    pub vpc: Option<String>,
    /// Its security groups there.
    pub groups: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

/// How long sessions may be, in hours.
const SESSIONS: [u32; 4] = [8, 10, 12, 24];
/// The ports that clients can connect to.
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
    /// CreateClientVpnEndpoint. Answers with the id.
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
            created: caller.now,
        });
        Ok(id)
    }

    /// Groups are those of a VPC, which is named with them.
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

    /// DeleteClientVpnEndpoint: one without target networks.
    pub fn delete_client_vpn(&mut self, caller: &Caller, id: &str) -> Result<()> {
        if !self.client_vpn_endpoints.find(&caller.scope, id)?.networks.is_empty() {
            return Err(Error::ClientVpnInUse { id: id.to_owned() });
        }
        self.client_vpn_endpoints.remove(id);
        Ok(())
    }
}
