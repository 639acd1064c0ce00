//! The endpoint as clients see it, on loopback.

use super::*;
use crate::operator::Operator;
use crate::pages::pages;
use crate::service::OpenError;
use crate::state::State;
use model::Platform;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

/// Long enough for anything that happens at all.
const PATIENCE: Duration = Duration::from_secs(60);
/// The time-outs in a test.
const SHORT: Duration = Duration::from_millis(300);
const DESCRIBE: &str = "GET /?Action=DescribeRegions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// An endpoint of an empty cloud without a dataplane.
struct Endpoint {
    address: SocketAddr,
    service: Arc<Service>,
    _directory: tempfile::TempDir,
}

impl Endpoint {
    async fn start(limits: Limits) -> Endpoint {
        Self::of(Platform::default(), limits).await
    }

    async fn of(platform: Platform, limits: Limits) -> Endpoint {
        Self::with(Service::open, platform, limits).await
    }

    async fn with(
        open: fn(&State, Platform) -> Result<Service, OpenError>,
        platform: Platform,
        limits: Limits,
    ) -> Endpoint {
        let directory = tempfile::tempdir().unwrap();
        let state = State::at(Some(directory.path().to_owned()));
        state.create().unwrap();
        let service = Arc::new(open(&state, platform).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let operator = Arc::new(Operator::new(service.clone(), state));
        tokio::spawn(serve(listener, service.clone(), pages(&service, operator), Vec::new(), limits));
        Endpoint { address, service, _directory: directory }
    }

    /// The same, with instances that run on paper.
    async fn on_paper(platform: Platform) -> Endpoint {
        Self::with(Service::open_on_paper, platform, Limits::default()).await
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes. Returns everything that comes back.
    async fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // A refusing endpoint may have closed the connection before it has read everything.
        let _ = stream.write_all(bytes).await;
        rest(&mut stream).await
    }

    /// Whether an ordinary request is answered.
    async fn answers(&self) -> bool {
        self.send(DESCRIBE.as_bytes()).await.starts_with("HTTP/1.1 200")
    }
}

/// Reads until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection is closed");
    String::from_utf8(bytes).unwrap()
}

fn post(head: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}Content-Length: {length}\r\n\r\n{body}")
        .into()
}

