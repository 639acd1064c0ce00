//! A change is made whole or not at all: in the model, in the store, in the tables.

use super::{ChangeError, Service};
use crate::link::fake::Fake;
use crate::model::{HostPlace, Model, Platform};
use crate::state::State;
use dataplane::policy::Change;
use std::net::Ipv4Addr;

fn state(directory: &tempfile::TempDir) -> State {
    let state = State::at(Some(directory.path().to_owned()));
    state.create().unwrap();
    state
}

fn add(name: &'static str, last: u8) -> impl FnOnce(&mut Model) -> crate::model::Result<()> {
    move |model| model.add_host(name, HostPlace::Internet, Ipv4Addr::new(203, 0, 113, last))
}

/// A dataplane that cannot make the host `bad`.
fn bad_host(change: &Change) -> bool {
    matches!(change, Change::SetPort(_, port) if port.host == "bad")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_dataplane_refuses_never_was() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let service = Service::open(&state, Platform::default()).unwrap();
    service.link().ready().await;
    service.change(add("good", 1)).await.unwrap();
    let refused = service.change(add("bad", 2)).await;
    assert!(matches!(refused, Err(ChangeError::Link(_))), "{refused:?}");
    // Its address is free again, and the next change is compiled as if nothing had been.
    service.change(add("other", 2)).await.unwrap();
    let names =
        |service: &Service| service.look(|model| model.hosts.iter().map(|host| host.name.clone()).collect::<Vec<_>>());
    assert_eq!(names(&service), ["good", "other"]);
    let ports = fake.told.try_iter().flat_map(|update| update.changes).filter(|c| matches!(c, Change::SetPort(..)));
    assert_eq!(ports.count(), 2);

    drop(service);
    let again = Service::open(&state, Platform::default()).unwrap();
    assert_eq!(names(&again), ["good", "other"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_refuses_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let service = Service::open(&state, Platform::default()).unwrap();
    service.link().ready().await;
    service.change(add("one", 1)).await.unwrap();
    let half_way = service.change(|model| {
        add("two", 2)(model)?;
        add("two", 3)(model)
    });
    assert!(matches!(half_way.await, Err(ChangeError::Model(_))));
    assert_eq!(service.look(|model| model.hosts.len()), 1);
    assert_eq!(fake.told.try_iter().count(), 2, "the whole tables and one change");
}
