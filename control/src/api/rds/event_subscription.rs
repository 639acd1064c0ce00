//! Subscriptions to events. They are stored and returned; no notification is sent.

use super::event::check_source;
use super::{filter, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::entry::{self, found, retold};
use model::services::{Clash, Result, ServiceEntry, Thing};
use model::{Caller, Model};
use shapes::rds::{self, EventSubscription};

const THING: Thing = Thing::DbEventSubscription;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete).write(add_source).write(remove_source)
}

fn create(cx: Change, input: rds::CreateEventSubscriptionMessage) -> Result<EventSubscription> {
    let rds::CreateEventSubscriptionMessage { subscription_name: name, source_type, source_ids, .. } = input;
    if !source_ids.is_empty() && source_type.is_none() {
        return Err(Clash::SourceWithoutType {}.into());
    }
    check_source(source_type.as_deref())?;
    let subscription = EventSubscription {
        sns_topic_arn: Some(input.sns_topic_arn),
        source_type,
        source_ids_list: source_ids,
        event_categories_list: input.event_categories,
        enabled: input.enabled.or(Some(true)),
        ..Default::default()
    };
    let entry = entry::create(cx.model, cx.caller, (THING, &name), &subscription, tags::of(input.tags)?)?;
    Ok(EventSubscription { status: text("creating"), ..shown(&entry) })
}

fn describe(cx: View, input: rds::DescribeEventSubscriptionsMessage) -> Result<Paged<EventSubscription>> {
    let rds::DescribeEventSubscriptionsMessage { subscription_name: name, filters, page } = input;
    filter::check(&filters)?;
    Ok(found(cx.model, &cx.caller.scope, (THING, name), page, |_| true)?.map(shown))
}

fn modify(cx: Change, input: rds::ModifyEventSubscriptionMessage) -> Result<EventSubscription> {
    check_source(input.source_type.as_deref())?;
    change(cx.model, cx.caller, &input.subscription_name, |told| {
        told.sns_topic_arn = input.sns_topic_arn.or(told.sns_topic_arn.take());
        told.source_type = input.source_type.or(told.source_type.take());
        told.enabled = input.enabled.or(told.enabled);
        if input.event_categories.shown().is_some() {
            told.event_categories_list = input.event_categories;
        }
    })
}

fn change(
    model: &mut Model,
    caller: &Caller,
    name: &str,
    change: impl FnOnce(&mut EventSubscription),
) -> Result<EventSubscription> {
    let changed = retold(model, &caller.scope, (THING, name), |_, told: &mut EventSubscription| {
        change(told);
        Ok(())
    })?;
    Ok(shown(&changed))
}

fn add_source(cx: Change, input: rds::AddSourceIdentifierToSubscriptionMessage) -> Result<EventSubscription> {
    change(cx.model, cx.caller, &input.subscription_name, |told| {
        if !told.source_ids_list.contains(&input.source_identifier) {
            told.source_ids_list.push(input.source_identifier);
        }
    })
}

fn remove_source(cx: Change, input: rds::RemoveSourceIdentifierFromSubscriptionMessage) -> Result<EventSubscription> {
    change(cx.model, cx.caller, &input.subscription_name, |told| {
        let others = told.source_ids_list.iter().filter(|other| **other != input.source_identifier);
        told.source_ids_list = others.cloned().collect();
    })
}

fn delete(cx: Change, input: rds::DeleteEventSubscriptionMessage) -> Result<EventSubscription> {
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &input.subscription_name)?;
    Ok(EventSubscription { status: text("deleting"), ..shown(&entry) })
}

fn shown(entry: &ServiceEntry) -> EventSubscription {
    EventSubscription {
        customer_aws_id: text(&entry.scope.account),
        cust_subscription_id: text(&entry.name),
        status: text("active"),
        subscription_creation_time: text(entry.created),
        event_subscription_arn: text(&entry.id),
        ..entry::told(entry)
    }
}
