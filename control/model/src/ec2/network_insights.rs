//! Paths that are asked about, and what was found: Reachability Analyzer's (Network Insights).

use crate::collection::resource;
use crate::words::words;
use crate::{
    AclEntry, Caller, Error, GroupRule, IdKind, Model, Result, Route, Scope, Tags, Time, TransitGatewayRoute, tags,
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

words! {
    /// What travels on a path.
    InsightsProtocol {
        Tcp "tcp",
        Udp "udp",
    }
}

/// A path that is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInsightsPath {
    /// `nip-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Where it begins: an instance or a network interface.
    pub source: String,
    /// Where it ends: an instance, a network interface or an Internet gateway; without one an address says it.
    pub destination: Option<String>,
    /// The address that it begins at.
    pub source_ip: Option<Ipv4Addr>,
    /// The address that it ends at.
    pub destination_ip: Option<Ipv4Addr>,
    /// What travels on it.
    pub protocol: InsightsProtocol,
    /// To which port; to 443 if none is named.
    pub port: Option<u16>,
    /// Since when it is.
    pub created: Time,
}

resource!(NetworkInsightsPath, IdKind::NetworkInsightsPath);

/// What a part of the network says of a packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PathRule {
    /// A rule of a security group lets it pass.
    Group(GroupRule),
    /// A rule of a network ACL lets it pass, or denies it.
    Acl(AclEntry),
    /// A route of a VPC, and whether its target is there.
    Route(Route, bool),
    /// A route of a transit gateway, and whether its target is there.
    Transit(TransitGatewayRoute, bool),
}

/// Addresses and ports of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathHeader {
    /// From.
    pub source: (Ipv4Addr, u16),
    /// To.
    pub destination: (Ipv4Addr, u16),
}

/// A part of the network on a path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathPart {
    /// Its id.
    pub id: String,
    /// The VPC it is in.
    pub vpc: Option<String>,
    /// The subnet it is in.
    pub subnet: Option<String>,
    /// What it says of the packet.
    pub rule: Option<PathRule>,
    /// The packet, as it leaves or arrives there.
    pub header: Option<PathHeader>,
}

/// What is in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// AWS's code for it.
    pub code: String,
    /// What is to blame.
    pub part: Option<PathPart>,
    /// Whether it is in the way of what leaves, where there is a difference.
    pub egress: Option<bool>,
    /// The security groups that do not let it pass.
    pub groups: Vec<String>,
}

/// What was found of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// The parts on the way there, as far as that leads.
    pub forward: Vec<PathPart>,
    /// The parts on the way back, as far as that leads.
    pub back: Vec<PathPart>,
    /// What is in the way; nothing if both ways lead to their ends.
    pub obstacle: Option<Obstacle>,
}

/// An answer about a path, as the network was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInsightsAnalysis {
    /// `nia-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The path.
    pub path: String,
    /// When it was asked for.
    pub started: Time,
    /// What was found.
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

    /// DeleteNetworkInsightsPath: not while there are answers about it.
    pub fn delete_insights_path(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.insights_paths.find(&caller.scope, id)?;
        if self.insights_analyses.by(id).next().is_some() {
            return Err(Error::InsightsPathHasAnalyses { id: id.into() });
        }
        self.insights_paths.remove(id);
        Ok(())
    }

    /// StartNetworkInsightsAnalysis: keeps what was found.
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
