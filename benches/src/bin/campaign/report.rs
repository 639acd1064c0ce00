//! The report of a campaign, for people and for programs.

use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};

/// The outcome of a campaign.
#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<String>,
    figures: serde_json::Map<String, Value>,
    broken: Vec<String>,
}

impl Report {
    /// Adds a line for people.
    pub fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// Adds a figure for programs.
    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        self.figures.insert(name.to_owned(), value.into());
    }

    /// Notes what was promised and not kept.
    pub fn broken(&mut self, what: impl Into<String>) {
        self.broken.push(what.into());
    }

    /// Whether all promises were kept.
    pub fn holds(&self) -> bool {
        self.broken.is_empty()
    }

    /// Prints it.
    pub fn print(&self, json: bool) {
        if json {
            let mut all = self.figures.clone();
            all.insert("broken".into(), json!(self.broken));
            println!("{}", Value::Object(all));
            return;
        }
        self.lines.iter().for_each(|line| println!("{line}"));
        self.broken.iter().for_each(|what| println!("BROKEN: {what}"));
        println!("{}", if self.holds() { "all promises kept" } else { "promises broken" });
    }
}

/// Tells on a terminal how far a campaign is.
pub fn progress(done: u64, total: u64, what: &str) {
    let mut out = io::stderr();
    if out.is_terminal() {
        // Progress that cannot be shown is no reason to stop.
        let _ = write!(out, "\r\x1b[K[{done}/{total}] {what}").and_then(|()| out.flush());
        if done == total {
            eprintln!();
        }
    }
}

/// The figure in the middle; 0 of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// The largest; 0 of none.
pub fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}
