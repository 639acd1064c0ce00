//! VPC peering connections: a private route between two VPCs, of one account or two (semantics.md §6).
//!
//! Only an active one carries packets; every other status is a note about what was or may be. A pending one expires by the clock,
//! without a transition: ask [`VpcPeeringConnection::status`] for a moment's status.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Resource, Result, Scope, Tags, Time, Vpc, tags};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long a request can be accepted.
pub const PEERING_REQUEST_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// The most active connections of a VPC.
const ACTIVE: usize = 50;

/// The options of one side of a peering connection. All are off at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeeringOptions {
    /// `AllowDnsResolutionFromRemoteVpc`: the peer resolves this side's public names to private addresses.
    pub dns_from_peer: bool,
    /// `AllowEgressFromLocalClassicLinkToRemoteVpc`: what is linked to this side's VPC may send to the peer VPC (M29).
    pub links_to_peer: bool,
    /// `AllowEgressFromLocalVpcToRemoteClassicLink`: this side's instances may send to what is linked to the peer VPC (M28).
    pub vpc_to_peer_links: bool,
}

/// A change of one side's options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeeringOptionsChange {
    /// See [`PeeringOptions::dns_from_peer`].
    pub dns_from_peer: Option<bool>,
    /// See [`PeeringOptions::links_to_peer`].
    pub links_to_peer: Option<bool>,
    /// See [`PeeringOptions::vpc_to_peer_links`].
    pub vpc_to_peer_links: Option<bool>,
}

impl PeeringOptionsChange {
    fn names_classic_link(&self) -> bool {
        self.links_to_peer.is_some() || self.vpc_to_peer_links.is_some()
    }

    fn apply(&self, options: &mut PeeringOptions) {
        options.dns_from_peer = self.dns_from_peer.unwrap_or(options.dns_from_peer);
        options.links_to_peer = self.links_to_peer.unwrap_or(options.links_to_peer);
        options.vpc_to_peer_links = self.vpc_to_peer_links.unwrap_or(options.vpc_to_peer_links);
    }
}

/// One of the two VPCs of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeeringSide {
    /// The VPC's account and Region.
    pub scope: Scope,
    /// `vpc-…`
    pub vpc: String,
    /// Its options.
    pub options: PeeringOptions,
}

/// The status of a peering connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeeringStatus {
    /// It waits for its acceptance.
    PendingAcceptance,
    /// It carries packets.
    Active,
    /// One of the owners deleted it.
    Deleted,
    /// The accepter rejected it.
    Rejected,
    /// The two VPCs cannot be connected.
    Failed,
    /// It was not accepted in time.
    Expired,
}

impl PeeringStatus {
    /// The API's word.
    pub fn code(self) -> &'static str {
        match self {
            PeeringStatus::PendingAcceptance => "pending-acceptance",
            PeeringStatus::Active => "active",
            PeeringStatus::Deleted => "deleted",
            PeeringStatus::Rejected => "rejected",
            PeeringStatus::Failed => "failed",
            PeeringStatus::Expired => "expired",
        }
    }
}

/// A VPC peering connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcPeeringConnection {
    /// `pcx-…`
    pub id: String,
    /// The requester's account and Region.
    pub scope: Scope,
    /// The requester's tags.
    pub tags: Tags,
    /// The accepter's tags, if the accepter has another account or Region. Each owner sees its own.
    #[serde(default)]
    pub accepter_tags: Tags,
    /// The requester's VPC.
    pub requester: PeeringSide,
    /// The accepter's VPC.
    pub accepter: PeeringSide,
    /// The stored status. [`VpcPeeringConnection::status`] also knows whether it has expired.
    pub noted: PeeringStatus,
    /// The time of the stored status.
    pub since: Time,
    /// The account that deleted it.
    pub deleted_by: Option<String>,
}

resource!(VpcPeeringConnection, IdKind::VpcPeeringConnection, |peering| {
    vec![peering.requester.vpc.clone(), peering.accepter.vpc.clone()]
});

impl VpcPeeringConnection {
    /// Whether it carries packets.
    pub fn is_active(&self) -> bool {
        self.noted == PeeringStatus::Active
    }

