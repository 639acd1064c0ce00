//! Recordings of clouds: their rows, the cause of a drop, and the smallest network that shows it.

use super::minimise::Answer;
use super::*;
use crate::api::Request;
use crate::compile::Compiler;
use crate::explain::names::Names;
use crate::explain::{Traffic, first_packets};
use crate::export::tests::set_up;
use crate::reach::Network;
use crate::tables::Tables;
use dataplane::environment::{Environment, Seed};
use dataplane::packet::{VirtioHeader, checksum};
use dataplane::pipeline::{Engine, Packet};
use dataplane::policy::Snapshot;
use dataplane::record::{Event, Mode, Output, Reader, Recorder, Replay};
use model::{InstanceHost, Scope, Time};
use scenarios::format::load;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use wire::{Change, DropReason, FiveTuple, PortId, TCP, Update};

const NOW: Time = Time(1_420_632_000_000);

/// A cloud and an engine that is recorded.
struct Recorded {
    model: Model,
    tables: Tables,
    engine: Engine,
    recorder: Recorder,
    version: u64,
    directory: TempDir,
}

impl Recorded {
    fn of(model: Model) -> Self {
        let tables = Compiler::whole(&model).1;
        let environment = Environment { seed: Seed::new(7), ..Environment::fixed() };
        let engine = Engine::new(100, environment).unwrap();
        let whole = Update { version: 1, whole: true, changes: tables.whole() };
        engine.publish(Arc::new(Snapshot::empty().apply(&whole).unwrap()));
        let directory = tempfile::tempdir().unwrap();
        let recorded = Self { model, tables, engine, recorder: Recorder::default(), version: 1, directory };
        recorded.begin(None);
        recorded
    }

    fn begin(&self, ring: Option<u64>) {
        let blank = RecordingOrder {
            files: vec![self.path()],
            payload: Some(0),
            ring,
            leased: false,
            tables: vec![],
            platform: String::new(),
            rows: vec![],
        };
        let order = order(&self.model, self.tables.whole(), blank);
        let output: Box<dyn Output> = Box::new(File::create(self.path()).unwrap());
        self.recorder.start(&self.engine, order, 7, vec![output], || {}, Vec::new).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("recording")
    }

    /// Makes a call of the API, puts it in force and records it.
    fn call(&mut self, form: &str) {
        let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let request = Request::of_process(&scope, &format!("Action={form}"), NOW).map_err(|no| no.body).unwrap();
        request.write(&mut self.model).map_err(|no| no.body).unwrap();
        self.publish();
    }

    /// Puts the model in force and records what has changed.
    fn publish(&mut self) {
        let changes = self.model.take_changes();
        let wanted = Compiler::whole(&self.model).1.whole().into_iter().filter_map(|change| match change {
            Change::Set(entry) => Some((entry.key(), entry)),
            Change::Remove(_) => None,
        });
        let wanted = wanted.collect();
        let keys: Vec<_> = self.tables.whole().iter().map(Change::key).collect();
        let update = self.tables.difference(keys, &wanted);
        self.tables.apply(&update);
        self.version += 1;
        let update = Update { version: self.version, whole: false, changes: update };
        let next = self.engine.snapshot().apply(&update).unwrap();
        let RecordCall::Note { what, rows, whole } = note(&self.model, &changes) else { panic!("no note") };
        self.recorder.note(what, rows, whole);
        self.recorder.publish(&self.engine, Arc::new(next), &update);
    }

    fn send(&self, port: PortId, tuple: FiveTuple) {
        self.send_with(port, tuple, SYN);
    }

    fn send_with(&self, port: PortId, tuple: FiveTuple, flags: u8) {
        self.send_bytes(port, segment(tuple, flags));
    }

    fn send_bytes(&self, port: PortId, mut bytes: Vec<u8>) {
        let virtio = VirtioHeader::default();
        let mut turn = self.recorder.turn(&self.engine).unwrap();
        let batch = self.engine.batch();
        turn.at(batch.now(), self.engine.since_1970());
        turn.arrived(port, virtio.bytes(), &bytes);
        let (parsed, _) = match batch.parse_offloaded(port, &virtio, &mut bytes) {
            Ok(parsed) => parsed,
            Err(drop) => return turn.refused(drop),
        };
        let mut packet = Packet { bytes: &mut bytes, partial_checksum: false, segment_size: 0 };
        let outcome = batch.process_parsed(port, &parsed, &mut packet);
        turn.passed(&outcome, parsed.view(), packet.bytes);
    }

