//! The local times of time zones, by the IANA database, which is part of the program.

use super::{Error, Result};
use crate::Time;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The clock of a time zone. It shows a local time, which is a [`Time`] as if it were in UTC.
pub struct Clock(TimeZone);

impl Clock {
    /// The clock of the time zone that has this canonical name; without a name that of UTC.
    ///
    /// # Errors
    /// [`Error::NoTimeZone`] if there is none.
    pub fn of(zone: Option<&str>) -> Result<Clock> {
        let Some(name) = zone else { return Ok(Clock(TimeZone::UTC)) };
        let found = TimeZone::get(name).ok().filter(|zone| zone.iana_name() == Some(name));
        found.map(Clock).ok_or_else(|| Error::NoTimeZone { zone: name.to_owned() })
    }

    /// The local time at a moment.
    pub fn shows(&self, moment: Time) -> Time {
        moved(moment, &self.0, &TimeZone::UTC)
    }

    /// The moment of a local time. A local time that occurs twice, when clocks are put back, means the first moment. One that is skipped,
    /// when clocks are put forward, is counted from before the change.
    pub fn moment(&self, shown: Time) -> Time {
        moved(shown, &TimeZone::UTC, &self.0)
    }
}

/// The time in the zone `to` when it is `time` in the zone `from`. Beyond the year 9999 all zones have the same time.
fn moved(time: Time, from: &TimeZone, to: &TimeZone) -> Time {
    let read = || {
        let moment = Timestamp::from_millisecond(time.0.try_into().ok()?).ok()?;
        let moment = to.to_timestamp(from.to_datetime(moment)).ok()?;
        u64::try_from(moment.as_millisecond()).ok().map(Time)
    };
    read().unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_its_canonical_name() {
        for name in ["UTC", "Etc/UTC", "Etc/GMT+9", "Pacific/Tahiti", "Europe/Paris"] {
            assert!(Clock::of(Some(name)).is_ok(), "{name}");
        }
        for name in ["", "europe/paris", "Mars/Olympus", "../etc/passwd", "CEST"] {
            assert!(Clock::of(Some(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_clock_knows_when_it_shows_what() {
        let clock = Clock::of(Some("Europe/Paris")).unwrap();
        for (shown, moment) in [
            ("2015-01-07T18:00:00Z", "2015-01-07T17:00:00Z"),
            ("2015-07-07T18:00:00Z", "2015-07-07T16:00:00Z"),
            // Shown twice.
            ("2015-10-25T02:30:00Z", "2015-10-25T00:30:00Z"),
        ] {
            let (shown, moment) = (shown.parse().unwrap(), moment.parse().unwrap());
            assert_eq!((clock.moment(shown), clock.shows(moment)), (moment, shown));
        }
        // Left out.
        assert_eq!(clock.moment("2015-03-29T02:30:00Z".parse().unwrap()), "2015-03-29T01:30:00Z".parse().unwrap());
        assert_eq!(clock.shows(Time(u64::MAX)), Time(u64::MAX));
    }
}
