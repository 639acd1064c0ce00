//! Instances. In EC2-Classic an instance is a port, with an attachment for every network it reaches. In a VPC every
//! network interface is a port and an attachment.

use super::fabric::{CLASSIC_ROUTER, THE_INTERNET};
use super::rules::membership;
use super::{edges, platform};
use ipnet::Ipv4Net;
use model::{
    ClassicPlace, IMPAIR_TAG, Instance, Model, Network, NetworkInterface, PathEnd, Vpc, VpcPlace, impairments_of,
};
use std::net::Ipv4Addr;
use wire::{
    Attachment, AttachmentId, Endpoint, Entry, FarEnd, Impairments, Port, PortId, PortKind, SegmentId, TableId, VrfId,
};

/// An instance's entries. One that is not switched on has none, so its namespace is removed with the port.
pub(super) fn instance(model: &Model, instance: &Instance) -> Vec<Entry> {
    let entries = match &instance.network {
        _ if !instance.has_host() => None,
        Network::Classic(place) => classic(model, instance, place),
        Network::Vpc(place) => in_vpc(model, instance, place),
    };
    entries.unwrap_or_default()
}

fn classic(model: &Model, instance: &Instance, place: &ClassicPlace) -> Option<Vec<Entry>> {
    let classic = model.platform.classic_network(&instance.scope.region)?;
    let private = place.private?;
    let linked = place.link.as_ref().and_then(|link| Some((link, model.vpcs.get(&link.vpc)?)));
    let table = linked.map_or(classic, |(_, vpc)| vpc.number);

    let (vrf, port, attachment) = (VrfId(classic), PortId(instance.port), AttachmentId(place.attachment));
    let public = place.public.as_ref().map(|public| public.address);
    let on_port = plug(instance, port, 0).with(vec![private.into()], TableId(table), CLASSIC_ROUTER);
    let mut entries = vec![Entry::Port(port, on_port)];
    entries.extend(impaired(model, port, instance.tags.get(IMPAIR_TAG)));
    entries.push(Entry::Attachment(
        attachment,
        Attachment {
            public: public.map(|public| (private, public)).into_iter().collect(),
            ..attached_to(model, port, vrf, vec![private], &place.groups)
        },
    ));
    entries.extend(platform::clients(port, [private]));
    entries.push(Entry::Address(vrf, private, Endpoint::Own(attachment)));
    let endpoint = Endpoint::Public(attachment, private);
    entries.extend(public.map(|public| Entry::Address(THE_INTERNET, public, endpoint)));
    if let Some((link, vpc)) = linked {
        let attachment = AttachmentId(link.attachment);
        let into = attached_to(model, port, VrfId(vpc.number), vec![private], &link.groups);
        entries.push(Entry::Attachment(attachment, into));
        let seen_by = std::iter::once(vpc).chain(seeing_peers(model, &vpc.id));
        entries.extend(seen_by.map(|vpc| Entry::Address(VrfId(vpc.links_number), private, Endpoint::Own(attachment))));
    }
    Some(entries)
}

/// The peer VPCs whose instances reach the instances linked to this VPC. Both owners must have enabled it (M28).
fn seeing_peers<'a>(model: &'a Model, vpc: &'a str) -> impl Iterator<Item = &'a Vpc> {
    model.active_peerings(vpc).filter_map(move |peering| {
        let (own, peer) = (peering.side_of(vpc)?, peering.peer_of(vpc)?);
        let open = own.options.links_to_peer && peer.options.vpc_to_peer_links;
        model.vpcs.get(&peer.vpc).filter(|_| open)
    })
}

/// The entries of an instance in a VPC: every network interface is a port and an attachment.
fn in_vpc(model: &Model, instance: &Instance, place: &VpcPlace) -> Option<Vec<Entry>> {
    let vpc = VrfId(model.vpcs.number(&place.vpc)?);
    let interfaces = place.interfaces.iter().filter_map(|id| model.network_interfaces.get(id));
    Some(interfaces.filter_map(|eni| interface(model, instance, vpc, eni)).flatten().collect())
}

