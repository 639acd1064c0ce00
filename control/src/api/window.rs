//! The weekly window in which a database or a cache may be maintained, and the daily one in which it is backed up. Nothing happens in
//! either.

use model::services::{Result, WindowFault};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// The length of a day, in minutes like all lengths here.
const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;
/// The shortest window of RDS.
const SHORTEST: u32 = 30;

/// A window: where it begins, in a week or in a day, and how long it is.
type Window = (u32, u32);

/// Refuses windows that are invalid, or that overlap.
pub fn check(maintenance: Option<&str>, backup: Option<&str>) -> Result<()> {
    let maintenance = maintenance.map(|text| weekly(text, SHORTEST)).transpose()?;
    let backup = backup.map(|text| daily(text, SHORTEST)).transpose()?;
    match (maintenance, backup) {
        (Some(weekly), Some(daily)) if (0..7).any(|day| overlap(weekly, (day * DAY + daily.0, daily.1))) => {
            Err(WindowFault::Overlap {}.into())
        }
        _ => Ok(()),
    }
}

/// A weekly window like `sun:23:45-mon:00:15`, of at least so many minutes.
///
/// # Errors
/// A [`WindowFault`]
pub fn weekly(text: &str, shortest: u32) -> Result<Window> {
    let bad = || WindowFault::Weekly {};
    let moment = |text: &str| {
        let (day, time) = text.split_once(':')?;
        let day = DAYS.iter().position(|known| known.eq_ignore_ascii_case(day))?;
        Some(u32::try_from(day).ok()? * DAY + minutes(time)?)
    };
    let (from, to) = text.split_once('-').and_then(|(from, to)| Some((moment(from)?, moment(to)?))).ok_or_else(bad)?;
    let length = (to + WEEK - from) % WEEK;
    match length {
        DAY.. => Err(WindowFault::WeeklyLong {}.into()),
        _ if length < shortest => Err(WindowFault::WeeklyShort { minutes: shortest }.into()),
        _ => Ok((from, length)),
    }
}

/// A daily window like `23:45-00:15`, of at least so many minutes.
///
/// # Errors
/// A [`WindowFault`]
pub fn daily(text: &str, shortest: u32) -> Result<Window> {
    let found = text.split_once('-').and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
    let (from, to) = found.ok_or(WindowFault::Daily {})?;
    match (to + DAY - from) % DAY {
        length if length < shortest => Err(WindowFault::DailyShort { minutes: shortest }.into()),
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
