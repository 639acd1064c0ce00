//! `classiclink flows`: lists connections.

use super::{Failure, Output};
use clap::Args;
use control::admin;
use control::explain::shown_name;
use control::operator::{FlowRow, FlowRows, ListFlows, Packet};
use control::state::State;
use std::collections::HashMap;
use std::time::Duration;

/// The pause of `--follow`.
const REST: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(super) struct Flows {
    /// Only connections with this host at one end.
    host: Option<String>,
    /// Print connections with new packets every second, until Ctrl-C.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    output: Output,
}

impl Flows {
    /// Counting begins with the first request, so the first answer may have no counts.
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let mut known = HashMap::new();
        loop {
            let mut all = admin::ask(state, ListFlows { host: self.host.clone(), most: None })?;
            let now: HashMap<_, _> = all.flows.iter().map(|row| (key(row), row.packets)).collect();
            all.flows.retain(|row| known.get(&key(row)) != Some(&row.packets));
            known = now;
            match self.output.json {
                // Programs that follow get a line a second.
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

/// The identity of a connection.
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

/// A connection in a line. Counts are shown once there are any.
fn line(row: &FlowRow, counted: Duration) -> String {
    let seconds = |time: Duration| humantime::format_duration(Duration::from_secs(time.as_secs())).to_string();
    let (from, to) = (shown_name(row.from_name.as_ref(), &row.from), shown_name(row.to_name.as_ref(), &row.to));
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
