//! Connection notifications of endpoints. None is sent.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags};
use serde::{Deserialize, Serialize};

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointNotification {
    /// `vpce-nfn-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags, which are empty.
    pub tags: Tags,
    /// The endpoint service or the endpoint.
    pub about: String,
    /// The ARN of the topic.
    pub topic: String,
    /// The events: `Accept`, `Connect`, `Delete`, `Reject`.
    pub events: Vec<String>,
}

resource!(EndpointNotification, IdKind::ConnectionNotification, |row| vec![row.about.clone()]);

/// All events.
const EVENTS: [&str; 4] = ["Accept", "Connect", "Delete", "Reject"];

fn check(topic: &str, events: &[String]) -> Result<()> {
    if !topic.starts_with("arn:") || topic.split(':').nth(2) != Some("sns") {
        return Err(Error::invalid("ConnectionNotificationArn", topic));
    }
    match events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
        Some(other) => Err(Error::invalid("ConnectionEvents", other)),
        None => Ok(()),
    }
}

impl Model {
    /// CreateVpcEndpointConnectionNotification, for a service or an endpoint of the account. Returns the id.
    pub fn notify_of_endpoints(
        &mut self,
        caller: &Caller,
        about: &str,
        topic: String,
        events: Vec<String>,
    ) -> Result<String> {
        check(&topic, &events)?;
        if self.endpoint_services.find(&caller.scope, about).is_err() {
            self.vpc_endpoints.find(&caller.scope, about)?;
        }
        let id = self.new_id(IdKind::ConnectionNotification);
        let (scope, tags, about) = (caller.scope.clone(), Tags::new(), about.to_owned());
        self.endpoint_notifications.insert(EndpointNotification { id: id.clone(), scope, tags, about, topic, events });
        Ok(id)
    }

    /// ModifyVpcEndpointConnectionNotification.
    pub fn modify_endpoint_notification(
        &mut self,
        caller: &Caller,
        id: &str,
        topic: Option<String>,
        events: Vec<String>,
    ) -> Result<()> {
        let row = self.endpoint_notifications.find_mut(&caller.scope, id)?;
        let topic = topic.unwrap_or_else(|| row.topic.clone());
        let events = if events.is_empty() { row.events.clone() } else { events };
        check(&topic, &events)?;
        (row.topic, row.events) = (topic, events);
        Ok(())
    }

    /// DeleteVpcEndpointConnectionNotifications, for one resource.
    pub fn delete_endpoint_notification(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.endpoint_notifications.find(&caller.scope, id)?;
        self.endpoint_notifications.remove(id);
        Ok(())
    }

    /// Removes the notifications of deleted services and endpoints.
    pub(crate) fn forget_notifications(&mut self, about: &str) {
        self.endpoint_notifications.remove_where(|row| row.about == about);
    }
}
