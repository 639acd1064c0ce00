//! The page's questions: those of the command line, as JSON.

use super::asked::Asked;
use super::refusal::{Answer, Refusal};
use super::viewer::{Viewer, operator_only};
use super::{Map, json};
use crate::explain::Traffic;
use crate::operator::{ExplainPath, FlowRows, ListDrops, ListFlows, MOST_KNOWN, Question, ReadStatus};
use crate::reach::{Network, ReachError, Rows, Service, distinct_services};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::Model;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::task::block_in_place;

/// How many connections a page shows at most.
const FLOWS: usize = 2000;

/// `classiclink status --json`.
pub async fn status(State(map): State<Arc<Map>>, viewer: Viewer) -> Answer {
    operator_only(&viewer, "status")?;
    map.ask(ReadStatus).await
}

/// `classiclink drops --json`.
pub async fn drops(State(map): State<Arc<Map>>, viewer: Viewer) -> Answer {
    map.analyst(&viewer)?;
    let drops = ListDrops.answer(&map.operator).await?.drops;
    let model = map.service.look(Model::clone);
    let drops = block_in_place(|| viewer.drops(&model, drops));
    Ok(json(StatusCode::OK, &drops))
}

/// The cloud's last changes, the oldest first.
pub async fn changes(State(map): State<Arc<Map>>, viewer: Viewer) -> Answer {
    map.analyst(&viewer)?;
    let (model, now) = (map.service.look(Model::clone), map.service.now());
    let changes = block_in_place(|| viewer.changes(&model, now, map.service.recent().after(0)));
    Ok(json(StatusCode::OK, &changes))
}

/// Connections of a host, or all.
#[derive(Debug, Deserialize)]
pub struct Of {
    host: Option<String>,
}

/// `classiclink flows HOST --json`.
pub async fn flows(State(map): State<Arc<Map>>, viewer: Viewer, Asked(Of { host }): Asked<Of>) -> Answer {
    map.analyst(&viewer)?;
    let host = host.map(|word| map.see(&viewer, &word)).transpose()?;
    let _one = map.work.lock().await;
    if host.is_none() && map.operator.forwarding().await?.flows > MOST_KNOWN {
        return Err(Refusal::of(format!("More than {MOST_KNOWN} connections are known: name a host.")));
    }
    let asked = ListFlows { host, most: Some(FLOWS) };
    let FlowRows { mut flows, others, counted } = asked.answer(&map.operator).await?;
    let sees = |model: &Model, host: &str| viewer.sees_host(model, host);
    map.service.look(|model| flows.retain(|flow| sees(model, &flow.from) && sees(model, &flow.to)));
    Ok(json(StatusCode::OK, &FlowRows { flows, others, counted }))
}

/// The ends and the traffic of `why`, as its options on the command line.
#[derive(Debug, Deserialize)]
pub struct WhyQuery {
    from: String,
    to: String,
    source: Option<Ipv4Addr>,
    tcp: Option<u16>,
    udp: Option<u16>,
}

/// `classiclink why FROM TO --json`.
pub async fn why(State(map): State<Arc<Map>>, viewer: Viewer, Asked(query): Asked<WhyQuery>) -> Answer {
    let WhyQuery { from, to, source, tcp, udp } = query;
    map.analyst(&viewer)?;
    let from = map.see(&viewer, &from)?;
    // Everybody may ask about an address. The answer does not name the owner if that is another
    // account.
    let to = if to.parse::<Ipv4Addr>().is_ok() { to } else { map.see(&viewer, &to)? };
    let traffic = match (tcp, udp) {
        (Some(port), _) => Traffic::Tcp(port),
        (_, Some(port)) => Traffic::Udp(port),
        _ => Traffic::Icmp,
    };
    let why = ExplainPath { from, source, to, traffic }.answer(&map.operator).await?;
    let model = map.service.look(Model::clone);
    Ok(json(StatusCode::OK, &viewer.why(&model, why)))
}

/// The ends and the service of `reach`, as its options on the command line.
#[derive(Debug, Deserialize)]
pub struct Reach {
    from: Option<String>,
    to: Option<String>,
    tcp: Option<u16>,
    udp: Option<u16>,
    icmp: Option<bool>,
}

/// `classiclink reach --json`.
pub async fn reach(State(map): State<Arc<Map>>, viewer: Viewer, Asked(reach): Asked<Reach>) -> Answer {
    map.analyst(&viewer)?;
    let _one = map.work.lock().await;
    let model = map.service.look(Model::clone);
    block_in_place(|| reach.answer(&model, &viewer)).map_err(Refusal::of)
}

impl Reach {
    fn answer(&self, model: &Model, viewer: &Viewer) -> Result<Response, ReachError> {
        let network = Network::of(model)?;
        let mut words = [&self.from, &self.to].into_iter().flatten();
        if let Some(word) = words.find(|word| viewer.is_about_others(model, word)) {
            return Err(ReachError::Unknown(word.clone()));
        }
        let own = || network.hosts().map(|host| host.id.clone()).filter(|host| viewer.sees_host(model, host)).collect();
        let (mut from, mut to) = (network.meant(self.from.as_slice())?, network.meant(self.to.as_slice())?);
        if viewer.account().is_some() {
            for end in [&mut from, &mut to] {
                end.get_or_insert_with(own).retain(|host| viewer.sees_host(model, host));
            }
            // Another account's resources do not exist for the viewer.
            for (word, end) in [(&self.from, &from), (&self.to, &to)] {
                if let (Some(word), Some(true)) = (word, end.as_ref().map(BTreeSet::is_empty)) {
                    return Err(ReachError::Unknown(word.clone()));
                }
            }
        }
        let named = [
            self.icmp.filter(|wanted| *wanted).map(|_| Service::Icmp),
            self.tcp.map(|port| Service::Tcp(port, port)),
            self.udp.map(|port| Service::Udp(port, port)),
        ];
        let named: Vec<Service> = named.into_iter().flatten().collect();
        let services = if named.is_empty() { distinct_services([network.tables()]) } else { named };
        let matrix = network.matrix(from.as_ref(), to.as_ref(), services);
        Ok(json(StatusCode::OK, &Rows::of(&matrix)))
    }
}

impl Map {
    pub(super) async fn ask(&self, question: impl Question) -> Answer {
        Ok(json(StatusCode::OK, &question.answer(&self.operator).await?))
    }
}