fn interface(model: &Model, instance: &Instance, vrf: VrfId, interface: &NetworkInterface) -> Option<Vec<Entry>> {
    let attached = interface.attachment.as_ref()?;
    let plug = plug(instance, PortId(attached.port), attached.device_index);
    let clients = platform::clients(plug.port, interface.addresses.iter().copied());
    let mut entries = plugged(model, plug, vrf, interface)?;
    entries.extend(clients);
    entries.extend(impaired(model, plug.port, instance.tags.get(IMPAIR_TAG)));
    Some(entries)
}

/// The impairments of a port, from their textual form: those of all its packets, and those of the paths to some peers.
pub(super) fn impaired(model: &Model, port: PortId, text: Option<&String>) -> Vec<Entry> {
    let impairments = impairments_of(text);
    let all = Some(impairments.all).filter(|all| *all != Impairments::default());
    let mut entries: Vec<Entry> = all.map(|all| Entry::Impairments(port, all)).into_iter().collect();
    for (peer, of_path) in impairments.paths {
        let peers = match peer {
            PathEnd::Net(net) => vec![FarEnd::Net(net)],
            PathEnd::Host(host) => model.ports_of(&host).into_iter().map(|port| FarEnd::Port(PortId(port))).collect(),
        };
        entries.extend(peers.into_iter().map(|peer| Entry::Path(port, peer, of_path)));
    }
    entries
}

/// The entries of a network interface that a host has.
pub(super) fn plugged(model: &Model, plug: Plug<'_>, vrf: VrfId, interface: &NetworkInterface) -> Option<Vec<Entry>> {
    let subnet = model.subnets.get(&interface.subnet)?;
    let (port, attachment) = (plug.port, AttachmentId(interface.number));
    let length = subnet.cidr.map_or(32, |cidr| cidr.prefix_len());
    let inside = |address: &Ipv4Addr| Ipv4Net::new(*address, length).ok();
    let addresses = interface.addresses.iter().filter_map(inside).collect();
    let on_port = plug.with(addresses, TableId(subnet.number), subnet.router());
    let attached = Attachment {
        public: edges::translated(model, interface),
        segment: Some(SegmentId(subnet.number)),
        source_check: interface.source_dest_check,
        accounted: model.flow_logs_of(interface).next().is_some(),
        ..attached_to(model, port, vrf, interface.all_addresses(), &interface.groups)
    };
    let own = interface.all_addresses().into_iter();
    let own = own.map(|own| Entry::Address(vrf, own, Endpoint::Own(attachment)));
    let entries = [Entry::Port(port, on_port), Entry::Attachment(attachment, attached)].into_iter();
    Some(entries.chain(own).chain(edges::endpoints(model, interface)).collect())
}

/// The properties of a port that do not depend on its network.
#[derive(Clone, Copy)]
pub(super) struct Plug<'a> {
    pub host: &'a str,
    pub interface: u16,
    pub port: PortId,
    pub boot: u32,
    pub kind: PortKind,
    pub mtu: u16,
}

impl Plug<'_> {
    /// The port with these addresses and routes.
    pub fn with(&self, addresses: Vec<Ipv4Net>, table: TableId, router: Ipv4Addr) -> Port {
        let Plug { host, interface, boot, kind, mtu, .. } = *self;
        Port { host: host.to_owned(), interface, boot, kind, mtu, addresses, table, router }
    }
}

fn plug(instance: &Instance, port: PortId, interface: u16) -> Plug<'_> {
    let kind = if instance.has_plain_port() { PortKind::Plain } else { PortKind::Offload };
    Plug { host: &instance.id, interface, port, boot: instance.reboots, kind, mtu: instance.mtu() }
}

/// An attachment without a public address and outside all subnets.
pub(super) fn attached_to(
    model: &Model,
    port: PortId,
    vrf: VrfId,
    addresses: Vec<Ipv4Addr>,
    groups: &[String],
) -> Attachment {
    let (filters, groups) = membership(model, groups);
    Attachment {
        port,
        vrf,
        addresses: addresses.into(),
        public: Vec::new(),
        filters,
        groups,
        segment: None,
        source_check: true,
        accounted: false,
    }
}
