//! A Classic instance and an instance of a VPC, linked, with connections between them.

use crate::Obstacle;
use crate::agent::Agent;
use crate::cloud::{Cloud, Instance};
use crate::inside::protocol::{Arrival, Loss, Request};
use scenarios::cloud::system::System;
use serde_json::{Value, json};
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

const PORT: u16 = 6000;
/// The interval between datagrams of the stream that gaps are measured on.
const EVERY: Duration = Duration::from_millis(1);

/// The agents in the two instances.
pub struct Pair {
    classic: Agent,
    inside: Agent,
    link: Value,
}

impl Pair {
    /// Makes the pair, with half of the connections from either side, and a stream of datagrams from Classic into the VPC.
    pub fn make(system: &System, cloud: &Cloud, connections: usize) -> Result<Self, Obstacle> {
        let vpc = cloud.create("CreateVpc", &json!({"CidrBlock": "172.31.0.0/16"}), "/vpc/vpcId")?;
        let subnet = json!({"VpcId": vpc, "CidrBlock": "172.31.0.0/20"});
        let subnet = cloud.create("CreateSubnet", &subnet, "/subnet/subnetId")?;
        let group = |name: &str| {
            let parameters = json!({"VpcId": vpc, "GroupName": name, "GroupDescription": name});
            cloud.create("CreateSecurityGroup", &parameters, "/groupId")
        };
        let (linked, servers) = (group("linked")?, group("servers")?);
        let peers = [(&linked, &servers), (&servers, &linked)];
        let rule = |protocol: &str, from: &str| {
            let groups = json!([{"GroupId": from}]);
            json!({"IpProtocol": protocol, "FromPort": PORT, "ToPort": PORT, "Groups": groups})
        };
        for (group, from) in peers {
            let rules = json!({"GroupId": group, "IpPermissions": [rule("tcp", from), rule("udp", from)]});
            cloud.must("AuthorizeSecurityGroupIngress", &rules)?;
        }
        cloud.must("EnableVpcClassicLink", &json!({"VpcId": vpc}))?;
        let inside = cloud.launch(json!({"SubnetId": subnet, "SecurityGroupId": [servers]}))?;
        let [classic, other] = [cloud.launch(json!({}))?, cloud.launch(json!({}))?];
        let link = |instance: &Instance| json!({"InstanceId": instance.id, "VpcId": vpc, "SecurityGroupId": [linked]});
        cloud.must("AttachClassicLinkVpc", &link(&classic))?;

        let mut pair = Self {
            classic: Agent::start(system, &classic.id)?,
            inside: Agent::start(system, &inside.id)?,
            link: link(&other),
        };
        let [to_classic, to_inside] = [&classic, &inside].map(|instance| SocketAddrV4::new(instance.private, PORT));
        pair.classic.request(Request::Serve { port: PORT })?;
        pair.inside.request(Request::Serve { port: PORT })?;
        pair.inside.request(Request::Listen { ports: vec![PORT] })?;
        pair.classic.request(Request::Stream { to: to_inside, every: EVERY })?;
        pair.classic.connect(to_inside, connections - connections / 2)?;
        pair.inside.connect(to_classic, connections / 2)?;
        // From here on no rule allows these packets: the connections continue because they are tracked.
        for (group, from) in peers {
            let rules = json!({"GroupId": group, "IpPermissions": [rule("tcp", from)]});
            cloud.must("RevokeSecurityGroupIngress", &rules)?;
        }
        Ok(pair)
    }

    /// The parameters that link a third instance, which has no traffic.
    pub fn link(&self) -> Value {
        self.link.clone()
    }

    /// Waits until every connection has exchanged data again. Returns those that have not, and the bytes of all.
    pub fn losses(&mut self, patience: Duration) -> Result<(Vec<Loss>, u64), Obstacle> {
        let until = Instant::now() + patience;
        let (mut losses, mut bytes) = self.classic.losses(patience)?;
        let (others, more) = self.inside.losses(until.saturating_duration_since(Instant::now()))?;
        losses.extend(others);
        bytes += more;
        Ok((losses, bytes))
    }

    /// The datagrams of the stream that arrived.
    pub fn arrivals(&mut self) -> Result<Vec<Arrival>, Obstacle> {
        self.inside.arrivals()
    }
}
