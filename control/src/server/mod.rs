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

use crate::api::{Reply, Request, identity};
use crate::service::Service;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router, middleware};
use guard::Guard;
use refusal::{Refusal, refuse};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Answers requests until the process ends: those sent to a loopback name or address, to the address that the client reached, or
/// to one of `hosts`.
///
/// # Errors
/// If the listening socket fails.
pub async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    hosts: Vec<HostName>,
    limits: Limits,
) -> std::io::Result<()> {
    listen::serve(listener, router(service, hosts, limits), limits).await
}

/// Every route of the endpoint is behind the guard.
fn router(service: Arc<Service>, hosts: Vec<HostName>, limits: Limits) -> Router {
    let guard = Arc::new(Guard::new(hosts));
    Router::new()
        .fallback(answer)
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .layer(Extension(limits))
        .with_state(service)
}

/// EC2 has one address for everything: the action is in the parameters, whatever the path.
async fn answer(
    State(service): State<Arc<Service>>,
    Extension(limits): Extension<Limits>,
    Extension(connection): Extension<Arc<Connection>>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    // Counts for as long as the request is at work.
    let mut held = connection.hold();
    let form = match method {
        Method::POST => body::read(&headers, body, &mut held, &limits).await,
        Method::GET => Ok(query.unwrap_or_default()),
        _ => Err(refuse(Refusal::Method, &headers, body)),
    };
    let form = match form {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let _at_work = connection.at_work();
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let reply = match identity(&form, authorization) {
        Some(reply) => reply,
        None => match Request::parse(&form, authorization, service.now()) {
            Ok(request) => {
                drop(form);
                service.request(request).await
            }
            Err(error) => Reply::error(&error),
        },
    };
    respond(reply, &connection)
}

/// The reply as a response. It counts until it is written: a client may read slowly, or not at all.
fn respond(reply: Reply, connection: &Arc<Connection>) -> Response {
    let mut held = connection.hold();
    // What is asked has been done; the answer goes out in any case.
    let _ = held.grow(reply.body.len());
    let body = Bytes::from_owner(Counted { body: reply.body, _held: held });
    response(reply.status, body)
}

fn response(status: u16, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "text/xml;charset=UTF-8")], body.into()).into_response()
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