    fn end(&self) {
        self.recorder.end(Vec::new).unwrap();
    }
}

const SYN: u8 = 2;
const ACK: u8 = 16;

/// A TCP segment.
fn segment(tuple: FiveTuple, flags: u8) -> Vec<u8> {
    let mut bytes = vec![0; 40];
    bytes[..4].copy_from_slice(&[0x45, 0, 0, 40]);
    bytes[8..10].copy_from_slice(&[64, TCP]);
    bytes[12..16].copy_from_slice(&tuple.source.octets());
    bytes[16..20].copy_from_slice(&tuple.destination.octets());
    let sum = !checksum::sum(&bytes[..20]);
    bytes[10..12].copy_from_slice(&sum.to_be_bytes());
    bytes[20..22].copy_from_slice(&tuple.source_port.to_be_bytes());
    bytes[22..24].copy_from_slice(&tuple.destination_port.to_be_bytes());
    bytes[32..34].copy_from_slice(&[0x50, flags]);
    bytes
}

const NETWORK: &str = "name: x\nproves: []\nnetwork:\n  Vpcs: {v: {CidrBlock: 10.0.0.0/16}, other: {CidrBlock: 10.1.0.0/16}}\n  \
    Subnets: {s: {VpcId: v, CidrBlock: 10.0.0.0/24}, t: {VpcId: v, CidrBlock: 10.0.1.0/24}, o: {VpcId: other, CidrBlock: 10.1.0.0/24}}\n  \
    SecurityGroups:\n    web: {VpcId: v, ingress: [tcp 80 from 0.0.0.0/0, tcp 443 from 10.0.0.0/8, icmp from 0.0.0.0/0]}\n    \
    db: {VpcId: v, ingress: [tcp 5432 from web, tcp 22 from 10.0.0.0/24]}\n    open: {VpcId: other, ingress: [all from 0.0.0.0/0]}\n  \
    Instances:\n    a: {SubnetId: s, SecurityGroups: [web]}\n    b: {SubnetId: s, SecurityGroups: [web]}\n    \
    c: {SubnetId: t, SecurityGroups: [db]}\n    d: {SubnetId: t, SecurityGroups: [db]}\n    e: {SubnetId: o, SecurityGroups: [open]}\n  \
    VpcPeeringConnections: {p: {VpcId: v, PeerVpcId: other}}\n  \
    RouteTables: {main: {VpcId: v, main: true, Routes: {10.1.0.0/16: p}}}\nsteps: []\n";

/// The first packet of a TCP connection, with the port that it leaves by.
fn packet(model: &Model, from: &str, to: &str, port: u16) -> (PortId, FiveTuple) {
    first_packets(model, (from, None), to, Traffic::Tcp(port)).unwrap()[0]
}

fn group(model: &Model, name: &str) -> String {
    model.security_groups.iter().find(|group| group.name == name).unwrap().id.clone()
}

