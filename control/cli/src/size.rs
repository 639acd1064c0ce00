//! Sizes in bytes as arguments.

/// A number and a unit: `64MiB`, `1GiB`, `500KiB`; a number alone means bytes.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let shift = match unit {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err(HELP.to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| HELP.to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "too much".to_owned())
}

/// The same, but not zero.
pub(super) fn some(text: &str) -> Result<u64, String> {
    parse(text).and_then(|bytes| if bytes > 0 { Ok(bytes) } else { Err(HELP.to_owned()) })
}

const HELP: &str = "give a number and a unit: 500KiB, 64MiB, 1GiB";

/// A number of bytes in words.
pub(super) fn words(bytes: u64) -> String {
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
    fn units() {
        assert_eq!([parse("512"), parse("2KiB"), parse("64MiB")], [Ok(512), Ok(2048), Ok(64 << 20)]);
        assert_eq!([words(512), words(2048), words(3 << 20)], ["512 bytes", "2.0 KiB", "3.0 MiB"]);
        for bad in ["", "MiB", "1MB", "-1", "99999999999GiB"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!((some("7"), some("0").is_err()), (Ok(7), true));
    }
}
