//! Updates through the agent and over its socket: tables are applied all or nothing, hosts one by one.

#![allow(clippy::unwrap_used)] // A test that cannot go on should stop here.

mod support;

use dataplane::agent::listen::run;
use dataplane::agent::{Agent, Config};
use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use support::{Sandbox, carry_out, changes, port};
use wire::{
    AttachmentId, Call, Change, Endpoint, Entry, Event, HostReport, HostState, Key, Message, Port, PortId, PortKind,
    Reply, Request, Update, VrfId, read_frame, write_frame,
};

const A: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const B: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const C: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 3);

fn apply(version: u64, changes: Vec<Change>) -> Request {
    Request::Apply(Update { version, whole: false, changes })
}

fn set(id: u32, port: Port) -> Change {
    Change::Set(Entry::Port(PortId(id), port))
}

fn refused(reply: Reply) -> String {
    match reply {
        Reply::Refused { why } => why,
        other => panic!("not refused but {other:?}"),
    }
}

fn report(host: &str, state: HostState) -> HostReport {
    HostReport { host: host.to_owned(), state }
}

fn ours(sandbox: &Sandbox) -> Vec<String> {
    let mut ours = sandbox.hosts(1).ours().unwrap();
    ours.sort();
    ours
}

/// Applies changes that must be accepted, and waits until hosts are as they say.
fn change(agent: &mut Agent, version: u64, changes: Vec<Change>) {
    carry_out(agent, Update { version, whole: false, changes });
}

#[test]
fn a_refused_update_leaves_no_host_and_no_change_behind() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A)]);
    let grown = Port { mtu: 9001, ..port("a", A) };
    let why = refused(agent.answer(apply(2, vec![set(1, grown), set(2, port("b", B)), set(3, port("b", B))])));
    assert!(why.contains("port2 and port3 cannot both be eth0 of host b"), "{why}");
    agent.settle();
    assert_eq!(ours(&sandbox), ["a"]);
    assert!(!sandbox.namespace("b").exists());
    let Reply::Status(status) = agent.answer(Request::Status) else { panic!("no status") };
    assert_eq!((status.version, status.ports.len()), (1, 1));
}

#[test]
fn a_host_that_cannot_be_made_delays_no_other_and_is_retried() {
    let sandbox = Sandbox::new();
    let foreign = sandbox.namespace("foreign");
    fs::create_dir_all(foreign.parent().unwrap()).unwrap();
    fs::write(&foreign, "").unwrap();
    let mut agent = sandbox.network(&[port("foreign", A), port("b", B)]);
    assert_eq!(ours(&sandbox), ["b"]);
    sandbox.inside("b", || UdpSocket::bind((B, 0))).unwrap();
    let [b, HostReport { state: HostState::Failed { why }, .. }] = &agent.hosts()[..] else {
        panic!("{:?}", agent.hosts())
    };
    assert_eq!(*b, report("b", HostState::Up));
    assert!(why.contains("foreign") && why.contains("was not made here"), "{why}");
    // Other hosts still come and go.
    change(&mut agent, 2, vec![set(3, port("c", C))]);
    change(&mut agent, 3, vec![Change::Remove(Key::Port(PortId(3)))]);
    fs::remove_file(foreign).unwrap();
    while agent.hosts() != [report("b", HostState::Up), report("foreign", HostState::Up)] {
        thread::yield_now();
    }
    sandbox.inside("foreign", || UdpSocket::bind((A, 0))).unwrap();
}

/// Waits until a condition of which no event tells holds. Fails if it does not hold in time.
fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "not in time: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_removed_interface_pin_or_marker_is_made_again() {
    let sandbox = Sandbox::new();
    let _agent = sandbox.network(&[port("a", A)]);
    let somebody_else = sandbox.hosts(1);
    let wait = || until("the host has its address", || sandbox.inside("a", || UdpSocket::bind((A, 0))).is_ok());
    somebody_else.close("a", 0).unwrap();
    wait();
    let inode = || fs::metadata(sandbox.namespace("a")).map(|found| found.ino()).ok();
    let before = inode();
    somebody_else.remove("a").unwrap();
    wait();
    assert_eq!(inode(), before, "its processes go on");
    let marker = sandbox.hosts_dir().join("a");
    fs::remove_file(&marker).unwrap();
    until("the marker is there", || marker.exists());
    wait();
    assert_eq!(inode(), before, "it is known by its queue");
}

