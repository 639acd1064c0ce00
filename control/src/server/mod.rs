//! The API's endpoint over HTTP: checks and limits requests, then answers them.

mod body;
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
use axum::http::{HeaderName, Method, StatusCode, header};
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
/// If the listening socket fails.
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

/// Answers a request. All services share this address; the request itself says which one it is for.
async fn answer<C: Cloud>(
    State(cloud): State<Arc<C>>,
    Extension(limits): Extension<Limits>,
    Extension(connection): Extension<Arc<Connection>>,
    request: axum::extract::Request,
) -> Response {
    let (Parts { method, uri, headers, extensions, .. }, body) = request.into_parts();
    // Counts as long as the request is in progress.
    let mut held = connection.hold();
    let query = uri.query().unwrap_or_default();
    let body = match method {
        Method::POST => body::read(&headers, body, &mut held, &limits).await,
        Method::GET | Method::DELETE => Ok(String::new()),
        _ => Err(refuse(Refusal::Method, &headers, body)),
    };
    let body = match body {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    // A presigned request has its parameters in the URL, whatever its method.
    let form = match (query, body.as_str()) {
        (query, "") => Cow::Borrowed(query),
        ("", body) => Cow::Borrowed(body),
        (query, body) => Cow::Owned(format!("{query}&{body}")),
    };
    let _at_work = connection.at_work();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (authorization, target) = (text(header::AUTHORIZATION.as_str()), text("x-amz-target"));
    let all: Vec<(&str, &str)> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let (method, path) = (method.as_str(), uri.path());
    let signed = Signed { method, path, query, headers: &all, body: &body, received: SystemTime::now().into() };
    let signed = cloud.accounts_known().then_some(signed);
    let token = text("x-amz-security-token");
    let call = Call { method, path, query, form: &form, body: &body, authorization, token, target, signed };
    let address = extensions.get().map(|Peer(address)| *address);
    let sender = Sender { address, agent: text("user-agent").map(str::to_owned), ..Sender::default() };
    let reply = match Request::parse(&call, cloud.now()) {
        Ok(mut request) => {
            drop(form);
            drop(body);
            request.sender = sender;
            cloud.request(request).await
        }
        Err(refusal) => refusal,
    };
    respond(reply, &connection)
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
