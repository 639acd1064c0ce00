//! The channel with a dataplane that only keeps tables.

use super::fake::Fake;
use super::{Link, LinkError, Promise};
use crate::tables::Tables;
use std::time::Duration;
use wire::{AclId, Change, Entry, Reply, Request, Segment, SegmentId};

fn set(segment: u32) -> Change {
    Change::Set(Entry::Segment(SegmentId(segment), Segment { acl: AclId(1) }))
}

fn unlucky(change: &Change) -> bool {
    *change == set(13)
}

#[tokio::test]
async fn whole_tables_first_then_changes_and_refusals_leave_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let fake = Fake::listen(&socket, unlucky);
    let mut tables = Tables::default();
    tables.apply(&[set(1)]);
    let link = Link::open(&socket, tables);
    link.ready().await;
    link.apply(vec![set(2)], Promise::InForce).await.unwrap();
    assert!(
        matches!(link.apply(vec![set(13)], Promise::InForce).await, Err(LinkError::Refused(why)) if why == "unlucky")
    );
    assert_eq!(link.ask(Request::Status).await.unwrap(), Reply::Done);
    let updates: Vec<_> = fake.updates.try_iter().map(|update| (update.whole, update.changes)).collect();
    assert_eq!(updates, [(true, vec![set(1)]), (false, vec![set(2)])]);
    assert_eq!(link.with_tables(Tables::whole), [set(1), set(2)]);
}

#[tokio::test]
async fn a_new_dataplane_gets_everything_and_a_change_meanwhile_waits_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let first = Fake::listen(&socket, unlucky);
    let link = Link::open(&socket, Tables::default());
    link.ready().await;
    first.hang_up();
    let next = Fake::listen(&socket, unlucky);
    link.apply(vec![set(2)], Promise::InForce).await.unwrap();
    let update = next.updates.try_recv().unwrap();
    assert_eq!((update.whole, update.changes), (true, vec![set(2)]));
}

#[tokio::test]
async fn requests_without_a_dataplane_fail() {
    let directory = tempfile::tempdir().unwrap();
    let link = Link::open(&directory.path().join("nobody"), Tables::default());
    assert!(matches!(link.ask(Request::Status).await, Err(LinkError::Down)));
}

#[tokio::test]
async fn a_change_without_a_dataplane_is_taken_back_unless_it_has_only_begun() {
    let directory = tempfile::tempdir().unwrap();
    let link = Link::open(&directory.path().join("nobody"), Tables::default());
    assert!(matches!(link.apply(vec![set(1)], Promise::InForce).await, Err(LinkError::Down)));
    link.apply(vec![set(2)], Promise::Begun).await.unwrap();
    assert_eq!(link.with_tables(Tables::whole), [set(2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_dataplane_is_waited_for_once_and_gets_what_was_taken_back() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let fake = Fake::listen(&socket, unlucky);
    let link = Link::open(&socket, Tables::default());
    link.ready().await;
    {
        let _hush = fake.hush().await;
        assert!(matches!(link.apply(vec![set(1)], Promise::InForce).await, Err(LinkError::Silent)));
        assert!(link.is_silent());
        assert!(matches!(link.ask(Request::Status).await, Err(LinkError::Silent)));
        assert!(matches!(link.apply(vec![set(2)], Promise::InForce).await, Err(LinkError::Silent)));
        link.apply(vec![set(3)], Promise::Begun).await.unwrap();
        assert_eq!(link.with_tables(Tables::whole), [set(3)]);
    }
    // In the end it has everything, in order.
    let mut tables = Tables::default();
    while tables.whole() != [set(3)] {
        tables.apply(&fake.updates.recv_timeout(Duration::from_secs(20)).unwrap().changes);
    }
    while link.is_silent() {
        tokio::task::yield_now().await;
    }
    link.apply(vec![set(4)], Promise::InForce).await.unwrap();
    assert!(link.look_at_hosts(|_| ()).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_noticed_without_a_question() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let fake = Fake::listen(&socket, unlucky);
    let link = Link::open(&socket, Tables::default());
    link.ready().await;
    {
        let _hush = fake.hush().await;
        while !link.is_silent() {
            tokio::task::yield_now().await;
        }
    }
    while link.is_silent() {
        tokio::task::yield_now().await;
    }
}
