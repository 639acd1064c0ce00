//! The connections of an endpoint and the memory they hold. When there are too many, the one that has waited longest
//! for its client is closed. A request in progress is never aborted.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// There is no room, because no connection can be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests are in progress: raise the limit of open files, or send fewer at a time")]
pub struct Full;

/// All connections of an endpoint.
#[derive(Debug)]
pub struct Connections {
    most: usize,
    most_held: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// The next number of a connection or a wait. Numbers order the waits by their beginning.
    next: u64,
    members: HashMap<u64, Member>,
    /// The connections that wait for their client, by the number of the wait.
    waiting: BTreeMap<u64, u64>,
    /// How many bytes all connections hold together.
    held: usize,
}

#[derive(Debug, Default)]
struct Member {
    /// The client, if each client may have only a number of connections.
    client: Option<u32>,
    /// The number of its wait in `waiting`. `None` while a request is in progress.
    since: Option<u64>,
    held: usize,
    close: Arc<Notify>,
}

impl Connections {
    /// Room for this many connections, which together hold at most this many bytes.
    pub fn new(most: usize, most_held: usize) -> Arc<Connections> {
        Arc::new(Connections { most, most_held, table: Mutex::default() })
    }

    /// Adds a new connection.
    ///
    /// # Errors
    /// [`Full`] if all others have a request in progress.
    pub fn enter(self: &Arc<Self>) -> Result<Connection, Full> {
        self.take_up(self.table(), None)
    }

    /// Adds a new connection of a client that may have this many. If it has as many already, one of its own is closed.
    ///
    /// # Errors
    /// [`Full`] if all others, or all others of that client, have a request in progress.
    pub fn enter_as(self: &Arc<Self>, client: u32, share: usize) -> Result<Connection, Full> {
        let mut table = self.table();
        let is_own = |member: &Member| member.client == Some(client);
        while table.members.values().filter(|member| is_own(member)).count() >= share {
            table.close_longest(is_own)?;
        }
        self.take_up(table, Some(client))
    }

    fn take_up(self: &Arc<Self>, mut table: MutexGuard<'_, Table>, client: Option<u32>) -> Result<Connection, Full> {
        while table.members.len() >= self.most {
            table.close_longest(|_| true)?;
        }
        let (id, close) = (table.event(), Arc::new(Notify::new()));
        table.members.insert(id, Member { client, close: close.clone(), ..Member::default() });
        table.wait(id);
        Ok(Connection { all: self.clone(), id, close })
    }

    /// Closes the connection that has waited longest, if any waits.
    pub fn close_longest(&self) {
        let _ = self.table().close_longest(|_| true);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn event(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn wait(&mut self, id: u64) {
        let now = self.event();
        if let Some(member) = self.members.get_mut(&id) {
            member.since = Some(now);
            self.waiting.insert(now, id);
        }
    }

    fn work(&mut self, id: u64) {
        let since = self.members.get_mut(&id).and_then(|member| member.since.take());
        since.and_then(|since| self.waiting.remove(&since));
    }

    fn remove(&mut self, id: u64) -> Option<Member> {
        self.work(id);
        let member = self.members.remove(&id)?;
        self.held -= member.held;
        Some(member)
    }

    fn close_longest(&mut self, which: impl Fn(&Member) -> bool) -> Result<(), Full> {
        let fits = |id: &&u64| self.members.get(id).is_some_and(&which);
        let id = *self.waiting.values().find(fits).ok_or(Full)?;
        self.remove(id).ok_or(Full)?.close.notify_one();
        Ok(())
    }
}

/// An open connection, until this is dropped. It begins by waiting for its client.
#[derive(Debug)]
pub struct Connection {
    all: Arc<Connections>,
    id: u64,
    close: Arc<Notify>,
}

impl Connection {
    /// Returns when the connection has to be closed to make room.
    pub async fn closed(&self) {
        self.close.notified().await;
    }

    /// Marks a request as in progress until the returned guard is dropped. The connection waits again after that.
    pub fn at_work(&self) -> AtWork<'_> {
        self.all.table().work(self.id);
        AtWork(self)
    }

    /// Begins to count a part of the connection's memory, from zero bytes.
    pub fn hold(self: &Arc<Self>) -> Held {
        Held { connection: self.clone(), bytes: 0 }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.table().remove(self.id);
    }
}

/// A request in progress.
#[derive(Debug)]
pub struct AtWork<'c>(&'c Connection);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.all.table().wait(self.0.id);
    }
}

