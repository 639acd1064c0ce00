//! What rounds of changes and the arrivals of their probes say.

use super::gates::Gate;
use crate::report::{Report, median};
use serde_json::json;
use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

/// A change and the probes behind it. Times are nanoseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Which gate.
    pub gate: usize,
    /// Whether it was opened.
    pub open: bool,
    /// When the request was about to be sent.
    pub begun: u64,
    /// When the answer was there.
    pub answered: u64,
    /// The numbers of the probes.
    pub probes: Range<u64>,
    /// The numbers of the witnesses.
    pub witnesses: Range<u64>,
}

/// How many packets were treated how.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Sent after a gate was said to be closed.
    pub sent_closed: usize,
    /// Of these, those that arrived before it was to be opened again.
    pub passed: usize,
    /// Sent after a gate was said to be open.
    pub sent_open: usize,
    /// Of these, those that never arrived, though all that was sent behind them did before the gate was to be closed again.
    pub dropped: usize,
    /// Those that may have been in a queue when the next change began: it was that one's to decide them.
    pub undecided: usize,
    /// Packets lost that no change was about.
    pub bystanders_lost: usize,
}

impl Verdict {
    /// Judges rounds by what arrived when: numbers of probes and witnesses, and times.
    pub fn of(rounds: &[Round], arrivals: &HashMap<u64, u64>) -> Self {
        let mut verdict = Self::default();
        for (index, round) in rounds.iter().enumerate() {
            let next = rounds[index + 1..].iter().find(|next| next.gate == round.gate);
            let until = next.map_or(u64::MAX, |next| next.begun);
            let in_time = |probe: &u64| arrivals.get(probe).is_some_and(|at| *at < until);
            let has_arrived = |probe: &u64| arrivals.contains_key(probe);
            let is_settled = round.witnesses.clone().all(|witness| in_time(&witness));
            let count = round.probes.clone().count();
            if round.open {
                let lost = round.probes.clone().filter(|probe| !has_arrived(probe)).count();
                verdict.sent_open += count;
                *if is_settled { &mut verdict.dropped } else { &mut verdict.undecided } += lost;
            } else {
                verdict.sent_closed += count;
                verdict.passed += round.probes.clone().filter(in_time).count();
                verdict.undecided += round.probes.clone().filter(|probe| has_arrived(probe) && !in_time(probe)).count();
            }
            verdict.bystanders_lost += round.witnesses.clone().filter(|witness| !has_arrived(witness)).count();
        }
        verdict
    }

    /// In words and figures.
    pub fn report(&self, gates: &[Gate], rounds: &[Round], took: Duration) -> Report {
        let Self { sent_closed, passed, sent_open, dropped, undecided, bystanders_lost } = *self;
        let mut report = Report::default();
        let of = |gate: usize| rounds.iter().filter(|round| round.gate == gate).count();
        let kinds: Vec<_> =
            gates.iter().enumerate().map(|(index, gate)| format!("{} {}", gate.name, of(index))).collect();
        let times: Vec<f64> = rounds.iter().map(|round| (round.answered - round.begun) as f64 / 1e6).collect();
        let (changes, seconds, answer) = (rounds.len(), took.as_secs_f64(), median(&times));
        report.say(format!("consistency: {changes} changes ({}) in {seconds:.1} s", kinds.join(", ")));
        report.say(format!("  answered in {answer:.1} ms in the median"));
        report.say(format!("  sent after a revoke was answered      {sent_closed:>8}, passed  {passed}"));
        report.say(format!("  sent after an authorise was answered  {sent_open:>8}, dropped {dropped}"));
        report.say(format!("  in a queue when the next change began {undecided:>8}"));
        report.figure("changes", changes);
        report.figure("seconds", seconds);
        report.figure("answer_median_ms", answer);
        report.figure("closed", json!({"sent": sent_closed, "passed": passed}));
        report.figure("open", json!({"sent": sent_open, "dropped": dropped}));
        report.figure("undecided", undecided);
        if passed > 0 {
            report.broken(format!("{passed} packets passed that were sent after a revoke was answered"));
        }
        if dropped > 0 {
            report.broken(format!("{dropped} packets were dropped that were sent after an authorise was answered"));
        }
        if bystanders_lost > 0 {
            report.broken(format!("{bystanders_lost} packets were lost that no change was about"));
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gate opened at 10 and closed at 100, one probe and one witness each.
    fn rounds() -> [Round; 2] {
        let round = |open, begun, first| {
            let (probes, witnesses) = (first..first + 1, first + 1..first + 2);
            Round { gate: 0, open, begun, answered: begun + 5, probes, witnesses }
        };
        [round(true, 10, 1), round(false, 100, 3)]
    }

    fn verdict(arrivals: &[(u64, u64)]) -> Verdict {
        Verdict::of(&rounds(), &arrivals.iter().copied().collect())
    }

    #[test]
    fn what_passes_an_open_gate_and_not_a_closed_one_is_right() {
        let right = Verdict { sent_closed: 1, sent_open: 1, ..Verdict::default() };
        assert_eq!(verdict(&[(1, 20), (2, 21), (4, 110)]), right);
        // Late, but it was let through.
        assert_eq!(verdict(&[(1, 120), (2, 21), (4, 110)]), right);
    }

    #[test]
    fn what_is_dropped_or_passes_is_counted() {
        assert_eq!(verdict(&[(2, 21), (4, 110)]).dropped, 1);
        assert_eq!(verdict(&[(1, 20), (2, 21), (3, 109), (4, 110)]).passed, 1);
        assert_eq!(verdict(&[(1, 20), (2, 21)]).bystanders_lost, 1);
    }

    #[test]
    fn what_may_have_been_in_a_queue_is_nobodys_fault() {
        let late = verdict(&[(2, 101), (4, 110)]);
        assert_eq!((late.dropped, late.undecided), (0, 1));
        let mut rounds = rounds().to_vec();
        rounds.reverse();
        (rounds[0].begun, rounds[1].begun) = (10, 100);
        let arrivals = [(1, 120), (2, 121), (3, 101), (4, 20)].into_iter().collect();
        let late = Verdict::of(&rounds, &arrivals);
        assert_eq!((late.passed, late.undecided), (0, 1));
    }
}
