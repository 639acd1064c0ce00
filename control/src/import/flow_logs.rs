//! Flow logs: whose traffic is recorded, and where the records go.

use super::{Importer, tags, unsigned};
use model::{DEFAULT_FORMAT, Field, FlowLog, IdKind, Kind, LogDestination, LoggedTraffic, Scope, parse_format};
use shapes::ec2;

/// The default type of destination.
const LOG_GROUP: &str = "cloud-watch-logs";
/// How long traffic is summed up, in seconds: by default, and at least.
const INTERVALS: [u32; 2] = [600, 60];

impl Importer<'_> {
    pub(super) fn flow_log(&mut self, scope: &Scope, log: ec2::FlowLog) {
        let Some(id) = self.id(IdKind::VpcFlowLog, log.flow_log_id) else { return };
        let resource = log.resource_id.unwrap_or_default();
        let kind = match IdKind::of(&resource) {
            Some(IdKind::Vpc) => Kind::Vpc,
            Some(IdKind::Subnet) => Kind::Subnet,
            Some(IdKind::NetworkInterface) => Kind::NetworkInterface,
            _ => return self.leave_out(format!("{id}: flow logs of {resource} are not known here")),
        };
        if !self.model.has(kind, &resource) {
            return self.leave_out(format!("{id}: {resource}, whose traffic it records, is not in the files"));
        }
        let kind = log.log_destination_type.unwrap_or_else(|| LOG_GROUP.to_owned());
        // A log group may be given by its name and by its ARN.
        let group = log.log_group_name.filter(|_| log.log_destination.is_none());
        let destination = match LogDestination::new(&kind, group, log.log_destination) {
            Ok(destination) => destination,
            Err(why) => return self.leave_out(format!("{id}: {why}")),
        };
        let interval = unsigned(log.max_aggregation_interval);
        let traffic = log.traffic_type.as_deref().and_then(LoggedTraffic::named);
        let format = self.format_of_records(&id, log.log_format);
        self.model.flow_logs.adopt(FlowLog {
            id,
            scope: scope.clone(),
            tags: tags(log.tags),
            resource,
            traffic: traffic.unwrap_or(LoggedTraffic::All),
            destination,
            permission: log.deliver_logs_permission_arn,
            cross_account_role: log.deliver_cross_account_role,
            format,
            interval: interval.filter(|seconds| INTERVALS.contains(seconds)).unwrap_or(INTERVALS[0]),
            client_token: None,
            created: log.creation_time.unwrap_or(self.now),
        });
    }

    fn format_of_records(&mut self, id: &str, format: Option<String>) -> Vec<Field> {
        let Some(format) = format else { return DEFAULT_FORMAT.to_vec() };
        parse_format(&format).unwrap_or_else(|why| {
            self.leave_out(format!("{id}: its format, instead of which it has the default one: {why}"));
            DEFAULT_FORMAT.to_vec()
        })
    }
}
