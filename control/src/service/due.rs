//! Work that becomes due by the clock: interruptions of Spot instances, and steps of Auto Scaling groups.

use super::{ChangeError, REST, RETRY, Service};
use crate::link::Promise;
use model::{Model, Time};
use std::sync::Arc;
use std::time::Instant;

impl Service {
    /// Interrupts Spot instances that are due, and takes the next steps of Auto Scaling groups. Returns when there is
    /// more to do, if that is known.
    ///
    /// # Errors
    /// [`ChangeError`], of the store in most cases. It is done later then.
    pub async fn tend_groups(self: &Arc<Self>) -> Result<Option<Time>, ChangeError<model::Error>> {
        let now = self.now();
        let interruptions = self.interrupt_spot_instances(now).await;
        let groups = self.look(|model| model.groups_due(now));
        if groups.is_none_or(|due| due > now) {
            return Ok(groups.into_iter().chain(interruptions).min());
        }
        self.change(Promise::Begun, move |model: &mut Model| model.tend_groups(now)).await?;
        Ok(Some(now))
    }

    /// Interrupts Spot instances that are due. Returns when the next ones are. A failure is retried.
    async fn interrupt_spot_instances(self: &Arc<Self>, now: Time) -> Option<Time> {
        let next = || self.look(|model| model.interruptions_due());
        let due = next();
        if due.is_none_or(|due| due > now) {
            return due;
        }
        let interrupt = move |model: &mut Model| model.carry_out_interruptions(now);
        if let Err(error) = self.change(Promise::Begun, interrupt).await {
            tracing::error!("cannot interrupt Spot instances, trying again: {error}");
            return Some(now.after(RETRY));
        }
        next()
    }

    /// Tends Auto Scaling groups whenever the model or the clock changes. Never returns.
    pub async fn keep_tending_groups(self: &Arc<Self>) {
        let mut news = self.changed.subscribe();
        loop {
            let start = Instant::now();
            let due = self.tend_groups().await.unwrap_or_else(|error| {
                tracing::error!("cannot tend Auto Scaling groups, trying again: {error}");
                Some(self.now().after(RETRY))
            });
            tokio::time::sleep(start.elapsed() * REST).await;
            let wait = due.map(|due| due.since(self.now()));
            let wakes = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = wakes => {}
                // The sender lives as long as the service.
                _ = news.changed() => {}
            }
        }
    }
}
