//! Recurrences of scheduled actions: the five fields of cron(8), to the minute, in local time.

use super::{Error, Result};
use crate::Time;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// A minute, in milliseconds.
const MINUTE: u64 = 60_000;
/// The minutes of a day.
const MINUTES: u64 = 24 * 60;
/// The longest time between two occurrences in days: there may be eight years between two 29ths of February.
const DAYS: u64 = 8 * 366;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A recurrence: `0 18 * * MON-FRI`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recurrence {
    text: String,
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// The values of a field, a bit for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    values: u64,
    /// Whether it begins with `*`. The choice of days is then left to the other field of days.
    open: bool,
}

impl Field {
    fn has(self, value: u64) -> bool {
        self.values >> value & 1 == 1
    }

    /// Parses `*`, `5`, `1-5`, `*/15`, `10-20/5` and lists of these. `names` stand for the numbers from `first` on.
    fn read(text: &str, range: RangeInclusive<u64>, names: &[&str], first: u64) -> Option<Field> {
        let number = |word: &str| {
            let named =
                (first..).zip(names).find(|(_, name)| name.eq_ignore_ascii_case(word)).map(|(number, _)| number);
            named.or_else(|| word.parse().ok()).filter(|number| range.contains(number))
        };
        let mut values = 0;
        for part in text.split(',') {
            let (span, step) = part.split_once('/').map_or((part, None), |(span, step)| (span, Some(step)));
            let step = step.map_or(Some(1), |step| step.parse().ok().filter(|step: &usize| *step > 0))?;
            let (from, to) = match span.split_once('-') {
                _ if span == "*" => (*range.start(), *range.end()),
                Some((from, to)) => (number(from)?, number(to)?),
                None if part.contains('/') => (number(span)?, *range.end()),
                None => (number(span)?, number(span)?),
            };
            if from > to {
                return None;
            }
            values |= (from..=to).step_by(step).fold(0, |bits, value| bits | 1 << value);
        }
        Some(Field { values, open: text.starts_with('*') })
    }
}

impl TryFrom<String> for Recurrence {
    type Error = Error;

    fn try_from(text: String) -> Result<Recurrence> {
        let read = || {
            let words: Vec<&str> = text.split_whitespace().collect();
            let [minutes, hours, days, months, weekdays] = words[..] else { return None };
            let mut weekdays = Field::read(weekdays, 0..=7, &WEEKDAYS, 0)?;
            // Sunday has two numbers.
            weekdays.values |= weekdays.values >> 7;
            Some(Recurrence {
                text: text.clone(),
                minutes: Field::read(minutes, 0..=59, &[], 0)?,
                hours: Field::read(hours, 0..=23, &[], 0)?,
                days: Field::read(days, 1..=31, &[], 0)?,
                months: Field::read(months, 1..=12, &MONTHS, 1)?,
                weekdays,
            })
        };
        read().ok_or_else(|| Error::BadRecurrence { text: text.clone() })
    }
}

impl From<Recurrence> for String {
    fn from(recurrence: Recurrence) -> String {
        recurrence.text
    }
}

impl Recurrence {
    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first occurrence after a moment. A date that never comes has none.
    pub fn next_after(&self, time: Time) -> Option<Time> {
        let (day, minute) = split(Time((time.0 / MINUTE + 1) * MINUTE));
        let days = (day..=day.saturating_add(DAYS)).filter(|day| self.has_day(*day));
        let mut all = days.flat_map(move |that| {
            let from = if that == day { minute } else { 0 };
            (from..MINUTES).filter(move |minute| self.has_minute(*minute)).map(move |minute| join(that, minute))
        });
        all.next()
    }

    /// The last occurrence that is no later than a moment.
    pub fn last_until(&self, time: Time) -> Option<Time> {
        let (day, minute) = split(time);
        let days = (day.saturating_sub(DAYS)..=day).rev().filter(|day| self.has_day(*day));
        let mut all = days.flat_map(move |that| {
            let to = if that == day { minute } else { MINUTES - 1 };
            (0..=to).rev().filter(move |minute| self.has_minute(*minute)).map(move |minute| join(that, minute))
        });
        all.next()
    }

