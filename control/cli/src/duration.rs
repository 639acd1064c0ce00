//! Durations as arguments.

use std::time::Duration;

/// A number and a unit: `90s`, `5m`, `2h`, `5d`; a number alone means seconds.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(HELP.to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| HELP.to_owned())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(|| "too long".to_owned())
}

const HELP: &str = "give a number and a unit: 90s, 5m, 2h, 5d";

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units() {
        let seconds = |text| parse(text).map(|duration| duration.as_secs());
        assert_eq!([seconds("90"), seconds("90s"), seconds("5m")], [Ok(90), Ok(90), Ok(300)]);
        assert_eq!([seconds("2h"), seconds("5d")], [Ok(7200), Ok(432_000)]);
        for bad in ["", "s", "1w", "-1s", "1.5s", "99999999999999999d"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
