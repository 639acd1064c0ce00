//! What the compiled tables do is what the document says, told here a second time and in another way: by looking at the cloud
//! itself for each packet (semantics.md §4.4, §5.3, §5.4, §6). First packets between instances, and to Internet hosts.

use super::{BEGINNING, events, happen};
use crate::compile::Compiler;
use crate::model::{
    CLASSIC_RANGE, Destination, Instance, Model, Network, NetworkInterface, RouteTable, RulePeer, Target, Traffic, Vpc,
};
use dataplane::packet::{FiveTuple, ICMP, TCP};
use dataplane::pipeline::{Engine, Step};
use dataplane::policy::{PortId, Snapshot};
use dataplane::wire::Update;
use ipnet::{IpNet, Ipv4Net};
use proptest::prelude::*;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// One end of a way: whose it is, under which groups, behind which subnet's boundary.
#[derive(Clone, Debug)]
struct End<'a> {
    host: &'a str,
    groups: &'a [String],
    subnet: Option<&'a str>,
    /// An Internet host filters nothing.
    filters: bool,
}

/// Who gets a packet: the host, if anybody. `Err` where it goes by a kind of target that is not judged here.
fn receiver(model: &Model, from: &Instance, packet: FiveTuple) -> Result<Option<String>, ()> {
    let Some((sender, receiver, translated)) = way(model, from, packet.destination)? else { return Ok(None) };
    let egress = allowed(model, &sender, true, packet, packet.destination, &receiver.groups_seen(translated));
    let seen = if translated { sender_public(model, from) } else { packet.source };
    let ingress = allowed(model, &receiver, false, packet, seen, &sender.groups_seen(translated));
    let crosses = sender.subnet != receiver.subnet || translated;
    let out = !crosses || passes(model, sender.subnet, true, packet, packet.destination);
    let into = !crosses || passes(model, receiver.subnet, false, packet, seen);
    Ok((egress && ingress && out && into).then(|| receiver.host.to_owned()))
}

impl<'a> End<'a> {
    /// Its groups, which stand for own addresses only.
    fn groups_seen(&self, translated: bool) -> Vec<&'a String> {
        if translated { Vec::new() } else { self.groups.iter().collect() }
    }
}

type Way<'a> = Option<(End<'a>, End<'a>, bool)>;

fn way<'a>(model: &'a Model, from: &'a Instance, to: Ipv4Addr) -> Result<Way<'a>, ()> {
    match &from.network {
        Network::Classic(place) => {
            let own = classic_end(from);
            if to == Ipv4Addr::new(172, 16, 0, 23) {
                return Ok(None);
            }
            if let Some(link) = &place.link {
                let vpc = model.vpcs.get(&link.vpc).unwrap();
                let linked = End { groups: &link.groups, ..own.clone() };
                if vpc.blocks().any(|block| block.contains(&to)) {
                    return Ok(member(model, vpc, to).map(|end| (linked, end, false)));
                }
                if let Some(peer) = open_peer(model, vpc, to) {
                    return Ok(member(model, peer, to).map(|end| (linked, end, false)));
                }
            }
            if CLASSIC_RANGE.contains(&to) {
                let mut all = model.instances.iter().filter(|i| i.is_running() && i.scope.region == from.scope.region);
                let found = all.find(|i| i.classic().is_some_and(|place| place.private == Some(to)));
                return Ok(found.map(|found| (own, classic_end(found), false)));
            }
            Ok(on_internet(model, to).map(|end| (own, end, true)))
        }
        Network::Vpc(place) => {
            let vpc = model.vpcs.get(&place.vpc).unwrap();
            let own = member_end(model, primary(model, from)).unwrap();
            let table = model.route_table_of(&place.subnet).unwrap();
            let of_service = table.routes.iter().any(|route| match &route.destination {
                Destination::PrefixList(id) => {
                    model.prefix_list(&vpc.scope.region, id).iter().any(|net: &Ipv4Net| net.contains(&to))
                }
                _ => false,
            });
            if of_service {
                return Err(());
            }
            let Some(route) = longest(table, to) else { return Ok(None) };
            if !active(model, vpc, table, route.1) {
                return Ok(None);
            }
            match route.1 {
                Target::Local if *route.0 == Destination::V4(CLASSIC_RANGE) => {
                    Ok(linked(model, vpc, to).map(|end| (own, end, false)))
                }
                Target::Local => Ok(member(model, vpc, to).map(|end| (own, end, false))),
                Target::VpcPeeringConnection(id) => {
                    let peer = model.peerings.get(id).and_then(|peering| peering.peer_of(&vpc.id)).unwrap();
                    let peer = model.vpcs.get(&peer.vpc).unwrap();
                    Ok(member(model, peer, to).map(|end| (own, end, false)))
                }
                Target::InternetGateway(_) if primary(model, from).public.is_none() => Ok(None),
                Target::InternetGateway(_) => Ok(on_internet(model, to).map(|end| (own, end, true))),
                _ => Err(()),
            }
        }
    }
}

