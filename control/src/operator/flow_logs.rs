//! What flow logs have recorded.

use super::{Failure, Operator};
use crate::explain::names::{self, label};
use crate::flow_logs::{Stream, streams};
use model::{IdKind, Model};

/// A host whose traffic no flow log can record.
#[derive(Debug, thiserror::Error)]
#[error("{0} has no network interface, so no flow log can cover it")]
struct NoInterface(String);

impl Operator {
    /// The records of a network interface, of an instance's, or all. Records not yet due are written first.
    pub(super) async fn flow_logs(&self, of: Option<&str>) -> Result<Vec<Stream>, Failure> {
        let wanted = of.map(|of| self.service.look(|model| interfaces(model, of))).transpose()?;
        self.service.record_flows(true).await;
        let directory = self.service.flow_log_directory();
        Ok(streams(directory, |interface| wanted.as_ref().is_none_or(|ids| ids.iter().any(|id| id == interface)))?)
    }
}

/// The network interfaces meant; one that is gone may have left records.
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
