//! The balancer on loopback: real connections, real checks.

mod messages;
mod refusals;

use super::configuration::*;
use super::*;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Longer than anything takes.
const DEADLINE: Duration = Duration::from_secs(20);
/// Where targets listen, and balancers.
const INSIDE: u16 = 8081;
const OUTSIDE: u16 = 8080;

/// Loopback addresses that only one test of one process has: the first is the balancer's.
fn addresses() -> [Ipv4Addr; 4] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let place = (std::process::id().wrapping_mul(64) + NEXT.fetch_add(1, Ordering::Relaxed)) % (1 << 20);
    let first = u32::from_be_bytes([127, 16, 0, 0]) + place * 4;
    [first, first + 1, first + 2, first + 3].map(Ipv4Addr::from)
}

fn configuration(own: Ipv4Addr, carries: Carries, targets: &[Ipv4Addr]) -> Configuration {
    let targets = targets.iter().map(|address| TargetAddress { id: format!("i-{address}"), address: *address });
    Configuration {
        listeners: vec![Listener {
            address: own,
            port: OUTSIDE,
            instance_port: INSIDE,
            carries,
            certificate: None,
            secure_instances: false,
        }],
        targets: targets.collect(),
        check: HealthCheck {
            probe: Probe::Tcp(INSIDE),
            interval: Duration::from_millis(50),
            timeout: Duration::from_secs(5),
            unhealthy_threshold: 2,
            healthy_threshold: 2,
        },
        idle_timeout: Duration::from_secs(60),
        draining: Duration::ZERO,
    }
}

const BYTES: Carries = Carries::Bytes { proxy_line: false };
const REQUESTS: Carries = Carries::Requests { stickiness: None };

async fn known(balancer: &Balancer, address: Ipv4Addr, verdict: Verdict) -> Health {
    let mut news = balancer.news();
    let found = async {
        loop {
            let report = balancer.report();
            match report.get(&format!("i-{address}")) {
                Some(health) if health.verdict == verdict => return health.clone(),
                _ => news.changed().await.unwrap(),
            }
        }
    };
    timeout(DEADLINE, found).await.unwrap_or_else(|_| panic!("{:?}", balancer.report()))
}

async fn balancer(configuration: Configuration) -> Balancer {
    let mut balancer = Balancer::new(100);
    let (own, targets) = (configuration.listeners[0].address, configuration.targets.clone());
    balancer.configure(configuration);
    for target in targets {
        known(&balancer, target.address, Verdict::InService).await;
    }
    drop(connect(own).await);
    balancer
}

