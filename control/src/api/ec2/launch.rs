//! RunInstances: a long list of parameters, in several generations of forms.

use super::block_device::device_mapping;
use super::cidr::address;
use super::instance::reservation;
use super::instance_options::{self, check_licenses, take_tenancy};
use super::instance_requirements::smallest;
use super::launch_form::{self, over};
use super::metadata_defaults::with_defaults;
use super::subnet::zone;
use super::{count, iam_instance_profile, interface_settings, tags, token};
use crate::api::action::{Actions, Change};
use crate::api::deployment::same_members;
use crate::api::image_alias;
use model::{
    Caller, Error, IdKind, Instance, InterfaceSettings, Interruption, Launch, LaunchInterface, LaunchTemplate,
    LaunchTemplateVersion, Model, Result, SpotTerms, Tags, Tenancy,
};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(run)
}

/// The default instance type.
pub const DEFAULT_TYPE: &str = "m1.small";

fn run(cx: Change, input: ec2::RunInstancesRequest) -> Result<ec2::Reservation> {
    if let Some((_, version)) = template_of(cx.model, cx.caller, &input)?
        && launch_form::requirements(&version.data)?.is_some()
    {
        return Err(Error::RequirementsOfRun {});
    }
    let id = run_as_asked(cx.model, cx.caller, input)?;
    let mut instances: Vec<&Instance> =
        cx.model.instances.of(&cx.caller.scope).filter(|i| i.reservation == id).collect();
    instances.sort_by_key(|instance| instance.launch_index);
    Ok(reservation(cx.model, &instances))
}

/// Launches, and gives the id of the reservation.
pub fn run_as_asked(model: &mut Model, caller: &Caller, input: ec2::RunInstancesRequest) -> Result<String> {
    let (input, template) = on_template(model, caller, input)?;
    run_whole(model, caller, input, template)
}

/// What a fleet launches where it names no type: the smallest that has what is required.
pub fn of_chosen_type(
    model: &Model,
    caller: &Caller,
    mut input: ec2::RunInstancesRequest,
    required: Option<&ec2::InstanceRequirementsRequest>,
) -> Result<ec2::RunInstancesRequest> {
    if input.instance_type.is_none() {
        let version = template_of(model, caller, &input)?.map(|(_, version)| version);
        input.instance_type = chosen_type(model, &input, version, required)?;
    }
    Ok(input)
}

/// Launches as a fleet does: in its subnet, whatever the template says of interfaces.
pub fn run_for_fleet(model: &mut Model, caller: &Caller, input: ec2::RunInstancesRequest) -> Result<String> {
    let (input, template) = on_template(model, caller, input)?;
    run_whole(model, caller, with_subnet_at_interface(input), template)
}

/// Launches what a request and its template ask for together.
fn run_whole(model: &mut Model, caller: &Caller, input: ec2::RunInstancesRequest, template: Tags) -> Result<String> {
    let mut launch = launch(model, caller, input)?;
    launch.own_tags = template;
    if let Some(host) = &launch.options.dedicated_host {
        model.dedicated_hosts.find(&caller.scope, host)?;
    }
    if let Some(target) = &launch.options.capacity_target {
        model.capacity_reservations.find(&caller.scope, target)?;
    }
    let group = launch.options.placement_group.take();
    launch.options.placement_group = model.placement_group_name(&caller.scope, group)?;
    model.run_instances(caller, launch)
}

/// The launch template of a request, and its version.
fn template_of<'m>(
    model: &'m Model,
    caller: &Caller,
    request: &ec2::RunInstancesRequest,
) -> Result<Option<(&'m LaunchTemplate, &'m LaunchTemplateVersion)>> {
    let Some(ec2::LaunchTemplateSpecification { launch_template_id: id, launch_template_name: name, version }) =
        &request.launch_template
    else {
        return Ok(None);
    };
    let template = model.launch_template(&caller.scope, id.as_deref(), name.as_deref())?;
    Ok(Some((template, template.version(version.as_deref().unwrap_or("$Default"))?)))
}

