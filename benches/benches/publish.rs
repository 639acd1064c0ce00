//! The change of a rule set, from the update to the tables in force, with 10 to 100,000 hosts, and with 10 to 100,000 rules in it.

use benches::network::{Size, engine, set_rules};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::sync::Arc;
use std::time::Duration;
use wire::Update;

fn publish(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("publish");
    group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(500));
    let sizes = [10, 1_000, 10_000, 100_000];
    let hosts = sizes.map(|hosts| ("hosts", hosts, Size { hosts, ..Size::default() }));
    let rules = sizes.map(|rules| ("rules", rules, Size { rules, ..Size::default() }));
    for (what, value, size) in hosts.into_iter().chain(rules) {
        let engine = engine(size);
        let updates = [size.rules, size.rules + 1].map(|rules| Update {
            version: 2,
            whole: false,
            changes: vec![set_rules(rules)],
        });
        let mut turn = updates.iter().cycle();
        group.bench_function(BenchmarkId::new(what, value), |bencher| {
            bencher.iter(|| {
                let applied = turn.next().map(|update| engine.snapshot().apply(update));
                if let Some(Ok(snapshot)) = applied {
                    engine.publish(Arc::new(snapshot));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, publish);
criterion_main!(benches);
