//! The figures of all rounds, their medians, and the ratios of ours to the kernel's and the bare copy's.

use crate::candidate::Candidate;
use crate::row::Row;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The figures of all rounds, or the reasons why there are none.
#[derive(Debug, Default)]
pub struct Results {
    values: BTreeMap<(Row, Candidate), Vec<f64>>,
    missing: BTreeMap<(Row, Candidate), String>,
}

impl Results {
    /// Adds a round's figure, or the reason why there is none.
    pub fn add(&mut self, row: Row, candidate: Candidate, figure: Result<f64, String>) {
        match figure {
            Ok(value) => self.values.entry((row, candidate)).or_default().push(value),
            Err(why) => drop(self.missing.insert((row, candidate), why)),
        }
    }

    /// The median of all rounds.
    pub fn median(&self, row: Row, candidate: Candidate) -> Option<f64> {
        let mut values = self.values.get(&(row, candidate))?.clone();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        Some(if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 })
    }

    /// The rows in which any candidate has a figure, in order.
    pub fn rows(&self) -> Vec<Row> {
        let measured = |row: &Row| self.values.keys().any(|(of, _)| of == row);
        Row::all().filter(measured).collect()
    }

    /// The candidates that have any figure, in order.
    pub fn candidates(&self) -> Vec<Candidate> {
        let measured = |candidate: &Candidate| self.values.keys().any(|(_, of)| of == candidate);
        Candidate::ALL.into_iter().filter(measured).collect()
    }

    /// The ratio of our median to another's.
    pub fn ratio(&self, row: Row, to: Candidate) -> Option<f64> {
        Some(self.median(row, Candidate::Ours)? / self.median(row, to)?)
    }

    /// Prints medians and ratios, and what could not be measured and why.
    pub fn print(&self) {
        let candidates = self.candidates();
        print!("{:<31}", "median");
        candidates.iter().for_each(|candidate| print!("{:>21}", candidate.label()));
        println!("{:>16}{:>14}", "ours / kernel", "ours / bare");
        for row in self.rows() {
            print!("{:<31}", format!("{} [{}]", row.label(), row.unit()));
            for candidate in &candidates {
                print!("{:>21}", cell(self.median(row, *candidate)));
            }
            let ratio = |to| cell(self.ratio(row, to));
            println!("{:>16}{:>14}", ratio(Candidate::Kernel), ratio(Candidate::Bare));
        }
        for ((row, candidate), why) in &self.missing {
            println!("not measured: {}, {}: {why}", candidate.label(), row.label());
        }
    }

    /// Every round, median and ratio.
    pub fn to_json(&self) -> Value {
        let entry = |at: &(Row, Candidate)| {
            json!({
                "metric": at.0,
                "unit": at.0.unit(),
                "candidate": at.1.name(),
                "median": self.median(at.0, at.1),
                "rounds": self.values.get(at),
                "missing": self.missing.get(at),
                "ours_to_this": self.ratio(at.0, at.1),
            })
        };
        let without = self.missing.keys().filter(|at| !self.values.contains_key(at));
        self.values.keys().chain(without).map(entry).collect()
    }
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
}
