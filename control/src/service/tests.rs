//! A change is made completely or not at all: in the model, the store and the tables.

use super::{ChangeError, Service};
use crate::api::{Call, Request};
use crate::link::{Promise, fake::Fake};
use crate::state::State;
use crate::store::tests::faults::Faulty;
use crate::store::{Contents, StoreError};
use model::platform_host::HOST;
use model::{HostPlace, InstanceState, Model, Platform};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use wire::{Change, Entry, RecordCall, Request as DataplaneRequest};

fn state(directory: &tempfile::TempDir) -> State {
    let state = State::at(Some(directory.path().to_owned()));
    state.create().unwrap();
    state
}

fn add(name: &'static str, last: u8) -> impl FnOnce(&mut Model) -> model::Result<()> {
    move |model| model.add_host(name, HostPlace::Internet, Ipv4Addr::new(203, 0, 113, last))
}

/// A dataplane that cannot make the host `bad`.
fn bad_host(change: &Change) -> bool {
    matches!(change, Change::Set(Entry::Port(_, port)) if port.host == "bad")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_the_dataplane_refuses_leaves_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
    service.link().ready().await;
    service.change(Promise::InForce, add("good", 1)).await.unwrap();
    let refused = service.change(Promise::InForce, add("bad", 2)).await;
    assert!(matches!(refused, Err(ChangeError::Link(_))), "{refused:?}");
    // The address is free again, and the next change is compiled as if the first had never been.
    service.change(Promise::InForce, add("other", 2)).await.unwrap();
    let names =
        |service: &Service| service.look(|model| model.hosts.iter().map(|host| host.name.clone()).collect::<Vec<_>>());
    assert_eq!(names(&service), ["good", "other"]);
    let ports = fake
        .updates
        .try_iter()
        .flat_map(|update| update.changes)
        .filter(|c| matches!(c, Change::Set(Entry::Port(_, port)) if port.host != HOST));
    assert_eq!(ports.count(), 2);

    drop(service);
    let again = Service::open(&state, Platform::default()).unwrap();
    assert_eq!(names(&again), ["good", "other"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_the_model_refuses_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
    service.link().ready().await;
    service.change(Promise::InForce, add("one", 1)).await.unwrap();
    let half_way = service.change(Promise::InForce, |model| {
        add("two", 2)(model)?;
        add("two", 3)(model)
    });
    assert!(matches!(half_way.await, Err(ChangeError::Model(_))));
    assert_eq!(service.look(|model| model.hosts.len()), 1);
    assert_eq!(fake.updates.try_iter().count(), 2, "the whole tables and one change");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_restores_the_first_start_in_model_tables_and_store() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
    service.link().ready().await;
    let first = service.link().with_tables(|tables| tables.whole());
    for (name, last) in [("one", 1), ("two", 2)] {
        service.change(Promise::InForce, add(name, last)).await.unwrap();
    }
    let ahead = Duration::from_secs(3600);
    service.change(Promise::InForce, move |model| model.advance_clock(ahead)).await.unwrap();
    service.reset().await.unwrap();
    assert_eq!(service.link().with_tables(|tables| tables.whole()), first);
    let gone = |host| service.link().hosts().borrow().state(host) == Some(&wire::HostState::Gone);
    assert!(gone("one") && gone("two"));
    assert!(service.recent().after(0).is_empty());
    assert!(service.look(|model| model.now(model::Time(7)).0 == 7), "the clock is real time again");
    drop((service, fake));
    let again = Service::open(&state, Platform::default()).unwrap();
    assert_eq!(again.look(|model| model.rows().count()), 1, "counters stay");
}

/// The names of hosts in the model, and of those that a restart would find in the store.
fn hosts(service: &Service, disk: &Faulty) -> (Vec<String>, Vec<String>) {
    let model = service.look(|model| model.hosts.iter().map(|host| host.name.clone()).collect());
    let rows = disk.contents().rows.into_keys();
    (model, rows.filter(|(collection, _)| collection == "hosts").map(|(_, id)| id).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_finds_the_disk_full_leaves_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let (state, disk) = (state(&directory), Faulty::default());
    let fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let store = disk.store(&state.store());
    let service = Arc::new(Service::of(store, Contents::default(), &state, Platform::default()).unwrap());
    service.link().ready().await;
    service.change(Promise::InForce, add("one", 1)).await.unwrap();
    disk.fill(true);
    for _ in 0..3 {
        let full = service.change(Promise::InForce, add("two", 2)).await;
        assert!(matches!(full, Err(ChangeError::Store(StoreError::Full { .. }))), "{full:?}");
    }
    assert_eq!(hosts(&service, &disk), (vec!["one".into()], vec!["one".into()]));
    disk.fill(false);
    service.change(Promise::InForce, add("three", 2)).await.unwrap();
    assert_eq!(hosts(&service, &disk), (vec!["one".into(), "three".into()], vec!["one".into(), "three".into()]));
    let ports = fake
        .updates
        .try_iter()
        .flat_map(|update| update.changes)
        .filter(|c| matches!(c, Change::Set(Entry::Port(_, port)) if port.host != HOST));
    assert_eq!(ports.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn terminated_instances_are_removed_after_an_hour() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let _fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
    service.link().ready().await;
    let ask = async |form: &str| {
        let reply =
            service.request(Request::parse(&Call { path: "/", form, ..Call::default() }, service.now()).unwrap()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body
    };
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let is_on =
        || service.look(|model| model.instances.iter().any(|instance| instance.state != InstanceState::Terminated));
    let launched = ask(run).await;
    let id = launched.split("<instanceId>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    ask(&format!("Action=TerminateInstances&InstanceId.1={id}")).await;
    while is_on() {
        service.follow_hosts().await.unwrap();
    }
    let rows = || {
        let rows = Contents::of_file(&state.store()).unwrap().rows;
        rows.into_keys().filter(|(collection, _)| collection == "instances").count()
    };
    let advance = async |minutes: u64| {
        let by = std::time::Duration::from_secs(minutes * 60);
        service.change(Promise::InForce, move |model| model.advance_clock(by)).await.unwrap();
        service.forget().await;
    };
    advance(59).await;
    assert_eq!((rows(), service.look(|model| model.instances.len())), (1, 1));
    advance(2).await;
    assert_eq!((rows(), service.look(|model| model.instances.len())), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_runs_to_its_end_without_its_caller() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
    service.link().ready().await;
    let is_there = |name: &str| service.look(|model| model.hosts.get(name).is_some());
    for (name, last, kept) in [("good", 1, true), ("bad", 2, false)] {
        let hush = fake.hush().await;
        let mut asked = Box::pin(service.change(Promise::InForce, add(name, last)));
        // The change is in the model, and the dataplane has not answered yet.
        while !is_there(name) {
            assert!(tokio::time::timeout(Duration::ZERO, &mut asked).await.is_err());
        }
        drop(asked);
        drop(hush);
        // The next change waits for the first one.
        service.change(Promise::InForce, |_| Ok::<_, model::Error>(())).await.unwrap();
        assert_eq!(is_there(name), kept, "{name}");
        let in_tables = service.link().with_tables(|tables| {
            tables.whole().iter().any(|change| matches!(change, Change::Set(Entry::Port(_, port)) if port.host == name))
        });
        assert_eq!(in_tables, kept, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_a_silent_dataplane_does_not_answer_leaves_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
    service.link().ready().await;
    let form = "Action=CreateVpc&CidrBlock=172.16.0.0/16";
    let ask = || Request::parse(&Call { path: "/", form, ..Call::default() }, service.now()).unwrap();
    let hush = fake.hush().await;
    for _ in 0..2 {
        let reply = service.request(ask()).await;
        assert_eq!(reply.status, 503);
        assert!(reply.body.contains("<Code>Unavailable</Code>"), "{}", reply.body);
    }
    let vpcs = || service.look(|model| model.vpcs.iter().count());
    assert_eq!(vpcs(), 0);
    drop(hush);
    while service.request(ask()).await.status != 200 {}
    assert_eq!(vpcs(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reboot_that_is_asked_for_while_the_dataplane_is_silent_happens_afterwards() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
    service.link().ready().await;
    let ask = async |form: &str| {
        let call = Call { path: "/", form, ..Call::default() };
        let reply = service.request(Request::parse(&call, service.now()).unwrap()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    };
    ask("Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1").await;
    let id = service.look(|model| model.instances.iter().next().unwrap().id.clone());
    while !service.look(|model| model.instances.get(&id).unwrap().is_running()) {
        service.follow_hosts().await.unwrap();
    }
    let hush = fake.hush().await;
    ask(&format!("Action=RebootInstances&InstanceId.1={id}")).await;
    drop(hush);
    let is_second_boot =
        |change: &Change| matches!(change, Change::Set(Entry::Port(_, port)) if port.host == id && port.boot == 1);
    while !fake.updates.recv_timeout(Duration::from_secs(20)).unwrap().changes.iter().any(is_second_boot) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn reading_during_a_change_blocks_no_runtime_thread() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
    let (hold, held) = (std::sync::mpsc::channel::<()>(), tokio::sync::oneshot::channel());
    let changes = std::thread::spawn({
        let service = service.clone();
        move || {
            let model = service.model.write().unwrap();
            held.0.send(()).unwrap();
            let _ = hold.1.recv();
            drop(model);
        }
    });
    held.1.await.unwrap();
    let (begun, begins) = tokio::sync::oneshot::channel();
    let looks = tokio::spawn(async move {
        begun.send(()).unwrap();
        service.look(|model| model.hosts.iter().count())
    });
    begins.await.unwrap();
    let other = tokio::time::timeout(Duration::from_secs(20), tokio::spawn(async {})).await;
    drop(hold.0);
    other.expect("another task runs meanwhile").unwrap();
    assert_eq!(looks.await.unwrap(), 0);
    changes.join().unwrap();
}

/// What a dataplane was sent: tables, some rows of a recording, or all of them.
fn told(fake: &Fake) -> Vec<&'static str> {
    let told = fake.asked.try_iter().map(|request| match request {
        DataplaneRequest::Apply(_) => "tables",
        DataplaneRequest::Record(RecordCall::Note { whole: false, .. }) => "some",
        DataplaneRequest::Record(RecordCall::Note { whole: true, .. }) => "all",
        _ => "else",
    });
    told.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_has_the_cloud_before_its_tables() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let fake = Fake::listen(&state.dataplane_socket(), bad_host);
    let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
    service.link().ready().await;
    service.change(Promise::InForce, add("one", 1)).await.unwrap();
    assert_eq!(told(&fake), ["tables", "tables"], "nobody records");
    for _ in 0..2 {
        service.set_recorded(true).await;
    }
    assert_eq!(told(&fake), ["all"], "once");
    service.change(Promise::InForce, add("two", 2)).await.unwrap();
    assert_eq!(told(&fake), ["some", "tables"]);
    service.change(Promise::InForce, add("bad", 3)).await.unwrap_err();
    assert_eq!(told(&fake), ["some", "tables", "all"], "after a change was undone all rows are sent again");
}

/// The body of the answer to a request that a key has signed for a service.
async fn answer(service: &Arc<Service>, (key, name): (&str, &str), form: &str) -> String {
    let scope = format!("{key}/20150107/eu-west-1/{name}/aws4_request");
    let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host");
    let call = Call { path: "/", form, authorization: Some(&authorization), ..Call::default() };
    let request = Request::parse(&call, service.now()).unwrap_or_else(|refusal| panic!("{}", refusal.body));
    service.request(request).await.body
}

/// A request that is refused uses its key, too.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_of_a_key_is_told_and_stored() {
    let directory = tempfile::tempdir().unwrap();
    let state = state(&directory);
    let service = Arc::new(Service::open_on_paper(&state, Platform::default()).unwrap());
    let root = ("111122223333", "iam");
    answer(&service, root, "Action=CreateUser&UserName=ann&Version=2010-05-08").await;
    let made = answer(&service, root, "Action=CreateAccessKey&UserName=ann&Version=2010-05-08").await;
    let key = made.split("<AccessKeyId>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    let form = format!("Action=GetAccessKeyLastUsed&AccessKeyId={key}&Version=2010-05-08");
    assert!(answer(&service, root, &form).await.contains("<ServiceName>N/A</ServiceName>"));
    let refused = answer(&service, (key, "ec2"), "Action=DescribeVpcs&Version=2016-11-15").await;
    assert!(refused.contains("UnauthorizedOperation"), "{refused}");
    let told = answer(&service, root, &form).await;
    for member in ["<ServiceName>ec2</ServiceName>", "<Region>eu-west-1</Region>", "<LastUsedDate>"] {
        assert!(told.contains(member), "{told}");
    }
    drop(service);
    let again = Service::open_on_paper(&state, Platform::default()).unwrap();
    assert!(again.look(|model| model.last_use(key).is_some_and(|last| last.service == "ec2")));
}