    /// The status at a time.
    pub fn status(&self, now: Time) -> PeeringStatus {
        match self.noted {
            PeeringStatus::PendingAcceptance if now >= self.expires() => PeeringStatus::Expired,
            noted => noted,
        }
    }

    /// The time at which a pending request expires.
    pub fn expires(&self) -> Time {
        self.since.after(PEERING_REQUEST_LIFE)
    }

    /// The side of a VPC.
    pub fn side_of(&self, vpc: &str) -> Option<&PeeringSide> {
        [&self.requester, &self.accepter].into_iter().find(|side| side.vpc == vpc)
    }

    /// The side opposite a VPC.
    pub fn peer_of(&self, vpc: &str) -> Option<&PeeringSide> {
        match vpc {
            vpc if self.requester.vpc == vpc => Some(&self.accepter),
            vpc if self.accepter.vpc == vpc => Some(&self.requester),
            _ => None,
        }
    }

    /// Whether both VPCs are in one Region.
    pub fn in_one_region(&self) -> bool {
        self.requester.scope.region == self.accepter.scope.region
    }

    fn concerns(&self, scope: &Scope) -> bool {
        self.requester.scope == *scope || self.accepter.scope == *scope
    }

    fn connects(&self, one: &str, other: &str) -> bool {
        self.peer_of(one).is_some_and(|peer| peer.vpc == other)
    }

    /// Whether an owner still sees it. An ended connection is described for a while (semantics.md §6).
    pub fn is_visible(&self, caller: &Caller) -> bool {
        let requests = self.requester.scope == caller.scope;
        let (since, long) = match self.status(caller.now) {
            PeeringStatus::PendingAcceptance | PeeringStatus::Active => return self.concerns(&caller.scope),
            PeeringStatus::Failed if !requests => return false,
            PeeringStatus::Failed => (self.since, 2 * HOUR),
            PeeringStatus::Expired => (self.expires(), 2 * DAY),
            PeeringStatus::Rejected => (self.since, if requests { 2 * DAY } else { 2 * HOUR }),
            PeeringStatus::Deleted => {
                let deleted_it = self.deleted_by.as_ref() == Some(&caller.scope.account);
                (self.since, if deleted_it { 2 * HOUR } else { 2 * DAY })
            }
        };
        self.concerns(&caller.scope) && caller.now.since(since) < long
    }

    /// Whether no owner sees it any more.
    pub fn is_forgotten(&self, now: Time) -> bool {
        let as_seen_by = |scope: &Scope| self.is_visible(&Caller::of_account(scope.clone(), now));
        !as_seen_by(&self.requester.scope) && !as_seen_by(&self.accepter.scope)
    }
}

/// Whether the IPv4 blocks of two VPCs overlap. IPv6 blocks are unique.
fn overlap(one: &Vpc, other: &Vpc) -> bool {
    one.blocks().any(|a| other.blocks().any(|b| a.contains(&b) || b.contains(&a)))
}

impl Model {
    /// The connection with this id if the caller can see it.
    pub fn peering(&self, caller: &Caller, id: &str) -> Result<&VpcPeeringConnection> {
        let visible = self.peerings.get(id).filter(|peering| peering.is_visible(caller));
        visible.ok_or_else(|| Error::NotFound { kind: VpcPeeringConnection::ID, id: id.to_owned() })
    }

    /// The connection with this id, if it can have routes. Before its acceptance they are blackholes.
    pub(crate) fn routable_peering(&self, caller: &Caller, id: &str) -> Result<&VpcPeeringConnection> {
        let peering = self.peering(caller, id)?;
        match peering.status(caller.now) {
            PeeringStatus::Active | PeeringStatus::PendingAcceptance => Ok(peering),
            _ => Err(Error::NotFound { kind: VpcPeeringConnection::ID, id: id.to_owned() }),
        }
    }

    /// The active connections of a VPC.
    pub fn active_peerings<'a>(&'a self, vpc: &'a str) -> impl Iterator<Item = &'a VpcPeeringConnection> {
        self.peerings.by(vpc).filter(|peering| peering.is_active())
    }

