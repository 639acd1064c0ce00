//! The network in a browser: a page, built ahead of time, and the data that it draws.
//!
//! - `page`: the page itself, which contacts only this endpoint
//! - `network`: the cloud's resources
//! - `live`: rates, drops and changes, pushed while there is a viewer
//! - `questions`: the page's questions
//! - `doing`, `capture`: the page's commands that no AWS API has
//! - `files`, `replay`, `states`: recordings and copies of clouds, shown and compared
//! - `viewer`: who may see what; `described`: the permission that each row needs
//!
//! The page changes the cloud by the EC2 API alone, as any client does. Its sources are in `control/map/`.

mod asked;
mod capture;
mod described;
mod doing;
mod files;
mod live;
mod network;
mod page;
mod questions;
mod refusal;
mod replay;
mod states;
mod viewer;

use crate::operator::Operator;
use crate::server;
use crate::service::Service;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use files::Files;
use live::Live;
use serde::Serialize;
use states::Kept;
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore, watch};

/// The path of the page.
pub const PATH: &str = server::MAP_PATH;

/// The state that the map's routes share.
struct Map {
    service: Arc<Service>,
    operator: Arc<Operator>,
    live: Arc<Live>,
    files: Files,
    kept: Kept,
    /// Held while a matrix or a replay is computed: one at a time, because it takes all processors.
    work: Mutex<()>,
    /// Held during an upload: one at a time.
    bringing: Mutex<()>,
    /// The permits for captures.
    captures: Arc<Semaphore>,
    /// Tells the task that ends a recording that a client has stopped it.
    stops: watch::Sender<()>,
}

/// The map's routes, all below [`PATH`]. No path of AWS begins with `/_`.
pub fn routes(service: Arc<Service>, operator: Arc<Operator>) -> Router {
    let live = Arc::new(Live::new(service.clone(), operator.clone()));
    let files = Files::of(operator.state().map_files());
    let map = Arc::new(Map {
        service,
        operator,
        live,
        files,
        kept: Kept::default(),
        work: Mutex::default(),
        bringing: Mutex::default(),
        captures: Arc::new(Semaphore::new(capture::MOST)),
        stops: watch::channel(()).0,
    });
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
        .route("/_map/flows", get(questions::flows))
        .route("/_map/reach", get(questions::reach))
        .route("/_map/hosts", post(doing::add_host))
        .route("/_map/hosts/{name}", delete(doing::remove_host))
        .route("/_map/impair", post(doing::impair))
        .route("/_map/capture", get(capture::capture))
        .route("/_map/recording", get(doing::recorded).post(doing::record).delete(doing::stop))
        .route("/_map/recording/file", get(doing::recording_file))
        .route("/_map/files", post(files::take).layer(DefaultBodyLimit::disable()))
        .route("/_map/replay/{file}", get(replay::events))
        .route("/_map/replay/{file}/network", get(replay::network))
        .route("/_map/states", post(states::keep))
        .route("/_map/compare", get(states::compare))
        .with_state(map)
}

/// JSON that is not cached, because the data changes all the time.
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
