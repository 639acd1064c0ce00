//! Places for clients. One address has at most a quarter of them, so that its idle connections cannot keep out all
//! others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many addresses it takes to fill all places.
const ADDRESSES: usize = 4;

/// All places.
#[derive(Debug)]
pub struct Places {
    free: Arc<Semaphore>,
    share: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

impl Places {
    /// So many places.
    pub fn new(all: usize) -> Arc<Places> {
        Arc::new(Places {
            free: Arc::new(Semaphore::new(all)),
            share: all.div_ceil(ADDRESSES),
            taken: Mutex::default(),
        })
    }

    /// Waits until a place is free, and reserves it for the next client.
    pub async fn reserve(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().acquire_owned().await.ok()
    }

    /// Gives a client the reserved place, unless its address has its share already.
    pub fn take(self: &Arc<Self>, reserved: OwnedSemaphorePermit, client: IpAddr) -> Option<Place> {
        let mut taken = self.taken();
        let own = taken.entry(client).or_default();
        if *own >= self.share {
            return None;
        }
        *own += 1;
        Some(Place { all: self.clone(), client, _reserved: reserved })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client's place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    all: Arc<Places>,
    client: IpAddr,
    _reserved: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.all.taken();
        if let Some(own) = taken.get_mut(&self.client) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{Duration, timeout};

    async fn take(places: &Arc<Places>, client: [u8; 4]) -> Option<Place> {
        let reserved = timeout(Duration::from_secs(20), places.reserve()).await.unwrap().unwrap();
        places.take(reserved, IpAddr::from(client))
    }

    #[tokio::test]
    async fn one_address_has_a_quarter_of_all_places() {
        let places = Places::new(8);
        let (one, other) = ([10, 0, 0, 1], [10, 0, 0, 2]);
        let first = take(&places, one).await.unwrap();
        let _second = take(&places, one).await.unwrap();
        assert!(take(&places, one).await.is_none());
        let _other = take(&places, other).await.unwrap();
        drop(first);
        assert!(take(&places, one).await.is_some());
        // Whoever is refused holds no place.
        assert_eq!((places.free.available_permits(), places.taken().len()), (6, 2));
    }

    #[tokio::test]
    async fn all_wait_while_no_place_is_free() {
        let places = Places::new(1);
        let only = take(&places, [10, 0, 0, 1]).await.unwrap();
        assert!(timeout(Duration::from_millis(50), places.reserve()).await.is_err());
        drop(only);
        assert!(take(&places, [10, 0, 0, 2]).await.is_some());
        assert!(places.taken().is_empty());
    }
}
