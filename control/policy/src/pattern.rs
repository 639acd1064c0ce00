//! Texts with wildcards and policy variables: `arn:aws:ec2:*:*:instance/${aws:username}-?`.

use super::Context;
use crate::wildcard::{self, Piece};

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Piece(Piece),
    /// `${key}` or `${key, 'default'}`: the request's value of that key, if it has exactly one.
    Variable {
        key: String,
        default: Option<String>,
    },
}

impl Pattern {
    /// A pattern with the wildcards `*` and `?`, and with variables `${…}` if the policy's version has them.
    pub fn new(text: &str, variables: bool) -> Pattern {
        Pattern::read(text, variables, true)
    }

    /// A pattern without wildcards.
    pub fn exact(text: &str, variables: bool) -> Pattern {
        Pattern::read(text, variables, false)
    }

    fn read(text: &str, variables: bool, wildcards: bool) -> Pattern {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if variables && let Some((part, behind)) = variable(rest) {
                parts.push(part);
                rest = behind;
                continue;
            }
            parts.push(Part::Piece(match next {
                '*' if wildcards => Piece::Any,
                '?' if wildcards => Piece::One,
                other => Piece::Char(other),
            }));
            rest = &rest[next.len_utf8()..];
        }
        Pattern(parts)
    }

    /// The keys of its variables.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable { key, .. } => Some(key.as_str()),
            Part::Piece(_) => None,
        })
    }

    /// Whether a text matches. If the request has no single value for a variable, no text does.
    pub fn fits(&self, text: &str, context: &Context) -> bool {
        self.resolved(context).is_some_and(|pieces| wildcard::fits(&pieces, text))
    }

    /// Whether an ARN in a condition matches. It is compared part by part, so that a wildcard does not match a colon,
    /// except in the last part.
    pub fn fits_arn(&self, arn: &str, context: &Context) -> bool {
        const PARTS: usize = 6;
        let Some(pieces) = self.resolved(context) else { return false };
        let wanted: Vec<_> = pieces.splitn(PARTS, |piece| *piece == Piece::Char(':')).collect();
        let parts: Vec<&str> = arn.splitn(PARTS, ':').collect();
        wanted.len() == parts.len() && wanted.iter().zip(&parts).all(|(wanted, part)| wildcard::fits(wanted, part))
    }

    /// The pieces with variables replaced by their values, in which `*` and `?` are plain characters.
    fn resolved(&self, context: &Context) -> Option<Vec<Piece>> {
        let mut pieces = Vec::with_capacity(self.0.len());
        for part in &self.0 {
            match part {
                Part::Piece(piece) => pieces.push(*piece),
                Part::Variable { key, default } => {
                    let value = match context.get(key) {
                        Some([value]) => value,
                        _ => default.as_ref()?,
                    };
                    pieces.extend(value.chars().map(Piece::Char));
                }
            }
        }
        Some(pieces)
    }
}

/// The variable at the beginning of a text, and the rest. `${*}`, `${?}` and `${$}` are these characters themselves.
fn variable(text: &str) -> Option<(Part, &str)> {
    let (inside, behind) = text.strip_prefix("${")?.split_once('}')?;
    let part = match (inside, inside.split_once(',')) {
        ("*" | "?" | "$", _) => Part::Piece(Piece::Char(inside.chars().next()?)),
        (_, Some((key, default))) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            Part::Variable { key: key.trim().to_owned(), default: Some(default.to_owned()) }
        }
        (key, None) => Part::Variable { key: key.trim().to_owned(), default: None },
    };
    Some((part, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_by_values_and_never_by_wildcards() {
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
