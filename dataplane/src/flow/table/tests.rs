use super::*;
use crate::flow::State;
use crate::packet::{Header, tcp};
use proptest::prelude::*;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use wire::{AttachmentId, NatId, TCP, Timeouts};

const LIMITS: Limits = Limits { mtu: 1500, hops: 2 };

fn path(client: u16) -> Path {
    let sent = FiveTuple {
        source: Ipv4Addr::new(10, 0, 0, 1),
        destination: Ipv4Addr::new(10, 0, 0, 2),
        protocol: TCP,
        source_port: client,
        destination_port: 80,
    };
    Path {
        by: AttachmentId(1),
        to: AttachmentId(2),
        port: PortId(2),
        limits: LIMITS,
        sent,
        delivered: sent,
        nat: None,
        leaves_segment: false,
    }
}

/// A TCP connection opened at `now`. With `established` it is answered and acknowledged.
fn flow(client: u16, now: u64, established: bool) -> Flow {
    let path = path(client);
    let mut flow = Flow::new(PortId(1), &Header::first_of(path.sent), path, [true; 2], now);
    if established {
        flow.activity = flow.activity.after(Side::Reply, tcp::SYN | tcp::ACK, now).after(Side::Forward, tcp::ACK, now);
    }
    flow
}

fn insert(table: &FlowTable, flow: &Flow) -> Result<(), InsertError> {
    table.insert(flow, 1, LIMITS, false)
}

fn knows(table: &FlowTable, flow: &Flow) -> bool {
    flow.keys.iter().all(|key| table.contains(key))
}

#[test]
fn a_full_table_gives_up_the_oldest_flow_that_nobody_answered_and_no_other() {
    let table = FlowTable::new(3, Seed::new(0)).unwrap();
    let (established, oldest, newer) = (flow(1, 0, true), flow(2, 0, false), flow(3, 0, false));
    for flow in [&established, &oldest, &newer] {
        assert_eq!(insert(&table, flow), Ok(()));
    }
    let (fourth, fifth, sixth) = (flow(4, 0, true), flow(5, 0, true), flow(6, 0, true));
    assert_eq!(insert(&table, &fourth), Ok(()));
    assert!(!knows(&table, &oldest) && knows(&table, &newer) && knows(&table, &established));
    assert_eq!(insert(&table, &fifth), Ok(()));
    assert_eq!(insert(&table, &sixth), Err(InsertError::Full));
    assert!(knows(&table, &established) && knows(&table, &fourth) && knows(&table, &fifth));
    assert_eq!(table.len(), 3);
}

#[test]
fn flows_expire_by_their_state() {
    let table = FlowTable::new(10, Seed::new(0)).unwrap();
    let (established, opening) = (flow(1, 1000, true), flow(2, 1000, false));
    insert(&table, &established).unwrap();
    insert(&table, &opening).unwrap();
    let lifetimes = Lifetimes::new(&Default::default());
    let last_moment = 1000 + Timeouts::default().tcp_half_open.as_millis() as u64;
    assert_eq!(table.expire(&lifetimes, last_moment), 0);
    assert_eq!(table.expire(&lifetimes, last_moment + 1), 1);
    assert!(knows(&table, &established) && !knows(&table, &opening));
    assert_eq!((table.len(), table.lock().shares.of(PortId(1))), (1, 1));
}

fn insert_all(table: &FlowTable, flows: &[Flow]) -> Vec<Result<(), InsertError>> {
    flows.iter().map(|flow| insert(table, flow)).collect()
}

fn begun_by(port: u32, client: u16, established: bool) -> Flow {
    let mut flow = flow(client, 0, established);
    flow.keys[0].port = PortId(port);
    flow.keys[1].port = PortId(100 + port);
    flow
}

#[test]
fn a_port_that_has_used_its_share_makes_room_itself() {
    let own: Vec<Flow> = (0..5).map(|client| begun_by(1, client, client == 0)).collect();
    let table = FlowTable::new(8, Seed::new(0)).unwrap().with_share(4);
    assert_eq!(insert_all(&table, &own), [Ok(()); 5]);
    assert!(!knows(&table, &own[1]), "the oldest unanswered flow");
    assert!([0, 2, 3, 4].iter().all(|at| knows(&table, &own[*at])));
    assert_eq!(table.lock().shares.of(PortId(1)), 4);
    for client in 0..4 {
        assert_eq!(insert(&table, &begun_by(2, client, false)), Ok(()), "the rest of the table is for other ports");
    }
    assert_eq!(table.len(), 8);
}

