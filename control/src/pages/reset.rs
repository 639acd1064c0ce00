//! `POST /_reset`: returns to the first start. Test suites use it between their tests.

use crate::operator::{Operator, Question, Reset};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use std::sync::Arc;

/// The path.
pub const PATH: &str = "/_reset";

/// The route. It answers when everything is removed, or says that some hosts are still being
/// removed.
pub fn routes(operator: Arc<Operator>) -> Router {
    Router::new().route(PATH, post(reset)).with_state(operator)
}

async fn reset(State(operator): State<Arc<Operator>>) -> (StatusCode, String) {
    match Reset.answer(&operator).await {
        Ok(()) => (StatusCode::OK, "reset\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}
