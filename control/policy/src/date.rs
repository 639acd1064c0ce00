//! Dates in conditions: ISO 8601, whose last parts may be left out, or seconds since 1970.

use std::ops::RangeInclusive;

/// The years that IAM accepts.
const YEARS: RangeInclusive<i64> = -292_275_054..=292_278_993;

/// Seconds since 1970.
pub fn read(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    if !text.contains(['t', '-']) {
        return seconds(&text);
    }
    let (date, time) = text.split_once('t').unwrap_or((&text, ""));
    let (time, offset) = without_offset(time)?;
    Some(days(date)? as f64 * 86_400.0 + of_day(time)? - offset)
}

fn seconds(text: &str) -> Option<f64> {
    match text.parse::<i64>() {
        Ok(whole) => Some(whole as f64),
        Err(_) => text.parse().ok().filter(|seconds: &f64| text.contains('.') && seconds.is_finite()),
    }
}

/// A part of a date: digits, within a range.
fn part(text: &str, range: RangeInclusive<i64>) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && range.contains(number))
}

/// Days from 1970 to a date. A missing month or day is the first.
fn days(date: &str) -> Option<i64> {
    let (is_negative, date) = date.strip_prefix('-').map_or((false, date), |date| (true, date));
    let mut parts = date.split('-');
    let year = part(parts.next()?, 0..=*YEARS.end())?;
    let year = if is_negative { -year } else { year };
    let month = parts.next().map_or(Some(1), |month| part(month, 1..=12))?;
    let day = parts.next().map_or(Some(1), |day| part(day, 1..=31))?;
    (parts.next().is_none() && YEARS.contains(&year)).then(|| civil(year, month, day))
}

/// Years begin in March here, so that the leap day is a year's last.
fn civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let before_1970 = 719_468;
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - before_1970
}

/// Seconds from midnight. A missing part is zero.
fn of_day(time: &str) -> Option<f64> {
    let mut parts = time.split(':');
    let hour = parts.next().filter(|hour| !hour.is_empty()).map_or(Some(0), |hour| part(hour, 0..=23))?;
    let minute = parts.next().map_or(Some(0), |minute| part(minute, 0..=59))?;
    let second = parts.next().map_or(Some(0.0), second)?;
    parts.next().is_none().then_some((hour * 3600 + minute * 60) as f64 + second)
}

/// At most nine digits follow the point.
fn second(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    part(whole, 0..=59)?;
    part(fraction, 0..=999_999_999).filter(|_| fraction.len() <= 9)?;
    text.parse().ok()
}

/// A time without its offset from UTC, and that offset in seconds.
fn without_offset(time: &str) -> Option<(&str, f64)> {
    if let Some(time) = time.strip_suffix('z') {
        return Some((time, 0.0));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0.0)) };
    let (hours, minutes) = time[at + 1..].split_once(':').unwrap_or((&time[at + 1..], "00"));
    let of_two = hours.len() == 2 && minutes.len() == 2;
    let seconds = (part(hours, 0..=23)? * 3600 + part(minutes, 0..=59)? * 60) as f64;
    of_two.then_some((&time[..at], if time.as_bytes()[at] == b'-' { -seconds } else { seconds }))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn times_may_lack_their_last_parts() {
        for (text, expected) in [
            ("1970-01-01", Some(0.0)),
            ("2000-03-01T00:00:00Z", Some(951_868_800.0)),
            ("2015-01-07t12:00", Some(1_420_632_000.0)),
            ("2015-01-07T14:00:00.5+02:00", Some(1_420_632_000.5)),
            ("2015-01-07T10:00:00-02", Some(1_420_632_000.0)),
            ("1420632000", Some(1_420_632_000.0)),
            ("1970T", Some(0.0)),
            ("1969-12-31T23:59:59Z", Some(-1.0)),
            ("2015-13", None),
            ("2015-01-01T25", None),
            ("2015-01-01T2:00:00.1999999999Z", None),
            ("2015-01-01T2:00:00+1", None),
            ("9223372036854775808", None),
            ("yesterday", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
