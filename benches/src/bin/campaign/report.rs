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

    /// Adds a line with a value, which is a broken promise beyond the limit.
    pub fn at_most(&mut self, what: &str, value: f64, unit: &str, limit: f64) {
        self.say(format!("  {what:<48} {value:>8.1} {unit}"));
        if value > limit {
            self.broken(format!("{what}: {value:.1} {unit}; at most {limit} is promised"));
        }
    }

    /// Adds a figure for programs.
    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        self.figures.insert(name.to_owned(), value.into());
    }

    /// Adds a broken promise.
    pub fn broken(&mut self, what: impl Into<String>) {
        self.broken.push(what.into());
    }

    /// Whether all promises were kept.
    pub fn holds(&self) -> bool {
        self.broken.is_empty()
    }

    /// Prints the lines, or the figures as JSON, and the broken promises.
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

/// Shows on standard error how far a campaign is, where that is a terminal.
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

/// The median, and the upper one of two; 0 of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// The largest; 0 of none.
pub fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}
