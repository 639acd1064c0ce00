//! Events of deployments, for DescribeEvents.

use super::Deployment;
use crate::{Model, Row, Scope, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long events are described.
const KEPT: Duration = Duration::from_secs(14 * 24 * 3600);
/// The number of events that count as recent.
const RECENT: usize = 20;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// Its position in the order of all events.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// The ARN of the resource.
    pub source: String,
    /// The name of the resource.
    pub name: String,
    /// The time.
    pub at: Time,
    /// The category.
    pub category: String,
    /// The message.
    pub message: String,
}

impl Row for ServiceEvent {
    fn id(&self) -> &str {
        &self.id
    }
}

impl ServiceEvent {
    /// Whether it is no longer described.
    pub fn is_forgotten(&self, now: Time) -> bool {
        now.since(self.at) > KEPT
    }
}

impl Model {
    /// Adds an event of a deployment.
    pub(super) fn add_event(&mut self, to: &Deployment, at: Time, category: &str, message: &str) {
        let last = self.service_events.iter().next_back().and_then(|event| event.id.parse::<u64>().ok());
        self.service_events.insert(ServiceEvent {
            id: format!("{:016}", last.map_or(1, |last| last + 1)),
            scope: to.scope.clone(),
            source: to.id.clone(),
            name: to.name.clone(),
            at,
            category: category.to_owned(),
            message: message.to_owned(),
        });
    }
    /// Whether a recent event of the deployment has this message.
    pub(super) fn has_recent_event(&self, to: &Deployment, message: &str) -> bool {
        let is_it = |event: &ServiceEvent| event.source == to.id && event.message == message;
        self.service_events.iter().rev().take(RECENT).any(is_it)
    }
}
