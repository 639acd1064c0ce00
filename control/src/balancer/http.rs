//! HTTP/1.1: each request goes to the target with the fewest outstanding requests, or to the one
//! that a cookie names. If no connection to it can be made, the next one gets the request.

use super::body::{Kept, Watched};
use super::configuration::{Carries, Listener, Stickiness};
use super::cookie;
use super::relay::LastByte;
use super::target::{Target, Targets};
use super::{Client, Shared};
use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri, Version};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// The greatest length of a request's head in bytes.
const HEAD: usize = 32 << 10;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that concern a connection rather than a message (RFC 9110 §7.6.1). `Expect` is answered
/// here.
const OF_CONNECTIONS: [HeaderName; 9] = [
    header::CONNECTION,
    header::EXPECT,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Why the balancer itself answers a client.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("No target is in service.")]
    NoTarget,
    #[error("The target has not answered in time.")]
    Slow,
    #[error("The target was taken out of service.")]
    Dismissed,
    #[error("The target cannot be reached or does not speak HTTP.")]
    Broken(#[from] hyper_util::client::legacy::Error),
    #[error("This cannot be forwarded.")]
    Unclear(#[from] hyper::http::Error),
    #[error("CONNECT is not supported.")]
    Tunnel,
    #[error("A request must have one Host header.")]
    Hosts,
    #[error("The target has switched to a protocol that nobody asked for.")]
    Switched,
}

type Body = Either<Watched<Incoming>, Full<Bytes>>;

impl Failure {
    fn response(&self) -> Response<Body> {
        let status = match self {
            Failure::NoTarget | Failure::Dismissed => StatusCode::SERVICE_UNAVAILABLE,
            Failure::Slow => StatusCode::GATEWAY_TIMEOUT,
            Failure::Broken(_) | Failure::Switched => StatusCode::BAD_GATEWAY,
            Failure::Unclear(_) | Failure::Hosts => StatusCode::BAD_REQUEST,
            Failure::Tunnel => StatusCode::METHOD_NOT_ALLOWED,
        };
        let mut response = Response::new(Either::Right(Full::from(format!("{self}\n"))));
        *response.status_mut() = status;
        response
    }
}

/// Speaks HTTP with a client until one side ends the connection.
pub async fn speak(
    shared: Arc<Shared>,
    listener: Arc<Listener>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    client: IpAddr,
) {
    let idle = shared.settings().idle;
    let answer = service_fn(|request| {
        let (shared, listener) = (shared.clone(), listener.clone());
        async move {
            let answer = forward(&shared, &listener, client, request).await;
            Ok::<_, Infallible>(answer.unwrap_or_else(|failure| failure.response()))
        }
    });
    let mut http = http1::Builder::new();
    // A client may close its side once it has sent its request.
    http.timer(TokioTimer::new()).header_read_timeout(idle).max_buf_size(HEAD).half_close(true);
    // The client knows how its connection ended.
    let _ = http.serve_connection(TokioIo::new(stream), answer).await;
}

async fn forward(
    shared: &Shared,
    listener: &Listener,
    client: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Failure> {
    if request.method() == Method::CONNECT {
        return Err(Failure::Tunnel);
    }
    // Servers differ in which of several they heed (RFC 9112 §3.2).
    if request.headers().get_all(header::HOST).iter().count() > 1 {
        return Err(Failure::Hosts);
    }
    let policy = stickiness(listener);
    let bound = policy.and_then(|policy| bound_to(&shared.targets, policy, request.headers()));
    let is_bound = |target: &Arc<Target>| bound.as_ref().is_some_and(|bound| Arc::ptr_eq(bound, target));
    let others = shared.targets.least_busy().into_iter().filter(|target| !is_bound(target));
    let targets: Vec<Arc<Target>> = bound.iter().cloned().chain(others).collect();
    let (head, body) = request.into_parts();
    let body = Kept::new(body);
    let mut failure = Failure::NoTarget;
    for target in targets {
        let request = Request::from_parts(head.clone(), body.clone());
        let mut response = match send(shared, &target, outgoing(request, listener, &target, client)?).await {
            Err(Failure::Broken(error)) if error.is_connect() => {
                failure = Failure::Broken(error);
                continue;
            }
            answered => answered?,
        };
        if let Some(policy) = policy.filter(|_| !is_bound(&target)) {
            cookie::bind(policy, &target.cookie, response.headers_mut());
        }
        return Ok(response);
    }
    Err(failure)
}

/// Sends a target a request. Returns its response.
async fn send(shared: &Shared, target: &Arc<Target>, request: Request<Kept>) -> Result<Response<Body>, Failure> {
    let exchange = target.begin();
    let settings = shared.settings();
    let last = Arc::new(LastByte::now());
    let request = request.map(|body| Watched::new(body, last.clone()));
    let mut response = tokio::select! {
        response = settings.client.request(request) => response?,
        () = exchange.dismissed() => return Err(Failure::Dismissed),
        () = last.idle_for(settings.idle) => return Err(Failure::Slow),
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Failure::Switched);
    }
    // The version is that of a connection, not of a message (RFC 9110 §2.5).
    *response.version_mut() = Version::HTTP_11;
    leave_connection_out(response.headers_mut());
    let over = end_of(exchange, last.clone(), settings.idle);
    Ok(response.map(|body| Either::Left(Watched::new(body, last).until(over))))
}

/// Returns when a target's response must be cut off.
async fn end_of(exchange: super::target::Exchange, last: Arc<LastByte>, idle: Duration) {
    tokio::select! {
        () = exchange.dismissed() => {}
        () = last.idle_for(idle) => {}
    }
}

fn stickiness(listener: &Listener) -> Option<&Stickiness> {
    match &listener.carries {
        Carries::Requests { stickiness } => stickiness.as_ref(),
        Carries::Bytes { .. } => None,
    }
}

fn bound_to(targets: &Targets, policy: &Stickiness, headers: &HeaderMap) -> Option<Arc<Target>> {
    cookie::bound(policy, headers).and_then(|cookie| targets.of_cookie(cookie))
}

/// The request as it is sent to the target.
fn outgoing<B>(
    mut request: Request<B>,
    listener: &Listener,
    target: &Target,
    client: IpAddr,
) -> Result<Request<B>, Failure> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let place = format!("{}:{}", target.address, listener.instance_port);
    let scheme = if listener.secure_instances { "https" } else { "http" };
    let host = host(&request, &place).map_err(hyper::http::Error::from)?;
    *request.uri_mut() = Uri::builder().scheme(scheme).authority(place).path_and_query(path).build()?;
    *request.version_mut() = Version::HTTP_11;
    let headers = request.headers_mut();
    leave_connection_out(headers);
    headers.insert(header::HOST, host);
    let mut way: Vec<&str> = headers.get_all(&FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    let client = client.to_canonical().to_string();
    way.push(&client);
    let way = HeaderValue::try_from(way.join(", ")).map_err(hyper::http::Error::from)?;
    headers.insert(FORWARDED_FOR, way);
    headers.insert(FORWARDED_PORT, listener.port.into());
    let spoken = if listener.certificate.is_some() { "https" } else { "http" };
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(spoken));
    Ok(request)
}

/// The host that a request is for. An absolute target has priority over the header (RFC 9112 §3.2.2), and HTTP/1.0
/// clients may send neither.
fn host<B>(request: &Request<B>, place: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    match (request.uri().authority(), request.headers().get(header::HOST)) {
        (Some(authority), _) => HeaderValue::try_from(authority.as_str()),
        (None, Some(host)) => Ok(host.clone()),
        (None, None) => HeaderValue::try_from(place),
    }
}

/// Removes the headers that concern the connection.
fn leave_connection_out(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in OF_CONNECTIONS.iter().chain(&named) {
        headers.remove(name);
    }
}

/// An HTTP client for targets, which keeps idle connections for this long.
pub fn client(idle: Duration) -> Client {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(super::CONNECT_WITHIN));
    hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
        .pool_idle_timeout(idle)
        .pool_timer(TokioTimer::new())
        .set_host(false)
        .build(super::tls::Connector::over(connector))
}
