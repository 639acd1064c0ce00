//! The API's endpoint over HTTP: who may ask, how much, for how long; then the answer.

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

/// What stands behind an endpoint.
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

/// Answers requests until the process ends: those sent to a loopback name or address, to the address that the client reached, or
/// to one of `hosts`. Beside the API there are `pages`, at paths that no request of AWS has.
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

/// The API alone, for clients whose connections somebody else takes up. It has no guard: its clients sign what they send, and what a
/// page can make a browser send is not signed.
pub struct Endpoint {
    router: Router,
    limits: Limits,
}

impl Endpoint {
    /// The API inside hosts.
    pub fn inside<C: Cloud>(cloud: Arc<C>, limits: Limits) -> Self {
        Self { router: Router::new().fallback(answer::<C>).with_state(cloud).layer(Extension(limits)), limits }
    }

    /// Speaks HTTP with a client that has reached an address, until one of the two has enough.
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

/// Every route of the endpoint is behind the guard, and counts towards the limits.
fn router<C: Cloud>(cloud: Arc<C>, pages: Router, hosts: Vec<HostName>, limits: Limits) -> Router {
    let guard = Arc::new(Guard::new(hosts));
    Router::new()
        .fallback(answer::<C>)
        .with_state(cloud)
        .merge(pages.layer(middleware::from_fn(counting::count)))
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .layer(Extension(limits))
}

/// All services have this one address; what a request says about itself tells which one is meant.
async fn answer<C: Cloud>(
    State(cloud): State<Arc<C>>,
    Extension(limits): Extension<Limits>,
    Extension(connection): Extension<Arc<Connection>>,
    request: axum::extract::Request,
) -> Response {
    let (Parts { method, uri, headers, extensions, .. }, body) = request.into_parts();
    // Counts for as long as the request is at work.
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

/// Bytes that count until they are written: a client may read slowly, or not at all.
fn counted(bytes: impl AsRef<[u8]> + Send + 'static, connection: &Arc<Connection>) -> Bytes {
    let mut held = connection.hold();
    // What is asked has been done; the answer goes out in any case.
    let _ = held.grow(bytes.as_ref().len());
    Bytes::from_owner(Counted { bytes, _held: held })
}

fn response(status: u16, request_id: String, content_type: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let request_id = (HeaderName::from_static("x-amzn-requestid"), request_id);
    (status, [(header::CONTENT_TYPE, content_type.to_owned()), request_id], body.into()).into_response()
}

/// Bytes that count as long as somebody has them.
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
