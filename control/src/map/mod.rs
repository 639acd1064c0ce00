//! The network in a browser: a page, built ahead of time, and the data that it draws.
//!
//! - `page`: the page itself, which asks nobody but this endpoint
//! - `network`: what there is
//! - `live`: what is going on, pushed while somebody looks
//! - `questions`: what can be asked
//!
//! The page changes the cloud by the EC2 API alone, as any client does. Its sources are in `control/map/`.

mod live;
mod network;
mod page;
mod questions;

use crate::operator::Operator;
use crate::service::Service;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use live::Live;
use serde::Serialize;
use std::sync::Arc;

/// Where the page is.
pub const PATH: &str = "/_map";

/// What the routes of the map have in common.
struct Map {
    service: Arc<Service>,
    operator: Arc<Operator>,
    live: Arc<Live>,
}

/// The routes of the map, all below [`PATH`]: no path of AWS begins with `/_`.
pub fn routes(service: Arc<Service>, operator: Arc<Operator>) -> Router {
    let live = Arc::new(Live::new(service.clone(), operator.clone()));
    let map = Arc::new(Map { service, operator, live });
    Router::new()
        .route(PATH, get(page::page))
        .route("/_map/map.js", get(page::script))
        .route("/_map/map.css", get(page::style))
        .route("/_map/network", get(network::answer))
        .route("/_map/live", get(live::answer))
        .route("/_map/status", get(questions::status))
        .route("/_map/drops", get(questions::drops))
        .route("/_map/changes", get(questions::changes))
        .route("/_map/why", get(questions::why))
        .with_state(map)
}

/// JSON, which nobody keeps: the next look sees another moment.
fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => {
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
            (status, headers, text).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests;
