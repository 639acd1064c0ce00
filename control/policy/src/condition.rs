//! One line of a Condition block: an operator, a key, and the wanted values.

use super::Context;
use super::operator::{Operator, Quantifier, Test, Wanted};

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The key.
    pub key: String,
    /// The operator.
    pub operator: Operator,
    /// The values, any of which may match.
    pub wanted: Vec<Wanted>,
}

impl Condition {
    /// Whether it holds for a request.
    pub fn holds(&self, context: &Context) -> bool {
        let Operator { test, negated, if_exists, quantifier } = self.operator;
        let values = context.get(&self.key).filter(|values| !values.is_empty());
        if test == Test::Null {
            return self.wanted.contains(&Wanted::Bool(values.is_none()));
        }
        let Some(values) = values else {
            return if_exists || quantifier == Quantifier::All || negated && quantifier == Quantifier::Single;
        };
        let is_wanted = |value: &String| self.wanted.iter().any(|wanted| wanted.is(value, context));
        match quantifier {
            Quantifier::Single => values.iter().any(is_wanted) != negated,
            Quantifier::Any => values.iter().any(|value| is_wanted(value) != negated),
            Quantifier::All => values.iter().all(|value| is_wanted(value) != negated),
        }
    }
}
