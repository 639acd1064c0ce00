//! Figures of all rounds, their medians and what they are in proportion to the kernel's and the bare copy's.

use crate::candidate::Candidate;
use measuring::{Figure, Metric};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// All figures.
#[derive(Debug, Default)]
pub struct Results {
    values: BTreeMap<(Metric, Candidate), Vec<f64>>,
    missing: BTreeMap<(Metric, Candidate), String>,
}

impl Results {
    /// Adds what one measurement gave.
    pub fn add(&mut self, candidate: Candidate, figures: Vec<Figure>) {
        for figure in figures {
            let at = (figure.metric, candidate);
            match (figure.value, figure.missing) {
                (Some(value), _) => self.values.entry(at).or_default().push(value),
                (None, why) => drop(self.missing.insert(at, why.unwrap_or_default())),
            }
        }
    }

    /// The median of a figure's rounds.
    pub fn median(&self, metric: Metric, candidate: Candidate) -> Option<f64> {
        let mut values = self.values.get(&(metric, candidate))?.clone();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        Some(if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 })
    }

    /// Figures that somebody has, in order.
    pub fn metrics(&self) -> Vec<Metric> {
        let measured = |metric: &Metric| self.values.keys().any(|(of, _)| of == metric);
        Metric::ALL.into_iter().filter(measured).collect()
    }

    /// Who has any figure, in order.
    pub fn candidates(&self) -> Vec<Candidate> {
        let measured = |candidate: &Candidate| self.values.keys().any(|(_, of)| of == candidate);
        Candidate::ALL.into_iter().filter(measured).collect()
    }

    /// What ours is in proportion to another's.
    pub fn ratio(&self, metric: Metric, to: Candidate) -> Option<f64> {
        Some(self.median(metric, Candidate::Ours)? / self.median(metric, to)?)
    }

    /// Prints medians and ratios, and what could not be measured and why.
    pub fn print(&self) {
        let candidates = self.candidates();
        print!("{:<31}", "median");
        candidates.iter().for_each(|candidate| print!("{:>21}", candidate.label()));
        println!("{:>16}{:>14}", "ours / kernel", "ours / bare");
        for metric in self.metrics() {
            print!("{:<31}", format!("{} [{}]", metric.label(), metric.unit()));
            for candidate in &candidates {
                print!("{:>21}", cell(self.median(metric, *candidate)));
            }
            let ratio = |to| cell(self.ratio(metric, to));
            println!("{:>16}{:>14}", ratio(Candidate::Kernel), ratio(Candidate::Bare));
        }
        for ((metric, candidate), why) in &self.missing {
            println!("not measured: {}, {}: {why}", candidate.label(), metric.label());
        }
    }

    /// Everything, for programs.
    pub fn to_json(&self) -> Value {
        let entry = |at: &(Metric, Candidate)| {
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