/// A request over what its launch template says, and the tags that say which template it was.
fn on_template(
    model: &Model,
    caller: &Caller,
    request: ec2::RunInstancesRequest,
) -> Result<(ec2::RunInstancesRequest, Tags)> {
    let Some((template, version)) = template_of(model, caller, &request)? else {
        return Ok((request, Tags::new()));
    };
    Ok((over(request, launch_form::input(&version.data)?), template.tags_of_launch(version)))
}

/// Moves the instance's subnet to its primary interface, if interfaces are described.
fn with_subnet_at_interface(mut input: ec2::RunInstancesRequest) -> ec2::RunInstancesRequest {
    if input.network_interfaces.is_empty() {
        return input;
    }
    let subnet = input.subnet_id.take();
    let place = |mut interface: ec2::InstanceNetworkInterfaceSpecification| {
        if interface.device_index == Some(0) && interface.network_interface_id.is_none() {
            interface.subnet_id = subnet.clone().or(interface.subnet_id);
        }
        interface
    };
    input.network_interfaces = input.network_interfaces.into_iter().map(place).collect();
    input
}

/// The type that has what a fleet requires, or else its template.
fn chosen_type(
    model: &Model,
    request: &ec2::RunInstancesRequest,
    version: Option<&LaunchTemplateVersion>,
    required: Option<&ec2::InstanceRequirementsRequest>,
) -> Result<Option<String>> {
    let of_template = version.map(|version| launch_form::requirements(&version.data)).transpose()?.flatten();
    let Some(required) = required.or(of_template.as_ref()) else { return Ok(None) };
    let image = request.image_id.as_ref().or_else(|| version?.data.get("ImageId"));
    let found = smallest(model, required, image.map(|image| image_alias::meant(image)))?;
    Ok(Some(found.name.clone()))
}

fn launch(model: &Model, caller: &Caller, mut input: ec2::RunInstancesRequest) -> Result<Launch> {
    let metadata = with_defaults(model, caller, input.image_id.as_deref(), input.metadata_options.take());
    input.metadata_options = Some(metadata);
    let instance_type = input.instance_type.clone().unwrap_or_else(|| DEFAULT_TYPE.into());
    let options = instance_options::read(&input, &instance_type)?;
    check_licenses(caller, &input.license_specifications)?;
    let ec2::RunInstancesRequest {
        client_token,
        block_device_mappings,
        image_id,
        ipv6_address_count,
        ipv6_addresses,
        key_name,
        max_count,
        min_count,
        monitoring,
        placement,
        security_group_ids,
        security_groups,
        subnet_id,
        user_data,
        tag_specifications,
        instance_market_options,
        disable_api_termination,
        instance_initiated_shutdown_behavior,
        private_ip_address,
        network_interfaces,
        ebs_optimized,
        iam_instance_profile,
        enable_primary_ipv6,
        // These members are among the options.
        ..
    } = input;
    let at_instance = [
        (subnet_id.is_some(), "subnet ID"),
        (!security_group_ids.is_empty() || !security_groups.is_empty(), "security groups"),
        (private_ip_address.is_some(), "private IP address"),
    ];
    if let Some((_, what)) = at_instance.iter().find(|(said, _)| *said && !network_interfaces.is_empty()) {
        return Err(Error::InterfacesOrInstanceLevel { what: (*what).to_owned() });
    }
    let (zone, tenancy) = take_placement(caller, &placement.unwrap_or_default())?;
    let [tags, volume_tags, interface_tags, request_tags] = tags::of_each(tag_specifications, TAGGED)?;
    Ok(Launch {
        image: image_id.ok_or_else(|| Error::missing("ImageId"))?,
        instance_type,
        least: count("MinCount", min_count)?,
        most: count("MaxCount", max_count)?,
        interfaces: network_interfaces.into_iter().map(interface).collect::<Result<_>>()?,
        subnet: subnet_id,
        groups: security_group_ids.to_vec(),
        group_names: security_groups.to_vec(),
        private: private_ip_address.map(|text| address("PrivateIpAddress", &text)).transpose()?,
        settings: InterfaceSettings {
            ipv6: interface_settings::ipv6_wish(ipv6_address_count, &ipv6_addresses)?,
            primary_ipv6: enable_primary_ipv6.unwrap_or(false),
            ..Default::default()
        },
        interface_tags,
        zone,
        tenancy,
        key_name,
        user_data,
        client_token: token(&client_token),
        spot: instance_market_options.map(|sent| spot_terms(sent, request_tags)).transpose()?,
        termination_protected: disable_api_termination.unwrap_or(false),
        terminates_on_shutdown: terminates_on_shutdown(instance_initiated_shutdown_behavior.as_deref())?,
        ebs_optimized: ebs_optimized.unwrap_or(false),
        monitored: monitoring.is_some_and(|monitoring| monitoring.enabled),
        options,
        devices: block_device_mappings.into_iter().map(device_mapping).collect::<Result<_>>()?,
        profile: iam_instance_profile.map(|sent| iam_instance_profile::arn(model, caller, sent)).transpose()?,
        tags,
        own_tags: Tags::new(),
        volume_tags,
    })
}

