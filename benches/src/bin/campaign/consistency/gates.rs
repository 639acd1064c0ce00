//! Gates: the rule, the link and the route that the campaign makes and removes, and the hosts between which traffic passes.

use crate::Obstacle;
use crate::agent::Agent;
use crate::cloud::Cloud;
use crate::inside::protocol::Request;
use scenarios::cloud::system::System;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::ops::Range;

/// The ports that the gate's rule is about.
pub const PORTS: Range<u16> = 6000..6008;
/// The ports that rules always allow, for gates that are a path and not a rule.
pub const OPEN_PORTS: Range<u16> = 7000..7008;
/// The port of witnesses, whose path is always open.
pub const WITNESS_PORT: u16 = 8000;
/// The port that the crowd sends to.
const ECHO_PORT: u16 = 8001;
/// The address of the host on the Internet.
const INTERNET: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 77);

/// A change that lets packets through, and the change that stops them. A gate is closed at first.
#[derive(Clone)]
pub struct Gate {
    /// The gate's name in reports.
    pub name: &'static str,
    /// Whether it is open now.
    pub is_open: bool,
    open: (&'static str, Value),
    close: (&'static str, Value),
    /// The host that sends.
    pub sender: usize,
    /// The host that receives what passes.
    pub receiver: usize,
    /// The receiver's address.
    pub to: Ipv4Addr,
    /// The receiver's ports.
    pub ports: Range<u16>,
    /// The host that receives witnesses.
    pub bystander: usize,
    /// The bystander's address.
    pub by: Ipv4Addr,
    /// Whether established connections end when the gate closes: those of a path do, those of a rule do not.
    pub ends_established: bool,
}

/// All gates, and the hosts.
pub struct Gates {
    cloud: Cloud,
    /// All gates.
    pub all: Vec<Gate>,
    /// The agents in the hosts.
    pub hosts: Vec<Agent>,
}

const VPC_SENDER: usize = 0;
const VPC_RECEIVER: usize = 1;
const CLASSIC_SENDER: usize = 2;
const CLASSIC_BYSTANDER: usize = 3;
const INTERNET_HOST: usize = 4;

impl Gates {
    /// Makes the network, and starts the agents in the hosts.
    pub fn make(system: &System, crowd: u32) -> Result<Self, Obstacle> {
        let cloud = Cloud::at(&system.api);
        let vpc = cloud.create("CreateVpc", &json!({"CidrBlock": "172.31.0.0/16"}), "/vpc/vpcId")?;
        let subnet = json!({"VpcId": vpc, "CidrBlock": "172.31.0.0/20"});
        let subnet = cloud.create("CreateSubnet", &subnet, "/subnet/subnetId")?;
        let gateway = cloud.create("CreateInternetGateway", &json!({}), "/internetGateway/internetGatewayId")?;
        cloud.must("AttachInternetGateway", &json!({"VpcId": vpc, "InternetGatewayId": gateway}))?;
        let filter = json!({"Filter": [{"Name": "vpc-id", "Value": [vpc]}]});
        let tables = cloud.must("DescribeRouteTables", &filter)?;
        let table = tables["routeTableSet"][0]["routeTableId"].as_str().ok_or("the VPC has no route table")?;
        let group = |name: &str| {
            let parameters = json!({"VpcId": vpc, "GroupName": name, "GroupDescription": name});
            cloud.create("CreateSecurityGroup", &parameters, "/groupId")
        };
        let (sending, receiving, linked) = (group("sending")?, group("receiving")?, group("linked")?);
        let from = |group: &str, ports: Range<u16>| json!({"IpProtocol": "udp", "FromPort": ports.start, "ToPort": ports.end - 1, "Groups": [{"GroupId": group}]});
        let allow = |permissions: Value| json!({"GroupId": receiving, "IpPermissions": permissions});
        let always = [from(&sending, WITNESS_PORT..ECHO_PORT + 1), from(&linked, OPEN_PORTS)];
        cloud.must("AuthorizeSecurityGroupIngress", &allow(json!(always)))?;

        let placed = |group: &str| json!({"NetworkInterface": [{"DeviceIndex": 0, "SubnetId": subnet, "SecurityGroupId": [group], "AssociatePublicIpAddress": true}]});
        let vpc_sender = cloud.launch(placed(&sending))?;
        let vpc_receiver = cloud.launch(placed(&receiving))?;
        let classic_sender = cloud.launch(json!({}))?;
        let classic_bystander = cloud.launch(json!({}))?;
        cloud.must("EnableVpcClassicLink", &json!({"VpcId": vpc}))?;
        let outside = format!("campaign-{}", std::process::id());
        system.tell(&["host", "add", &outside, "--address", &INTERNET.to_string()])?;

        let ids = [&vpc_sender.id, &vpc_receiver.id, &classic_sender.id, &classic_bystander.id, &outside];
        let mut hosts = ids.into_iter().map(|id| Agent::start(system, id)).collect::<Result<Vec<_>, _>>()?;
        for host in [VPC_RECEIVER, CLASSIC_BYSTANDER, INTERNET_HOST] {
            hosts[host].request(listening())?;
            hosts[host].request(Request::Echo { port: ECHO_PORT })?;
        }
        let crowds = [(VPC_SENDER, vpc_receiver.private), (CLASSIC_SENDER, classic_bystander.private)];
        for (sender, to) in crowds.into_iter().filter(|_| crowd > 0) {
            hosts[sender].request(Request::Crowd { to: SocketAddrV4::new(to, ECHO_PORT), window: crowd })?;
        }

        let rule = allow(json!([from(&sending, PORTS)]));
        let link = json!({"InstanceId": classic_sender.id, "VpcId": vpc});
        let mut attach = link.clone();
        attach["SecurityGroupId"] = json!([linked]);
        let destination = json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"});
        let mut route = destination.clone();
        route["GatewayId"] = json!(gateway);
        let all = vec![
            Gate {
                name: "security group rule",
                is_open: false,
                open: ("AuthorizeSecurityGroupIngress", rule.clone()),
                close: ("RevokeSecurityGroupIngress", rule),
                sender: VPC_SENDER,
                receiver: VPC_RECEIVER,
                to: vpc_receiver.private,
                ports: PORTS,
                bystander: VPC_RECEIVER,
                by: vpc_receiver.private,
                ends_established: false,
            },
            Gate {
                name: "link",
                is_open: false,
                open: ("AttachClassicLinkVpc", attach),
                close: ("DetachClassicLinkVpc", link),
                sender: CLASSIC_SENDER,
                receiver: VPC_RECEIVER,
                to: vpc_receiver.private,
                ports: OPEN_PORTS,
                bystander: CLASSIC_BYSTANDER,
                by: classic_bystander.private,
                ends_established: true,
            },
            Gate {
                name: "route",
                is_open: false,
                open: ("CreateRoute", route),
                close: ("DeleteRoute", destination),
                sender: VPC_SENDER,
                receiver: INTERNET_HOST,
                to: INTERNET,
                ports: OPEN_PORTS,
                bystander: VPC_RECEIVER,
                by: vpc_receiver.private,
                ends_established: true,
            },
        ];
        Ok(Self { cloud, all, hosts })
    }

    /// Opens or closes a gate; returns once the request is answered.
    pub fn change(&mut self, index: usize, open: bool) -> Result<(), Obstacle> {
        let gate = &mut self.all[index];
        let (action, parameters) = if open { &gate.open } else { &gate.close };
        self.cloud.must(action, parameters)?;
        gate.is_open = open;
        Ok(())
    }
}

/// The request to receive datagrams at all ports of gates and witnesses.
fn listening() -> Request {
    Request::Listen { ports: PORTS.chain(OPEN_PORTS).chain([WITNESS_PORT]).collect() }
}
