//! Texts with wildcards and policy variables: `arn:aws:ec2:*:*:instance/${aws:username}-?`.

use super::Context;

/// A text that others are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Char(char),
    /// `?`
    One,
    /// `*`
    Any,
    /// `${key}` or `${key, 'default'}`: the request's only value of that key.
    Variable {
        key: String,
        default: Option<String>,
    },
}

impl Pattern {
    /// One whose `*` and `?` are wildcards, and whose `${…}` are variables if the policy's version has them.
    pub fn new(text: &str, variables: bool) -> Pattern {
        Pattern::read(text, variables, true)
    }

    /// One without wildcards.
    pub fn exact(text: &str, variables: bool) -> Pattern {
        Pattern::read(text, variables, false)
    }

    fn read(text: &str, variables: bool, wildcards: bool) -> Pattern {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if variables && let Some((piece, behind)) = variable(rest) {
                pieces.push(piece);
                rest = behind;
                continue;
            }
            pieces.push(match next {
                '*' if wildcards => Piece::Any,
                '?' if wildcards => Piece::One,
                other => Piece::Char(other),
            });
            rest = &rest[next.len_utf8()..];
        }
        Pattern(pieces)
    }

    /// Whether a text is as the pattern says. A variable that the request has no one value for is like no text.
    pub fn fits(&self, text: &str, context: &Context) -> bool {
        self.resolved(context).is_some_and(|pieces| matches(&pieces, &text.chars().collect::<Vec<_>>()))
    }

    /// The same for ARNs as conditions compare them: part by part, so that no wildcard reaches beyond a colon but in the last part.
    pub fn fits_arn(&self, arn: &str, context: &Context) -> bool {
        const PARTS: usize = 6;
        let Some(pieces) = self.resolved(context) else { return false };
        let wanted: Vec<_> = pieces.splitn(PARTS, |piece| *piece == Piece::Char(':')).collect();
        let parts: Vec<Vec<char>> = arn.splitn(PARTS, ':').map(|part| part.chars().collect()).collect();
        wanted.len() == parts.len() && wanted.iter().zip(&parts).all(|(wanted, part)| matches(wanted, part))
    }

    /// The pieces with variables replaced by what they stand for, in which `*` and `?` are only characters.
    fn resolved(&self, context: &Context) -> Option<Vec<Piece>> {
        let mut pieces = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            let Piece::Variable { key, default } = piece else {
                pieces.push(piece.clone());
                continue;
            };
            let value = match context.get(key) {
                Some([value]) => value,
                _ => default.as_ref()?,
            };
            pieces.extend(value.chars().map(Piece::Char));
        }
        Some(pieces)
    }
}

/// The variable that a text begins with, and what is behind it; `${*}`, `${?}` and `${$}` stand for these characters themselves.
fn variable(text: &str) -> Option<(Piece, &str)> {
    let (inside, behind) = text.strip_prefix("${")?.split_once('}')?;
    let piece = match (inside, inside.split_once(',')) {
        ("*" | "?" | "$", _) => Piece::Char(inside.chars().next()?),
        (_, Some((key, default))) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            Piece::Variable { key: key.trim().to_owned(), default: Some(default.to_owned()) }
        }
        (key, None) => Piece::Variable { key: key.trim().to_owned(), default: None },
    };
    Some((piece, behind))
}

/// Compares from the left; where it fails, the last `*` takes one character more.
fn matches(pieces: &[Piece], text: &[char]) -> bool {
    let (mut piece, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pieces.get(piece) {
            Some(Piece::Any) => {
                star = Some((piece, place));
                piece += 1;
                continue;
            }
            Some(Piece::One) => {
                (piece, place) = (piece + 1, place + 1);
                continue;
            }
            Some(Piece::Char(wanted)) if *wanted == text[place] => {
                (piece, place) = (piece + 1, place + 1);
                continue;
            }
            _ => {}
        }
        let Some((at, taken)) = star else { return false };
        star = Some((at, taken + 1));
        (piece, place) = (at + 1, taken + 1);
    }
    pieces[piece..].iter().all(|piece| *piece == Piece::Any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, letter by letter.
    fn reference(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=text.len()).any(|taken| reference(rest, &text[taken..])),
            (['?', rest @ ..], [_, behind @ ..]) => reference(rest, behind),
            ([wanted, rest @ ..], [is, behind @ ..]) => wanted == is && reference(rest, behind),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn wildcards_are_what_they_are_defined_as(pattern in "[ab*?]{0,8}", text in "[ab*?]{0,10}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            let fits = Pattern::new(&pattern, false).fits(&text, &Context::default());
            prop_assert_eq!(fits, reference(&letters(&pattern), &letters(&text)));
        }
    }

    #[test]
    fn variables_stand_for_values_and_never_for_wildcards() {
        let alice: Context = [("aws:username", "alice")].into_iter().collect();
        let star: Context = [("aws:username", "*")].into_iter().collect();
        let none = Context::default();
        let own = Pattern::new("user/${aws:username}/?", true);
        assert!(own.fits("user/alice/1", &alice));
        assert!(!own.fits("user/bob/1", &alice));
        assert!(own.fits("user/*/1", &star) && !own.fits("user/bob/1", &star));
        assert!(!own.fits("user//1", &none), "without a value nothing fits");
        assert!(Pattern::new("${aws:username, 'guest'}", true).fits("guest", &none));
        assert!(Pattern::new("a${*}${?}${$}", true).fits("a*?$", &none));
        assert!(!Pattern::new("a${*}", true).fits("ab", &none));
        assert!(Pattern::new("${aws:username}", false).fits("${aws:username}", &alice), "version 2008-10-17 has none");
        assert!(Pattern::exact("a*", true).fits("a*", &none) && !Pattern::exact("a*", true).fits("ab", &none));
    }

    #[test]
    fn arns_are_compared_part_by_part() {
        let arn = |pattern: &str, arn: &str| Pattern::new(pattern, true).fits_arn(arn, &Context::default());
        assert!(arn("arn:aws:ec2:*:*:vpc/*", "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"));
        assert!(!arn("arn:aws:ec2:*:vpc/*", "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"));
        assert!(arn("arn:aws:sns:*:*:*", "arn:aws:sns:us-east-1:1:topic:sub"));
        assert!(!arn("*", "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"));
    }
}
