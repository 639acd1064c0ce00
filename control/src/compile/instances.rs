//! Instances: a port each, and an attachment for every network they are in.

use super::fabric::{CLASSIC_ROUTER, THE_INTERNET};
use super::rules::membership;
use crate::model::{ClassicPlace, Instance, Model, Network, Region, Vpc, VpcPlace};
use dataplane::policy::{
    Attachment, AttachmentId, Change, Endpoint, Port, PortId, PortKind, SegmentId, TableId, VrfId,
};
use ipnet::Ipv4Net;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// An instance that does not run has no entries: its namespace goes with the port.
pub(super) fn instance(model: &Model, instance: &Instance) -> Vec<Change> {
    let entries = match &instance.network {
        _ if !instance.is_running() => None,
        Network::Classic(place) => classic(model, instance, place),
        Network::Vpc(place) => in_vpc(model, instance, place),
    };
    entries.unwrap_or_default()
}

fn classic(model: &Model, instance: &Instance, place: &ClassicPlace) -> Option<Vec<Change>> {
    let classic = Region::named(&instance.scope.region)?.classic()?;
    let private = place.private?;
    let linked = place.link.as_ref().and_then(|link| Some((link, model.vpcs.get(&link.vpc)?)));
    let table = linked.map_or(classic, |(_, vpc)| vpc.number);

    let (vrf, attachment) = (VrfId(classic), AttachmentId(place.attachment));
    let public = place.public.as_ref().map(|public| public.address);
    let mut changes = vec![port(instance, vec![private.into()], TableId(table), CLASSIC_ROUTER)];
    changes.push(Change::SetAttachment(
        attachment,
        Attachment { public, ..attached(model, instance, vrf, vec![private], &place.groups) },
    ));
    changes.push(Change::SetAddress(vrf, private, Endpoint::Own(attachment)));
    changes.extend(public.map(|public| Change::SetAddress(THE_INTERNET, public, Endpoint::Public(attachment))));
    if let Some((link, vpc)) = linked {
        let attachment = AttachmentId(link.attachment);
        let into = attached(model, instance, VrfId(vpc.number), vec![private], &link.groups);
        changes.push(Change::SetAttachment(attachment, into));
        let seen_by = std::iter::once(vpc).chain(seeing_peers(model, &vpc.id));
        changes
            .extend(seen_by.map(|vpc| Change::SetAddress(VrfId(vpc.links_number), private, Endpoint::Own(attachment))));
    }
    Some(changes)
}

/// The peers of a VPC whose instances see what is linked to it: both owners must let them (M28).
fn seeing_peers<'a>(model: &'a Model, vpc: &'a str) -> impl Iterator<Item = &'a Vpc> {
    model.active_peerings(vpc).filter_map(move |peering| {
        let (own, peer) = (peering.side_of(vpc)?, peering.peer_of(vpc)?);
        let open = own.options.links_to_peer && peer.options.vpc_to_peer_links;
        model.vpcs.get(&peer.vpc).filter(|_| open)
    })
}

/// The attachment by which a network interface is there: that of the primary one of its instance.
pub(super) fn presence(model: &Model, interface: &str) -> Option<AttachmentId> {
    let instance = model.instances.get(model.network_interfaces.get(interface)?.instance()?)?;
    let primary = model.network_interfaces.get(instance.vpc()?.interfaces.first()?)?;
    Some(AttachmentId(primary.number))
}

/// An instance has one port, whatever its interfaces: those beyond the primary one lend it their addresses and their groups.
fn in_vpc(model: &Model, instance: &Instance, place: &VpcPlace) -> Option<Vec<Change>> {
    let vpc = model.vpcs.get(&place.vpc)?;
    let subnet = model.subnets.get(&place.subnet)?;
    let interfaces: Vec<_> = place.interfaces.iter().filter_map(|id| model.network_interfaces.get(id)).collect();
    let primary = *interfaces.first()?;

    let (vrf, attachment) = (VrfId(vpc.number), AttachmentId(primary.number));
    let addresses: Vec<Ipv4Addr> = interfaces.iter().flat_map(|interface| interface.addresses.clone()).collect();
    let groups: BTreeSet<String> = interfaces.iter().flat_map(|interface| interface.groups.clone()).collect();
    let groups: Vec<String> = groups.into_iter().collect();
    // Without an Internet gateway a public address is nobody's.
    let edge = model.internet_gateway_of(&vpc.id);
    let public = edge.and(primary.public.as_ref()).map(|public| public.address);
    let inside = |address: &Ipv4Addr| Ipv4Net::new(*address, subnet.cidr.prefix_len()).ok();
    let on_port = addresses.iter().filter_map(inside).collect();
    let own = addresses.iter().map(|address| Change::SetAddress(vrf, *address, Endpoint::Own(attachment)));

    let mut changes = vec![port(instance, on_port, TableId(subnet.number), subnet.router())];
    changes.extend(own);
    changes.push(Change::SetAttachment(
        attachment,
        Attachment {
            public,
            segment: Some(SegmentId(subnet.number)),
            source_check: interfaces.iter().all(|interface| interface.source_dest_check),
            accounted: model.flow_logs_of(primary).next().is_some(),
            ..attached(model, instance, vrf, addresses, &groups)
        },
    ));
    changes.extend(public.map(|public| Change::SetAddress(THE_INTERNET, public, Endpoint::Public(attachment))));
    Some(changes)
}

fn port(instance: &Instance, addresses: Vec<Ipv4Net>, table: TableId, router: Ipv4Addr) -> Change {
    let kind = if instance.has_plain_port() { PortKind::Plain } else { PortKind::Offload };
    let port = Port { host: instance.id.clone(), kind, mtu: instance.mtu(), addresses, table, router };
    Change::SetPort(PortId(instance.port), port)
}

fn attached(model: &Model, instance: &Instance, vrf: VrfId, addresses: Vec<Ipv4Addr>, groups: &[String]) -> Attachment {
    let (filters, groups) = membership(model, groups);
    let port = PortId(instance.port);
    Attachment {
        port,
        vrf,
        addresses,
        public: None,
        filters,
        groups,
        segment: None,
        source_check: true,
        accounted: false,
    }
}
