//! Hosts as real namespaces: made, changed, taken over, removed. Foreign namespaces are not touched.

#![allow(clippy::unwrap_used)] // A test that cannot go on should stop here.

mod support;

use dataplane::host::{HostError, Hosts, Namespaces, clean_up, is_marked, within};
use dataplane::port::{Queue, READ_SPACE};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use support::{Sandbox, port};
use wire::{Port, PortKind};

const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 1, 2, 3);
const ELSEWHERE: &str = "198.51.100.7:99";

/// Waits for the next packet on any of the queues. Returns its bytes.
fn next_packet(queues: &[Queue]) -> Vec<u8> {
    let mut ready: Vec<_> = queues.iter().map(|queue| PollFd::new(queue.as_fd(), PollFlags::POLLIN)).collect();
    assert!(poll(&mut ready, PollTimeout::from(5000u16)).unwrap() > 0, "no packet came");
    let mut space = vec![0; READ_SPACE];
    let length = queues.iter().find_map(|queue| queue.read(&mut space).ok()).unwrap();
    space[10..length].to_vec()
}

fn send_from(sandbox: &Sandbox, host: &str, payload: &[u8]) {
    sandbox.inside(host, || UdpSocket::bind("0.0.0.0:0")?.send_to(payload, ELSEWHERE)).unwrap();
}

#[test]
fn a_host_sends_from_its_first_address_through_its_interface() {
    for kind in [PortKind::Offload, PortKind::Plain] {
        let sandbox = Sandbox::new();
        let mut port = port("a", ADDRESS);
        port.kind = kind;
        let queues = sandbox.hosts(2).open(&port).unwrap();
        assert_eq!(queues.len(), if kind == PortKind::Offload { 2 } else { 1 });
        send_from(&sandbox, "a", b"hello");
        let packet = next_packet(&queues);
        assert_eq!((packet[0] >> 4, &packet[12..16], &packet[28..]), (4, &ADDRESS.octets()[..], &b"hello"[..]));
    }
}

#[test]
fn a_new_process_takes_a_host_over() {
    let sandbox = Sandbox::new();
    let port = port("a", ADDRESS);
    let queues = sandbox.hosts(2).open(&port).unwrap();
    let socket = sandbox.inside("a", || UdpSocket::bind("0.0.0.0:0")).unwrap();
    drop(queues);
    let queues = sandbox.hosts(1).open(&port).unwrap();
    socket.send_to(b"again", ELSEWHERE).unwrap();
    assert_eq!(&next_packet(&queues)[28..], b"again");
}

#[test]
fn packets_sent_between_two_processes_wait_for_the_next() {
    for kind in [PortKind::Offload, PortKind::Plain] {
        let sandbox = Sandbox::new();
        let port = Port { kind, ..port("a", ADDRESS) };
        drop(sandbox.kept_hosts(2).open(&port).unwrap());
        send_from(&sandbox, "a", b"between");
        let queues = sandbox.kept_hosts(2).kept(&port).unwrap();
        assert_eq!(&next_packet(&queues)[28..], b"between");
    }
}

#[test]
fn queues_are_kept_for_their_own_interface_only() {
    let sandbox = Sandbox::new();
    let (hosts, port) = (sandbox.kept_hosts(2), port("a", ADDRESS));
    let is_kept = |queues, port: &Port| sandbox.kept_hosts(queues).kept(port).is_some();
    assert!(!is_kept(2, &port));
    drop(hosts.open(&port).unwrap());
    assert!(is_kept(2, &port) && !is_kept(1, &port));
    assert!(!is_kept(2, &Port { kind: PortKind::Plain, ..port.clone() }));
    assert!(!is_kept(2, &Port { interface: 1, ..port.clone() }));
    // Somebody else took the interface away.
    sandbox.hosts(2).close("a", 0).unwrap();
    assert!(!is_kept(2, &port));
    drop(hosts.open(&port).unwrap());
    assert!(is_kept(2, &port));
    // The host is another one by now.
    sandbox.hosts(2).remove("a").unwrap();
    drop(sandbox.hosts(2).open(&port).unwrap());
    assert!(!is_kept(2, &port));
}

