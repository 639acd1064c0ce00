//! The channel against a dataplane that only keeps tables.

use super::{Link, LinkError};
use crate::tables::Tables;
use dataplane::policy::{AclId, Change, Segment, SegmentId};
use dataplane::wire::{self, Reply, Request, Update};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc as std_mpsc;

fn set(segment: u32) -> Change {
    Change::SetSegment(SegmentId(segment), Segment { acl: AclId(1) })
}

/// A dataplane that tells of each update, and refuses segment 13. Serves one connection, until either end hangs up.
struct Fake {
    told: std_mpsc::Receiver<Update>,
    connection: std_mpsc::Receiver<UnixStream>,
}

impl Fake {
    fn listen(socket: &Path) -> Self {
        let _ = std::fs::remove_file(socket);
        let listener = UnixListener::bind(socket).unwrap();
        let (tell, told) = std_mpsc::channel();
        let (connected, connection) = std_mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            connected.send(stream.try_clone().unwrap()).unwrap();
            while let Ok(request) = wire::read_frame(&mut stream) {
                let reply = match request {
                    Request::Apply(update) if update.changes.contains(&set(13)) => {
                        Reply::Refused { why: "unlucky".into() }
                    }
                    Request::Apply(update) => {
                        let version = update.version;
                        tell.send(update).unwrap();
                        Reply::Applied { version }
                    }
                    _ => Reply::Done,
                };
                wire::write_frame(&mut stream, &reply).unwrap();
            }
        });
        Self { told, connection }
    }

    fn hang_up(&self) {
        self.connection.recv().unwrap().shutdown(std::net::Shutdown::Both).unwrap();
    }
}

#[tokio::test]
async fn whole_tables_first_then_changes_and_refusals_leave_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let fake = Fake::listen(&socket);
    let mut tables = Tables::default();
    tables.apply(&[set(1)]);
    let link = Link::open(&socket, tables);
    link.ready().await;
    link.apply(vec![set(2)]).await.unwrap();
    assert!(matches!(link.apply(vec![set(13)]).await, Err(LinkError::Refused(why)) if why == "unlucky"));
    assert_eq!(link.ask(Request::Status).await.unwrap(), Reply::Done);
    let updates: Vec<_> = fake.told.try_iter().map(|update| (update.whole, update.changes)).collect();
    assert_eq!(updates, [(true, vec![set(1)]), (false, vec![set(2)])]);
    assert_eq!(link.with_tables(Tables::whole), [set(1), set(2)]);
}

#[tokio::test]
async fn a_new_dataplane_gets_everything_and_a_change_meanwhile_waits_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let first = Fake::listen(&socket);
    let link = Link::open(&socket, Tables::default());
    link.ready().await;
    first.hang_up();
    let next = Fake::listen(&socket);
    link.apply(vec![set(2)]).await.unwrap();
    let update = next.told.try_recv().unwrap();
    assert_eq!((update.whole, update.changes), (true, vec![set(2)]));
}

#[tokio::test]
async fn questions_without_a_dataplane_are_told_so() {
    let directory = tempfile::tempdir().unwrap();
    let link = Link::open(&directory.path().join("nobody"), Tables::default());
    assert!(matches!(link.ask(Request::Status).await, Err(LinkError::Down)));
}