    fn has_minute(&self, minute: u64) -> bool {
        self.hours.has(minute / 60) && self.minutes.has(minute % 60)
    }

    /// Whether a day is chosen. If both fields choose days, either is enough.
    fn has_day(&self, day: u64) -> bool {
        let (month, of_month) = date(day);
        // The first of January 1970 was a Thursday.
        let (by_month, by_week) = (self.days.has(of_month), self.weekdays.has((day + 4) % 7));
        let chosen = match self.days.open || self.weekdays.open {
            true => by_month && by_week,
            false => by_month || by_week,
        };
        self.months.has(month) && chosen
    }
}

/// The day since 1970, and the minute of the day.
fn split(time: Time) -> (u64, u64) {
    let minutes = time.0 / MINUTE;
    (minutes / MINUTES, minutes % MINUTES)
}

fn join(day: u64, minute: u64) -> Time {
    Time((day * MINUTES + minute) * MINUTE)
}

/// The month and the day of the month of a day since 1970, in the Gregorian calendar.
fn date(day: u64) -> (u64, u64) {
    // Years begin in March here, so that the leap day is a year's last. Eras of 400 years have as many days each.
    let of_era = (day + 719_468) % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    (if month < 10 { month + 3 } else { month - 9 }, of_year - (153 * month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn recurrence(text: &str) -> Recurrence {
        Recurrence::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn occurrences_are_those_of_cron() {
        for (text, after, next) in [
            ("0 18 * * *", "2015-01-07T12:00:00Z", "2015-01-07T18:00:00Z"),
            ("0 18 * * *", "2015-01-07T18:00:00Z", "2015-01-08T18:00:00Z"),
            ("*/15 9-17 * * MON-FRI", "2015-01-09T17:50:00Z", "2015-01-12T09:00:00Z"),
            ("30 0 1 1,6,12 *", "2015-01-07T12:00:00Z", "2015-06-01T00:30:00Z"),
            ("0 0 29 feb *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
            // The thirteenth, and every Friday.
            ("0 0 13 * 5", "2015-01-07T12:00:00Z", "2015-01-09T00:00:00Z"),
            ("0 0 13 * 5", "2015-01-09T00:00:00Z", "2015-01-13T00:00:00Z"),
            ("5/20 0 * * 7", "2015-01-07T12:00:00Z", "2015-01-11T00:05:00Z"),
        ] {
            assert_eq!(recurrence(text).next_after(at(after)), Some(at(next)), "{text}");
        }
        assert_eq!(recurrence("0 0 31 2 *").next_after(at("2015-01-07T12:00:00Z")), None);
    }

    #[test]
    fn what_cron_does_not_know_is_refused() {
        for text in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "5-1 * * * *",
            "*/0 * * * *",
            "x * * * *",
            "* * * * * *",
        ] {
            assert!(Recurrence::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    proptest! {
        /// Minute by minute, as slowly as can be.
        #[test]
        fn nothing_lies_between(start in 0u64..80_000_000, hour in 0u64..24, day in 1u64..29, weekday in 0u64..7) {
            for text in [format!("7 {hour} * * {weekday}"), format!("*/9 {hour} {day} * *"), format!("0 {hour} {day} * {weekday}")] {
                let recurrence = recurrence(&text);
                let occurs = |minute: &u64| {
                    let (day, of_day) = split(Time(minute * MINUTE));
                    recurrence.has_day(day) && recurrence.has_minute(of_day)
                };
                let slow = (start + 1..).find(occurs).map(|minute| Time(minute * MINUTE));
                prop_assert_eq!(recurrence.next_after(Time(start * MINUTE)), slow);
                let next = slow.unwrap();
                prop_assert_eq!(recurrence.last_until(next), slow);
                prop_assert!(recurrence.last_until(Time(next.0 - 1)).is_none_or(|last| last.0 <= start * MINUTE));
            }
        }
    }
}
