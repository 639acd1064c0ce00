//! VPC peering connections. Both owners see a connection; how, depends on the moment.

use super::listing::{Attributes, each, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{
    Caller, Error, IdKind, Model, PeeringOptions, PeeringOptionsChange, PeeringSide, PeeringStatus, REGIONS, Region,
    Result, Scope, Vpc, VpcPeeringConnection,
};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(accept).write(reject).write(delete).write(modify_options)
}

/// The rows are those of [`as_seen`], whose stored status is the present one.
static ATTRIBUTES: Attributes<VpcPeeringConnection> = Attributes(&[
    ("accepter-vpc-info.cidr-block", |model, peering| each(blocks(model, peering, &peering.accepter))),
    ("accepter-vpc-info.owner-id", |_, peering| one(&peering.accepter.scope.account)),
    ("accepter-vpc-info.vpc-id", |_, peering| one(&peering.accepter.vpc)),
    ("expiration-time", |_, peering| each(expires(peering).then(|| peering.expires()))),
    ("requester-vpc-info.cidr-block", |model, peering| each(blocks(model, peering, &peering.requester))),
    ("requester-vpc-info.owner-id", |_, peering| one(&peering.requester.scope.account)),
    ("requester-vpc-info.vpc-id", |_, peering| one(&peering.requester.vpc)),
    ("status-code", |_, peering| one(peering.noted.code())),
    ("status-message", |_, peering| one(message(peering))),
    ("vpc-peering-connection-id", |_, peering| one(&peering.id)),
]);

/// The VPC of a side, where it is shown: the accepter's while the connection is active, the requester's until it ends
/// (semantics.md §1.3).
fn told<'m>(model: &'m Model, peering: &VpcPeeringConnection, side: &PeeringSide) -> Option<&'m Vpc> {
    let shows = match peering.noted {
        PeeringStatus::Active => true,
        PeeringStatus::Deleted => false,
        _ => side == &peering.requester,
    };
    model.vpcs.get(&side.vpc).filter(|_| shows)
}

fn blocks(model: &Model, peering: &VpcPeeringConnection, side: &PeeringSide) -> Vec<String> {
    told(model, peering, side).into_iter().flat_map(Vpc::blocks).map(|block| block.to_string()).collect()
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

fn expires(peering: &VpcPeeringConnection) -> bool {
    matches!(peering.noted, PeeringStatus::PendingAcceptance | PeeringStatus::Expired)
}

fn options(options: &PeeringOptions) -> ec2::VpcPeeringConnectionOptionsDescription {
    ec2::VpcPeeringConnectionOptionsDescription {
        allow_dns_resolution_from_remote_vpc: Some(options.dns_from_peer),
        allow_egress_from_local_classic_link_to_remote_vpc: Some(options.links_to_peer),
        allow_egress_from_local_vpc_to_remote_classic_link: Some(options.vpc_to_peer_links),
        ..Default::default()
    }
}

fn info(model: &Model, peering: &VpcPeeringConnection, side: &PeeringSide) -> ec2::VpcPeeringConnectionVpcInfo {
    let owner = ec2::VpcPeeringConnectionVpcInfo {
        owner_id: text(&side.scope.account),
        vpc_id: text(&side.vpc),
        region: text(&side.scope.region),
        ..Default::default()
    };
    let Some(vpc) = told(model, peering, side) else { return owner };
    let v4 = |block| ec2::CidrBlock { cidr_block: text(block) };
    let v6 = vpc.ipv6.iter().map(|block| ec2::Ipv6CidrBlock { ipv6_cidr_block: text(block.cidr) });
    ec2::VpcPeeringConnectionVpcInfo {
        cidr_block: text(vpc.cidr()),
        ipv6_cidr_block_set: v6.collect::<List<_>>().unless_empty(),
        cidr_block_set: vpc.blocks().map(v4).collect(),
        peering_options: Some(options(&side.options)),
        ..owner
    }
}

fn shown(model: &Model, peering: &VpcPeeringConnection) -> ec2::VpcPeeringConnection {
    ec2::VpcPeeringConnection {
        accepter_vpc_info: Some(info(model, peering, &peering.accepter)),
        expiration_time: expires(peering).then(|| peering.expires()),
        requester_vpc_info: Some(info(model, peering, &peering.requester)),
        status: status(peering.noted.code(), &message(peering)),
        tags: tags::shown(&peering.tags),
        vpc_peering_connection_id: text(&peering.id),
        ..Default::default()
    }
}

fn status(code: &str, message: &str) -> Option<ec2::VpcPeeringConnectionStateReason> {
    Some(ec2::VpcPeeringConnectionStateReason { code: text(code), message: text(message) })
}

/// A connection as it is at the moment of the call, with the caller's own tags.
fn as_seen(peering: &VpcPeeringConnection, caller: &Caller) -> VpcPeeringConnection {
    let own = if peering.scope == caller.scope { &peering.tags } else { &peering.accepter_tags };
    VpcPeeringConnection { noted: peering.status(caller.now), tags: own.clone(), ..peering.clone() }
}

fn describe(
    cx: View,
    input: ec2::DescribeVpcPeeringConnectionsRequest,
) -> Result<ec2::DescribeVpcPeeringConnectionsResult> {
    let visible = cx.model.peerings.iter().filter(|peering| peering.is_visible(cx.caller));
    let all: Vec<VpcPeeringConnection> = visible.map(|peering| as_seen(peering, cx.caller)).collect();
    ATTRIBUTES.list(cx.model, all.iter(), input, |peering| shown(cx.model, peering))
}

/// The account and the Region of the VPC that is asked: the caller's, unless others are named.
fn peer(caller: &Caller, account: Option<String>, region: Option<String>) -> Result<Scope> {
    let account = account.unwrap_or_else(|| caller.scope.account.clone());
    if account.len() != 12 || !account.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Error::invalid("PeerOwnerId", account));
    }
    let region = region.unwrap_or_else(|| caller.scope.region.clone());
    if Region::named(&region).is_none() {
        let known = REGIONS.iter().map(|region| region.name).collect::<Vec<_>>().join(", ");
        return Err(Error::NoSuchPeerRegion { region, known });
    }
    Ok(Scope { account, region })
}

