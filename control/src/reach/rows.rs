//! A matrix as JSON.

use super::{HostName, Matrix};
use serde::Serialize;
use std::collections::BTreeMap;

/// The output of `classiclink reach --json`.
#[derive(Clone, Debug, Serialize)]
pub struct Rows<'m> {
    /// One row for every two groups of alike hosts.
    pub rows: Vec<Row<'m>>,
}

/// The results between hosts for every service.
#[derive(Clone, Debug, Serialize)]
pub struct Row<'m> {
    /// The senders.
    pub from: Vec<&'m HostName>,
    /// The receivers.
    pub to: Vec<&'m HostName>,
    /// `open`, or the obstacle.
    pub services: BTreeMap<String, &'static str>,
}

impl<'m> Rows<'m> {
    /// The rows of a matrix.
    pub fn of(matrix: &'m Matrix) -> Self {
        let hosts = |numbers: &[usize]| numbers.iter().map(|number| &matrix.hosts[*number]).collect();
        let row = |(from, to): (usize, usize)| {
            let words = matrix.services.iter().zip(matrix.between(from, to)?);
            let services = words.map(|(service, verdict)| (service.to_string(), verdict.word())).collect();
            Some(Row { from: hosts(&matrix.from[from]), to: hosts(&matrix.to[to]), services })
        };
        Self { rows: matrix.pairs().filter_map(row).collect() }
    }
}
