//! Condition operators: what a name means, and how two values are compared.

use super::{Context, Pattern, date};
use ipnet::IpNet;
use std::net::IpAddr;
use std::str::FromStr;

/// What a condition's name says: `ForAllValues:StringNotLikeIfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// How values are compared.
    pub test: Test,
    /// Whether the condition holds where the comparison fails.
    pub negated: bool,
    /// Whether it holds where the request has no such key.
    pub if_exists: bool,
    /// What it says about a key with several values.
    pub quantifier: Quantifier,
}

/// Which of a key's values must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Nothing is said: the key has one value.
    Single,
    /// `ForAnyValue:`
    Any,
    /// `ForAllValues:`
    All,
}

/// How values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// Letter by letter.
    Text,
    /// The same, but for upper and lower case.
    TextIgnoreCase,
    /// By wildcards.
    Like,
    /// Parts of ARNs by wildcards.
    Arn,
    /// Numbers.
    Number(Order),
    /// Moments.
    Date(Order),
    /// True or false.
    Bool,
    /// Bytes, in base64.
    Binary,
    /// Addresses in blocks.
    Ip,
    /// Whether the key is missing.
    Null,
}

/// Which of two numbers or moments is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Equal.
    Equal,
    /// Less than the policy's.
    Less,
    /// Less or equal.
    AtMost,
    /// Greater.
    Greater,
    /// Greater or equal.
    AtLeast,
}

impl Operator {
    /// The operator of that name.
    pub fn named(name: &str) -> Option<Operator> {
        let (quantifier, rest) = match name.split_once(':') {
            None => (Quantifier::Single, name),
            Some(("ForAnyValue", rest)) => (Quantifier::Any, rest),
            Some(("ForAllValues", rest)) => (Quantifier::All, rest),
            Some(_) => return None,
        };
        let (rest, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |rest| (rest, true));
        let (test, negated) = match rest {
            "StringEquals" => (Test::Text, false),
            "StringNotEquals" => (Test::Text, true),
            "StringEqualsIgnoreCase" => (Test::TextIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Test::TextIgnoreCase, true),
            "StringLike" => (Test::Like, false),
            "StringNotLike" => (Test::Like, true),
            "ArnEquals" | "ArnLike" => (Test::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Test::Arn, true),
            "Bool" => (Test::Bool, false),
            "BinaryEquals" => (Test::Binary, false),
            "IpAddress" => (Test::Ip, false),
            "NotIpAddress" => (Test::Ip, true),
            "Null" if !if_exists && quantifier == Quantifier::Single => (Test::Null, false),
            _ => match (rest.strip_prefix("Numeric"), rest.strip_prefix("Date")) {
                (Some(order), _) => order_named(order).map(|(order, negated)| (Test::Number(order), negated))?,
                (_, Some(order)) => order_named(order).map(|(order, negated)| (Test::Date(order), negated))?,
                _ => return None,
            },
        };
        Some(Operator { test, negated, if_exists, quantifier })
    }
}

fn order_named(name: &str) -> Option<(Order, bool)> {
    Some(match name {
        "Equals" => (Order::Equal, false),
        "NotEquals" => (Order::Equal, true),
        "LessThan" => (Order::Less, false),
        "LessThanEquals" => (Order::AtMost, false),
        "GreaterThan" => (Order::Greater, false),
        "GreaterThanEquals" => (Order::AtLeast, false),
        _ => return None,
    })
}

/// A value of a policy, read as its operator wants it.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// A text or a pattern.
    Pattern(Pattern),
    /// A text in lower case, of which case makes no difference.
    Folded(Pattern),
    /// An ARN.
    Arn(Pattern),
    /// A number.
    Number(Order, f64),
    /// A moment.
    Date(Order, f64),
    /// True or false.
    Bool(bool),
    /// Base64.
    Binary(String),
    /// A block.
    Ip(IpNet),
}

impl Wanted {
    /// Reads a policy's value; the error says what would be one.
    pub fn read(test: Test, text: &str, variables: bool) -> Result<Wanted, &'static str> {
        Ok(match test {
            Test::Text => Wanted::Pattern(Pattern::exact(text, variables)),
            Test::TextIgnoreCase => Wanted::Folded(Pattern::exact(&text.to_lowercase(), variables)),
            Test::Like => Wanted::Pattern(Pattern::new(text, variables)),
            Test::Arn => Wanted::Arn(Pattern::new(text, variables)),
            Test::Number(order) => Wanted::Number(order, number(text).ok_or("a number")?),
            Test::Date(order) => {
                Wanted::Date(order, date::read(text).ok_or("a date of ISO 8601, or seconds since 1970")?)
            }
            Test::Bool | Test::Null => Wanted::Bool(boolean(text).ok_or("true or false")?),
            Test::Binary => Wanted::Binary(text.trim_end_matches('=').to_owned()),
            Test::Ip => Wanted::Ip(block(text).ok_or("an IP address or a CIDR block")?),
        })
    }

    /// Whether a request's value is what is wanted. One that cannot be read is not.
    pub fn is(&self, value: &str, context: &Context) -> bool {
        match self {
            Wanted::Pattern(pattern) => pattern.fits(value, context),
            Wanted::Folded(pattern) => pattern.fits(&value.to_lowercase(), &folded(context)),
            Wanted::Arn(pattern) => pattern.fits_arn(value, context),
            Wanted::Number(order, wanted) => number(value).is_some_and(|value| order.holds(value, *wanted)),
            Wanted::Date(order, wanted) => date::read(value).is_some_and(|value| order.holds(value, *wanted)),
            Wanted::Bool(wanted) => boolean(value) == Some(*wanted),
            Wanted::Binary(wanted) => value.trim_end_matches('=') == wanted,
            Wanted::Ip(wanted) => IpAddr::from_str(value).is_ok_and(|address| wanted.contains(&address.to_canonical())),
        }
    }
}

/// What variables stand for, in lower case as well.
fn folded(context: &Context) -> Context {
    context.iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value.to_lowercase()))).collect()
}

impl Order {
    fn holds(self, value: f64, wanted: f64) -> bool {
        match self {
            #[allow(clippy::float_cmp, reason = "the policy says equal")]
            Order::Equal => value == wanted,
            Order::Less => value < wanted,
            Order::AtMost => value <= wanted,
            Order::Greater => value > wanted,
            Order::AtLeast => value >= wanted,
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn boolean(text: &str) -> Option<bool> {
    match () {
        () if text.eq_ignore_ascii_case("true") => Some(true),
        () if text.eq_ignore_ascii_case("false") => Some(false),
        () => None,
    }
}

/// A block, or an address as a block of one.
fn block(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
