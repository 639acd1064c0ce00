//! Patterns of filters' values.

use policy::wildcard::{Piece, fits};

/// A filter's value: `*` is any text, `?` any character, `\` takes the next character as it is.
pub struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads one.
    pub fn new(text: &str) -> Self {
        let mut pieces = Vec::with_capacity(text.len());
        let mut rest = text.chars();
        while let Some(next) = rest.next() {
            pieces.push(match next {
                '*' => Piece::Any,
                '?' => Piece::One,
                '\\' => Piece::Char(rest.next().unwrap_or('\\')),
                other => Piece::Char(other),
            });
        }
        Self(pieces)
    }

    /// Whether a text is as it says.
    pub fn fits(&self, text: &str) -> bool {
        fits(&self.0, text)
    }
}
