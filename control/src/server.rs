//! The API's endpoint over HTTP.

use crate::api::{Reply, Request, identity};
use crate::service::Service;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tokio::net::TcpListener;

/// More than any request of the Query protocol needs, in bytes.
const LARGEST_BODY: usize = 4 << 20;

/// Answers requests until the process ends.
///
/// # Errors
/// If the listening socket fails.
pub async fn serve(listener: TcpListener, service: Arc<Service>) -> std::io::Result<()> {
    let router = Router::new().fallback(answer).layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(service);
    axum::serve(listener, router).await
}

/// EC2 has one address for everything: the action is in the parameters, whatever the path.
async fn answer(
    State(service): State<Arc<Service>>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match method {
        Method::POST => String::from_utf8_lossy(&body).into_owned(),
        Method::GET => query.unwrap_or_default(),
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(reply) = identity(&form, authorization) {
        return respond(reply);
    }
    let reply = match Request::parse(&form, authorization, service.now()) {
        Ok(request) => service.request(request).await,
        Err(error) => Reply::error(&error),
    };
    respond(reply)
}

fn respond(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "text/xml;charset=UTF-8")], reply.body).into_response()
}
