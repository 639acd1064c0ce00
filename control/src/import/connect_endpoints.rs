//! EC2 Instance Connect Endpoints.

use super::{Importer, tags};
use model::{IdKind, InstanceConnectEndpoint, Scope};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn connect_endpoint(&mut self, scope: &Scope, told: ec2::Ec2InstanceConnectEndpoint) {
        let Some(id) = self.id(IdKind::InstanceConnectEndpoint, told.instance_connect_endpoint_id) else { return };
        let state = told.state.unwrap_or_default();
        if state.starts_with("delete") || state == "create-failed" {
            return self.leave_out(format!("{id} is {state}"));
        }
        let Some(interface) = told.network_interface_ids.first().cloned() else {
            return self.leave_out(format!("{id}: it has no network interface"));
        };
        let Some(row) = self.model.network_interfaces.get(&interface) else {
            return self.leave_out(format!("{id}: its network interface {interface} is not in the files"));
        };
        let (vpc, subnet) = (row.vpc.clone(), row.subnet.clone());
        self.model.connect_endpoints.adopt(InstanceConnectEndpoint {
            id,
            scope: scope.clone(),
            tags: tags(told.tags),
            vpc,
            subnet,
            interface,
            preserves_client: told.preserve_client_ip == Some(true),
            created: told.created_at.unwrap_or(self.now),
        });
    }
}
