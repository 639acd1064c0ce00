//! Lists, which may be absent: replies distinguish an empty list from none.

use std::ops::Deref;

/// A list of the API. Collecting into one makes it present, even if it is empty; [`List::default`] is
/// absent.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T>(Option<Vec<T>>);

impl<T> List<T> {
    /// The items if the list is shown.
    pub fn shown(&self) -> Option<&[T]> {
        self.0.as_deref()
    }

    /// The list, absent if it is empty.
    pub fn unless_empty(self) -> List<T> {
        List(self.0.filter(|items| !items.is_empty()))
    }

    /// Adds an item.
    pub fn push(&mut self, item: T) {
        self.0.get_or_insert_default().push(item);
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        List(None)
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        List(Some(items.into_iter().collect()))
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        List(Some(items))
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.unwrap_or_default().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
