//! What is known about a request: condition keys and their values.

use std::collections::BTreeMap;

/// Condition keys with their values. Case makes no difference in a key, its tag's name included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// Adds a value to a key.
    pub fn add(&mut self, key: &str, value: impl ToString) {
        self.0.entry(key.to_ascii_lowercase()).or_default().push(value.to_string());
    }

    /// The values of a key; `None` if the request does not have it.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// All of it, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }
}

impl<K: AsRef<str>, V: ToString> FromIterator<(K, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut context = Context::default();
        for (key, value) in pairs {
            context.add(key.as_ref(), value);
        }
        context
    }
}
