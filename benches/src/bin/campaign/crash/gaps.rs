//! Forwarding gaps: intervals without arrivals in a stream of datagrams.

use super::victim::Victim;
use crate::inside::protocol::Arrival;

/// A kill.
#[derive(Clone, Copy, Debug)]
pub struct Kill {
    /// The process that was killed.
    pub victim: Victim,
    /// The time, in nanoseconds since 1970.
    pub at: u64,
}

/// The longest gap after each kill, in milliseconds.
pub struct Gaps(Vec<(Victim, f64)>);

impl Gaps {
    /// From the arrival times. A gap belongs to the first kill within it, or else to the last one before it.
    pub fn of(kills: &[Kill], arrivals: &[Arrival]) -> Self {
        let mut times: Vec<u64> = arrivals.iter().map(|arrival| arrival.at).collect();
        times.sort_unstable();
        let mut longest: Vec<_> = kills.iter().map(|kill| (kill.victim, 0.0)).collect();
        for (start, end) in times.iter().zip(times.iter().skip(1)) {
            let before = kills.partition_point(|kill| kill.at <= *start);
            let is_within = kills.get(before).is_some_and(|kill| kill.at < *end);
            let cause = if is_within { Some(before) } else { before.checked_sub(1) };
            if let Some((_, gap)) = cause.and_then(|cause| longest.get_mut(cause)) {
                *gap = f64::max(*gap, (end - start) as f64 / 1e6);
            }
        }
        Self(longest)
    }

    /// The gaps of one kind of kill. A kill during an existing gap has none of its own.
    pub fn of_victim(&self, victim: Victim) -> Vec<f64> {
        self.0.iter().filter(|(of, gap)| *of == victim && *gap > 0.0).map(|(_, gap)| *gap).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_that_of_the_first_kill_in_it_or_of_the_last_before_it() {
        let ms = |ms: u64| ms * 1_000_000;
        let times = [1, 2, 3, 40, 41, 44, 45, 60].map(ms);
        let arrivals: Vec<_> = times.into_iter().map(|at| Arrival { sequence: at, at }).collect();
        let kills = [(Victim::Dataplane, 4), (Victim::Control, 39), (Victim::Up, 50), (Victim::All, 55)];
        let kills = kills.map(|(victim, at)| Kill { victim, at: ms(at) });
        let gaps = Gaps::of(&kills, &arrivals);
        let of = [Victim::Dataplane, Victim::Control, Victim::Up].map(|victim| gaps.of_victim(victim));
        assert_eq!(of, [[37.0], [3.0], [15.0]]);
        assert!(gaps.of_victim(Victim::All).is_empty());
    }
}
