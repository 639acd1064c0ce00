//! Elastic Compute Cloud, one file a resource: typed input → model → typed output.

mod absent;
mod account_attribute;
mod address_attribute;
mod address_transfer;
mod allowed_images;
pub mod block_device;
mod block_public_access;
mod capacity_reservation;
mod carrier_gateway;
mod cidr;
mod classic_link;
mod client_vpn_access;
mod client_vpn_client;
mod client_vpn_endpoint;
mod client_vpn_network;
mod console_output;
mod credit_specification;
mod customer_gateway;
mod dedicated_host;
mod dhcp_options;
mod egress_only_internet_gateway;
mod elastic_address;
mod endpoint_connection;
mod endpoint_notification;
mod endpoint_service;
mod event_window;
mod fast_snapshot_restore;
mod fleet;
mod fleet_change;
mod flow_log;
mod gpu;
mod iam_instance_profile;
mod id_format;
mod image;
mod image_attribute;
pub mod instance;
mod instance_attribute;
mod instance_connect_endpoint;
mod instance_filters;
mod instance_image;
pub mod instance_item;
mod instance_options;
pub mod instance_requirements;
mod instance_type;
mod instance_type_offering;
mod interface_permission;
mod interface_settings;
mod internet_gateway;
mod ip_permission;
mod ipam;
mod ipam_allocation;
mod ipam_discovery;
mod ipam_pool;
mod ipam_resource;
mod ipam_scope;
mod key_material;
mod key_pair;
pub mod launch;
mod launch_form;
mod launch_template;
pub mod listing;
mod metadata_defaults;
mod nat_address;
mod nat_gateway;
mod network_acl;
mod network_insights;
mod network_insights_item;
mod network_interface;
mod network_interface_item;
mod network_performance;
mod pattern;
mod placement_group;
mod pool;
mod prefix_list;
pub mod private_address;
mod region;
mod region_settings;
mod reserved_instances_offering;
mod route;
mod route_server;
mod route_server_endpoint;
mod route_server_peer;
mod route_table;
pub mod security_group;
mod security_group_reference;
mod security_group_rule;
mod security_group_vpc;
mod snapshot;
mod snapshot_tier;
mod spot_datafeed;
mod spot_fleet;
mod spot_price;
mod spot_request;
pub mod subnet;
mod subnet_cidr_reservation;
mod tags;
mod traffic_mirror;
mod traffic_mirror_session;
mod transit_end;
mod transit_gateway;
mod transit_gateway_attachment;
mod transit_gateway_connect;
mod transit_gateway_connect_peer;
mod transit_gateway_multicast_domain;
mod transit_gateway_multicast_group;
mod transit_gateway_peering;
mod transit_gateway_policy_table;
mod transit_gateway_route;
mod transit_gateway_route_table;
mod transit_prefix_list_reference;
pub mod volume;
mod volume_attribute;
pub mod vpc;
mod vpc_cidr;
mod vpc_endpoint;
mod vpc_endpoint_service;
mod vpc_peering_connection;
mod vpn_connection;
mod vpn_device;
mod vpn_gateway;
mod vpn_options;
mod vpn_tunnel;

use super::Params;
use super::action::Actions;
use super::protocol::{ApiError, Dialect, ServiceError, text};
use super::service::Service;
use model::{ClientToken, Error, FNV_OFFSET, IdKind, Result, fnv1a};
use shapes::{Fault, List, Token, ec2};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &ec2::FACTS,
    dialect: Dialect::Ec2,
    // The first: clients that are not maintained any more have versions of 2010 and 2012.
    oldest: "2006-06-26",
    actions: LazyLock::new(actions),
};

/// Slow work that needs no model and is done before a request is carried out.
pub fn preparation(action: &str, params: &Params) -> Option<fn()> {
    let makes_rsa = action == "CreateKeyPair" && matches!(params.value("KeyType"), None | Some("" | "rsa"));
    makes_rsa.then_some(key_material::prepare_rsa)
}

