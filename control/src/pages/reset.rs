//! `POST /_reset`: back to the first start, as a test suite asks between its tests.

use crate::operator::{Operator, Question, Reset};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use std::sync::Arc;

/// Where test suites ask.
pub const PATH: &str = "/_reset";

/// The route. It answers when everything is gone, or that some hosts are still leaving.
pub fn routes(operator: Arc<Operator>) -> Router {
    Router::new().route(PATH, post(reset)).with_state(operator)
}

async fn reset(State(operator): State<Arc<Operator>>) -> (StatusCode, String) {
    match Reset.answer(&operator).await {
        Ok(()) => (StatusCode::OK, "reset\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}
