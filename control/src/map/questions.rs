//! What can be asked by clicking: the questions of the command line, as JSON.

use super::{Map, json};
use crate::explain::Traffic;
use crate::link::LinkError;
use crate::operator::Ask;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// `classiclink status --json`.
pub async fn status(State(map): State<Arc<Map>>) -> Response {
    map.ask(Ask::Status).await
}

/// `classiclink drops --json`.
pub async fn drops(State(map): State<Arc<Map>>) -> Response {
    map.ask(Ask::Drops).await
}

/// The last changes of the cloud, oldest first.
pub async fn changes(State(map): State<Arc<Map>>) -> Response {
    map.ask(Ask::Changes).await
}

/// The ends and the traffic of a `why`, as its options on the command line.
#[derive(Debug, Deserialize)]
pub struct Way {
    from: String,
    to: String,
    source: Option<Ipv4Addr>,
    tcp: Option<u16>,
    udp: Option<u16>,
}

/// `classiclink why FROM TO --json`.
pub async fn why(State(map): State<Arc<Map>>, Query(way): Query<Way>) -> Response {
    let Way { from, to, source, tcp, udp } = way;
    let traffic = match (tcp, udp) {
        (Some(port), _) => Traffic::Tcp(port),
        (_, Some(port)) => Traffic::Udp(port),
        _ => Traffic::Icmp,
    };
    map.ask(Ask::Why { from, source, to, traffic }).await
}

impl Map {
    async fn ask(&self, ask: Ask) -> Response {
        match self.operator.answer(ask).await {
            Ok(answer) => json(StatusCode::OK, &answer),
            Err(why) => {
                let is_passing = why.downcast_ref::<LinkError>().is_some_and(LinkError::is_passing);
                let status = if is_passing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::BAD_REQUEST };
                json(status, &json!({ "error": why.to_string() }))
            }
        }
    }
}
