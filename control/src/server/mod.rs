//! The API's endpoint over HTTP: checks and limits requests, then answers them.

mod body;
pub mod cbor;
mod connections;
mod counting;
mod guard;
mod limits;
mod listen;
mod refusal;

pub use connections::{Connection, Connections, Full};
pub use guard::{HostName, HostNameError, MAP_PATH, Peer};
pub use limits::Limits;

use crate::api::{Call, Reply, Request, Sender, Signed};
use crate::service::Service;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router, middleware};
use guard::{Guard, Reached};
use model::Time;
use refusal::{Refusal, refuse};
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

/// The cloud behind an endpoint.
pub trait Cloud: Send + Sync + 'static {
    /// The cloud's time.
    fn now(&self) -> Time;
    /// Whether requests must be signed by a known key.
    fn accounts_known(&self) -> bool;
    /// Answers a request.
    fn request(self: Arc<Self>, request: Request) -> impl Future<Output = Reply> + Send;
}

impl Cloud for Service {
    fn now(&self) -> Time {
        Service::now(self)
    }

    fn accounts_known(&self) -> bool {
        self.look(|model| model.platform.accounts_known)
    }

    async fn request(self: Arc<Self>, request: Request) -> Reply {
        Service::request(&self, request).await
    }
}

/// Answers requests until the process ends: those sent to a loopback name or address, to the address that the client
/// reached, or to one of `hosts`. `pages` are beside the API, at paths that no request of AWS has.
///
/// # Errors
/// The error of the listening socket.
pub async fn serve(
    listener: TcpListener,
    cloud: Arc<impl Cloud>,
    pages: Router,
    hosts: Vec<HostName>,
    limits: Limits,
) -> std::io::Result<()> {
    listen::serve(listener, router(cloud, pages, hosts, limits), limits).await
}

/// The API alone, for clients whose connections are accepted elsewhere. It has no guard: its clients sign their
/// requests, and a web page cannot make a browser sign.
pub struct Endpoint {
    router: Router,
    limits: Limits,
}

impl Endpoint {
    /// The API for programs inside hosts.
    pub fn inside<C: Cloud>(cloud: Arc<C>, limits: Limits) -> Self {
        Self { router: Router::new().fallback(answer::<C>).with_state(cloud).layer(Extension(limits)), limits }
    }

    /// Speaks HTTP with a client that has reached an address, until one of the two ends the connection.
    pub async fn speak(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        reached: SocketAddr,
        from: IpAddr,
        connection: Arc<Connection>,
    ) {
        listen::speak(stream, Reached(reached), Peer(from), connection, &self.router, self.limits).await;
    }
}

/// The endpoint's routes, all behind the guard and within the limits.
fn router<C: Cloud>(cloud: Arc<C>, pages: Router, hosts: Vec<HostName>, limits: Limits) -> Router {
    let guard = Arc::new(Guard::new(hosts));
    Router::new()
        .fallback(answer::<C>)
        .with_state(cloud)
        .merge(pages.layer(middleware::from_fn(counting::count)))
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .layer(Extension(limits))
}

/// Answers a request. All services share the endpoint's address. The request itself shows which one it is for.
async fn answer<C: Cloud>(
    State(cloud): State<Arc<C>>,
    Extension(limits): Extension<Limits>,
    Extension(connection): Extension<Arc<Connection>>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    // Counts as long as the request is in progress.
    let mut held = connection.hold();
    let body = match parts.method {
        Method::POST => body::read(&parts.headers, body, &mut held, &limits).await,
        Method::GET | Method::DELETE => Ok(Vec::new()),
        _ => Err(refuse(Refusal::Method, &parts.headers, body)),
    };
    let body = match body {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let _at_work = connection.at_work();
    let request = match body::text(&parts.headers, &body) {
        Ok(text) => request_of(&*cloud, &parts, (&body, &text)),
        Err(why) => return refuse(why, &parts.headers, Body::empty()),
    };
    let reply = match request {
        Ok(request) => {
            drop(body);
            cloud.request(request).await
        }
        Err(refused) => refused,
    };
    match cbor::is_spoken(&parts.headers) {
        true => respond_in_cbor(reply, &connection),
        false => respond(reply, &connection),
    }
}

/// Reads a request from its parts and its body, as it was sent and as text.
fn request_of(cloud: &impl Cloud, parts: &Parts, (sent, body): (&[u8], &str)) -> Result<Request, Reply> {
    let Parts { method, uri, headers, extensions, .. } = parts;
    let query = uri.query().unwrap_or_default();
    // A presigned request has its parameters in the URL, whatever its method.
    let form = match (query, body) {
        (query, "") => Cow::Borrowed(query),
        ("", body) => Cow::Borrowed(body),
        (query, body) => Cow::Owned(format!("{query}&{body}")),
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let all: Vec<(&str, &str)> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let (method, path) = (method.as_str(), uri.path());
    let signed = Signed { method, path, query, headers: &all, body: sent, received: SystemTime::now().into() };
    let in_path = if cbor::is_spoken(headers) { cbor::target(path) } else { None };
    let call = Call {
        method,
        path,
        query,
        form: &form,
        body,
        authorization: text(header::AUTHORIZATION.as_str()),
        token: text("x-amz-security-token"),
        target: in_path.as_deref().or_else(|| text("x-amz-target")),
        signed: cloud.accounts_known().then_some(signed),
    };
    let mut request = Request::parse(&call, cloud.now())?;
    let address = extensions.get().map(|Peer(address)| *address);
    request.sender = Sender { address, agent: text("user-agent").map(str::to_owned), ..Sender::default() };
    Ok(request)
}

/// The reply as a response.
fn respond(reply: Reply, connection: &Arc<Connection>) -> Response {
    let Reply { status, request_id, content_type, location, body } = reply;
    let mut response = response(status, request_id, content_type, counted(body, connection));
    if let Some(location) = location.and_then(|location| location.try_into().ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The reply as a response in CBOR. One that is not JSON is left as it is.
fn respond_in_cbor(reply: Reply, connection: &Arc<Connection>) -> Response {
    let Some(bytes) = cbor::of_json(&reply.body) else { return respond(reply, connection) };
    let Reply { status, request_id, .. } = reply;
    let mut response = response(status, request_id, cbor::CONTENT_TYPE, counted(bytes, connection));
    let (name, protocol) = cbor::PROTOCOL;
    response.headers_mut().insert(name, HeaderValue::from_static(protocol));
    response
}

/// A body whose bytes count until they are written: a client may read slowly or not at all.
fn counted(bytes: impl AsRef<[u8]> + Send + 'static, connection: &Arc<Connection>) -> Bytes {
    let mut held = connection.hold();
    // The request has been carried out, so its answer is sent even without room.
    let _ = held.grow(bytes.as_ref().len());
    Bytes::from_owner(Counted { bytes, _held: held })
}

fn response(status: u16, request_id: String, content_type: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let request_id = (HeaderName::from_static("x-amzn-requestid"), request_id);
    (status, [(header::CONTENT_TYPE, content_type.to_owned()), request_id], body.into()).into_response()
}

/// Bytes that count until they are dropped.
struct Counted<B> {
    bytes: B,
    _held: connections::Held,
}

impl<B: AsRef<[u8]>> AsRef<[u8]> for Counted<B> {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_ref()
    }
}

#[cfg(test)]
mod tests;
