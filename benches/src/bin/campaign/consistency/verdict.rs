//! The verdict on rounds of changes, by the arrivals of their probes.

use super::gates::Gate;
use crate::report::{Report, median};
use serde_json::json;
use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

/// A change and the probes after it. Times are nanoseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// The gate.
    pub gate: usize,
    /// Whether the change opened it.
    pub open: bool,
    /// The time just before the request was sent.
    pub begun: u64,
    /// The time of the answer.
    pub answered: u64,
    /// The numbers of the probes.
    pub probes: Range<u64>,
    /// The numbers of the witnesses.
    pub witnesses: Range<u64>,
}

/// Counts of packets by outcome.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Sent after the answer that a gate was closed.
    pub sent_closed: usize,
    /// Of these, arrived before the gate was to be opened again.
    pub passed: usize,
    /// Sent after the answer that a gate was open.
    pub sent_open: usize,
    /// Of these, never arrived, although every later packet arrived before the gate was to be closed again.
    pub dropped: usize,
    /// Possibly still in a queue when the next change began, so that passing and dropping are both right.
    pub undecided: usize,
    /// Witnesses that never arrived.
    pub bystanders_lost: usize,
}

impl Verdict {
    /// The verdict on rounds, from the arrival times of probes and witnesses by their numbers.
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

    /// Writes the counts into the report.
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
    fn packets_that_pass_only_an_open_gate_are_right() {
        let right = Verdict { sent_closed: 1, sent_open: 1, ..Verdict::default() };
        assert_eq!(verdict(&[(1, 20), (2, 21), (4, 110)]), right);
        // Late, but the gate let it through.
        assert_eq!(verdict(&[(1, 120), (2, 21), (4, 110)]), right);
    }

    #[test]
    fn wrong_drops_and_passes_are_counted() {
        assert_eq!(verdict(&[(2, 21), (4, 110)]).dropped, 1);
        assert_eq!(verdict(&[(1, 20), (2, 21), (3, 109), (4, 110)]).passed, 1);
        assert_eq!(verdict(&[(1, 20), (2, 21)]).bystanders_lost, 1);
    }

    #[test]
    fn packets_that_may_have_been_in_a_queue_count_as_undecided() {
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
