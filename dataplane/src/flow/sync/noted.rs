//! Words and locks as the standard library has them, which note what a thread does with them while it asks for that.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{self, Ordering};
use std::sync::{LockResult, PoisonError};

/// What one thread did with shared words.
#[derive(Debug, Default)]
pub struct Notes {
    /// How often it wrote each word, by its address.
    pub written: BTreeMap<usize, u64>,
    /// How many words it read and wrote.
    pub operations: u64,
    /// How many of them while it held a lock.
    pub locked: u64,
    holds: u32,
}

thread_local! {
    static NOTES: RefCell<Option<Notes>> = const { RefCell::new(None) };
}

/// Does some work, and tells what this thread did with shared words meanwhile.
pub fn noted(work: impl FnOnce()) -> Notes {
    NOTES.set(Some(Notes::default()));
    work();
    NOTES.take().unwrap_or_default()
}

fn note(what: impl FnOnce(&mut Notes)) {
    NOTES.with_borrow_mut(|notes| notes.as_mut().map(what));
}

/// A word.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct AtomicU64(atomic::AtomicU64);

impl AtomicU64 {
    fn count(&self) -> &atomic::AtomicU64 {
        note(|notes| {
            notes.operations += 1;
            notes.locked += u64::from(notes.holds > 0);
        });
        &self.0
    }

    fn written(&self) -> &atomic::AtomicU64 {
        note(|notes| *notes.written.entry(&raw const self.0 as usize).or_default() += 1);
        self.count()
    }

    pub fn load(&self, order: Ordering) -> u64 {
        self.count().load(order)
    }

    pub fn store(&self, value: u64, order: Ordering) {
        self.written().store(value, order);
    }

    pub fn swap(&self, value: u64, order: Ordering) -> u64 {
        self.written().swap(value, order)
    }

    pub fn fetch_add(&self, value: u64, order: Ordering) -> u64 {
        self.written().fetch_add(value, order)
    }

    pub fn compare_exchange_weak(&self, now: u64, new: u64, yes: Ordering, no: Ordering) -> Result<u64, u64> {
        self.written().compare_exchange_weak(now, new, yes, no)
    }
}

/// A lock.
#[derive(Debug)]
pub struct Mutex<T>(std::sync::Mutex<T>);

/// What is behind a lock, which is held.
pub struct MutexGuard<'l, T>(std::sync::MutexGuard<'l, T>);

impl<T> Mutex<T> {
    pub fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let locked = self.0.lock();
        note(|notes| notes.holds += 1);
        locked.map(MutexGuard).map_err(|poison| PoisonError::new(MutexGuard(poison.into_inner())))
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        note(|notes| notes.holds = notes.holds.saturating_sub(1));
    }
}
