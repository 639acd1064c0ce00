//! Flow logs.

use super::listing::{Attributes, each, one};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{
    Error, FlowLog, LogDestination, LoggedKind, LoggedTraffic, NewFlowLogs, Result, format_text, parse_format,
};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

static ATTRIBUTES: Attributes<FlowLog> = Attributes(&[
    ("deliver-log-status", |_, _| one(DELIVERED)),
    ("flow-log-id", |_, log| one(&log.id)),
    ("log-destination-type", |_, log| one(log.destination.kind())),
    ("log-group-name", |_, log| each(group(log))),
    ("resource-id", |_, log| one(&log.resource)),
    ("traffic-type", |_, log| one(log.traffic.name())),
]);

const DELIVERED: &str = "SUCCESS";
const PLAIN_TEXT: &str = "plain-text";
/// How long traffic is summed up where a request does not say, in seconds.
const INTERVAL: i32 = 600;

fn group(log: &FlowLog) -> Option<&str> {
    matches!(log.destination, LogDestination::Group(..)).then(|| log.destination.name())
}

fn shown(log: &FlowLog) -> ec2::FlowLog {
    let options = || ec2::DestinationOptionsResponse {
        file_format: text(PLAIN_TEXT),
        hive_compatible_partitions: Some(false),
        per_hour_partition: Some(false),
    };
    ec2::FlowLog {
        creation_time: Some(log.created),
        deliver_logs_permission_arn: log.permission.clone(),
        deliver_cross_account_role: log.cross_account_role.clone(),
        deliver_logs_status: text(DELIVERED),
        flow_log_id: text(&log.id),
        flow_log_status: text("ACTIVE"),
        log_group_name: group(log).map(str::to_owned),
        resource_id: text(&log.resource),
        traffic_type: text(log.traffic.name()),
        log_destination_type: text(log.destination.kind()),
        log_destination: log.destination.arn().map(str::to_owned),
        log_format: text(format_text(&log.format)),
        tags: tags::shown(&log.tags),
        max_aggregation_interval: i32::try_from(log.interval).ok(),
        destination_options: matches!(log.destination, LogDestination::Bucket(_)).then(options),
        ..Default::default()
    }
}

fn kind(resource_type: &str) -> Result<LoggedKind> {
    match resource_type {
        "VPC" => Ok(LoggedKind::Vpc),
        "Subnet" => Ok(LoggedKind::Subnet),
        "NetworkInterface" => Ok(LoggedKind::NetworkInterface),
        other => Err(Error::invalid("ResourceType", other)),
    }
}

fn traffic(kind: Option<String>) -> Result<LoggedTraffic> {
    let kind = kind.ok_or_else(|| Error::missing("TrafficType"))?;
    LoggedTraffic::named(&kind).ok_or_else(|| Error::invalid("TrafficType", kind))
}

fn destination_kind(kind: Option<String>) -> Result<String> {
    match kind.unwrap_or_else(|| "cloud-watch-logs".into()) {
        kind if matches!(kind.as_str(), "cloud-watch-logs" | "s3" | "kinesis-data-firehose") => Ok(kind),
        other => Err(Error::invalid("LogDestinationType", other)),
    }
}

/// Files are plain text in one folder.
fn check_options(options: Option<ec2::DestinationOptionsRequest>) -> Result<()> {
    let ec2::DestinationOptionsRequest { file_format, hive_compatible_partitions, per_hour_partition } =
        options.unwrap_or_default();
    let plain = file_format.is_none_or(|format| format == PLAIN_TEXT);
    match plain && hive_compatible_partitions != Some(true) && per_hour_partition != Some(true) {
        true => Ok(()),
        false => Err(Error::OnlyPlainFlowLogs {}),
    }
}

/// The delivery role is not checked, because EC2's checks need a role that can be passed.
fn create(cx: Change, input: ec2::CreateFlowLogsRequest) -> Result<ec2::CreateFlowLogsResult> {
    let ec2::CreateFlowLogsRequest {
        client_token,
        deliver_logs_permission_arn,
        deliver_cross_account_role,
        log_group_name,
        resource_ids,
        resource_type,
        traffic_type,
        log_destination_type,
        log_destination,
        log_format,
        tag_specifications,
        max_aggregation_interval,
        destination_options,
    } = input;
    check_options(destination_options)?;
    let interval = max_aggregation_interval.unwrap_or(INTERVAL);
    let new = NewFlowLogs {
        kind: kind(&resource_type)?,
        resources: resource_ids.to_vec(),
        traffic: traffic(traffic_type)?,
        destination: LogDestination::new(&destination_kind(log_destination_type)?, log_group_name, log_destination)?,
        permission: deliver_logs_permission_arn,
        cross_account_role: deliver_cross_account_role,
        format: log_format.map(|format| parse_format(&format)).transpose()?,
        interval: u32::try_from(interval).map_err(|_| Error::FlowLogInterval {})?,
        client_token: token(&client_token),
        tags: tags::of(tag_specifications, "vpc-flow-log")?,
    };
    let flow_log_ids = cx.model.create_flow_logs(cx.caller, new)?.into();
    Ok(ec2::CreateFlowLogsResult { client_token: client_token.text, flow_log_ids, unsuccessful: Vec::new().into() })
}

fn describe(cx: View, input: ec2::DescribeFlowLogsRequest) -> Result<ec2::DescribeFlowLogsResult> {
    ATTRIBUTES.list(cx.model, cx.model.flow_logs.of(&cx.caller.scope), input, shown)
}

fn delete(cx: Change, input: ec2::DeleteFlowLogsRequest) -> Result<List<ec2::UnsuccessfulItem>> {
    cx.model.delete_flow_logs(cx.caller, &input.flow_log_ids)?;
    Ok(Vec::new().into())
}
