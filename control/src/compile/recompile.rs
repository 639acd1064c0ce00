//! Recompiles the subjects of changed rows, and those that have read a changed row.

use super::subject::{Subject, changed_subjects, compile, subjects};
use crate::tables::Tables;
use model::{Changes, Model, Read};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use wire::{Change, Entry, Key};

/// The entries of each subject, with what was read to make them.
#[derive(Debug, Default)]
pub struct Compiler {
    made: HashMap<Subject, Made>,
    /// For everything that was read, the subjects that were made from it.
    readers: HashMap<Read, BTreeSet<Subject>>,
}

/// A subject's entries, and what was read to make them.
#[derive(Debug, Default)]
struct Made {
    keys: Vec<Key>,
    reads: BTreeSet<Read>,
}

impl Compiler {
    /// Compiles the whole tables of a model.
    pub fn whole(model: &Model) -> (Self, Tables) {
        let (mut compiler, mut tables) = (Self::default(), Tables::default());
        let changes = compiler.update(model, subjects(model), &tables);
        tables.apply(&changes);
        (compiler, tables)
    }

    /// The subjects that have to be compiled again after `changes`, the model's last ones: those of the changed rows
    /// themselves, and those that have read what the changes touched.
    pub fn concerned(&self, model: &Model, changes: &Changes) -> BTreeSet<Subject> {
        let touched = model.touched(changes);
        let readers = touched.iter().filter_map(|read| self.readers.get(read)).flatten();
        changed_subjects(changes).chain(readers.cloned()).collect()
    }

    /// Compiles these subjects again. Returns the changes that bring the tables up to date with the model.
    pub fn update(&mut self, model: &Model, subjects: BTreeSet<Subject>, tables: &Tables) -> Vec<Change> {
        let (model, reads) = model.watched();
        let mut wanted = BTreeMap::new();
        let mut before = Vec::new();
        for subject in subjects {
            let compiled = compile(&model, &subject);
            let (exists, reads) = (compiled.is_some(), reads.take());
            let entries = compiled.unwrap_or_default();
            let made = Made { keys: entries.iter().map(Entry::key).collect(), reads };
            wanted.extend(entries.into_iter().map(|entry| (entry.key(), entry)));
            before.extend(self.replace(subject, exists.then_some(made)).keys);
        }
        tables.difference(before, &wanted)
    }

    /// Replaces a subject's entries. Returns the old ones.
    fn replace(&mut self, subject: Subject, made: Option<Made>) -> Made {
        let before = self.made.remove(&subject).unwrap_or_default();
        let none = BTreeSet::new();
        let reads = made.as_ref().map_or(&none, |made| &made.reads);
        for read in before.reads.difference(reads) {
            if let Some(readers) = self.readers.get_mut(read) {
                readers.remove(&subject);
                if readers.is_empty() {
                    self.readers.remove(read);
                }
            }
        }
        for read in reads.difference(&before.reads) {
            self.readers.entry(*read).or_default().insert(subject.clone());
        }
        self.made.extend(made.map(|made| (subject, made)));
        before
    }
}