#[test]
fn a_host_whose_marker_cannot_be_written_goes_on() {
    let sandbox = Sandbox::new();
    let agent = sandbox.network(&[port("a", A), port("b", B)]);
    let receiver = sandbox.inside("b", || UdpSocket::bind((B, 7000))).unwrap();
    receiver.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let sender = sandbox.inside("a", || UdpSocket::bind((A, 0))).unwrap();
    let markers = sandbox.hosts_dir();
    fs::remove_dir_all(&markers).unwrap();
    fs::write(&markers, "in the way").unwrap();
    let failed = |report: &HostReport| matches!(report.state, HostState::Failed { .. });
    until("both have failed", || agent.hosts().iter().all(failed));
    sender.send_to(b"on", (B, 7000)).unwrap();
    assert_eq!(receiver.recv(&mut [0; 2]).unwrap(), 2);
    fs::remove_file(&markers).unwrap();
    until("both are up again", || agent.hosts() == [report("a", HostState::Up), report("b", HostState::Up)]);
    assert_eq!(ours(&sandbox), ["a", "b"]);
}

#[test]
fn a_foreign_namespace_counts_as_gone_once_its_port_is_removed() {
    let sandbox = Sandbox::new();
    let foreign = sandbox.namespace("foreign");
    fs::create_dir_all(foreign.parent().unwrap()).unwrap();
    fs::write(&foreign, "").unwrap();
    let mut agent = sandbox.network(&[port("foreign", A)]);
    change(&mut agent, 2, vec![Change::Remove(Key::Port(PortId(1)))]);
    assert_eq!(agent.hosts(), []);
    assert!(foreign.exists());
}

#[test]
fn a_host_switched_off_and_on_at_once_is_a_new_one() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A)]);
    let mut process = sandbox.inside("a", || Command::new("sleep").arg("1000").spawn()).unwrap();
    assert_eq!(agent.answer(apply(2, vec![Change::Remove(Key::Port(PortId(1)))])), Reply::Applied { version: 2 });
    change(&mut agent, 3, vec![set(2, port("a", B))]);
    assert_eq!(process.try_wait().unwrap().and_then(|status| status.signal()), Some(9), "its machine was switched off");
    sandbox.inside("a", || UdpSocket::bind((B, 0))).unwrap();
}

#[test]
fn a_host_booted_anew_has_its_interfaces_and_flows_and_no_process_of_before() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A), second(), port("b", C)]);
    let to = sandbox.inside("b", || UdpSocket::bind("0.0.0.0:7000")).unwrap();
    to.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    sandbox.inside("a", || UdpSocket::bind((A, 7001))?.send_to(b"x", (C, 7000))).unwrap();
    to.recv(&mut [0; 10]).unwrap();
    let mut process = sandbox.inside("a", || Command::new("sleep").arg("1000").spawn()).unwrap();
    let booted = |port: Port| Port { boot: 1, ..port };
    change(&mut agent, 2, vec![set(1, booted(port("a", A))), set(2, booted(second()))]);
    assert_eq!(process.try_wait().unwrap().and_then(|status| status.signal()), Some(9), "its machine was rebooted");
    assert_eq!(agent.hosts(), [report("a", HostState::Up), report("b", HostState::Up)]);
    sandbox.inside("a", || UdpSocket::bind((B, 0))).unwrap();
    let Reply::Status(status) = agent.answer(Request::Status) else { panic!("no status") };
    assert_eq!((status.ports.len(), status.flows), (3, 1), "the flow is remembered");
    let again = sandbox.inside("a", || UdpSocket::bind((A, 7001))).unwrap();
    to.send_to(b"y", (A, 7001)).unwrap();
    again.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    again.recv(&mut [0; 10]).unwrap();
    // The next change finds it as it is.
    change(&mut agent, 3, vec![set(4, Port { interface: 2, ..booted(port("a", Ipv4Addr::new(10, 0, 0, 4))) })]);
    again.send_to(b"z", (C, 7000)).unwrap();
    to.recv(&mut [0; 10]).unwrap();
}

#[test]
fn a_host_that_an_earlier_dataplane_left_of_another_boot_is_booted_anew() {
    let sandbox = Sandbox::new();
    drop(sandbox.network(&[port("a", A)]));
    let mut process = sandbox.inside("a", || Command::new("sleep").arg("1000").spawn()).unwrap();
    drop(sandbox.network(&[port("a", A)]));
    assert!(process.try_wait().unwrap().is_none(), "it was taken over");
    // Only the host itself tells the next dataplane which boot it is of.
    fs::remove_file(sandbox.config().socket.with_file_name("tables")).unwrap();
    let _agent = sandbox.network(&[Port { boot: 1, ..port("a", A) }]);
    assert_eq!(process.try_wait().unwrap().and_then(|status| status.signal()), Some(9), "its machine was rebooted");
    assert_eq!(sandbox.hosts(1).boot("a"), Some(1));
}

