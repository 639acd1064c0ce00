//! The miss path: parse, look the flow up without finding it, route, evaluate the rules at both ends, insert the flow.
//! Swept over rules, routes and hosts. Hosts are measured twice: with traffic between the same two of them, which shows
//! the cost of the structures, and between all of them in random order, which shows the cost of memory.

use benches::network::{Size, engine};
use benches::packets::{Sender, send};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dataplane::packet::tcp;
use std::time::Duration;

/// Packets of a batch, as a worker reads them.
const BATCH: usize = 64;
/// New flows in a round.
const ROUND: u32 = 10_000;

fn miss(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("miss");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group.throughput(Throughput::Elements(ROUND.into()));
    for rules in [1, 10, 1_000, 10_000, 100_000] {
        sweep(&mut group, "rules", rules, Size { rules, ..Size::default() }, 10);
    }
    for routes in [1, 10, 1_000, 10_000, 100_000] {
        sweep(&mut group, "routes", routes, Size { routes, ..Size::default() }, 10);
    }
    for hosts in [10, 1_000, 10_000, 100_000] {
        sweep(&mut group, "hosts, two of them talk", hosts, Size { hosts, ..Size::default() }, 2);
        sweep(&mut group, "hosts, all of them talk", hosts, Size { hosts, ..Size::default() }, hosts);
    }
    group.finish();
}

type Group<'a> = criterion::BenchmarkGroup<'a, criterion::measurement::WallTime>;

/// Measures rounds that start with an empty flow table, and in which this many hosts send in random order.
fn sweep(group: &mut Group<'_>, what: &str, value: u32, size: Size, talking: u32) {
    let engine = engine(Size { flows: 2 * ROUND, ..size });
    let mut senders: Vec<Sender> = (0..ROUND)
        .map(|index| {
            let host = index.wrapping_mul(40_503) % talking;
            Sender::tcp(host, (host + talking / 2) % talking, tcp::SYN)
        })
        .collect();
    group.bench_function(BenchmarkId::new(what, value), |bencher| {
        bencher.iter_batched(
            || engine.forget_flows(),
            |()| {
                let batch = engine.batch();
                for (number, sender) in senders.iter_mut().enumerate() {
                    sender.flow(number as u32);
                }
                for senders in senders.chunks_mut(BATCH) {
                    assert!(send(&batch, senders));
                }
            },
            BatchSize::PerIteration,
        );
    });
}

criterion_group!(benches, miss);
criterion_main!(benches);
