//! The channel against a dataplane that only keeps tables.

use super::fake::Fake;
use super::{Link, LinkError};
use crate::tables::Tables;
use dataplane::policy::{AclId, Change, Segment, SegmentId};
use dataplane::wire::{Reply, Request};

fn set(segment: u32) -> Change {
    Change::SetSegment(SegmentId(segment), Segment { acl: AclId(1) })
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
    let first = Fake::listen(&socket, unlucky);
    let link = Link::open(&socket, Tables::default());
    link.ready().await;
    first.hang_up();
    let next = Fake::listen(&socket, unlucky);
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