/// The types of resources that RunInstances creates and can tag.
const TAGGED: [&str; 4] = ["instance", "volume", "network-interface", "spot-instances-request"];

/// `stop` or `terminate`.
pub fn terminates_on_shutdown(behaviour: Option<&str>) -> Result<bool> {
    match behaviour {
        None | Some("stop") => Ok(false),
        Some("terminate") => Ok(true),
        Some(other) => Err(Error::invalid("InstanceInitiatedShutdownBehavior", other)),
    }
}

fn take_placement(caller: &Caller, placement: &ec2::Placement) -> Result<(Option<String>, Option<Tenancy>)> {
    let tenancy = take_tenancy(placement)?;
    let (name, id) = (placement.availability_zone.clone(), placement.availability_zone_id.clone());
    Ok((zone(caller, name, id, |zone| Error::NoSuchZone { zone })?, tenancy))
}

/// The terms of a Spot request.
fn spot_terms(market: ec2::InstanceMarketOptionsRequest, tags: Tags) -> Result<SpotTerms> {
    let kind = market.market_type.ok_or_else(|| Error::missing("InstanceMarketOptions.MarketType"))?;
    if kind != "spot" {
        return Err(Error::invalid("InstanceMarketOptions.MarketType", kind));
    }
    let ec2::SpotMarketOptions { max_price: price, spot_instance_type, instance_interruption_behavior, valid_until } =
        market.spot_options.unwrap_or_default();
    let persistent = match spot_instance_type.as_deref() {
        None | Some("one-time") => false,
        Some("persistent") => true,
        Some(other) => return Err(Error::invalid("SpotInstanceType", other)),
    };
    if let Some(price) = price.as_deref().filter(|price| !price.parse().is_ok_and(|price: f64| price > 0.0)) {
        return Err(Error::invalid("SpotPrice", price));
    }
    let interruption =
        instance_interruption_behavior.map(|word| Interruption::read("InstanceInterruptionBehavior", &word));
    Ok(SpotTerms {
        price,
        persistent,
        interruption: interruption.transpose()?.unwrap_or_default(),
        until: valid_until,
        tags,
        ..SpotTerms::default()
    })
}

/// `NetworkInterface.N`: an interface to make, or one that exists.
fn interface(sent: ec2::InstanceNetworkInterfaceSpecification) -> Result<LaunchInterface> {
    let ec2::InstanceNetworkInterfaceSpecification {
        associate_public_ip_address,
        delete_on_termination,
        device_index,
        network_interface_id,
        subnet_id,
        primary_ipv6,
        ena_srd_specification,
        settings,
        // These members are in replies only.
        ..
    } = sent;
    let index = device_index.ok_or_else(|| Error::missing("NetworkInterface.DeviceIndex"))?;
    subnet_id.iter().try_for_each(|id| IdKind::Subnet.check(id))?;
    Ok(LaunchInterface {
        device_index: u16::try_from(index).map_err(|_| Error::invalid("NetworkInterface.DeviceIndex", index))?,
        existing: network_interface_id,
        subnet: subnet_id,
        groups: settings.groups.to_vec(),
        addresses: interface_settings::addresses(&settings)?,
        settings: interface_settings::read(&settings, primary_ipv6)?,
        srd: ena_srd_specification.as_ref().map(same_members).map(interface_settings::srd),
        public: associate_public_ip_address,
        description: settings.description.unwrap_or_default(),
        stays: delete_on_termination.map(|goes| !goes),
    })
}