#[test]
fn the_change_that_caused_a_drop_is_found() {
    let mut run = Recorded::of(set_up(&load::parse(NETWORK).unwrap().network));
    let (port, first) = packet(&run.model, "a", "c", 5432);
    let (db, web) = (group(&run.model, "db"), group(&run.model, "web"));
    let revoke = |id: &str, port: u16, peer: &str| {
        format!(
            "RevokeSecurityGroupIngress&GroupId={id}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort={port}\
             &IpPermissions.1.ToPort={port}&IpPermissions.1.{peer}"
        )
    };
    for source_port in 0..6u16 {
        run.send(port, FiveTuple { source_port: 50_000 + source_port, ..first });
        match source_port {
            0 => run.call(&revoke(&web, 80, "IpRanges.1.CidrIp=0.0.0.0/0")),
            1 => run.call(&revoke(&db, 22, "IpRanges.1.CidrIp=10.0.0.0/24")),
            2 => run.call(&revoke(&db, 5432, &format!("Groups.1.GroupId={web}"))),
            3 => run.call(&revoke(&web, 443, "IpRanges.1.CidrIp=10.0.0.0/8")),
            _ => {}
        }
    }
    run.end();
    for last in [true, false] {
        let found = bisect(&run.path(), DropReason::IngressFilter, last).unwrap();
        let Culprit::Change { number, update, packet, without } = found else { panic!("{found:?}") };
        assert_eq!((number, packet.number), (3, if last { 6 } else { 4 }));
        let names = Names::of(&run.model);
        assert!(change_words(&names, &names, &update).contains(&db), "{}", change_words(&names, &names, &update));
        assert!(packet_words(&names, &packet).contains("dropped (ingress-filter)"));
        assert!(packet_words(&names, &without).contains("arrives at"));
    }
    assert!(matches!(bisect(&run.path(), DropReason::NoRoute, true), Err(RecordingError::NoDrop(Some(_)))));
    // A change that is left out shows in the output.
    let mut replay = Replay::of(Reader::open(&run.path()).unwrap(), Mode { skip: [3].into(), ..Mode::default() });
    let (mut cloud, mut different) = (RecordedCloud::default(), vec![]);
    while let Some(event) = replay.next_event().unwrap() {
        match event {
            Event::Began { platform, rows, .. } => cloud = RecordedCloud::begin(platform, rows),
            Event::Noted(_, rows) => cloud.note(rows),
            Event::Packet(packet) if !packet.is_same() => different.push(packet.number),
            _ => {}
        }
    }
    assert_eq!(different, [4, 5, 6]);
    let [kept, model] = [cloud.model().unwrap(), run.model.clone()].map(|model| Compiler::whole(&model).1.whole());
    assert_eq!(kept, model, "the cloud of the recording is the cloud as it is in the end");
}

/// A change that was undone is not the cause of what a later one did again.
#[test]
fn the_last_of_several_changes_is_the_cause() {
    let mut run = Recorded::of(set_up(&load::parse(NETWORK).unwrap().network));
    let (port, first) = packet(&run.model, "a", "c", 5432);
    let (db, web) = (group(&run.model, "db"), group(&run.model, "web"));
    let rule = format!(
        "GroupId={db}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=5432&IpPermissions.1.ToPort=5432\
         &IpPermissions.1.Groups.1.GroupId={web}"
    );
    let others = |port: u16| {
        format!(
            "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort={port}\
             &IpPermissions.1.ToPort={port}&IpPermissions.1.IpRanges.1.CidrIp=10.9.0.0/16"
        )
    };
    (1..4).for_each(|port| run.call(&others(port)));
    run.call(&format!("RevokeSecurityGroupIngress&{rule}"));
    run.call(&format!("AuthorizeSecurityGroupIngress&{rule}"));
    (4..9).for_each(|port| run.call(&others(port)));
    run.call(&format!("RevokeSecurityGroupIngress&{rule}"));
    (9..12).for_each(|port| run.call(&others(port)));
    run.send(port, first);
    run.end();
    let found = bisect(&run.path(), DropReason::IngressFilter, true).unwrap();
    let Culprit::Change { number, without, .. } = found else { panic!("{found:?}") };
    assert_eq!(number, 11);
    assert!(matches!(without.verdict, dataplane::record::Verdict::Forward { .. }));
}

/// If a recording's first chapter is gone, the change in it cannot be left out.
#[test]
fn a_change_before_the_first_chapter_is_not_ruled_out() {
    let mut run = Recorded::of(set_up(&load::parse(NETWORK).unwrap().network));
    run.end();
    let (port, first) = packet(&run.model, "a", "c", 5432);
    let (db, web) = (group(&run.model, "db"), group(&run.model, "web"));
    run.begin(Some(1));
    run.call(&format!(
        "RevokeSecurityGroupIngress&GroupId={db}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=5432\
         &IpPermissions.1.ToPort=5432&IpPermissions.1.Groups.1.GroupId={web}"
    ));
    // Another chapter begins, and its file is emptied first.
    (0..3000).for_each(|_| run.send(port, first));
    run.end();
    let found = bisect(&run.path(), DropReason::IngressFilter, true).unwrap();
    assert!(matches!(found, Culprit::Unknown { before: 1, .. }), "{found:?}");
}

