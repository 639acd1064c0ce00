//! The ledger: the changes that were requested and answered, compared with the cloud.

use std::collections::BTreeMap;
use std::fmt;

/// Something that one change makes and another removes. Each consists of several rows, so a half-done
/// change would show.
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

    /// The number of its parts.
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

/// The known state of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// An answer said that it was made.
    There,
    /// An answer said that it was removed.
    Gone,
    /// Its last change was not answered, so it may exist or not.
    Either,
}

/// The outcome of a change.
#[derive(Clone, Debug)]
pub enum Said {
    /// It was answered with success.
    Done,
    /// No answer was received.
    Nothing,
    /// It was refused, with this error.
    No(String),
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

/// All things.
#[derive(Debug, Default)]
pub struct Ledger {
    fates: BTreeMap<Thing, Fate>,
    /// What was counted.
    pub tally: Tally,
}

impl Ledger {
    /// Notes a request to make or remove a thing.
    pub fn enter(&mut self, thing: Thing, makes: bool, said: Said) {
        let fate = match (said, makes) {
            (Said::Done, makes) => {
                self.tally.answered += 1;
                if makes { Fate::There } else { Fate::Gone }
            }
            (Said::Nothing, _) => {
                self.tally.unanswered += 1;
                Fate::Either
            }
            (Said::No(why), _) => {
                self.tally.refused.push(format!("{thing:?}: {why}"));
                return;
            }
        };
        self.fates.insert(thing, fate);
    }

    /// Whether a thing exists or may exist.
    pub fn knows(&self, thing: Thing) -> bool {
        self.fates.get(&thing).is_some_and(|fate| *fate != Fate::Gone)
    }

    /// The existing things of a kind, in the order of their numbers.
    pub fn there(&self, kind: Kind) -> Vec<Thing> {
        let is_there = |(thing, fate): (&Thing, &Fate)| (thing.0 == kind && *fate == Fate::There).then_some(*thing);
        self.fates.iter().filter_map(is_there).collect()
    }

    /// Compares with the cloud. A difference is counted once; afterwards the ledger takes the cloud's
    /// state.
    pub fn compare(&mut self, seen: &Seen) {
        for thing in seen.keys() {
            self.fates.entry(*thing).or_insert(Fate::Gone);
        }
        for (thing, fate) in &mut self.fates {
            let parts = seen.get(thing).copied().unwrap_or(0);
            let (is_there, is_whole) = (parts > 0, parts == 0 || parts == thing.0.parts());
            let told = Told { thing: *thing, fate: *fate, parts };
            match (*fate, is_there) {
                _ if !is_whole => {
                    self.tally.half.entry(*thing).or_insert_with(|| told.to_string());
                }
                (Fate::There, false) | (Fate::Gone, true) => self.tally.lost.push(told.to_string()),
                _ => {}
            }
            *fate = if is_there { Fate::There } else { Fate::Gone };
        }
        // A removed thing needs no entry; if it reappears, the comparison finds it.
        self.fates.retain(|_, fate| *fate != Fate::Gone);
    }
}

/// A finding in words.
struct Told {
    thing: Thing,
    fate: Fate,
    parts: usize,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((kind, number), fate) = (self.thing, self.fate);
        write!(f, "{kind:?} {number}, known as {fate:?}, has {} of {} parts", self.parts, kind.parts())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Thing = (Kind::Rules, 1);

    fn compared(changes: &[(bool, Said)], parts: usize) -> Tally {
        let mut ledger = Ledger::default();
        for (makes, said) in changes {
            ledger.enter(RULES, *makes, said.clone());
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
        assert!(compared(&[(true, Said::Done)], 3).lost.is_empty());
        assert_eq!(compared(&[(true, Said::Done)], 0).lost.len(), 1);
        assert_eq!(compared(&[(true, Said::Done), (false, Said::Done)], 3).lost.len(), 1);
        assert_eq!(compared(&[], 3).lost.len(), 1, "a thing that was never requested");
    }

    #[test]
    fn changes_without_an_answer_are_done_completely_or_not_at_all() {
        for parts in [0, 3] {
            let tally = compared(&[(true, Said::Done), (false, Said::Nothing)], parts);
            assert!(tally.lost.is_empty() && tally.half.is_empty());
        }
        assert!(!compared(&[(true, Said::Nothing)], 2).half.is_empty());
    }
}
