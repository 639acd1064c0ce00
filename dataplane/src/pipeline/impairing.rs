//! Which packets of a batch pass impaired networks.

use super::batch::{Batch, Outcome};
use super::impaired::Impaired;
use super::leg::{ImpairedPath, Leg};
use crate::packet::View;
use wire::{Impairment, PortId};

impl Batch<'_> {
    /// Whether any port or path is impaired.
    pub fn has_impairments(&self) -> bool {
        self.tables.snapshot.has_impairments()
    }

    /// The impaired path of a forwarded packet, which was parsed as `before` and is now `after`. `None` if no leg of its
    /// path is impaired.
    pub fn impaired_path(&self, from: PortId, outcome: &Outcome, before: &View, after: &[u8]) -> Option<ImpairedPath> {
        let Outcome::Forward { port: to, .. } = *outcome else { return None };
        if ![from, to].into_iter().any(|port| self.tables.snapshot.is_impaired(port)) {
            return None;
        }
        let (sent, source) = (before.header.tuple, View::parse(after).map(|view| view.header.tuple.source));
        let path = ImpairedPath { from, to, sent, source: source.unwrap_or(sent.source) };
        let legs = path.legs(&self.tables.snapshot);
        legs.into_iter().flatten().any(|leg| self.impairment(leg).is_some()).then_some(path)
    }

    /// A leg's impairment, if it has one with an effect.
    pub fn impairment(&self, leg: Leg) -> Option<Impairment> {
        leg.impairment(&self.tables.snapshot).filter(|impairment| !impairment.is_harmless())
    }

    /// The legs of a path ([`ImpairedPath::legs`]).
    pub fn legs(&self, path: &ImpairedPath) -> [Option<Leg>; ImpairedPath::LEGS] {
        path.legs(&self.tables.snapshot)
    }

    /// The state of impaired networks.
    pub fn impaired(&self) -> &Impaired {
        &self.engine.impaired
    }
}
