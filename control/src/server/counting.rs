//! Counts the pages beside the API like replies of the API.

use super::connections::Connection;
use super::counted;
use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::sync::Arc;

/// Counts a page like a reply of the API: its connection has a request in progress while the page is made, and holds
/// the page's bytes until they are written.
pub async fn count(Extension(connection): Extension<Arc<Connection>>, request: Request, next: Next) -> Response {
    let _at_work = connection.at_work();
    let (head, body) = next.run(request).await.into_parts();
    let body = match body.size_hint().exact() {
        // The page is in memory already.
        Some(_) => match to_bytes(body, usize::MAX).await {
            Ok(bytes) => Body::from(counted(bytes, &connection)),
            Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        },
        None => {
            let connection = connection.clone();
            Body::new(body.map_frame(move |frame| frame.map_data(|data| counted(data, &connection))))
        }
    };
    Response::from_parts(head, body)
}
