//! Points in time: one type for the model and the API, so that neither depends on the other.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last millisecond of the year 9999. RFC 3339 has no later time.
const LAST: u64 = 253_402_300_799_999;

/// A point in time: milliseconds since 1970, UTC. Printed as `2015-01-07T12:00:00.000Z` (ISO 8601); a time after the
/// year 9999 is printed as that year's last millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(pub u64);

impl Time {
    /// The time since `earlier`; zero if that is in the future.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The time this much later.
    pub fn after(self, wait: Duration) -> Time {
        Time(self.0.saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
    }

    /// The time rounded down to a second, the precision that EC2 has for launches and attachments.
    pub fn second(self) -> Time {
        Time(self.0 / 1000 * 1000)
    }

    /// The forms that filters accept: with and without milliseconds.
    pub fn as_filtered(self) -> Vec<String> {
        vec![self.to_string(), self.second().to_string()]
    }

    /// The form of the metadata service: `2015-01-07T12:00:00Z`.
    pub fn to_seconds(self) -> String {
        let text = self.to_string();
        text.split_once('.').map_or(text.clone(), |(seconds, _)| format!("{seconds}Z"))
    }

    /// The form in the reason of an instance's state: `2015-01-07 12:00:00 GMT`.
    pub fn to_gmt(self) -> String {
        self.to_seconds().replace('T', " ").replace('Z', " GMT")
    }
}

impl From<SystemTime> for Time {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(self.0.min(LAST))).fmt(f)
    }
}

impl FromStr for Time {
    type Err = humantime::TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(humantime::parse_rfc3339_weak(text.trim_end_matches("+00:00"))?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_after_the_year_9999_is_printed_as_its_last() {
        assert_eq!(Time(1_420_632_000_000).to_string(), "2015-01-07T12:00:00.000Z");
        assert_eq!(Time(1_420_632_000_999).to_seconds(), "2015-01-07T12:00:00Z");
        assert_eq!(Time(1_420_632_000_999).to_gmt(), "2015-01-07 12:00:00 GMT");
        assert_eq!(Time(u64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn a_moment_is_read_as_it_is_printed() {
        assert_eq!("2015-01-07T12:00:00.000Z".parse(), Ok(Time(1_420_632_000_000)));
        assert_eq!("2015-01-07T12:00:00+00:00".parse(), Ok(Time(1_420_632_000_000)));
        assert!("noon".parse::<Time>().is_err());
    }
}
