//! Messages between control, the dataplane and operators: no bytes make a reader panic, and a message is no larger than
//! its frame.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use bolero::check;
use control::operator::Ask;
use dataplane::policy::Snapshot;
use fuzz::Tally;
use fuzz::damage::{Damage, damaged};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::*;

#[test]
fn any_frame_is_read_without_panic() {
    let tally = Tally::new("messages::any_frame_is_read_without_panic", "messages");
    check!().for_each(|bytes: &[u8]| {
        tally.add(1);
        receive(bytes);
    });
}

#[test]
fn nearly_valid_frames_are_read_without_panic() {
    let tally = Tally::new("messages::nearly_valid_frames_are_read_without_panic", "messages");
    let frames = frames();
    check!().with_type::<(u8, Vec<Damage>)>().for_each(|(frame, damage)| {
        tally.add(1);
        receive(&damaged(&frames[usize::from(*frame) % frames.len()], damage));
    });
}

#[test]
fn operators_lines() {
    let tally = Tally::new("messages::operators_lines", "messages");
    check!().with_type::<(u8, Vec<Damage>)>().for_each(|(line, damage)| {
        tally.add(1);
        let line = damaged(LINES[usize::from(*line) % LINES.len()].as_bytes(), damage);
        if let Ok(ask) = serde_json::from_slice::<Ask>(&line) {
            let told = serde_json::to_string(&ask).unwrap();
            let again = serde_json::from_str::<Ask>(&told).unwrap();
            assert_eq!(ask.only_looks(), again.only_looks(), "{told}");
        }
    });
}

/// Reads a frame as both sides do.
fn receive(frame: &[u8]) {
    let Some((header, body)) = frame.split_first_chunk() else { return };
    assert!(body_length(*header).is_ok() || u32::from_be_bytes(*header) as usize > MAX_FRAME);
    if let Some(Request::Apply(update)) = understand::<Call>(body).map(|call| call.request)
        && update.changes.iter().all(has_a_small_number)
    {
        let _ = Snapshot::empty().apply(&update);
    }
    understand::<Message>(body);
}

/// Decodes a body. A valid message can be encoded in no more bytes, and is equal again.
fn understand<T: Serialize + DeserializeOwned + PartialEq + Debug>(body: &[u8]) -> Option<T> {
    let message: T = decode(body).ok()?;
    let frame = encode(&message).unwrap();
    assert!(frame.len() - 4 <= body.len(), "{message:?}");
    assert_eq!(decode::<T>(&frame[4..]).unwrap(), message);
    Some(message)
}

/// Whether a change's numbers are small. Tables are as large as their largest number, and large ones would only take
/// time.
fn has_a_small_number(change: &Change) -> bool {
    let number = match change {
        Change::Set(Entry::Port(PortId(number), _)) => number,
        Change::Set(Entry::Attachment(AttachmentId(number), _)) => number,
        Change::Set(Entry::Address(VrfId(number), ..)) => number,
        Change::Set(Entry::Table(TableId(number), _)) => number,
        Change::Set(Entry::Filter(FilterId(number), _)) => number,
        Change::Set(Entry::Segment(SegmentId(number), _)) => number,
        Change::Set(Entry::Acl(AclId(number), _)) => number,
        Change::Set(Entry::Nat(NatId(number), _)) => number,
        Change::Set(Entry::Impairments(PortId(number), _)) => number,
        Change::Set(Entry::Path(PortId(number), ..)) => number,
        _ => return true,
    };
    *number < 1 << 16
}