#[test]
fn secrets_are_not_recorded() {
    let mut run = Recorded::of(set_up(&load::parse(NETWORK).unwrap().network));
    run.call("CreateKeyPair&KeyName=mine");
    assert!(run.model.to_rows().unwrap().keys().any(|(collection, _)| collection == "key_pairs"));
    run.end();
    let text = std::fs::read(run.path()).unwrap();
    assert!(!text.windows(9).any(|part| part == b"key_pairs"));
}

/// Checks that the smallest scenario of a packet's verdict, when set up, gives the same verdict.
fn check(model: &Model, (port, tuple): (PortId, FiveTuple), name: &str) -> Minimised {
    let run = Recorded::of(model.clone());
    run.send(port, tuple);
    run.end();
    let (model, question) = question(&run.path(), Some(1)).unwrap();
    let minimised = minimise(model, &question).unwrap();
    let text = &minimised.scenario;
    let scenario = load::parse(text).unwrap_or_else(|(_, why)| panic!("{name}: {why}\n{text}"));
    assert!(!text.contains("# left out"), "{name}:\n{text}");
    let step = text.lines().last().unwrap().trim_start_matches("  - ");
    let (words, reason) = step.split_once(": ").unwrap_or((step, ""));
    let words: Vec<&str> = words.split(' ').collect();
    let [from, _, "tcp", port, "on", to] = words[..] else { panic!("{name}: {step}") };
    let model = set_up(&scenario.network);
    let network = Network::of(&model).unwrap();
    let (port, packet) = packet(&model, from, to, port.parse().unwrap());
    let explained = network.explain(port, packet);
    let dropped = |steps: &[wire::Step]| match steps.last() {
        Some(wire::Step::Dropped(drop)) => drop.reason.name(),
        _ => "",
    };
    let verdict = dropped(&explained.there);
    assert_eq!(verdict, reason, "{name}:\n{text}");
    minimised
}

#[test]
fn parts_that_a_verdict_does_not_need_are_removed() {
    let model = set_up(&load::parse(NETWORK).unwrap().network);
    let least = check(&model, packet(&model, "b", "d", 6000), "no rule");
    assert_eq!(
        (least.model.instances.iter().filter(|instance| instance.is_on()).count(), least.model.vpcs.len()),
        (2, 1)
    );
    let rules: usize = least.model.security_groups.iter().map(|group| group.rules.len()).sum();
    assert!(rules <= 2 && !least.scenario.contains("NetworkAcls"), "{}", least.scenario);
    let least = check(&model, packet(&model, "b", "10.1.0.77", 80), "nobody there");
    assert_eq!(least.model.instances.iter().filter(|instance| instance.is_on()).count(), 1, "{}", least.scenario);
    let open = check(&model, packet(&model, "a", "c", 5432), "open");
    assert!(open.scenario.contains("a can tcp 5432 on c") && open.parts[1] * 2 < open.parts[0], "{:?}", open.parts);
}

/// For every well-known fault, the first drop between two of its hosts.
#[test]
fn faults_become_minimal_scenarios() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/bugs");
    let mut checked = 0;
    for loaded in load::load(&[directory]).unwrap() {
        let model = set_up(&loaded.scenario.network);
        let network = Network::of(&model).unwrap();
        let hosts: Vec<String> = network.hosts().map(|host| host.id.clone()).collect();
        let pairs = hosts.iter().flat_map(|from| hosts.iter().map(move |to| (from, to))).filter(|(a, b)| a != b);
        let dropped = pairs.filter_map(|(from, to)| {
            let (port, tuple) = first_packets(&model, (from, None), to, Traffic::Tcp(80)).ok()?.into_iter().next()?;
            let is_dropped = matches!(network.explain(port, tuple).there.last(), Some(wire::Step::Dropped(_)));
            is_dropped.then_some((port, tuple))
        });
        for packet in dropped.take(1) {
            checked += 1;
            check(&model, packet, &loaded.path.display().to_string());
        }
    }
    assert!(checked > 8, "{checked}");
}

