//! Endpoints of route servers, whose network interfaces are in the files.

use super::{Importer, tags};
use model::{IdKind, RouteServerEndpoint, Scope};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn route_server_endpoint(&mut self, scope: &Scope, told: ec2::RouteServerEndpoint) {
        let Some(id) = self.id(IdKind::RouteServerEndpoint, told.route_server_endpoint_id) else { return };
        let state = told.state.unwrap_or_default();
        if state.starts_with("delet") || state == "failed" {
            return self.leave_out(format!("{id} is {state}"));
        }
        let (server, interface) = (told.route_server_id.unwrap_or_default(), told.eni_id.unwrap_or_default());
        let Some(row) = self.model.network_interfaces.get(&interface) else {
            return self.leave_out(format!("{id}: its network interface {interface} is not in the files"));
        };
        let (vpc, subnet, address) = (row.vpc.clone(), row.subnet.clone(), row.addresses.first().copied());
        if self.model.route_servers.get(&server).is_none() {
            return self.leave_out(format!("{id}: its route server {server} is not in the files"));
        }
        let (scope, tags) = (scope.clone(), tags(told.tags));
        let row = RouteServerEndpoint { id, scope, tags, server, vpc, subnet, interface, address };
        self.model.route_server_endpoints.adopt(row);
    }
}
