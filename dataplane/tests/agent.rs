//! Updates through the agent: all or nothing, hosts included; and over its socket.

#![allow(clippy::unwrap_used)] // A test that cannot go on should stop here.

mod support;

use dataplane::agent::{Agent, run};
use dataplane::policy::{AttachmentId, Change, Port, PortId, PortKind};
use dataplane::wire::{Reply, Request, Update, read_frame, write_frame};
use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;
use support::{Sandbox, changes, port};

const A: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const B: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const C: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 3);

fn apply(version: u64, changes: Vec<Change>) -> Request {
    Request::Apply(Update { version, whole: false, changes })
}

fn set(id: u32, port: Port) -> Change {
    Change::SetPort(PortId(id), port)
}

fn refused(reply: Reply) -> String {
    match reply {
        Reply::Refused { why } => why,
        other => panic!("not refused but {other:?}"),
    }
}

fn ours(sandbox: &Sandbox) -> Vec<String> {
    let mut ours = sandbox.hosts(1).ours().unwrap();
    ours.sort();
    ours
}

#[test]
fn a_refused_update_leaves_no_host_and_no_change_behind() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A)]);
    fs::write(sandbox.namespace("foreign"), "").unwrap();
    let grown = Port { mtu: 9001, ..port("a", A) };
    let why = refused(agent.answer(apply(2, vec![set(1, grown), set(2, port("b", B)), set(3, port("foreign", B))])));
    assert!(why.contains("foreign") && why.contains("was not made here"), "{why}");
    assert_eq!(ours(&sandbox), ["a"]);
    assert!(!sandbox.namespace("b").exists());
    let Reply::Status(status) = agent.answer(Request::Status) else { panic!("no status") };
    assert_eq!((status.version, status.ports.len()), (1, 1));
}

#[test]
fn one_interface_has_one_port() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A)]);
    let why = refused(agent.answer(apply(2, vec![set(2, port("a", B))])));
    assert!(why.contains("port1 and port2 cannot both be eth0 of host a"), "{why}");
    // In place of the other it may.
    let instead = apply(3, vec![Change::RemovePort(PortId(1)), set(2, port("a", B))]);
    assert_eq!(agent.answer(instead), Reply::Applied { version: 3 });
    sandbox.inside("a", || UdpSocket::bind((B, 0))).unwrap();
}

#[test]
fn hosts_go_with_their_ports_and_with_whole_tables_that_do_not_name_them() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A), port("b", B)]);
    assert_eq!(agent.answer(apply(2, vec![Change::RemovePort(PortId(2))])), Reply::Applied { version: 2 });
    assert_eq!(ours(&sandbox), ["a"]);
    agent.answer(apply(3, vec![set(2, port("b", B))]));
    drop(agent);
    // A new dataplane knows of b by its marker only.
    let _agent = sandbox.network(&[port("a", A)]);
    assert_eq!(ours(&sandbox), ["a"]);
}

/// A second interface of host `a`.
fn second() -> Port {
    Port { interface: 1, ..port("a", B) }
}

#[test]
fn interfaces_come_and_go_one_by_one() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A), port("c", C)]);
    let receiver = sandbox.inside("c", || UdpSocket::bind("0.0.0.0:7000")).unwrap();
    receiver.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let attach = changes(&[port("a", A), port("c", C), second()]);
    assert_eq!(agent.answer(apply(2, attach)), Reply::Applied { version: 2 });
    let Reply::Status(status) = agent.answer(Request::Status) else { panic!("no status") };
    let interfaces: Vec<_> = status.ports.iter().map(|port| (port.host.as_str(), port.interface)).collect();
    assert_eq!(interfaces, [("a", 0), ("c", 0), ("a", 1)]);
    let send_from = |address| {
        sandbox.inside("a", move || UdpSocket::bind((address, 0))?.send_to(b"here", (C, 7000))).unwrap();
        receiver.recv_from(&mut [0; 10]).unwrap().1.ip()
    };
    assert_eq!([send_from(A), send_from(B)], [A, B]);

    let detach = vec![Change::RemoveAttachment(AttachmentId(3)), Change::RemovePort(PortId(3))];
    assert_eq!(agent.answer(apply(3, detach)), Reply::Applied { version: 3 });
    assert_eq!(sandbox.hosts(1).interfaces("a").unwrap(), [0]);
    assert_eq!(send_from(A), A);
}

