//! Rows as text: a header, one line of JSON for each row, and a checksum at the end. The store's copy and `classiclink
//! backup` have this form.

use super::contents::{Contents, Rows};
use crc32fast::Hasher;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;
use std::io::{self, BufRead, Write};

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the rows.
    pub version: u64,
    /// The number of changes stored.
    pub change: u64,
    /// When it was written (RFC 3339).
    pub written: String,
}

/// A row's line.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    collection: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    value: Cow<'a, RawValue>,
}

/// The last line, with the checksum of everything before it.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Footer {
    rows: u64,
    crc32: String,
}

/// Why such a text cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The text cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A line is invalid.
    #[error("cannot parse line {0}: {1}")]
    Line(u64, serde_json::Error),
    /// The text is cut off.
    #[error("its end is missing")]
    Cut,
    /// The text was changed after it was written.
    #[error("its checksum is wrong")]
    Checksum,
}

/// Writes such a text.
pub struct Writer<W> {
    out: W,
    sum: Hasher,
    rows: u64,
}

impl<W: Write> Writer<W> {
    /// Begins with the header.
    ///
    /// # Errors
    /// The writer's error, here and below.
    pub fn new(out: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self { out, sum: Hasher::new(), rows: 0 };
        writer.line(header)?;
        Ok(writer)
    }

    /// Adds a row. One that is not JSON becomes a string.
    ///
    /// # Errors
    /// As for [`Writer::new`].
    pub fn row(&mut self, collection: &str, id: &str, value: &[u8]) -> io::Result<()> {
        let value = match serde_json::from_slice(value) {
            Ok(value) => Cow::Borrowed(value),
            Err(_) => Cow::Owned(to_raw_value(&String::from_utf8_lossy(value))?),
        };
        self.rows += 1;
        self.line(&Line { collection: collection.into(), id: id.into(), value })
    }

    /// Writes the checksum.
    ///
    /// # Errors
    /// As for [`Writer::new`].
    pub fn finish(mut self) -> io::Result<()> {
        let footer = Footer { rows: self.rows, crc32: format!("{:08x}", self.sum.clone().finalize()) };
        self.line(&footer)?;
        self.out.flush()
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.sum.update(&line);
        self.out.write_all(&line)
    }
}

/// Reads such a text to its end, checks it, and visits every row.
///
/// # Errors
/// [`DumpError`]. The rows visited before may be wrong then.
pub fn check(mut text: impl BufRead, mut visit: impl FnMut(&str, &str, &str)) -> Result<Header, DumpError> {
    let mut sum = Hasher::new();
    let mut line = Vec::new();
    let mut next = |line: &mut Vec<u8>| {
        line.clear();
        text.read_until(b'\n', line).map(|_| line.ends_with(b"\n"))
    };
    if !next(&mut line)? {
        return Err(DumpError::Cut);
    }
    let header = serde_json::from_slice(&line).map_err(|error| DumpError::Line(1, error))?;
    let mut rows = 0;
    loop {
        sum.update(&line);
        if !next(&mut line)? {
            return Err(DumpError::Cut);
        }
        match serde_json::from_slice::<Line>(&line) {
            Ok(row) => visit(&row.collection, &row.id, row.value.get()),
            Err(error) => {
                let footer: Footer = serde_json::from_slice(&line).map_err(|_| DumpError::Line(rows + 2, error))?;
                let intact = footer == Footer { rows, crc32: format!("{:08x}", sum.finalize()) };
                return if intact && !next(&mut line)? && line.is_empty() {
                    Ok(header)
                } else {
                    Err(DumpError::Checksum)
                };
            }
        }
        rows += 1;
    }
}

/// Reads the contents of such a text.
///
/// # Errors
/// [`DumpError`].
pub fn read(text: impl BufRead) -> Result<(Header, Contents), DumpError> {
    let mut rows = Rows::new();
    let header = check(text, |collection, id, value| {
        rows.insert((collection.to_owned(), id.to_owned()), value.as_bytes().to_owned());
    })?;
    let contents = Contents { version: header.version, change: header.change, rows };
    Ok((header, contents))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(contents: &Contents) -> Vec<u8> {
        let header =
            Header { version: contents.version, change: contents.change, written: "2015-01-07T12:00:00Z".into() };
        let mut text = Vec::new();
        let mut writer = Writer::new(&mut text, &header).unwrap();
        for ((collection, id), value) in &contents.rows {
            writer.row(collection, id, value).unwrap();
        }
        writer.finish().unwrap();
        text
    }

    fn some() -> Contents {
        let row =
            |id: &str| (("vpcs".to_owned(), id.to_owned()), format!(r#"{{"id":"{id}","x":"\u00e9"}}"#).into_bytes());
        Contents { version: 2, change: 7, rows: Rows::from([row("vpc-1"), row("vpc-2")]) }
    }

    #[test]
    fn a_row_that_is_not_json_is_written_as_a_string() {
        let mut contents = some();
        contents.rows.insert(("vpcs".into(), "x".into()), b"\xff \"y\"".to_vec());
        let text = String::from_utf8(text(&contents)).unwrap();
        assert!(text.contains(r#"{"collection":"vpcs","id":"x","value":"� \"y\""}"#), "{text}");
    }

    proptest! {
        #[test]
        fn a_dump_is_read_as_it_was_written(ids in proptest::collection::btree_set(".*", 0..9), change: u64) {
            let rows = ids.into_iter().map(|id| (("a\"b\n".to_owned(), id.clone()), serde_json::to_vec(&id).unwrap()));
            let contents = Contents { version: 2, change, rows: rows.collect() };
            prop_assert_eq!(read(text(&contents).as_slice()).unwrap().1, contents);
        }

        #[test]
        fn no_flipped_bit_and_no_cut_goes_unseen(place: prop::sample::Index, bit in 0..8u8) {
            let whole = text(&some());
            let place = place.index(whole.len());
            prop_assert!(read(&whole[..place]).is_err());
            let mut flipped = whole;
            flipped[place] ^= 1 << bit;
            prop_assert!(read(flipped.as_slice()).is_err());
        }
    }
}
