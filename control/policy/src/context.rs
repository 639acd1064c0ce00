//! The condition keys of a request and their values.

use std::collections::BTreeMap;
use std::iter::successors;
use std::sync::Arc;

/// Condition keys with their values. Keys, including the names of tags in them, ignore case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    own: BTreeMap<String, Vec<String>>,
    /// A shared context. Own keys hide its keys.
    base: Option<Arc<Context>>,
}

impl Context {
    /// A context on top of another, which is not copied.
    pub fn upon(base: &Arc<Context>) -> Context {
        Context { base: Some(Arc::clone(base)), ..Context::default() }
    }

    /// Adds a value to a key.
    pub fn add(&mut self, key: &str, value: impl ToString) {
        self.own.entry(key.to_ascii_lowercase()).or_default().push(value.to_string());
    }

    /// The values of a key. `None` if the request does not have the key.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        let key = key.to_ascii_lowercase();
        self.layers().find_map(|layer| layer.own.get(&key)).map(Vec::as_slice)
    }

    /// All keys: the own ones in order, then the shared ones.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.layers().flat_map(|layer| &layer.own).map(|(key, values)| (key.as_str(), values.as_slice()))
    }

    fn layers(&self) -> impl Iterator<Item = &Context> {
        successors(Some(self), |layer| layer.base.as_deref())
    }
}

impl<K: AsRef<str>, V: ToString> Extend<(K, V)> for Context {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.add(key.as_ref(), value);
        }
    }
}

impl<K: AsRef<str>, V: ToString> FromIterator<(K, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut context = Context::default();
        context.extend(pairs);
        context
    }
}
