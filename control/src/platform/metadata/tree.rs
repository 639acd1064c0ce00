//! What the metadata service knows of an instance, as leaves of a tree: whole name, value.

use super::credentials;
use crate::model::{Instance, Model, NetworkInterface, Region, SecurityGroup, Switch, Vpc, zone_id};
use crate::names::{Asker, View};
use crate::names::{private_name, public_name};
use data_encoding::BASE64;
use serde_json::json;
use std::net::Ipv4Addr;

/// All leaves, in the order in which lists show them.
pub fn leaves(view: View<'_>, asker: &Asker<'_>) -> Vec<(String, Vec<u8>)> {
    let Some(instance) = asker.instance() else { return Vec::new() };
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let document = identity(view.model, instance);
    all.push(("dynamic/instance-identity/document".into(), document.into_bytes()));
    let metadata = metadata(view.model, instance).into_iter();
    all.extend(metadata.map(|(name, value)| (format!("meta-data/{name}"), value.into_bytes())));
    let data = instance.user_data.as_deref().and_then(|data| BASE64.decode(data.as_bytes()).ok());
    all.extend(data.filter(|data| !data.is_empty()).map(|data| ("user-data".into(), data)));
    all
}

/// What is below `meta-data`.
fn metadata(model: &Model, instance: &Instance) -> Vec<(String, String)> {
    let region = &instance.scope.region;
    let (private, public) = (private(model, instance), public(model, instance));
    let hostname = private.map(|private| private_name(region, private)).unwrap_or_default();
    let groups = groups(model, instance);
    let mut all: Vec<(String, String)> = Vec::new();
    let mut leaf = |name: &str, value: String| all.push((name.to_owned(), value));
    leaf("ami-id", instance.image.clone());
    leaf("ami-launch-index", instance.launch_index.to_string());
    leaf("ami-manifest-path", "(unknown)".into());
    leaf("block-device-mapping/ami", "/dev/sda1".into());
    leaf("block-device-mapping/root", "/dev/sda1".into());
    leaf("hostname", hostname.clone());
    for (name, value) in credentials::leaves(model, instance) {
        leaf(&name, value);
    }
    leaf("instance-action", "none".into());
    leaf("instance-id", instance.id.clone());
    leaf("instance-life-cycle", if instance.spot { "spot" } else { "on-demand" }.into());
    leaf("instance-type", instance.instance_type.clone());
    leaf("local-hostname", hostname);
    leaf("local-ipv4", private.map(|address| address.to_string()).unwrap_or_default());
    let interfaces = interfaces(model, instance);
    leaf("mac", interfaces.first().map(|interface| interface.mac.clone()).unwrap_or_default());
    for interface in &interfaces {
        for (name, value) in &interface.leaves {
            leaf(&format!("network/interfaces/macs/{}/{name}", interface.mac), value.clone());
        }
    }
    leaf("placement/availability-zone", instance.zone.clone());
    leaf("placement/availability-zone-id", zone_id(&instance.zone));
    leaf("placement/region", region.clone());
    leaf("profile", "default-hvm".into());
    if let Some(public) = public {
        if has_public_names(model, instance) {
            leaf("public-hostname", public_name(region, public));
        }
        leaf("public-ipv4", public.to_string());
    }
    leaf("reservation-id", instance.reservation.clone());
    leaf("security-groups", groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join("\n"));
    leaf("services/domain", Region::named(region).map_or_else(String::new, |region| region.domain().to_owned()));
    leaf("services/partition", instance.scope.partition().into());
    if instance.options.metadata.tags == Switch::Enabled {
        let told = instance.tags.iter().filter(|(key, _)| fits_path(key));
        told.for_each(|(key, value)| leaf(&format!("tags/instance/{key}"), value.clone()));
    }
    all
}

/// Whether a tag's key can be a part of a path ("View tags for your EC2 instances using instance metadata").
fn fits_path(key: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+-=._:,@".contains(c);
    key.chars().all(fits) && !matches!(key, "." | ".." | "_index")
}

