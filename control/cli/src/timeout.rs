//! `NAME=DURATION`: how long an idle flow of some kind lives.

use super::units;
use std::fmt;
use std::time::Duration;
use wire::Timeouts;

/// A timeout as given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeout {
    name: String,
    after: Duration,
}

/// Parses `NAME=DURATION`.
pub(super) fn parse(text: &str) -> Result<Timeout, String> {
    let (name, after) = text.split_once('=').ok_or("give a name, =, and a duration: udp=60s")?;
    let timeout = Timeout { name: name.to_owned(), after: units::duration(after)? };
    if Timeouts::default().set(name, timeout.after) {
        Ok(timeout)
    } else {
        Err(format!("there is no timeout {name}: there are {}", Timeouts::NAMES.join(", ")))
    }
}

/// The default timeouts with these changes.
pub(super) fn all(timeouts: &[Timeout]) -> Timeouts {
    let mut all = Timeouts::default();
    for Timeout { name, after } in timeouts {
        // Names were checked when they were parsed.
        all.set(name, *after);
    }
    all
}

/// The form that is parsed.
impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}s", self.name, self.after.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let timeout = parse("udp-stream=5m").unwrap();
        assert_eq!(timeout.to_string(), "udp-stream=300s");
        assert_eq!(parse(&timeout.to_string()), Ok(timeout.clone()));
        assert_eq!(all(&[timeout]).udp_stream, Duration::from_secs(300));
        assert!(parse("sctp=5m").unwrap_err().contains("tcp-established"));
        assert!(parse("udp").is_err() && parse("udp=soon").is_err());
    }
}
