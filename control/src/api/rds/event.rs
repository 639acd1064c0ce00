//! Events of DB instances.

use crate::api::action::Actions;
use crate::api::deployment::{paged, text};
use crate::model::services::{Error, Result, ServiceEvent, Thing};
use crate::model::{Caller, Model, Time};
use shapes::rds;
use std::time::Duration;

/// How far back events are told of if nothing is said.
const MINUTES: i32 = 60;

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

fn describe(model: &Model, caller: &Caller, input: rds::DescribeEventsMessage) -> Result<rds::EventsMessage> {
    let rds::DescribeEventsMessage {
        source_identifier,
        source_type,
        start_time,
        end_time,
        duration,
        event_categories,
        page,
    } = input;
    if source_identifier.is_some() && source_type.is_none() {
        return Err(Error::Combination { why: "SourceIdentifier needs SourceType." });
    }
    let minutes = u64::try_from(duration.unwrap_or(MINUTES)).unwrap_or_default();
    let window = Duration::from_secs(60 * minutes);
    let from = start_time.map_or(Time(caller.now.0.saturating_sub(millis(window))), |start| Time(start.0));
    let to = end_time.map_or(Time(u64::MAX), |end| Time(end.0));
    let of_instances = Thing::DbInstance.arn(&caller.scope, "");
    let is_asked = |event: &&ServiceEvent| {
        event.source.starts_with(&of_instances)
            && source_type.as_deref().is_none_or(|kind| kind == "db-instance")
            && source_identifier.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(&event.name))
            && (from..=to).contains(&event.at)
            && (event_categories.is_empty() || event_categories.contains(&event.category))
    };
    let rows = model.service_events.iter().filter(is_asked).collect();
    let (rows, marker) = paged(page, rows, |event: &&ServiceEvent| &event.id)?;
    Ok(rds::EventsMessage { marker, events: rows.into_iter().map(shown).collect() })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn shown(event: &ServiceEvent) -> rds::Event {
    rds::Event {
        source_identifier: text(&event.name),
        source_type: text("db-instance"),
        message: text(&event.message),
        event_categories: std::iter::once(event.category.clone()).collect(),
        date: Some(event.at.into()),
        source_arn: text(&event.source),
    }
}
