//! Two parts of a decision: the longest-prefix lookup and the evaluation of a rule set.

use benches::network::{Size, TABLE, routes, rules, snapshot};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dataplane::packet::Header;
use dataplane::policy::RuleSet;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::{FiveTuple, GroupId, Peer, TCP};

/// Addresses that are looked up, in random order.
const TRIED: usize = 1 << 12;

fn longest_prefix(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("longest prefix");
    group.sample_size(20).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(500));
    for count in [1, 10, 1_000, 10_000, 100_000] {
        let tables = snapshot(Size { routes: count, ..Size::default() });
        let prefixes: Vec<_> = routes(count).into_iter().map(|route| route.prefix).collect();
        let tried = shuffled(|number| prefixes[number % prefixes.len()].broadcast());
        group.bench_function(BenchmarkId::new("routes", count), |bencher| {
            let mut next = tried.iter().cycle();
            bencher.iter(|| next.next().map(|address| tables.route(TABLE, *address).is_some()));
        });
    }
    group.finish();
}

fn rule_match(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rule match");
    group.sample_size(20).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(500));
    for count in [1, 10, 1_000, 10_000, 100_000] {
        let rules = rules(count);
        let set = RuleSet::new(&rules);
        let tried = shuffled(|number| match rules[number % rules.len()].peer {
            Peer::Net(net) => (net.addr(), GroupId(0)),
            Peer::Group(group) => (Ipv4Addr::new(10, 0, 0, 1), group),
        });
        group.bench_function(BenchmarkId::new("rules", count), |bencher| {
            let mut next = tried.iter().cycle();
            bencher.iter(|| {
                let (peer, group) = next.next()?;
                let tuple = FiveTuple {
                    source: *peer,
                    destination: Ipv4Addr::new(10, 0, 0, 2),
                    protocol: TCP,
                    source_port: 40_000,
                    destination_port: 443,
                };
                black_box(set.allows(&Header::first_of(tuple), *peer, &[*group]))
            });
        });
    }
    group.finish();
}

/// Items of random numbers.
fn shuffled<T>(of: impl Fn(usize) -> T) -> Vec<T> {
    (0..TRIED).map(|index| of((index as u32).wrapping_mul(2_654_435_769) as usize)).collect()
}

criterion_group!(benches, longest_prefix, rule_match);
criterion_main!(benches);
