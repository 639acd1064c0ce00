//! The parts of a cloud that can be removed one by one.

use crate::api::Request;
use crate::export;
use model::{Domain, InstanceHost, ManagedNews, Model, Resource, Scope, Time};

/// A removable part of a cloud.
#[derive(Clone, Debug)]
pub enum Part {
    /// A part that a call of the API removes.
    Call(Scope, String),
    /// A host outside the cloud.
    Host(String),
    /// A service's host.
    Managed(String),
}

impl Part {
    /// Removes it. Returns whether that was possible.
    pub fn remove(&self, model: &mut Model, now: Time) -> bool {
        let removed = match self {
            Self::Call(scope, form) => {
                let request = Request::of_process(scope, &format!("Action={form}"), now);
                request.and_then(|request| request.write(model)).is_ok()
            }
            Self::Host(name) => model.remove_host(name).is_ok(),
            Self::Managed(id) => {
                model.end_managed_host(id);
                model.follow_managed_hosts(now, |host| (host.id == *id).then_some(ManagedNews::Gone));
                true
            }
        };
        if removed {
            model.follow_hosts(|instance| if instance.is_on() { InstanceHost::Up } else { InstanceHost::Gone });
            model.take_changes();
        } else {
            model.undo();
        }
        removed
    }
}

/// Everything that can be removed. A part that others depend on comes later.
pub fn parts(model: &Model) -> Vec<Part> {
    let mut all: Vec<Part> = model.hosts.iter().map(|host| Part::Host(host.name.clone())).collect();
    all.extend(model.managed_hosts.iter().map(|host| Part::Managed(host.id.clone())));
    let mut call = |scope: &Scope, form: String| all.push(Part::Call(scope.clone(), form));
    for instance in model.instances.iter().filter(|instance| !instance.is_gone()) {
        call(instance.scope(), format!("TerminateInstances&InstanceId.1={}", instance.id));
        if let Some(link) = instance.link() {
            let (id, vpc) = (&instance.id, &link.vpc);
            call(instance.scope(), format!("DetachClassicLinkVpc&InstanceId={id}&VpcId={vpc}"));
        }
    }
    for gateway in model.nat_gateways.iter().filter(|gateway| gateway.is_available()) {
        call(gateway.scope(), format!("DeleteNatGateway&NatGatewayId={}", gateway.id));
    }
    for endpoint in model.vpc_endpoints.iter() {
        call(endpoint.scope(), format!("DeleteVpcEndpoints&VpcEndpointId.1={}", endpoint.id));
    }
    for peering in model.peerings.iter().filter(|peering| peering.is_active()) {
        call(peering.scope(), format!("DeleteVpcPeeringConnection&VpcPeeringConnectionId={}", peering.id));
    }
    for connection in model.vpn_connections.iter().filter(|connection| connection.is_up()) {
        call(connection.scope(), format!("DeleteVpnConnection&VpnConnectionId={}", connection.id));
    }
    for attachment in model.transit_attachments.iter() {
        let id = &attachment.id;
        call(attachment.scope(), format!("DeleteTransitGatewayVpcAttachment&TransitGatewayAttachmentId={id}"));
    }
    for gateway in model.transit_gateways.iter() {
        call(gateway.scope(), format!("DeleteTransitGateway&TransitGatewayId={}", gateway.id));
    }
    for table in model.route_tables.iter() {
        for association in table.associations.iter().filter(|association| association.subnet.is_some()) {
            call(table.scope(), format!("DisassociateRouteTable&AssociationId={}", association.id));
        }
        for route in table.routes.iter().filter(|route| !route.is_local()) {
            let (id, destination) = (&table.id, &route.destination);
            call(table.scope(), format!("DeleteRoute&RouteTableId={id}&DestinationCidrBlock={destination}"));
        }
    }
    for group in model.security_groups.iter() {
        for rule in &group.rules {
            let direction = if rule.egress { "Egress" } else { "Ingress" };
            let (id, rule) = (&group.id, &rule.id);
            call(group.scope(), format!("RevokeSecurityGroup{direction}&GroupId={id}&SecurityGroupRuleId.1={rule}"));
        }
    }
    // A scenario does not mention the network ACL that every VPC has.
    for acl in model.network_acls.iter().filter(|acl| !export::is_default_acl(acl)) {
        for entry in &acl.entries {
            let (id, number, egress) = (&acl.id, entry.number, entry.egress);
            call(acl.scope(), format!("DeleteNetworkAclEntry&NetworkAclId={id}&RuleNumber={number}&Egress={egress}"));
        }
    }
    for elastic in model.elastic_addresses.iter() {
        let name = match elastic.domain {
            Domain::Standard => format!("PublicIp={}", elastic.address),
            Domain::Vpc => format!("AllocationId={}", elastic.id),
        };
        if model.holder_of(elastic.address).is_some() {
            call(elastic.scope(), format!("DisassociateAddress&PublicIp={}", elastic.address));
        }
        call(elastic.scope(), format!("ReleaseAddress&{name}"));
    }
    for interface in model.network_interfaces.iter().filter(|interface| interface.attachment.is_none()) {
        call(interface.scope(), format!("DeleteNetworkInterface&NetworkInterfaceId={}", interface.id));
    }
    for subnet in model.subnets.iter() {
        call(subnet.scope(), format!("DeleteSubnet&SubnetId={}", subnet.id));
    }
    for table in model.route_tables.iter().filter(|table| !table.is_main()) {
        call(table.scope(), format!("DeleteRouteTable&RouteTableId={}", table.id));
    }
    for acl in model.network_acls.iter().filter(|acl| !acl.default) {
        call(acl.scope(), format!("DeleteNetworkAcl&NetworkAclId={}", acl.id));
    }
    for group in model.security_groups.iter().filter(|group| !group.is_default()) {
        call(group.scope(), format!("DeleteSecurityGroup&GroupId={}", group.id));
    }
    for gateway in model.internet_gateways.iter() {
        if let Some(vpc) = &gateway.vpc {
            call(gateway.scope(), format!("DetachInternetGateway&InternetGatewayId={}&VpcId={vpc}", gateway.id));
        }
        call(gateway.scope(), format!("DeleteInternetGateway&InternetGatewayId={}", gateway.id));
    }
    for gateway in model.vpn_gateways.iter() {
        if let Some(vpc) = &gateway.vpc {
            call(gateway.scope(), format!("DetachVpnGateway&VpnGatewayId={}&VpcId={vpc}", gateway.id));
        }
        call(gateway.scope(), format!("DeleteVpnGateway&VpnGatewayId={}", gateway.id));
    }
    for gateway in model.customer_gateways.iter() {
        call(gateway.scope(), format!("DeleteCustomerGateway&CustomerGatewayId={}", gateway.id));
    }
    for list in model.prefix_lists.iter() {
        call(list.scope(), format!("DeleteManagedPrefixList&PrefixListId={}", list.id));
    }
    for vpc in model.vpcs.iter() {
        call(vpc.scope(), format!("DeleteVpc&VpcId={}", vpc.id));
    }
    all
}
