//! Versions and node types, events, tags.

use super::tags;
use crate::api::action::{Actions, View};
use crate::api::deployment::{Paged, Window, events, paged, text};
use model::services::{Clash, Error, Result, ServiceEvent, Thing, Wanted, versions};
use model::{Region, Tags};
use shapes::List;
use shapes::redshift::{self, Event};

pub fn actions(all: Actions) -> Actions {
    all.read(describe_versions)
        .read(describe_orderable)
        .read(describe_events)
        .read(describe_categories)
        .read(describe_tags)
}

fn describe_versions(
    _: View,
    input: redshift::DescribeClusterVersionsMessage,
) -> Result<Paged<redshift::ClusterVersion>> {
    let redshift::DescribeClusterVersionsMessage { cluster_version, cluster_parameter_group_family: family, page } =
        input;
    let own = versions().filter(|version| version.engine == "redshift");
    let rows = own.filter(|version| {
        cluster_version.as_deref().is_none_or(|asked| asked == version.version)
            && family.as_deref().is_none_or(|asked| asked == version.family())
    });
    let one = |version: &model::services::EngineVersion| redshift::ClusterVersion {
        cluster_version: text(version.version),
        cluster_parameter_group_family: text(version.family()),
        description: text("Initial release"),
    };
    Ok(paged(page, rows.collect(), |version| version.version)?.map(one))
}

/// Types of nodes.
const NODES: [&str; 7] =
    ["dc1.8xlarge", "dc1.large", "dc2.8xlarge", "dc2.large", "ds2.xlarge", "ra3.4xlarge", "ra3.xlplus"];

fn describe_orderable(
    cx: View,
    input: redshift::DescribeOrderableClusterOptionsMessage,
) -> Result<Paged<redshift::OrderableClusterOption>> {
    let redshift::DescribeOrderableClusterOptionsMessage { cluster_version, node_type, page } = input;
    let kinds = ["multi-node", "single-node"];
    let all = NODES.iter().flat_map(|node| kinds.map(|kind| (format!("{node} {kind}"), *node, kind)));
    let rows = all.filter(|(_, node, _)| {
        node_type.as_deref().is_none_or(|asked| asked == *node)
            && cluster_version.as_deref().is_none_or(|asked| asked == "1.0")
    });
    let zones = || Region::named(&cx.caller.scope.region).into_iter().flat_map(Region::zones);
    let option = |(_, node, kind): (String, &str, &str)| redshift::OrderableClusterOption {
        cluster_version: text("1.0"),
        cluster_type: text(kind),
        node_type: text(node),
        availability_zones: zones()
            .map(|(name, _)| redshift::AvailabilityZone { name: Some(name), ..Default::default() })
            .collect(),
    };
    Ok(paged(page, rows.collect(), |(place, ..)| place)?.map(option))
}

fn describe_events(cx: View, input: redshift::DescribeEventsMessage) -> Result<Paged<Event>> {
    let redshift::DescribeEventsMessage { source_identifier, source_type, start_time, end_time, duration, page } =
        input;
    let things: &[Thing] = match source_type.as_deref() {
        None | Some("cluster") => &[Thing::Cluster],
        Some("cluster-parameter-group" | "cluster-security-group" | "cluster-snapshot" | "scheduled-action") => &[],
        Some(other) => {
            let why = Wanted::SourceType {};
            return Err(Error::Value { name: "SourceType", value: other.to_owned(), why });
        }
    };
    if source_identifier.is_some() && source_type.is_none() {
        return Err(Clash::Needs { name: "SourceIdentifier", other: "SourceType" }.into());
    }
    let window = Window { start: start_time, end: end_time, minutes: duration };
    let rows = events(cx.model, cx.caller, things, source_identifier.as_deref(), &window);
    let one = |event: &ServiceEvent| Event {
        source_identifier: text(&event.name),
        source_type: text("cluster"),
        message: text(&event.message),
        event_categories: vec![category(&event.category).to_owned()].into(),
        severity: text(if event.category == "failure" { "ERROR" } else { "INFO" }),
        date: Some(event.at),
        event_id: text(format!("REDSHIFT-EVENT-{}", event.id.trim_start_matches('0'))),
    };
    Ok(paged(page, rows, |event: &&ServiceEvent| &event.id)?.map(one))
}