#[test]
fn the_latest_tables_hold_however_fast_they_change() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[]);
    let names = ["a", "b", "c", "d", "e", "f"];
    let address = |version: u64, host: usize| Ipv4Addr::new(10, 0, version as u8, host as u8);
    for version in 2..40 {
        let port_of = |host: usize| PortId((version as u32 / 3) * 10 + host as u32);
        let changes = names.iter().enumerate().map(|(host, name)| match version % 3 {
            2 => Change::Remove(Key::Port(port_of(host))),
            _ => Change::Set(Entry::Port(port_of(host), port(name, address(version, host)))),
        });
        assert_eq!(agent.answer(apply(version, changes.collect())), Reply::Applied { version });
    }
    agent.settle();
    assert_eq!(ours(&sandbox), names);
    for (host, name) in names.iter().enumerate() {
        sandbox.inside(name, || UdpSocket::bind((address(39, host), 0))).unwrap();
    }
}

#[test]
fn one_interface_has_one_port() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A)]);
    let why = refused(agent.answer(apply(2, vec![set(2, port("a", B))])));
    assert!(why.contains("port1 and port2 cannot both be eth0 of host a"), "{why}");
    // It may replace the other.
    change(&mut agent, 3, vec![Change::Remove(Key::Port(PortId(1))), set(2, port("a", B))]);
    sandbox.inside("a", || UdpSocket::bind((B, 0))).unwrap();
}

#[test]
fn hosts_without_ports_are_removed() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A), port("b", B)]);
    change(&mut agent, 2, vec![Change::Remove(Key::Port(PortId(2)))]);
    assert_eq!(ours(&sandbox), ["a"]);
    change(&mut agent, 3, vec![set(2, port("b", B))]);
    drop(agent);
    // A new dataplane knows b by its marker only.
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
    change(&mut agent, 2, attach);
    let Reply::Status(status) = agent.answer(Request::Status) else { panic!("no status") };
    let interfaces: Vec<_> = status.ports.iter().map(|port| (port.host.as_str(), port.interface)).collect();
    assert_eq!(interfaces, [("a", 0), ("c", 0), ("a", 1)]);
    let send_from = |address| {
        sandbox.inside("a", move || UdpSocket::bind((address, 0))?.send_to(b"here", (C, 7000))).unwrap();
        receiver.recv_from(&mut [0; 10]).unwrap().1.ip()
    };
    assert_eq!([send_from(A), send_from(B)], [A, B]);

    let detach = vec![Change::Remove(Key::Attachment(AttachmentId(3))), Change::Remove(Key::Port(PortId(3)))];
    change(&mut agent, 3, detach);
    assert_eq!(sandbox.hosts(1).interfaces("a").unwrap(), [0]);
    assert_eq!(send_from(A), A);
}

#[test]
fn interfaces_are_taken_over_and_undesired_ones_removed() {
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
fn packets_between_two_dataplanes_are_late_and_not_lost() {
    let sandbox = Sandbox::new();
    let ports = [port("a", A), port("b", B)];
    drop(sandbox.network(&ports));
    let to = sandbox.inside("b", || UdpSocket::bind("0.0.0.0:7000")).unwrap();
    to.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let from = sandbox.inside("a", || UdpSocket::bind("0.0.0.0:0")).unwrap();
    for number in 0..100 {
        from.send_to(&[number], (B, 7000)).unwrap();
    }
    let _agent = sandbox.network(&ports);
    for number in 0..100 {
        let mut said = [0];
        to.recv(&mut said).unwrap();
        assert_eq!(said, [number]);
    }
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
    change(&mut agent, 2, vec![set(3, port("c", Ipv4Addr::new(10, 0, 0, 3)))]);
    assert_eq!(flows(&mut agent), 1);
    change(&mut agent, 3, vec![Change::Remove(Key::Port(PortId(2)))]);
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
        change(&mut agent, version, vec![set(1, changed)]);
        sandbox.inside(&host, || UdpSocket::bind("0.0.0.0:0")?.send_to(b"here", (B, 7000))).unwrap();
        assert_eq!(to.recv(&mut [0; 10]).unwrap(), 4);
    }
    assert_eq!(ours(&sandbox), ["b", "c"]);
}

/// A controller connected over the socket.
struct Controller(UnixStream);

impl Controller {
    /// Connects to a dataplane that may be starting.
    fn connect(config: &Config) -> Self {
        loop {
            match UnixStream::connect(&config.socket) {
                Ok(stream) => return Self(stream),
                Err(_) => thread::yield_now(),
            }
        }
    }

    fn call(&mut self, id: u64, request: Request) -> std::io::Result<()> {
        write_frame(&mut self.0, &Call { id, request })
    }

