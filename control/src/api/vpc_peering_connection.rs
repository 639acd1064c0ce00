//! VPC peering connections on the wire. Both owners see a connection; how, depends on the moment.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{
    Caller, Error, IdKind, Model, PeeringOptions, PeeringOptionsChange, PeeringSide, PeeringStatus, REGIONS, Region,
    Resource, Result, Scope, Vpc, VpcPeeringConnection,
};

pub const ACTIONS: Actions = &[
    ("CreateVpcPeeringConnection", Handler::Write(create)),
    ("DescribeVpcPeeringConnections", Handler::Read(describe)),
    ("AcceptVpcPeeringConnection", Handler::Write(accept)),
    ("RejectVpcPeeringConnection", Handler::Write(reject)),
    ("DeleteVpcPeeringConnection", Handler::Write(delete)),
    ("ModifyVpcPeeringConnectionOptions", Handler::Write(modify_options)),
];

/// Its rows are what [`as_seen`] makes: their noted status is the one of the moment.
static LISTING: Listing<VpcPeeringConnection> = Listing {
    ids: "VpcPeeringConnectionId",
    set: "vpcPeeringConnectionSet",
    filters: &[
        ("vpc-peering-connection-id", |_, peering| vec![peering.id.clone()]),
        ("status-code", |_, peering| vec![peering.noted.code().to_owned()]),
        ("status-message", |_, peering| vec![message(peering)]),
        ("expiration-time", |_, peering| expiration(peering).into_iter().collect()),
        ("requester-vpc-info.vpc-id", |_, peering| vec![peering.requester.vpc.clone()]),
        ("requester-vpc-info.owner-id", |_, peering| vec![peering.requester.scope.account.clone()]),
        ("requester-vpc-info.cidr-block", |model, peering| blocks(model, &peering.requester)),
        ("accepter-vpc-info.vpc-id", |_, peering| vec![peering.accepter.vpc.clone()]),
        ("accepter-vpc-info.owner-id", |_, peering| vec![peering.accepter.scope.account.clone()]),
        ("accepter-vpc-info.cidr-block", |model, peering| match peering.is_active() {
            true => blocks(model, &peering.accepter),
            false => Vec::new(),
        }),
    ],
    item: |model, peering| item(model, peering, peering.noted.code(), message(peering)),
};

fn blocks(model: &Model, side: &PeeringSide) -> Vec<String> {
    model.vpcs.get(&side.vpc).into_iter().flat_map(Vpc::blocks).map(|block| block.to_string()).collect()
}

fn message(peering: &VpcPeeringConnection) -> String {
    match peering.noted {
        PeeringStatus::PendingAcceptance => format!("Pending Acceptance by {}", peering.accepter.scope.account),
        PeeringStatus::Active => "Active".into(),
        PeeringStatus::Deleted => format!("Deleted by {}", peering.deleted_by.clone().unwrap_or_default()),
        PeeringStatus::Rejected => "Inactive".into(),
        PeeringStatus::Failed => "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".into(),
        PeeringStatus::Expired => "Expired".into(),
    }
}

fn expiration(peering: &VpcPeeringConnection) -> Option<String> {
    let waits = matches!(peering.noted, PeeringStatus::PendingAcceptance | PeeringStatus::Expired);
    waits.then(|| peering.expires().to_string())
}

fn options(options: &PeeringOptions) -> Node {
    Node::new()
        .text("allowDnsResolutionFromRemoteVpc", options.dns_from_peer)
        .text("allowEgressFromLocalClassicLinkToRemoteVpc", options.links_to_peer)
        .text("allowEgressFromLocalVpcToRemoteClassicLink", options.vpc_to_peer_links)
}

/// One side; `details` are its blocks and options, which the accepter's has only once it accepted (semantics.md §1.3).
fn info(model: &Model, side: &PeeringSide, details: bool) -> Node {
    let node =
        Node::new().text("ownerId", &side.scope.account).text("vpcId", &side.vpc).text("region", &side.scope.region);
    let Some(vpc) = model.vpcs.get(&side.vpc).filter(|_| details) else { return node };
    node.text("cidrBlock", vpc.cidr())
        .set("cidrBlockSet", vpc.blocks().map(|block| Node::new().text("cidrBlock", block)))
        .set("ipv6CidrBlockSet", vpc.ipv6.iter().map(|block| Node::new().text("ipv6CidrBlock", block.cidr)))
        .node("peeringOptions", options(&side.options))
}

fn item(model: &Model, peering: &VpcPeeringConnection, code: &str, message: String) -> Node {
    Node::new()
        .text("vpcPeeringConnectionId", &peering.id)
        .node("requesterVpcInfo", info(model, &peering.requester, true))
        .node("accepterVpcInfo", info(model, &peering.accepter, peering.is_active()))
        .node("status", Node::new().text("code", code).text("message", message))
        .opt("expirationTime", expiration(peering))
        .tags(&peering.tags)
}

