//! Condition keys of EC2's resources (semantics.md §10; Service Authorization Reference, "Amazon EC2").

use super::Asked;
use super::fact::{Fact, OWNER, fact};
use super::named::names_id;
use crate::api::Params;
use crate::api::ec2::block_device::device_mapping;
use crate::api::ec2::launch::DEFAULT_TYPE;
use crate::api::ec2::vpc::tenancy;
use model::{
    Caller, DeviceMapping, Domain, IdKind, Image, ImageVolume, Instance, Model, Scope, Subnet, VolumeShape, arn,
    zone_id,
};
use shapes::{Element, Member, ec2};
use std::collections::BTreeSet;

/// The keys of a request as a whole.
pub fn about_request(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Fact> {
    let mut facts = vec![fact("ec2:Region", &caller.scope.region)];
    if asked.action.starts_with("Modify") {
        facts.extend(asked.params.sent().flat_map(|(name, value)| about_attribute(name, value)));
    }
    if asked.action.contains("IamInstanceProfile") {
        facts.extend(profile(model, caller, asked).map(|arn| fact("ec2:NewInstanceProfile", arn)));
    }
    facts.extend(template(model, caller, asked).map(|id| {
        let arn = arn(&caller.scope, "launch-template", &id);
        fact("ec2:LaunchTemplate", arn)
    }));
    facts
}

/// The keys of an attribute that a request changes: `ec2:Attribute`, and its value in `ec2:Attribute/NAME`.
fn about_attribute(name: &str, value: &str) -> Vec<Fact> {
    let (attribute, rest) = name.split_once('.').unwrap_or((name, ""));
    let is_value = rest.is_empty() || rest == "Value";
    match attribute {
        "DryRun" | "Value" => Vec::new(),
        _ if names_id(name) => Vec::new(),
        "Attribute" => vec![fact("ec2:Attribute", value)],
        _ if is_value => vec![fact("ec2:Attribute", attribute), fact(&format!("ec2:Attribute/{attribute}"), value)],
        _ => vec![fact("ec2:Attribute", attribute)],
    }
}

/// The id of the launch template that a launch names.
fn template(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Option<String> {
    let value = |name: &str| asked.params.value(name).filter(|_| asked.action == "RunInstances");
    let (id, name) = (value("LaunchTemplate.LaunchTemplateId"), value("LaunchTemplate.LaunchTemplateName"));
    id.or(name)?;
    Some(model.launch_template(&caller.scope, id, name).ok()?.id.clone())
}

/// The keys of an existing resource.
pub fn about(model: &Model, scope: &Scope, id: &str) -> Vec<Fact> {
    let Some(kind) = IdKind::of(id) else { return Vec::new() };
    let mut facts = of_kind(model, scope, kind, id).unwrap_or_default();
    // `ec2:VpcID`, `ec2:InstanceID`, …
    facts.push(fact(&format!("ec2:{kind:?}ID"), id));
    for (key, value) in model.tags_of(scope, id).into_iter().flatten() {
        facts.push(fact(&format!("aws:ResourceTag/{key}"), value));
        facts.push(fact(&format!("ec2:ResourceTag/{key}"), value));
    }
    facts
}

fn of_kind(model: &Model, scope: &Scope, kind: IdKind, id: &str) -> Option<Vec<Fact>> {
    let vpc = |vpc: &str| fact("ec2:Vpc", arn(scope, "vpc", vpc));
    Some(match kind {
        IdKind::Vpc => vec![fact("ec2:Tenancy", tenancy(model.vpcs.find(scope, id).ok()?.tenancy))],
        IdKind::Instance => about_instance(model, model.instances.find(scope, id).ok()?),
        IdKind::SecurityGroup => model.security_groups.find(scope, id).ok()?.vpc.iter().map(|id| vpc(id)).collect(),
        IdKind::Subnet => about_place(scope, model.subnets.find(scope, id).ok()?),
        IdKind::NetworkInterface => {
            let row = model.network_interfaces.find(scope, id).ok()?;
            let subnet = model.subnets.find(scope, &row.subnet).ok()?;
            let mut facts = about_place(scope, subnet);
            facts.push(fact("ec2:Subnet", arn(scope, "subnet", &row.subnet)));
            facts
        }
        IdKind::RouteTable => vec![vpc(&model.route_tables.find(scope, id).ok()?.vpc)],
        IdKind::NetworkAcl => vec![vpc(&model.network_acls.find(scope, id).ok()?.vpc)],
        IdKind::NatGateway => vec![vpc(&model.nat_gateways.find(scope, id).ok()?.vpc)],
        IdKind::VpcPeeringConnection => {
            let row = model.peerings.get(id)?;
            let side = |key, scope, id: &str| fact(key, arn(scope, "vpc", id));
            vec![
                side("ec2:RequesterVpc", &row.requester.scope, &row.requester.vpc),
                side("ec2:AccepterVpc", &row.accepter.scope, &row.accepter.vpc),
            ]
        }
        IdKind::VpcEndpoint => vec![fact("ec2:VpceServiceName", &model.vpc_endpoints.find(scope, id).ok()?.service)],
        IdKind::Image => about_image(model.image(id)?),
        IdKind::Volume => {
            let row = model.volumes.find(scope, id).ok()?;
            let snapshot = row.snapshot.as_deref();
            about_volume(scope, &row.shape, row.encrypted, Some(&row.zone), snapshot)
        }
        IdKind::Snapshot => {
            // Another account may share it.
            let row = model.snapshots.get(id)?;
            vec![
                fact(OWNER, &row.scope.account),
                fact("ec2:Owner", &row.scope.account),
                fact("ec2:ParentVolume", arn(&row.scope, "volume", &row.volume)),
                fact("ec2:VolumeSize", row.size),
                fact("ec2:Encrypted", row.encrypted),
                fact("ec2:SnapshotTime", row.created),
            ]
        }
        IdKind::KeyPair => {
            let row = model.key_pairs.find(scope, id).ok()?;
            vec![fact("ec2:KeyPairName", &row.name), fact("ec2:KeyPairType", row.key.kind.word())]
        }
        IdKind::PlacementGroup => {
            let row = model.placement_groups.find(scope, id).ok()?;
            let strategy = fact("ec2:PlacementGroupStrategy", row.strategy.word());
            vec![fact("ec2:PlacementGroupName", &row.name), strategy]
        }
        IdKind::Allocation => {
            let row = model.elastic_addresses.find(scope, id).ok()?;
            let domain = if row.domain == Domain::Vpc { "vpc" } else { "standard" };
            vec![fact("ec2:AllocationId", id), fact("ec2:Domain", domain), fact("ec2:PublicIpAddress", row.address)]
        }
        IdKind::TransitGateway => vec![fact("ec2:transitGatewayId", id)],
        IdKind::TransitGatewayAttachment => vec![fact("ec2:transitGatewayAttachmentId", id)],
        _ => return None,
    })
}

/// The keys of a subnet and of what is in it.
fn about_place(scope: &Scope, subnet: &Subnet) -> Vec<Fact> {
    let mut facts = about_zone(&subnet.zone);
    facts.push(fact("ec2:Vpc", arn(scope, "vpc", &subnet.vpc)));
    facts
}

fn about_zone(zone: &str) -> Vec<Fact> {
    vec![fact("ec2:AvailabilityZone", zone), fact("ec2:AvailabilityZoneId", zone_id(zone))]
}

fn about_image(image: &Image) -> Vec<Fact> {
    vec![
        fact(OWNER, &image.scope.account),
        fact("ec2:ImageType", "machine"),
        fact("ec2:Owner", image.owner_alias().unwrap_or(&image.scope.account)),
        fact("ec2:Public", image.is_public()),
        fact("ec2:RootDeviceType", image.root_device_type().word()),
    ]
}

fn about_instance(model: &Model, instance: &Instance) -> Vec<Fact> {
    let options = &instance.options;
    let mut facts = vec![
        fact("ec2:InstanceType", &instance.instance_type),
        fact("ec2:EbsOptimized", instance.ebs_optimized),
        fact("ec2:RootDeviceType", model.root_device_type(&instance.image).word()),
        fact("ec2:InstanceMarketType", if instance.spot { "spot" } else { "on-demand" }),
        fact("ec2:Tenancy", tenancy(instance.tenancy)),
        fact("ec2:InstanceAutoRecovery", options.auto_recovery.word()),
        fact("ec2:InstanceMetadataTags", options.metadata.tags.word()),
        fact("ec2:MetadataHttpEndpoint", options.metadata.endpoint.word()),
        fact("ec2:MetadataHttpPutResponseHopLimit", options.metadata.hop_limit),
        fact("ec2:MetadataHttpTokens", options.metadata.tokens.word()),
    ];
    facts.extend(about_zone(&instance.zone));
    facts.extend(options.profile.iter().map(|profile| fact("ec2:InstanceProfile", &profile.arn)));
    facts.extend(options.placement_group.iter().map(|name| in_placement_group(&instance.scope, name)));
    facts
}

fn in_placement_group(scope: &Scope, name: &str) -> Fact {
    fact("ec2:PlacementGroup", arn(scope, "placement-group", name))
}

fn about_volume(
    scope: &Scope,
    shape: &VolumeShape,
    encrypted: bool,
    zone: Option<&str>,
    snapshot: Option<&str>,
) -> Vec<Fact> {
    let mut facts = vec![
        fact("ec2:Encrypted", encrypted),
        fact("ec2:VolumeSize", shape.size),
        fact("ec2:VolumeType", shape.kind.word()),
    ];
    facts.extend(zone.into_iter().flat_map(about_zone));
    facts.extend(shape.iops.map(|iops| fact("ec2:VolumeIops", iops)));
    facts.extend(shape.throughput.map(|throughput| fact("ec2:VolumeThroughput", throughput)));
    facts.extend(snapshot.map(|id| parent_snapshot(scope, id)));
    facts
}

fn parent_snapshot(scope: &Scope, id: &str) -> Fact {
    fact("ec2:ParentSnapshot", format!("arn:{}:ec2:{}::snapshot/{id}", scope.partition(), scope.region))
}

/// The keys of resources of a type that are about to be made: once for each of their places, at least once.
pub fn about_new(model: &Model, caller: &Caller, asked: &Asked<'_>, resource_type: &str) -> Vec<Vec<Fact>> {
    let scope = &caller.scope;
    let value = |name: &str| asked.params.value(name);
    match resource_type {
        "instance" => vec![about_new_instance(model, caller, asked)],
        "network-interface" => {
            let place = |subnet: &Subnet| {
                let mut facts = about_place(scope, subnet);
                facts.push(fact("ec2:Subnet", arn(scope, "subnet", &subnet.id)));
                facts
            };
            let mut places: Vec<Vec<Fact>> = subnets(model, caller, asked).iter().map(place).collect();
            if places.is_empty() {
                places.push(Vec::new());
            }
            let is_public = |name: &str| name.ends_with("AssociatePublicIpAddress");
            let public = asked.params.sent().find(|(name, _)| is_public(name));
            let public = public.map(|(_, value)| fact("ec2:AssociatePublicIpAddress", value));
            places.iter_mut().for_each(|place| place.extend(public.clone()));
            places
        }
        "subnet" | "route-table" | "network-acl" | "security-group" => {
            let vpc = value("VpcId").map(str::to_owned);
            // A group without a VPC belongs to the default VPC, if there is one.
            let meant = || model.default_network(scope).ok().flatten().filter(|_| resource_type == "security-group");
            let vpc = vpc.or_else(meant).map(|vpc| fact("ec2:Vpc", arn(scope, "vpc", &vpc)));
            let zone = value("AvailabilityZone").into_iter().flat_map(about_zone);
            vec![vpc.into_iter().chain(zone).collect()]
        }
        "vpc" => vec![vec![fact("ec2:Tenancy", value("InstanceTenancy").unwrap_or("default"))]],
        "elastic-ip" => vec![value("Domain").map(|domain| fact("ec2:Domain", domain)).into_iter().collect()],
        "vpc-endpoint" => {
            vec![value("ServiceName").map(|name| fact("ec2:VpceServiceName", name)).into_iter().collect()]
        }
        "vpc-peering-connection" => {
            let requester = value("VpcId").map(|id| fact("ec2:RequesterVpc", arn(scope, "vpc", id)));
            let there = Scope {
                account: value("PeerOwnerId").unwrap_or(&scope.account).to_owned(),
                region: value("PeerRegion").unwrap_or(&scope.region).to_owned(),
            };
            let accepter = value("PeerVpcId").map(|id| fact("ec2:AccepterVpc", arn(&there, "vpc", id)));
            vec![requester.into_iter().chain(accepter).collect()]
        }
        "volume" => about_new_volumes(model, caller, asked),
        "snapshot" => {
            let volume = value("VolumeId").and_then(|id| model.volumes.find(scope, id).ok());
            let facts = volume.into_iter().flat_map(|volume| {
                let parent = fact("ec2:ParentVolume", arn(scope, "volume", &volume.id));
                [parent, fact("ec2:VolumeSize", volume.shape.size), fact("ec2:Encrypted", volume.encrypted)]
            });
            vec![facts.collect()]
        }
        _ => vec![Vec::new()],
    }
}

fn about_new_instance(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Fact> {
    let value = |name: &str| asked.params.value(name);
    let image = value("ImageId").unwrap_or_default();
    let spot = value("InstanceMarketOptions.MarketType") == Some("spot");
    let mut facts = vec![
        fact("ec2:InstanceType", value("InstanceType").unwrap_or(DEFAULT_TYPE)),
        fact("ec2:Tenancy", value("Placement.Tenancy").unwrap_or("default")),
        fact("ec2:RootDeviceType", model.root_device_type(image).word()),
        fact("ec2:EbsOptimized", value("EbsOptimized").unwrap_or("false")),
        fact("ec2:InstanceMarketType", if spot { "spot" } else { "on-demand" }),
    ];
    let sent = [
        ("ec2:InstanceAutoRecovery", "MaintenanceOptions.AutoRecovery"),
        ("ec2:InstanceMetadataTags", "MetadataOptions.InstanceMetadataTags"),
        ("ec2:MetadataHttpEndpoint", "MetadataOptions.HttpEndpoint"),
        ("ec2:MetadataHttpPutResponseHopLimit", "MetadataOptions.HttpPutResponseHopLimit"),
        ("ec2:MetadataHttpTokens", "MetadataOptions.HttpTokens"),
    ];
    facts.extend(sent.into_iter().filter_map(|(key, name)| Some(fact(key, value(name)?))));
    facts.extend(zone(model, caller, asked).iter().flat_map(|zone| about_zone(zone)));
    facts.extend(profile(model, caller, asked).map(|arn| fact("ec2:InstanceProfile", arn)));
    facts.extend(value("Placement.GroupName").map(|name| in_placement_group(&caller.scope, name)));
    facts
}

/// The ARN of the instance profile that a request names.
fn profile(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Option<String> {
    let by_arn = asked.params.value("IamInstanceProfile.Arn").map(str::to_owned);
    by_arn.or_else(|| {
        let name = asked.params.value("IamInstanceProfile.Name")?;
        Some(model.instance_profile(&caller.scope.account, name).ok()?.named.arn("instance-profile"))
    })
}

/// The keys of the volumes that CreateVolume makes, or a launch, which makes those of its image, too.
fn about_new_volumes(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Vec<Fact>> {
    let scope = &caller.scope;
    let (zone, encrypts) = (zone(model, caller, asked), model.settings(scope).encrypts);
    let Some(image) = asked.params.value("ImageId") else {
        return vec![about_created_volume(model, scope, asked, encrypts, zone.as_deref())];
    };
    let about = |volume: &ImageVolume| {
        let encrypted = volume.encrypted || encrypts;
        about_volume(scope, &volume.shape, encrypted, zone.as_deref(), volume.snapshot.as_deref())
    };
    let all: Vec<Vec<Fact>> =
        launch_volumes(model, caller, asked, image).unwrap_or_default().iter().map(about).collect();
    if all.is_empty() { vec![Vec::new()] } else { all }
}

/// The volumes of an image, as a launch changes them. `None` if they cannot be so: the launch will be refused.
fn launch_volumes(model: &Model, caller: &Caller, asked: &Asked<'_>, image: &str) -> Option<Vec<ImageVolume>> {
    let sent = asked.params.sent().filter(|(name, _)| name.starts_with("BlockDeviceMapping."));
    let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut launch = ec2::RequestSpotLaunchSpecification::default();
    launch.take(&Member::PLAIN, &mut Params::of_form(sent)).ok()?;
    let mappings = launch.block_device_mappings.into_iter().map(device_mapping);
    let mappings: Vec<DeviceMapping> = mappings.collect::<Result<_, _>>().ok()?;
    model.launch_volumes(caller, image, &mappings).ok()
}

/// The keys of the volume that CreateVolume makes. A parameter that the request lacks follows from the snapshot and
/// from the Region's settings.
fn about_created_volume(
    model: &Model,
    scope: &Scope,
    asked: &Asked<'_>,
    encrypts: bool,
    zone: Option<&str>,
) -> Vec<Fact> {
    let value = |name: &str| asked.params.value(name);
    let snapshot = value("SnapshotId").and_then(|id| model.snapshots.get(id));
    let encrypted =
        asked.params.is_true("Encrypted") || encrypts || snapshot.is_some_and(|snapshot| snapshot.encrypted);
    let size = value("Size").map(str::to_owned).or_else(|| snapshot.map(|snapshot| snapshot.size.to_string()));
    let sent = [("ec2:VolumeIops", "Iops"), ("ec2:VolumeThroughput", "Throughput"), ("ec2:VolumeType", "VolumeType")];
    let mut facts = vec![fact("ec2:Encrypted", encrypted)];
    facts.extend(size.map(|size| fact("ec2:VolumeSize", size)));
    facts.extend(sent.into_iter().filter_map(|(key, name)| Some(fact(key, value(name)?))));
    facts.extend(value("SnapshotId").map(|id| parent_snapshot(scope, id)));
    facts.extend(zone.into_iter().flat_map(about_zone));
    facts
}

/// The Availability Zone of the resource that a request makes.
fn zone(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Option<String> {
    let subnet = subnets(model, caller, asked).into_iter().next();
    let sent =
        || ["Placement.AvailabilityZone", "AvailabilityZone"].into_iter().find_map(|name| asked.params.value(name));
    subnet.map(|subnet| subnet.zone).or_else(|| sent().map(str::to_owned))
}

/// The subnets in which interfaces are made, each once: those named, or the default one.
fn subnets(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Subnet> {
    let (mut ids, mut leaves_open) = (BTreeSet::new(), asked.action == "RunInstances");
    for (name, value) in asked.params.sent() {
        match name.split('.').collect::<Vec<_>>().as_slice() {
            ["SubnetId"] | ["NetworkInterface", _, "SubnetId"] => {
                ids.insert(value);
            }
            ["NetworkInterface", _, "NetworkInterfaceId"] => leaves_open = false,
            _ => {}
        }
    }
    if ids.is_empty() && leaves_open {
        let meant = model.default_subnet(caller, asked.params.value("Placement.AvailabilityZone"));
        return meant.ok().flatten().into_iter().collect();
    }
    ids.into_iter().filter_map(|id| model.subnets.find(&caller.scope, id).ok().cloned()).collect()
}