    /// The active connection between two VPCs.
    pub fn peering_between<'a>(&'a self, one: &'a str, other: &str) -> Option<&'a VpcPeeringConnection> {
        self.active_peerings(one).find(|peering| peering.connects(one, other))
    }

    /// Whether a peering option of a VPC needs 10.0.0.0/8 → local in its tables (M28).
    pub(crate) fn peering_needs_classic_route(&self, vpc: &str) -> bool {
        let needs =
            |peering: &VpcPeeringConnection| peering.side_of(vpc).is_some_and(|side| side.options.vpc_to_peer_links);
        self.active_peerings(vpc).any(needs)
    }

    /// CreateVpcPeeringConnection: creates a request to the other VPC's owner, or a failed one if the VPCs cannot be connected.
    pub fn create_peering(
        &mut self,
        caller: &Caller,
        vpc: &str,
        peer: &Scope,
        peer_vpc: &str,
        tags: Tags,
    ) -> Result<String> {
        let own = self.vpcs.find(&caller.scope, vpc)?;
        let other = self.vpcs.find(peer, peer_vpc);
        if *peer == caller.scope {
            other.clone()?;
        }
        let lives = |peering: &&VpcPeeringConnection| {
            let status = peering.status(caller.now);
            matches!(status, PeeringStatus::Active | PeeringStatus::PendingAcceptance)
                && peering.connects(vpc, peer_vpc)
        };
        if let Some(before) = self.peerings.by(vpc).find(lives) {
            return Err(Error::PeeringExists { id: before.id.clone() });
        }
        tags::check(&tags)?;
        let fits = other.is_ok_and(|other| !overlap(own, other));
        let side = |scope: &Scope, vpc: &str| PeeringSide {
            scope: scope.clone(),
            vpc: vpc.to_owned(),
            options: PeeringOptions::default(),
        };
        let peering = VpcPeeringConnection {
            id: self.new_id(IdKind::VpcPeeringConnection),
            scope: caller.scope.clone(),
            tags,
            accepter_tags: Tags::new(),
            requester: side(&caller.scope, vpc),
            accepter: side(peer, peer_vpc),
            noted: if fits { PeeringStatus::PendingAcceptance } else { PeeringStatus::Failed },
            since: caller.now,
            deleted_by: None,
        };
        let id = peering.id.clone();
        self.peerings.insert(peering);
        Ok(id)
    }

    /// AcceptVpcPeeringConnection: by the accepter, while it is pending.
    pub fn accept_peering(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let peering = self.pending_for(caller, id, "accept")?;
        let (one, other) = (self.vpcs.get(&peering.requester.vpc), self.vpcs.get(&peering.accepter.vpc));
        let fits = one.zip(other).is_some_and(|(one, other)| !overlap(one, other));
        for side in [&peering.requester, &peering.accepter] {
            if fits && self.active_peerings(&side.vpc).count() >= ACTIVE {
                return Err(Error::PeeringLimit { vpc: side.vpc.clone() });
            }
        }
        self.note(id, if fits { PeeringStatus::Active } else { PeeringStatus::Failed }, caller);
        Ok(())
    }

    /// RejectVpcPeeringConnection: by the accepter, while it is pending.
    pub fn reject_peering(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.pending_for(caller, id, "reject")?;
        self.note(id, PeeringStatus::Rejected, caller);
        Ok(())
    }

    fn pending_for(&self, caller: &Caller, id: &str, verb: &str) -> Result<&VpcPeeringConnection> {
        let peering = self.peering(caller, id)?;
        if peering.accepter.scope != caller.scope {
            let (account, verb, id) = (caller.scope.account.clone(), verb.to_owned(), id.to_owned());
            return Err(Error::NotTheAccepter { account, verb, id });
        }
        match peering.status(caller.now) {
            PeeringStatus::PendingAcceptance => Ok(peering),
            status => Err(Error::PeeringStatus { id: id.into(), status: status.code().into() }),
        }
    }

