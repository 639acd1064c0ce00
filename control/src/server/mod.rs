//! The API's endpoint over HTTP: who may ask, how much, for how long; then the answer.

mod body;
mod connections;
mod guard;
mod limits;
mod listen;
mod refusal;

pub use connections::{Connection, Connections, Full};
pub use guard::{HostName, HostNameError};
pub use limits::Limits;

use crate::api::{Call, Reply, Request};
use crate::metrics;
use crate::model::Time;
use crate::service::Service;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router, middleware};
use guard::Guard;
use refusal::{Refusal, refuse};
use std::sync::Arc;
use tokio::net::TcpListener;

/// What stands behind an endpoint.
pub trait Cloud: Send + Sync + 'static {
    /// The cloud's time.
    fn now(&self) -> Time;
    /// Answers a request.
    fn request(self: Arc<Self>, request: Request) -> impl Future<Output = Reply> + Send;
    /// Counters, as Prometheus reads them.
    fn metrics(self: Arc<Self>) -> impl Future<Output = String> + Send;
}

impl Cloud for Service {
    fn now(&self) -> Time {
        Service::now(self)
    }

    async fn request(self: Arc<Self>, request: Request) -> Reply {
        Service::request(&self, request).await
    }

    async fn metrics(self: Arc<Self>) -> String {
        metrics::text(&self).await
    }
}

/// Answers requests until the process ends: those sent to a loopback name or address, to the address that the client reached, or
/// to one of `hosts`.
///
/// # Errors
/// If the listening socket fails.
pub async fn serve(
    listener: TcpListener,
    cloud: Arc<impl Cloud>,
    hosts: Vec<HostName>,
    limits: Limits,
) -> std::io::Result<()> {
    listen::serve(listener, router(cloud, hosts, limits), limits).await
}

/// Every route of the endpoint is behind the guard.
fn router<C: Cloud>(cloud: Arc<C>, hosts: Vec<HostName>, limits: Limits) -> Router {
    let guard = Arc::new(Guard::new(hosts));
    Router::new()
        .route("/metrics", get(counters::<C>))
        .fallback(answer::<C>)
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .layer(Extension(limits))
        .with_state(cloud)
}

/// The version of Prometheus' text format.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

async fn counters<C: Cloud>(State(cloud): State<Arc<C>>) -> Response {
    ([(header::CONTENT_TYPE, METRICS)], cloud.metrics().await).into_response()
}

/// All services have this one address; what a request says about itself tells which one is meant.
async fn answer<C: Cloud>(
    State(cloud): State<Arc<C>>,
    Extension(limits): Extension<Limits>,
    Extension(connection): Extension<Arc<Connection>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    // Counts for as long as the request is at work.
    let mut held = connection.hold();
    let form = match method {
        Method::POST => body::read(&headers, body, &mut held, &limits).await,
        Method::GET => Ok(uri.query().unwrap_or_default().to_owned()),
        _ => Err(refuse(Refusal::Method, &headers, body)),
    };
    let form = match form {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let _at_work = connection.at_work();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (authorization, target) = (text(header::AUTHORIZATION.as_str()), text("x-amz-target"));
    let call = Call { path: uri.path(), form: &form, authorization, target };
    let reply = match Request::parse(&call, cloud.now()) {
        Ok(request) => {
            drop(form);
            cloud.request(request).await
        }
        Err(refusal) => refusal,
    };
    respond(reply, &connection)
}

/// The reply as a response. It counts until it is written: a client may read slowly, or not at all.
fn respond(reply: Reply, connection: &Arc<Connection>) -> Response {
    let mut held = connection.hold();
    // What is asked has been done; the answer goes out in any case.
    let _ = held.grow(reply.body.len());
    let Reply { status, request_id, content_type, body } = reply;
    let body = Bytes::from_owner(Counted { body, _held: held });
    response(status, request_id, content_type, body)
}

fn response(status: u16, request_id: String, content_type: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let request_id = (HeaderName::from_static("x-amzn-requestid"), request_id);
    (status, [(header::CONTENT_TYPE, content_type.to_owned()), request_id], body.into()).into_response()
}

/// A body that counts as long as there is some of it.
struct Counted {
    body: String,
    _held: connections::Held,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        self.body.as_bytes()
    }
}

#[cfg(test)]
mod tests;