#[test]
fn a_verdict_that_depends_on_the_past_is_refused() {
    let model = set_up(&load::parse(NETWORK).unwrap().network);
    let mut run = Recorded::of(model);
    let (port, tuple) = packet(&run.model, "a", "c", 5432);
    run.send(port, tuple);
    let (db, web) = (group(&run.model, "db"), group(&run.model, "web"));
    run.call(&format!(
        "RevokeSecurityGroupIngress&GroupId={db}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=5432\
         &IpPermissions.1.ToPort=5432&IpPermissions.1.Groups.1.GroupId={web}"
    ));
    // The connection outlives its rule, which the network alone does not show.
    run.send(port, tuple);
    run.end();
    assert!(matches!(question(&run.path(), Some(2)), Err(MinimiseError::Stateful { number: 2, .. })));
    assert!(matches!(question(&run.path(), None), Err(MinimiseError::Recording(RecordingError::NoDrop(None)))));
    let (_, question) = question(&run.path(), Some(1)).unwrap();
    assert!(matches!(question.answer, Answer::Arrives(_)));
}

/// Two VPCs with the same addresses, where no reply leaves the servers' subnets.
const TWINS: &str = "name: x\nproves: []\nnetwork:\n  Vpcs: {v: {CidrBlock: 10.0.0.0/16}, w: {CidrBlock: 10.0.0.0/16}}\n  \
    Subnets: {s: {VpcId: v, CidrBlock: 10.0.0.0/24}, t: {VpcId: v, CidrBlock: 10.0.1.0/24}, x: {VpcId: w, CidrBlock: 10.0.0.0/24}, \
    y: {VpcId: w, CidrBlock: 10.0.1.0/24}}\n  \
    SecurityGroups:\n    one: {VpcId: v, ingress: [all from 0.0.0.0/0]}\n    two: {VpcId: w, ingress: [all from 0.0.0.0/0]}\n  \
    Instances:\n    a: {SubnetId: s, SecurityGroups: [one], PrivateIpAddress: 10.0.0.9}\n    \
    b: {SubnetId: t, SecurityGroups: [one], PrivateIpAddress: 10.0.1.9}\n    \
    c: {SubnetId: x, SecurityGroups: [two], PrivateIpAddress: 10.0.0.9}\n    \
    d: {SubnetId: y, SecurityGroups: [two], PrivateIpAddress: 10.0.1.9}\nsteps: []\n";

#[test]
fn a_dropped_reply_is_of_its_own_vpc() {
    let mut run = Recorded::of(set_up(&load::parse(TWINS).unwrap().network));
    let acls: Vec<String> = run.model.network_acls.iter().map(|acl| acl.id.clone()).collect();
    let connections = [("a", "b"), ("c", "d")].map(|(from, to)| {
        let (client, tuple) = packet(&run.model, from, to, 80);
        let (server, _) = packet(&run.model, to, from, 80);
        (client, server, FiveTuple { source_port: 50_000, ..tuple })
    });
    for acl in acls {
        run.call(&format!(
            "CreateNetworkAclEntry&NetworkAclId={acl}&RuleNumber=1&Protocol=6&RuleAction=deny&Egress=true&CidrBlock=10.0.0.0/24\
             &PortRange.From=50000&PortRange.To=50000"
        ));
    }
    for (client, server, tuple) in connections {
        run.send(client, tuple);
        run.send_with(server, tuple.reversed(), SYN | ACK);
    }
    run.end();
    for ((client, _, tuple), number) in connections.into_iter().zip([2, 4]) {
        let (_, question) = question(&run.path(), Some(number)).unwrap();
        assert!(matches!(question.answer, Answer::ReplyDropped(_)), "{question:?}");
        assert_eq!((question.port, question.packet), (client, tuple));
    }
}

#[test]
fn a_file_is_made_or_emptied_if_it_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let [file, pipe, link] = ["file", "pipe", "link"].map(|name| directory.path().join(name));
    assert!(prepare(&file).unwrap().is_new);
    std::fs::write(&file, "kept").unwrap();
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert!(prepare(&pipe).is_err() && prepare(&link).is_err());
    assert_eq!(std::fs::read(&file).unwrap(), b"kept");
    assert!(!prepare(&file).unwrap().is_new);
    assert!(std::fs::read(&file).unwrap().is_empty());
}

