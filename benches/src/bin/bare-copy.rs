//! The minimum that any TUN dataplane must do: read from one TUN interface and write to the other, without reading
//! the packet.
//!
//! Makes two hosts, prints `ready`, copies between them until its standard input ends, and removes them.

use clap::Parser;
use dataplane::host::{Hosts, Namespaces, clean_up};
use dataplane::port::{Queue, READ_SPACE};
use ipnet::Ipv4Net;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, ErrorKind, IoSlice, Read};
use std::net::Ipv4Addr;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::thread;
use wire::{Port, PortKind, TableId};

/// Packets read from one interface before the other is read.
const BATCH: usize = 64;

/// Copies packets between the TUN interfaces of two hosts, as 10.99.0.1 and 10.99.0.2.
#[derive(Parser)]
struct Arguments {
    /// Where the hosts' namespaces `copy-a` and `copy-b` are made.
    directory: PathBuf,
    /// Interfaces as the `tun-tap` crate opens them: no virtio header, one packet of at most the MTU at a time.
    #[arg(long)]
    plain: bool,
    /// One thread for both directions, or one for each.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    threads: u8,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let namespaces = Namespaces { directory: arguments.directory.join("netns"), mark: "copy".to_owned() };
    let markers = arguments.directory.join("hosts");
    let hosts = Hosts::new(namespaces.clone(), &markers, 1)?;
    let kind = if arguments.plain { PortKind::Plain } else { PortKind::Offload };
    let opened = ["a", "b"].iter().zip(1..).map(|(name, number)| hosts.open(&port(name, number, kind)));
    let copied = opened.collect::<Result<Vec<_>, _>>().map(|queues| {
        let queues: Vec<Queue> = queues.into_iter().flatten().collect();
        start(&queues, arguments.threads);
        println!("ready");
        // Copying ends with the input, for any reason.
        let _ = io::stdin().read_to_end(&mut Vec::new());
    });
    clean_up(namespaces, &markers)?;
    Ok(copied?)
}

fn port(name: &str, number: u8, kind: PortKind) -> Port {
    Port {
        host: name.to_owned(),
        interface: 0,
        boot: 0,
        kind,
        mtu: 1500,
        addresses: vec![Ipv4Net::from(Ipv4Addr::new(10, 99, 0, number))],
        table: TableId(1),
        router: Ipv4Addr::new(169, 254, 1, 1),
    }
}

fn start(queues: &[Queue], threads: u8) {
    let [a, b] = queues else { return };
    let (forth, back) = ((a.clone(), b.clone()), (b.clone(), a.clone()));
    if threads == 1 {
        thread::spawn(move || copy(&[forth, back]));
    } else {
        thread::spawn(move || copy(&[forth]));
        thread::spawn(move || copy(&[back]));
    }
}

/// Copies from the first queue of each pair to the second, until an interface is gone.
fn copy(directions: &[(Queue, Queue)]) {
    let mut space = vec![0; READ_SPACE];
    let mut waiting: Vec<_> = directions.iter().map(|(from, _)| PollFd::new(from.as_fd(), PollFlags::POLLIN)).collect();
    loop {
        if poll(&mut waiting, PollTimeout::NONE).is_err() {
            return;
        }
        for ((from, to), ready) in directions.iter().zip(&waiting) {
            if ready.any() == Some(true) && !copy_batch(from, to, &mut space) {
                return;
            }
        }
    }
}

/// Copies what has arrived, up to a batch. `false` if an interface is gone.
fn copy_batch(from: &Queue, to: &Queue, space: &mut [u8]) -> bool {
    for _ in 0..BATCH {
        match from.read(space) {
            // A packet that the other side does not accept is lost, as on a wire.
            Ok(length) => drop(to.write(&[IoSlice::new(&space[..length])])),
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
    true
}
