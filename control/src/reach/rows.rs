//! A matrix as programs read it.

use super::{HostName, Matrix};
use serde::Serialize;
use std::collections::BTreeMap;

/// What `classiclink reach --json` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Rows<'m> {
    /// One for every two groups of hosts that are alike.
    pub rows: Vec<Row<'m>>,
}

/// What comes of every service between hosts.
#[derive(Clone, Debug, Serialize)]
pub struct Row<'m> {
    /// The senders.
    pub from: Vec<&'m HostName>,
    /// The receivers.
    pub to: Vec<&'m HostName>,
    /// `open`, or what is in the way.
    pub services: BTreeMap<String, &'static str>,
}

impl<'m> Rows<'m> {
    /// Of a matrix.
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
