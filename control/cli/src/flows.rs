//! `classiclink flows`: who talks to whom.

use super::{Failure, Output};
use clap::Args;
use control::admin;
use control::operator::{FlowRow, FlowRows, ListFlows, Packet};
use control::state::State;
use std::collections::HashMap;
use std::time::Duration;

/// How long `--follow` rests before it asks again.
const REST: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(super) struct Flows {
    /// Only those that this host has part in.
    host: Option<String>,
    /// Go on with those of which packets come, every second until Ctrl-C.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    output: Output,
}

impl Flows {
    /// Asks are what has packets counted, so the first answer may know of none.
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let mut known = HashMap::new();
        loop {
            let mut all = admin::ask(state, ListFlows { host: self.host.clone(), most: None })?;
            let now: HashMap<_, _> = all.flows.iter().map(|row| (key(row), row.packets)).collect();
            all.flows.retain(|row| known.get(&key(row)) != Some(&row.packets));
            known = now;
            match self.output.json {
                // A line a second for programs that follow.
                true => println!("{}", serde_json::to_string(&all)?),
                false => print(&all),
            }
            if !self.follow {
                return Ok(());
            }
            std::thread::sleep(REST);
        }
    }
}

/// What makes a flow the same as before.
fn key(row: &FlowRow) -> (String, [(std::net::Ipv4Addr, u16); 2], u8) {
    let Packet { source, destination, protocol, source_port, destination_port } = row.sent;
    (row.from.clone(), [(source, source_port), (destination, destination_port)], protocol)
}

fn print(all: &FlowRows) {
    for row in &all.flows {
        println!("{}", line(row, all.counted));
        row.out_by.iter().for_each(|rule| println!("    out by {rule}"));
        row.in_by.iter().for_each(|rule| println!("    in by {rule}"));
    }
    if all.others > 0 {
        println!("and {} others", all.others);
    }
}

/// Packets are told of once they are counted: since this was first asked.
fn line(row: &FlowRow, counted: Duration) -> String {
    let end = |host: &str, name: &Option<String>| name.clone().unwrap_or_else(|| host.to_owned());
    let seconds = |time: Duration| humantime::format_duration(Duration::from_secs(time.as_secs())).to_string();
    let (from, to) = (end(&row.from, &row.from_name), end(&row.to, &row.to_name));
    let mut line = format!("{from} → {to}  {}", row.sent);
    if row.sent != row.delivered {
        line += &format!(", delivered as {}", row.delivered);
    }
    line += &format!("  {}", row.state);
    if let Some(age) = row.age {
        line += &format!(", begun {} ago", seconds(age));
    }
    line += &format!(", idle for {}", seconds(row.idle));
    if !counted.is_zero() {
        line += &format!(", {} packets, {} bytes in {}", row.packets, row.bytes, seconds(counted));
    }
    line
}
