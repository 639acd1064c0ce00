//! The standard library's atomics and locks, which count the accesses of a thread that asks for it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{self, Ordering};
use std::sync::{LockResult, PoisonError};

/// One thread's accesses of shared words.
#[derive(Debug, Default)]
pub struct Accesses {
    /// How often it wrote each word, by its address.
    pub written: BTreeMap<usize, u64>,
    /// How many words it read and wrote.
    pub operations: u64,
    /// How many of them it read and wrote while it held a lock.
    pub locked: u64,
    /// How many locks it holds.
    holds: u32,
}

thread_local! {
    static ACCESSES: RefCell<Option<Accesses>> = const { RefCell::new(None) };
}

/// Does some work, and returns this thread's accesses of shared words meanwhile.
pub fn accesses_of(work: impl FnOnce()) -> Accesses {
    ACCESSES.set(Some(Accesses::default()));
    work();
    ACCESSES.take().unwrap_or_default()
}

/// Counts an access, if this thread's accesses are counted.
fn count(access: impl FnOnce(&mut Accesses)) {
    ACCESSES.with_borrow_mut(|accesses| accesses.as_mut().map(access));
}

/// A word.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct AtomicU64(atomic::AtomicU64);

impl AtomicU64 {
    fn accessed(&self) -> &atomic::AtomicU64 {
        count(|accesses| {
            accesses.operations += 1;
            accesses.locked += u64::from(accesses.holds > 0);
        });
        &self.0
    }

    fn written(&self) -> &atomic::AtomicU64 {
        count(|accesses| *accesses.written.entry(&raw const self.0 as usize).or_default() += 1);
        self.accessed()
    }

    pub fn load(&self, order: Ordering) -> u64 {
        self.accessed().load(order)
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

/// A lock that is held.
pub struct MutexGuard<'l, T>(std::sync::MutexGuard<'l, T>);

impl<T> Mutex<T> {
    pub fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let locked = self.0.lock();
        count(|accesses| accesses.holds += 1);
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
        count(|accesses| accesses.holds = accesses.holds.saturating_sub(1));
    }
}
