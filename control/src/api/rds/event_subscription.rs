//! Subscriptions to events. They are stored and returned; no notification is sent.

use super::event::check_source;
use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::{Paged, said_over, text};
use crate::api::entry::{self, found, retold};
use model::services::{Clash, Result, ServiceEntry, Thing};
use model::{Caller, Model};
use shapes::rds::{self, EventSubscription};

const THING: Thing = Thing::DbEventSubscription;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete).write(add_source).write(remove_source)
}

fn create(model: &mut Model, caller: &Caller, input: rds::CreateEventSubscriptionMessage) -> Result<EventSubscription> {
    let rds::CreateEventSubscriptionMessage {
        subscription_name: name,
        sns_topic_arn,
        source_type,
        event_categories,
        source_ids,
        enabled,
        tags: sent,
    } = input;
    if !source_ids.is_empty() && source_type.is_none() {
        return Err(Clash::SourceWithoutType {}.into());
    }
    check_source(source_type.as_deref())?;
    let subscription = EventSubscription {
        sns_topic_arn: Some(sns_topic_arn),
        source_type,
        source_ids_list: source_ids,
        event_categories_list: event_categories,
        enabled: Some(enabled.unwrap_or(true)),
        ..Default::default()
    };
    let told = said_over("", &subscription);
    let entry = model.create_service_entry(caller, (THING, &name, &name), (None, told), tags::of(sent)?)?;
    Ok(EventSubscription { status: text("creating"), ..shown(&entry) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeEventSubscriptionsMessage,
) -> Result<Paged<EventSubscription>> {
    let rds::DescribeEventSubscriptionsMessage { subscription_name: name, filters, page } = input;
    filter::check(&filters)?;
    Ok(found(model, &caller.scope, (THING, name), page, |_| true)?.map(shown))
}

fn modify(model: &mut Model, caller: &Caller, input: rds::ModifyEventSubscriptionMessage) -> Result<EventSubscription> {
    let rds::ModifyEventSubscriptionMessage {
        subscription_name: name,
        sns_topic_arn,
        source_type,
        event_categories,
        enabled,
    } = input;
    check_source(source_type.as_deref())?;
    let entry = retold(model, &caller.scope, (THING, &name), |_, told: &mut EventSubscription| {
        told.sns_topic_arn = sns_topic_arn.or(told.sns_topic_arn.take());
        told.source_type = source_type.or(told.source_type.take());
        told.enabled = enabled.or(told.enabled);
        if event_categories.shown().is_some() {
            told.event_categories_list = event_categories;
        }
        Ok(())
    })?;
    Ok(shown(&entry))
}

fn add_source(
    model: &mut Model,
    caller: &Caller,
    input: rds::AddSourceIdentifierToSubscriptionMessage,
) -> Result<EventSubscription> {
    let rds::AddSourceIdentifierToSubscriptionMessage { subscription_name: name, source_identifier: source } = input;
    let entry = retold(model, &caller.scope, (THING, &name), |_, told: &mut EventSubscription| {
        if !told.source_ids_list.contains(&source) {
            told.source_ids_list.push(source);
        }
        Ok(())
    })?;
    Ok(shown(&entry))
}

fn remove_source(
    model: &mut Model,
    caller: &Caller,
    input: rds::RemoveSourceIdentifierFromSubscriptionMessage,
) -> Result<EventSubscription> {
    let rds::RemoveSourceIdentifierFromSubscriptionMessage { subscription_name: name, source_identifier: source } =
        input;
    let entry = retold(model, &caller.scope, (THING, &name), |_, told: &mut EventSubscription| {
        told.source_ids_list = told.source_ids_list.iter().filter(|other| **other != source).cloned().collect();
        Ok(())
    })?;
    Ok(shown(&entry))
}

fn delete(model: &mut Model, caller: &Caller, input: rds::DeleteEventSubscriptionMessage) -> Result<EventSubscription> {
    let entry = model.delete_service_entry(&caller.scope, THING, &input.subscription_name)?;
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
