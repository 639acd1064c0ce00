//! `classiclink drops`: lists dropped packets, and follows them.

use super::show::clock;
use super::{Failure, Output};
use clap::Args;
use control::admin;
use control::explain::Namesakes;
use control::operator::{Drop, DropRows, ListDrops};
use control::state::State;
use std::collections::HashMap;
use std::time::Duration;

/// The pause of `--follow`.
const REST: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub(super) struct Drops {
    /// Continue with new ones, until Ctrl-C.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    output: Output,
}

impl Drops {
    /// Prints the drops that the dataplane remembers, and new ones with `--follow`.
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let json = self.output.json;
        let mut told = Told::default();
        loop {
            let rows = admin::ask(state, ListDrops)?;
            if json && !self.follow {
                println!("{}", serde_json::to_string(&rows.drops)?);
                return Ok(());
            }
            let (new, missed) = told.news(&rows)?;
            if missed > 0 {
                eprintln!("{missed} drops came faster than they can be listed; `classiclink status` counts all");
            }
            let namesakes = Namesakes::among(rows.drops.iter().map(|drop| (&drop.host, drop.name.as_ref())));
            for drop in new {
                println!("{}", if json { serde_json::to_string(drop)? } else { line(drop, &namesakes) });
            }
            if !self.follow {
                return Ok(());
            }
            std::thread::sleep(REST);
        }
    }
}

/// The answer before. The dataplane returns a drop as long as it remembers it.
#[derive(Debug, Default)]
struct Told {
    /// How often each drop was in it. Packets that are equal and arrive together have equal records.
    drops: HashMap<String, usize>,
    /// How many drops there had been, remembered or not.
    count: Option<u64>,
}

impl Told {
    /// The drops since the answer before, and how many others there were.
    fn news<'d>(&mut self, rows: &'d DropRows) -> Result<(Vec<&'d Drop>, u64), serde_json::Error> {
        let (mut drops, mut new) = (HashMap::new(), Vec::new());
        for drop in &rows.drops {
            let record = serde_json::to_string(drop)?;
            let told = self.drops.get(&record).copied().unwrap_or_default();
            let count: &mut usize = drops.entry(record).or_default();
            *count += 1;
            if *count > told {
                new.push(drop);
            }
        }
        self.drops = drops;
        let count = rows.forgotten + rows.drops.len() as u64;
        // A restarted dataplane counts from 0.
        let grown = self.count.replace(count).map_or(0, |before| count.saturating_sub(before));
        let missed = grown.saturating_sub(new.len() as u64);
        Ok((new, missed))
    }
}

fn line(drop: &Drop, namesakes: &Namesakes<'_>) -> String {
    let time = clock(drop.at / 1_000_000_000);
    let host = namesakes.shown(&drop.host, drop.name.as_ref());
    let packet = drop.packet.map_or("-".to_owned(), |packet| packet.to_string());
    format!("{time} {host:<12} {packet}  {}: {}", drop.reason, drop.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::DropReason;

    fn rows(times: &[u64], forgotten: u64) -> DropRows {
        let drop = |at: &u64| Drop {
            at: *at,
            host: "web".into(),
            name: None,
            packet: None,
            reason: DropReason::NoRoute,
            text: String::new(),
        };
        DropRows { drops: times.iter().map(drop).collect(), forgotten }
    }

    /// The times of the new drops, and how many were missed.
    fn news(told: &mut Told, times: &[u64], forgotten: u64) -> (Vec<u64>, u64) {
        let rows = rows(times, forgotten);
        let (new, missed) = told.news(&rows).unwrap();
        (new.iter().map(|drop| drop.at).collect(), missed)
    }

    #[test]
    fn each_drop_is_told_once_and_equal_ones_as_often_as_they_are() {
        let mut told = Told::default();
        assert_eq!(news(&mut told, &[1, 2, 2], 0), (vec![1, 2, 2], 0));
        assert_eq!(news(&mut told, &[1, 2, 2], 0), (vec![], 0));
        assert_eq!(news(&mut told, &[2, 2, 2, 3], 1), (vec![2, 3], 0));
    }

    #[test]
    fn drops_that_were_forgotten_before_they_were_listed_are_counted() {
        let mut told = Told::default();
        assert_eq!(news(&mut told, &[8, 9], 7), (vec![8, 9], 0), "what was before is not missed");
        assert_eq!(news(&mut told, &[19, 20], 18), (vec![19, 20], 9));
        assert_eq!(news(&mut told, &[21], 0), (vec![21], 0), "the dataplane was restarted");
    }
}
