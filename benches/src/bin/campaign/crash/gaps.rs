//! Forwarding gaps: for how long nothing arrived of a stream of datagrams.

use super::Victim;
use crate::inside::protocol::Arrival;

/// How long after a kill a gap is its own, in nanoseconds.
const OWN: u64 = 10_000_000_000;

/// A kill.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    /// Whose.
    pub victim: Victim,
    /// When, in nanoseconds since 1970.
    pub at: u64,
}

/// The longest gap after each kill, in milliseconds.
pub struct Gaps(Vec<(Victim, f64)>);

impl Gaps {
    /// By what has arrived when. A gap is a kill's own if it ends after it, begins before the next one, and not too late.
    pub fn of(deaths: &[Death], arrivals: &[Arrival]) -> Self {
        let mut times: Vec<u64> = arrivals.iter().map(|arrival| arrival.at).collect();
        times.sort_unstable();
        let longest = |(index, death): (usize, &Death)| {
            let until = deaths.get(index + 1).map_or(u64::MAX, |next| next.at).min(death.at + OWN);
            let own = times.windows(2).filter(|pair| pair[1] > death.at && pair[0] < until);
            (death.victim, own.map(|pair| pair[1] - pair[0]).max().unwrap_or(0) as f64 / 1e6)
        };
        Self(deaths.iter().enumerate().map(longest).collect())
    }

    /// Those after one kind of kill.
    pub fn of_victim(&self, victim: Victim) -> Vec<f64> {
        self.0.iter().filter(|(of, _)| *of == victim).map(|(_, gap)| *gap).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_that_of_the_kill_before_it() {
        let ms = |ms: u64| ms * 1_000_000;
        let times = [1, 2, 3, 40, 41, 42, 43, 50].map(ms);
        let arrivals: Vec<_> = times.into_iter().map(|at| Arrival { sequence: at, at }).collect();
        let deaths = [(Victim::Dataplane, 3), (Victim::Control, 41), (Victim::Dataplane, 45)];
        let deaths = deaths.map(|(victim, at)| Death { victim, at: ms(at) });
        let gaps = Gaps::of(&deaths, &arrivals);
        assert_eq!(gaps.of_victim(Victim::Control), [7.0], "it lasts into the next kill's time");
        assert_eq!(gaps.of_victim(Victim::Dataplane), [37.0, 7.0]);
    }
}
