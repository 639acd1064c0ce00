//! A matrix as JSON.

use super::{HostName, Matrix};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The output of `classiclink reach --json`. Its rows are made as they are written: a large matrix has a million.
#[derive(Serialize)]
pub struct Rows<'m> {
    /// One row for every two groups of alike hosts.
    #[serde(serialize_with = "each_row")]
    rows: &'m Matrix,
}

/// The results between hosts for every service.
#[derive(Serialize)]
struct Row<'m> {
    /// The senders.
    from: Vec<&'m HostName>,
    /// The receivers.
    to: Vec<&'m HostName>,
    /// `open`, or the obstacle.
    services: BTreeMap<&'m str, &'static str>,
}

impl<'m> Rows<'m> {
    /// The rows of a matrix.
    pub fn of(matrix: &'m Matrix) -> Self {
        Self { rows: matrix }
    }
}

fn each_row<S: Serializer>(matrix: &&Matrix, to: S) -> Result<S::Ok, S::Error> {
    let hosts = |numbers: &[usize]| numbers.iter().map(|number| &matrix.hosts[*number]).collect();
    let services: Vec<String> = matrix.services.iter().map(ToString::to_string).collect();
    let row = |(from, to): (usize, usize)| {
        let words = matrix.between(from, to)?.into_iter().map(|verdict| verdict.word());
        let services = services.iter().map(String::as_str).zip(words).collect();
        Some(Row { from: hosts(&matrix.from[from]), to: hosts(&matrix.to[to]), services })
    };
    to.collect_seq(matrix.pairs().filter_map(row))
}