/// Any packet shows a connection that passes.
#[test]
fn a_reply_that_arrives_asks_for_what_it_answers() {
    let model = set_up(&load::parse(NETWORK).unwrap().network);
    let (port, tuple) = packet(&model, "a", "c", 5432);
    let (back, _) = packet(&model, "c", "a", 5432);
    let run = Recorded::of(model);
    run.send(port, tuple);
    run.send(back, tuple.reversed());
    run.end();
    let (model, question) = question(&run.path(), Some(2)).unwrap();
    assert_eq!((question.port, question.packet), (port, tuple));
    assert!(minimise(model, &question).unwrap().scenario.contains("a can tcp 5432 on c"));
}

/// A recorder that was killed leaves a recording without its end.
#[test]
fn a_cut_recording_is_used_up_to_the_cut() {
    let model = set_up(&load::parse(NETWORK).unwrap().network);
    let (port, tuple) = packet(&model, "a", "c", 23);
    let run = Recorded::of(model);
    run.send(port, tuple);
    run.end();
    let whole = std::fs::read(run.path()).unwrap();
    let (_, wanted) = question(&run.path(), None).unwrap();
    let Answer::Dropped(drop) = wanted.answer else { panic!("{wanted:?}") };
    std::fs::write(run.path(), &whole[..whole.len() - 1]).unwrap();
    let (_, found) = question(&run.path(), None).unwrap();
    assert_eq!((found.packet, found.answer), (wanted.packet, wanted.answer));
    let Culprit::None { packet } = bisect(&run.path(), drop.reason, true).unwrap() else { panic!("{drop:?}") };
    assert_eq!(packet.number, 1);
}

/// A segment that is not like the first of a connection: `change` alters its header.
fn altered(tuple: FiveTuple, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = segment(tuple, SYN);
    change(&mut bytes);
    let length = (bytes.len() as u16).to_be_bytes();
    bytes[2..4].copy_from_slice(&length);
    bytes[10..12].fill(0);
    let header = usize::from(bytes[0] & 15) * 4;
    let sum = !checksum::sum(&bytes[..header]);
    bytes[10..12].copy_from_slice(&sum.to_be_bytes());
    bytes
}

#[test]
fn a_packet_that_no_program_sends_is_made_by_hand() {
    let model = set_up(&load::parse(NETWORK).unwrap().network);
    let (port, tuple) = packet(&model, "a", "c", 5432);
    let jumbo = altered(tuple, |bytes| {
        bytes[6] = 0x40;
        bytes.resize(9200, 0);
    });
    let routed = altered(tuple, |bytes| {
        bytes[0] = 0x47;
        bytes.splice(20..20, [131, 7, 4, 10, 0, 1, 1, 0]);
    });
    let rest = altered(tuple, |bytes| bytes[7] = 8);
    for (bytes, packet, clause) in [
        (vec![b'E'; 40], "garbage to 169.254.169.254", ": malformed"),
        (vec![0x60; 40], "ipv6 to 169.254.169.254", ": not-ipv4"),
        (jumbo, "tcp 5432 to c", ", 9200 bytes long, not to be fragmented: mtu-exceeded"),
        (routed, "tcp 5432 to 10.0.1.", ", source-routed: source-routed"),
        (rest, "tcp 0 to 10.0.1.", ", without its first fragment: fragment-without-first"),
    ] {
        let run = Recorded::of(model.clone());
        run.send_bytes(port, bytes);
        run.end();
        let (model, question) = question(&run.path(), Some(1)).unwrap();
        let scenario = minimise(model, &question).unwrap().scenario;
        load::parse(&scenario).unwrap_or_else(|(_, why)| panic!("{why}\n{scenario}"));
        let step = scenario.lines().last().unwrap();
        assert!(step.starts_with(&format!("  - a cannot send {packet}")) && step.ends_with(clause), "{scenario}");
    }
}