#[test]
fn queues_of_another_kind_or_of_an_earlier_host_are_kept_no_longer() {
    let sandbox = Sandbox::new();
    let (hosts, [first, second]) = (sandbox.kept_hosts(1), two_interfaces());
    let inode = || fs::metadata(sandbox.namespace("a")).unwrap().ino();
    let count = |name: &str, namespace| sandbox.keeper().take(name, namespace).unwrap().len();
    drop((hosts.open(&first).unwrap(), hosts.open(&second).unwrap()));
    let namespace = inode();
    drop(hosts.open(&Port { kind: PortKind::Plain, ..first.clone() }).unwrap());
    assert_eq!([count("queues/a/0/Offload", namespace), count("queues/a/0/Plain", namespace)], [0, 1]);
    // Somebody else took the namespace away.
    sandbox.hosts(1).remove("a").unwrap();
    drop(hosts.open(&first).unwrap());
    assert_eq!([count("queues/a/1/Offload", namespace), count("queues/a/0/Plain", namespace)], [0, 0]);
    assert_eq!(count("queues/a/0/Offload", inode()), 1);
}

#[test]
fn queues_are_kept_no_longer_than_their_interface() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.kept_hosts(1);
    let ports = two_interfaces();
    let (first, others) = (hosts.open(&ports[0]).unwrap(), hosts.open(&ports[1]).unwrap());
    let kept = || ports.each_ref().map(|port| hosts.kept(port).is_some());
    hosts.close("a", 1).unwrap();
    assert_eq!(kept(), [true, false]);
    drop((first, others));
    let namespace = fs::metadata(sandbox.namespace("a")).unwrap().ino();
    hosts.remove("a").unwrap();
    assert!(sandbox.keeper().take("queues/a/0/Offload", namespace).unwrap().is_empty());
}

#[test]
fn an_interface_that_is_opened_anew_has_no_queue_that_nobody_reads() {
    for (kind, once) in [(PortKind::Offload, 4), (PortKind::Plain, 1)] {
        let sandbox = Sandbox::new();
        let port = Port { kind, ..port("a", ADDRESS) };
        drop(sandbox.kept_hosts(once).open(&port).unwrap());
        let queues = sandbox.kept_hosts(1).open(&port).unwrap();
        for sender in 0..64 {
            send_from(&sandbox, "a", &[sender]);
            assert_eq!(next_packet(&queues)[28..], [sender]);
        }
    }
}

#[test]
fn a_new_host_has_settings_of_its_own() {
    let sandbox = Sandbox::new();
    let _queues = sandbox.hosts(1).open(&port("a", ADDRESS)).unwrap();
    let said = |name: &str| {
        let said = sandbox.inside("a", || fs::read_to_string(format!("/proc/sys/net/{name}"))).unwrap();
        said.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(said("ipv6/conf/default/disable_ipv6"), ["1"]);
    assert_eq!(said("ipv4/ping_group_range"), ["0", "2147483647"]);
    let off = ["ip_forward", "conf/all/rp_filter", "conf/default/rp_filter"];
    assert!(off.iter().all(|name| said(&format!("ipv4/{name}")) == ["0"]));
}

#[test]
fn an_interface_of_the_other_kind_is_replaced() {
    let sandbox = Sandbox::new();
    let mut port = port("a", ADDRESS);
    drop(sandbox.hosts(2).open(&port).unwrap());
    for kind in [PortKind::Plain, PortKind::Offload] {
        port.kind = kind;
        let queues = sandbox.hosts(2).open(&port).unwrap();
        send_from(&sandbox, "a", b"x");
        next_packet(&queues);
    }
}

#[test]
fn addresses_and_mtu_follow_the_port() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.hosts(1);
    let mut port = port("a", ADDRESS);
    let queues = hosts.open(&port).unwrap();
    port.addresses = ["10.1.2.4/24", "10.1.2.5/24"].map(|address| address.parse().unwrap()).to_vec();
    port.mtu = 9001;
    hosts.alter(&port).unwrap();
    send_from(&sandbox, "a", &[7; 8000]);
    let packet = next_packet(&queues);
    assert_eq!((packet.len(), &packet[12..16]), (8028, &[10, 1, 2, 4][..]));
    sandbox.inside("a", || UdpSocket::bind("10.1.2.5:0")).unwrap();
    let gone = sandbox.inside("a", || UdpSocket::bind((ADDRESS, 0))).unwrap_err();
    assert_eq!(gone.kind(), io::ErrorKind::AddrNotAvailable);
}

/// `eth0` in 10.1.2.0/24 and `eth1` in 10.1.3.0/24 of one host.
fn two_interfaces() -> [Port; 2] {
    let with =
        |interface, address: &str| Port { interface, addresses: vec![address.parse().unwrap()], ..port("a", ADDRESS) };
    [with(0, "10.1.2.3/24"), with(1, "10.1.3.3/24")]
}

/// Sends from an address of host `a` to another. Returns the packet's source address.
fn source(sandbox: &Sandbox, from: &str, to: &str, queues: &[Queue]) -> Ipv4Addr {
    sandbox.inside("a", || UdpSocket::bind(from)?.send_to(b"x", to)).unwrap();
    let packet = next_packet(queues);
    Ipv4Addr::new(packet[12], packet[13], packet[14], packet[15])
}

