//! Matching with `*` for any text and `?` for any character.

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This character.
    Char(char),
    /// `?`
    One,
    /// `*`
    Any,
}

/// Whether a text matches. It is compared from the left. On a mismatch the last `*` takes one more character.
pub fn fits(pieces: &[Piece], text: &str) -> bool {
    let (mut piece, mut rest) = (0, text.chars());
    // The position after the last `*`, and the rest of the text that it has not taken.
    let mut star = None;
    loop {
        let here = rest.clone();
        match (pieces.get(piece), rest.next()) {
            (None, None) => return true,
            (Some(Piece::Any), _) => {
                piece += 1;
                rest = here;
                star = Some((piece, rest.clone()));
            }
            (Some(Piece::One), Some(_)) => piece += 1,
            (Some(Piece::Char(wanted)), Some(is)) if *wanted == is => piece += 1,
            _ => {
                let Some((behind, untaken)) = &mut star else { return false };
                if untaken.next().is_none() {
                    return false;
                }
                (piece, rest) = (*behind, untaken.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, character by character.
    fn reference(pieces: &[Piece], text: &[char]) -> bool {
        match (pieces, text) {
            ([], []) => true,
            ([Piece::Any, rest @ ..], _) => (0..=text.len()).any(|taken| reference(rest, &text[taken..])),
            ([Piece::One, rest @ ..], [_, behind @ ..]) => reference(rest, behind),
            ([Piece::Char(wanted), rest @ ..], [is, behind @ ..]) => wanted == is && reference(rest, behind),
            _ => false,
        }
    }

    fn piece() -> impl Strategy<Value = Piece> {
        prop_oneof![Just(Piece::Any), Just(Piece::One), Just(Piece::Char('a')), Just(Piece::Char('b'))]
    }

    proptest! {
        #[test]
        fn wildcards_match_as_they_are_defined(
            pieces in proptest::collection::vec(piece(), 0..8),
            text in "[ab]{0,10}",
        ) {
            let letters: Vec<char> = text.chars().collect();
            prop_assert_eq!(fits(&pieces, &text), reference(&pieces, &letters));
        }
    }
}
