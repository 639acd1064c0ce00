//! `classiclink record`: the dataplane is told what to record, and asked how far it is.

use super::ask::Recording;
use super::{Failure, Operator, nonsense};
use wire::{RecordCall, RecordingOrder, RecordingStatus, Reply, Request};

impl Operator {
    /// Has the dataplane record, or asks how far it is.
    ///
    /// # Errors
    /// What to tell the operator.
    pub async fn record(&self, what: Recording) -> Result<Option<RecordingStatus>, Failure> {
        let reply = match what {
            Recording::Start { files, payload, ring, leased } => {
                let (tables, platform, rows) = Default::default();
                let order = RecordingOrder { files, payload, ring, leased, tables, platform, rows };
                self.service.link().ready().await;
                self.service.record(order).await?
            }
            Recording::Look => self.service.link().ask(Request::Record(RecordCall::Look)).await?,
            Recording::Stop => self.service.link().ask(Request::Record(RecordCall::Stop)).await?,
        };
        let Reply::Recording(status) = reply else { return Err(nonsense(&reply)) };
        self.service.set_recorded(status.as_ref().is_some_and(|status| !status.has_ended)).await;
        Ok(status)
    }
}
