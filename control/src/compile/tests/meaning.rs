//! The compiled tables do what the documents say. The expectation is computed in another way: by looking at the cloud
//! for each packet (semantics.md §4.4, §5.3, §5.4, §6). Covers first packets between instances, and to hosts on the
//! Internet.

use super::{BEGINNING, events, happen};
use crate::api::{Call, Request};
use crate::compile::Compiler;
use dataplane::environment::Environment;
use dataplane::pipeline::Engine;
use dataplane::policy::Snapshot;
use ipnet::{IpNet, Ipv4Net};
use model::{
    CLASSIC_RANGE, Destination, Host, HostPlace, Instance, Model, Network, NetworkInterface, RouteTable, RulePeer,
    Target, Time, Traffic, TransitGatewayAttachment, TransitGatewayRouteTable, TransitPeeringState, Vpc,
};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use wire::{FiveTuple, ICMP, MOST_TABLES, PortId, Step, TCP, Update};

/// One end of a path: its host, its groups, and the subnet whose boundary it is behind.
#[derive(Clone, Debug)]
struct End<'a> {
    host: &'a str,
    groups: &'a [String],
    subnet: Option<&'a str>,
    /// Whether it filters. A host on the Internet does not.
    filters: bool,
    /// The index of the host's interface.
    interface: u16,
    /// Whether the packet is for another host, so that group rules do not match.
    forwards: bool,
    /// The own address behind the packet's public one.
    own: Option<Ipv4Addr>,
}

/// The host, its interface, and source and destination address.
type Arrived = (String, u16, [Ipv4Addr; 2]);

/// The sender: an instance, one of its interfaces if it is in a VPC, and one of its addresses.
#[derive(Clone, Copy, Debug)]
struct Sender<'a> {
    instance: &'a Instance,
    interface: Option<&'a NetworkInterface>,
    source: Ipv4Addr,
}

/// The receiver of a packet, if there is one: the host, its interface and the addresses. `Err` for kinds of targets
/// that are not covered here.
fn receiver(model: &Model, from: Sender<'_>, packet: FiveTuple) -> Result<Option<Arrived>, ()> {
    let Some((sender, receiver, translated)) = way(model, from, packet.destination)? else { return Ok(None) };
    let egress = allowed(model, &sender, true, packet, packet.destination, &receiver.groups_seen(translated));
    let seen = if translated { sender_public(from) } else { packet.source };
    let ingress = allowed(model, &receiver, false, packet, seen, &sender.groups_seen(translated));
    let crosses = sender.subnet != receiver.subnet || translated;
    let out = !crosses || passes(model, sender.subnet, true, packet, packet.destination);
    let into = !crosses || passes(model, receiver.subnet, false, packet, seen);
    let ends = [seen, receiver.own.unwrap_or(packet.destination)];
    Ok((egress && ingress && out && into).then(|| (receiver.host.to_owned(), receiver.interface, ends)))
}

impl<'a> End<'a> {
    /// Its groups as rules see them, which match own addresses only.
    fn groups_seen(&self, translated: bool) -> Vec<&'a String> {
        if translated || self.forwards { Vec::new() } else { self.groups.iter().collect() }
    }
}

type Way<'a> = Option<(End<'a>, End<'a>, bool)>;

fn way<'a>(model: &'a Model, from: Sender<'a>, to: Ipv4Addr) -> Result<Way<'a>, ()> {
    match &from.instance.network {
        Network::Classic(place) => {
            let own = classic_end(from.instance);
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
                let mut all =
                    model.instances.iter().filter(|i| i.is_on() && i.scope.region == from.instance.scope.region);
                let found = all.find(|i| i.classic().is_some_and(|place| place.private == Some(to)));
                return Ok(found.map(|found| (own, classic_end(found), false)));
            }
            Ok(on_internet(model, to).map(|end| (own, end, true)))
        }
        Network::Vpc(place) => {
            let vpc = model.vpcs.get(&place.vpc).unwrap();
            let interface = from.interface.unwrap();
            let own = member_end(model, interface).unwrap();
            let table = model.route_table_of(&interface.subnet).unwrap();
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
                Target::InternetGateway(_) if !interface.public.contains_key(&from.source) => Ok(None),
                Target::InternetGateway(_) => Ok(on_internet(model, to).map(|end| (own, end, true))),
                Target::NetworkInterface(id) => {
                    let target = model.network_interfaces.get(id).unwrap();
                    let forwards = !target.addresses.contains(&to);
                    let end = member_end(model, target).filter(|_| !(forwards && target.source_dest_check));
                    Ok(end.map(|end| (own, End { forwards, ..end }, false)))
                }
                Target::TransitGateway(id) => across(model, (id, vpc, &interface.subnet), own, to),
                _ => Err(()),
            }
        }
    }
}