/// The service's word for a category.
fn category(word: &str) -> &'static str {
    match word {
        "configuration change" => "configuration",
        "failure" => "monitoring",
        _ => "management",
    }
}

fn describe_categories(
    _: View,
    input: redshift::DescribeEventCategoriesMessage,
) -> Result<List<redshift::EventCategoriesMap>> {
    let redshift::DescribeEventCategoriesMessage { source_type } = input;
    let event = |category: &str| redshift::EventInfoMap {
        event_categories: vec![category.to_owned()].into(),
        severity: text("INFO"),
        ..Default::default()
    };
    let of_clusters = redshift::EventCategoriesMap {
        source_type: text("cluster"),
        events: ["configuration", "management", "monitoring", "security"].map(event).into_iter().collect(),
    };
    let all = [of_clusters].into_iter().filter(|map| source_type.is_none() || map.source_type == source_type);
    Ok(all.collect())
}

/// All tags, or those of one thing or of one kind.
fn describe_tags(cx: View, input: redshift::DescribeTagsMessage) -> Result<Paged<redshift::TaggedResource>> {
    let redshift::DescribeTagsMessage { resource_name, resource_type, page, tag_keys, tag_values } = input;
    if resource_name.is_some() && resource_type.is_some() {
        return Err(Clash::NameOrType {}.into());
    }
    if let Some(arn) = &resource_name {
        cx.model.service_tags(&cx.caller.scope, arn)?;
    }
    let scope = &cx.caller.scope;
    let clusters = cx.model.deployments_of(scope, Thing::Cluster).map(|row| ("cluster", &row.id, &row.tags));
    let subnets = cx.model.subnet_groups_of(scope, Thing::ClusterSubnetGroup);
    let access = cx.model.access_groups_of(scope, Thing::ClusterSecurityGroup);
    let parameters = cx.model.parameter_groups.iter();
    let parameters = parameters.filter(|row| row.thing == Thing::ClusterParameterGroup && row.scope == *scope);
    let snapshots = cx.model.service_snapshots_of(scope, Thing::ClusterSnapshot);
    let all = clusters
        .chain(subnets.map(|row| ("subnetgroup", &row.id, &row.tags)))
        .chain(access.map(|row| ("securitygroup", &row.id, &row.tags)))
        .chain(parameters.map(|row| ("parametergroup", &row.id, &row.tags)))
        .chain(snapshots.map(|row| ("snapshot", &row.id, &row.tags)));
    let all = all.filter(|(kind, arn, _)| {
        resource_name.as_ref().is_none_or(|asked| asked == *arn)
            && resource_type.as_ref().is_none_or(|asked| asked.eq_ignore_ascii_case(kind))
    });
    let rows: Vec<_> =
        all.flat_map(of_resource).filter(|(_, resource)| is_asked(resource, &tag_keys, &tag_values)).collect();
    Ok(paged(page, rows, |(place, _)| place)?.map(|(_, one)| one))
}

/// The tags of a thing, each with what sorts it.
fn of_resource<'t>(
    (kind, arn, own): (&'static str, &'t String, &'t Tags),
) -> impl Iterator<Item = (String, redshift::TaggedResource)> + 't {
    tags::shown(own).into_iter().map(move |tag| {
        let place = format!("{arn} {}", tag.key.as_deref().unwrap_or_default());
        (place, redshift::TaggedResource { tag: Some(tag), resource_name: text(arn), resource_type: text(kind) })
    })
}

fn is_asked(resource: &redshift::TaggedResource, keys: &[String], values: &[String]) -> bool {
    let has = |asked: &[String], own: Option<&String>| asked.is_empty() || own.is_some_and(|own| asked.contains(own));
    let tag = resource.tag.as_ref();
    has(keys, tag.and_then(|tag| tag.key.as_ref())) && has(values, tag.and_then(|tag| tag.value.as_ref()))
}
