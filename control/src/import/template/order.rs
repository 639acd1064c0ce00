//! An order of things in which each comes after those that it needs.

use std::collections::{BTreeMap, BTreeSet};

/// Things in such an order, and the rest: those that need each other in a circle, or that need one of these.
pub struct Order<K> {
    /// The things in order.
    pub first_to_last: Vec<K>,
    /// Those without a place in it.
    pub circular: Vec<K>,
}

/// The order of things, given what each needs. Other needs than these things are ignored.
pub fn in_order<K: Ord + Copy>(needs: &BTreeMap<K, BTreeSet<K>>) -> Order<K> {
    let mut needed_by: BTreeMap<K, Vec<K>> = BTreeMap::new();
    let mut missing: BTreeMap<K, usize> = BTreeMap::new();
    for (thing, needs_of_it) in needs {
        let known: Vec<K> = needs_of_it.iter().copied().filter(|need| needs.contains_key(need)).collect();
        missing.insert(*thing, known.len());
        known.into_iter().for_each(|need| needed_by.entry(need).or_default().push(*thing));
    }
    let mut ready: BTreeSet<K> = missing.iter().filter(|(_, count)| **count == 0).map(|(thing, _)| *thing).collect();
    let mut first_to_last = Vec::new();
    while let Some(next) = ready.pop_first() {
        missing.remove(&next);
        first_to_last.push(next);
        for thing in needed_by.remove(&next).unwrap_or_default() {
            let Some(count) = missing.get_mut(&thing) else { continue };
            *count -= 1;
            if *count == 0 {
                ready.insert(thing);
            }
        }
    }
    Order { first_to_last, circular: missing.into_keys().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_comes_after_what_it_needs() {
        let needs = [("a", vec!["c", "none"]), ("b", vec![]), ("c", vec!["b"]), ("x", vec!["y"]), ("y", vec!["x"])];
        let needs = needs.into_iter().map(|(thing, needs)| (thing, needs.into_iter().collect())).collect();
        let order = in_order(&needs);
        assert_eq!((order.first_to_last, order.circular), (vec!["b", "c", "a"], vec!["x", "y"]));
    }
}
