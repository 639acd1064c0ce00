//! Points in time, as the API writes them.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last millisecond of the year 9999: RFC 3339 has no later moment.
const LAST: u64 = 253_402_300_799_999;

/// Milliseconds since 1970, written as `2015-01-07T12:00:00.000Z` (ISO 8601). What is later than
/// the year 9999 is written as its last millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(self.0.min(LAST))).fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = humantime::TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let time = humantime::parse_rfc3339_weak(text.trim_end_matches("+00:00"))?;
        Ok(Timestamp(u64::try_from(since(time).as_millis()).unwrap_or(u64::MAX)))
    }
}