/// Through a transit gateway, by its table and by that of the VPC behind it. Group rules do not match across it.
fn across<'a>(
    model: &'a Model,
    (gateway, vpc, subnet): (&str, &Vpc, &str),
    own: End<'a>,
    to: Ipv4Addr,
) -> Result<Way<'a>, ()> {
    let zone = |subnet: &str| model.subnets.get(subnet).map(|subnet| subnet.zone.clone());
    let mut attachments = model.transit_attachments.iter().filter(|row| row.gateway == gateway && row.vpc == vpc.id);
    let takes = attachments.next().filter(|row| row.subnets.iter().any(|at| zone(&at.subnet) == zone(subnet)));
    let table = takes.and_then(|row| model.transit_route_tables.get(row.association.as_ref()?));
    let Some(table) = table else { return Ok(None) };
    let there = match through_gateways(model, table, to, MOST_TABLES - 1) {
        Some(Through::Vpc(there)) => there,
        Some(Through::Site(site)) => {
            let is_there = |host: &&Host| host.address == to && host.place == HostPlace::Site(site.to_owned());
            let end = model.hosts.iter().find(is_there).map(|host| End { forwards: true, ..outside_end(host) });
            return Ok(end.map(|end| (End { forwards: true, ..own }, end, false)));
        }
        None => return Ok(None),
    };
    let (vpc, table) = (model.vpcs.get(&there.vpc).unwrap(), model.route_table_of(&there.subnets[0].subnet).unwrap());
    if table.routes.iter().any(|route| matches!(route.destination, Destination::PrefixList(_))) {
        return Err(());
    }
    match longest(table, to) {
        Some((destination, Target::Local)) if *destination != Destination::V4(CLASSIC_RANGE) => {
            let end = member(model, vpc, to);
            Ok(end.map(|end| (End { forwards: true, ..own }, End { forwards: true, ..end }, false)))
        }
        Some((_, Target::NetworkInterface(_) | Target::NatGateway(_))) => Err(()),
        _ => Ok(None),
    }
}

/// Where transit gateways hand a packet over.
enum Through<'a> {
    Vpc(&'a TransitGatewayAttachment),
    Site(&'a str),
}

/// Through one gateway's table and those of its peers.
fn through_gateways<'a>(
    model: &'a Model,
    table: &'a TransitGatewayRouteTable,
    to: Ipv4Addr,
    left: usize,
) -> Option<Through<'a>> {
    let routes = model.transit_routes(table).into_iter().filter(|route| route.destination.contains(&IpAddr::V4(to)));
    let id = routes.max_by_key(|route| route.destination.prefix_len())?.attachment?;
    if let Some(attachment) = model.transit_attachments.get(&id) {
        return (left > 0).then_some(Through::Vpc(attachment));
    }
    if let Some(attachment) = model.transit_vpns.get(&id) {
        let site = &model.vpn_connections.get(&attachment.connection)?.customer_gateway;
        return Some(Through::Site(site));
    }
    let peering = model.transit_peerings.get(&id).filter(|peering| peering.state == TransitPeeringState::Available)?;
    let there = match peering.gateway == table.gateway {
        true => &peering.peer_association,
        false => &peering.association,
    };
    let next = model.transit_route_tables.get(there.as_ref()?)?;
    if left > 0 { through_gateways(model, next, to, left - 1) } else { None }
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

/// The peer that the main table leads an address to, if its owner admits linked instances (M29).
fn open_peer<'a>(model: &'a Model, vpc: &Vpc, to: Ipv4Addr) -> Option<&'a Vpc> {
    let (_, target) = longest(model.main_route_table(&vpc.id)?, to)?;
    let Target::VpcPeeringConnection(id) = target else { return None };
    let peering = model.peerings.get(id).filter(|peering| peering.is_active())?;
    let open = peering.side_of(&vpc.id)?.options.links_to_peer;
    model.vpcs.get(&peering.peer_of(&vpc.id)?.vpc).filter(|_| open)
}

fn classic_end(instance: &Instance) -> End<'_> {
    let place = instance.classic().unwrap();
    End {
        host: &instance.id,
        groups: &place.groups,
        subnet: None,
        filters: true,
        interface: 0,
        forwards: false,
        own: None,
    }
}

fn member_end<'a>(model: &'a Model, interface: &'a NetworkInterface) -> Option<End<'a>> {
    let instance = model.instances.get(interface.instance()?).filter(|instance| instance.is_on())?;
    let subnet = Some(interface.subnet.as_str());
    let interface_index = interface.attachment.as_ref()?.device_index;
    let groups = &interface.groups;
    Some(End {
        host: &instance.id,
        groups,
        subnet,
        filters: true,
        interface: interface_index,
        forwards: false,
        own: None,
    })
}