#[test]
fn each_address_leaves_by_its_own_interface() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.hosts(1);
    let [first, mut second] = two_interfaces();
    let (eth0, eth1) = (hosts.open(&first).unwrap(), hosts.open(&second).unwrap());
    let (own, other) = (Ipv4Addr::new(10, 1, 2, 3), Ipv4Addr::new(10, 1, 3, 3));
    assert_eq!(source(&sandbox, "0.0.0.0:0", ELSEWHERE, &eth0), own);
    assert_eq!(source(&sandbox, "10.1.3.3:0", ELSEWHERE, &eth1), other);
    // Neighbours of eth1 are reached through it, also by packets without a source address yet.
    assert_eq!(source(&sandbox, "0.0.0.0:0", "10.1.3.9:99", &eth1), other);
    assert_eq!(source(&sandbox, "10.1.3.3:0", "10.1.2.9:99", &eth1), other);
    // A later address uses the same interface, and the others keep theirs.
    let bound = sandbox.inside("a", || UdpSocket::bind("10.1.3.3:0")).unwrap();
    second.addresses.push("10.1.3.4/24".parse().unwrap());
    hosts.alter(&second).unwrap();
    assert_eq!(source(&sandbox, "10.1.3.4:0", ELSEWHERE, &eth1), Ipv4Addr::new(10, 1, 3, 4));
    bound.send_to(b"still", ELSEWHERE).unwrap();
    assert_eq!(&next_packet(&eth1)[28..], b"still");
    second.addresses.pop();
    hosts.alter(&second).unwrap();
    let gone = sandbox.inside("a", || UdpSocket::bind("10.1.3.4:0")).unwrap_err();
    assert_eq!(gone.kind(), io::ErrorKind::AddrNotAvailable);
}

#[test]
fn of_two_interfaces_in_one_network_the_first_is_used() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.hosts(1);
    let [mut first, mut second] = two_interfaces();
    second.addresses = vec!["10.1.2.4/24".parse().unwrap()];
    let (eth1, eth0) = (hosts.open(&second).unwrap(), hosts.open(&first).unwrap());
    // The order in which they got their addresses does not matter.
    first.addresses = vec!["10.1.2.5/24".parse().unwrap()];
    hosts.alter(&first).unwrap();
    assert_eq!(source(&sandbox, "0.0.0.0:0", "10.1.2.9:99", &eth0), Ipv4Addr::new(10, 1, 2, 5));
    assert_eq!(source(&sandbox, "10.1.2.4:0", "10.1.2.9:99", &eth1), Ipv4Addr::new(10, 1, 2, 4));
}

#[test]
fn an_interface_is_removed_alone() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.hosts(1);
    let [first, second] = two_interfaces();
    let (eth0, eth1) = (hosts.open(&first).unwrap(), hosts.open(&second).unwrap());
    assert_eq!(hosts.interfaces("a").unwrap(), [0, 1]);
    for _ in 0..2 {
        hosts.close("a", 1).unwrap();
    }
    assert_eq!(hosts.interfaces("a").unwrap(), [0]);
    drop(eth1);
    // Its neighbours are reached by the default route.
    assert_eq!(source(&sandbox, "0.0.0.0:0", "10.1.3.9:99", &eth0), Ipv4Addr::new(10, 1, 2, 3));
    let eth1 = hosts.open(&second).unwrap();
    assert_eq!(source(&sandbox, "10.1.3.3:0", ELSEWHERE, &eth1), Ipv4Addr::new(10, 1, 3, 3));
}

#[test]
fn a_foreign_namespace_is_refused_and_left_alone() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.hosts(1);
    let foreign = sandbox.namespace("a");
    fs::write(&foreign, "").unwrap();
    assert!(matches!(hosts.open(&port("a", ADDRESS)), Err(HostError::Foreign { .. })));
    assert!(matches!(hosts.remove("a"), Err(HostError::Foreign { .. })));
    assert!(foreign.exists());
    assert!(matches!(hosts.open(&port("../a", ADDRESS)), Err(HostError::Name(_))));
}

