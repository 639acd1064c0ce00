//! Requests for Spot instances.

use super::launch::run_as_asked;
use super::launch_form::{self, structure};
use super::listing::{Attributes, each, one};
use super::{tags, text};
use crate::api::Params;
use crate::api::action::{Actions, Change, View};
use model::{Error, Instance, LaunchForm, Model, Result, SpotRequest, SpotTerms, zone_id};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write_with_form(Params::form, request).read(describe).write(cancel)
}

/// The default maximum price, in dollars an hour.
const USUAL_PRICE: &str = "0.100000";

static ATTRIBUTES: Attributes<SpotRequest> = Attributes(&[
    ("availability-zone-group", |_, request| each(request.terms.zone_group.as_ref())),
    ("create-time", |_, request| one(request.created)),
    ("instance-id", |_, request| one(&request.instance)),
    ("launch-group", |_, request| each(request.terms.launch_group.as_ref())),
    ("launch.block-device-mapping.delete-on-termination", |_, request| {
        each(disks(request).filter_map(|disk| disk.delete_on_termination))
    }),
    ("launch.block-device-mapping.device-name", |_, request| {
        each(asked(request).block_device_mappings.into_iter().filter_map(|mapping| mapping.device_name))
    }),
    ("launch.block-device-mapping.snapshot-id", |_, request| each(disks(request).filter_map(|disk| disk.snapshot_id))),
    ("launch.block-device-mapping.volume-size", |_, request| each(disks(request).filter_map(|disk| disk.volume_size))),
    ("launch.block-device-mapping.volume-type", |_, request| each(disks(request).filter_map(|disk| disk.volume_type))),
    ("launch.image-id", |model, request| each(instance(model, request).map(|instance| &instance.image))),
    ("launch.instance-type", |model, request| each(instance(model, request).map(|instance| &instance.instance_type))),
    ("launch.key-name", |model, request| {
        each(instance(model, request).and_then(|instance| instance.key_name.as_ref()))
    }),
    ("launched-availability-zone", |model, request| each(instance(model, request).map(|instance| &instance.zone))),
    ("product-description", |_, _| one("Linux/UNIX")),
    ("spot-instance-request-id", |_, request| one(&request.id)),
    ("spot-price", |_, request| one(price(request))),
    ("state", |model, request| one(request.state(instance(model, request)).state)),
    ("status-code", |model, request| one(request.state(instance(model, request)).code)),
    ("type", |_, request| one(kind(&request.terms))),
    ("valid-from", |_, request| each(request.terms.from)),
    ("valid-until", |_, request| each(request.terms.until)),
]);

fn instance<'m>(model: &'m Model, request: &SpotRequest) -> Option<&'m Instance> {
    model.instances.get(&request.instance)
}

/// The launch specification of a request, as it was sent.
fn asked(request: &SpotRequest) -> ec2::RequestSpotLaunchSpecification {
    structure(request.specification.clone()).unwrap_or_default()
}

/// The volumes among it.
fn disks(request: &SpotRequest) -> impl Iterator<Item = ec2::EbsBlockDevice> {
    asked(request).block_device_mappings.into_iter().filter_map(|mapping| mapping.ebs)
}

/// The maximum price in the form of EC2: millionths of a dollar.
fn price(request: &SpotRequest) -> String {
    let price = request.terms.price.as_ref().and_then(|price| price.parse::<f64>().ok());
    price.map_or_else(|| USUAL_PRICE.to_owned(), |price| format!("{price:.6}"))
}

fn kind(terms: &SpotTerms) -> &'static str {
    if terms.persistent { "persistent" } else { "one-time" }
}

/// Every request is fulfilled at once, or none is made.
fn request(
    cx: Change,
    input: ec2::RequestSpotInstancesRequest,
    form: LaunchForm,
) -> Result<List<ec2::SpotInstanceRequest>> {
    let ec2::RequestSpotInstancesRequest {
        launch_specification,
        tag_specifications,
        instance_interruption_behavior,
        spot_price,
        client_token,
        instance_count,
        r#type,
        valid_from,
        valid_until,
        launch_group,
        availability_zone_group,
    } = input;
    if launch_specification.is_none() {
        return Err(Error::missing("LaunchSpecification"));
    }
    let options = ec2::SpotMarketOptions {
        max_price: spot_price,
        spot_instance_type: r#type,
        instance_interruption_behavior,
        valid_until,
    };
    let count = instance_count.unwrap_or(1);
    let launch = ec2::RunInstancesRequest {
        min_count: count,
        max_count: count,
        client_token,
        tag_specifications,
        instance_market_options: Some(ec2::InstanceMarketOptionsRequest {
            market_type: text("spot"),
            spot_options: Some(options),
        }),
        ..launch_form::input(&form)?
    };
    let reservation = run_as_asked(cx.model, cx.caller, launch)?;
    cx.model.change_spot_requests(&reservation, |request| {
        request.specification.clone_from(&form);
        request.terms.from = valid_from;
        request.terms.launch_group.clone_from(&launch_group);
        request.terms.zone_group.clone_from(&availability_zone_group);
    });
    let launched = cx.model.instances.by(&reservation);
    Ok(launched.filter_map(|instance| Some(shown(cx.model, cx.model.spot_request_of(instance)?))).collect())
}

