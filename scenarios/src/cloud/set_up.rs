//! Builds a scenario's network by API calls.

use super::api::{Api, ApiError, Caller};
use super::names::{Names, Unknown};
use super::system::SystemError;
use crate::format::network::{Host, Instance, NatGateway, Network, RouteTable, SecurityGroup, VpcPeeringConnection};
use crate::format::rule::{AclRule, Rule, Traffic};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Why a network cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// An API call failed.
    #[error("{resource}: {action}: {error}")]
    Call {
        /// The resource.
        resource: String,
        /// The action.
        action: &'static str,
        /// The error.
        error: ApiError,
    },
    /// A reply lacks an element.
    #[error("{resource}: the reply to {action} has no {path}: {reply}")]
    Reply {
        /// The resource.
        resource: String,
        /// The action.
        action: &'static str,
        /// The element's path.
        path: &'static str,
        /// The reply.
        reply: Value,
    },
    /// A name has no id.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// A host could not be added.
    #[error(transparent)]
    System(#[from] SystemError),
    /// An account is not declared.
    #[error("there is no account `{0}` in the network")]
    Account(String),
    /// An instance does not start to run.
    #[error("{0} is pending for too long")]
    Pending(String),
    /// A route's target is of no possible kind.
    #[error("`{0}` is no target for a route")]
    Target(String),
}

mod instances;

type Done<T = ()> = Result<T, SetUpError>;

/// Runs a `classiclink` command on the system. Returns its output.
pub type RunCommand<'a> = &'a dyn Fn(&[&str]) -> Result<String, SystemError>;

/// A network that is being built.
pub struct SetUp<'a> {
    api: &'a Api,
    run: RunCommand<'a>,
    network: &'a Network,
    names: Names,
}

/// The account id of a declared name, or of a 12-digit number.
///
/// # Errors
/// [`SetUpError::Account`].
pub fn account(network: &Network, name: &str) -> Done<String> {
    match network.accounts.get(name) {
        Some(id) => Ok(format!("{id:012}")),
        None if name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()) => Ok(name.to_owned()),
        None => Err(SetUpError::Account(name.to_owned())),
    }
}

/// The caller with an account's name and a Region, or the defaults.
///
/// # Errors
/// [`SetUpError::Account`].
pub fn caller(network: &Network, account_name: Option<&str>, region: Option<&str>) -> Done<Caller> {
    let mut caller = Caller::default();
    if let Some(name) = account_name {
        caller.account = account(network, name)?;
    }
    if let Some(region) = region {
        caller.region = region.to_owned();
    }
    Ok(caller)
}

/// Security group rules in the API's form. Peers are CIDR blocks, names of groups, or ids.
///
/// # Errors
/// [`Unknown`].
pub fn permissions(names: &Names, caller: &Caller, rules: &[Rule]) -> Result<Value, Unknown> {
    rules.iter().map(|rule| permission(names, caller, rule)).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn permission(names: &Names, caller: &Caller, rule: &Rule) -> Result<Value, Unknown> {
    let mut permission = traffic(&rule.traffic);
    let (blocks, groups): (Vec<_>, Vec<_>) = rule.peers.iter().partition(|peer| peer.contains('/'));
    if !blocks.is_empty() {
        permission.insert("IpRanges".into(), blocks.iter().map(|block| json!({"CidrIp": block})).collect());
    }
    if !groups.is_empty() {
        let groups = groups.into_iter().map(|name| {
            let id = names.get(name)?;
            let owner = names.get(&format!("{name}.owner")).unwrap_or(&caller.account);
            Ok(if owner == caller.account { json!({"GroupId": id}) } else { json!({"GroupId": id, "UserId": owner}) })
        });
        permission.insert("Groups".into(), groups.collect::<Result<Vec<_>, Unknown>>()?.into());
    }
    Ok(Value::Object(permission))
}

fn traffic(traffic: &Traffic) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("IpProtocol".into(), traffic.protocol.clone().into());
    if let Some((from, to)) = traffic.ports {
        map.insert("FromPort".into(), from.into());
        map.insert("ToPort".into(), to.into());
    }
    map
}

