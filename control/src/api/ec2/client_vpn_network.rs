//! Target networks of Client VPN endpoints. Nobody is connected to an endpoint.

use super::listing::{Attributes, each, missing_is_error, one};
use super::{text, token};
use crate::api::action::{Actions, Change, View};
use model::{ClientVpnEndpoint, Error, IdKind, Model, Result, TargetNetwork, zone_id};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(associate).write(disassociate).read(describe).write(apply_groups).read(connections)
}

static ATTRIBUTES: Attributes<TargetNetwork> = Attributes(&[
    ("association-id", |_, network| one(&network.id)),
    ("target-network-id", |_, network| one(&network.subnet)),
    ("vpc-id", |model, network| each(model.subnets.get(&network.subnet).map(|subnet| &subnet.vpc))),
]);

static CONNECTIONS: Attributes<()> = Attributes(&[]);

fn status(code: &str) -> Option<ec2::AssociationStatus> {
    Some(ec2::AssociationStatus { code: text(code), message: None })
}

fn associate(
    Change { model, caller }: Change,
    input: ec2::AssociateClientVpnTargetNetworkRequest,
) -> Result<ec2::AssociateClientVpnTargetNetworkResult> {
    let ec2::AssociateClientVpnTargetNetworkRequest { client_vpn_endpoint_id, subnet_id, client_token } = input;
    let subnet = subnet_id.ok_or_else(|| Error::missing("SubnetId"))?;
    let id = model.once(caller, "AssociateClientVpnTargetNetwork", token(&client_token), |model| {
        model.associate_client_vpn(caller, &client_vpn_endpoint_id, &subnet)
    })?;
    Ok(ec2::AssociateClientVpnTargetNetworkResult { association_id: Some(id), status: status("associating") })
}

fn disassociate(
    cx: Change,
    input: ec2::DisassociateClientVpnTargetNetworkRequest,
) -> Result<ec2::DisassociateClientVpnTargetNetworkResult> {
    let ec2::DisassociateClientVpnTargetNetworkRequest { client_vpn_endpoint_id, association_id: id } = input;
    cx.model.disassociate_client_vpn(cx.caller, &client_vpn_endpoint_id, &id)?;
    Ok(ec2::DisassociateClientVpnTargetNetworkResult { association_id: Some(id), status: status("disassociating") })
}

fn shown(model: &Model, endpoint: &ClientVpnEndpoint, network: &TargetNetwork) -> ec2::TargetNetwork {
    let zone = model.subnets.get(&network.subnet).map(|subnet| subnet.zone.clone());
    ec2::TargetNetwork {
        association_id: text(&network.id),
        vpc_id: endpoint.vpc.clone(),
        target_network_id: text(&network.subnet),
        client_vpn_endpoint_id: text(&endpoint.id),
        status: status("associated"),
        security_groups: endpoint.groups.clone().into(),
        availability_zone_ids: zone.iter().map(|zone| zone_id(zone)).collect(),
        availability_zones: zone.into_iter().collect(),
    }
}

fn describe(
    cx: View,
    input: ec2::DescribeClientVpnTargetNetworksRequest,
) -> Result<ec2::DescribeClientVpnTargetNetworksResult> {
    let ec2::DescribeClientVpnTargetNetworksRequest { client_vpn_endpoint_id, association_ids: ids, page, filters } =
        input;
    let endpoint = cx.model.client_vpn_endpoints.find(&cx.caller.scope, &client_vpn_endpoint_id)?;
    let is_unknown = |id: &&String| !endpoint.networks.iter().any(|network| network.id == **id);
    missing_is_error(IdKind::ClientVpnAssociation, ids.iter().filter(is_unknown).cloned().collect())?;
    let networks = endpoint.networks.iter().filter(|network| ids.is_empty() || ids.contains(&network.id));
    let (networks, next_token) =
        ATTRIBUTES.page_of_parts(cx.model, networks, &filters, &page, |network| network.id.clone())?;
    let client_vpn_target_networks = networks.into_iter().map(|network| shown(cx.model, endpoint, network)).collect();
    Ok(ec2::DescribeClientVpnTargetNetworksResult { client_vpn_target_networks, next_token })
}

fn apply_groups(cx: Change, input: ec2::ApplySecurityGroupsToClientVpnTargetNetworkRequest) -> Result<List<String>> {
    let ec2::ApplySecurityGroupsToClientVpnTargetNetworkRequest { client_vpn_endpoint_id, vpc_id, security_group_ids } =
        input;
    let groups = security_group_ids.iter().cloned().collect();
    cx.model.apply_client_vpn_groups(cx.caller, &client_vpn_endpoint_id, &vpc_id, groups)?;
    Ok(security_group_ids)
}

fn connections(
    cx: View,
    input: ec2::DescribeClientVpnConnectionsRequest,
) -> Result<ec2::DescribeClientVpnConnectionsResult> {
    let ec2::DescribeClientVpnConnectionsRequest { client_vpn_endpoint_id, filters, page } = input;
    cx.model.client_vpn_endpoints.find(&cx.caller.scope, &client_vpn_endpoint_id)?;
    let (_, next_token) = CONNECTIONS.page_of_parts(cx.model, &[], &filters, &page, |_| String::new())?;
    Ok(ec2::DescribeClientVpnConnectionsResult { connections: Vec::new().into(), next_token })
}