fn active(model: &Model, vpc: &Vpc, table: &RouteTable, target: &Target) -> bool {
    match target {
        Target::InternetGateway(id) => model.internet_gateways.get(id).is_some_and(|g| g.vpc.as_ref() == Some(&vpc.id)),
        Target::VpcPeeringConnection(id) => model.peerings.get(id).is_some_and(|peering| peering.is_active()),
        other => table.routes.iter().filter(|r| r.target == *other).any(|r| model.route_is_active(table, r)),
    }
}

fn longest(table: &RouteTable, to: Ipv4Addr) -> Option<(&Destination, &Target)> {
    let around = table.effective_routes().filter_map(|route| match &route.destination {
        Destination::V4(net) if net.contains(&to) => Some((net.prefix_len(), route)),
        _ => None,
    });
    around.max_by_key(|(length, _)| *length).map(|(_, route)| (&route.destination, &route.target))
}

/// The peer that the main table leads an address to, if its owner lets what is linked go there (M29).
fn open_peer<'a>(model: &'a Model, vpc: &Vpc, to: Ipv4Addr) -> Option<&'a Vpc> {
    let (_, target) = longest(model.main_route_table(&vpc.id)?, to)?;
    let Target::VpcPeeringConnection(id) = target else { return None };
    let peering = model.peerings.get(id).filter(|peering| peering.is_active())?;
    let open = peering.side_of(&vpc.id)?.options.links_to_peer;
    model.vpcs.get(&peering.peer_of(&vpc.id)?.vpc).filter(|_| open)
}

fn classic_end(instance: &Instance) -> End<'_> {
    let place = instance.classic().unwrap();
    End { host: &instance.id, groups: &place.groups, subnet: None, filters: true }
}

fn primary<'a>(model: &'a Model, instance: &Instance) -> &'a NetworkInterface {
    model.network_interfaces.get(&instance.vpc().unwrap().interfaces[0]).unwrap()
}

fn member_end<'a>(model: &'a Model, interface: &'a NetworkInterface) -> Option<End<'a>> {
    let instance = model.instances.get(interface.instance()?).filter(|instance| instance.is_running())?;
    let subnet = Some(interface.subnet.as_str());
    Some(End { host: &instance.id, groups: &interface.groups, subnet, filters: true })
}

/// A running instance of a VPC.
fn member<'a>(model: &'a Model, vpc: &Vpc, address: Ipv4Addr) -> Option<End<'a>> {
    let mut here = model.network_interfaces.iter().filter(|interface| interface.vpc == vpc.id);
    member_end(model, here.find(|interface| interface.addresses.contains(&address))?)
}

/// What 10.0.0.0/8 holds for a VPC: its own links, and those of a peer when both owners let them (M28).
fn linked<'a>(model: &'a Model, vpc: &Vpc, address: Ipv4Addr) -> Option<End<'a>> {
    let found = model.instances.iter().find(|instance| {
        let place = instance.classic().filter(|place| instance.is_running() && place.private == Some(address));
        let Some(link) = place.and_then(|place| place.link.as_ref()) else { return false };
        link.vpc == vpc.id
            || model.peerings.iter().filter(|peering| peering.is_active()).any(|peering| {
                let (Some(own), Some(peer)) = (peering.side_of(&vpc.id), peering.peer_of(&vpc.id)) else {
                    return false;
                };
                peer.vpc == link.vpc && own.options.vpc_to_peer_links && peer.options.links_to_peer
            })
    })?;
    Some(End { groups: &found.link()?.groups, ..classic_end(found) })
}

/// Who has a public address.
fn on_internet(model: &Model, address: Ipv4Addr) -> Option<End<'_>> {
    if let Some(host) =
        model.hosts.iter().find(|host| host.address == address && host.place == crate::model::HostPlace::Internet)
    {
        return Some(End { host: &host.name, groups: &[], subnet: None, filters: false });
    }
    let classic = model.instances.iter().filter(|instance| instance.is_running()).find(|instance| {
        instance.classic().and_then(|place| place.public.as_ref()).is_some_and(|public| public.address == address)
    });
    let interface = model.network_interfaces.iter().find(|interface| {
        let attached = model.internet_gateway_of(&interface.vpc).is_some();
        attached && interface.public.as_ref().is_some_and(|public| public.address == address)
    });
    classic.map(classic_end).or_else(|| member_end(model, interface?))
}

fn sender_public(model: &Model, from: &Instance) -> Ipv4Addr {
    let public = match from.classic() {
        Some(place) => place.public.as_ref(),
        None => primary(model, from).public.as_ref(),
    };
    public.unwrap().address
}

