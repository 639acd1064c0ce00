//! Events of deployments, for DescribeEvents.

use super::Deployment;
use crate::{Model, Row, Scope, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an event is told of.
const KEPT: Duration = Duration::from_secs(14 * 24 * 3600);
/// So many of the latest events are recent.
const RECENT: usize = 20;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// Its place in the order of all events.
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// The ARN of what it happened to.
    pub source: String,
    /// The name of that.
    pub name: String,
    /// When.
    pub at: Time,
    /// The service's word for its kind.
    pub category: String,
    /// What happened.
    pub message: String,
}

impl Row for ServiceEvent {
    fn id(&self) -> &str {
        &self.id
    }
}

impl ServiceEvent {
    /// Whether it happened too long ago to be told.
    pub fn is_forgotten(&self, now: Time) -> bool {
        now.since(self.at) > KEPT
    }
}

impl Model {
    /// Notes that something happened.
    pub(super) fn happened(&mut self, to: &Deployment, at: Time, category: &str, message: &str) {
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
    /// Whether a recent event told of the same.
    pub(super) fn happened_lately(&self, to: &Deployment, message: &str) -> bool {
        let is_it = |event: &ServiceEvent| event.source == to.id && event.message == message;
        self.service_events.iter().rev().take(RECENT).any(is_it)
    }
}