#[test]
fn a_nat_gateway_is_named_for_its_address_changes() {
    let text = "name: x\nproves: []\nnetwork:\n  Vpcs: {v: {CidrBlock: 10.0.0.0/16}}\n  InternetGateways: {g: {VpcId: v}}\n  \
        Subnets: {s: {VpcId: v, CidrBlock: 10.0.0.0/24}}\n  NatGateways: {n: {SubnetId: s}}\n  \
        RouteTables: {main: {VpcId: v, main: true, Routes: {0.0.0.0/0: g}}}\n  hosts: {visitor: {internet: 203.0.113.9}}\nsteps: []\n";
    let model = set_up(&load::parse(text).unwrap().network);
    let gateway = model.nat_gateways.iter().next().unwrap().clone();
    let (port, tuple) = packet(&model, "visitor", &gateway.public.to_string(), 443);
    let run = Recorded::of(model);
    run.send(port, tuple);
    run.end();
    let (model, question) = question(&run.path(), None).unwrap();
    let scenario = minimise(model, &question).unwrap().scenario;
    let step = format!("  - visitor cannot tcp 443 on ${}.public: no-translation\n", gateway.id);
    assert!(scenario.ends_with(&step), "{scenario}");
}

#[test]
fn a_segment_that_a_nat_gateway_does_not_know_is_made_by_hand() {
    let text = "name: x\nproves: []\nnetwork:\n  Vpcs: {v: {CidrBlock: 10.0.0.0/16}}\n  InternetGateways: {g: {VpcId: v}}\n  \
        Subnets: {s: {VpcId: v, CidrBlock: 10.0.0.0/24}, t: {VpcId: v, CidrBlock: 10.0.1.0/24}}\n  Instances: {i: {SubnetId: t}}\n  \
        NatGateways: {n: {SubnetId: s}}\n  RouteTables: {main: {VpcId: v, main: true, Routes: {0.0.0.0/0: g}}, \
        back: {VpcId: v, SubnetIds: [t], Routes: {0.0.0.0/0: n}}}\n  hosts: {visitor: {internet: 203.0.113.9}}\nsteps: []\n";
    let model = set_up(&load::parse(text).unwrap().network);
    let (port, tuple) = packet(&model, "i", "visitor", 443);
    let run = Recorded::of(model);
    run.send_bytes(port, segment(tuple, ACK));
    run.end();
    let (model, question) = question(&run.path(), None).unwrap();
    let scenario = minimise(model, &question).unwrap().scenario;
    load::parse(&scenario).unwrap_or_else(|(_, why)| panic!("{why}\n{scenario}"));
    let step = scenario.lines().last().unwrap();
    assert!(step.starts_with("  - i cannot send tcp 443 to "), "{scenario}");
    assert!(step.ends_with(", without a SYN: unknown-connection"), "{scenario}");
}

#[test]
fn what_a_change_removes_has_its_name() {
    let mut run = Recorded::of(set_up(&load::parse(NETWORK).unwrap().network));
    let instance =
        run.model.instances.iter().find(|instance| instance.tags.get("Name").is_some_and(|name| name == "e"));
    let instance = instance.unwrap().id.clone();
    run.call(&format!("TerminateInstances&InstanceId.1={instance}"));
    run.model.follow_hosts(|instance| if instance.is_on() { InstanceHost::Up } else { InstanceHost::Gone });
    run.publish();
    run.end();
    let mut replay = Replay::of(Reader::open(&run.path()).unwrap(), Mode::default());
    let (mut cloud, mut words) = (RecordedCloud::default(), vec![]);
    while let Some(event) = replay.next_event().unwrap() {
        match event {
            Event::Began { platform, rows, .. } => cloud = RecordedCloud::begin(platform, rows),
            Event::Noted(_, rows) => cloud.note(rows),
            Event::Changed { update, .. } => {
                let [before, now] = [cloud.model_before().unwrap(), cloud.model().unwrap()];
                words.push(change_words(&Names::of(&now), &Names::of(&before), &update));
            }
            _ => {}
        }
    }
    assert!(words.iter().any(|words| words.contains(&format!("the interface of {instance} (e)"))), "{words:?}");
}