/// A connection as it is at the moment of the call, with the caller's own tags.
fn as_seen(peering: &VpcPeeringConnection, caller: &Caller) -> VpcPeeringConnection {
    let own = if peering.scope == caller.scope { &peering.tags } else { &peering.accepter_tags };
    VpcPeeringConnection { noted: peering.status(caller.now), tags: own.clone(), ..peering.clone() }
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let visible = model.peerings.iter().filter(|peering| peering.is_visible(caller));
    let all: Vec<VpcPeeringConnection> = visible.map(|peering| as_seen(peering, caller)).collect();
    LISTING.answer(model, params, &all.iter().collect::<Vec<_>>())
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    let peer_vpc = params.id("PeerVpcId", IdKind::Vpc)?;
    let account = params.text("PeerOwnerId").unwrap_or_else(|| caller.scope.account.clone());
    if account.len() != 12 || !account.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(params.invalid("PeerOwnerId", account));
    }
    let region = params.text("PeerRegion").unwrap_or_else(|| caller.scope.region.clone());
    if Region::named(&region).is_none() {
        let why = format!("There are these Regions: {}", REGIONS.iter().map(|r| r.name).collect::<Vec<_>>().join(", "));
        return Err(Error::InvalidValueWhy { name: "PeerRegion".into(), value: region, why });
    }
    let tags = params.tags("vpc-peering-connection")?;
    params.finish()?;
    let id = model.create_peering(caller, &vpc, &Scope { account, region }, &peer_vpc, tags)?;
    let peering = model.peering(caller, &id)?;
    // What EC2 answers before it has looked at the other VPC; a failure shows in the next description.
    let message = format!("Initiating Request to {}", peering.accepter.scope.account);
    Ok(Node::new().node("vpcPeeringConnection", item(model, peering, "initiating-request", message)))
}

fn accept(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpcPeeringConnectionId", IdKind::VpcPeeringConnection)?;
    params.finish()?;
    model.accept_peering(caller, &id)?;
    let peering = model.peerings.get(&id).ok_or(Error::NotFound { kind: VpcPeeringConnection::ID, id })?;
    let peering = as_seen(peering, caller);
    Ok(Node::new().node("vpcPeeringConnection", item(model, &peering, peering.noted.code(), message(&peering))))
}

fn reject(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpcPeeringConnectionId", IdKind::VpcPeeringConnection)?;
    params.finish()?;
    model.reject_peering(caller, &id)?;
    Ok(Node::done())
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpcPeeringConnectionId", IdKind::VpcPeeringConnection)?;
    params.finish()?;
    model.delete_peering(caller, &id)?;
    Ok(Node::done())
}

fn options_change(params: &mut Params, name: &str) -> Result<Option<PeeringOptionsChange>> {
    params.nested(name, |options| {
        // Of today's clients, about nothing that this cloud has (semantics.md §1.2).
        options.ignore(&["AllowMultipathResilience", "MultipathResilienceMode"]);
        Ok(PeeringOptionsChange {
            dns_from_peer: options.flag("AllowDnsResolutionFromRemoteVpc")?,
            links_to_peer: options.flag("AllowEgressFromLocalClassicLinkToRemoteVpc")?,
            vpc_to_peer_links: options.flag("AllowEgressFromLocalVpcToRemoteClassicLink")?,
        })
    })
}

/// The answer holds what was asked for, and nothing else (semantics.md §1.3).
fn changed(change: &PeeringOptionsChange) -> Node {
    Node::new()
        .opt("allowDnsResolutionFromRemoteVpc", change.dns_from_peer)
        .opt("allowEgressFromLocalClassicLinkToRemoteVpc", change.links_to_peer)
        .opt("allowEgressFromLocalVpcToRemoteClassicLink", change.vpc_to_peer_links)
}

fn modify_options(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpcPeeringConnectionId", IdKind::VpcPeeringConnection)?;
    let requester = options_change(&mut params, "RequesterPeeringConnectionOptions")?;
    let accepter = options_change(&mut params, "AccepterPeeringConnectionOptions")?;
    if requester.is_none() && accepter.is_none() {
        return Err(params.missing("RequesterPeeringConnectionOptions or AccepterPeeringConnectionOptions"));
    }
    params.finish()?;
    model.modify_peering(caller, &id, requester, accepter)?;
    let sides = [("requesterPeeringConnectionOptions", requester), ("accepterPeeringConnectionOptions", accepter)];
    let given = sides.into_iter().filter_map(|(name, change)| Some((name, change?)));
    Ok(given.fold(Node::new(), |node, (name, change)| node.node(name, changed(&change))))
}