    /// DeleteVpcPeeringConnection: an active one by either owner, a pending one by the requester.
    pub fn delete_peering(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let peering = self.peering(caller, id)?;
        match peering.status(caller.now) {
            PeeringStatus::Active => {}
            PeeringStatus::PendingAcceptance if peering.requester.scope == caller.scope => {}
            status => return Err(Error::PeeringStatus { id: id.into(), status: status.code().into() }),
        }
        self.note(id, PeeringStatus::Deleted, caller);
        Ok(())
    }

    /// Ends the connections of a deleted VPC.
    pub(crate) fn delete_peerings_of(&mut self, caller: &Caller, vpc: &str) {
        let lives = |peering: &&VpcPeeringConnection| {
            let status = peering.status(caller.now);
            matches!(status, PeeringStatus::Active | PeeringStatus::PendingAcceptance)
        };
        let ids: Vec<String> = self.peerings.by(vpc).filter(lives).map(|peering| peering.id.clone()).collect();
        for id in ids {
            self.note(&id, PeeringStatus::Deleted, caller);
        }
    }

    /// Sets the status, and applies what follows from it.
    fn note(&mut self, id: &str, status: PeeringStatus, caller: &Caller) {
        let Some(peering) = self.peerings.get_mut(id) else { return };
        peering.noted = status;
        peering.since = caller.now;
        peering.deleted_by = (status == PeeringStatus::Deleted).then(|| caller.scope.account.clone());
        let vpcs = [peering.requester.vpc.clone(), peering.accepter.vpc.clone()];
        for vpc in &vpcs {
            self.sync_classic_route(vpc);
        }
    }

    /// ModifyVpcPeeringConnectionOptions: each owner changes its own side. Those for ClassicLink need one Region with EC2-Classic.
    pub fn modify_peering(
        &mut self,
        caller: &Caller,
        id: &str,
        requester: Option<PeeringOptionsChange>,
        accepter: Option<PeeringOptionsChange>,
    ) -> Result<()> {
        let peering = self.peering(caller, id)?;
        if !peering.is_active() {
            return Err(Error::PeeringNotActive { id: id.into() });
        }
        let sides = [("requester", &peering.requester, requester), ("accepter", &peering.accepter, accepter)];
        for (name, side, change) in sides {
            if let Some(change) = change {
                self.check_options(caller, peering, name, side, &change)?;
            }
        }
        if let Some(peering) = self.peerings.get_mut(id) {
            requester.unwrap_or_default().apply(&mut peering.requester.options);
            accepter.unwrap_or_default().apply(&mut peering.accepter.options);
            let vpcs = [peering.requester.vpc.clone(), peering.accepter.vpc.clone()];
            for vpc in &vpcs {
                self.sync_classic_route(vpc);
            }
        }
        Ok(())
    }

    fn check_options(
        &self,
        caller: &Caller,
        peering: &VpcPeeringConnection,
        name: &str,
        side: &PeeringSide,
        change: &PeeringOptionsChange,
    ) -> Result<()> {
        if change.names_classic_link() && !peering.in_one_region() {
            return Err(Error::CrossRegionOptions {});
        }
        if side.scope != caller.scope {
            return Err(Error::NotYourSide { account: caller.scope.account.clone(), side: name.into() });
        }
        let has_classic = self.platform.classic_network(&side.scope.region).is_some();
        if change.names_classic_link() && !has_classic {
            return Err(Error::NoClassicHere {});
        }
        if change.dns_from_peer == Some(true) {
            for side in [&peering.requester, &peering.accepter] {
                let vpc = self.vpc_of(&side.vpc)?;
                if !(vpc.dns_hostnames && vpc.dns_support) {
                    return Err(Error::PeerDnsHostnames { vpc: vpc.id.clone() });
                }
            }
        }
        if change.vpc_to_peer_links == Some(true)
            && let Some((route, table)) = self.classic_conflict(&side.vpc)
        {
            let (vpc, cidr) = (side.vpc.clone(), route.destination.to_string());
            return Err(match route.is_local() {
                true => Error::BlockConflict { vpc, cidr },
                false => Error::CidrConflict { vpc, cidr, table: table.id.clone() },
            });
        }
        Ok(())
    }
}
