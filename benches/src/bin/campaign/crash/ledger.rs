//! The ledger of requested and answered changes, which is compared with the cloud.

use std::collections::BTreeMap;
use std::fmt;

/// A kind of thing that one change makes and another removes. Most have several parts, so that a half-done change shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Three rules of a group.
    Rules,
    /// A VPC, with the group, the route table and the ACL that come with it.
    Vpc,
    /// Two instances.
    Instances,
    /// The link of an instance.
    Link,
}

impl Kind {
    /// All of them.
    pub const EVERY: [Self; 4] = [Self::Rules, Self::Vpc, Self::Instances, Self::Link];

    /// The number of parts of a thing of this kind.
    pub fn parts(self) -> usize {
        match self {
            Self::Rules => 3,
            Self::Vpc => 4,
            Self::Instances => 2,
            Self::Link => 1,
        }
    }
}

/// One thing: its kind and its number.
pub type Thing = (Kind, u32);

/// The number of existing parts of each thing.
pub type Seen = BTreeMap<Thing, usize>;

/// The expected state of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// An answer said that it was made.
    Present,
    /// An answer said that it was removed.
    Absent,
    /// Its last change was not answered, so it may exist or not.
    Either,
}

/// The outcome of a change.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was answered with success.
    Done,
    /// No answer was received.
    Unanswered,
    /// It was refused with this error.
    Refused(String),
}

/// The counts.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Changes that were answered with success.
    pub answered: usize,
    /// Changes without an answer.
    pub unanswered: usize,
    /// Changes that were refused, with the error; none of them should be.
    pub refused: Vec<String>,
    /// Answered changes that the cloud does not have.
    pub lost: Vec<String>,
    /// Things that exist only in part, with what was found of each.
    pub half: BTreeMap<Thing, String>,
}

/// The expected states of all things.
#[derive(Debug, Default)]
pub struct Ledger {
    expected: BTreeMap<Thing, Expected>,
    /// The counts so far.
    pub tally: Tally,
}

impl Ledger {
    /// Enters the outcome of a request to make or remove a thing.
    pub fn enter(&mut self, thing: Thing, makes: bool, outcome: Outcome) {
        let expected = match (outcome, makes) {
            (Outcome::Done, makes) => {
                self.tally.answered += 1;
                if makes { Expected::Present } else { Expected::Absent }
            }
            (Outcome::Unanswered, _) => {
                self.tally.unanswered += 1;
                Expected::Either
            }
            (Outcome::Refused(why), _) => {
                self.tally.refused.push(format!("{thing:?}: {why}"));
                return;
            }
        };
        self.expected.insert(thing, expected);
    }

    /// Whether a thing exists or may exist.
    pub fn knows(&self, thing: Thing) -> bool {
        self.expected.get(&thing).is_some_and(|state| *state != Expected::Absent)
    }

    /// The existing things of a kind, in the order of their numbers.
    pub fn present(&self, kind: Kind) -> Vec<Thing> {
        let is_present =
            |(thing, state): (&Thing, &Expected)| (thing.0 == kind && *state == Expected::Present).then_some(*thing);
        self.expected.iter().filter_map(is_present).collect()
    }

    /// Compares the ledger with the cloud. A difference is counted once: afterwards the ledger expects the cloud's state.
    pub fn compare(&mut self, seen: &Seen) {
        for thing in seen.keys() {
            self.expected.entry(*thing).or_insert(Expected::Absent);
        }
        for (thing, expected) in &mut self.expected {
            let parts = seen.get(thing).copied().unwrap_or(0);
            let (is_present, is_whole) = (parts > 0, parts == 0 || parts == thing.0.parts());
            let finding = Finding { thing: *thing, expected: *expected, parts };
            match (*expected, is_present) {
                _ if !is_whole => {
                    self.tally.half.entry(*thing).or_insert_with(|| finding.to_string());
                }
                (Expected::Present, false) | (Expected::Absent, true) => self.tally.lost.push(finding.to_string()),
                _ => {}
            }
            *expected = if is_present { Expected::Present } else { Expected::Absent };
        }
        // A removed thing needs no entry; if it reappears, the comparison finds it.
        self.expected.retain(|_, state| *state != Expected::Absent);
    }
}

/// A finding in words.
struct Finding {
    thing: Thing,
    expected: Expected,
    parts: usize,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((kind, number), expected) = (self.thing, self.expected);
        write!(f, "{kind:?} {number}, expected to be {expected:?}, has {} of {} parts", self.parts, kind.parts())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Thing = (Kind::Rules, 1);

    fn compared(changes: &[(bool, Outcome)], parts: usize) -> Tally {
        let mut ledger = Ledger::default();
        for (makes, outcome) in changes {
            ledger.enter(RULES, *makes, outcome.clone());
        }
        ledger.compare(&Seen::from([(RULES, parts)]));
        // A second comparison finds nothing new.
        let before = format!("{:?}", ledger.tally.lost);
        ledger.compare(&Seen::from([(RULES, parts)]));
        assert_eq!(before, format!("{:?}", ledger.tally.lost));
        ledger.tally
    }

    #[test]
    fn answered_changes_must_be_in_the_cloud() {
        assert!(compared(&[(true, Outcome::Done)], 3).lost.is_empty());
        assert_eq!(compared(&[(true, Outcome::Done)], 0).lost.len(), 1);
        assert_eq!(compared(&[(true, Outcome::Done), (false, Outcome::Done)], 3).lost.len(), 1);
        assert_eq!(compared(&[], 3).lost.len(), 1, "a thing that was never requested");
    }

    #[test]
    fn changes_without_an_answer_are_done_completely_or_not_at_all() {
        for parts in [0, 3] {
            let tally = compared(&[(true, Outcome::Done), (false, Outcome::Unanswered)], parts);
            assert!(tally.lost.is_empty() && tally.half.is_empty());
        }
        assert!(!compared(&[(true, Outcome::Unanswered)], 2).half.is_empty());
    }
}
