//! Arguments with units: sizes and durations.

use std::time::Duration;

const SIZE_HELP: &str = "give a number and a unit: 500KiB, 64MiB, 1GiB";
const DURATION_HELP: &str = "give a number and a unit: 90s, 5m, 2h, 5d";

/// A size in bytes: `64MiB`, `1GiB`, `500KiB`. A number alone means bytes.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let factor = |unit: &str| match unit {
        "" | "B" => Some(1),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        _ => None,
    };
    scaled(text, factor, SIZE_HELP)?.ok_or_else(|| "too much".to_owned())
}

/// A size in bytes that is not zero.
pub(super) fn some_bytes(text: &str) -> Result<u64, String> {
    bytes(text).and_then(|bytes| if bytes > 0 { Ok(bytes) } else { Err(SIZE_HELP.to_owned()) })
}

/// A duration: `90s`, `5m`, `2h`, `5d`. A number alone means seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let factor = |unit: &str| match unit {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        _ => None,
    };
    scaled(text, factor, DURATION_HELP)?.map(Duration::from_secs).ok_or_else(|| "too long".to_owned())
}

/// A number multiplied by the factor of the unit that follows it. `None` if the product is too large. The error is
/// `help`.
fn scaled(text: &str, factor: impl Fn(&str) -> Option<u64>, help: &str) -> Result<Option<u64>, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let factor = factor(unit).ok_or(help)?;
    let number: u64 = number.parse().map_err(|_| help)?;
    Ok(number.checked_mul(factor))
}

/// A number of bytes in words.
pub(super) fn bytes_in_words(bytes: u64) -> String {
    match bytes {
        0..0x400 => format!("{bytes} bytes"),
        0x400..0x10_0000 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_binary_unit_or_none() {
        assert_eq!([bytes("512"), bytes("2KiB"), bytes("64MiB")], [Ok(512), Ok(2048), Ok(64 << 20)]);
        for bad in ["", "MiB", "1MB", "-1", "99999999999GiB"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
        assert_eq!((some_bytes("7"), some_bytes("0").is_err()), (Ok(7), true));
    }

    #[test]
    fn sizes_in_words_have_the_largest_unit_that_fits() {
        assert_eq!([512, 2048, 3 << 20].map(bytes_in_words), ["512 bytes", "2.0 KiB", "3.0 MiB"]);
    }

    #[test]
    fn a_duration_is_a_whole_number_of_one_unit() {
        let seconds = |text| duration(text).map(|duration| duration.as_secs());
        assert_eq!([seconds("90"), seconds("90s"), seconds("5m")], [Ok(90), Ok(90), Ok(300)]);
        assert_eq!([seconds("2h"), seconds("5d")], [Ok(7200), Ok(432_000)]);
        for bad in ["", "s", "1w", "-1s", "1.5s", "99999999999999999d"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