fn frames() -> Vec<Vec<u8>> {
    let packet = FiveTuple {
        source: Ipv4Addr::new(10, 0, 0, 1),
        destination: Ipv4Addr::new(10, 0, 0, 2),
        protocol: 6,
        source_port: 1025,
        destination_port: 80,
    };
    let net = "10.0.0.0/8".parse().unwrap();
    let address = Ipv4Addr::new(10, 0, 0, 1);
    let rule = |traffic| Rule { id: RuleId(0), traffic, peer: Peer::Net(net) };
    let all = vec![
        rule(Traffic::Any),
        rule(Traffic::Tcp(1..=9)),
        rule(Traffic::Icmp(Some(8), None)),
        rule(Traffic::Udp(5..=5)),
    ];
    let acl_rule = |number, traffic| AclRule { number, traffic, net, allow: true };
    let route =
        |next_hop| Route { prefix: net, from: VrfId(1), next_hop, mtu: Some(1500), hop: Hop::Answering(address) };
    let changes = vec![
        Change::Set(Entry::Filter(FilterId(1), Filter { ingress: all.clone(), egress: all })),
        Change::Set(Entry::Acl(
            AclId(1),
            Acl { ingress: vec![acl_rule(5, Traffic::Any), acl_rule(1, Traffic::Protocol(47))], egress: Vec::new() },
        )),
        Change::Set(Entry::Segment(SegmentId(1), Segment { acl: AclId(1) })),
        Change::Set(Entry::Table(TableId(1), vec![route(NextHop::Deliver(VrfId(1)))])),
        Change::Set(Entry::Nat(
            NatId(1),
            Nat { public: address, segment: None, private: address, table: TableId(1), visible: true },
        )),
        Change::Set(Entry::Address(VrfId(1), address, Endpoint::Public(AttachmentId(1), address))),
        Change::Remove(Key::Address(VrfId(1), address)),
        Change::Remove(Key::Attachment(AttachmentId(1))),
        Change::Remove(Key::Port(PortId(1))),
    ];
    let requests = [
        Request::Ping,
        Request::Apply(Update { version: 7, whole: true, changes }),
        Request::Why { port: PortId(1), packet },
        Request::AdvanceClock(Duration::from_millis(1500)),
        Request::Accounts,
    ];
    let report = HostReport { host: "i-1".into(), state: HostState::Failed { why: "no".into() } };
    let port = PortStatus {
        port: PortId(1),
        host: "i-1".into(),
        interface: 0,
        sent_packets: 1,
        sent_bytes: 2,
        received_packets: 3,
        received_bytes: u64::MAX,
        drops: Vec::new(),
    };
    let messages = [
        Message::Event(Event::AllHosts(vec![report.clone(), report.clone()])),
        Message::Event(Event::Host(report)),
        Message::Answer { id: 1, reply: Reply::Refused { why: "no".into() } },
        Message::Answer {
            id: 1 << 40,
            reply: Reply::Status(Status {
                version: 1,
                workers: 2,
                busy: vec![],
                flows: 3,
                ports: vec![port.clone(), port],
            }),
        },
        Message::Answer {
            id: 3,
            reply: Reply::Accounts(Accounts { entries: Vec::new(), skipped: vec![(AttachmentId(1), 9)] }),
        },
    ];
    let calls = requests.into_iter().map(|request| encode(&Call { id: 300, request }).unwrap());
    calls.chain(messages.iter().map(|message| encode(message).unwrap())).collect()
}

const LINES: &[&str] = &[
    r#"{"ask":"find-host","host":"web"}"#,
    r#"{"ask":"explain-path","from":"web","source":"10.0.0.1","to":"app","traffic":{"tcp":80}}"#,
    r#"{"ask":"explain-path","from":"web","to":"10.0.0.9","traffic":"icmp"}"#,
    r#"{"ask":"read-status"}"#,
    r#"{"ask":"read-flow-logs","of":null}"#,
    r#"{"ask":"advance-clock","seconds":1.5e3}"#,
    r#"{"ask":"add-host","name":"x","address":"8.8.8.8","site":"cgw-1","service":"s3"}"#,
    r#"{"ask":"remove-host","name":"x"}"#,
    r#"{"ask":"link-instances","instances":["a","b"],"vpc":"v","groups":["g"]}"#,
    r#"{"ask":"create-vpc","place":{"account":null,"region":"us-east-1"},"cidr":"10.0.0.0/16","name":"x","classic_link":true}"#,
];
