//! Counting the pages beside the API as its replies are counted.

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

/// Counts a page as replies of the API are counted: its connection is at work while the page is made, and holds its bytes until
/// they are written.
pub async fn count(Extension(connection): Extension<Arc<Connection>>, request: Request, next: Next) -> Response {
    let _at_work = connection.at_work();
    let (head, body) = next.run(request).await.into_parts();
    let body = match body.size_hint().exact() {
        // It is in memory already, all of it.
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
