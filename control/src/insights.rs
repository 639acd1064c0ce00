//! Reachability Analyzer: the dataplane's own answer about a path, as `why` gets it, on the model's compiled tables,
//! with AWS's codes for obstacles.

mod parts;

use crate::explain::names::Names;
use crate::explain::{self, Traffic};
use crate::reach;
use model::{
    Error, Findings, IdKind, InsightsProtocol, Model, NetworkInsightsPath, NetworkInterface, Obstacle, PathHeader,
    PathPart, Result, Target,
};
use parts::{BLOCKED, Parts};
use std::net::Ipv4Addr;
use wire::{Culprit, Direction, Drop, DropReason, FiveTuple, PortId, Step, VrfId};

/// The destination port of a path that names none.
const PORT: u16 = 443;
/// An address that stands for the Internet, although no host has it (RFC 5737).
const SOMEWHERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// Analyses a path.
///
/// # Errors
/// [`Error::InsightsTables`] if the tables cannot be asked.
pub fn analyse(model: &Model, path: &NetworkInsightsPath) -> Result<Findings> {
    let parts = Parts { model, names: Names::of(model) };
    let Some((port, packet)) = first_packet(&parts, path) else {
        return Ok(Findings { obstacle: Some(missing_end(&parts, path)), ..Findings::default() });
    };
    let (_, engine) = reach::compiled(model).map_err(|_| Error::InsightsTables {})?;
    let explanation = engine.explain(port, packet);
    let gateway = path.destination.as_ref().filter(|id| IdKind::InternetGateway.fits(id));
    let forward = parts.of(&explanation.there, packet);
    if let Some(gateway) = gateway.filter(|_| leaves_to_internet(&explanation.there)) {
        let by_another = !forward.iter().any(|part| part.id == *gateway);
        let part = PathPart { id: gateway.clone(), ..PathPart::default() };
        let obstacle = by_another.then(|| obstacle("NO_PATH", Some(part)));
        return Ok(Findings { forward, obstacle, ..Findings::default() });
    }
    let back = explanation.back.as_deref().unwrap_or_default();
    let stopped = [&explanation.there[..], back].into_iter().find_map(dropped);
    let delivered = explanation.there.iter().fold(packet, |packet, step| match step {
        Step::Translated { packet } => *packet,
        _ => packet,
    });
    let obstacle = stopped.map(|drop| blamed(&parts, drop));
    Ok(Findings { forward, back: parts.of(back, delivered.reversed()), obstacle })
}

/// The obstacle of a path with an end that has no address now.
fn missing_end(parts: &Parts<'_>, path: &NetworkInsightsPath) -> Obstacle {
    let mut ends = [Some(&path.source), path.destination.as_ref()].into_iter().flatten();
    let missing = ends.find(|id| address_of(parts, id).is_none());
    obstacle("BAD_STATE", missing.map(|id| PathPart { id: id.clone(), ..PathPart::default() }))
}

/// The first packet of a path, and the port that it leaves by. `None` if an end does not exist.
fn first_packet(parts: &Parts<'_>, path: &NetworkInsightsPath) -> Option<(PortId, FiveTuple)> {
    let model = parts.model;
    model.instances.get(&path.source).is_none_or(|instance| instance.has_host()).then_some(())?;
    let of_destination = || path.destination.as_deref().and_then(|id| address_of(parts, id));
    let to = path.destination_ip.or_else(of_destination)?;
    let (port, source) = match model.network_interfaces.get(&path.source) {
        Some(interface) => (port_of(model, interface)?, path.source_ip.unwrap_or(interface.address())),
        None => parts.names.leaves_by(&path.source, to, path.source_ip)?,
    };
    let to_port = path.port.unwrap_or(PORT);
    let traffic = match path.protocol {
        InsightsProtocol::Tcp => Traffic::Tcp(to_port),
        InsightsProtocol::Udp => Traffic::Udp(to_port),
    };
    Some((port, explain::first_packet(source, to, traffic)))
}

/// The port of an interface that a host has.
fn port_of(model: &Model, interface: &NetworkInterface) -> Option<PortId> {
    let of_service = || model.managed_host_of(&interface.id).filter(|host| host.is_on()).map(|host| PortId(host.port));
    let attached = interface
        .attachment
        .as_ref()
        .filter(|attached| model.instances.get(&attached.instance).is_some_and(|instance| instance.has_host()));
    attached.map(|attached| PortId(attached.port)).or_else(of_service)
}