fn create(cx: Change, input: ec2::CreateVpcPeeringConnectionRequest) -> Result<ec2::VpcPeeringConnection> {
    let ec2::CreateVpcPeeringConnectionRequest { peer_region, tag_specifications, vpc_id, peer_vpc_id, peer_owner_id } =
        input;
    let peer_vpc = peer_vpc_id.ok_or_else(|| Error::missing("PeerVpcId"))?;
    IdKind::Vpc.check(&peer_vpc)?;
    let peer = peer(cx.caller, peer_owner_id, peer_region)?;
    let tags = tags::of(tag_specifications, "vpc-peering-connection")?;
    let id = cx.model.create_peering(cx.caller, &vpc_id, &peer, &peer_vpc, tags)?;
    let peering = cx.model.peering(cx.caller, &id)?;
    // EC2 answers before it has checked the other VPC. A failure shows in the next description.
    let initiating = format!("Initiating Request to {}", peering.accepter.scope.account);
    Ok(ec2::VpcPeeringConnection { status: status("initiating-request", &initiating), ..shown(cx.model, peering) })
}

fn accept(cx: Change, input: ec2::AcceptVpcPeeringConnectionRequest) -> Result<ec2::VpcPeeringConnection> {
    let id = input.vpc_peering_connection_id;
    IdKind::VpcPeeringConnection.check(&id)?;
    cx.model.accept_peering(cx.caller, &id)?;
    let missing = || Error::NotFound { kind: IdKind::VpcPeeringConnection, id: id.clone() };
    let peering = cx.model.peerings.get(&id).ok_or_else(missing)?;
    Ok(shown(cx.model, &as_seen(peering, cx.caller)))
}

fn reject(cx: Change, input: ec2::RejectVpcPeeringConnectionRequest) -> Result<()> {
    cx.model.reject_peering(cx.caller, &input.vpc_peering_connection_id)
}

fn delete(cx: Change, input: ec2::DeleteVpcPeeringConnectionRequest) -> Result<()> {
    cx.model.delete_peering(cx.caller, &input.vpc_peering_connection_id)
}

fn change(options: &ec2::PeeringConnectionOptionsRequest) -> PeeringOptionsChange {
    PeeringOptionsChange {
        dns_from_peer: options.allow_dns_resolution_from_remote_vpc,
        links_to_peer: options.allow_egress_from_local_classic_link_to_remote_vpc,
        vpc_to_peer_links: options.allow_egress_from_local_vpc_to_remote_classic_link,
    }
}

/// The answer holds what was asked for, and nothing else (semantics.md §1.3).
fn changed(change: PeeringOptionsChange) -> ec2::PeeringConnectionOptions {
    ec2::PeeringConnectionOptions {
        allow_dns_resolution_from_remote_vpc: change.dns_from_peer,
        allow_egress_from_local_classic_link_to_remote_vpc: change.links_to_peer,
        allow_egress_from_local_vpc_to_remote_classic_link: change.vpc_to_peer_links,
        ..Default::default()
    }
}

fn modify_options(
    cx: Change,
    input: ec2::ModifyVpcPeeringConnectionOptionsRequest,
) -> Result<ec2::ModifyVpcPeeringConnectionOptionsResult> {
    let ec2::ModifyVpcPeeringConnectionOptionsRequest {
        accepter_peering_connection_options,
        requester_peering_connection_options,
        vpc_peering_connection_id,
    } = input;
    let requester = requester_peering_connection_options.as_ref().map(change);
    let accepter = accepter_peering_connection_options.as_ref().map(change);
    if requester.is_none() && accepter.is_none() {
        return Err(Error::missing("RequesterPeeringConnectionOptions or AccepterPeeringConnectionOptions"));
    }
    cx.model.modify_peering(cx.caller, &vpc_peering_connection_id, requester, accepter)?;
    Ok(ec2::ModifyVpcPeeringConnectionOptionsResult {
        accepter_peering_connection_options: accepter.map(changed),
        requester_peering_connection_options: requester.map(changed),
    })
}
