//! `classiclink flows`: lists connections.

use super::{Failure, Output};
use clap::{Args, ValueEnum};
use control::admin;
use control::explain::Namesakes;
use control::operator::{FlowRow, FlowRows, ListFlows, Packet};
use control::state::State;
use std::cmp::Reverse;
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
    /// Which connections come first: those with the latest packet, the newest, or those with the most packets or bytes.
    #[arg(long, value_enum, default_value_t = Order::Latest)]
    sort: Order,
    #[command(flatten)]
    output: Output,
}

/// The order of connections.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    Latest,
    Newest,
    Packets,
    Bytes,
}

impl Order {
    fn sort(self, flows: &mut [FlowRow]) {
        match self {
            Self::Latest => flows.sort_by_key(|row| row.idle),
            // Connections of an unknown age are old.
            Self::Newest => flows.sort_by_key(|row| row.age.unwrap_or(Duration::MAX)),
            Self::Packets => flows.sort_by_key(|row| Reverse(row.packets)),
            Self::Bytes => flows.sort_by_key(|row| Reverse(row.bytes)),
        }
    }
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
            self.sort.sort(&mut all.flows);
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
    let starts = all.flows.iter().map(|row| (&row.from, row.from_name.as_ref()));
    let namesakes = Namesakes::among(starts.chain(all.flows.iter().map(|row| (&row.to, row.to_name.as_ref()))));
    for row in &all.flows {
        println!("{}", line(row, all.counted, &namesakes));
        row.out_by.iter().for_each(|rule| println!("    out by {rule}"));
        row.in_by.iter().for_each(|rule| println!("    in by {rule}"));
    }
    if all.others > 0 {
        println!("and {} others", all.others);
    }
}

/// A connection in a line. Counts are shown once there are any.
fn line(row: &FlowRow, counted: Duration, namesakes: &Namesakes<'_>) -> String {
    let seconds = |time: Duration| humantime::format_duration(Duration::from_secs(time.as_secs())).to_string();
    let from = namesakes.shown(&row.from, row.from_name.as_ref());
    let to = namesakes.shown(&row.to, row.to_name.as_ref());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(port: u16, idle: u64, age: Option<u64>, (packets, bytes): (u64, u64)) -> FlowRow {
        let [source, destination] = [[10, 0, 0, 7], [10, 0, 0, 9]].map(std::net::Ipv4Addr::from);
        let sent = Packet { source, destination, protocol: 6, source_port: port, destination_port: 443 };
        FlowRow {
            from: "i-1".into(),
            from_name: Some("web".into()),
            to: "i-2".into(),
            to_name: Some("web".into()),
            sent,
            delivered: sent,
            state: "established".into(),
            tracked: [true; 2],
            idle: Duration::from_secs(idle),
            age: age.map(Duration::from_secs),
            packets,
            bytes,
            out_by: None,
            in_by: None,
        }
    }

    #[test]
    fn connections_are_sorted_as_asked() {
        let mut rows = [row(1, 5, Some(9), (3, 100)), row(2, 1, None, (9, 90)), row(3, 7, Some(8), (4, 900))];
        for (order, wanted) in [
            (Order::Latest, [2, 1, 3]),
            (Order::Newest, [3, 1, 2]),
            (Order::Packets, [2, 3, 1]),
            (Order::Bytes, [3, 1, 2]),
        ] {
            order.sort(&mut rows);
            assert_eq!(rows.each_ref().map(|row| row.sent.source_port), wanted, "{order:?}");
        }
    }

    #[test]
    fn ends_of_one_name_are_told_apart() {
        let row = row(1, 5, Some(9), (3, 100));
        let namesakes = Namesakes::among([(&row.from, row.from_name.as_ref()), (&row.to, row.to_name.as_ref())]);
        let shown = line(&row, Duration::ZERO, &namesakes);
        assert!(shown.starts_with("i-1 → i-2  tcp 10.0.0.7:1 → 10.0.0.9:443  established"), "{shown}");
    }
}
