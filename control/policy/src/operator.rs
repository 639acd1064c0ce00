//! Condition operators: their names, and how values are compared.

use super::{Context, Pattern, date};
use ipnet::IpNet;
use std::net::IpAddr;
use std::str::FromStr;

/// An operator: `ForAllValues:StringNotLikeIfExists`, for example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The comparison.
    pub test: Test,
    /// Whether the condition holds if the comparison fails.
    pub negated: bool,
    /// Whether it holds if the request does not have the key.
    pub if_exists: bool,
    /// How several values of a key are treated.
    pub quantifier: Quantifier,
}

/// Which of a key's values must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// No quantifier: the key has one value.
    Single,
    /// `ForAnyValue:`
    Any,
    /// `ForAllValues:`
    All,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// Equal texts.
    Text,
    /// Equal texts, ignoring case.
    TextIgnoreCase,
    /// Texts with wildcards.
    Like,
    /// ARNs, part by part with wildcards.
    Arn,
    /// Numbers.
    Number(Order),
    /// Times.
    Date(Order),
    /// True or false.
    Bool,
    /// Bytes, in base64.
    Binary,
    /// Addresses in CIDR blocks.
    Ip,
    /// Whether the key is missing.
    Null,
}

/// The order of two numbers or times.
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
    /// The operator with that name.
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

/// A policy's value, parsed for its operator.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// A text or pattern.
    Pattern(Pattern),
    /// A text in lower case, for comparison ignoring case.
    Folded(Pattern),
    /// An ARN.
    Arn(Pattern),
    /// A number.
    Number(Order, f64),
    /// A time.
    Date(Order, f64),
    /// True or false.
    Bool(bool),
    /// Base64.
    Binary(String),
    /// A CIDR block.
    Ip(IpNet),
}

impl Wanted {
    /// Parses a policy's value. The error describes a valid value.
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

    /// The pattern of a text, which may contain variables.
    pub fn pattern(&self) -> Option<&Pattern> {
        match self {
            Wanted::Pattern(pattern) | Wanted::Folded(pattern) | Wanted::Arn(pattern) => Some(pattern),
            _ => None,
        }
    }

    /// Whether a request's value matches. A value that cannot be parsed does not.
    pub fn is(&self, value: &str, context: &Context) -> bool {
        match self {
            Wanted::Pattern(pattern) => pattern.fits(value, context),
            Wanted::Folded(pattern) => pattern.fits(&value.to_lowercase(), &folded(context)),
            Wanted::Arn(pattern) => pattern.fits_arn(value, context),
            Wanted::Number(order, wanted) => number(value).is_some_and(|value| order.holds(value, *wanted)),
            Wanted::Date(order, wanted) => date::read(value).is_some_and(|value| order.holds(value, *wanted)),
            Wanted::Bool(wanted) => sent_boolean(value) == Some(*wanted),
            Wanted::Binary(wanted) => value.trim_end_matches('=') == wanted,
            Wanted::Ip(wanted) => IpAddr::from_str(value).is_ok_and(|address| wanted.contains(&address.to_canonical())),
        }
    }
}

/// The context with values in lower case.
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
    let is_true = text.eq_ignore_ascii_case("true");
    (is_true || text.eq_ignore_ascii_case("false")).then_some(is_true)
}

/// A boolean in a request. It may be a digit there.
fn sent_boolean(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        word => boolean(word),
    }
}

/// A block, or an address as a block of one.
fn block(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
