//! Flow logs: whose traffic is recorded, and where the records go (semantics.md §11).
//!
//! A flow log covers network interfaces: one, or all of a subnet or a VPC, those to come included. An instance in EC2-Classic has
//! none, linked or not, so nothing can be named that would cover it.

use crate::collection::resource;
use crate::ec2::flow_log_field::{DEFAULT_FORMAT, Field};
use crate::{Caller, ClientToken, Error, IdKind, Model, NetworkInterface, Result, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};

/// Flow logs that one resource may have (a quota of AWS).
const LIMIT: usize = 2;

/// The traffic that is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoggedTraffic {
    /// Accepted traffic.
    Accept,
    /// Rejected traffic.
    Reject,
    /// Both.
    All,
}

impl LoggedTraffic {
    /// The API's word.
    pub fn name(self) -> &'static str {
        match self {
            LoggedTraffic::Accept => "ACCEPT",
            LoggedTraffic::Reject => "REJECT",
            LoggedTraffic::All => "ALL",
        }
    }

    /// The kind with that name.
    pub fn named(name: &str) -> Option<Self> {
        [LoggedTraffic::Accept, LoggedTraffic::Reject, LoggedTraffic::All].into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it includes accepted, or rejected, traffic.
    pub fn takes(self, accepted: bool) -> bool {
        match self {
            LoggedTraffic::Accept => accepted,
            LoggedTraffic::Reject => !accepted,
            LoggedTraffic::All => true,
        }
    }
}

/// The destination of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogDestination {
    /// A log group, by its name; with its ARN if it was given by that.
    Group(String, Option<String>),
    /// A bucket, and maybe a folder in it, by ARN.
    Bucket(String),
    /// A delivery stream, by ARN.
    Stream(String),
}

impl LogDestination {
    /// Out of what a request says: EC2's word for the type, the name of a log group, an ARN.
    ///
    /// # Errors
    /// If they do not go together, or the ARN is none of that type.
    pub fn new(kind: &str, group: Option<String>, arn: Option<String>) -> Result<Self> {
        match (kind, group, arn) {
            (_, Some(_), Some(_)) => Err(Error::FlowLogTwoDestinations {}),
            (_, None, None) => Err(Error::FlowLogNoDestination {}),
            ("cloud-watch-logs", Some(group), None) if is_group_name(&group) => Ok(LogDestination::Group(group, None)),
            ("cloud-watch-logs", Some(value), None) => Err(Error::InvalidValue { name: "LogGroupName".into(), value }),
            (_, Some(_), None) => Err(Error::FlowLogGroupOfOtherType {}),
            (kind, None, Some(arn)) => Self::at(kind, arn),
        }
    }

    fn at(kind: &str, arn: String) -> Result<Self> {
        let (service, before_name) = match kind {
            "cloud-watch-logs" => ("logs", ":log-group:"),
            "s3" => ("s3", "::"),
            _ => ("firehose", ":deliverystream/"),
        };
        // arn:PARTITION:SERVICE:REGION:ACCOUNT:NAME
        let rest = arn.strip_prefix("arn:").and_then(|rest| rest.split_once(':')).map(|(_, rest)| rest);
        let rest = rest.and_then(|rest| rest.strip_prefix(service)?.strip_prefix(':'));
        let name = rest.and_then(|rest| rest.split_once(before_name)).map(|(_, name)| name.trim_end_matches(":*"));
        match name.map(str::to_owned) {
            Some(name) if kind == "cloud-watch-logs" && is_group_name(&name) => {
                Ok(LogDestination::Group(name, Some(arn)))
            }
            Some(name) if kind == "s3" && !name.is_empty() => Ok(LogDestination::Bucket(arn)),
            Some(name) if kind == "kinesis-data-firehose" && !name.is_empty() => Ok(LogDestination::Stream(arn)),
            _ => Err(Error::FlowLogArn { arn, kind: kind.into() }),
        }
    }