#[test]
fn a_refused_update_leaves_no_interface_behind() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A)]);
    fs::write(sandbox.namespace("foreign"), "").unwrap();
    refused(agent.answer(apply(2, vec![set(2, second()), set(3, port("foreign", B))])));
    assert_eq!(sandbox.hosts(1).interfaces("a").unwrap(), [0]);
}

#[test]
fn interfaces_are_taken_over_and_those_that_are_gone_meanwhile_go() {
    let sandbox = Sandbox::new();
    let third = Port { interface: 2, ..port("a", C) };
    drop(sandbox.network(&[port("a", A), second(), third]));
    let mut agent = sandbox.network(&[port("a", A), second()]);
    let mut interfaces = sandbox.hosts(1).interfaces("a").unwrap();
    interfaces.sort_unstable();
    assert_eq!(interfaces, [0, 1]);
    let Reply::Status(status) = agent.answer(Request::Status) else { panic!("no status") };
    assert_eq!(status.ports.len(), 2);
}

#[test]
fn flows_go_with_their_ports() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A), port("b", B)]);
    let to = sandbox.inside("b", || UdpSocket::bind("0.0.0.0:7000")).unwrap();
    sandbox.inside("a", || UdpSocket::bind("0.0.0.0:0")?.send_to(b"x", (B, 7000))).unwrap();
    to.recv(&mut [0; 10]).unwrap();
    let flows = |agent: &mut Agent| match agent.answer(Request::Status) {
        Reply::Status(status) => status.flows,
        other => panic!("no status but {other:?}"),
    };
    assert_eq!(flows(&mut agent), 1);
    agent.answer(apply(2, vec![set(3, port("c", Ipv4Addr::new(10, 0, 0, 3)))]));
    assert_eq!(flows(&mut agent), 1);
    agent.answer(apply(3, vec![Change::RemovePort(PortId(2))]));
    assert_eq!(flows(&mut agent), 0);
}

#[test]
fn a_port_can_change_its_kind_and_its_host() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A), port("b", B)]);
    let to = sandbox.inside("b", || UdpSocket::bind("0.0.0.0:7000")).unwrap();
    to.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let plain = Port { kind: PortKind::Plain, ..port("a", A) };
    for (version, changed) in [(2, plain), (3, port("a", A)), (4, port("c", A))] {
        let host = changed.host.clone();
        assert_eq!(agent.answer(apply(version, vec![set(1, changed)])), Reply::Applied { version });
        sandbox.inside(&host, || UdpSocket::bind("0.0.0.0:0")?.send_to(b"here", (B, 7000))).unwrap();
        assert_eq!(to.recv(&mut [0; 10]).unwrap(), 4);
    }
    assert_eq!(ours(&sandbox), ["b", "c"]);
}

#[test]
fn a_new_controller_takes_the_place_of_the_old_one() {
    let sandbox = Sandbox::new();
    let config = sandbox.config();
    // The socket of a dataplane that was killed.
    drop(std::os::unix::net::UnixListener::bind(&config.socket).unwrap());
    let running = config.clone();
    thread::spawn(move || match run(running) {
        Err(error) => panic!("{error}"),
        Ok(never) => match never {},
    });
    let connect = || loop {
        match UnixStream::connect(&config.socket) {
            Ok(stream) => return stream,
            Err(_) => thread::yield_now(),
        }
    };
    let ask = |stream: &mut UnixStream, request: &Request| -> std::io::Result<Reply> {
        write_frame(stream, request)?;
        read_frame(stream)
    };
    let mut first = connect();
    let update = Request::Apply(Update { version: 7, whole: true, changes: changes(&[port("a", A)]) });
    assert_eq!(ask(&mut first, &update).unwrap(), Reply::Applied { version: 7 });
    let mut second = connect();
    let Reply::Status(status) = ask(&mut second, &Request::Status).unwrap() else { panic!("no status") };
    assert_eq!(status.version, 7);
    assert!(ask(&mut first, &Request::Status).is_err());
    let taken = run(config.clone()).unwrap_err().to_string();
    assert!(taken.contains("another dataplane listens"), "{taken}");
    // Its workers hold the host until the process ends; without ports they let it go.
    ask(&mut second, &Request::Apply(Update { version: 8, whole: true, changes: Vec::new() })).unwrap();
}