    fn hear(&mut self) -> std::io::Result<Message> {
        read_frame(&mut self.0)
    }

    /// The answer to a call, and the events before it.
    fn ask(&mut self, id: u64, request: Request) -> std::io::Result<(Reply, Vec<Event>)> {
        self.call(id, request)?;
        let mut events = Vec::new();
        loop {
            match self.hear()? {
                Message::Answer { id: of, reply } => {
                    assert_eq!(of, id);
                    return Ok((reply, events));
                }
                Message::Event(event) => events.push(event),
            }
        }
    }

    /// Waits until a host has this state. `told` are events that have already come.
    fn wait_for(&mut self, wanted: &HostReport, told: &[Event]) {
        let wanted = Event::Host(wanted.clone());
        if !told.contains(&wanted) {
            let wanted = Message::Event(wanted);
            while self.hear().unwrap() != wanted {}
        }
    }
}

/// Runs a dataplane on a thread, until the process ends.
fn run_aside(config: &Config) {
    let running = config.clone();
    thread::spawn(move || match run(running) {
        Err(error) => panic!("{error}"),
        Ok(never) => match never {},
    });
}

fn whole(version: u64, ports: &[Port]) -> Request {
    Request::Apply(Update { version, whole: true, changes: changes(ports) })
}

#[test]
fn a_new_controller_takes_the_place_of_the_old_one() {
    let sandbox = Sandbox::new();
    let config = sandbox.config();
    // The socket that a killed dataplane leaves.
    drop(std::os::unix::net::UnixListener::bind(&config.socket).unwrap());
    run_aside(&config);
    let mut first = Controller::connect(&config);
    let (applied, events) = first.ask(1, whole(7, &[port("a", A)])).unwrap();
    assert_eq!(applied, Reply::Applied { version: 7 });
    first.wait_for(&report("a", HostState::Up), &events);
    let mut second = Controller::connect(&config);
    let (Reply::Status(status), _) = second.ask(1, Request::Status).unwrap() else { panic!("no status") };
    assert_eq!(status.version, 7);
    assert!(first.ask(2, Request::Status).is_err());
    let taken = run(config.clone()).unwrap_err().to_string();
    assert!(taken.contains("another dataplane listens"), "{taken}");
    // The next controller is told of what happened without one.
    let (_, events) = second.ask(2, whole(8, &[port("a", A)])).unwrap();
    assert_eq!(events, [Event::AllHosts(vec![report("a", HostState::Up)])]);
    // Its workers hold the host until the process ends; without ports they release it.
    let (_, events) = second.ask(3, whole(9, &[])).unwrap();
    second.wait_for(&report("a", HostState::Gone), &events);
}

#[test]
fn hosts_states_are_reported() {
    let sandbox = Sandbox::new();
    let config = sandbox.config();
    run_aside(&config);
    let mut controller = Controller::connect(&config);
    let (_, events) = controller.ask(1, whole(1, &[])).unwrap();
    assert_eq!(events, [Event::AllHosts(Vec::new())]);
    // The host's state is reported before the update's answer.
    let (_, events) = controller.ask(2, apply(2, vec![set(1, port("a", A))])).unwrap();
    assert_eq!(events.first(), Some(&Event::Host(report("a", HostState::Making))));
    controller.wait_for(&report("a", HostState::Up), &events);
    let (_, events) = controller.ask(3, apply(3, vec![Change::Remove(Key::Port(PortId(1)))])).unwrap();
    assert_eq!(events.first(), Some(&Event::Host(report("a", HostState::Leaving))));
    controller.wait_for(&report("a", HostState::Gone), &events);
    assert!(ours(&sandbox).is_empty());
}

#[test]
fn a_busy_dataplane_answers_pings() {
    let sandbox = Sandbox::new();
    let config = sandbox.config();
    run_aside(&config);
    let mut controller = Controller::connect(&config);
    // Large enough that the answer to a ping overtakes the updates' answers.
    let address = |index: u32| Ipv4Addr::from(0x0a01_0000 + index);
    let addresses =
        (0..20_000).map(|index| Change::Set(Entry::Address(VrfId(9), address(index), Endpoint::Own(AttachmentId(1)))));
    let addresses: Vec<_> = addresses.collect();
    for id in 1..=5 {
        controller.call(id, Request::Apply(Update { version: id, whole: true, changes: addresses.clone() })).unwrap();
    }
    controller.call(6, Request::Ping).unwrap();
    let mut order = Vec::new();
    while order.len() < 6 {
        if let Message::Answer { id, .. } = controller.hear().unwrap() {
            order.push(id);
        }
    }
    assert_ne!(order.last(), Some(&6), "{order:?}");
    order.retain(|id| *id != 6);
    assert!(order.is_sorted());
}
