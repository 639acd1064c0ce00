//! Reachability Analyzer (Network Insights): paths, and analyses of them.

use crate::collection::resource;
use crate::words::words;
use crate::{
    AclEntry, Caller, Error, GroupRule, IdKind, Model, Result, Route, Scope, Tags, Time, TransitGatewayRoute, tags,
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

words! {
    /// The protocol of a path.
    InsightsProtocol {
        Tcp "tcp",
        Udp "udp",
    }
}

/// A path to be analysed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInsightsPath {
    /// `nip-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its source: an instance or a network interface.
    pub source: String,
    /// Its destination: an instance, a network interface or an Internet gateway. Without one `destination_ip` says it.
    pub destination: Option<String>,
    /// The source address.
    pub source_ip: Option<Ipv4Addr>,
    /// The destination address.
    pub destination_ip: Option<Ipv4Addr>,
    /// Its protocol.
    pub protocol: InsightsProtocol,
    /// Its destination port, by default 443.
    pub port: Option<u16>,
    /// The time of its creation.
    pub created: Time,
}

resource!(NetworkInsightsPath, IdKind::NetworkInsightsPath);

/// The rule or route of a part of the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PathRule {
    /// The security group's rule that allows the packet.
    Group(GroupRule),
    /// The network ACL's rule that allows or denies the packet.
    Acl(AclEntry),
    /// A route of a VPC, and whether it is active.
    Route(Route, bool),
    /// A route of a transit gateway, and whether it is active.
    Transit(TransitGatewayRoute, bool),
}

/// Addresses and ports of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathHeader {
    /// The source address and port.
    pub source: (Ipv4Addr, u16),
    /// The destination address and port.
    pub destination: (Ipv4Addr, u16),
}

/// A part of the network on a path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathPart {
    /// Its id.
    pub id: String,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its subnet.
    pub subnet: Option<String>,
    /// Its rule or route for the packet.
    pub rule: Option<PathRule>,
    /// The packet's header as it leaves or arrives there.
    pub header: Option<PathHeader>,
}

/// An obstacle on a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// Its code.
    pub code: String,
    /// The part of the network that is the cause.
    pub part: Option<PathPart>,
    /// Whether it is for egress, where directions differ.
    pub egress: Option<bool>,
    /// The security groups that do not allow the packet.
    pub groups: Vec<String>,
}

/// The findings of an analysis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// The parts on the way to the destination, up to an obstacle.
    pub forward: Vec<PathPart>,
    /// The parts on the way back, up to an obstacle.
    pub back: Vec<PathPart>,
    /// The obstacle. `None` if the packet and its reply arrive.
    pub obstacle: Option<Obstacle>,
}

/// An analysis of a path at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInsightsAnalysis {
    /// `nia-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The path.
    pub path: String,
    /// The time of the request.
    pub started: Time,
    /// The findings.
    pub findings: Findings,
}

resource!(NetworkInsightsAnalysis, IdKind::NetworkInsightsAnalysis, |analysis| vec![analysis.path.clone()]);

impl Model {
    /// CreateNetworkInsightsPath. The path's id and owner are given to it here.
    pub fn create_insights_path(&mut self, caller: &Caller, path: NetworkInsightsPath) -> Result<String> {
        tags::check(&path.tags)?;
        let known = |id: &str| match IdKind::of(id) {
            Some(IdKind::Instance) => self.instances.find(&caller.scope, id).map(drop),
            Some(IdKind::NetworkInterface) => self.network_interfaces.find(&caller.scope, id).map(drop),
            Some(IdKind::InternetGateway) => self.internet_gateways.find(&caller.scope, id).map(drop),
            _ => Err(Error::InsightsEnd { id: id.to_owned() }),
        };
        known(&path.source)?;
        if IdKind::InternetGateway.fits(&path.source) {
            return Err(Error::InsightsEnd { id: path.source });
        }
        path.destination.as_deref().map_or(Ok(()), known)?;
        if path.destination.is_none() && path.destination_ip.is_none() {
            return Err(Error::missing("Destination"));
        }
        let id = self.new_id(IdKind::NetworkInsightsPath);
        let (scope, created) = (caller.scope.clone(), caller.now);
        self.insights_paths.insert(NetworkInsightsPath { id: id.clone(), scope, created, ..path });
        Ok(id)
    }

    /// DeleteNetworkInsightsPath. Its analyses must be deleted first.
    pub fn delete_insights_path(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.insights_paths.find(&caller.scope, id)?;
        if self.insights_analyses.by(id).next().is_some() {
            return Err(Error::InsightsPathHasAnalyses { id: id.into() });
        }
        self.insights_paths.remove(id);
        Ok(())
    }

    /// StartNetworkInsightsAnalysis: stores the findings.
    pub fn keep_insights_analysis(
        &mut self,
        caller: &Caller,
        path: &str,
        findings: Findings,
        tags: Tags,
    ) -> Result<String> {
        tags::check(&tags)?;
        let id = self.new_id(IdKind::NetworkInsightsAnalysis);
        let (scope, path, started) = (caller.scope.clone(), path.to_owned(), caller.now);
        self.insights_analyses.insert(NetworkInsightsAnalysis { id: id.clone(), scope, tags, path, started, findings });
        Ok(id)
    }

    /// DeleteNetworkInsightsAnalysis.
    pub fn delete_insights_analysis(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.insights_analyses.find(&caller.scope, id)?;
        self.insights_analyses.remove(id);
        Ok(())
    }
}
