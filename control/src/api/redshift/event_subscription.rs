//! Subscriptions to events. They are stored and returned; no notification is sent.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::entry::{self, found, retold};
use model::services::{Result, ServiceEntry, Thing};
use shapes::redshift;

const THING: Thing = Thing::ClusterEventSubscription;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(cx: Change, input: redshift::CreateEventSubscriptionMessage) -> Result<redshift::EventSubscription> {
    let redshift::CreateEventSubscriptionMessage {
        subscription_name: name,
        sns_topic_arn,
        source_type,
        source_ids,
        event_categories,
        severity,
        enabled,
        tags: sent,
    } = input;
    let subscription = redshift::EventSubscription {
        sns_topic_arn: Some(sns_topic_arn),
        source_type,
        source_ids_list: source_ids,
        event_categories_list: event_categories,
        severity: severity.or(text("INFO")),
        enabled: Some(enabled.unwrap_or(true)),
        ..Default::default()
    };
    let entry = entry::create(cx.model, cx.caller, (THING, &name), &subscription, tags::of(sent)?)?;
    Ok(shown(&entry))
}

fn describe(
    cx: View,
    input: redshift::DescribeEventSubscriptionsMessage,
) -> Result<Paged<redshift::EventSubscription>> {
    let redshift::DescribeEventSubscriptionsMessage { subscription_name: name, page, tag_keys, tag_values } = input;
    let is_asked = |entry: &ServiceEntry| tags::pass(&entry.tags, &tag_keys, &tag_values);
    Ok(found(cx.model, &cx.caller.scope, (THING, name), page, is_asked)?.map(shown))
}

fn modify(cx: Change, input: redshift::ModifyEventSubscriptionMessage) -> Result<redshift::EventSubscription> {
    let redshift::ModifyEventSubscriptionMessage {
        subscription_name: name,
        sns_topic_arn,
        source_type,
        source_ids,
        event_categories,
        severity,
        enabled,
    } = input;
    let entry = retold(cx.model, &cx.caller.scope, (THING, &name), |_, told: &mut redshift::EventSubscription| {
        told.sns_topic_arn = sns_topic_arn.or(told.sns_topic_arn.take());
        told.source_type = source_type.or(told.source_type.take());
        told.severity = severity.or(told.severity.take());
        told.enabled = enabled.or(told.enabled);
        if source_ids.shown().is_some() {
            told.source_ids_list = source_ids;
        }
        if event_categories.shown().is_some() {
            told.event_categories_list = event_categories;
        }
        Ok(())
    })?;
    Ok(shown(&entry))
}

fn delete(cx: Change, input: redshift::DeleteEventSubscriptionMessage) -> Result<()> {
    cx.model.delete_service_entry(&cx.caller.scope, THING, &input.subscription_name)?;
    Ok(())
}

fn shown(entry: &ServiceEntry) -> redshift::EventSubscription {
    redshift::EventSubscription {
        customer_aws_id: text(&entry.scope.account),
        cust_subscription_id: text(&entry.name),
        status: text("active"),
        subscription_creation_time: Some(entry.created),
        tags: tags::shown(&entry.tags),
        ..entry::told(entry)
    }
}
