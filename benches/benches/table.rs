//! The flow table and dashmap: lookups of flows in random order, one at a time and 64 at a time, while another worker does the
//! same. A value has the 64 bytes of a flow's first cache line in both.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dashmap::DashMap;
use dataplane::environment::Seed;
use dataplane::flow::{Flow, FlowKey, FlowTable, Limits, Path, Side};
use dataplane::packet::Header;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use wire::{AttachmentId, FiveTuple, PortId, UDP};

/// Flows looked up in a round.
const BATCH: usize = 64;
/// Shards of dashmap, so many that two workers rarely use the same one.
const SHARDS: usize = 1024;
const LIMITS: Limits = Limits { mtu: 1500, hops: 0 };

fn table(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("find");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group.throughput(Throughput::Elements(BATCH as u64));
    for count in [1 << 10, 1 << 20] {
        let map = DashMap::with_hasher_and_shard_amount(foldhash::fast::RandomState::default(), SHARDS);
        let table = match FlowTable::new(count, Seed::new(0)) {
            Ok(table) => table.with_share(count),
            Err(error) => panic!("no memory for {count} flows: {error}"),
        };
        for number in 0..count {
            let flow = flow(number);
            for side in [Side::Forward, Side::Reply] {
                map.insert(flow.key(side), Arc::new([u64::from(number); 8]));
            }
            assert_eq!(table.insert(&flow, 1, LIMITS, false), Ok(()));
        }
        let in_map =
            |keys: [FlowKey; BATCH]| keys.map(|key| map.get(&key).map(|entry| entry.value()[5])).map(black_box);
        let find = |key: FlowKey, hash| black_box(table.find(&key, hash).map(|hit| hit.activity()));
        let one_by_one = |keys: [FlowKey; BATCH]| keys.map(|key| find(key, table.hash(&key)));
        let at_once = |keys: [FlowKey; BATCH]| {
            let keys = keys.map(|key| (key, table.hash(&key)));
            table.prefetch(keys.iter().map(|(_, hash)| *hash));
            keys.map(|(key, hash)| find(key, hash))
        };
        both_workers(&mut group, BenchmarkId::new("dashmap", count), count, &in_map);
        both_workers(&mut group, BenchmarkId::new("ours", count), count, &one_by_one);
        both_workers(&mut group, BenchmarkId::new("ours, a batch at a time", count), count, &at_once);
    }
    group.finish();
}

type Group<'a> = criterion::BenchmarkGroup<'a, criterion::measurement::WallTime>;

/// Measures one worker, while another does the same.
fn both_workers<R>(
    group: &mut Group<'_>,
    name: BenchmarkId,
    count: u32,
    find: &(impl Fn([FlowKey; BATCH]) -> R + Sync),
) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut keys = Keys { count, number: 1 << 31 };
            while !done.load(Relaxed) {
                find(keys.next_batch());
            }
        });
        let mut keys = Keys { count, number: 0 };
        group.bench_function(name, |bencher| bencher.iter(|| find(keys.next_batch())));
        done.store(true, Relaxed);
    });
}

struct Keys {
    count: u32,
    number: u32,
}

impl Keys {
    fn next_batch(&mut self) -> [FlowKey; BATCH] {
        std::array::from_fn(|_| {
            // A linear congruential generator of full period over any power of two.
            self.number = self.number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let number = (u64::from(self.number) * u64::from(self.count)) >> 32;
            FlowKey { port: PortId(1), tuple: tuple(number as u32) }
        })
    }
}

fn tuple(number: u32) -> FiveTuple {
    FiveTuple {
        source: Ipv4Addr::new(10, 0, 0, 1),
        destination: Ipv4Addr::new(10, 0, 0, 2),
        protocol: UDP,
        source_port: (number >> 16) as u16,
        destination_port: number as u16,
    }
}

fn flow(number: u32) -> Flow {
    let sent = tuple(number);
    let path = Path {
        by: AttachmentId(1),
        to: AttachmentId(2),
        port: PortId(2),
        limits: LIMITS,
        sent,
        delivered: sent,
        nat: None,
        leaves_segment: false,
    };
    Flow::new(PortId(1), &Header::first_of(sent), path, [true; 2], 0)
}

criterion_group!(benches, table);
criterion_main!(benches);