/// What is known of one network interface.
struct Interface {
    mac: String,
    leaves: Vec<(&'static str, String)>,
}

fn interfaces(model: &Model, instance: &Instance) -> Vec<Interface> {
    let Some(place) = instance.vpc() else { return vec![classic_interface(model, instance)] };
    let interfaces = place.interfaces.iter().filter_map(|id| model.network_interfaces.get(id));
    interfaces.filter_map(|interface| vpc_interface(model, interface)).collect()
}

/// A Classic instance has one, and nothing of a VPC, be it linked or not.
fn classic_interface(model: &Model, instance: &Instance) -> Interface {
    let region = &instance.scope.region;
    let [a, b, c, d] = instance.port.to_be_bytes();
    let mac = format!("12:31:{a:02x}:{b:02x}:{c:02x}:{d:02x}");
    let mut leaves = vec![("device-number", "0".to_owned())];
    if let Some(private) = private(model, instance) {
        leaves.push(("local-hostname", private_name(region, private)));
        leaves.push(("local-ipv4s", private.to_string()));
    }
    leaves.push(("mac", mac.clone()));
    leaves.push(("owner-id", instance.scope.account.clone()));
    if let Some(public) = public(model, instance) {
        leaves.push(("public-hostname", public_name(region, public)));
        leaves.push(("public-ipv4s", public.to_string()));
    }
    Interface { mac, leaves }
}

fn vpc_interface(model: &Model, interface: &NetworkInterface) -> Option<Interface> {
    let (vpc, subnet) = (model.vpcs.get(&interface.vpc)?, model.subnets.get(&interface.subnet)?);
    let region = &interface.scope.region;
    let lines = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join("\n");
    let groups: Vec<_> = interface.groups.iter().filter_map(|id| model.security_groups.get(id)).collect();
    let public = lines(&mut interface.public.values().map(|public| public.address.to_string()));
    let mut leaves = vec![
        ("device-number", interface.attachment.as_ref()?.device_index.to_string()),
        ("interface-id", interface.id.clone()),
        ("local-hostname", private_name(region, interface.address())),
        ("local-ipv4s", lines(&mut interface.addresses.iter().map(Ipv4Addr::to_string))),
        ("mac", interface.mac()),
        ("owner-id", interface.scope.account.clone()),
    ];
    if let Some(primary) = interface.primary_public().filter(|_| named(vpc)) {
        leaves.push(("public-hostname", public_name(region, primary.address)));
    }
    if !public.is_empty() {
        leaves.push(("public-ipv4s", public));
    }
    leaves.extend([
        ("security-group-ids", lines(&mut groups.iter().map(|group| group.id.clone()))),
        ("security-groups", lines(&mut groups.iter().map(|group| group.name.clone()))),
        ("subnet-id", subnet.id.clone()),
        ("subnet-ipv4-cidr-block", subnet.cidr.to_string()),
        ("vpc-id", vpc.id.clone()),
        ("vpc-ipv4-cidr-block", vpc.cidr().to_string()),
        ("vpc-ipv4-cidr-blocks", lines(&mut vpc.blocks().map(|block| block.to_string()))),
    ]);
    Some(Interface { mac: interface.mac(), leaves })
}

/// `dynamic/instance-identity/document`.
fn identity(model: &Model, instance: &Instance) -> String {
    let document = json!({
        "accountId": instance.scope.account,
        "architecture": "x86_64",
        "availabilityZone": instance.zone,
        "billingProducts": null,
        "devpayProductCodes": null,
        "imageId": instance.image,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "kernelId": null,
        "marketplaceProductCodes": null,
        "pendingTime": instance.launched.to_seconds(),
        "privateIp": private(model, instance),
        "ramdiskId": null,
        "region": instance.scope.region,
        "version": "2017-09-30",
    });
    format!("{document:#}")
}

fn primary<'m>(model: &'m Model, instance: &Instance) -> Option<&'m NetworkInterface> {
    model.network_interfaces.get(instance.vpc()?.interfaces.first()?)
}

fn private(model: &Model, instance: &Instance) -> Option<Ipv4Addr> {
    match instance.classic() {
        Some(place) => place.private,
        None => primary(model, instance).map(NetworkInterface::address),
    }
}

fn public(model: &Model, instance: &Instance) -> Option<Ipv4Addr> {
    let public = match instance.classic() {
        Some(place) => place.public.as_ref(),
        None => primary(model, instance)?.primary_public(),
    };
    public.map(|public| public.address)
}

fn has_public_names(model: &Model, instance: &Instance) -> bool {
    instance.vpc().is_none_or(|place| model.vpcs.get(&place.vpc).is_some_and(named))
}

fn named(vpc: &Vpc) -> bool {
    vpc.dns_support && vpc.dns_hostnames
}

/// The groups of its own network: not those of a link, which is no part of it.
fn groups<'m>(model: &'m Model, instance: &Instance) -> Vec<&'m SecurityGroup> {
    let ids = match instance.classic() {
        Some(place) => place.groups.clone(),
        None => primary(model, instance).map(|interface| interface.groups.clone()).unwrap_or_default(),
    };
    ids.iter().filter_map(|id| model.security_groups.get(id)).collect()
}
