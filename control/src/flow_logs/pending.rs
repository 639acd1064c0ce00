//! The network interfaces that each flow log covers, with their open aggregation intervals.

use super::record::Interface;
use super::window::Window;
use model::{FlowLog, Model, Time};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use wire::{Accounts, AttachmentId};

/// The open aggregation intervals.
#[derive(Default)]
pub(super) struct Pending {
    coverage: Coverage,
    windows: Windows,
}

/// Open intervals by network interface and flow log.
type Windows = BTreeMap<(AttachmentId, String), Window>;

/// The network interfaces that flow logs cover.
type Coverage = HashMap<AttachmentId, Covered>;

#[derive(Clone)]
struct Covered {
    interface: Arc<Interface>,
    logs: Vec<Arc<FlowLog>>,
}

/// What flow logs need from the model: the time, and the network interfaces that they cover.
pub struct Look {
    now: Time,
    coverage: Coverage,
}

impl Look {
    /// Reads both from the model. `world` is the real time.
    pub fn at(model: &Model, world: Time) -> Self {
        Self { now: model.now(world), coverage: coverage(model) }
    }

    /// Whether no interface is covered.
    pub(super) fn is_empty(&self) -> bool {
        self.coverage.is_empty()
    }
}

fn coverage(model: &Model) -> Coverage {
    let mut coverage = Coverage::new();
    for log in model.flow_logs.iter().cloned().map(Arc::new) {
        let of_network = model.network_interfaces.by(&log.resource);
        let alone = model.network_interfaces.get(&log.resource);
        for interface in of_network.chain(alone).filter(|interface| log.covers(interface)) {
            let new = || Covered { interface: Arc::new(Interface::of(model, interface)), logs: Vec::new() };
            let covered = coverage.entry(AttachmentId(interface.number)).or_insert_with(new);
            covered.logs.push(Arc::clone(&log));
        }
    }
    coverage
}

impl Pending {
    /// Whether nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.coverage.is_empty() && self.windows.is_empty()
    }

    /// Adds the counts since the last call to the interfaces that were covered then. From now on those of `look` are
    /// covered. Writes the records that are due, or every record with `all`.
    pub(super) fn enter(
        &mut self,
        look: Look,
        accounts: &Accounts,
        all: bool,
        mut write: impl FnMut(&FlowLog, &Interface, &[String]),
    ) {
        let Look { now, coverage } = look;
        let before = std::mem::replace(&mut self.coverage, coverage);
        let (windows, coverage) = (&mut self.windows, &self.coverage);
        let covered_then = |id: AttachmentId| before.get(&id).or_else(|| coverage.get(&id));
        for account in &accounts.entries {
            let at = account.attachment;
            for_each(windows, at, covered_then(at), now, |window, _| window.add(account, now));
        }
        for (at, packets) in &accounts.skipped {
            for_each(windows, *at, covered_then(*at), now, |window, _| window.skip(*packets));
        }
        for (at, covered) in coverage {
            for_each(windows, *at, Some(covered), now, |window, covered| window.interface = covered.interface.clone());
        }
        windows.retain(|(at, log), window| {
            let stays = coverage.get(at).is_some_and(|covered| covered.logs.iter().any(|covering| covering.id == *log));
            let lines = if stays { window.due(now, all) } else { window.rest() };
            if !lines.is_empty() {
                write(&window.log, &window.interface, &lines);
            }
            stays
        });
    }
}

/// Calls `work` with the interval of each flow log at an interface. A missing interval begins now.
fn for_each(
    windows: &mut Windows,
    at: AttachmentId,
    covered: Option<&Covered>,
    now: Time,
    mut work: impl FnMut(&mut Window, &Covered),
) {
    let Some(covered) = covered else { return };
    for log in &covered.logs {
        let new = || Window::new(log.clone(), covered.interface.clone(), now);
        work(windows.entry((at, log.id.clone())).or_insert_with(new), covered);
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::interface;
    use super::super::window::tests::{account, flow_log};
    use super::*;
    use std::time::Duration;

    const START: Time = Time(1_420_632_000_000);

    /// A look after so many seconds, with these flow logs covering the interface.
    fn look(seconds: u64, logs: &[&str]) -> Look {
        let logs = logs.iter().map(|id| Arc::new(FlowLog { id: (*id).into(), ..flow_log() })).collect();
        let covered = Covered { interface: Arc::new(interface()), logs };
        let coverage = Coverage::from([(account(1, true).attachment, covered)]);
        Look { now: START.after(Duration::from_secs(seconds)), coverage }
    }

    /// Which flow logs recorded which destination ports.
    fn enter(pending: &mut Pending, look: Look, ports: &[u16], all: bool) -> Vec<String> {
        let entries = ports.iter().map(|port| account(*port, true)).collect();
        let mut written = Vec::new();
        pending.enter(look, &Accounts { entries, skipped: Vec::new() }, all, |log, _, lines| {
            let port = |line: &String| line.split(' ').nth(6).unwrap_or_default().to_owned();
            written.extend(lines.iter().map(|line| format!("{} {}", log.id, port(line))));
        });
        written
    }

    #[test]
    fn traffic_is_recorded_by_the_flow_logs_that_covered_it() {
        let mut pending = Pending::default();
        assert_eq!(enter(&mut pending, look(0, &["fl-a"]), &[], false), [""; 0]);
        // These packets passed before fl-b was created and before fl-a was deleted.
        assert_eq!(enter(&mut pending, look(1, &["fl-b"]), &[80], false), ["fl-a 80"]);
        assert_eq!(enter(&mut pending, look(2, &["fl-b", "fl-c"]), &[81], true), ["fl-b 81"]);
        assert_eq!(enter(&mut pending, look(3, &["fl-b", "fl-c"]), &[82], true), ["fl-b 82", "fl-c 82"]);
    }

    #[test]
    fn the_records_of_a_removed_interface_are_written() {
        let mut pending = Pending::default();
        enter(&mut pending, look(0, &["fl-a"]), &[80], false);
        let nothing = Look { now: START, coverage: Coverage::new() };
        assert_eq!(enter(&mut pending, nothing, &[81], false), ["fl-a 80", "fl-a 81"]);
        assert!(pending.is_empty());
    }
}