/// The address of an end of a path.
fn address_of(parts: &Parts<'_>, id: &str) -> Option<Ipv4Addr> {
    let model = parts.model;
    match IdKind::of(id)? {
        IdKind::InternetGateway => model.internet_gateways.get(id).map(|_| SOMEWHERE),
        IdKind::NetworkInterface => {
            let interface = model.network_interfaces.get(id)?;
            port_of(model, interface).map(|_| interface.address())
        }
        _ => {
            let instance = model.instances.get(id).filter(|instance| instance.has_host())?;
            parts.names.addresses(&instance.id).first().map(|(_, address)| *address)
        }
    }
}

/// Whether a packet leaves for the Internet, where no host needs to have its address.
fn leaves_to_internet(steps: &[Step]) -> bool {
    let nobody = |drop: Drop| {
        let internet = VrfId(model::INTERNET);
        drop.reason == DropReason::NoSuchAddress && matches!(drop.culprit, Culprit::Address(vrf, _) if vrf == internet)
    };
    dropped(steps).is_none_or(nobody)
}

fn dropped(steps: &[Step]) -> Option<Drop> {
    steps.iter().find_map(|step| match step {
        Step::Dropped(drop) => Some(*drop),
        _ => None,
    })
}

fn obstacle(code: &str, part: Option<PathPart>) -> Obstacle {
    Obstacle { code: code.to_owned(), part, egress: None, groups: Vec::new() }
}

/// The obstacle of a dropped packet, with AWS's code.
fn blamed(parts: &Parts<'_>, drop: Drop) -> Obstacle {
    use DropReason::*;
    match (drop.reason, drop.culprit) {
        (EgressFilter | IngressFilter, Culprit::Attachment(id)) => Obstacle {
            egress: Some(drop.reason == EgressFilter),
            groups: parts.names.group_ids(id).to_vec(),
            ..obstacle("ENI_SG_RULES_MISMATCH", parts.attachment(id))
        },
        (EgressAcl | IngressAcl, Culprit::Acl(segment, acl, rule)) => {
            let direction = if drop.reason == EgressAcl { Direction::Egress } else { Direction::Ingress };
            let part = parts.acl(segment, acl, direction, rule);
            Obstacle { egress: Some(drop.reason == EgressAcl), ..obstacle("SUBNET_ACL_RESTRICTION", part) }
        }
        (NoRoute, Culprit::Table(table)) => {
            let is_transit = parts.transit_table(table).is_some();
            let code = if is_transit { "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT" } else { "NO_ROUTE_TO_DESTINATION" };
            obstacle(code, parts.table(table))
        }
        (Blackhole, Culprit::Route(table, prefix)) => {
            obstacle(parts.blackhole_code(table, prefix), parts.route(table, prefix))
        }
        (NoPublicAddress, Culprit::Attachment(id)) => {
            let part = parts.attachment(id);
            let is_blocked = part.as_ref().is_some_and(|part| parts.is_blocked(part));
            let gateway = part.as_ref().and_then(|part| parts.model.internet_gateway_of(part.vpc.as_ref()?));
            let gateway = gateway.map(|gateway| PathPart { id: gateway.id.clone(), ..PathPart::default() });
            let code = if is_blocked { BLOCKED } else { "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS" };
            obstacle(code, gateway.or(part))
        }
        (SourceCheck | DestinationCheck, Culprit::Attachment(id)) => {
            obstacle("ENI_SOURCE_DEST_CHECK_RESTRICTION", parts.attachment(id))
        }
        (NoSuchAddress, _) => obstacle("NO_POSSIBLE_DESTINATION", None),
        _ => obstacle("NO_PATH", None),
    }
}

/// The packet's header, as a path's part shows it.
fn header(packet: FiveTuple) -> PathHeader {
    PathHeader {
        source: (packet.source, packet.source_port),
        destination: (packet.destination, packet.destination_port),
    }
}

/// Whether a route's target is a part of its own that a path shows.
fn passes(target: &Target) -> bool {
    !matches!(target, Target::Local | Target::NetworkInterface(_))
}
