//! Notifications of what happens to endpoints.

use super::listing::{Attributes, one};
use super::{each_id, text, token};
use crate::api::action::{Actions, Change, View};
use model::{EndpointNotification, Error, Result};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

static ATTRIBUTES: Attributes<EndpointNotification> = Attributes(&[
    ("connection-notification-arn", |_, row| one(&row.topic)),
    ("connection-notification-id", |_, row| one(&row.id)),
    ("connection-notification-state", |_, _| one("Enabled")),
    ("connection-notification-type", |_, _| one("Topic")),
    ("service-id", |_, row| is_service(row).then(|| row.about.clone()).into_iter().collect()),
    ("vpc-endpoint-id", |_, row| (!is_service(row)).then(|| row.about.clone()).into_iter().collect()),
]);

fn is_service(row: &EndpointNotification) -> bool {
    row.about.starts_with("vpce-svc-")
}

fn shown(row: &EndpointNotification) -> ec2::ConnectionNotification {
    ec2::ConnectionNotification {
        connection_notification_id: text(&row.id),
        service_id: is_service(row).then(|| row.about.clone()),
        vpc_endpoint_id: (!is_service(row)).then(|| row.about.clone()),
        connection_notification_type: text("Topic"),
        connection_notification_arn: text(&row.topic),
        connection_events: row.events.iter().cloned().collect(),
        connection_notification_state: text("Enabled"),
        service_region: text(&row.scope.region),
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateVpcEndpointConnectionNotificationRequest,
) -> Result<ec2::CreateVpcEndpointConnectionNotificationResult> {
    let ec2::CreateVpcEndpointConnectionNotificationRequest {
        client_token,
        service_id,
        vpc_endpoint_id,
        connection_notification_arn: topic,
        connection_events,
    } = input;
    let about = match (service_id, vpc_endpoint_id) {
        (Some(_), Some(_)) => return Err(Error::ServiceOrEndpoint {}),
        (about, other) => about.or(other).ok_or_else(|| Error::missing("ServiceId"))?,
    };
    let id = model.once(caller, "CreateVpcEndpointConnectionNotification", token(&client_token), |model| {
        model.notify_of_endpoints(caller, &about, topic, connection_events.to_vec())
    })?;
    let connection_notification = Some(shown(model.endpoint_notifications.find(&caller.scope, &id)?));
    let client_token = client_token.text;
    Ok(ec2::CreateVpcEndpointConnectionNotificationResult { connection_notification, client_token })
}

fn describe(
    cx: View,
    input: ec2::DescribeVpcEndpointConnectionNotificationsRequest,
) -> Result<ec2::DescribeVpcEndpointConnectionNotificationsResult> {
    let ec2::DescribeVpcEndpointConnectionNotificationsRequest { connection_notification_id, filters, page } = input;
    let ids: Vec<String> = connection_notification_id.into_iter().collect();
    let all = cx.model.endpoint_notifications.of(&cx.caller.scope);
    let (rows, next_token) = ATTRIBUTES.page(cx.model, all, &ids, &filters, &page)?;
    let connection_notification_set = rows.into_iter().map(shown).collect();
    Ok(ec2::DescribeVpcEndpointConnectionNotificationsResult { connection_notification_set, next_token })
}

fn modify(cx: Change, input: ec2::ModifyVpcEndpointConnectionNotificationRequest) -> Result<()> {
    let ec2::ModifyVpcEndpointConnectionNotificationRequest {
        connection_notification_id,
        connection_notification_arn: topic,
        connection_events,
    } = input;
    cx.model.modify_endpoint_notification(cx.caller, &connection_notification_id, topic, connection_events.to_vec())
}

fn delete(
    Change { model, caller }: Change,
    input: ec2::DeleteVpcEndpointConnectionNotificationsRequest,
) -> Result<List<ec2::UnsuccessfulItem>> {
    let ids = input.connection_notification_ids;
    let (_, unsuccessful) = each_id(ids, |id| model.delete_endpoint_notification(caller, id));
    Ok(unsuccessful)
}