fn allowed(model: &Model, end: &End<'_>, egress: bool, packet: FiveTuple, other: Ipv4Addr, groups: &[&String]) -> bool {
    let groups_of_end = end.groups.iter().filter_map(|id| model.security_groups.get(id));
    !end.filters
        || groups_of_end.into_iter().any(|group| {
            let classic_egress = egress && group.vpc.is_none();
            classic_egress
                || group.rules.iter().any(|rule| {
                    let peer = match &rule.peer {
                        RulePeer::V4(net) => net.contains(&other),
                        RulePeer::Group { id, .. } => groups.contains(&id),
                        RulePeer::PrefixList(id) => {
                            model.prefix_list(&group.scope.region, id).iter().any(|net: &Ipv4Net| net.contains(&other))
                        }
                        RulePeer::V6(_) => false,
                    };
                    rule.egress == egress && covers(rule.traffic, packet) && peer
                })
        })
}

fn passes(model: &Model, subnet: Option<&str>, egress: bool, packet: FiveTuple, other: Ipv4Addr) -> bool {
    let Some(acl) = subnet.and_then(|subnet| model.acl_of_subnet(subnet)) else { return true };
    let fits = |net: &IpNet| matches!(net, IpNet::V4(net) if net.contains(&other));
    let entries = acl.entries.iter().filter(|e| e.egress == egress && covers(e.traffic, packet) && fits(&e.net));
    entries.min_by_key(|entry| entry.number).is_some_and(|entry| entry.allow)
}

fn covers(traffic: Traffic, packet: FiveTuple) -> bool {
    match traffic {
        Traffic::All => true,
        Traffic::Tcp(from, to) => packet.protocol == TCP && (from..=to).contains(&packet.destination_port),
        Traffic::Icmp(kind, _) => packet.protocol == ICMP && kind.is_none_or(|kind| kind == 8),
        Traffic::Udp(..) | Traffic::Icmpv6(..) | Traffic::Other(_) => false,
    }
}

/// Every address that somebody has, or that means something.
fn addresses(model: &Model) -> Vec<Ipv4Addr> {
    let classic = model.instances.iter().filter_map(Instance::classic);
    let classic = classic.flat_map(|place| place.private.into_iter().chain(place.public.as_ref().map(|p| p.address)));
    let interfaces = model.network_interfaces.iter();
    let interfaces = interfaces.flat_map(|i| i.addresses.iter().copied().chain(i.public.as_ref().map(|p| p.address)));
    let others = [[10, 99, 1, 1], [8, 8, 8, 8], [172, 16, 0, 23], [192, 168, 77, 7]].map(Ipv4Addr::from);
    classic.chain(interfaces).chain(model.hosts.iter().map(|host| host.address)).chain(others).collect()
}

fn check(model: &Model) -> Result<usize, TestCaseError> {
    let whole = Update { version: 1, whole: true, changes: Compiler::whole(model).1.whole() };
    let engine = Engine::new(1).unwrap();
    engine.publish(Arc::new(Snapshot::empty().apply(&whole).unwrap()));
    let mut arrived = 0;
    for from in model.instances.iter().filter(|instance| instance.is_running()) {
        let source = match from.classic() {
            Some(place) => place.private.unwrap(),
            None if from.vpc().unwrap().interfaces.len() > 1 => continue,
            None => primary(model, from).address(),
        };
        for destination in addresses(model) {
            for (protocol, source_port, destination_port) in [(TCP, 40_000, 80), (TCP, 40_000, 250), (ICMP, 1, 8 << 8)]
            {
                let packet = FiveTuple { source, destination, protocol, source_port, destination_port };
                let Ok(expected) = receiver(model, from, packet) else { continue };
                let explanation = engine.explain(PortId(from.port), packet);
                let actual = explanation.there.iter().find_map(|step| match step {
                    Step::Delivered { port, .. } => engine.snapshot().port(*port).map(|port| port.host.clone()),
                    _ => None,
                });
                prop_assert_eq!(&expected, &actual, "{} from {}: {:?}", packet, from.id, explanation.there);
                arrived += usize::from(actual.is_some());
            }
        }
    }
    Ok(arrived)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn packets_go_where_the_document_says(events in events(120)) {
        let mut model = Model::new(1);
        for event in BEGINNING.iter().copied().chain(events) {
            happen(&mut model, event);
            model.take_changes();
        }
        check(&model)?;
    }
}

#[test]
fn the_beginning_has_packets_that_arrive() {
    let mut model = Model::new(1);
    for event in BEGINNING {
        happen(&mut model, *event);
        model.take_changes();
    }
    let linked = model.instances.iter().find(|instance| instance.link().is_some()).unwrap();
    let peer = model.peerings.iter().find(|peering| peering.is_active()).unwrap();
    let vpc = &linked.link().unwrap().vpc;
    assert!(model.instances.iter().any(|i| i.vpc().is_some_and(|place| place.vpc == peer.peer_of(vpc).unwrap().vpc)));
    assert!(check(&model).unwrap() > 50);
}
