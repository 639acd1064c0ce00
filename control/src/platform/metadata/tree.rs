//! The metadata of an instance, as the leaves of a tree: whole name and value.

use super::credentials;
use crate::leases::lease;
use crate::names::{Client, View, has_names, private_name, public_name};
use data_encoding::BASE64;
use model::auto_scaling::Lifecycle;
use model::{Instance, InstanceType, Interruption, Model, NetworkInterface, Region, SecurityGroup, Switch, zone_id};
use serde_json::json;
use std::net::Ipv4Addr;

/// All leaves, in the order of lists.
pub fn leaves(view: View<'_>, client: &Client<'_>) -> Vec<(String, Vec<u8>)> {
    let Some(instance) = client.instance() else { return Vec::new() };
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let monitoring = if instance.monitored { "enabled" } else { "disabled" };
    all.push(("dynamic/fws/instance-monitoring".into(), monitoring.into()));
    let document = identity(view.model, instance);
    // Signatures are made from the document when they are asked for.
    for name in ["document", "pkcs7", "rsa2048", "signature"] {
        all.push((format!("dynamic/instance-identity/{name}"), document.clone().into_bytes()));
    }
    let metadata = metadata(view.model, instance).into_iter();
    all.extend(metadata.map(|(name, value)| (format!("meta-data/{name}"), value.into_bytes())));
    let data = instance.user_data.as_deref().and_then(|data| BASE64.decode(data.as_bytes()).ok());
    all.extend(data.filter(|data| !data.is_empty()).map(|data| ("user-data".into(), data)));
    all
}

/// The leaves below `meta-data`.
fn metadata(model: &Model, instance: &Instance) -> Vec<(String, String)> {
    let region = &instance.scope.region;
    let (private, public) = (private(model, instance), public(model, instance));
    let hostname = lease(model, &instance.id).map(|lease| lease.hostname).unwrap_or_default();
    let groups = groups(model, instance);
    let mut all: Vec<(String, String)> = Vec::new();
    let mut leaf = |name: &str, value: String| all.push((name.to_owned(), value));
    leaf("ami-id", instance.image.clone());
    leaf("ami-launch-index", instance.launch_index.to_string());
    leaf("ami-manifest-path", "(unknown)".into());
    if let Some(state) = lifecycle(model, instance) {
        leaf("autoscaling/target-lifecycle-state", state.into());
    }
    for (name, device) in devices(model, instance) {
        leaf(&format!("block-device-mapping/{name}"), device);
    }
    leaf("events/maintenance/history", "[]".into());
    leaf("events/maintenance/scheduled", "[]".into());
    let notice = model.spot_request_of(instance).and_then(|request| Some((request, request.notice()?)));
    if let Some((_, notice)) = notice {
        let recommended = json!({"noticeTime": notice.since.to_seconds()});
        leaf("events/recommendations/rebalance", recommended.to_string());
    }
    leaf("hibernation/configured", instance.options.hibernates.to_string());
    leaf("hostname", hostname.clone());
    for (name, value) in credentials::leaves(model, instance) {
        leaf(&name, value);
    }
    leaf("instance-action", "none".into());
    leaf("instance-id", instance.id.clone());
    leaf("instance-life-cycle", if instance.spot { "spot" } else { "on-demand" }.into());
    leaf("instance-type", instance.instance_type.clone());
    if let Some(address) = primary(model, instance).and_then(|interface| interface.ipv6.first()) {
        leaf("ipv6", address.to_string());
    }
    leaf("local-hostname", hostname);
    leaf("local-ipv4", private.map(|address| address.to_string()).unwrap_or_default());
    let interfaces = interfaces(model, instance);
    leaf("mac", interfaces.first().map(|interface| interface.mac.clone()).unwrap_or_default());
    for interface in &interfaces {
        for (name, value) in &interface.leaves {
            leaf(&format!("network/interfaces/macs/{}/{name}", interface.mac), value.clone());
        }
        for (public, own) in &interface.associations {
            leaf(&format!("network/interfaces/macs/{}/ipv4-associations/{public}", interface.mac), own.to_string());
        }
    }
    leaf("placement/availability-zone", instance.zone.clone());
    leaf("placement/availability-zone-id", zone_id(&instance.zone));
    let options = &instance.options;
    for (name, value) in [("group-name", &options.placement_group), ("host-id", &options.dedicated_host)] {
        value.iter().for_each(|value| leaf(&format!("placement/{name}"), value.clone()));
    }
    options.partition.iter().for_each(|number| leaf("placement/partition-number", number.to_string()));
    leaf("placement/region", region.clone());
    leaf("profile", "default-hvm".into());
    if let Some(public) = public {
        if has_public_names(model, instance) {
            leaf("public-hostname", public_name(region, public));
        }
        leaf("public-ipv4", public.to_string());
    }
    let key = instance.key_name.as_ref().and_then(|name| model.key_pair(&instance.scope, name).ok());
    // An import may not know the public key.
    if let Some(key) = key.filter(|key| !key.key.public.is_empty()) {
        // A list with names, unlike any other directory.
        leaf("public-keys", format!("0={}", key.name));
        leaf("public-keys/0/openssh-key", format!("{} {}\n", openssh(&key.key.public), key.name));
    }
    leaf("reservation-id", instance.reservation.clone());
    leaf("security-groups", lines(groups.iter().map(|group| &group.name)));
    leaf("services/domain", Region::named(region).map_or_else(String::new, |region| region.domain().to_owned()));
    leaf("services/partition", instance.scope.partition().into());
    if let Some((request, notice)) = notice {
        let (action, time) = (request.terms.interruption, notice.due.to_seconds());
        leaf("spot/instance-action", json!({"action": action.word(), "time": &time}).to_string());
        if action == Interruption::Terminate {
            leaf("spot/termination-time", time);
        }
    }
    let known = InstanceType::named(&instance.instance_type);
    leaf("system", known.map_or("xen", |known| known.hypervisor).into());
    if instance.options.metadata.tags == Switch::Enabled {
        let shown = instance.tags.iter().filter(|(key, _)| fits_path(key));
        shown.for_each(|(key, value)| leaf(&format!("tags/instance/{key}"), value.clone()));
    }
    all
}