#[test]
fn a_port_whose_share_is_assured_loses_its_new_flows_and_nobody_else_does() {
    let own: Vec<Flow> = (0..5).map(|client| begun_by(1, client, true)).collect();
    let table = FlowTable::new(8, Seed::new(0)).unwrap().with_share(4);
    assert_eq!(insert_all(&table, &own)[4], Err(InsertError::Share));
    assert_eq!(table.has_room_for(PortId(1)), Err(InsertError::Share));
    assert_eq!(insert(&table, &begun_by(2, 1, false)), Ok(()));
    // A connection that closes makes room with the next sweep.
    let (entry, ..) = table.get(&own[2].keys[0]).unwrap();
    table.touch(entry, Side::Forward, tcp::RST, 1);
    table.expire(&Lifetimes::new(&Timeouts::default()), 2);
    assert_eq!(insert(&table, &own[4]), Ok(()));
    assert!(!knows(&table, &own[2]) && knows(&table, &own[0]) && knows(&table, &own[3]));
}

#[test]
fn a_full_table_takes_from_the_port_with_the_most_unanswered_flows() {
    let greedy: Vec<Flow> = (0..4).map(|client| begun_by(1, client, false)).collect();
    let modest = [begun_by(2, 0, false), begun_by(2, 1, true), begun_by(3, 0, false), begun_by(3, 1, true)];
    let table = FlowTable::new(8, Seed::new(0)).unwrap().with_share(4);
    assert_eq!(insert_all(&table, &[&modest[..], &greedy].concat()), [Ok(()); 8]);
    assert_eq!(insert(&table, &begun_by(4, 0, false)), Ok(()));
    assert_eq!(insert(&table, &begun_by(4, 1, true)), Ok(()));
    assert!(modest.iter().all(|flow| knows(&table, flow)));
    assert!(!knows(&table, &greedy[0]) && !knows(&table, &greedy[1]) && knows(&table, &greedy[2]));
}

#[test]
fn shares_are_counted_anew_from_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let open = || FlowTable::of_file(&directory.path().join("flows"), 8, Seed::new(0)).unwrap().with_share(4);
    let table = open();
    let own: Vec<Flow> = (0..4).map(|client| begun_by(1, client, client != 2)).collect();
    own.iter().for_each(|flow| insert(&table, flow).unwrap());
    drop(table);
    let table = open();
    assert_eq!(table.lock().shares.of(PortId(1)), 4);
    assert_eq!(insert(&table, &begun_by(1, 7, true)), Ok(()));
    assert!(!knows(&table, &own[2]));
    assert_eq!(insert(&table, &begun_by(1, 8, true)), Err(InsertError::Share));
}

#[test]
fn a_nat_uses_all_its_ports_and_says_when_none_is_left() {
    let ports = ports::NAT_PORTS.len() as u32;
    let directory = tempfile::tempdir().unwrap();
    let open =
        || FlowTable::of_file(&directory.path().join("flows"), 2 * ports, Seed::new(0)).unwrap().with_share(2 * ports);
    let mut table = open();
    let delivered = FiveTuple { source: Ipv4Addr::new(9, 9, 9, 9), source_port: 123, ..path(123).sent };
    let begin = |table: &FlowTable, host: u32| {
        let sent = FiveTuple { source: Ipv4Addr::from_bits(host), source_port: 123, ..path(123).sent };
        let delivered = FiveTuple { source_port: table.free_port(PortId(2), delivered)?, ..delivered };
        let path = Path { sent, delivered, nat: Some(NatId(1)), ..path(123) };
        let flow = Flow::new(PortId(1), &Header::first_of(sent), path, [true; 2], 0);
        assert_eq!(table.insert(&flow, 1, LIMITS, true), Ok(()));
        Some(flow)
    };
    let mut last = None;
    for host in 0..ports {
        if host == ports / 2 {
            // Ports that another process used are still in use.
            drop(table);
            table = open();
        }
        last = Some(begin(&table, host).unwrap());
    }
    assert_eq!(begin(&table, ports).map(|flow| flow.keys), None);
    let elsewhere = FiveTuple { destination: Ipv4Addr::new(10, 0, 0, 3), ..delivered };
    assert!(table.free_port(PortId(2), elsewhere).is_some());
    let (entry, ..) = table.get(&last.unwrap().keys[0]).unwrap();
    table.remove(entry);
    assert_eq!(begin(&table, ports).unwrap().keys[1], last.unwrap().keys[1], "the port that was released");
}

