//! What there is to choose from, what has happened, and which tags there are.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{Window, events, paged, text};
use model::services::{Error, Result, ServiceEvent, Thing, versions};
use model::{Caller, Model, Region, Tags};
use shapes::redshift;

pub fn actions(all: Actions) -> Actions {
    all.read(describe_versions)
        .read(describe_orderable)
        .read(describe_events)
        .read(describe_categories)
        .read(describe_tags)
}

fn describe_versions(
    _: &Model,
    _: &Caller,
    input: redshift::DescribeClusterVersionsMessage,
) -> Result<redshift::ClusterVersionsMessage> {
    let redshift::DescribeClusterVersionsMessage { cluster_version, cluster_parameter_group_family: family, page } =
        input;
    let own = versions().filter(|version| version.engine == "redshift");
    let rows = own.filter(|version| {
        cluster_version.as_deref().is_none_or(|asked| asked == version.version)
            && family.as_deref().is_none_or(|asked| asked == version.family())
    });
    let (rows, marker) = paged(page, rows.collect(), |version| version.version)?;
    let one = |version: &model::services::EngineVersion| redshift::ClusterVersion {
        cluster_version: text(version.version),
        cluster_parameter_group_family: text(version.family()),
        description: text("Initial release"),
    };
    Ok(redshift::ClusterVersionsMessage { marker, cluster_versions: rows.into_iter().map(one).collect() })
}

/// Types of nodes.
const NODES: [&str; 7] =
    ["dc1.8xlarge", "dc1.large", "dc2.8xlarge", "dc2.large", "ds2.xlarge", "ra3.4xlarge", "ra3.xlplus"];

fn describe_orderable(
    _: &Model,
    caller: &Caller,
    input: redshift::DescribeOrderableClusterOptionsMessage,
) -> Result<redshift::OrderableClusterOptionsMessage> {
    let redshift::DescribeOrderableClusterOptionsMessage { cluster_version, node_type, page } = input;
    let kinds = ["multi-node", "single-node"];
    let all = NODES.iter().flat_map(|node| kinds.map(|kind| (format!("{node} {kind}"), *node, kind)));
    let rows = all.filter(|(_, node, _)| {
        node_type.as_deref().is_none_or(|asked| asked == *node)
            && cluster_version.as_deref().is_none_or(|asked| asked == "1.0")
    });
    let (rows, marker) = paged(page, rows.collect(), |(place, ..)| place)?;
    let zones = || Region::named(&caller.scope.region).into_iter().flat_map(Region::zones);
    let option = |(_, node, kind): (String, &str, &str)| redshift::OrderableClusterOption {
        cluster_version: text("1.0"),
        cluster_type: text(kind),
        node_type: text(node),
        availability_zones: zones()
            .map(|(name, _)| redshift::AvailabilityZone { name: Some(name), ..Default::default() })
            .collect(),
    };
    let orderable_cluster_options = rows.into_iter().map(option).collect();
    Ok(redshift::OrderableClusterOptionsMessage { orderable_cluster_options, marker })
}

fn describe_events(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeEventsMessage,
) -> Result<redshift::EventsMessage> {
    let redshift::DescribeEventsMessage { source_identifier, source_type, start_time, end_time, duration, page } =
        input;
    let things: &[Thing] = match source_type.as_deref() {
        None | Some("cluster") => &[Thing::Cluster],
        Some("cluster-parameter-group" | "cluster-security-group" | "cluster-snapshot" | "scheduled-action") => &[],
        Some(other) => {
            let why = "it is no type of source".to_owned();
            return Err(Error::Value { name: "SourceType", value: other.to_owned(), why });
        }
    };
    if source_identifier.is_some() && source_type.is_none() {
        return Err(Error::Combination { why: "SourceIdentifier needs SourceType." });
    }
    let window = Window { start: start_time, end: end_time, minutes: duration };
    let rows = events(model, caller, things, source_identifier.as_deref(), &window);
    let (rows, marker) = paged(page, rows, |event: &&ServiceEvent| &event.id)?;
    let one = |event: &ServiceEvent| redshift::Event {
        source_identifier: text(&event.name),
        source_type: text("cluster"),
        message: text(&event.message),
        event_categories: vec![category(&event.category).to_owned()].into(),
        severity: text(if event.category == "failure" { "ERROR" } else { "INFO" }),
        date: Some(event.at.into()),
        event_id: text(format!("REDSHIFT-EVENT-{}", event.id.trim_start_matches('0'))),
    };
    Ok(redshift::EventsMessage { marker, events: rows.into_iter().map(one).collect() })
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
    _: &Model,
    _: &Caller,
    input: redshift::DescribeEventCategoriesMessage,
) -> Result<redshift::EventCategoriesMessage> {
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
    Ok(redshift::EventCategoriesMessage { event_categories_map_list: all.collect() })
}

/// All tags, or those of one thing or of one kind.
fn describe_tags(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeTagsMessage,
) -> Result<redshift::TaggedResourceListMessage> {
    let redshift::DescribeTagsMessage { resource_name, resource_type, page, tag_keys, tag_values } = input;
    if resource_name.is_some() && resource_type.is_some() {
        return Err(Error::Combination { why: "Name either ResourceName or ResourceType." });
    }
    if let Some(arn) = &resource_name {
        model.service_tags(&caller.scope, arn)?;
    }
    let scope = &caller.scope;
    let clusters = model.deployments_of(scope, Thing::Cluster).map(|row| ("cluster", &row.id, &row.tags));
    let subnets = model.subnet_groups_of(scope, Thing::ClusterSubnetGroup);
    let access = model.access_groups_of(scope, Thing::ClusterSecurityGroup);
    let parameters = model.parameter_groups.iter();
    let parameters = parameters.filter(|row| row.thing == Thing::ClusterParameterGroup && row.scope == *scope);
    let snapshots = model.service_snapshots_of(scope, Thing::ClusterSnapshot);
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
    let (rows, marker) = paged(page, rows, |(place, _)| place)?;
    Ok(redshift::TaggedResourceListMessage { tagged_resources: rows.into_iter().map(|(_, one)| one).collect(), marker })
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
