//! One interface of a host, in this thread's namespace: opened, configured, removed.
//!
//! `eth0` has the default route. Packets from the addresses of another interface leave by that interface, through a
//! rule and a routing table of its own; packets to its networks use routes of the main table that rank behind `eth0`'s.
//! Linux makes such routes for any interface with an address, so neighbours are reached without a router.

use super::netlink::{Link, Netlink, Route};
use crate::port::{self, Queue, Steering};
use std::collections::BTreeSet;
use std::io;
use wire::{INTERFACE_PREFIX, Port, Prefix, interface_name};

/// The interface's transmit queue length, in packets. A worker reads within microseconds; a full queue drops packets.
const QUEUE_LENGTH: u32 = 1000;
/// The offset of `ethN`'s own routing table, of its rules' priority and of its routes' metric in the main table. N is
/// added.
const OWN_TABLE: u32 = 10_000;

/// Opens a port's interface, and configures it. An existing interface of another kind, or with too few queues, is replaced.
pub fn open(port: &Port, queues: usize, steering: Option<&Steering>) -> io::Result<Vec<Queue>> {
    let name = interface_name(port.interface);
    let opened = match port::open(&name, port.kind, queues, steering) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            let mut netlink = Netlink::open()?;
            if let Some(link) = netlink.link(&name)? {
                netlink.delete_link(link.index)?;
            }
            port::open(&name, port.kind, queues, steering)?
        }
        other => other?,
    };
    configure(port)?;
    Ok(opened)
}

/// Sets the MTU, addresses and routes of a port's interface.
pub fn configure(port: &Port) -> io::Result<()> {
    let mut netlink = Netlink::open()?;
    if let Some(loopback) = netlink.link("lo")? {
        netlink.set_up(loopback.index)?;
    }
    let Link { index, is_up } = netlink.link(&interface_name(port.interface))?.ok_or(io::ErrorKind::NotFound)?;
    // Sizes come first, because changing the queue length of an interface that is up waits for the packets in its queues.
    netlink.set_sizes(index, port.mtu, QUEUE_LENGTH)?;
    if !is_up {
        // The interface's own queues are enough. The queueing disciplines that the kernel puts before them, one for
        // each of its possible queues, would take 6 MiB and 20 ms a host and slow down every packet.
        if let Err(error) = netlink.set_no_queue(index) {
            tracing::debug!(%error, "cannot set noqueue; the kernel's own queueing discipline stays");
        }
        netlink.set_up(index)?;
    }
    set_addresses(&mut netlink, index, port)?;
    set_routes(&mut netlink, index, port)
}

/// Removes an interface and its rules. Succeeds if it is gone already.
pub fn close(interface: u16) -> io::Result<()> {
    let mut netlink = Netlink::open()?;
    if let Some(link) = netlink.link(&interface_name(interface))? {
        netlink.delete_link(link.index)?;
    }
    set_rules(&mut netlink, interface, &[])
}

/// The indices of the interfaces that exist.
pub fn present() -> io::Result<Vec<u16>> {
    let names = Netlink::open()?.link_names()?;
    Ok(names.iter().filter_map(|name| name.strip_prefix(INTERFACE_PREFIX)?.parse().ok()).collect())
}

fn set_addresses(netlink: &mut Netlink, index: u32, port: &Port) -> io::Result<()> {
    let (present, wanted) = (netlink.addresses(index)?, &port.addresses);
    // The first address can only be changed by removing all of them, because the kernel removes the others of its
    // network with it.
    let anew = present.first() != wanted.first();
    for address in present.iter().filter(|address| anew || !wanted.contains(address)) {
        match netlink.delete_address(index, *address) {
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {}
            other => other?,
        }
    }
    for address in wanted.iter().filter(|address| anew || !present.contains(address)) {
        // The kernel's own route to the network would rank by the time its address was added.
        netlink.add_address(index, *address, port.interface == 0)?;
    }
    Ok(())
}

fn set_routes(netlink: &mut Netlink, index: u32, port: &Port) -> io::Result<()> {
    let Some(source) = port.addresses.first().map(Prefix::addr) else { return Ok(()) };
    let to_all = Route { table: None, destination: Prefix::default(), source, metric: None };
    if port.interface == 0 {
        return netlink.set_route(index, to_all);
    }
    let own = OWN_TABLE + u32::from(port.interface);
    netlink.set_route(index, Route { table: Some(own), ..to_all })?;
    let networks: BTreeSet<Prefix> = port.addresses.iter().map(Prefix::trunc).collect();
    for destination in networks {
        netlink.set_route(index, Route { destination, metric: Some(own), ..to_all })?;
    }
    set_rules(netlink, port.interface, &port.addresses)
}

/// Sets the rules that lead packets from exactly these addresses to an interface's own table.
fn set_rules(netlink: &mut Netlink, interface: u16, addresses: &[Prefix]) -> io::Result<()> {
    let own = OWN_TABLE + u32::from(interface);
    let present = netlink.sources_of_rules(own)?;
    let wanted: Vec<_> = addresses.iter().map(Prefix::addr).collect();
    for source in present.iter().filter(|source| !wanted.contains(source)) {
        netlink.delete_rule(*source, own)?;
    }
    for source in wanted.iter().filter(|source| !present.contains(source)) {
        netlink.add_rule(*source, own)?;
    }
    Ok(())
}