/// Whether a tag's key can be part of a path ("View tags for your EC2 instances using instance metadata").
fn fits_path(key: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+-=._:,@".contains(c);
    key.chars().all(fits) && !matches!(key, "." | ".." | "_index")
}

/// The target lifecycle state of an instance in an Auto Scaling group.
fn lifecycle(model: &Model, instance: &Instance) -> Option<&'static str> {
    let group = model.scaling_group_of(&instance.scope, &instance.id).ok()?;
    // An instance on its way into service has that as its target.
    match group.members.get(&instance.id)?.state {
        Lifecycle::Pending | Lifecycle::InService => Some("InService"),
        Lifecycle::Terminating => Some("Terminated"),
        Lifecycle::Standby => Some("Standby"),
        Lifecycle::WarmedStopped => Some("Warmed:Stopped"),
        Lifecycle::WarmedRunning => Some("Warmed:Running"),
    }
}

/// Volumes by their mapping's name: `ami` and `root` are the root volume, the others are numbered.
fn devices(model: &Model, instance: &Instance) -> Vec<(String, String)> {
    let root = model.root_device(&instance.image);
    let attached = model.volumes.by(&instance.id).filter_map(|volume| volume.attachment_to(&instance.id));
    let mut others: Vec<String> = attached.map(|own| own.device.clone()).filter(|device| *device != root).collect();
    others.sort();
    let others = others.into_iter().enumerate().map(|(number, device)| (format!("ebs{}", number + 1), device));
    let root_too = ("root".to_owned(), root.clone());
    std::iter::once(("ami".to_owned(), root)).chain(others).chain([root_too]).collect()
}

