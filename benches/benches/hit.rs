//! The hit path with parsing and accounting: packets of known flows, in random order, from 1 flow to 4 million.

use benches::network::{Size, engine};
use benches::packets::{Sender, open_flows, send};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dataplane::packet::tcp;
use std::time::Duration;

/// Packets of a batch, as a worker reads them.
const BATCH: u32 = 64;

fn hit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hit");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group.throughput(Throughput::Elements(BATCH.into()));
    for flows in [1, 1 << 10, 1 << 15, 1 << 20, 1 << 22] {
        let engine = engine(Size::default());
        open_flows(&engine.batch(), flows);
        let mut senders = vec![Sender::tcp(0, 1, tcp::ACK); BATCH as usize];
        let mut number = 0u32;
        group.bench_function(BenchmarkId::new("flows", flows), |bencher| {
            bencher.iter(|| {
                let batch = engine.batch();
                for sender in &mut senders {
                    // A linear congruential generator of full period over any power of two.
                    number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    sender.flow(((u64::from(number) * u64::from(flows)) >> 32) as u32);
                }
                assert!(send(&batch, &mut senders));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, hit);
criterion_main!(benches);
