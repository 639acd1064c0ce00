//! Usage limits of clusters' features. They are stored and returned; nothing is limited.

use super::cluster::THING as CLUSTER;
use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, one_of, said_over, text};
use crate::api::entry::{self, found, retold};
use model::services::{Error, Obstacle, Result, ServiceEntry, Thing};
use model::{FNV_OFFSET, Model, fnv1a};
use shapes::redshift::{self, UsageLimit};

const THING: Thing = Thing::UsageLimit;
const FEATURES: [&str; 4] =
    ["spectrum", "concurrency-scaling", "cross-region-datasharing", "extra-compute-for-automatic-optimization"];
const BREACH_ACTIONS: [&str; 3] = ["log", "emit-metric", "disable"];

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

/// Refuses a limit type that the feature does not have, and an amount that is not positive.
fn check(feature: &str, kind: Option<&str>, amount: Option<i64>) -> Result<()> {
    let wrong = |why| Err(Error::State { thing: THING, name: feature.to_owned(), why });
    let by_time = matches!(feature, "concurrency-scaling" | "extra-compute-for-automatic-optimization");
    match (kind, amount) {
        (Some(kind), _) if (kind == "time") != by_time => wrong(Obstacle::LimitType { limit: kind.to_owned() }),
        (_, Some(..=0)) => wrong(Obstacle::Unlimited {}),
        _ => Ok(()),
    }
}

fn create(cx: Change, input: redshift::CreateUsageLimitMessage) -> Result<UsageLimit> {
    let cluster = cx.model.deployment(&cx.caller.scope, CLUSTER, &input.cluster_identifier)?.id.clone();
    one_of("FeatureType", Some(&input.feature_type), &FEATURES)?;
    one_of("LimitType", Some(&input.limit_type), &["time", "data-scanned"])?;
    one_of("Period", input.period.as_deref(), &["daily", "weekly", "monthly"])?;
    one_of("BreachAction", input.breach_action.as_deref(), &BREACH_ACTIONS)?;
    check(&input.feature_type, Some(&input.limit_type), Some(input.amount))?;
    let limit = UsageLimit {
        feature_type: Some(input.feature_type),
        limit_type: Some(input.limit_type),
        amount: Some(input.amount),
        period: input.period.or(text("monthly")),
        breach_action: input.breach_action.or(text("log")),
        ..Default::default()
    };
    let number = u64::from(cx.model.number());
    let id = model::uuid(fnv1a(FNV_OFFSET, &cluster), fnv1a(number, &cluster));
    let told = (Some(cluster), said_over("", &limit));
    let entry = cx.model.create_service_entry(cx.caller, (THING, &id, &id), told, tags::of(input.tags)?)?;
    Ok(shown(cx.model, &entry))
}

fn describe(View { model, caller }: View, input: redshift::DescribeUsageLimitsMessage) -> Result<Paged<UsageLimit>> {
    let redshift::DescribeUsageLimitsMessage {
        usage_limit_id: id,
        cluster_identifier,
        feature_type,
        tag_keys,
        tag_values,
        page,
    } = input;
    let cluster = cluster_identifier.map(|name| model.deployment(&caller.scope, CLUSTER, &name)).transpose()?;
    let is_asked = |entry: &ServiceEntry| {
        cluster.is_none_or(|cluster| entry.of.as_ref() == Some(&cluster.id))
            && (feature_type.is_none() || entry::told::<UsageLimit>(entry).feature_type == feature_type)
            && tags::pass(&entry.tags, &tag_keys, &tag_values)
    };
    Ok(found(model, &caller.scope, (THING, id), page, is_asked)?.map(|entry| shown(model, entry)))
}

fn modify(cx: Change, input: redshift::ModifyUsageLimitMessage) -> Result<UsageLimit> {
    let redshift::ModifyUsageLimitMessage { usage_limit_id: id, amount, breach_action } = input;
    one_of("BreachAction", breach_action.as_deref(), &BREACH_ACTIONS)?;
    let entry = retold(cx.model, &cx.caller.scope, (THING, &id), |_, told: &mut UsageLimit| {
        check(told.feature_type.as_deref().unwrap_or_default(), None, amount)?;
        told.amount = amount.or(told.amount);
        told.breach_action = breach_action.or(told.breach_action.take());
        Ok(())
    })?;
    Ok(shown(cx.model, &entry))
}

fn delete(cx: Change, input: redshift::DeleteUsageLimitMessage) -> Result<()> {
    cx.model.delete_service_entry(&cx.caller.scope, THING, &input.usage_limit_id)?;
    Ok(())
}

fn shown(model: &Model, entry: &ServiceEntry) -> UsageLimit {
    let cluster = entry.of.as_ref().and_then(|id| model.deployments.get(id));
    UsageLimit {
        usage_limit_id: text(&entry.name),
        cluster_identifier: cluster.map(|row| row.name.clone()),
        tags: tags::shown(&entry.tags),
        ..entry::told(entry)
    }
}