/// A connection to a balancer, which may only begin to listen.
async fn connect(own: Ipv4Addr) -> TcpStream {
    let connected = async {
        loop {
            match TcpStream::connect((own, OUTSIDE)).await {
                Ok(stream) => return stream,
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    timeout(DEADLINE, connected).await.unwrap()
}

/// A server that says its address and then repeats what it hears, until it hears no more.
async fn echo(address: Ipv4Addr) -> JoinSet<()> {
    let listener = TcpListener::bind((address, INSIDE)).await.unwrap();
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            open.spawn(async move {
                let _ = stream.write_all(address.to_string().as_bytes()).await;
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
    serving
}

/// All that comes until the other side closes; a reset is an end, too.
async fn all(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let _ = timeout(DEADLINE, stream.read_to_end(&mut text)).await.expect("the other side closes");
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn bytes_go_to_targets_in_service_in_turn() {
    let [own, one, other, dead] = addresses();
    let _servers = (echo(one).await, echo(other).await);
    let mut balancer = balancer(configuration(own, BYTES, &[one, other])).await;
    balancer.configure(configuration(own, BYTES, &[one, dead, other]));
    let failing = known(&balancer, dead, Verdict::Failing).await;
    assert!(failing.failure.unwrap().contains("refused"));
    let mut met = BTreeMap::new();
    for _ in 0..10 {
        let mut client = connect(own).await;
        client.write_all(b"+hello").await.unwrap();
        client.shutdown().await.unwrap();
        *met.entry(all(&mut client).await).or_insert(0) += 1;
    }
    assert_eq!(met, BTreeMap::from([(format!("{one}+hello"), 5), (format!("{other}+hello"), 5)]));
}

#[tokio::test]
async fn much_passes_unchanged_to_a_slow_reader() {
    let [own, one, ..] = addresses();
    let _server = echo(one).await;
    let _balancer = balancer(configuration(own, BYTES, &[one])).await;
    let sent: Vec<u8> = (0..8_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let (mut read, mut write) = connect(own).await.into_split();
    let (copy, mut got) = (sent.clone(), Vec::new());
    let writing = tokio::spawn(async move {
        write.write_all(&copy).await.unwrap();
        write.shutdown().await.unwrap();
    });
    // Long enough for every buffer on the way to be full.
    tokio::time::sleep(Duration::from_millis(200)).await;
    timeout(DEADLINE, read.read_to_end(&mut got)).await.unwrap().unwrap();
    writing.await.unwrap();
    let greeting = one.to_string().len();
    assert!(got[greeting..] == sent, "{} bytes of {}", got.len() - greeting, sent.len());
}

#[tokio::test]
async fn a_target_is_told_the_clients_address_if_it_is_to() {
    let [own, one, ..] = addresses();
    let _server = echo(one).await;
    let _balancer = balancer(configuration(own, Carries::Bytes { proxy_line: true }, &[one])).await;
    let mut client = connect(own).await;
    let from = client.local_addr().unwrap();
    client.shutdown().await.unwrap();
    let line = format!("PROXY TCP4 {} {own} {} {OUTSIDE}\r\n", from.ip(), from.port());
    assert_eq!(all(&mut client).await, format!("{one}{line}"));
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let [own, one, ..] = addresses();
    let _server = echo(one).await;
    let idle_timeout = Duration::from_millis(200);
    let _balancer = balancer(Configuration { idle_timeout, ..configuration(own, BYTES, &[one]) }).await;
    let mut client = connect(own).await;
    client.write_all(b"+").await.unwrap();
    assert_eq!(all(&mut client).await, format!("{one}+"));
}

#[tokio::test]
async fn connections_to_a_target_that_is_gone_go_on_for_as_long_as_it_drains() {
    let [own, one, ..] = addresses();
    let _server = echo(one).await;
    for draining in [Duration::ZERO, Duration::from_secs(3600)] {
        let mut balancer = balancer(Configuration { draining, ..configuration(own, BYTES, &[one]) }).await;
        let mut client = connect(own).await;
        let mut greeting = vec![0; one.to_string().len()];
        client.read_exact(&mut greeting).await.unwrap();
        balancer.configure(Configuration { draining, ..configuration(own, BYTES, &[]) });
        assert_eq!(all(&mut connect(own).await).await, "", "nobody is in service");
        if draining.is_zero() {
            assert_eq!(all(&mut client).await, "");
            continue;
        }
        client.write_all(b"still here").await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(all(&mut client).await, "still here");
    }
}

#[tokio::test]
async fn who_is_too_much_waits_outside() {
    let [own, one, ..] = addresses();
    let _server = echo(one).await;
    let mut balancer = Balancer::new(1);
    balancer.configure(configuration(own, BYTES, &[one]));
    known(&balancer, one, Verdict::InService).await;
    let (mut first, mut second) = (connect(own).await, connect(own).await);
    first.write_all(b"+").await.unwrap();
    let mut greeting = vec![0; one.to_string().len() + 1];
    first.read_exact(&mut greeting).await.unwrap();
    assert!(timeout(Duration::from_millis(100), second.read_u8()).await.is_err());
    drop(first);
    second.shutdown().await.unwrap();
    assert_eq!(all(&mut second).await, one.to_string());
}

/// A server of HTTP that answers with its address, the number of the connection and a header of the request; the path says how.
async fn web(address: Ipv4Addr) -> JoinSet<()> {
    let listener = TcpListener::bind((address, INSIDE)).await.unwrap();
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut open = JoinSet::new();
        for connection in 0.. {
            let Ok((stream, _)) = listener.accept().await else { return };
            open.spawn(async move {
                let answer = service_fn(move |request| answer(address, connection, request));
                let http = hyper::server::conn::http1::Builder::new();
                let _ = http.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    serving
}

async fn answer(
    address: Ipv4Addr,
    connection: u32,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or("-").to_owned();
    let forwarded = ["host", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"].map(header).join(" ");
    let mut response = Response::builder().header("x-server", address.to_string()).header("connection", "keep-alive");
    let path = request.uri().path().to_owned();
    match path.as_str() {
        "/ill" => response = response.status(500),
        "/never" => std::future::pending().await,
        "/login" => response = response.header("set-cookie", "session=x"),
        _ => {}
    }
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let text = format!("{connection} {path} {forwarded} {}", String::from_utf8_lossy(&body));
    Ok(response.body(Full::from(text)).unwrap())
}

type Browser = hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>;

/// A client that keeps its connections.
fn browser() -> Browser {
    hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http()
}

/// Asks, and gives the status, the server, the text and the cookie.
async fn get(browser: &Browser, own: Ipv4Addr, path: &str, headers: &[(&str, &str)]) -> (u16, String, String, String) {
    let mut request = Request::get(format!("http://{own}:{OUTSIDE}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = timeout(DEADLINE, browser.request(request.body(Full::default()).unwrap())).await.unwrap().unwrap();
    let header = |name: &str| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let (status, server) = (response.status().as_u16(), header("x-server"));
    let mut cookies = response.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.next_back().unwrap_or_default().to_owned();
    let text = response.into_body().collect().await.unwrap().to_bytes();
    (status, server, String::from_utf8(text.to_vec()).unwrap(), cookie)
}

#[tokio::test]
async fn requests_say_whose_they_are_and_connections_are_kept() {
    let [own, one, ..] = addresses();
    let _server = web(one).await;
    let _balancer = balancer(configuration(own, REQUESTS, &[one])).await;
    let browser = browser();
    let (_, _, first, _) = get(&browser, own, "/a?b=%20c", &[("x-forwarded-for", "192.0.2.1")]).await;
    let (_, _, second, _) =
        get(&browser, own, "/", &[("connection", "x-forwarded-for"), ("x-forwarded-for", "x")]).await;
    let (connection, first) = first.split_once(' ').unwrap();
    assert_eq!(first, format!("/a {own}:{OUTSIDE} 192.0.2.1, 127.0.0.1 {OUTSIDE} http "));
    let expected = format!("{connection} / {own}:{OUTSIDE} 127.0.0.1 {OUTSIDE} http ");
    assert_eq!(second, expected, "one connection to the target");
}

#[tokio::test]
async fn a_client_that_closes_its_side_after_its_request_is_answered() {
    let [own, one, ..] = addresses();
    let _server = web(one).await;
    let _balancer = balancer(configuration(own, REQUESTS, &[one])).await;
    let mut client = TcpStream::connect((own, OUTSIDE)).await.unwrap();
    client.write_all(b"GET /a HTTP/1.1\r\nHost: shop\r\n\r\n").await.unwrap();
    client.shutdown().await.unwrap();
    let answer = all(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(" /a shop "), "{answer}");
}

#[tokio::test]
async fn a_request_without_a_host_names_the_target() {
    let [own, one, ..] = addresses();
    let _server = web(one).await;
    let _balancer = balancer(configuration(own, REQUESTS, &[one])).await;
    let mut client = TcpStream::connect((own, OUTSIDE)).await.unwrap();
    client.write_all(b"GET /a HTTP/1.0\r\n\r\n").await.unwrap();
    let answer = all(&mut client).await;
    assert!(answer.contains(&format!(" /a {one}:{INSIDE} ")), "{answer}");
}

#[tokio::test]
async fn bodies_go_both_ways() {
    let [own, one, ..] = addresses();
    let _server = web(one).await;
    let _balancer = balancer(configuration(own, REQUESTS, &[one])).await;
    let body = "x".repeat(300_000);
    let request = Request::post(format!("http://{own}:{OUTSIDE}/p")).body(Full::from(body.clone())).unwrap();
    let response = timeout(DEADLINE, browser().request(request)).await.unwrap().unwrap();
    let text = response.into_body().collect().await.unwrap().to_bytes();
    assert!(text.ends_with(body.as_bytes()), "{} bytes", text.len());
}

#[tokio::test]
async fn a_cookie_binds_a_client_to_a_target_while_it_is_in_service() {
    let [own, one, other, _] = addresses();
    let (_first, second) = (web(one).await, web(other).await);
    let carries = Carries::Requests { stickiness: Some(Stickiness::Duration(Some(60))) };
    let balancer = balancer(configuration(own, carries.clone(), &[one, other])).await;
    let browser = browser();
    let bound = loop {
        let (_, server, _, cookie) = get(&browser, own, "/", &[]).await;
        if server == other.to_string() {
            break cookie;
        }
    };
    let (cookie, life) = bound.split_once(';').unwrap();
    assert_eq!(life, "PATH=/;MAX-AGE=60");
    for _ in 0..4 {
        let (_, server, _, again) = get(&browser, own, "/", &[("cookie", cookie)]).await;
        assert_eq!((server, again), (other.to_string(), String::new()));
    }
    drop(second);
    known(&balancer, other, Verdict::Failing).await;
    let (status, server, _, again) = get(&browser, own, "/", &[("cookie", cookie)]).await;
    assert_eq!((status, server), (200, one.to_string()));
    assert!(again.starts_with("AWSELB=") && !again.starts_with(cookie));
}

#[tokio::test]
async fn an_applications_cookie_binds_once_it_is_set() {
    let [own, one, other, _] = addresses();
    let _servers = (web(one).await, web(other).await);
    let carries = Carries::Requests { stickiness: Some(Stickiness::Application("session".into())) };
    let _balancer = balancer(configuration(own, carries, &[one, other])).await;
    let browser = browser();
    assert_eq!(get(&browser, own, "/", &[]).await.3, "");
    let (_, server, _, cookie) = get(&browser, own, "/login", &[]).await;
    let cookies = format!("session=x; {}", cookie.trim_end_matches(";PATH=/"));
    for _ in 0..4 {
        assert_eq!(get(&browser, own, "/", &[("cookie", &cookies)]).await.1, server);
    }
}

#[tokio::test]
async fn a_client_is_told_what_keeps_its_answer_away() {
    let [own, one, dead, _] = addresses();
    let _server = web(one).await;
    let idle_timeout = Duration::from_millis(300);
    let with = |targets: &[Ipv4Addr]| Configuration { idle_timeout, ..configuration(own, REQUESTS, targets) };
    let mut balancer = balancer(with(&[one])).await;
    let browser = browser();
    assert_eq!(get(&browser, own, "/never", &[]).await.0, StatusCode::GATEWAY_TIMEOUT);
    let served = TcpListener::bind((dead, INSIDE)).await.unwrap();
    balancer.configure(with(&[dead]));
    known(&balancer, dead, Verdict::InService).await;
    let hangs_up = tokio::spawn(async move { while served.accept().await.is_ok() {} });
    assert_eq!(get(&browser, own, "/", &[]).await.0, StatusCode::BAD_GATEWAY);
    hangs_up.abort();
    balancer.configure(with(&[]));
    assert_eq!(get(&browser, own, "/", &[]).await.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_check_of_http_wants_an_ok() {
    let [own, one, ..] = addresses();
    let _server = web(one).await;
    let mut balancer = Balancer::new(10);
    let mut configured = configuration(own, REQUESTS, &[one]);
    configured.check.probe = Probe::Http(INSIDE, "/ill".into());
    balancer.configure(configured.clone());
    assert_eq!(known(&balancer, one, Verdict::Failing).await.failure.as_deref(), Some("HTTP status 500"));
    configured.check.probe = Probe::Http(INSIDE, "/well?really".into());
    balancer.configure(configured.clone());
    known(&balancer, one, Verdict::InService).await;
    configured.check.probe = Probe::Http(INSIDE, "/never".into());
    configured.check.timeout = Duration::from_millis(100);
    balancer.configure(configured);
    assert_eq!(known(&balancer, one, Verdict::Failing).await.failure.as_deref(), Some("no answer within 0.1 s"));
}

#[tokio::test]
async fn control_may_come_and_go() {
    let [own, one, ..] = addresses();
    let _server = echo(one).await;
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("balancers.sock");
    let following = tokio::spawn({
        let socket = socket.clone();
        let hello = Hello { load_balancer: "web".into(), zone: "us-east-1a".into() };
        async move { channel::follow(&socket, &hello, Balancer::new(10)).await }
    });
    for _ in 0..2 {
        let control = tokio::net::UnixListener::bind(&socket).unwrap();
        let (stream, _) = timeout(DEADLINE, control.accept()).await.unwrap().unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(read));
        assert_eq!(lines.next_line().await.unwrap().unwrap(), r#"{"load_balancer":"web","zone":"us-east-1a"}"#);
        let told = serde_json::to_string(&configuration(own, BYTES, &[one])).unwrap();
        write.write_all(format!("{told}\n").as_bytes()).await.unwrap();
        let is_healthy = async {
            loop {
                let line = lines.next_line().await.unwrap().unwrap();
                // Empty lines say that it does not hang.
                let report: Report = serde_json::from_str(&line).unwrap_or_default();
                if report.values().any(|health| health.verdict == Verdict::InService) {
                    return;
                }
            }
        };
        timeout(DEADLINE, is_healthy).await.unwrap();
        let is_alive = async { while !lines.next_line().await.unwrap().unwrap().is_empty() {} };
        timeout(DEADLINE, is_alive).await.unwrap();
        std::fs::remove_file(&socket).unwrap();
    }
    let mut client = connect(own).await;
    client.shutdown().await.unwrap();
    assert_eq!(all(&mut client).await, one.to_string(), "it goes on without control");
    following.abort();
}

/// A certificate that vouches for itself.
fn certificate() -> Certificate {
    let own = rcgen::generate_simple_self_signed(vec!["shop.example.com".into()]).unwrap();
    Certificate { chain: own.cert.pem(), key: own.signing_key.serialize_pem() }
}

#[tokio::test]
async fn tls_ends_at_a_listener_with_a_certificate() {
    let [own, one, ..] = addresses();
    let _server = web(one).await;
    let mut configured = configuration(own, REQUESTS, &[one]);
    configured.listeners[0].certificate = Some(certificate());
    let _balancer = balancer(configured).await;
    let stream = connect(own).await;
    let mut client = tls::connect(stream, own).await.unwrap();
    client.write_all(b"GET /x HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    timeout(DEADLINE, client.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains(&format!("/x shop 127.0.0.1 {OUTSIDE} https")),
        "{answer}"
    );
    // Who does not speak TLS gets nothing.
    let mut plain = connect(own).await;
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut bytes = Vec::new();
    let _ = timeout(DEADLINE, plain.read_to_end(&mut bytes)).await.unwrap();
    assert!(!bytes.starts_with(b"HTTP"), "{bytes:?}");
}

/// A server inside TLS that says what it is sent.
async fn secret_echo(address: Ipv4Addr) -> JoinSet<()> {
    let (listener, acceptor) =
        (TcpListener::bind((address, INSIDE)).await.unwrap(), tls::acceptor(&certificate()).unwrap());
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            open.spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let (mut read, mut write) = tokio::io::split(stream);
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            });
        }
    });
    serving
}

#[tokio::test]
async fn tls_is_spoken_with_instances_that_want_it() {
    let [own, one, ..] = addresses();
    let _server = secret_echo(one).await;
    for certificate in [None, Some(certificate())] {
        let mut configured = configuration(own, BYTES, &[one]);
        configured.check.probe = Probe::Ssl(INSIDE);
        configured.listeners[0].secure_instances = true;
        configured.listeners[0].certificate = certificate.clone();
        let _balancer = balancer(configured).await;
        let sent: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
        let stream = connect(own).await;
        let got = match certificate {
            None => there_and_back(stream, sent.clone()).await,
            Some(_) => there_and_back(tls::connect(stream, own).await.unwrap(), sent.clone()).await,
        };
        assert!(got == sent, "{} bytes of {}", got.len(), sent.len());
    }
}

/// Sends bytes, and gives what comes back.
async fn there_and_back(stream: impl tokio::io::AsyncRead + AsyncWriteExt + Send + 'static, sent: Vec<u8>) -> Vec<u8> {
    let (mut read, mut write) = tokio::io::split(stream);
    let writing = tokio::spawn(async move {
        write.write_all(&sent).await.unwrap();
        write.shutdown().await.unwrap();
    });
    let mut got = Vec::new();
    timeout(DEADLINE, read.read_to_end(&mut got)).await.unwrap().unwrap();
    writing.await.unwrap();
    got
}

#[tokio::test]
async fn a_check_inside_tls_wants_tls() {
    let [own, one, ..] = addresses();
    let _server = web(one).await;
    let mut balancer = Balancer::new(10);
    let mut configured = configuration(own, REQUESTS, &[one]);
    for probe in [Probe::Ssl(INSIDE), Probe::Https(INSIDE, "/".into())] {
        configured.check.probe = probe;
        balancer.configure(configured.clone());
        known(&balancer, one, Verdict::Failing).await;
        configured.check.probe = Probe::Tcp(INSIDE);
        balancer.configure(configured.clone());
        known(&balancer, one, Verdict::InService).await;
    }
}