#[test]
fn a_flow_keeps_its_own_port_where_it_can() {
    let table = FlowTable::new(10, Seed::new(0)).unwrap();
    let delivered = |source_port| FiveTuple { source_port, ..path(0).sent };
    assert_eq!(table.free_port(PortId(2), delivered(5000)), Some(5000));
    assert!(table.free_port(PortId(2), delivered(123)).unwrap() >= 1024, "a NAT chooses ports from 1024 up");
    insert(&table, &flow(5000, 0, false)).unwrap();
    assert!(table.free_port(PortId(2), delivered(5000)).is_some_and(|port| port != 5000));
    assert_eq!(table.free_port(PortId(3), delivered(5000)), Some(5000), "towards another port");
    let query = FiveTuple { protocol: wire::ICMP, destination_port: 8 << 8, ..delivered(7) };
    assert_eq!(table.free_port(PortId(2), query), Some(7), "any identifier may be kept");
}

#[test]
fn a_flow_that_takes_both_keys_of_another_takes_its_place() {
    let table = FlowTable::new(10, Seed::new(0)).unwrap();
    insert(&table, &flow(1, 0, true)).unwrap();
    assert_eq!(table.insert(&flow(1, 5, false), 1, LIMITS, true), Err(InsertError::ReplyKeyTaken));
    insert(&table, &flow(1, 5, false)).unwrap();
    assert_eq!(table.len(), 1);
    assert_eq!(table.get(&flow(1, 5, false).keys[0]).map(|(_, flow, _)| flow), Some(flow(1, 5, false)));
}

#[test]
fn a_flow_from_a_host_to_itself_has_one_key() {
    let table = FlowTable::new(10, Seed::new(0)).unwrap();
    let own = FiveTuple { destination: Ipv4Addr::new(10, 0, 0, 1), source_port: 80, ..path(80).sent };
    let path = Path { port: PortId(1), sent: own, delivered: own, ..path(80) };
    let flow = Flow::new(PortId(1), &Header::first_of(own), path, [true; 2], 0);
    insert(&table, &flow).unwrap();
    insert(&table, &flow).unwrap();
    assert_eq!((table.len(), knows(&table, &flow)), (1, true));
    table.clear();
    assert_eq!((table.len(), knows(&table, &flow)), (0, false));
}

#[test]
fn updates_of_a_removed_flow_are_lost() {
    let table = FlowTable::new(1, Seed::new(0)).unwrap();
    let (first, second) = (flow(1, 0, false), flow(2, 0, false));
    insert(&table, &first).unwrap();
    let hit = table.find(&first.keys[0], table.hash(&first.keys[0])).unwrap();
    insert(&table, &second).unwrap();
    table.touch(hit.entry(), hit.side, tcp::RST, 9);
    let (entry, now, _) = table.get(&second.keys[0]).unwrap();
    assert_eq!((now, entry.slot), (second, hit.slot), "the second took the place of the first");
}

#[test]
fn flows_outlive_the_process_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("flows");
    let table = FlowTable::of_file(&file, 10, Seed::new(0)).unwrap();
    assert_eq!((table.len(), table.clock_offset()), (0, 0));
    let translated = NatId(7);
    let far = Path { nat: Some(translated), leaves_segment: true, ..path(3) };
    let far = Flow::new(PortId(1), &Header::first_of(far.sent), far, [false, true], 7);
    for flow in [&flow(1, 5, false), &flow(2, 6, true), &far] {
        insert(&table, flow).unwrap();
    }
    let (gone, ..) = table.get(&flow(1, 5, false).keys[0]).unwrap();
    table.remove(gone);
    table.set_clock_offset(77);
    // Dropping a table writes nothing, as when the process is killed.
    drop(table);

    let table = FlowTable::of_file(&file, 10, Seed::new(0)).unwrap();
    assert_eq!((table.len(), table.clock_offset()), (2, 77));
    for known in [flow(2, 6, true), far] {
        let (_, found, side) = table.get(&known.keys[1]).unwrap();
        assert_eq!((found, side), (known, Side::Reply));
        let hit = table.find(&known.keys[0], table.hash(&known.keys[0])).unwrap();
        assert_eq!(hit.allowed(1), None, "generations of another process do not count");
    }
    insert(&table, &flow(4, 0, false)).unwrap();
    assert_eq!(table.lock().used, 3, "the empty slot is used again");
}

