//! The API's endpoint over HTTP.

use crate::api::{Call, Reply, Request};
use crate::service::Service;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
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

/// All services have this one address; what a request says about itself tells which one is meant.
async fn answer(
    State(service): State<Arc<Service>>,
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match method {
        Method::POST => String::from_utf8_lossy(&body).into_owned(),
        Method::GET => query.unwrap_or_default(),
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (authorization, target) = (text(header::AUTHORIZATION.as_str()), text("x-amz-target"));
    let call = Call { path: uri.path(), form: &form, authorization, target };
    respond(match Request::parse(&call, service.now()) {
        Ok(request) => service.request(request).await,
        Err(refusal) => refusal,
    })
}

fn respond(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let request_id = (HeaderName::from_static("x-amzn-requestid"), reply.request_id);
    (status, [(header::CONTENT_TYPE, reply.content_type.to_owned()), request_id], reply.body).into_response()
}
