//! Repeats one operation of the dataplane, for `scripts/instructions` to count the instructions that it takes.

use benches::network::{FILTER, Size, engine, set_rules};
use benches::packets::{Sender, open_flows, send};
use clap::{Parser, ValueEnum};
use dataplane::packet::tcp;
use dataplane::pipeline::Engine;
use std::sync::Arc;
use wire::{Change, Entry, Filter, Update};

/// Packets of a batch, as a worker reads them.
const BATCH: u32 = 64;

#[derive(Parser)]
struct Arguments {
    operation: Operation,
    /// How often. 0 only prepares, so that its instructions can be subtracted.
    times: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Operation {
    /// A packet of a known flow.
    Hit,
    /// A packet that no rule lets in: decided, and no flow inserted.
    Miss,
    /// A packet of a new flow: decided, and the flow inserted.
    Insert,
    /// One rule set changed, from the update to the tables in force.
    Publish,
}

fn main() {
    let Arguments { operation, times } = Arguments::parse();
    let engine = engine(Size { hosts: 1000, flows: 1 << 17, ..Size::default() });
    match operation {
        Operation::Hit => {
            open_flows(&engine.batch(), BATCH);
            packets(&engine, BATCH, times, |number| number % BATCH);
        }
        Operation::Miss => {
            publish(&engine, &update(Change::Set(Entry::Filter(FILTER, Filter::default()))));
            packets(&engine, 1, times, |number| number);
        }
        Operation::Insert => packets(&engine, BATCH, times, |number| number),
        Operation::Publish => {
            let updates = [10, 11].map(|rules| update(set_rules(rules)));
            updates.iter().cycle().take(times as usize).for_each(|update| publish(&engine, update));
        }
    }
}

/// Sends packets in batches of that size, the flow of each chosen by its number.
fn packets(engine: &Engine, batch: u32, times: u32, flow: impl Fn(u32) -> u32) {
    let mut senders = vec![Sender::tcp(0, 1, tcp::ACK); batch as usize];
    for first in (0..times).step_by(batch as usize) {
        for (number, sender) in (first..).zip(&mut senders) {
            sender.flow(flow(number));
        }
        std::hint::black_box(send(&engine.batch(), &mut senders));
    }
}

fn update(change: Change) -> Update {
    Update { version: 2, whole: false, changes: vec![change] }
}

fn publish(engine: &Engine, update: &Update) {
    match engine.snapshot().apply(update) {
        Ok(snapshot) => engine.publish(Arc::new(snapshot)),
        Err(refusal) => panic!("the update of the count is wrong: {refusal}"),
    }
}
