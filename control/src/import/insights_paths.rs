//! Paths of Reachability Analyzer. What was found on them is not imported: it can be found again.

use super::{Importer, parse, tags};
use model::{IdKind, InsightsProtocol, NetworkInsightsPath, Scope};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn insights_path(&mut self, scope: &Scope, told: ec2::NetworkInsightsPath) {
        let Some(id) = self.id(IdKind::NetworkInsightsPath, told.network_insights_path_id) else { return };
        let Some(source) = told.source else { return self.leave_out(format!("{id}: it has no source")) };
        let word = told.protocol.unwrap_or_default();
        let Ok(protocol) = InsightsProtocol::read("Protocol", &word) else {
            return self.leave_out(format!("{id}: its protocol {word} is not understood"));
        };
        if told.filter_at_source.is_some() || told.filter_at_destination.is_some() {
            self.leave_out(format!("{id}: its filters of headers"));
        }
        self.model.insights_paths.adopt(NetworkInsightsPath {
            id,
            scope: scope.clone(),
            tags: tags(told.tags),
            source,
            destination: told.destination,
            source_ip: parse(told.source_ip.as_ref()),
            destination_ip: parse(told.destination_ip.as_ref()),
            protocol,
            port: told.destination_port.and_then(|port| u16::try_from(port).ok()),
            created: told.created_date.unwrap_or(self.now),
        });
    }
}
