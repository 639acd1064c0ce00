//! The map's data, of a cloud without a dataplane.

use super::*;
use crate::link::Promise;
use crate::state::State;
use axum::body::Body;
use axum::http::Request;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::BodyExt;
use model::iam::{Class, Of};
use model::{
    Caller, Error, HostPlace, InstanceHost, Launch, Model, NewInterfaceEndpoint, NewNatGateway, PeerSpec, Platform,
    RuleSpec, Scope, SecondaryAddresses, Tags, Time, Traffic,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::time::timeout;
use tower_service::Service as _;

/// Long enough for anything that happens at all.
const PATIENCE: Duration = Duration::from_secs(60);

struct Cloud {
    service: Arc<Service>,
    live: Arc<Live>,
    routes: Router,
    directory: tempfile::TempDir,
}

impl Cloud {
    fn start() -> Cloud {
        Cloud::with(Platform::default())
    }

    fn with(platform: Platform) -> Cloud {
        let directory = tempfile::tempdir().unwrap();
        let state = State::at(Some(directory.path().to_owned()));
        state.create().unwrap();
        let service = Arc::new(Service::open(&state, platform).unwrap());
        let operator = Arc::new(Operator::new(service.clone(), state));
        let live = Arc::new(Live::new(service.clone(), operator.clone()));
        Cloud { routes: routes(service.clone(), operator), live, service, directory }
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

    /// The access key of an account, or of a user of it.
    fn key(&self, user: Option<&str>) -> String {
        self.service.look(|model| model.keys_of("111122223333", user).next().unwrap().id.clone())
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
async fn the_network_document_has_all_resources() {
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
    // Commands that the page shows name the state directory.
    assert_eq!(network["state"].as_str(), cloud.directory.path().to_str());
    let changes = cloud.json("/_map/changes").await;
    let added = changes.as_array().unwrap().iter().find(|row| row["kind"] == "instances").unwrap();
    assert_eq!((added["id"].clone(), added["what"].as_str()), (web["id"].clone(), Some("added")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_question_is_refused() {
    let cloud = Cloud::start();
    let answer = cloud.get("/_map/why?from=nobody&to=nobody&tcp=1").await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let answer = cloud.json("/_map/why?from=nobody&to=nobody&tcp=1").await;
    assert!(answer["error"].as_str().unwrap().contains("no running host nobody"), "{answer}");
    for (question, wanted) in
        [("why?from=a&to=b&tcp=99999", "tcp: number too large"), ("why?from=a", "missing field `to`")]
    {
        let answer = cloud.json(&format!("/_map/{question}")).await;
        assert!(answer["error"].as_str().unwrap().contains(wanted), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_have_the_changes() {
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
async fn updates_are_computed_once_for_all_viewers_and_only_with_one() {
    let cloud = Cloud::start();
    let live = &cloud.live;
    assert!(!live.is_at_work());
    let [mut one, mut other] = [live.listen(), live.listen()];
    let same = async {
        let moment = other.recv().await.unwrap();
        // One receiver may have received updates before the other existed.
        while !Arc::ptr_eq(&one.recv().await.unwrap(), &moment) {}
    };
    timeout(PATIENCE, same).await.expect("a moment that both hear");
    drop((one, other));
    while live.is_at_work() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_gateway_is_shown() {
    let cloud = Cloud::start();
    cloud
        .change(|model| {
            let caller = Cloud::caller();
            let vpc = model.create_vpc(&caller, "192.168.0.0/16".parse().unwrap(), Default::default(), Tags::new())?;
            let subnet = model.create_subnet(&caller, &vpc, "192.168.1.0/24".parse().unwrap(), None, Tags::new())?;
            model.create_egress_only_gateway(&caller, &vpc, Tags::new())?;
            let nat = NewNatGateway {
                subnet: subnet.clone(),
                allocation: None,
                private: None,
                secondary: SecondaryAddresses::default(),
                tags: Tags::new(),
            };
            model.create_nat_gateway(&caller, nat)?;
            let endpoint = NewInterfaceEndpoint {
                vpc: vpc.clone(),
                service: "com.amazonaws.us-east-1.sqs".into(),
                subnets: vec![subnet.clone()],
                groups: vec![],
                private_dns: false,
                record_type: None,
                policy: None,
                tags: Tags::new(),
            };
            model.create_interface_endpoint(&caller, endpoint)?;
            let transit = model.create_transit_gateway(&caller, String::new(), Default::default(), Tags::new())?;
            model.attach_transit_gateway(&caller, &transit, &vpc, &[subnet], Default::default(), Tags::new())?;
            Ok(())
        })
        .await;
    let network = cloud.json("/_map/network").await;
    let kinds: Vec<_> =
        network["gateways"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["egress-only", "private-nat", "interface-endpoint"]);
    let (transit, vpc) = (&network["transits"][0], &network["vpcs"][0]["id"]);
    assert_eq!(
        (&transit["attachments"][0]["resource"], transit["attachments"][0]["kind"].as_str()),
        (vpc, Some("vpc"))
    );
    let table = &network["transit_tables"][0];
    assert_eq!(table["gateway"], transit["id"]);
    assert_eq!(table["routes"][0]["destination"], "192.168.0.0/16", "{table}");
    let host = &network["managed"][0];
    assert_eq!((host["service"].as_str(), &host["subnet"]), (Some("vpce"), &network["subnets"][0]["id"]));
}

/// Two instances in a subnet, in a group that lets nothing in, and that group.
async fn pair(cloud: &Cloud) -> (String, String) {
    cloud
        .change(|model| {
            let caller = Cloud::caller();
            let vpc = model.create_vpc(&caller, "192.168.0.0/16".parse().unwrap(), Default::default(), Tags::new())?;
            let subnet = model.create_subnet(&caller, &vpc, "192.168.1.0/24".parse().unwrap(), None, Tags::new())?;
            let group = model.create_group(&caller, Some(&vpc), "shut", "shut", Tags::new())?;
            for name in ["web", "db"] {
                let (subnet, groups) = (Some(subnet.clone()), vec![group.clone()]);
                model.run_instances(&caller, Launch { subnet, groups, ..named(name) })?;
            }
            model.follow_hosts(|_| InstanceHost::Up);
            Ok(())
        })
        .await;
    let network = cloud.json("/_map/network").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let group = network["groups"].as_array().unwrap().iter().find(|one| one["group_name"] == "shut").unwrap();
    (text(&group["id"]), text(&network["tables"][0]["id"]))
}

async fn open(cloud: &Cloud, group: &str) {
    let group = group.to_owned();
    cloud
        .change(move |model| {
            let spec = RuleSpec {
                traffic: Traffic::Tcp(6004, 6004),
                peer: PeerSpec::V4("192.168.0.0/16".parse().unwrap()),
                description: None,
                names_protocol: true,
            };
            model.authorize(&Cloud::caller(), &group, false, &[spec], &Tags::new()).map(|_| ())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_has_what_opened() {
    let cloud = Cloud::start();
    let (group, table) = pair(&cloud).await;
    let open_to = async |word: &str| {
        let answer = cloud.json(&format!("/_map/reach?to={word}&tcp=6004")).await;
        let rows = answer["rows"].as_array().cloned().unwrap_or_else(|| panic!("{answer}"));
        rows.iter().filter(|row| row["services"]["tcp 6004"] == "open").count()
    };
    assert_eq!((open_to(&group).await, open_to(&table).await), (0, 0));
    let kept = cloud.routes.clone().call(Request::post("/_map/states").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(kept.status(), StatusCode::OK);
    open(&cloud, &group).await;
    // The two instances are alike, and reach each other.
    assert_eq!((open_to(&group).await, open_to(&table).await), (1, 1));
    let difference = cloud.json("/_map/compare?before=kept-1&after=now").await;
    assert_eq!(difference["opened"][0]["services"][0], "tcp 6004", "{difference}");
    assert_eq!(difference["closed"].as_array().unwrap().len(), 0);
    let unknown = cloud.json("/_map/compare?before=kept-7&after=now").await;
    assert!(unknown["error"].as_str().unwrap().contains("no state kept-7"), "{unknown}");
    let unknown = cloud.json("/_map/reach?to=rtb-00000000").await;
    assert!(unknown["error"].as_str().unwrap().contains("nothing that runs is called"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_file_is_refused_and_not_kept() {
    let cloud = Cloud::start();
    let send = async |text: &'static str| {
        let answer = cloud.routes.clone().call(Request::post("/_map/files").body(Body::from(text)).unwrap()).await;
        let body = answer.unwrap().into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice::<Value>(&body).unwrap()
    };
    let refused = send("nonsense").await;
    assert!(refused["error"].as_str().unwrap().contains("classiclink record"), "{refused}");
    let backup = send("{\"version\":1}\n").await;
    assert_eq!(backup["kind"], "backup");
    let difference = cloud.json(&format!("/_map/compare?before={}&after=now", backup["file"].as_str().unwrap())).await;
    assert!(difference["error"].is_string(), "{difference}");
    for path in ["..", "%2e%2e%2fcontrol.sock", "0123"] {
        let answer = cloud.json(&format!("/_map/replay/{path}?from=0")).await;
        assert!(answer["error"].as_str().unwrap().contains("no file"), "{answer}");
    }
    let kept = std::fs::read_dir(cloud.directory.path().join("map")).unwrap().count();
    assert_eq!(kept, 1, "the one that was taken");
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A URL as the page signs it.
fn signed(path: &str, key: &str, secret: &str) -> String {
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let now = humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string().replace(['-', ':'], "");
    let day = &now[..8];
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let own = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={key}%2F{day}%2Fus-east-1%2Fec2%2Faws4_request&X-Amz-Date={now}\
         &X-Amz-Expires=60&X-Amz-SignedHeaders=host"
    );
    let mut pairs: Vec<&str> = own.split('&').chain(query.split('&').filter(|pair| !pair.is_empty())).collect();
    pairs.sort_unstable();
    let query = pairs.join("&");
    let empty = hex(&Sha256::digest(""));
    let canonical = format!("GET\n{path}\n{query}\nhost:localhost\n\nhost\n{empty}");
    let hash = hex(&Sha256::digest(canonical));
    let text = format!("AWS4-HMAC-SHA256\n{now}\n{day}/us-east-1/ec2/aws4_request\n{hash}");
    let start = format!("AWS4{secret}").into_bytes();
    let secret = [day, "us-east-1", "ec2", "aws4_request"].iter().fold(start, |key, part| mac(&key, part));
    format!("{path}?{query}&X-Amz-Signature={}", hex(&mac(&secret, &text)))
}

#[tokio::test(flavor = "multi_thread")]
async fn where_requests_are_signed_a_viewer_sees_the_own_account() {
    let cloud = Cloud::with(Platform { accounts_known: true, ..Platform::default() });
    cloud
        .change(|model| {
            let other = Caller::of_account(Scope { account: "444455556666".into(), ..Cloud::caller().scope }, Time(0));
            for (caller, name) in [(Cloud::caller(), "mine"), (other, "theirs")] {
                model.run_instances(&caller, named(name))?;
                model.create_access_key(&caller.scope.account, Time(0), None, SECRET.to_owned()).unwrap();
            }
            model.follow_hosts(|_| InstanceHost::Up);
            model.add_host("visitor", HostPlace::Internet, [203, 0, 113, 200].into())
        })
        .await;
    let key = cloud.key(None);
    let get = async |url: &str| {
        let request = Request::get(url).header("host", "localhost").body(Body::empty()).unwrap();
        let response = cloud.routes.clone().call(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice::<Value>(&body).unwrap())
    };
    let (status, network) = get(&signed("/_map/network", &key, SECRET)).await;
    assert_eq!(status, StatusCode::OK, "{network}");
    let names: Vec<_> =
        network["instances"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!((names, network["viewer"].as_str()), (vec!["mine"], Some("111122223333")));
    assert_eq!(network["state"], Value::Null, "a path of the machine is the operator's");
    assert_eq!(network["hosts"][0]["name"], "visitor");
    let (_, changes) = get(&signed("/_map/changes", &key, SECRET)).await;
    let theirs = cloud.service.look(|model| {
        let theirs = |one: &&model::Instance| one.scope.account == "444455556666";
        model.instances.iter().find(theirs).unwrap().id.clone()
    });
    assert!(!changes.to_string().contains(&theirs) && changes.to_string().contains("instances"), "{changes}");
    // A viewer cannot ask about hosts of others, nor do what concerns all accounts.
    let (status, why) = get(&signed(&format!("/_map/why?from=visitor&to={theirs}&tcp=1"), &key, SECRET)).await;
    assert_eq!(
        (status, why["error"].as_str().unwrap().contains("You have no running host")),
        (StatusCode::BAD_REQUEST, true)
    );
    assert_eq!(get(&signed("/_map/recording", &key, SECRET)).await.0, StatusCode::FORBIDDEN);
    assert_eq!(get(&signed("/_map/status", &key, SECRET)).await.0, StatusCode::FORBIDDEN);
    // Hosts outside the cloud have packets of all accounts, and a name that looks like an address may be another
    // account's host.
    assert_eq!(get(&signed("/_map/capture?host=visitor&seconds=1", &key, SECRET)).await.0, StatusCode::FORBIDDEN);
    let (status, refused) = get(&signed("/_map/capture?host=10.0.0.1&seconds=1", &key, SECRET)).await;
    assert_eq!(
        (status, refused["error"].as_str().unwrap().contains("You have no running host")),
        (StatusCode::BAD_REQUEST, true)
    );
    // A wrong signature, or none, is refused.
    let (status, refused) = get(&signed("/_map/network", &key, "another")).await;
    assert_eq!((status, refused["sign_in"].as_bool()), (StatusCode::UNAUTHORIZED, Some(true)));
    assert_eq!(get("/_map/network").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_whose_key_is_revoked_sees_no_more() {
    let cloud = Cloud::with(Platform { accounts_known: true, ..Platform::default() });
    cloud
        .change(|model| {
            model.create_access_key("111122223333", Time(0), None, SECRET.to_owned()).unwrap();
            Ok(())
        })
        .await;
    let key = cloud.key(None);
    let url = signed("/_map/live", &key, SECRET);
    let request = Request::get(url).header("host", "localhost").body(Body::empty()).unwrap();
    let mut stream = cloud.routes.clone().call(request).await.unwrap().into_body();
    assert!(timeout(PATIENCE, stream.frame()).await.unwrap().is_some());
    cloud
        .change(move |model| {
            model.activate_access_key("111122223333", None, &key, false).unwrap();
            Ok(())
        })
        .await;
    let ends = async { while stream.frame().await.is_some() {} };
    timeout(PATIENCE, ends).await.expect("the end of the stream");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_sees_what_policies_allow_to_describe() {
    let cloud = Cloud::with(Platform { accounts_known: true, ..Platform::default() });
    cloud
        .change(|model| {
            model.run_instances(&Cloud::caller(), named("web"))?;
            let alice = Of::new_user();
            model.create_identity("111122223333", Time(0), ("alice", None), Tags::new(), alice).unwrap();
            model.create_access_key("111122223333", Time(0), Some("alice"), SECRET.to_owned()).unwrap();
            Ok(())
        })
        .await;
    let key = cloud.key(Some("alice"));
    let get = async |path: &str| {
        let request = Request::get(signed(path, &key, SECRET)).header("host", "localhost").body(Body::empty());
        cloud.routes.clone().call(request.unwrap()).await.unwrap()
    };
    let body = get("/_map/network").await.into_body().collect().await.unwrap().to_bytes();
    let network: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(network["instances"].as_array().unwrap().len(), 0, "no policy lets alice describe any");
    assert_eq!(get("/_map/drops").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(get("/_map/live").await.status(), StatusCode::FORBIDDEN);
}

/// Gives alice a policy that allows these actions and no others.
async fn allow(cloud: &Cloud, actions: &'static [&'static str]) {
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
    let put = move |model: &mut Model| {
        model.put_inline("111122223333", Class::User, "alice", "own", &policy.to_string()).unwrap();
        Ok(())
    };
    cloud.change(put).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_services_need_their_own_describe_actions() {
    let cloud = Cloud::with(Platform { accounts_known: true, ..Platform::default() });
    cloud
        .change(|model| {
            let caller = Cloud::caller();
            let alice = Of::new_user();
            model.create_identity("111122223333", Time(0), ("alice", None), Tags::new(), alice).unwrap();
            model.create_access_key("111122223333", Time(0), Some("alice"), SECRET.to_owned()).unwrap();
            let vpc = model.create_vpc(&caller, "192.168.0.0/16".parse().unwrap(), Default::default(), Tags::new())?;
            let subnet = model.create_subnet(&caller, &vpc, "192.168.1.0/24".parse().unwrap(), None, Tags::new())?;
            let endpoint = NewInterfaceEndpoint {
                vpc,
                service: "com.amazonaws.us-east-1.sqs".into(),
                subnets: vec![subnet.clone()],
                groups: vec![],
                private_dns: false,
                record_type: None,
                policy: None,
                tags: Tags::new(),
            };
            model.create_interface_endpoint(&caller, endpoint)?;
            let listener = "Listeners.member.1.Protocol=TCP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=80";
            let form = format!("Action=CreateLoadBalancer&LoadBalancerName=front&Scheme=internal&Subnets.member.1={subnet}&{listener}");
            let scope = &caller.scope;
            let request = crate::api::Request::of_process_for("elasticloadbalancing", scope, &form, Time(0));
            request.and_then(|request| request.write(model)).map(|_| ()).unwrap_or_else(|refusal| panic!("{}", refusal.body));
            Ok(())
        })
        .await;
    let key = cloud.key(Some("alice"));
    let get = async |path: &str| {
        let request = Request::get(signed(path, &key, SECRET)).header("host", "localhost").body(Body::empty());
        let answer = cloud.routes.clone().call(request.unwrap()).await.unwrap();
        serde_json::from_slice::<Value>(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap()
    };
    let shown = async || {
        let network = get("/_map/network").await;
        let services =
            network["managed"].as_array().unwrap().iter().map(|one| one["service"].as_str().unwrap().to_owned());
        let changes = get("/_map/changes").await;
        let kinds = changes.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned());
        let kinds: std::collections::BTreeSet<String> = kinds.collect();
        (
            services.collect::<Vec<_>>(),
            network["balancers"].as_array().unwrap().len(),
            kinds.into_iter().collect::<Vec<_>>(),
        )
    };
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    const ANALYSE: &str = "ec2:StartNetworkInsightsAnalysis";
    allow(&cloud, &[ANALYSE, "ec2:DescribeNetworkInterfaces"]).await;
    assert_eq!(shown().await, (Vec::new(), 0, words(&["network_interfaces"])));
    allow(&cloud, &[ANALYSE, "ec2:DescribeVpcEndpoints"]).await;
    assert_eq!(shown().await, (words(&["vpce"]), 0, words(&["managed_hosts", "vpc_endpoints"])));
    allow(&cloud, &[ANALYSE, "elasticloadbalancing:DescribeLoadBalancers"]).await;
    assert_eq!(shown().await, (words(&["elasticloadbalancing"]), 1, words(&["load_balancers", "managed_hosts"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_resolved_among_the_own_hosts() {
    let cloud = Cloud::with(Platform { accounts_known: true, ..Platform::default() });
    cloud
        .change(|model| {
            let other = Caller::of_account(Scope { account: "444455556666".into(), ..Cloud::caller().scope }, Time(0));
            for caller in [Cloud::caller(), other] {
                model.run_instances(&caller, named("web"))?;
            }
            model.create_access_key("111122223333", Time(0), None, SECRET.to_owned()).unwrap();
            model.follow_hosts(|_| InstanceHost::Up);
            Ok(())
        })
        .await;
    let key = cloud.key(None);
    let get = async |path: &str| {
        let request = Request::get(signed(path, &key, SECRET)).header("host", "localhost").body(Body::empty());
        let answer = cloud.routes.clone().call(request.unwrap()).await.unwrap();
        serde_json::from_slice::<Value>(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap()
    };
    // A host of another account with the same name does not make it ambiguous, and is as unknown as one that does not
    // exist.
    let why = get("/_map/why?from=web&to=203.0.113.1&tcp=1").await.to_string();
    assert!(!why.contains("no running host") && !why.contains("several"), "{why}");
    let theirs = cloud.service.look(|model| {
        let theirs = |one: &&model::Instance| one.scope.account == "444455556666";
        model.instances.iter().find(theirs).unwrap().id.clone()
    });
    let [known, unknown] = [theirs.as_str(), "i-00000000"].map(|id| id.to_owned());
    let known =
        get(&format!("/_map/reach?to={known}&tcp=1")).await["error"].as_str().unwrap_or_default().replace(&known, "X");
    let unknown =
        get("/_map/reach?to=i-00000000&tcp=1").await["error"].as_str().unwrap_or_default().replace(&unknown, "X");
    assert!(known.contains("X"), "{known}");
    assert_eq!(known, unknown);
}