/// The running instance of a VPC with an address.
fn member<'a>(model: &'a Model, vpc: &Vpc, address: Ipv4Addr) -> Option<End<'a>> {
    let mut here = model.network_interfaces.iter().filter(|interface| interface.vpc == vpc.id);
    member_end(model, here.find(|interface| interface.addresses.contains(&address))?)
}

/// The instance with an address in a VPC's 10.0.0.0/8: linked to it, or to a peer if both owners admit that (M28).
fn linked<'a>(model: &'a Model, vpc: &Vpc, address: Ipv4Addr) -> Option<End<'a>> {
    let found = model.instances.iter().find(|instance| {
        let place = instance.classic().filter(|place| instance.is_on() && place.private == Some(address));
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

/// The owner of a public address.
fn on_internet(model: &Model, address: Ipv4Addr) -> Option<End<'_>> {
    if let Some(host) = model.hosts.iter().find(|host| host.address == address && host.place == HostPlace::Internet) {
        return Some(outside_end(host));
    }
    let classic = model.instances.iter().filter(|instance| instance.is_on()).find(|instance| {
        instance.classic().and_then(|place| place.public.as_ref()).is_some_and(|public| public.address == address)
    });
    if let Some(instance) = classic {
        return Some(End { own: instance.classic()?.private, ..classic_end(instance) });
    }
    let attached = |interface: &&NetworkInterface| model.internet_gateway_of(&interface.vpc).is_some();
    model.network_interfaces.iter().filter(attached).find_map(|interface| {
        let (own, _) = interface.public.iter().find(|(_, public)| public.address == address)?;
        Some(End { own: Some(*own), ..member_end(model, interface)? })
    })
}

/// A host outside the cloud.
fn outside_end(host: &Host) -> End<'_> {
    let (groups, subnet, own) = (&[], None, None);
    End { host: &host.name, groups, subnet, filters: false, interface: 0, forwards: false, own }
}