/// A slot without memory would end the process when the file system is full.
#[test]
fn no_slot_is_used_before_there_is_memory_for_it() {
    use std::os::unix::fs::MetadataExt;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("flows");
    let allocated = || std::fs::metadata(&file).unwrap().blocks() * 512;
    let table = FlowTable::of_file(&file, 3 * RESERVED, Seed::new(0)).unwrap();
    for client in 0..=RESERVED as u16 {
        insert(&table, &flow(client, 0, true)).unwrap();
        let reserved = (u32::from(client) + 1).next_multiple_of(RESERVED);
        assert!(allocated() >= words(reserved) as u64 * 8, "{client} flows");
    }
    assert!(allocated() < words(3 * RESERVED) as u64 * 8, "memory that is not needed is not allocated");
}

#[test]
fn nobody_else_can_cut_a_file_in_use() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("flows");
    let table = FlowTable::of_file(&file, 1000, Seed::new(0)).unwrap();
    let length = std::fs::metadata(&file).unwrap().len();
    assert_eq!(FlowTable::of_file(&file, 1, Seed::new(0)).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    assert_eq!(std::fs::metadata(&file).unwrap().len(), length);
    drop(table);
    FlowTable::of_file(&file, 1, Seed::new(0)).unwrap();
}

#[test]
fn a_file_of_another_format_is_begun_anew() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("flows");
    std::fs::write(&file, [1; 4096]).unwrap();
    let table = FlowTable::of_file(&file, 10, Seed::new(0)).unwrap();
    assert_eq!((table.len(), table.clock_offset()), (0, 0));
    insert(&table, &flow(1, 0, false)).unwrap();
    assert!(knows(&table, &flow(1, 0, false)));
}

proptest! {
    /// Compares with a map from keys to flows.
    #[test]
    fn it_is_a_bounded_map_of_two_keys(
        steps in prop::collection::vec((0u16..6, 0u16..6, 0u8..4, any::<bool>()), 0..120)
    ) {
        let table = FlowTable::new(4, Seed::new(0)).unwrap();
        let mut reference: HashMap<FlowKey, u64> = HashMap::new();
        for (at, (client, answered_as, what, unique)) in steps.into_iter().enumerate() {
            let now = at as u64;
            let sent = path(client).sent;
            let delivered = FiveTuple { source_port: answered_as, ..sent };
            let begun = Path { delivered, ..path(client) };
            let mut flow = Flow::new(PortId(1), &Header::first_of(sent), begun, [true; 2], now);
            flow.activity.state = State::TcpEstablished;
            if what == 0 {
                if let Some((entry, found, _)) = table.get(&flow.keys[0]) {
                    table.remove(entry);
                    reference.retain(|_, of| *of != found.activity.last);
                }
            } else {
                let flows = reference.values().collect::<std::collections::HashSet<_>>().len();
                let taken = reference.contains_key(&flow.keys[1]);
                let expected = match () {
                    () if unique && taken => Err(InsertError::ReplyKeyTaken),
                    () if flows >= 4 => Err(InsertError::Full),
                    () => Ok(()),
                };
                prop_assert_eq!(table.insert(&flow, 1, LIMITS, unique), expected);
                if expected.is_ok() {
                    reference.extend(flow.keys.map(|key| (key, now)));
                }
            }
            for client in 0..6 {
                for port in [PortId(1), PortId(2)] {
                    for tuple in [path(client).sent, path(client).sent.reversed()] {
                        let key = FlowKey { port, tuple };
                        let found = table.get(&key).map(|(_, flow, _)| flow.activity.last);
                        prop_assert_eq!(found, reference.get(&key).copied());
                    }
                }
            }
            let flows = reference.values().collect::<std::collections::HashSet<_>>().len();
            prop_assert_eq!(table.len(), flows);
        }
    }
}
