//! A small synchronous route-netlink client: only what hosts' interfaces need.

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage};
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use netlink_packet_route::route::{RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteProtocol};
use netlink_packet_route::route::{RouteScope, RouteType};
use netlink_packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use netlink_packet_route::tc::{TcAttribute, TcHandle, TcMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use std::io;
use std::net::IpAddr;
use wire::{Address, Prefix};

/// A route-netlink socket of the network namespace that the thread was in when it was opened.
pub struct Netlink {
    socket: Socket,
    sequence: u32,
}

/// An interface.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Its index.
    pub index: u32,
    /// Whether it is up.
    pub is_up: bool,
}

/// A route through an interface.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The routing table; `None` is the main one.
    pub table: Option<u32>,
    /// Its destination.
    pub destination: Prefix,
    /// The source address of packets that have none yet.
    pub source: Address,
    /// Its rank among routes to the same destination; the lowest wins. `None` is 0.
    pub metric: Option<u32>,
}

impl Netlink {
    /// Opens a socket in the thread's current namespace.
    pub fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        Ok(Self { socket, sequence: 0 })
    }

    /// The interface of this name, if it exists.
    pub fn link(&mut self, name: &str) -> io::Result<Option<Link>> {
        let mut message = LinkMessage::default();
        message.attributes.push(LinkAttribute::IfName(name.to_owned()));
        match self.request(RouteNetlinkMessage::GetLink(message), 0) {
            Ok(replies) => Ok(replies.into_iter().find_map(|reply| match reply {
                RouteNetlinkMessage::NewLink(link) => {
                    Some(Link { index: link.header.index, is_up: link.header.flags.contains(LinkFlags::Up) })
                }
                _ => None,
            })),
            Err(error) if error.raw_os_error() == Some(nix::errno::Errno::ENODEV as i32) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The names of all interfaces.
    pub fn link_names(&mut self) -> io::Result<Vec<String>> {
        let replies = self.request(RouteNetlinkMessage::GetLink(LinkMessage::default()), NLM_F_DUMP)?;
        let links = replies.into_iter().filter_map(|reply| match reply {
            RouteNetlinkMessage::NewLink(link) => Some(link),
            _ => None,
        });
        let name = |attribute| if let LinkAttribute::IfName(name) = attribute { Some(name) } else { None };
        Ok(links.filter_map(|link| link.attributes.into_iter().find_map(name)).collect())
    }

    /// Sets `noqueue` on an interface that is still down.
    pub fn set_no_queue(&mut self, index: u32) -> io::Result<()> {
        let mut message = TcMessage::with_index(index as i32);
        message.header.parent = TcHandle::ROOT;
        message.attributes.push(TcAttribute::Kind("noqueue".to_owned()));
        self.request(RouteNetlinkMessage::NewQueueDiscipline(message), NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE)
            .map(drop)
    }

    /// Sets an interface's MTU in bytes and its queue length in packets.
    pub fn set_sizes(&mut self, index: u32, mtu: u16, queue_length: u32) -> io::Result<()> {
        let mut message = LinkMessage::default();
        message.header.index = index;
        message.attributes = vec![LinkAttribute::Mtu(mtu.into()), LinkAttribute::TxQueueLen(queue_length)];
        self.request(RouteNetlinkMessage::SetLink(message), NLM_F_ACK).map(drop)
    }

    /// Brings an interface up.
    pub fn set_up(&mut self, index: u32) -> io::Result<()> {
        let mut message = LinkMessage::default();
        message.header.index = index;
        message.header.flags = LinkFlags::Up;
        message.header.change_mask = LinkFlags::Up;
        self.request(RouteNetlinkMessage::SetLink(message), NLM_F_ACK).map(drop)
    }

    /// Removes an interface.
    pub fn delete_link(&mut self, index: u32) -> io::Result<()> {
        let mut message = LinkMessage::default();
        message.header.index = index;
        self.request(RouteNetlinkMessage::DelLink(message), NLM_F_ACK).map(drop)
    }

    /// The IPv4 addresses of an interface, in the order they were added.
    pub fn addresses(&mut self, index: u32) -> io::Result<Vec<Prefix>> {
        let mut message = AddressMessage::default();
        message.header.family = AddressFamily::Inet;
        let replies = self.request(RouteNetlinkMessage::GetAddress(message), NLM_F_DUMP)?;
        let of_link = replies.into_iter().filter_map(|reply| match reply {
            RouteNetlinkMessage::NewAddress(address) if address.header.index == index => Some(address),
            _ => None,
        });
        Ok(of_link.filter_map(|address| local_address(&address)).collect())
    }

    /// Adds an address to an interface. With `routed` the kernel adds a route to its network in the main table.
    pub fn add_address(&mut self, index: u32, address: Prefix, routed: bool) -> io::Result<()> {
        let mut message = address_message(index, address);
        if !routed {
            message.attributes.push(AddressAttribute::Flags(AddressFlags::Noprefixroute));
        }
        let message = RouteNetlinkMessage::NewAddress(message);
        self.request(message, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE).map(drop)
    }

    /// Removes an address from an interface.
    pub fn delete_address(&mut self, index: u32, address: Prefix) -> io::Result<()> {
        self.request(RouteNetlinkMessage::DelAddress(address_message(index, address)), NLM_F_ACK).map(drop)
    }

    /// Adds a route, or replaces the one with the same destination and metric.
    pub fn set_route(&mut self, index: u32, route: Route) -> io::Result<()> {
        let mut message = RouteMessage::default();
        message.header.address_family = AddressFamily::Inet;
        message.header.destination_prefix_length = route.destination.prefix_len();
        message.header.protocol = RouteProtocol::Static;
        message.header.scope = RouteScope::Link;
        message.header.kind = RouteType::Unicast;
        let table = route.table.unwrap_or(RouteHeader::RT_TABLE_MAIN.into());
        message.attributes.push(RouteAttribute::Table(table));
        if route.destination.prefix_len() > 0 {
            message.attributes.push(RouteAttribute::Destination(RouteAddress::Inet(route.destination.network())));
        }
        message.attributes.push(RouteAttribute::Oif(index));
        message.attributes.push(RouteAttribute::PrefSource(RouteAddress::Inet(route.source)));
        message.attributes.extend(route.metric.map(RouteAttribute::Priority));
        self.request(RouteNetlinkMessage::NewRoute(message), NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE).map(drop)
    }

    /// The source addresses of the rules that lead to a routing table.
    pub fn sources_of_rules(&mut self, table: u32) -> io::Result<Vec<Address>> {
        let mut message = RuleMessage::default();
        message.header.family = AddressFamily::Inet;
        let replies = self.request(RouteNetlinkMessage::GetRule(message), NLM_F_DUMP)?;
        let rules = replies.into_iter().filter_map(|reply| match reply {
            RouteNetlinkMessage::NewRule(rule) => Some(rule),
            _ => None,
        });
        let there = rules.filter(|rule| rule.attributes.contains(&RuleAttribute::Table(table)));
        Ok(there.filter_map(|rule| rule.attributes.iter().find_map(source)).collect())
    }

    /// Adds a rule that leads packets from an address to a routing table. Its priority is the table's number.
    pub fn add_rule(&mut self, source: Address, table: u32) -> io::Result<()> {
        let message = RouteNetlinkMessage::NewRule(rule_message(source, table));
        self.request(message, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL).map(drop)
    }

    /// Removes such a rule.
    pub fn delete_rule(&mut self, source: Address, table: u32) -> io::Result<()> {
        self.request(RouteNetlinkMessage::DelRule(rule_message(source, table)), NLM_F_ACK).map(drop)
    }

    /// Sends one request and collects the answer: all messages up to the acknowledgement or the end of the dump, or the
    /// one message that answers a plain get.
    fn request(&mut self, message: RouteNetlinkMessage, flags: u16) -> io::Result<Vec<RouteNetlinkMessage>> {
        self.sequence += 1;
        let mut packet = NetlinkMessage::from(message);
        packet.header.flags = NLM_F_REQUEST | flags;
        packet.header.sequence_number = self.sequence;
        packet.finalize();
        let mut bytes = vec![0; packet.buffer_len()];
        packet.serialize(&mut bytes);
        self.socket.send(&bytes, 0)?;

        let many = flags & (NLM_F_ACK | NLM_F_DUMP) != 0;
        let mut answers = Vec::new();
        loop {
            let (datagram, _) = self.socket.recv_from_full()?;
            let mut rest = &datagram[..];
            while !rest.is_empty() {
                let reply = NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest).map_err(io::Error::other)?;
                let length = (reply.header.length as usize).next_multiple_of(4).clamp(1, rest.len());
                rest = &rest[length..];
                if reply.header.sequence_number != self.sequence {
                    continue;
                }
                match reply.payload {
                    NetlinkPayload::Error(error) if error.code.is_some() => return Err(error.to_io()),
                    NetlinkPayload::Error(_) | NetlinkPayload::Done(_) => return Ok(answers),
                    NetlinkPayload::InnerMessage(answer) => answers.push(answer),
                    _ => {}
                }
            }
            if !many && !answers.is_empty() {
                return Ok(answers);
            }
        }
    }
}

fn address_message(index: u32, address: Prefix) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.prefix_len = address.prefix_len();
    message.header.index = index;
    message.attributes.push(AddressAttribute::Local(IpAddr::V4(address.addr())));
    message.attributes.push(AddressAttribute::Address(IpAddr::V4(address.addr())));
    message
}

fn rule_message(source: Address, table: u32) -> RuleMessage {
    let mut message = RuleMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.src_len = 32;
    message.header.action = RuleAction::ToTable;
    message.attributes =
        vec![RuleAttribute::Source(IpAddr::V4(source)), RuleAttribute::Table(table), RuleAttribute::Priority(table)];
    message
}

fn source(attribute: &RuleAttribute) -> Option<Address> {
    if let RuleAttribute::Source(IpAddr::V4(address)) = attribute { Some(*address) } else { None }
}

fn local_address(message: &AddressMessage) -> Option<Prefix> {
    message.attributes.iter().find_map(|attribute| match attribute {
        AddressAttribute::Local(IpAddr::V4(address)) => Prefix::new(*address, message.header.prefix_len).ok(),
        _ => None,
    })
}
