//! The weekly window in which a database may be maintained, and the daily one in which it is backed up. Nothing happens in either.

use model::services::{Error, Result};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// In minutes, as all that follows.
const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;
/// The shortest window.
const SHORTEST: u32 = 30;

/// A window: where it begins, in a week or in a day, and how long it is.
type Window = (u32, u32);

/// Refuses windows that are none, or that overlap.
pub fn check(maintenance: Option<&str>, backup: Option<&str>) -> Result<()> {
    let maintenance = maintenance.map(weekly).transpose()?;
    let backup = backup.map(daily).transpose()?;
    match (maintenance, backup) {
        (Some(weekly), Some(daily)) if (0..7).any(|day| overlap(weekly, (day * DAY + daily.0, daily.1))) => {
            Err(refused("The backup window and maintenance window must not overlap."))
        }
        _ => Ok(()),
    }
}

fn refused(why: &'static str) -> Error {
    Error::Window { why }
}

/// `sun:23:45-mon:00:15`
fn weekly(text: &str) -> Result<Window> {
    let bad = || {
        refused(
            "Invalid maintenance window format. Invalid day:hour:minute value. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC). Example: Sun:23:45-Mon:00:15",
        )
    };
    let moment = |text: &str| {
        let (day, time) = text.split_once(':')?;
        let day = DAYS.iter().position(|known| known.eq_ignore_ascii_case(day))?;
        Some(u32::try_from(day).ok()? * DAY + minutes(time)?)
    };
    let (from, to) = text.split_once('-').and_then(|(from, to)| Some((moment(from)?, moment(to)?))).ok_or_else(bad)?;
    let length = (to + WEEK - from) % WEEK;
    match length {
        DAY.. => Err(refused("Maintenance window must be less than 24 hours.")),
        0..SHORTEST => Err(refused("The maintenance window must be at least 30 minutes.")),
        _ => Ok((from, length)),
    }
}

/// `23:45-00:15`
fn daily(text: &str) -> Result<Window> {
    let found = text.split_once('-').and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
    let (from, to) = found.ok_or_else(|| {
        refused("Invalid backup window format. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC). Example: 23:45-00:15")
    })?;
    match (to + DAY - from) % DAY {
        0..SHORTEST => Err(refused("The backup window must be at least 30 minutes.")),
        length => Ok((from, length)),
    }
}

/// `23:45`
fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, below: u32| text.parse::<u32>().ok().filter(|number| text.len() == 2 && *number < below);
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

/// Whether two windows of a week have a minute in common.
fn overlap((one, long): Window, (other, wide): Window) -> bool {
    let after = |from: u32, to: u32| (to + WEEK - from) % WEEK;
    after(one, other) < long || after(other, one) < wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_windows_and_do_not_overlap() {
        let fine = |maintenance: &str, backup: &str| check(Some(maintenance), Some(backup)).is_ok();
        assert!(fine("sun:16:00-sun:16:30", "03:00-03:30"));
        assert!(fine("MON:16:00-TUE:01:30", "02:00-15:00"));
        assert!(fine("sun:23:30-mon:00:30", "00:30-01:00"));
        for (maintenance, backup) in [
            ("mon:16:00-tue:17:00", "03:00-03:30"),
            ("mon:16:00-mon:16:05", "03:00-03:30"),
            ("sim:16:00-mon:16:30", "03:00-03:30"),
            ("mon:16tue:17:00", "03:00-03:30"),
            ("mon:25:00-mon:26:00", "03:00-03:30"),
            ("wed:18:00-wed:22:00", "20:00-20:30"),
            ("wed:18:00-thu:01:00", "00:00-00:30"),
            ("thu:00:00-thu:14:00", "23:50-00:20"),
            ("wed:18:00-thu:01:00", "23:50-00:20"),
            ("sun:23:30-mon:00:30", "00:00-00:30"),
            ("sun:16:00-sun:16:30", "03:00-03:10"),
            ("sun:16:00-sun:16:30", "3:00-04:00"),
        ] {
            assert!(!fine(maintenance, backup), "{maintenance} {backup}");
        }
    }
}