fn sender_public(from: Sender<'_>) -> Ipv4Addr {
    let public = match from.interface {
        None => from.instance.classic().unwrap().public.as_ref(),
        Some(interface) => interface.public.get(&from.source),
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

/// Every address that has an owner or a meaning.
fn addresses(model: &Model) -> Vec<Ipv4Addr> {
    let classic = model.instances.iter().filter_map(Instance::classic);
    let classic = classic.flat_map(|place| place.private.into_iter().chain(place.public.as_ref().map(|p| p.address)));
    let interfaces = model.network_interfaces.iter();
    let interfaces = interfaces.flat_map(|i| i.addresses.iter().copied().chain(i.public.values().map(|p| p.address)));
    let others =
        [[10, 99, 1, 1], [8, 8, 8, 8], [172, 16, 0, 23], [192, 168, 77, 7], [198, 51, 100, 9], [198, 51, 101, 9]];
    let others = others.map(Ipv4Addr::from);
    classic.chain(interfaces).chain(model.hosts.iter().map(|host| host.address)).chain(others).collect()
}

/// Every sender, with each of its addresses and its port.
fn senders(model: &Model) -> Vec<(Sender<'_>, PortId)> {
    let mut all = Vec::new();
    for instance in model.instances.iter().filter(|instance| instance.is_on()) {
        if let Some(place) = instance.classic() {
            let source = place.private.unwrap();
            all.push((Sender { instance, interface: None, source }, PortId(instance.port)));
        }
        for interface in instance.vpc().iter().flat_map(|place| &place.interfaces) {
            let interface = model.network_interfaces.get(interface).unwrap();
            let port = PortId(interface.attachment.as_ref().unwrap().port);
            let sender = |source| Sender { instance, interface: Some(interface), source };
            all.extend(interface.addresses.iter().map(|source| (sender(*source), port)));
        }
    }
    all
}

fn check(model: &Model) -> Result<usize, TestCaseError> {
    let whole = Update { version: 1, whole: true, changes: Compiler::whole(model).1.whole() };
    let engine = Engine::new(1, Environment::fixed()).unwrap();
    engine.publish(Arc::new(Snapshot::empty().apply(&whole).unwrap()));
    let mut arrived = 0;
    for (from, port) in senders(model) {
        for destination in addresses(model) {
            for (protocol, source_port, destination_port) in [(TCP, 40_000, 80), (TCP, 40_000, 250), (ICMP, 1, 8 << 8)]
            {
                let source = from.source;
                let packet = FiveTuple { source, destination, protocol, source_port, destination_port };
                let Ok(expected) = receiver(model, from, packet) else { continue };
                let explanation = engine.explain(port, packet);
                let delivered = explanation.there.iter().fold(packet, |packet, step| match step {
                    Step::Translated { packet } => *packet,
                    _ => packet,
                });
                let actual = explanation.there.iter().find_map(|step| {
                    let Step::Delivered { port, .. } = step else { return None };
                    let ends = [delivered.source, delivered.destination];
                    engine.snapshot().port(*port).map(|port| (port.host.clone(), port.interface, ends))
                });
                prop_assert_eq!(&expected, &actual, "{} from {:?}: {:?}", packet, from, explanation.there);
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
fn some_packets_of_the_first_cloud_arrive() {
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

/// Makes a call of the API, and returns the first id of that kind in the answer.
fn ask(model: &mut Model, form: &str, kind: &str) -> String {
    let reply = Request::parse(&Call { path: "/", form, ..Call::default() }, Time(1))
        .unwrap()
        .write(model)
        .unwrap_or_else(|error| panic!("{form}: {error}"));
    model.finish_hosts();
    let is_id = |text: &&str| text.strip_prefix(kind).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    let mut ids = reply.body.split(['<', '>']).filter(is_id);
    ids.next().unwrap_or_default().to_owned()
}

#[test]
fn interfaces_of_one_instance_are_told_apart() {
    let mut model = Model::new(1);
    BEGINNING.iter().for_each(|event| _ = happen(&mut model, *event));
    let beginning = check(&model).unwrap();
    let model = &mut model;
    let vpc = ask(model, "Action=CreateVpc&CidrBlock=172.30.0.0/16", "vpc-");
    let subnet = |model: &mut Model, third: u8| {
        ask(model, &format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=172.30.{third}.0/28"), "subnet-")
    };
    let (one, other) = (subnet(model, 1), subnet(model, 2));
    let gateway = ask(model, "Action=CreateInternetGateway", "igw-");
    ask(model, &format!("Action=AttachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}"), "");
    let table = model.main_route_table(&vpc).unwrap().id.clone();
    ask(
        model,
        &format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&GatewayId={gateway}"),
        "",
    );
    // Port 80 is open on eth0, port 250 on eth1.
    let group = |model: &mut Model, port: u16| {
        let create = format!("Action=CreateSecurityGroup&VpcId={vpc}&GroupName=g{port}&GroupDescription=d");
        let id = ask(model, &create, "sg-");
        let rule = format!("IpPermissions.1.FromPort={port}&IpPermissions.1.ToPort={port}");
        let rule = format!("IpPermissions.1.IpProtocol=tcp&{rule}&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0");
        ask(model, &format!("Action=AuthorizeSecurityGroupIngress&GroupId={id}&{rule}"), "");
        id
    };
    let groups = [group(model, 80), group(model, 250)];
    let run = "Action=RunInstances&ImageId=ami-12345678&InstanceType=m3.large&MinCount=1&MaxCount=2";
    let interface = |n: usize, subnet: &str| {
        let spec = format!("&NetworkInterface.{n}.DeviceIndex={}&NetworkInterface.{n}.SubnetId={subnet}", n - 1);
        let more = format!("NetworkInterface.{n}.SecondaryPrivateIpAddressCount=1");
        format!("{spec}&NetworkInterface.{n}.SecurityGroupId.1={}&{more}", groups[n - 1])
    };
    ask(model, &format!("{run}{}{}", interface(1, &one), interface(2, &other)), "");
    // The second address of either interface of one instance has a public address; the first has none.
    let instance = model.instances.iter().find(|i| i.vpc().is_some_and(|place| place.vpc == vpc)).unwrap();
    let mine: Vec<_> = instance.vpc().unwrap().interfaces.clone();
    for id in &mine {
        let allocation = ask(model, "Action=AllocateAddress&Domain=vpc", "eipalloc-");
        let private = model.network_interfaces.get(id).unwrap().addresses[1];
        let to = format!("NetworkInterfaceId={id}&PrivateIpAddress={private}");
        ask(model, &format!("Action=AssociateAddress&AllocationId={allocation}&{to}"), "");
    }
    // Through the same instance as a router: by eth1, which forwards, and by eth0, which checks the destination.
    for (third, index) in [(100, 0), (101, 1)] {
        let to = format!("DestinationCidrBlock=198.51.{third}.0/24&NetworkInterfaceId={}", mine[index]);
        ask(model, &format!("Action=CreateRoute&RouteTableId={table}&{to}"), "");
    }
    let unchecked = format!("NetworkInterfaceId={}&SourceDestCheck.Value=false", mine[1]);
    ask(model, &format!("Action=ModifyNetworkInterfaceAttribute&{unchecked}"), "");
    assert!(check(model).unwrap() > beginning + 20);
}
