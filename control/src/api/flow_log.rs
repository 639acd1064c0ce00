//! Flow logs on the wire.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{
    Caller, ClientToken, Error, FlowLog, IdKind, LogDestination, LoggedKind, LoggedTraffic, Model, NewFlowLogs, Result,
    format_text, parse_format,
};

pub const ACTIONS: Actions = &[
    ("CreateFlowLogs", Handler::Write(create)),
    ("DescribeFlowLogs", Handler::Read(describe)),
    ("DeleteFlowLogs", Handler::Write(delete)),
];

static LISTING: Listing<FlowLog> = Listing {
    ids: "FlowLogId",
    set: "flowLogSet",
    filters: &[
        ("flow-log-id", |_, log| vec![log.id.clone()]),
        ("resource-id", |_, log| vec![log.resource.clone()]),
        ("traffic-type", |_, log| vec![log.traffic.name().into()]),
        ("log-destination-type", |_, log| vec![log.destination.kind().into()]),
        ("log-group-name", |_, log| group(log).map(str::to_owned).into_iter().collect()),
        ("deliver-log-status", |_, _| vec![DELIVERED.into()]),
    ],
    item,
};

const DELIVERED: &str = "SUCCESS";

fn group(log: &FlowLog) -> Option<&str> {
    matches!(log.destination, LogDestination::Group(..)).then(|| log.destination.name())
}

fn item(_: &Model, log: &FlowLog) -> Node {
    let node = Node::new()
        .text("creationTime", log.created)
        .opt("deliverLogsPermissionArn", log.permission.as_ref())
        .opt("deliverCrossAccountRole", log.cross_account_role.as_ref())
        .text("deliverLogsStatus", DELIVERED)
        .text("flowLogId", &log.id)
        .text("flowLogStatus", "ACTIVE")
        .opt("logGroupName", group(log))
        .text("resourceId", &log.resource)
        .text("trafficType", log.traffic.name())
        .text("logDestinationType", log.destination.kind())
        .opt("logDestination", log.destination.arn())
        .text("logFormat", format_text(&log.format))
        .text("maxAggregationInterval", log.interval)
        .tags(&log.tags);
    if !matches!(log.destination, LogDestination::Bucket(_)) {
        return node;
    }
    let options = Node::new()
        .text("fileFormat", PLAIN_TEXT)
        .text("hiveCompatiblePartitions", false)
        .text("perHourPartition", false);
    node.node("destinationOptions", options)
}

const PLAIN_TEXT: &str = "plain-text";

/// What EC2 asks of the role that delivers is not asked here: nobody has one to give.
fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let digest = params.digest();
    let token = params.text("ClientToken");
    let kind = match params.required("ResourceType")?.as_str() {
        "VPC" => LoggedKind::Vpc,
        "Subnet" => LoggedKind::Subnet,
        "NetworkInterface" => LoggedKind::NetworkInterface,
        other => return Err(params.invalid("ResourceType", other)),
    };
    let resources = params.list("ResourceId")?;
    if resources.is_empty() {
        return Err(params.missing("ResourceId"));
    }
    let traffic = params.required("TrafficType")?;
    let traffic = LoggedTraffic::named(&traffic).ok_or_else(|| params.invalid("TrafficType", &traffic))?;
    let new = NewFlowLogs {
        kind,
        resources,
        traffic,
        destination: take_destination(&mut params)?,
        permission: params.text("DeliverLogsPermissionArn"),
        cross_account_role: params.text("DeliverCrossAccountRole"),
        format: params.text("LogFormat").map(|format| parse_format(&format)).transpose()?,
        interval: params.get("MaxAggregationInterval")?.unwrap_or(600),
        client_token: token.clone().map(|token| ClientToken { token, digest }),
        tags: params.tags("vpc-flow-log")?,
    };
    params.finish()?;
    let ids = model.create_flow_logs(caller, new)?;
    Ok(Node::new().opt("clientToken", token).texts("flowLogIdSet", ids).set("unsuccessful", []))
}

fn take_destination(params: &mut Params) -> Result<LogDestination> {
    let kind = params.text("LogDestinationType").unwrap_or_else(|| "cloud-watch-logs".into());
    if !matches!(kind.as_str(), "cloud-watch-logs" | "s3" | "kinesis-data-firehose") {
        return Err(params.invalid("LogDestinationType", kind));
    }
    let plain = params.nested("DestinationOptions", |options| {
        let format = options.text("FileFormat").is_none_or(|format| format == PLAIN_TEXT);
        let hive = options.flag("HiveCompatiblePartitions")?.unwrap_or(false);
        let hours = options.flag("PerHourPartition")?.unwrap_or(false);
        Ok(format && !hive && !hours)
    })?;
    if plain == Some(false) {
        return Err(Error::Unsupported { what: "Flow logs are plain text, without partitions.".into() });
    }
    LogDestination::new(&kind, params.text("LogGroupName"), params.text("LogDestination"))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&FlowLog> = model.flow_logs.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = params.ids("FlowLogId", IdKind::VpcFlowLog)?;
    if ids.is_empty() {
        return Err(params.missing("FlowLogId"));
    }
    params.finish()?;
    model.delete_flow_logs(caller, &ids)?;
    Ok(Node::new().set("unsuccessful", []))
}
