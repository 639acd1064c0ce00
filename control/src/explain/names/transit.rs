//! Transit gateways in words.

use super::{Names, label};
use ipnet::{IpNet, Ipv4Net};
use model::{TransitGatewayAttachment, TransitGatewayRoute, TransitGatewayRouteTable};

impl Names<'_> {
    /// The route table for packets that an attachment brings into its VPC.
    pub(super) fn entrance(&self, attachment: &TransitGatewayAttachment) -> String {
        let subnet = attachment.subnets.first().map_or("", |place| &place.subnet);
        let table = self.model.route_table_of(subnet).map_or("no route table", |table| &table.id);
        format!("{table} of {subnet}, by which {} enters {}", label(&attachment.id, &attachment.tags), attachment.vpc)
    }

    /// A route of a gateway's own table.
    pub(super) fn transit_route(
        &self,
        table: &TransitGatewayRouteTable,
        prefix: Ipv4Net,
    ) -> Option<TransitGatewayRoute> {
        let mut routes = self.model.transit_routes(table).into_iter();
        routes.find(|route| route.destination == IpNet::V4(prefix))
    }
}
