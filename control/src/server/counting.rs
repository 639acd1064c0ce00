//! What is at the endpoint beside the API: the map, counters, and what test suites ask. Where requests must be signed the map's are,
//! too, and the others are not there.

use super::connections::Connection;
use super::{counted, reset};
use crate::operator::Operator;
use crate::service::Service;
use crate::{map, metrics};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::sync::Arc;

/// What is said where there are no pages.
const CLOSED: &str = "There are no counters and there is no reset at this endpoint: they ask for no signature, and `up --accounts` has \
                      every request signed. `classiclink status` and `reset` do the same.\n";

/// The pages of a cloud.
pub fn pages(service: &Arc<Service>, operator: Arc<Operator>) -> Router {
    if service.look(|model| model.platform.accounts_known) {
        let closed = || any(async || (StatusCode::NOT_FOUND, CLOSED));
        return map::routes(service.clone(), operator).route(metrics::PATH, closed()).route(reset::PATH, closed());
    }
    let pages = map::routes(service.clone(), operator.clone()).merge(metrics::routes(service.clone()));
    pages.merge(reset::routes(operator))
}

/// Has a page count as replies of the API do: while it is made its connection is at work, and its bytes are the connection's until
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
