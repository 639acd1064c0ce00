//! Hosts of services: a port each, with an attachment in a subnet or in EC2-Classic. They do not use the platform's
//! services, so they have no attachment to them. They cannot be linked, so one in EC2-Classic has no address in any VPC
//! (M37).

use super::fabric::{CLASSIC_ROUTER, THE_INTERNET};
use super::instances::{self, Plug};
use super::rules::IMPLICIT;
use ipnet::Ipv4Net;
use model::services::{AccessGroup, Admitted, Thing};
use model::{ManagedHost, ManagedPlace, Model};
use wire::{
    Attachment, AttachmentId, Endpoint, Entry, Few, Filter, FilterId, GroupId, Peer, PortId, PortKind, Rule, TableId,
    Traffic, VrfId,
};

/// The MTU of their interfaces in bytes.
const MTU: u16 = 1500;

/// A host's entries. One that is not switched on has none.
pub(super) fn host(model: &Model, host: &ManagedHost) -> Vec<Entry> {
    let entries = if host.is_on() { on(model, host) } else { None };
    let impaired = instances::impaired(model, PortId(host.port), host.impairment.as_ref());
    entries.map_or(Vec::new(), |entries| entries.into_iter().chain(impaired).collect())
}

fn on(model: &Model, host: &ManagedHost) -> Option<Vec<Entry>> {
    let port = PortId(host.port);
    let plug = Plug { host: &host.id, interface: 0, port, boot: 0, kind: PortKind::Offload, mtu: MTU };
    match &host.place {
        ManagedPlace::Vpc { interface, .. } => {
            let interface = model.network_interfaces.get(interface)?;
            let vpc = VrfId(model.vpcs.number(&interface.vpc)?);
            let mut entries = instances::plugged(model, plug, vpc, interface)?;
            if let Some(group) = node_group(model, host) {
                join(&mut entries, FilterId(host.port), group);
            }
            Some(entries)
        }
        ManagedPlace::Classic { attachment, private, public, groups } => {
            let classic = model.platform.classic_network(&host.scope.region)?;
            let (vrf, private, attachment) = (VrfId(classic), *private, AttachmentId(*attachment));
            let port = plug.with(vec![private.into()], TableId(classic), CLASSIC_ROUTER);
            let mut attached = Attachment {
                public: public.map(|public| (private, public)).into_iter().collect(),
                ..instances::attached_to(model, plug.port, vrf, vec![private], groups)
            };
            let filter = own_filter(model, host, groups);
            if let Some((id, _)) = &filter {
                attached.filters = Some(Few::from_iter([*id]));
            }
            attached.groups.extend(node_group(model, host));
            let own = [
                Entry::Port(plug.port, port),
                Entry::Attachment(attachment, attached),
                Entry::Address(vrf, private, Endpoint::Own(attachment)),
            ];
            let endpoint = Endpoint::Public(attachment, private);
            let public = public.map(|public| Entry::Address(THE_INTERNET, public, endpoint));
            let filter = filter.map(|(id, filter)| Entry::Filter(id, filter));
            Some(own.into_iter().chain(public).chain(filter).collect())
        }
    }
}

/// The group of a cache's nodes. Its number is that of the first node's port.
fn node_group(model: &Model, host: &ManagedHost) -> Option<GroupId> {
    let cache = model.deployments.get(&host.owner.resource).filter(|row| row.thing == Thing::ReplicationGroup)?;
    let first = model.managed_hosts.get(cache.hosts.first()?)?;
    Some(GroupId(first.port))
}

/// Lets the nodes of a cache send each other anything, whatever their user's groups say.
fn among(group: GroupId) -> Rule {
    Rule { id: IMPLICIT, traffic: Traffic::Any, peer: Peer::Group(group) }
}

/// Puts a host in the group of its cache's nodes.
fn join(entries: &mut Vec<Entry>, filter: FilterId, group: GroupId) {
    for entry in entries.iter_mut() {
        if let Entry::Attachment(_, attachment) = entry {
            attachment.groups.push(group);
            attachment.filters.iter_mut().for_each(|filters| filters.push(filter));
        }
    }
    entries.push(Entry::Filter(filter, Filter { ingress: vec![among(group)], egress: vec![among(group)] }));
}

/// The filter of a host in a service's own groups. Its number is that of the host's port. The groups' rules admit
/// clients to the port of the host's program; everything may leave.
fn own_filter(model: &Model, host: &ManagedHost, groups: &[String]) -> Option<(FilterId, Filter)> {
    let own: Vec<&AccessGroup> = groups.iter().filter_map(|id| model.access_groups.get(id)).collect();
    let peer = |admitted: &Admitted| match admitted {
        Admitted::Range(range) => Some(Peer::Net(*range)),
        Admitted::Group { id, .. } => model.security_groups.number(id).map(|number| Peer::Group(GroupId(number))),
    };
    let port = host.program.port;
    let rule = |peer| Rule { id: IMPLICIT, traffic: Traffic::Tcp(port..=port), peer };
    let admitted = own.iter().flat_map(|group| &group.admitted).filter_map(peer).map(rule);
    let ingress = admitted.chain(node_group(model, host).map(among)).collect();
    let egress = vec![Rule { id: IMPLICIT, traffic: Traffic::Any, peer: Peer::Net(Ipv4Net::default()) }];
    (!own.is_empty()).then_some((FilterId(host.port), Filter { ingress, egress }))
}