    /// EC2's word for the type.
    pub fn kind(&self) -> &'static str {
        match self {
            LogDestination::Group(..) => "cloud-watch-logs",
            LogDestination::Bucket(_) => "s3",
            LogDestination::Stream(_) => "kinesis-data-firehose",
        }
    }

    /// Its name among those of its kind: of a log group, of a bucket with its folder, of a delivery stream.
    pub fn name(&self) -> &str {
        match self {
            LogDestination::Group(name, _) => name,
            LogDestination::Bucket(arn) => arn.rsplit_once(":::").map_or(arn, |(_, name)| name),
            LogDestination::Stream(arn) => arn.rsplit_once('/').map_or(arn, |(_, name)| name),
        }
    }

    /// Its ARN, if it was given by one.
    pub fn arn(&self) -> Option<&str> {
        match self {
            LogDestination::Group(_, arn) => arn.as_deref(),
            LogDestination::Bucket(arn) | LogDestination::Stream(arn) => Some(arn),
        }
    }
}

/// What CloudWatch Logs takes for the name of a log group.
fn is_group_name(name: &str) -> bool {
    (1..=512).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/#".contains(&b))
}

/// A flow log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    /// `fl-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The VPC, subnet or network interface. It may be gone: then the flow log covers nothing.
    pub resource: String,
    /// The traffic that is recorded.
    pub traffic: LoggedTraffic,
    /// The destination of records.
    pub destination: LogDestination,
    /// The role by which AWS would deliver, as the user wrote it.
    pub permission: Option<String>,
    /// The role by which it would do so into another account.
    pub cross_account_role: Option<String>,
    /// The format of records.
    pub format: Vec<Field>,
    /// The maximum aggregation interval, in seconds.
    pub interval: u32,
    /// The token of the request that made it.
    pub client_token: Option<ClientToken>,
    /// The time of its creation.
    pub created: Time,
}

resource!(FlowLog, IdKind::VpcFlowLog, |log| vec![log.resource.clone()]);

impl FlowLog {
    /// Whether it records the traffic of that network interface.
    pub fn covers(&self, interface: &NetworkInterface) -> bool {
        [&interface.id, &interface.subnet, &interface.vpc].contains(&&self.resource)
    }

    /// Whether another flow log records the same traffic of the same resource to the same destination.
    fn repeats(&self, other: &Self) -> bool {
        let place = |log: &Self| (log.destination.kind(), log.destination.name().to_owned());
        self.scope == other.scope && self.resource == other.resource && place(self) == place(other)
    }
}

/// The kind of a resource that a flow log covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoggedKind {
    /// A VPC: all its network interfaces.
    Vpc,
    /// A subnet: all its network interfaces.
    Subnet,
    /// A network interface.
    NetworkInterface,
}

impl LoggedKind {
    /// The API's word.
    pub fn name(self) -> &'static str {
        match self {
            LoggedKind::Vpc => "VPC",
            LoggedKind::Subnet => "Subnet",
            LoggedKind::NetworkInterface => "NetworkInterface",
        }
    }

    fn id_kind(self) -> IdKind {
        match self {
            LoggedKind::Vpc => IdKind::Vpc,
            LoggedKind::Subnet => IdKind::Subnet,
            LoggedKind::NetworkInterface => IdKind::NetworkInterface,
        }
    }
}

/// The parameters of new flow logs.
#[derive(Clone, Debug)]
pub struct NewFlowLogs {
    /// The kind of their resources.
    pub kind: LoggedKind,
    /// Their resources. Each gets a flow log.
    pub resources: Vec<String>,
    /// See [`FlowLog`].
    pub traffic: LoggedTraffic,
    /// See [`FlowLog`].
    pub destination: LogDestination,
    /// See [`FlowLog`].
    pub permission: Option<String>,
    /// See [`FlowLog`].
    pub cross_account_role: Option<String>,
    /// The default format if there is none.
    pub format: Option<Vec<Field>>,
    /// See [`FlowLog`].
    pub interval: u32,
    /// See [`FlowLog`].
    pub client_token: Option<ClientToken>,
    /// See [`FlowLog`].
    pub tags: Tags,
}