#[test]
fn a_namespace_that_somebody_else_pins_at_our_path_is_not_ours() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.hosts(1);
    let _others = hosts.open(&port("theirs", ADDRESS)).unwrap();
    let queues = hosts.open(&port("a", ADDRESS)).unwrap();
    let (path, theirs) = (sandbox.namespace("a"), sandbox.namespace("theirs"));
    umount2(&path, MntFlags::MNT_DETACH).unwrap();
    mount(Some(&theirs), &path, None::<&str>, MsFlags::MS_BIND, None::<&str>).unwrap();
    assert!(!hosts.holds("a") && !is_marked(&sandbox.hosts_dir().join("a"), &path));
    assert!(matches!(hosts.open(&port("a", ADDRESS)), Err(HostError::Foreign { .. })));
    assert!(matches!(hosts.restore("a", &queues[0], 3), Err(HostError::Foreign { .. })));
    hosts.close("a", 0).unwrap();
    assert_eq!(hosts.interfaces("theirs").unwrap(), [0]);
    // It is brought back when its place is free again.
    umount2(&path, MntFlags::MNT_DETACH).unwrap();
    hosts.restore("a", &queues[0], 3).unwrap();
    assert!(hosts.holds("a"));
    assert_eq!(hosts.boot("a"), Some(3));
    send_from(&sandbox, "a", b"back");
    assert_eq!(&next_packet(&queues)[28..], b"back");
    // What is removed is never theirs.
    umount2(&path, MntFlags::MNT_DETACH).unwrap();
    mount(Some(&theirs), &path, None::<&str>, MsFlags::MS_BIND, None::<&str>).unwrap();
    assert!(matches!(hosts.remove("a"), Err(HostError::Foreign { .. })));
    umount2(&path, MntFlags::MNT_DETACH).unwrap();
    assert_eq!(hosts.ours().unwrap(), ["theirs"]);
}

#[test]
fn systems_with_other_marks_have_hosts_of_the_same_name() {
    let sandbox = Sandbox::new();
    let other = Namespaces { mark: "other".to_owned(), ..sandbox.namespaces() };
    let markers = other.directory.with_file_name("other-hosts");
    let others = Hosts::new(other.clone(), &markers, 1).unwrap();
    let (ours, theirs) =
        (sandbox.hosts(1).open(&port("a", ADDRESS)).unwrap(), others.open(&port("a", ADDRESS)).unwrap());
    send_from(&sandbox, "a", b"ours");
    within(&other.path_of("a"), || UdpSocket::bind("0.0.0.0:0")?.send_to(b"theirs", ELSEWHERE)).unwrap();
    assert_eq!((&next_packet(&ours)[28..], &next_packet(&theirs)[28..]), (&b"ours"[..], &b"theirs"[..]));
    clean_up(other.clone(), &markers).unwrap();
    assert!(!other.path_of("a").exists());
    send_from(&sandbox, "a", b"still");
    assert_eq!(&next_packet(&ours)[28..], b"still");
}

#[test]
fn removal_leaves_nothing_behind_and_may_be_repeated() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.hosts(1);
    hosts.open(&port("a", ADDRESS)).unwrap();
    assert_eq!(hosts.ours().unwrap(), ["a"]);
    hosts.remove("a").unwrap();
    hosts.remove("a").unwrap();
    assert!(hosts.ours().unwrap().is_empty());
    assert!(!sandbox.namespace("a").exists());
}

#[test]
fn the_processes_of_a_host_end_with_it_and_no_others() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.hosts(1);
    let _queues = [hosts.open(&port("a", ADDRESS)).unwrap(), hosts.open(&port("b", ADDRESS)).unwrap()];
    let sleep = || Command::new("sleep").arg("1000").spawn();
    let (mut outside, mut in_b) = (sleep().unwrap(), sandbox.inside("b", sleep).unwrap());
    let mut in_a = sandbox.inside("a", || Command::new("sh").args(["-c", "sleep 1000 & sleep 1000"]).spawn()).unwrap();
    hosts.switch_off(&["a".to_owned(), "nobody".to_owned()]);
    assert_eq!(in_a.try_wait().unwrap().and_then(|status| status.signal()), Some(9), "the process was killed");
    assert!(in_b.try_wait().unwrap().is_none() && outside.try_wait().unwrap().is_none());
    clean_up(sandbox.namespaces(), &sandbox.hosts_dir()).unwrap();
    assert_eq!(in_b.wait().unwrap().signal(), Some(9));
    assert!(outside.try_wait().unwrap().is_none());
    outside.kill().unwrap();
    outside.wait().unwrap();
}

#[test]
fn the_remains_of_a_crash_are_replaced() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.hosts(1);
    // The process died between the marker and the namespace.
    fs::write(sandbox.hosts_dir().join("a"), "").unwrap();
    fs::write(sandbox.namespace("a"), "").unwrap();
    let queues = hosts.open(&port("a", ADDRESS)).unwrap();
    send_from(&sandbox, "a", b"x");
    next_packet(&queues);
}
