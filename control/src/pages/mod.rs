//! The pages at the endpoint beside the API: the map, `/metrics` and `/_reset`.

mod reset;

use crate::operator::Operator;
use crate::service::Service;
use crate::{map, metrics};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;
use std::sync::Arc;

/// The body of a closed page.
const CLOSED: &str = "There are no counters and there is no reset at this endpoint: they ask for no signature, and `up --accounts` has \
                      every request signed. `classiclink status` and `reset` do the same.\n";

/// The pages of a cloud. If requests must be signed, those for the map must be signed too, and the other pages are
/// closed.
pub fn pages(service: &Arc<Service>, operator: Arc<Operator>) -> Router {
    if service.look(|model| model.platform.accounts_known) {
        let closed = || any(async || (StatusCode::NOT_FOUND, CLOSED));
        return map::routes(service.clone(), operator).route(metrics::PATH, closed()).route(reset::PATH, closed());
    }
    let pages = map::routes(service.clone(), operator.clone()).merge(metrics::routes(service.clone()));
    pages.merge(reset::routes(operator))
}
