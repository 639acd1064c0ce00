//! Subscriptions to events. They are stored and returned; no notification is sent.

use super::event::check_source;
use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::{said_over, text};
use crate::api::entry::{self, found, retold};
use model::services::{Clash, Result, ServiceEntry, Thing};
use model::{Caller, Model};
use shapes::rds;

const THING: Thing = Thing::DbEventSubscription;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete).write(add_source).write(remove_source)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: rds::CreateEventSubscriptionMessage,
) -> Result<rds::CreateEventSubscriptionResult> {
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
    let subscription = rds::EventSubscription {
        sns_topic_arn: Some(sns_topic_arn),
        source_type,
        source_ids_list: source_ids,
        event_categories_list: event_categories,
        enabled: Some(enabled.unwrap_or(true)),
        ..Default::default()
    };
    let told = said_over("", &subscription);
    let entry = model.create_service_entry(caller, (THING, &name, &name), (None, told), tags::of(sent)?)?;
    let creating = rds::EventSubscription { status: text("creating"), ..shown(&entry) };
    Ok(rds::CreateEventSubscriptionResult { event_subscription: Some(creating) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeEventSubscriptionsMessage,
) -> Result<rds::EventSubscriptionsMessage> {
    let rds::DescribeEventSubscriptionsMessage { subscription_name: name, filters, page } = input;
    filter::check(&filters)?;
    let (rows, marker) = found(model, &caller.scope, (THING, name), page, |_| true)?;
    Ok(rds::EventSubscriptionsMessage { marker, event_subscriptions_list: rows.into_iter().map(shown).collect() })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: rds::ModifyEventSubscriptionMessage,
) -> Result<rds::ModifyEventSubscriptionResult> {
    let rds::ModifyEventSubscriptionMessage {
        subscription_name: name,
        sns_topic_arn,
        source_type,
        event_categories,
        enabled,
    } = input;
    check_source(source_type.as_deref())?;
    let entry = retold(model, &caller.scope, (THING, &name), |_, told: &mut rds::EventSubscription| {
        told.sns_topic_arn = sns_topic_arn.or(told.sns_topic_arn.take());
        told.source_type = source_type.or(told.source_type.take());
        told.enabled = enabled.or(told.enabled);
        if event_categories.shown().is_some() {
            told.event_categories_list = event_categories;
        }
        Ok(())
    })?;
    Ok(rds::ModifyEventSubscriptionResult { event_subscription: Some(shown(&entry)) })
}

fn add_source(
    model: &mut Model,
    caller: &Caller,
    input: rds::AddSourceIdentifierToSubscriptionMessage,
) -> Result<rds::AddSourceIdentifierToSubscriptionResult> {
    let rds::AddSourceIdentifierToSubscriptionMessage { subscription_name: name, source_identifier: source } = input;
    let entry = retold(model, &caller.scope, (THING, &name), |_, told: &mut rds::EventSubscription| {
        if !told.source_ids_list.contains(&source) {
            told.source_ids_list.push(source);
        }
        Ok(())
    })?;
    Ok(rds::AddSourceIdentifierToSubscriptionResult { event_subscription: Some(shown(&entry)) })
}

fn remove_source(
    model: &mut Model,
    caller: &Caller,
    input: rds::RemoveSourceIdentifierFromSubscriptionMessage,
) -> Result<rds::RemoveSourceIdentifierFromSubscriptionResult> {
    let rds::RemoveSourceIdentifierFromSubscriptionMessage { subscription_name: name, source_identifier: source } =
        input;
    let entry = retold(model, &caller.scope, (THING, &name), |_, told: &mut rds::EventSubscription| {
        told.source_ids_list = told.source_ids_list.iter().filter(|other| **other != source).cloned().collect();
        Ok(())
    })?;
    Ok(rds::RemoveSourceIdentifierFromSubscriptionResult { event_subscription: Some(shown(&entry)) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: rds::DeleteEventSubscriptionMessage,
) -> Result<rds::DeleteEventSubscriptionResult> {
    let entry = model.delete_service_entry(&caller.scope, THING, &input.subscription_name)?;
    let deleting = rds::EventSubscription { status: text("deleting"), ..shown(&entry) };
    Ok(rds::DeleteEventSubscriptionResult { event_subscription: Some(deleting) })
}

fn shown(entry: &ServiceEntry) -> rds::EventSubscription {
    rds::EventSubscription {
        customer_aws_id: text(&entry.scope.account),
        cust_subscription_id: text(&entry.name),
        status: text("active"),
        subscription_creation_time: text(entry.created),
        event_subscription_arn: text(&entry.id),
        ..entry::told(entry)
    }
}