impl Model {
    /// CreateFlowLogs: all or none. A repeated request with the same token returns the first one's result.
    pub fn create_flow_logs(&mut self, caller: &Caller, new: NewFlowLogs) -> Result<Vec<String>> {
        if let Some(before) = self.flow_logs_made_before(caller, new.client_token.as_ref())? {
            return Ok(before);
        }
        if !matches!(new.interval, 60 | 600) {
            return Err(Error::FlowLogInterval {});
        }
        tags::check(&new.tags)?;
        new.resources.iter().map(|resource| self.create_flow_log(caller, &new, resource)).collect()
    }

    fn flow_logs_made_before(&self, caller: &Caller, token: Option<&ClientToken>) -> Result<Option<Vec<String>>> {
        let Some(token) = token else { return Ok(None) };
        let same = |log: &&FlowLog| log.client_token.as_ref().is_some_and(|before| before.token == token.token);
        let before: Vec<&FlowLog> = self.flow_logs.of(&caller.scope).filter(same).collect();
        if before.iter().any(|log| log.client_token.as_ref() != Some(token)) {
            return Err(Error::IdempotentMismatch {});
        }
        Ok((!before.is_empty()).then(|| before.iter().map(|log| log.id.clone()).collect()))
    }

    fn create_flow_log(&mut self, caller: &Caller, new: &NewFlowLogs, resource: &str) -> Result<String> {
        if !new.kind.id_kind().fits(resource) {
            return Err(Error::FlowLogResource { id: resource.into(), kind: new.kind.name().into() });
        }
        match new.kind {
            LoggedKind::Vpc => self.vpcs.find(&caller.scope, resource).map(|_| ())?,
            LoggedKind::Subnet => self.subnets.find(&caller.scope, resource).map(|_| ())?,
            LoggedKind::NetworkInterface => self.network_interfaces.find(&caller.scope, resource).map(|_| ())?,
        }
        let log = FlowLog {
            id: self.new_id(IdKind::VpcFlowLog),
            scope: caller.scope.clone(),
            tags: new.tags.clone(),
            resource: resource.into(),
            traffic: new.traffic,
            destination: new.destination.clone(),
            permission: new.permission.clone(),
            cross_account_role: new.cross_account_role.clone(),
            format: new.format.clone().unwrap_or_else(|| DEFAULT_FORMAT.to_vec()),
            interval: new.interval,
            client_token: new.client_token.clone(),
            created: caller.now,
        };
        if self.flow_logs.by(resource).any(|other| other.repeats(&log)) {
            return Err(Error::FlowLogExists {});
        }
        if self.flow_logs.by(resource).count() >= LIMIT {
            return Err(Error::FlowLogLimit {});
        }
        let id = log.id.clone();
        self.flow_logs.insert(log);
        Ok(id)
    }

    /// DeleteFlowLogs: all or none. Records stay.
    pub fn delete_flow_logs(&mut self, caller: &Caller, ids: &[String]) -> Result<()> {
        let unknown = |id: &&String| self.flow_logs.find(&caller.scope, id).is_err();
        let unknown: Vec<&str> = ids.iter().filter(unknown).map(String::as_str).collect();
        if !unknown.is_empty() {
            return Err(Error::FlowLogsNotFound { count: unknown.len(), ids: unknown.join(" ") });
        }
        ids.iter().for_each(|id| _ = self.flow_logs.remove(id));
        Ok(())
    }

    /// The flow logs that cover a network interface: its own, its subnet's, its VPC's.
    pub fn flow_logs_of<'a>(&'a self, interface: &'a NetworkInterface) -> impl Iterator<Item = &'a FlowLog> {
        [&interface.id, &interface.subnet, &interface.vpc].into_iter().flat_map(|covered| self.flow_logs.by(covered))
    }
}
