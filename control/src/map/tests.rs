//! The map's data, of a cloud without a dataplane.

use super::*;
use crate::link::Promise;
use crate::model::{Caller, Error, HostPlace, InstanceHost, Launch, Model, Platform, Scope, Tags, Time};
use crate::state::State;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;
use tower_service::Service as _;

/// Long enough for anything that happens at all.
const PATIENCE: Duration = Duration::from_secs(60);

struct Cloud {
    service: Arc<Service>,
    live: Arc<Live>,
    routes: Router,
    _directory: tempfile::TempDir,
}

impl Cloud {
    fn start() -> Cloud {
        let directory = tempfile::tempdir().unwrap();
        let state = State::at(Some(directory.path().to_owned()));
        state.create().unwrap();
        let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
        let operator = Arc::new(Operator::new(service.clone(), state));
        let live = Arc::new(Live::new(service.clone(), operator.clone()));
        Cloud { routes: routes(service.clone(), operator), live, service, _directory: directory }
    }

    async fn get(&self, path: &str) -> Response {
        self.routes.clone().call(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn json(&self, path: &str) -> Value {
        let body = self.get(path).await.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&body).unwrap()
    }

    async fn change(&self, change: impl FnOnce(&mut Model) -> Result<(), Error> + Send + 'static) {
        self.service.change(Promise::Begun, change).await.map_err(|error| error.to_string()).unwrap();
    }

    fn caller() -> Caller {
        Caller::of_account(Scope { account: "111122223333".into(), region: "us-east-1".into() }, Time(0))
    }
}

fn named(name: &str) -> Launch {
    Launch {
        instance_type: "m1.small".into(),
        least: 1,
        most: 1,
        tags: Tags::from([("Name".into(), name.into())]),
        ..Launch::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_may_run_its_own_script_only() {
    let cloud = Cloud::start();
    for (path, content_type) in
        [("/_map", "text/html"), ("/_map/map.js", "text/javascript"), ("/_map/map.css", "text/css")]
    {
        let answer = cloud.get(path).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-type").starts_with(content_type), "{path}");
        assert!(header("content-security-policy").contains("script-src 'self';"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff");
    }
    let page = cloud.get("/_map").await.into_body().collect().await.unwrap().to_bytes();
    let page = std::str::from_utf8(&page).unwrap();
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("http"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_is_all_there_is() {
    let cloud = Cloud::start();
    cloud
        .change(|model| {
            let caller = Cloud::caller();
            let vpc = model.create_vpc(&caller, "192.168.0.0/16".parse().unwrap(), Default::default(), Tags::new())?;
            model.enable_classic_link(&caller, &vpc)?;
            model.create_subnet(&caller, &vpc, "192.168.1.0/24".parse().unwrap(), None, Tags::new())?;
            let link = model.create_group(&caller, Some(&vpc), "link", "link", Tags::new())?;
            model.run_instances(&caller, named("<img src=x onerror=alert(1)>"))?;
            model.follow_hosts(|_| InstanceHost::Up);
            let web = model.instances.iter().next().unwrap().id.clone();
            model.link_instance(&caller, &web, &vpc, &[link])?;
            model.add_host("visitor", HostPlace::Internet, [203, 0, 113, 200].into())
        })
        .await;
    let network = cloud.json("/_map/network").await;
    let web = &network["instances"][0];
    assert_eq!(web["name"], "<img src=x onerror=alert(1)>", "text stays text: the page never makes markup of it");
    assert_eq!(web["classic"]["link"]["vpc"], network["vpcs"][0]["id"]);
    assert_eq!(network["subnets"][0]["table"], network["tables"][0]["id"]);
    assert_eq!(network["tables"][0]["routes"][1]["destination"], "10.0.0.0/8");
    assert_eq!(network["hosts"][0]["name"], "visitor");
    let changes = cloud.json("/_map/changes").await;
    let added = changes.as_array().unwrap().iter().find(|row| row["kind"] == "instances").unwrap();
    assert_eq!((added["id"].clone(), added["what"].as_str()), (web["id"].clone(), Some("added")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_makes_no_sense_is_told_so() {
    let cloud = Cloud::start();
    let answer = cloud.get("/_map/why?from=nobody&to=nobody&tcp=1").await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let answer = cloud.json("/_map/why?from=nobody&to=nobody&tcp=1").await;
    assert!(answer["error"].as_str().unwrap().contains("no running host nobody"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn moments_tell_what_has_changed() {
    let cloud = Cloud::start();
    let mut stream = cloud.get("/_map/live").await.into_body();
    let mut next = async || {
        let frame = timeout(PATIENCE, stream.frame()).await.unwrap().unwrap().unwrap();
        String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
    };
    let first = next().await;
    assert!(first.starts_with("data:") && first.contains(r#""dataplane":false"#), "{first}");
    cloud.change(|model| model.add_host("visitor", HostPlace::Internet, [203, 0, 113, 200].into())).await;
    while !next().await.contains(r#""kind":"hosts","id":"visitor","what":"added""#) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn moments_are_worked_out_once_for_all_and_only_while_somebody_looks() {
    let cloud = Cloud::start();
    let live = &cloud.live;
    assert!(!live.is_at_work());
    let [mut one, mut other] = [live.listen(), live.listen()];
    let same = async {
        let moment = other.recv().await.unwrap();
        // The one may have heard some before the other listened.
        while !Arc::ptr_eq(&one.recv().await.unwrap(), &moment) {}
    };
    timeout(PATIENCE, same).await.expect("a moment that both hear");
    drop((one, other));
    while live.is_at_work() {
        tokio::task::yield_now().await;
    }
}
