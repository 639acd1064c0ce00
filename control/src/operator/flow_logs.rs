//! `classiclink flow-logs`: the records of flow logs.

use super::{Failure, Operator, Question};
use crate::explain::names::{self, label};
use crate::flow_logs::{Stream, streams};
use model::{IdKind, Model};
use serde::{Deserialize, Serialize};

/// A host that no flow log can cover.
#[derive(Debug, thiserror::Error)]
#[error("{0} has no network interface, so no flow log can cover it")]
struct NoInterface(String);

/// Reads the records of flow logs. Records that are not due yet are written first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadFlowLogs {
    /// Only records of this network interface, or of this instance's. `None`: all.
    pub of: Option<String>,
}

impl Question for ReadFlowLogs {
    type Answer = Vec<Stream>;

    async fn answer(self, operator: &Operator) -> Result<Vec<Stream>, Failure> {
        let service = &operator.service;
        let wanted = self.of.map(|of| service.look(|model| interfaces(model, &of))).transpose()?;
        service.record_flows(true).await;
        let is_wanted = |interface: &str| wanted.as_ref().is_none_or(|ids| ids.iter().any(|id| id == interface));
        Ok(streams(service.flow_log_directory(), is_wanted)?)
    }
}

/// The network interfaces meant. One that was deleted may have left records.
fn interfaces(model: &Model, of: &str) -> Result<Vec<String>, Failure> {
    if IdKind::NetworkInterface.fits(of) {
        return Ok(vec![of.to_owned()]);
    }
    let host = names::host(model, of)?;
    let instance = model.instances.get(&host);
    match instance.and_then(|instance| instance.vpc()) {
        Some(place) => Ok(place.interfaces.clone()),
        None => Err(NoInterface(instance.map_or(host, |instance| label(&instance.id, &instance.tags))).into()),
    }
}
