//! Events of DB instances, and their categories.

use super::filter;
use crate::api::action::{Actions, View};
use crate::api::deployment::{Paged, Window, events, paged, text};
use model::services::{Clash, Error, Result, ServiceEvent, Thing, Wanted};
use shapes::List;
use shapes::rds::{self, EventCategoriesMap};

pub fn actions(all: Actions) -> Actions {
    all.read(describe).read(categories)
}

fn describe(cx: View, input: rds::DescribeEventsMessage) -> Result<Paged<rds::Event>> {
    let (source_identifier, source_type) = (input.source_identifier, input.source_type);
    filter::check(&input.filters)?;
    if source_identifier.is_some() && source_type.is_none() {
        return Err(Clash::SourceWithoutType {}.into());
    }
    check_source(source_type.as_deref())?;
    let window = Window { start: input.start_time, end: input.end_time, minutes: input.duration };
    let things = [Thing::DbInstance, Thing::DbCluster];
    let mut rows = events(cx.model, cx.caller, &things, source_identifier.as_deref(), &window);
    rows.retain(|event| {
        source_type.as_deref().is_none_or(|kind| kind == source_type_of(event))
            && (input.event_categories.is_empty() || input.event_categories.contains(&event.category))
    });
    Ok(paged(input.page, rows, |event: &&ServiceEvent| &event.id)?.map(shown))
}

fn source_type_of(event: &ServiceEvent) -> &'static str {
    match Thing::of_arn(&event.source) {
        Some((Thing::DbCluster, _)) => "db-cluster",
        _ => "db-instance",
    }
}

fn shown(event: &ServiceEvent) -> rds::Event {
    rds::Event {
        source_identifier: text(&event.name),
        source_type: text(source_type_of(event)),
        message: text(&event.message),
        event_categories: std::iter::once(event.category.clone()).collect(),
        date: Some(event.at),
        source_arn: text(&event.source),
    }
}

/// The sources and categories of events (RDS user guide, "Working with Amazon RDS event notification").
static CATEGORIES: &[(&str, &str)] = &[
    (
        "db-instance",
        "availability,backup,configuration change,creation,deletion,failover,failure,low storage,maintenance,notification,\
         read replica,recovery,restoration,security",
    ),
    ("db-security-group", "configuration change,failure"),
    ("db-parameter-group", "configuration change"),
    ("db-snapshot", "creation,deletion,notification,restoration"),
    ("db-cluster", "configuration change,creation,deletion,failover,failure,maintenance,notification"),
    ("db-cluster-snapshot", "backup,notification"),
];

pub fn check_source(source: Option<&str>) -> Result<()> {
    match source {
        Some(source) if !CATEGORIES.iter().any(|(kind, _)| *kind == source) => {
            let why = Wanted::SourceType {};
            Err(Error::Value { name: "SourceType", value: source.to_owned(), why })
        }
        _ => Ok(()),
    }
}

fn categories(_: View, input: rds::DescribeEventCategoriesMessage) -> Result<List<EventCategoriesMap>> {
    let rds::DescribeEventCategoriesMessage { source_type, filters } = input;
    filter::check(&filters)?;
    check_source(source_type.as_deref())?;
    let wanted = CATEGORIES.iter().filter(|(kind, _)| source_type.as_deref().is_none_or(|asked| asked == *kind));
    let one = |(kind, categories): &(&str, &str)| EventCategoriesMap {
        source_type: text(kind),
        event_categories: categories.split(',').map(str::to_owned).collect(),
    };
    Ok(wanted.map(one).collect())
}