/// Builds the network: resources by the API, hosts by commands. Returns the ids of its names.
///
/// # Errors
/// If a call or a command fails.
pub fn build(api: &Api, run: RunCommand<'_>, network: &Network) -> Done<Names> {
    let mut set_up = SetUp { api, run, network, names: Names::default() };
    for name in network.accounts.keys() {
        set_up.names.set(name, account(network, name)?);
    }
    set_up.vpcs()?;
    set_up.groups()?;
    set_up.instances()?;
    set_up.wait_for_instances()?;
    set_up.network_interfaces()?;
    set_up.gateways()?;
    set_up.peerings()?;
    set_up.route_tables()?;
    set_up.acls()?;
    for (name, host) in &network.hosts {
        set_up.host(name, &host.value)?;
        set_up.names.set(name, name);
    }
    set_up.links()?;
    Ok(set_up.names)
}

impl SetUp<'_> {
    fn call(&self, resource: &str, caller: &Caller, action: &'static str, parameters: Value) -> Done<Value> {
        let Value::Object(parameters) = parameters else { unreachable!("parameters are an object, here in this file") };
        self.api.call(caller, action, &parameters).map_err(|error| SetUpError::Call {
            resource: resource.to_owned(),
            action,
            error,
        })
    }

    /// Calls an action, and gives `name` the id at `path` in the reply.
    fn create(
        &mut self,
        name: &str,
        caller: &Caller,
        action: &'static str,
        parameters: Value,
        path: &'static str,
    ) -> Done {
        let reply = self.call(name, caller, action, parameters)?;
        let id = reply.pointer(path).and_then(Value::as_str).map(str::to_owned);
        match id {
            Some(id) => {
                self.names.set(name, id);
                self.names.set(format!("{name}.owner"), caller.account.clone());
                Ok(())
            }
            None => Err(SetUpError::Reply { resource: name.to_owned(), action, path, reply }),
        }
    }

    fn id(&self, name: &str) -> Done<String> {
        Ok(self.names.get(name)?.to_owned())
    }

    fn ids(&self, names: &[String]) -> Done<Vec<String>> {
        names.iter().map(|name| self.id(name)).collect()
    }

    fn owner_of_vpc(&self, name: &str) -> Done<Caller> {
        match self.network.vpcs.get(name) {
            Some(vpc) => caller(self.network, vpc.account.as_deref(), vpc.region.as_deref()),
            None => Err(Unknown(name.to_owned()).into()),
        }
    }

    fn owner_of_subnet(&self, name: &str) -> Done<Caller> {
        match self.network.subnets.get(name) {
            Some(subnet) => self.owner_of_vpc(&subnet.vpc_id),
            None => Err(Unknown(name.to_owned()).into()),
        }
    }

    /// The owner of an instance.
    fn owner_of_instance(&self, instance: &Instance) -> Done<Caller> {
        match &instance.subnet_id {
            Some(subnet) => self.owner_of_subnet(subnet),
            None => caller(self.network, instance.account.as_deref(), instance.region.as_deref()),
        }
    }

    fn vpcs(&mut self) -> Done {
        for (name, vpc) in &self.network.vpcs {
            let owner = self.owner_of_vpc(name)?;
            let name_tag = json!([{"ResourceType": "vpc", "Tag": [{"Key": "Name", "Value": name}]}]);
            let mut parameters = json!({"CidrBlock": vpc.cidr_block, "TagSpecification": name_tag});
            if let Some(tenancy) = &vpc.instance_tenancy {
                parameters["InstanceTenancy"] = tenancy.clone().into();
            }
            self.create(name, &owner, "CreateVpc", parameters, "/vpc/vpcId")?;
            for block in &vpc.secondary_cidr_blocks {
                self.call(name, &owner, "AssociateVpcCidrBlock", json!({"VpcId": self.id(name)?, "CidrBlock": block}))?;
            }
            if vpc.classic_link {
                self.call(name, &owner, "EnableVpcClassicLink", json!({"VpcId": self.id(name)?}))?;
            }
        }
        for (name, gateway) in &self.network.internet_gateways {
            let owner = self.owner_of_vpc(&gateway.vpc_id)?;
            self.create(name, &owner, "CreateInternetGateway", json!({}), "/internetGateway/internetGatewayId")?;
            let parameters = json!({"InternetGatewayId": self.id(name)?, "VpcId": self.id(&gateway.vpc_id)?});
            self.call(name, &owner, "AttachInternetGateway", parameters)?;
        }
        for (name, subnet) in &self.network.subnets {
            let owner = self.owner_of_vpc(&subnet.vpc_id)?;
            let parameters = json!({"VpcId": self.id(&subnet.vpc_id)?, "CidrBlock": subnet.cidr_block});
            self.create(name, &owner, "CreateSubnet", parameters, "/subnet/subnetId")?;
        }
        Ok(())
    }

    fn groups(&mut self) -> Done {
        let mut owners = BTreeMap::new();
        for (name, group) in &self.network.security_groups {
            // A group's name must not look like an id.
            let mut parameters = json!({"GroupName": name.trim_start_matches("sg-"), "GroupDescription": name});
            let owner = match &group.vpc_id {
                Some(vpc) => {
                    parameters["VpcId"] = self.id(vpc)?.into();
                    self.owner_of_vpc(vpc)?
                }
                None => caller(self.network, group.account.as_deref(), group.region.as_deref())?,
            };
            self.create(name, &owner, "CreateSecurityGroup", parameters, "/groupId")?;
            owners.insert(name, owner);
        }
        // Rules name groups, so all groups are made first.
        for (name, owner) in owners {
            let Some(group) = self.network.security_groups.get(name) else { continue };
            if group.egress.is_some() {
                let everything = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
                let parameters = json!({"GroupId": self.id(name)?, "IpPermissions": everything});
                self.call(name, &owner, "RevokeSecurityGroupEgress", parameters)?;
            }
            self.rules(name, group, &owner, false)?;
        }
        Ok(())
    }

    /// Adds a group's rules: either those that need a peering connection, or the others.
    fn rules(&self, name: &str, group: &SecurityGroup, owner: &Caller, across_peerings: bool) -> Done {
        let directions = [
            ("AuthorizeSecurityGroupEgress", group.egress.as_deref().unwrap_or_default()),
            ("AuthorizeSecurityGroupIngress", group.ingress.as_slice()),
        ];
        for (action, rules) in directions {
            if !rules.is_empty() && self.needs_peering(group.vpc_id.as_deref(), rules) == across_peerings {
                let permissions = permissions(&self.names, owner, rules)?;
                self.call(name, owner, action, json!({"GroupId": self.id(name)?, "IpPermissions": permissions}))?;
            }
        }
        Ok(())
    }

    /// Whether rules name groups of another VPC, which requires a peering connection.
    fn needs_peering(&self, vpc: Option<&str>, rules: &[Rule]) -> bool {
        rules.iter().flat_map(|rule| &rule.peers).any(|peer| {
            self.network.security_groups.get(peer).is_some_and(|group| vpc.is_some() && group.vpc_id.as_deref() != vpc)
        })
    }

    fn gateways(&mut self) -> Done {
        for (name, address) in &self.network.addresses {
            let instance = address.instance_id.as_ref().and_then(|name| self.network.instances.get(name));
            let owner = instance.map_or_else(|| Ok(Caller::default()), |instance| self.owner_of_instance(instance))?;
            let domain = address.domain.as_deref().unwrap_or("vpc");
            let reply = self.call(name, &owner, "AllocateAddress", json!({"Domain": domain}))?;
            let text = |path: &str| reply[path].as_str().unwrap_or_default().to_owned();
            self.names.set(format!("{name}.public"), text("publicIp"));
            self.names.set(name, text(if domain == "vpc" { "allocationId" } else { "publicIp" }));
            if let Some(instance) = &address.instance_id {
                let key = if domain == "vpc" { "AllocationId" } else { "PublicIp" };
                self.call(
                    name,
                    &owner,
                    "AssociateAddress",
                    json!({key: self.id(name)?, "InstanceId": self.id(instance)?}),
                )?;
            }
        }
        for (name, gateway) in &self.network.nat_gateways {
            self.nat_gateway(name, gateway)?;
        }
        for (name, gateway) in &self.network.customer_gateways {
            let parameters = json!({"Type": "ipsec.1", "IpAddress": gateway.ip_address, "BgpAsn": 65000});
            self.create(
                name,
                &Caller::default(),
                "CreateCustomerGateway",
                parameters,
                "/customerGateway/customerGatewayId",
            )?;
        }
        for (name, gateway) in &self.network.vpn_gateways {
            let owner = self.owner_of_vpc(&gateway.vpc_id)?;
            self.create(name, &owner, "CreateVpnGateway", json!({"Type": "ipsec.1"}), "/vpnGateway/vpnGatewayId")?;
            let parameters = json!({"VpnGatewayId": self.id(name)?, "VpcId": self.id(&gateway.vpc_id)?});
            self.call(name, &owner, "AttachVpnGateway", parameters)?;
        }
        for (name, connection) in &self.network.vpn_connections {
            let owner = Caller::default();
            let parameters = json!({
                "Type": "ipsec.1",
                "VpnGatewayId": self.id(&connection.vpn_gateway_id)?,
                "CustomerGatewayId": self.id(&connection.customer_gateway_id)?,
                "Options": {"StaticRoutesOnly": true},
            });
            self.create(name, &owner, "CreateVpnConnection", parameters, "/vpnConnection/vpnConnectionId")?;
            for route in &connection.routes {
                let parameters = json!({"VpnConnectionId": self.id(name)?, "DestinationCidrBlock": route});
                self.call(name, &owner, "CreateVpnConnectionRoute", parameters)?;
            }
        }
        Ok(())
    }

    fn nat_gateway(&mut self, name: &str, gateway: &NatGateway) -> Done {
        let owner = self.owner_of_subnet(&gateway.subnet_id)?;
        let mut parameters = json!({"SubnetId": self.id(&gateway.subnet_id)?});
        if let Some(address) = gateway.private_ip_address {
            parameters["PrivateIpAddress"] = address.to_string().into();
        }
        if let Some(kind) = &gateway.connectivity_type {
            parameters["ConnectivityType"] = kind.clone().into();
        }
        if gateway.connectivity_type.as_deref() != Some("private") {
            let reply = self.call(name, &owner, "AllocateAddress", json!({"Domain": "vpc"}))?;
            self.names.set(format!("{name}.public"), reply["publicIp"].as_str().unwrap_or_default());
            parameters["AllocationId"] = reply["allocationId"].clone();
        }
        self.create(name, &owner, "CreateNatGateway", parameters, "/natGateway/natGatewayId")
    }

    fn peerings(&mut self) -> Done {
        for (name, peering) in &self.network.vpc_peering_connections {
            self.peering(name, &peering.value)?;
        }
        // From here on rules may name groups across peering connections.
        for (name, group) in &self.network.security_groups {
            if let Some(vpc) = group.vpc_id.as_deref() {
                self.rules(name, group, &self.owner_of_vpc(vpc)?, true)?;
            }
        }
        Ok(())
    }

    fn peering(&mut self, name: &str, peering: &VpcPeeringConnection) -> Done {
        let (requester, accepter) = (self.owner_of_vpc(&peering.vpc_id)?, self.owner_of_vpc(&peering.peer_vpc_id)?);
        let parameters = json!({
            "VpcId": self.id(&peering.vpc_id)?,
            "PeerVpcId": self.id(&peering.peer_vpc_id)?,
            "PeerOwnerId": accepter.account,
            "PeerRegion": accepter.region,
        });
        self.create(
            name,
            &requester,
            "CreateVpcPeeringConnection",
            parameters,
            "/vpcPeeringConnection/vpcPeeringConnectionId",
        )?;
        if peering.pending {
            return Ok(());
        }
        self.call(name, &accepter, "AcceptVpcPeeringConnection", json!({"VpcPeeringConnectionId": self.id(name)?}))?;
        let sides = [
            ("RequesterPeeringConnectionOptions", &peering.requester_peering_connection_options, &requester),
            ("AccepterPeeringConnectionOptions", &peering.accepter_peering_connection_options, &accepter),
        ];
        for (side, options, owner) in sides {
            if !options.is_empty() {
                let options: Map<_, _> = options.iter().map(|option| (option.clone(), Value::Bool(true))).collect();
                let parameters = json!({"VpcPeeringConnectionId": self.id(name)?, side: options});
                self.call(name, owner, "ModifyVpcPeeringConnectionOptions", parameters)?;
            }
        }
        Ok(())
    }

    fn route_tables(&mut self) -> Done {
        for (name, table) in &self.network.route_tables {
            self.route_table(name, &table.value)?;
        }
        for (name, endpoint) in &self.network.vpc_endpoints {
            let owner = self.owner_of_vpc(&endpoint.vpc_id)?;
            let parameters = json!({
                "VpcId": self.id(&endpoint.vpc_id)?,
                "ServiceName": endpoint.service_name,
                "RouteTableId": self.ids(&endpoint.route_table_ids)?,
            });
            self.create(name, &owner, "CreateVpcEndpoint", parameters, "/vpcEndpoint/vpcEndpointId")?;
        }
        Ok(())
    }

    fn route_table(&mut self, name: &str, table: &RouteTable) -> Done {
        let owner = self.owner_of_vpc(&table.vpc_id)?;
        let vpc = self.id(&table.vpc_id)?;
        if table.main {
            let filters = json!([{"Name": "vpc-id", "Value": [vpc]}, {"Name": "association.main", "Value": ["true"]}]);
            self.create(
                name,
                &owner,
                "DescribeRouteTables",
                json!({"Filter": filters}),
                "/routeTableSet/0/routeTableId",
            )?;
        } else {
            self.create(name, &owner, "CreateRouteTable", json!({"VpcId": vpc}), "/routeTable/routeTableId")?;
        }
        let id = self.id(name)?;
        for subnet in &table.subnet_ids {
            self.call(name, &owner, "AssociateRouteTable", json!({"RouteTableId": id, "SubnetId": self.id(subnet)?}))?;
        }
        for (destination, target) in &table.routes {
            let parameters = json!({"RouteTableId": id, "DestinationCidrBlock": destination, self.target_kind(target)?: self.id(target)?});
            self.call(name, &owner, "CreateRoute", parameters)?;
        }
        for gateway in &table.propagates {
            self.call(
                name,
                &owner,
                "EnableVgwRoutePropagation",
                json!({"RouteTableId": id, "GatewayId": self.id(gateway)?}),
            )?;
        }
        Ok(())
    }

    /// The parameter of CreateRoute for this target.
    fn target_kind(&self, name: &str) -> Done<&'static str> {
        let network = self.network;
        if network.internet_gateways.contains_key(name) || network.vpn_gateways.contains_key(name) {
            Ok("GatewayId")
        } else if network.nat_gateways.contains_key(name) {
            Ok("NatGatewayId")
        } else if network.vpc_peering_connections.contains_key(name) {
            Ok("VpcPeeringConnectionId")
        } else if network.network_interfaces.contains_key(name) {
            Ok("NetworkInterfaceId")
        } else if network.instances.contains_key(name) {
            Ok("InstanceId")
        } else {
            Err(SetUpError::Target(name.to_owned()))
        }
    }

    fn acls(&mut self) -> Done {
        for (name, acl) in &self.network.network_acls {
            let owner = self.owner_of_vpc(&acl.vpc_id)?;
            self.create(
                name,
                &owner,
                "CreateNetworkAcl",
                json!({"VpcId": self.id(&acl.vpc_id)?}),
                "/networkAcl/networkAclId",
            )?;
            let rules = acl.ingress.iter().map(|rule| (rule, false)).chain(acl.egress.iter().map(|rule| (rule, true)));
            for (rule, egress) in rules {
                let mut parameters = acl_entry(rule, egress);
                parameters["NetworkAclId"] = self.id(name)?.into();
                self.call(name, &owner, "CreateNetworkAclEntry", parameters)?;
            }
            for subnet in &acl.subnet_ids {
                let subnet = self.id(subnet)?;
                let filter = json!({"Filter": [{"Name": "association.subnet-id", "Value": [subnet]}]});
                let reply = self.call(name, &owner, "DescribeNetworkAcls", filter)?;
                let associations =
                    reply.pointer("/networkAclSet/0/associationSet").and_then(Value::as_array).into_iter().flatten();
                let association = associations.into_iter().find(|association| association["subnetId"] == *subnet);
                let association =
                    association.map_or(Value::Null, |association| association["networkAclAssociationId"].clone());
                let parameters = json!({"AssociationId": association, "NetworkAclId": self.id(name)?});
                self.call(name, &owner, "ReplaceNetworkAclAssociation", parameters)?;
            }
        }
        Ok(())
    }

    fn host(&self, name: &str, host: &Host) -> Done {
        let (address, more) = match host {
            Host::Internet(address) => (address, None),
            Host::Site { gateway, address } => (address, Some(["--site", self.names.get(gateway)?])),
            Host::Service { name: service, address } => (address, Some(["--service", service.as_str()])),
        };
        let address = address.to_string();
        let words = ["host", "add", name, "--address", &address];
        (self.run)(&words.into_iter().chain(more.into_iter().flatten()).collect::<Vec<_>>())?;
        Ok(())
    }
}

/// A network ACL's rule in the API's form.
pub fn acl_entry(rule: &AclRule, egress: bool) -> Value {
    let protocol = match rule.traffic.protocol.as_str() {
        "tcp" => "6",
        "udp" => "17",
        "icmp" => "1",
        other => other,
    };
    let mut entry = json!({
        "RuleNumber": rule.number,
        "Protocol": protocol,
        "RuleAction": if rule.allow { "allow" } else { "deny" },
        "Egress": egress,
        "CidrBlock": rule.cidr,
    });
    if let Some((from, to)) = rule.traffic.ports {
        if protocol == "1" {
            entry["Icmp"] = json!({"Type": from, "Code": to});
        } else {
            entry["PortRange"] = json!({"From": from, "To": to});
        }
    }
    entry
}