/// A public key with the pair's name as its comment.
fn openssh(key: &str) -> String {
    key.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// The metadata of a network interface.
struct Interface {
    mac: String,
    leaves: Vec<(&'static str, String)>,
    /// Public addresses and their private ones. Empty in EC2-Classic.
    associations: Vec<(Ipv4Addr, Ipv4Addr)>,
}

fn interfaces(model: &Model, instance: &Instance) -> Vec<Interface> {
    let Some(place) = instance.vpc() else { return vec![classic_interface(model, instance)] };
    let interfaces = place.interfaces.iter().filter_map(|id| model.network_interfaces.get(id));
    interfaces.filter_map(|interface| vpc_interface(model, interface)).collect()
}

/// The interface of a Classic instance. It has nothing of a VPC, even if the instance is linked.
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
    Interface { mac, leaves, associations: Vec::new() }
}

fn vpc_interface(model: &Model, interface: &NetworkInterface) -> Option<Interface> {
    let (vpc, subnet) = (model.vpcs.get(&interface.vpc)?, model.subnets.get(&interface.subnet)?);
    let region = &interface.scope.region;
    let groups: Vec<_> = interface.groups.iter().filter_map(|id| model.security_groups.get(id)).collect();
    let named = interface.primary_public().filter(|_| has_names(vpc));
    let leaves = [
        ("device-number", interface.attachment.as_ref()?.device_index.to_string()),
        ("interface-id", interface.id.clone()),
        ("ipv4-prefix", lines(&interface.prefixes)),
        ("ipv6-prefix", lines(&interface.ipv6_prefixes)),
        ("ipv6s", lines(&interface.ipv6)),
        ("local-hostname", private_name(region, interface.address())),
        ("local-ipv4s", lines(&interface.addresses)),
        ("mac", interface.mac()),
        ("owner-id", interface.scope.account.clone()),
        ("public-hostname", lines(named.map(|public| public_name(region, public.address)))),
        ("public-ipv4s", lines(interface.public.values().map(|public| public.address))),
        ("security-group-ids", lines(groups.iter().map(|group| &group.id))),
        ("security-groups", lines(groups.iter().map(|group| &group.name))),
        ("subnet-id", subnet.id.clone()),
        ("subnet-ipv4-cidr-block", subnet.block()),
        ("subnet-ipv6-cidr-blocks", lines(subnet.ipv6.iter().map(|block| block.cidr))),
        ("vpc-id", vpc.id.clone()),
        ("vpc-ipv4-cidr-block", vpc.cidr().to_string()),
        ("vpc-ipv4-cidr-blocks", lines(vpc.blocks())),
        ("vpc-ipv6-cidr-blocks", lines(vpc.ipv6.iter().map(|block| block.cidr))),
    ];
    let leaves = leaves.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let associations = interface.public.iter().map(|(own, public)| (public.address, *own)).collect();
    Some(Interface { mac: interface.mac(), leaves, associations })
}

/// A list as metadata has it, one item a line.
fn lines<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let lines: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    lines.join("\n")
}

/// `dynamic/instance-identity/document`.
fn identity(model: &Model, instance: &Instance) -> String {
    let document = json!({
        "accountId": instance.scope.account,
        "architecture": InstanceType::named(&instance.instance_type).map_or("x86_64", InstanceType::architecture),
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
    instance.vpc().is_none_or(|place| model.vpcs.get(&place.vpc).is_some_and(has_names))
}

/// The groups in its own network. Those of a link are not included.
fn groups<'m>(model: &'m Model, instance: &Instance) -> Vec<&'m SecurityGroup> {
    let ids = match instance.classic() {
        Some(place) => place.groups.clone(),
        None => primary(model, instance).map(|interface| interface.groups.clone()).unwrap_or_default(),
    };
    ids.iter().filter_map(|id| model.security_groups.get(id)).collect()
}