/// The market options of Spot Instances with a maximum price.
pub fn market(price: Option<String>) -> Option<ec2::InstanceMarketOptionsRequest> {
    let options = ec2::SpotMarketOptions { max_price: price, ..Default::default() };
    Some(ec2::InstanceMarketOptionsRequest { market_type: text("spot"), spot_options: Some(options) })
}

fn shown(model: &Model, request: &SpotRequest) -> ec2::SpotInstanceRequest {
    let instance = instance(model, request);
    let state = request.state(instance);
    let zone = instance.map(|instance| instance.zone.clone());
    ec2::SpotInstanceRequest {
        spot_instance_request_id: text(&request.id),
        create_time: Some(request.created),
        instance_id: text(&request.instance),
        launch_specification: instance.map(|instance| specification(model, request, instance)),
        launched_availability_zone_id: zone.as_deref().map(zone_id),
        launched_availability_zone: zone,
        product_description: text("Linux/UNIX"),
        spot_price: text(price(request)),
        state: text(state.state),
        status: Some(ec2::SpotInstanceStatus {
            code: text(state.code),
            message: text(state.message),
            update_time: Some(request.created),
        }),
        r#type: text(kind(&request.terms)),
        valid_from: request.terms.from,
        valid_until: request.terms.until,
        launch_group: request.terms.launch_group.clone(),
        availability_zone_group: request.terms.zone_group.clone(),
        instance_interruption_behavior: text(request.terms.interruption.word()),
        tags: tags::shown(&request.tags),
        ..Default::default()
    }
}

/// The launch specification: of the instance or, where it does not show it, of the request.
fn specification(model: &Model, request: &SpotRequest, instance: &Instance) -> ec2::LaunchSpecification {
    let interface = instance.vpc().and_then(|place| model.network_interfaces.get(place.interfaces.first()?));
    let groups = instance.classic().map(|place| &place.groups).or(interface.map(|interface| &interface.groups));
    let asked = asked(request);
    ec2::LaunchSpecification {
        block_device_mappings: asked.block_device_mappings,
        iam_instance_profile: asked.iam_instance_profile,
        network_interfaces: asked.network_interfaces,
        user_data: asked.user_data,
        kernel_id: asked.kernel_id,
        ramdisk_id: asked.ramdisk_id,
        image_id: text(&instance.image),
        instance_type: text(&instance.instance_type),
        key_name: instance.key_name.clone(),
        subnet_id: interface.map(|interface| interface.subnet.clone()),
        ebs_optimized: Some(instance.ebs_optimized),
        placement: Some(ec2::SpotPlacement { availability_zone: text(&instance.zone), ..Default::default() }),
        monitoring: Some(ec2::RunInstancesMonitoringEnabled { enabled: instance.monitored, ..Default::default() }),
        security_groups: super::security_group::identifiers(model, groups.map_or(&[], Vec::as_slice)),
        ..Default::default()
    }
}

fn describe(
    cx: View,
    input: ec2::DescribeSpotInstanceRequestsRequest,
) -> Result<ec2::DescribeSpotInstanceRequestsResult> {
    ATTRIBUTES.list(cx.model, cx.model.spot_requests.of(&cx.caller.scope), input, |request| shown(cx.model, request))
}

fn cancel(
    cx: Change,
    input: ec2::CancelSpotInstanceRequestsRequest,
) -> Result<List<ec2::CancelledSpotInstanceRequest>> {
    let ids = input.spot_instance_request_ids.to_vec();
    cx.model.cancel_spot_requests(cx.caller, &ids)?;
    let cancelled =
        |id: String| ec2::CancelledSpotInstanceRequest { spot_instance_request_id: Some(id), state: text("cancelled") };
    Ok(ids.into_iter().map(cancelled).collect())
}