/// The actions of all resources.
fn actions() -> Actions {
    Actions::of(&[
        absent::actions,
        account_attribute::actions,
        address_attribute::actions,
        address_transfer::actions,
        allowed_images::actions,
        block_public_access::actions,
        capacity_reservation::actions,
        carrier_gateway::actions,
        classic_link::actions,
        client_vpn_access::actions,
        client_vpn_client::actions,
        client_vpn_endpoint::actions,
        client_vpn_network::actions,
        console_output::actions,
        credit_specification::actions,
        customer_gateway::actions,
        dedicated_host::actions,
        dhcp_options::actions,
        egress_only_internet_gateway::actions,
        elastic_address::actions,
        endpoint_connection::actions,
        endpoint_notification::actions,
        endpoint_service::actions,
        event_window::actions,
        fast_snapshot_restore::actions,
        fleet::actions,
        fleet_change::actions,
        flow_log::actions,
        iam_instance_profile::actions,
        id_format::actions,
        image::actions,
        image_attribute::actions,
        instance::actions,
        instance_attribute::actions,
        instance_connect_endpoint::actions,
        instance_image::actions,
        instance_options::actions,
        instance_requirements::actions,
        instance_type::actions,
        instance_type_offering::actions,
        interface_permission::actions,
        internet_gateway::actions,
        ipam::actions,
        ipam_allocation::actions,
        ipam_discovery::actions,
        ipam_pool::actions,
        ipam_resource::actions,
        ipam_scope::actions,
        key_pair::actions,
        launch::actions,
        launch_template::actions,
        metadata_defaults::actions,
        nat_address::actions,
        nat_gateway::actions,
        network_acl::actions,
        network_insights::actions,
        network_interface::actions,
        network_performance::actions,
        placement_group::actions,
        prefix_list::actions,
        private_address::actions,
        region::actions,
        region_settings::actions,
        reserved_instances_offering::actions,
        route::actions,
        route_server::actions,
        route_server_endpoint::actions,
        route_server_peer::actions,
        route_table::actions,
        security_group::actions,
        security_group_reference::actions,
        security_group_rule::actions,
        security_group_vpc::actions,
        snapshot::actions,
        snapshot_tier::actions,
        spot_request::actions,
        spot_datafeed::actions,
        spot_fleet::actions,
        spot_price::actions,
        subnet::actions,
        subnet_cidr_reservation::actions,
        tags::actions,
        traffic_mirror::actions,
        traffic_mirror_session::actions,
        transit_end::actions,
        transit_gateway::actions,
        transit_gateway_attachment::actions,
        transit_gateway_connect::actions,
        transit_gateway_connect_peer::actions,
        transit_gateway_multicast_domain::actions,
        transit_gateway_multicast_group::actions,
        transit_gateway_peering::actions,
        transit_gateway_policy_table::actions,
        transit_gateway_route::actions,
        transit_gateway_route_table::actions,
        transit_prefix_list_reference::actions,
        volume::actions,
        volume_attribute::actions,
        vpc::actions,
        vpc_cidr::actions,
        vpc_endpoint::actions,
        vpc_endpoint_service::actions,
        vpc_peering_connection::actions,
        vpn_connection::actions,
        vpn_device::actions,
        vpn_gateway::actions,
        vpn_tunnel::actions,
    ])
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        Error::code(self)
    }
}

impl ServiceError for Error {
    fn of_parameter(fault: Fault) -> Error {
        match fault {
            Fault::Missing { name } => Error::MissingParameter { name },
            Fault::Unknown { name } => Error::UnknownParameter { name },
            Fault::Unsupported { name } => Error::UnsupportedParameter { name },
            Fault::Invalid { name, value } => Error::InvalidValue { name, value },
            Fault::Malformed { shape, id } => match IdKind::of_shape(shape) {
                Some(kind) => kind.malformed_id(id),
                None => Error::InvalidId { id },
            },
        }
    }
}

/// A number of a member that is there.
fn int(value: u32) -> Option<i32> {
    i32::try_from(value).ok()
}

/// The same UUID for the same words.
fn uuid_of(words: &str) -> String {
    model::uuid(fnv1a(FNV_OFFSET, words), fnv1a(FNV_OFFSET.rotate_left(32), words))
}

/// A number that cannot be negative.
fn count(parameter: &str, sent: i32) -> Result<u32> {
    u32::try_from(sent).map_err(|_| Error::invalid(parameter, sent))
}

/// A number that cannot be negative, if one was sent.
fn maybe_count(parameter: &str, sent: Option<i32>) -> Result<Option<u32>> {
    sent.map(|sent| count(parameter, sent)).transpose()
}

/// A client's token, if one was sent.
fn token(sent: &Token) -> Option<ClientToken> {
    Some(ClientToken { token: sent.text.clone()?, digest: sent.digest })
}

/// Acts on each of several things. A failure of one does not stop the others: the reply has what was done and what was not.
fn each_of<I, D, S, F>(
    asked: impl IntoIterator<Item = I>,
    mut act: impl FnMut(&I) -> Result<D>,
    done: impl Fn(I, D) -> S,
    failed: impl Fn(I, Error) -> F,
) -> (List<S>, List<F>) {
    let (mut successful, mut unsuccessful) = (Vec::new(), Vec::new());
    for one in asked {
        match act(&one) {
            Ok(result) => successful.push(done(one, result)),
            Err(error) => unsuccessful.push(failed(one, error)),
        }
    }
    (successful.into(), unsuccessful.into())
}

/// Acts on each of several things that have ids.
fn each_id(ids: List<String>, mut act: impl FnMut(&str) -> Result<()>) -> (List<String>, List<ec2::UnsuccessfulItem>) {
    each_of(ids, |id| act(id), |id, ()| id, |id, error| unsuccessful(&id, &error))
}

/// An error about one of several things that were asked for.
fn unsuccessful(id: &str, error: &Error) -> ec2::UnsuccessfulItem {
    let error = ec2::UnsuccessfulItemError { code: text(error.code()), message: text(error) };
    ec2::UnsuccessfulItem { error: Some(error), resource_id: text(id) }
}