/// Bytes that count for the connection until this is dropped.
#[derive(Debug)]
pub struct Held {
    connection: Arc<Connection>,
    bytes: usize,
}

impl Held {
    /// Counts more bytes.
    ///
    /// # Errors
    /// [`Full`] if all connections together hold too much. The bytes count all the same.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Full> {
        let Connection { all, id, .. } = &*self.connection;
        let mut table = all.table();
        let Some(member) = table.members.get_mut(id) else { return Err(Full) };
        member.held += bytes;
        table.held += bytes;
        self.bytes += bytes;
        while table.held > all.most_held {
            table.close_longest(|member| member.held > 0)?;
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut table = self.connection.all.table();
        // A connection that was closed holds nothing any more.
        if let Some(member) = table.members.get_mut(&self.connection.id) {
            member.held -= self.bytes;
            table.held -= self.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_closed(connection: &Connection) -> bool {
        !connection.all.table().members.contains_key(&connection.id)
    }

    #[test]
    fn the_longest_wait_makes_room() {
        let all = Connections::new(3, 100);
        let [first, second, third] = [(); 3].map(|()| all.enter().unwrap());
        // A request that was answered restarts the wait.
        drop(first.at_work());
        let fourth = all.enter().unwrap();
        assert_eq!([&first, &second, &third, &fourth].map(is_closed), [false, true, false, false]);
        let (_one, _other, _last) = (first.at_work(), third.at_work(), fourth.at_work());
        assert_eq!(all.enter().err(), Some(Full));
        drop(second);
        assert_eq!(all.table().members.len(), 3);
    }

    #[test]
    fn a_client_with_its_share_closes_one_of_its_own() {
        let all = Connections::new(9, 100);
        let other = all.enter_as(1, 2).unwrap();
        let [first, second, third] = [(); 3].map(|()| all.enter_as(2, 2).unwrap());
        assert_eq!([&other, &first, &second, &third].map(is_closed), [false, true, false, false]);
        let (_one, _other) = (second.at_work(), third.at_work());
        assert_eq!(all.enter_as(2, 2).err(), Some(Full));
        assert!(all.enter_as(1, 2).is_ok() && !is_closed(&other));
    }

    #[test]
    fn a_connection_that_holds_nothing_is_not_closed_for_memory() {
        let all = Connections::new(9, 100);
        let [idle, old, new, busy] = [(); 4].map(|()| Arc::new(all.enter().unwrap()));
        let at_work = busy.at_work();
        let [mut a, mut b, mut c] = [&old, &new, &busy].map(Connection::hold);
        assert_eq!([a.grow(50), c.grow(50), b.grow(20)], [Ok(()); 3]);
        assert_eq!([&*idle, &*old, &*new, &*busy].map(is_closed), [false, true, false, false]);
        assert_eq!(c.grow(200), Err(Full), "a request in progress is not aborted");
        assert_eq!([&*idle, &*new, &*busy].map(is_closed), [false, true, false]);
        drop((a, b, c, at_work));
        assert_eq!(all.table().held, 0);
    }

    #[tokio::test]
    async fn a_closed_connection_ends_its_task() {
        let all = Connections::new(1, 0);
        let first = all.enter().unwrap();
        let second = all.enter().unwrap();
        first.closed().await;
        drop((first, second));
        let table = all.table();
        assert!(table.members.is_empty() && table.waiting.is_empty());
    }
}