fn short() -> Limits {
    Limits { head_time: SHORT, body_time: SHORT, write_time: SHORT, ..Limits::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_is_behind_the_guard() {
    let endpoint = Endpoint::start(Limits::default()).await;
    assert!(endpoint.answers().await);
    for path in ["/", "/_map", "/_map/network", "/_map/live", "/metrics", "/_reset"] {
        let rebound =
            format!("GET {path}?Action=DescribeRegions HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        let refused = endpoint.send(rebound.as_bytes()).await;
        assert!(
            refused.starts_with("HTTP/1.1 403") && refused.contains("<Code>UnauthorizedOperation</Code>"),
            "{refused}"
        );
        assert!(refused.contains("--host evil.example"), "{refused}");
    }
    let page = post("Content-Type: text/plain\r\n", "Action=CreateVpc&CidrBlock=10.0.0.0/16");
    let refused = endpoint.send(&page).await;
    assert!(refused.starts_with("HTTP/1.1 403") && refused.contains("<Errors><Error><Code>"), "{refused}");
    assert!(endpoint.service.look(|model| model.vpcs.is_empty()));
}

/// The headers of a browser's request: to another origin or the same, for a page or for a script.
fn fetch(path: &str, site: &str, mode: &str, dest: &str) -> Vec<u8> {
    let marks = format!("Sec-Fetch-Site: {site}\r\nSec-Fetch-Mode: {mode}\r\nSec-Fetch-Dest: {dest}\r\n");
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{marks}Connection: close\r\n\r\n").into()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_asks_its_own_endpoint_and_no_other_page_does() {
    let endpoint = Endpoint::start(Limits::default()).await;
    for path in ["/_map", "/_map/network", "/_map/changes"] {
        let own = endpoint.send(&fetch(path, "same-origin", "cors", "empty")).await;
        assert!(own.starts_with("HTTP/1.1 200"), "{path}: {own}");
        let foreign = endpoint.send(&fetch(path, "cross-site", "cors", "empty")).await;
        assert!(foreign.starts_with("HTTP/1.1 403"), "{path}: {foreign}");
    }
    // A link in a message leads to the page, but not to its data, and not into a frame.
    let followed = endpoint.send(&fetch("/_map", "cross-site", "navigate", "document")).await;
    assert!(followed.starts_with("HTTP/1.1 200") && followed.contains("frame-ancestors 'none'"), "{followed}");
    for (path, dest) in [("/_map", "iframe"), ("/_map/network", "document"), ("/?Action=DescribeVpcs", "document")] {
        let refused = endpoint.send(&fetch(path, "cross-site", "navigate", dest)).await;
        assert!(refused.starts_with("HTTP/1.1 403"), "{path}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_requests_are_signed_pages_need_a_signature() {
    let signed = Platform { accounts_known: true, ..Platform::default() };
    let endpoint = Endpoint::of(signed, Limits::default()).await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    for path in ["/metrics", "/_reset"] {
        let answer = endpoint.send(get(path).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("`up --accounts`"), "{path}: {answer}");
    }
    // The page itself has no data, and asks for a key.
    for path in ["/_map", "/_map/map.js", "/_map/map.css"] {
        let answer = endpoint.send(get(path).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }
    let paths = [
        "network",
        "live",
        "status",
        "drops",
        "changes",
        "why?from=a&to=b",
        "flows",
        "reach",
        "compare?before=now&after=now",
    ];
    let others = ["capture?seconds=1", "recording", "recording/file", "replay/own", "replay/own/network"];
    for path in paths.into_iter().chain(others).map(|path| format!("/_map/{path}")) {
        let answer = endpoint.send(get(&path).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("sign_in"), "{path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_for_programs_and_takes_everything() {
    let endpoint = Endpoint::on_paper(Platform::default()).await;
    let ask = |query: &str| post("Connection: close\r\n", &format!("Action={query}"));
    let launched = endpoint.send(&ask("RunInstances&ImageId=ami-12345678&MinCount=1&MaxCount=1")).await;
    assert!(launched.contains("<name>pending</name>"), "{launched}");
    let running = endpoint.send(&ask("DescribeInstances")).await;
    assert!(running.contains("<name>running</name>"), "{running}");

    let reset = |origin: &str| {
        format!("POST /_reset HTTP/1.1\r\nHost: localhost\r\n{origin}Content-Length: 0\r\nConnection: close\r\n\r\n")
    };
    let foreign = endpoint.send(reset("Origin: http://evil.example\r\n").as_bytes()).await;
    assert!(foreign.starts_with("HTTP/1.1 403"), "{foreign}");
    assert!(endpoint.send(&ask("DescribeInstances")).await.contains("<name>running</name>"));
    let done = endpoint.send(reset("").as_bytes()).await;
    assert!(done.starts_with("HTTP/1.1 200"), "{done}");
    assert!(endpoint.send(&ask("DescribeInstances")).await.contains("<reservationSet/>"));
    assert_eq!(endpoint.service.look(|model| model.rows().count()), 1, "what is counted stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_stores_nothing() {
    let endpoint = Endpoint::start(Limits::default()).await;
    let scope = "111122223333/20150107/eu-central-1/ec2/aws4_request";
    let signed = format!("Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host\r\n");
    let answer = endpoint.send(&post(&signed, "Action=DescribeVpcs")).await;
    assert!(answer.contains("172.31.0.0/16"), "{answer}");
    assert!(endpoint.service.look(|model| model.visits.is_empty() && model.vpcs.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_text_is_refused() {
    let endpoint = Endpoint::start(Limits::default()).await;
    let mut raw = post("", "Action=DescribeRegions&x=??");
    let end = raw.len();
    raw[end - 2..].copy_from_slice(&[0xc3, 0x28]);
    let encoded = post("", "Action=DescribeRegions&x=%EF%BF%BE");
    for request in [raw, encoded] {
        let refused = endpoint.send(&request).await;
        assert!(refused.starts_with("HTTP/1.1 400") && refused.contains("<Code>InvalidCharacter</Code>"), "{refused}");
        assert!(refused.chars().all(model::xml_has));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_closes_its_side_after_its_request_is_answered() {
    let endpoint = Endpoint::start(Limits::default()).await;
    let mut stream = endpoint.connect().await;
    stream.write_all(DESCRIBE.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn unfinished_requests_are_ended() {
    let endpoint = Endpoint::start(short()).await;
    let halves: [&[u8]; 4] = [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"\r\n\r\n"];
    for half in halves {
        let mut stream = endpoint.connect().await;
        stream.write_all(half).await.unwrap();
        assert_eq!(rest(&mut stream).await, "", "{half:?}");
    }
    // A connection that was answered once and then is idle.
    let mut idle = endpoint.connect().await;
    idle.write_all(DESCRIBE.replace("close", "keep-alive").as_bytes()).await.unwrap();
    assert!(rest(&mut idle).await.starts_with("HTTP/1.1 200"));
    let mut half_body = post("", "Action=DescribeRegions");
    half_body.pop();
    let refused = endpoint.send(&half_body).await;
    assert!(refused.starts_with("HTTP/1.1 408") && refused.contains("<Code>RequestTimeout</Code>"), "{refused}");
    let chunked = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nActio\r\n";
    assert!(endpoint.send(chunked).await.starts_with("HTTP/1.1 408"));
}

#[tokio::test(flavor = "multi_thread")]
async fn half_open_connections_give_way_to_others() {
    let limits = Limits { connections: 100, ..Limits::default() };
    let endpoint = Endpoint::start(limits).await;
    let mut halves = Vec::new();
    for number in 0..300 {
        let mut stream = endpoint.connect().await;
        stream.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nActi").await.unwrap();
        halves.push(stream);
        assert!(number % 50 > 0 || endpoint.answers().await);
    }
    assert!(endpoint.answers().await);
    // The oldest connections are closed; the newest remain.
    assert_eq!(rest(&mut halves[0]).await, "");
    let newest = halves.last_mut().unwrap();
    newest.write_all(b"on=x=").await.unwrap();
    let mut answer = [0; 12];
    timeout(PATIENCE, newest.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 400");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_with_an_answer() {
    let endpoint = Endpoint::start(Limits::default()).await;
    let size = 100 << 20;
    let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n");
    // Refused at once, before a byte of the body.
    let mut stream = endpoint.connect().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    timeout(PATIENCE, stream.read_exact(&mut status)).await.unwrap().unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
    // Also if the client sends all of it first, announced or not.
    assert!(endpoint.send(&head_and(&head, 8 << 20)).await.contains("<Code>RequestEntityTooLarge</Code>"));
    let mut chunked =
        b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..80 {
        chunked.extend_from_slice(b"10000\r\n");
        chunked.extend_from_slice(&[b'x'; 0x10000]);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    assert!(endpoint.send(&chunked).await.contains("<Code>RequestEntityTooLarge</Code>"));
    assert!(endpoint.answers().await);
}

/// A head that announces `size` bytes, and that many bytes.
fn head_and(head: &str, size: usize) -> Vec<u8> {
    let mut all = head.replace(&(100 << 20).to_string(), &size.to_string()).into_bytes();
    all.resize(all.len() + size, b'x');
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_of_all_bodies_is_limited() {
    let limits = Limits { held: 1 << 20, ..Limits::default() };
    let endpoint = Endpoint::start(limits).await;
    let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", 1 << 20);
    let mut unfinished = Vec::new();
    for _ in 0..4 {
        let mut stream = endpoint.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; 600 << 10]).await.unwrap();
        unfinished.push(stream);
    }
    // The connection is closed in the middle of its request, or refused if more of it arrived just then.
    let refused = rest(&mut unfinished[0]).await;
    assert!(refused.is_empty() || refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(endpoint.answers().await);
}

/// A client with a small receive buffer.
async fn slow_reader(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(DESCRIBE.as_bytes()).await.unwrap();
    stream
}

/// A reply that tells when its bytes are freed.
struct Watched {
    body: Vec<u8>,
    gone: Arc<Notify>,
}

impl AsRef<[u8]> for Watched {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.gone.notify_one();
    }
}

/// The size of large replies, which exceeds what sockets buffer.
const LARGE: usize = 16 << 20;

async fn start_router(router: Router, limits: Limits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(listen::serve(listener, router, limits));
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_not_read_is_aborted() {
    let gone = Arc::new(Notify::new());
    let told = gone.clone();
    let large = move || async move { Body::from(Bytes::from_owner(Watched { body: vec![b'x'; LARGE], gone: told })) };
    let address = start_router(Router::new().fallback(large), short()).await;
    let mut stream = slow_reader(address).await;
    timeout(PATIENCE, gone.notified()).await.unwrap();
    assert!(rest(&mut stream).await.len() < LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_of_all_replies_is_limited() {
    let large = |Extension(connection): Extension<Arc<Connection>>| async move {
        let (request_id, content_type) = ("id".to_owned(), "text/xml");
        respond(Reply { status: 200, request_id, content_type, location: None, body: "x".repeat(LARGE) }, &connection)
    };
    one_large_reply_gives_way_to_another(Router::new().fallback(large)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_count_like_replies() {
    let whole = axum::routing::get(async || "x".repeat(LARGE));
    let parts = axum::routing::get(async || {
        let part = Bytes::from("x".repeat(LARGE));
        Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(part)]))
    });
    for page in [whole, parts] {
        let pages = Router::new().route("/", page).layer(middleware::from_fn(counting::count));
        one_large_reply_gives_way_to_another(pages).await;
    }
}

/// Two slow readers, with room for one.
async fn one_large_reply_gives_way_to_another(router: Router) {
    let limits = Limits { held: LARGE + LARGE / 2, ..Limits::default() };
    let address = start_router(router, limits).await;
    let mut first = slow_reader(address).await;
    first.read_exact(&mut [0]).await.unwrap();
    let mut second = slow_reader(address).await;
    assert!(rest(&mut second).await.len() > LARGE);
    assert!(rest(&mut first).await.len() < LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_speaks_cbor_is_answered_in_cbor() {
    let endpoint = Endpoint::start(Limits::default()).await;
    let ask = async |action: &str, body: &[u8]| {
        let length = body.len();
        let head = format!(
            "POST /service/ResourceGroupsTaggingAPI_20170126/operation/{action} HTTP/1.1\r\nHost: localhost\r\n\
             Connection: close\r\nContent-Type: application/cbor\r\nsmithy-protocol: rpc-v2-cbor\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        let (mut stream, mut reply) = (endpoint.connect().await, Vec::new());
        stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut reply)).await.unwrap();
        let end = reply.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        (String::from_utf8(reply[..end].to_vec()).unwrap(), reply[end + 4..].to_vec())
    };
    let (head, body) = ask("GetTagKeys", &cbor::of_json("{}").unwrap()).await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("smithy-protocol: rpc-v2-cbor"), "{head}");
    assert_eq!(cbor::to_json(&body).unwrap(), r#"{"PaginationToken":"","TagKeys":[]}"#);
    let (head, body) = ask("GetTagValues", b"").await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    assert!(cbor::to_json(&body).unwrap().contains("InvalidParameterException"));
    let (head, _) = ask("GetTagKeys", b"\xff").await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
}
