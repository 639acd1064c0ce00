//! Repeated runs: the same packets, times, tables and seed give the same outcomes.

use crate::network::*;
use dataplane::environment::{Environment, ManualTime, Seed};
use dataplane::pipeline::{Engine, Outcome};
use std::sync::Arc;
use std::time::Duration;

/// The outcomes of flows that need another port, of fragments of more datagrams than are kept, and of flows that
/// replace others.
fn outcomes(seed: u64, is_watched: bool) -> Vec<(Outcome, Vec<u8>)> {
    let time = Arc::new(ManualTime::default());
    let environment = Environment { time: time.clone(), seed: Seed::new(seed) };
    let engine = engine_in(environment, &[]);
    let mut all = Vec::new();
    for round in 0..600u16 {
        time.set(Duration::from_millis(97 * u64::from(round)));
        for from in [A, B] {
            let packet = udp(from, address(SERVER), (1000 + round % 7, 53 + round), 40);
            all.push(send_as(&engine, from, packet.clone(), 0));
            if is_watched {
                ask(&engine, &packet);
            }
            let first = with_header(packet[..36].to_vec(), 2, &36u16.to_be_bytes());
            let first = with_header(with_header(first, 4, &(round * 31).to_be_bytes()), 6, &[0x20, 0]);
            all.push(send_as(&engine, from, first, 0));
        }
        engine.expire();
    }
    all
}

/// Asks everything that an operator may ask at any time.
fn ask(engine: &Engine, packet: &[u8]) {
    engine.explain(A, tuple(packet));
    engine.explain(B, tuple(packet));
}

#[test]
fn a_run_can_be_repeated() {
    assert_eq!(outcomes(7, false), outcomes(7, false));
}

#[test]
fn asking_changes_nothing() {
    assert_eq!(outcomes(7, false), outcomes(7, true));
}

#[test]
fn another_seed_chooses_other_ports() {
    assert_ne!(outcomes(7, false), outcomes(8, false));
}
