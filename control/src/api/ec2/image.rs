//! Images.

use super::block_device::{device_mapping, volume_change};
use super::listing::{Attributes, by_age, each, missing_is_error, one};
use super::volume::volume_type;
use super::{int, tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{
    BootImages, BootMode, Caller, Encryption, Error, Firmware, IdKind, Image, ImagePlatform, ImageVolume, Model,
    NewImage, Resource, Result, VolumeChange, VolumeShape, public_images,
};
use shapes::{List, ec2};
use std::ops::Deref;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).write(create).write(copy).write(register).write(deregister)
}

/// The values of an attribute for all volumes of an image.
fn volumes(image: &Image, value: impl Fn(&ImageVolume) -> String) -> Vec<String> {
    image.volumes.iter().map(value).collect()
}

/// An image as an account sees it.
struct Seen {
    image: Image,
    /// Whether the account's settings allow it.
    is_allowed: bool,
}

impl Deref for Seen {
    type Target = Image;

    fn deref(&self) -> &Image {
        &self.image
    }
}

static ATTRIBUTES: Attributes<Seen> = Attributes(&[
    ("architecture", |_, image| one(&image.architecture)),
    ("block-device-mapping.delete-on-termination", |_, image| volumes(image, |v| v.delete_on_termination.to_string())),
    ("block-device-mapping.device-name", |_, image| volumes(image, |v| v.device.clone())),
    ("block-device-mapping.encrypted", |_, image| volumes(image, |v| v.encrypted.to_string())),
    ("block-device-mapping.snapshot-id", |_, image| image.volumes.iter().filter_map(|v| v.snapshot.clone()).collect()),
    ("block-device-mapping.volume-size", |_, image| volumes(image, |v| v.shape.size.to_string())),
    ("block-device-mapping.volume-type", |_, image| volumes(image, |v| v.shape.kind.word().into())),
    ("boot-mode", |_, image| each(boot_mode(image))),
    ("creation-date", |_, image| one(image.created)),
    ("description", |_, image| one(&image.description)),
    ("ena-support", |_, image| one(image.ena)),
    ("hypervisor", |_, _| one("xen")),
    ("image-allowed", |_, image| one(image.is_allowed)),
    ("image-id", |_, image| one(&image.id)),
    ("image-type", |_, _| one("machine")),
    ("kernel-id", |_, image| each(image.boot_images.kernel.as_ref())),
    ("is-public", |_, image| one(image.is_public())),
    ("manifest-location", |_, image| one(location(image))),
    ("name", |_, image| one(&image.name)),
    ("owner-alias", |_, image| each(image.owner_alias())),
    ("owner-id", |_, image| one(&image.scope.account)),
    ("platform", |_, image| platform(image).into_iter().collect()),
    ("ramdisk-id", |_, image| each(image.boot_images.ramdisk.as_ref())),
    ("root-device-name", |_, image| one(&image.root_device)),
    ("root-device-type", |_, image| one(image.root_device_type().word())),
    ("source-image-id", |_, image| image.copy_of.iter().map(|(id, _)| id.clone()).collect()),
    ("source-image-region", |_, image| image.copy_of.iter().map(|(_, region)| region.clone()).collect()),
    ("source-instance-id", |_, image| image.instance.iter().cloned().collect()),
    ("sriov-net-support", |_, image| sriov(image).into_iter().collect()),
    ("state", |_, image| one(state(image))),
    ("virtualization-type", |_, image| one(&image.virtualization)),
]);

fn sriov(image: &Image) -> Option<String> {
    (image.virtualization == "hvm").then(|| "simple".to_owned())
}

fn platform(image: &Image) -> Option<String> {
    (image.platform == ImagePlatform::Windows).then(|| "windows".to_owned())
}

/// How it says that its instances boot.
pub fn boot_mode(image: &Image) -> Option<&'static str> {
    image.firmware.boot_mode.map(BootMode::word)
}

/// How an image is protected from being deregistered.
pub const PROTECTED: &str = "enabled-without-cooldown";

/// The only version of NitroTPM, and of metadata with tokens, if it is wanted.
pub fn version_2(is_wanted: bool) -> Option<String> {
    is_wanted.then(|| "v2.0".to_owned())
}

/// How far an image is.
pub fn state(image: &Image) -> &'static str {
    if image.disabled { "disabled" } else { "available" }
}

fn location(image: &Image) -> String {
    if let Some(manifest) = &image.manifest {
        return manifest.clone();
    }
    let place = image.owner_alias().unwrap_or(&image.scope.account);
    format!("{place}/{}", image.name)
}

fn shown(Seen { image, is_allowed }: Seen) -> ec2::Image {
    let (platform_details, usage_operation) = image.platform.billing();
    ec2::Image {
        image_location: text(location(&image)),
        state: text(state(&image)),
        deprecation_time: image.deprecated.map(|time| time.to_string()),
        deregistration_protection: image.protected.then(|| PROTECTED.to_owned()),
        image_owner_alias: image.owner_alias().map(str::to_owned),
        public: Some(image.is_public()),
        product_codes: Vec::new().into(),
        image_type: text("machine"),
        platform: platform(&image),
        platform_details: text(platform_details),
        usage_operation: text(usage_operation),
        creation_date: text(image.created),
        root_device_type: text(image.root_device_type().word()),
        block_device_mappings: image.volumes.iter().map(shown_volume).chain(ephemeral(&image)).collect(),
        hypervisor: text("xen"),
        ena_support: image.ena.then_some(true),
        sriov_net_support: sriov(&image),
        image_allowed: Some(is_allowed),
        boot_mode: boot_mode(&image).map(str::to_owned),
        tpm_support: version_2(image.firmware.tpm),
        imds_support: version_2(image.firmware.metadata_tokens),
        kernel_id: image.boot_images.kernel.clone(),
        ramdisk_id: image.boot_images.ramdisk.clone(),
        tags: tags::if_any(&image.tags),
        source_instance_id: image.instance,
        source_image_id: image.copy_of.as_ref().map(|(id, _)| id.clone()),
        source_image_region: image.copy_of.map(|(_, region)| region),
        image_id: Some(image.id),
        owner_id: Some(image.scope.account),
        name: Some(image.name),
        description: Some(image.description),
        architecture: Some(image.architecture),
        virtualization_type: Some(image.virtualization),
        root_device_name: Some(image.root_device),
        ..Default::default()
    }
}

/// `blockDeviceMapping`
pub fn shown_volume(volume: &ImageVolume) -> ec2::BlockDeviceMapping {
    ec2::BlockDeviceMapping {
        device_name: text(&volume.device),
        ebs: Some(ec2::EbsBlockDevice {
            delete_on_termination: Some(volume.delete_on_termination),
            snapshot_id: volume.snapshot.clone(),
            volume_size: int(volume.shape.size),
            volume_type: text(volume.shape.kind.word()),
            iops: volume.shape.iops.and_then(int),
            throughput: volume.shape.throughput.and_then(int),
            encrypted: Some(volume.encrypted),
            kms_key_id: volume.key.clone(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn ephemeral(image: &Image) -> impl Iterator<Item = ec2::BlockDeviceMapping> {
    image.ephemeral.iter().map(|(device, name)| ec2::BlockDeviceMapping {
        device_name: text(device),
        virtual_name: text(name),
        ..Default::default()
    })
}

/// An image of which nothing is known but its id: it is like the platform's own.
fn unlisted(id: &str) -> Option<Image> {
    let host = public_images().iter().find(|image| image.id == HOST)?.clone();
    Some(Image { id: id.to_owned(), name: format!("classiclink/images/{id}"), ..host })
}

/// The platform's own image.
const HOST: &str = "ami-1a2b3c4d";

fn by_id(model: &Model, caller: &Caller, id: &str) -> Result<Image> {
    let found = match model.image(id) {
        Some(image) => Some(image).filter(|image| image.is_seen_by(&caller.scope)).cloned(),
        // What instances are launched of is something, if only to them.
        None if model.instances.of(&caller.scope).any(|instance| instance.image == id) => unlisted(id),
        None => None,
    };
    found.ok_or_else(|| Error::NotFound { kind: IdKind::Image, id: id.to_owned() })
}

/// Whether a request that names owners means this image's.
fn is_of(image: &Image, owners: &[String], caller: &Caller) -> bool {
    let is = |owner: &String| match owner.as_str() {
        "self" => image.scope == caller.scope,
        "amazon" => image.owner_alias().is_some(),
        account => image.scope.account == account,
    };
    owners.is_empty() || owners.iter().any(is)
}

/// Whether it is among those that one of these may launch: accounts, `self`, and `all` for everyone.
fn is_for(image: &Image, executable_by: &[String], caller: &Caller) -> bool {
    let is = |word: &String| match word.as_str() {
        "self" => image.shared_with.contains(&caller.scope.account),
        word => image.shared_with.contains(word),
    };
    executable_by.is_empty() || executable_by.iter().any(is)
}

fn describe(View { model, caller }: View, input: ec2::DescribeImagesRequest) -> Result<ec2::DescribeImagesResult> {
    let ec2::DescribeImagesRequest {
        executable_users,
        image_ids,
        owners,
        include_deprecated,
        include_disabled,
        filters,
        page,
    } = input;
    // A named image is described whatever its state, and so is a deprecated one to its owner.
    let is_current = |image: &Image| {
        let deprecated = image.deprecated.is_some_and(|since| since <= caller.now) && image.scope != caller.scope;
        (include_disabled == Some(true) || !image.disabled) && (include_deprecated == Some(true) || !deprecated)
    };
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let images: Vec<Image> = match image_ids.is_empty() {
        true => {
            let seen = public_images().iter().chain(model.images.iter()).filter(|i| i.is_seen_by(&caller.scope));
            seen.filter(|image| is_current(image)).cloned().collect()
        }
        false => {
            let (found, missing): (Vec<_>, Vec<_>) = image_ids
                .iter()
                .map(|id| by_id(model, caller, id).map_err(|_| id.clone()))
                .partition(|one| one.is_ok());
            // A deregistered image is not shown, and is no error.
            let was = |id: &String| model.images.get(id).is_some_and(|i| i.deregistered && i.scope == caller.scope);
            let missing = missing.into_iter().filter_map(std::result::Result::err).filter(|id| !was(id));
            missing_is_error(IdKind::Image, missing.collect())?;
            found.into_iter().flatten().collect()
        }
    };
    let settings = model.settings(&caller.scope);
    let see = |image: Image| Seen { is_allowed: settings.allows_image(caller, &image), image };
    let mut images: Vec<Seen> = images.into_iter().map(see).collect();
    images.retain(|image| {
        !settings.hides_image(caller, image)
            && is_of(image, &owners, caller)
            && is_for(image, &executable_users, caller)
            && wanted.pass(model, image, image.tags())
    });
    let (images, next_token) = by_age(model, &page, images, |image| &image.id)?;
    Ok(ec2::DescribeImagesResult { images: images.into_iter().map(shown).collect(), next_token })
}

fn create(cx: Change, input: ec2::CreateImageRequest) -> Result<String> {
    let ec2::CreateImageRequest { tag_specifications, instance_id, name, description, block_device_mappings } = input;
    let [tags, snapshot_tags] = tags::of_each(tag_specifications, ["image", "snapshot"])?;
    let named = (name, description.unwrap_or_default());
    let mappings: Vec<_> = block_device_mappings.into_iter().map(device_mapping).collect::<Result<_>>()?;
    cx.model.create_image(cx.caller, &instance_id, named, &mappings, (tags, snapshot_tags))
}

fn copy(Change { model, caller }: Change, input: ec2::CopyImageRequest) -> Result<String> {
    let ec2::CopyImageRequest {
        client_token,
        description,
        name,
        encrypted,
        kms_key_id: key,
        source_image_id,
        source_region,
        copy_image_tags,
        tag_specifications,
    } = input;
    let [tags, _] = tags::of_each(tag_specifications, ["image", "snapshot"])?;
    let tags = (copy_image_tags != Some(true)).then_some(tags);
    let encryption = Encryption { encrypted: encrypted.unwrap_or(false), key };
    model.once(caller, "CopyImage", token(&client_token), |model| {
        model.copy_image(caller, (&source_region, &source_image_id), (name, description), &encryption, tags)
    })
}

/// A volume of an image to be registered; its size may be the snapshot's.
fn image_volume(model: &Model, caller: &Caller, sent: ec2::BlockDeviceMapping) -> Result<Option<ImageVolume>> {
    let ec2::BlockDeviceMapping { ebs, no_device: _, device_name, virtual_name: _ } = sent;
    let Some(ebs) = ebs else { return Ok(None) };
    let snapshot = ebs.snapshot_id.as_ref().map(|id| model.snapshot(caller, id)).transpose()?;
    let VolumeChange { size, iops, throughput, .. } = volume_change(&ebs)?;
    Ok(Some(ImageVolume {
        device: device_name.ok_or_else(|| Error::missing("BlockDeviceMapping.DeviceName"))?,
        snapshot: snapshot.map(|snapshot| snapshot.id.clone()),
        shape: VolumeShape {
            size: size.or(snapshot.map(|snapshot| snapshot.size)).unwrap_or(VolumeShape::ROOT.size),
            kind: volume_type(ebs.volume_type.as_deref())?,
            iops,
            throughput,
            multi_attach: false,
        },
        encrypted: ebs.encrypted.unwrap_or(false) || snapshot.is_some_and(|snapshot| snapshot.encrypted),
        key: ebs.kms_key_id.or(snapshot.and_then(|snapshot| snapshot.key.clone())),
        delete_on_termination: ebs.delete_on_termination.unwrap_or(true),
    }))
}

fn register(cx: Change, input: ec2::RegisterImageRequest) -> Result<String> {
    let ec2::RegisterImageRequest {
        image_location,
        tag_specifications,
        name,
        description,
        architecture,
        root_device_name,
        block_device_mappings,
        virtualization_type,
        boot_mode,
        tpm_support,
        imds_support,
        ena_support,
        kernel_id: kernel,
        ramdisk_id: ramdisk,
    } = input;
    if image_location.is_none() && root_device_name.is_none() {
        return Err(Error::missing("RootDeviceName"));
    }
    let ephemeral =
        block_device_mappings.iter().filter_map(|sent| sent.device_name.clone().zip(sent.virtual_name.clone()));
    let ephemeral = ephemeral.collect();
    let volumes = block_device_mappings.into_iter().map(|sent| image_volume(cx.model, cx.caller, sent));
    let volumes: Vec<ImageVolume> = volumes.filter_map(Result::transpose).collect::<Result<_>>()?;
    let root_device = root_device_name.unwrap_or_else(|| "/dev/sda1".into());
    // An image with a root volume boots from it, even if it has a manifest.
    let manifest = image_location.filter(|_| volumes.iter().all(|volume| volume.device != root_device));
    cx.model.register_image(
        cx.caller,
        NewImage {
            name,
            description: description.unwrap_or_default(),
            architecture: architecture.unwrap_or_else(|| "i386".into()),
            virtualization: virtualization_type.unwrap_or_else(|| "paravirtual".into()),
            root_device,
            firmware: Firmware {
                boot_mode: boot_mode.map(|word| BootMode::read("BootMode", &word)).transpose()?,
                tpm: wants_version_2("TpmSupport", tpm_support)?,
                metadata_tokens: wants_version_2("ImdsSupport", imds_support)?,
            },
            boot_images: BootImages { kernel, ramdisk },
            ena: ena_support == Some(true),
            manifest,
            volumes,
            ephemeral,
            tags: tags::of(tag_specifications, "image")?,
        },
    )
}

/// Whether a request names the only version that there is to be named.
pub fn wants_version_2(parameter: &str, version: Option<String>) -> Result<bool> {
    match version.as_deref() {
        None => Ok(false),
        Some("v2.0") => Ok(true),
        Some(other) => Err(Error::invalid(parameter, other)),
    }
}

fn deregister(cx: Change, input: ec2::DeregisterImageRequest) -> Result<ec2::DeregisterImageResult> {
    let ec2::DeregisterImageRequest { image_id, delete_associated_snapshots } = input;
    let snapshots = cx.model.deregister_image(cx.caller, &image_id)?;
    let mut results = List::default();
    if delete_associated_snapshots == Some(true) {
        for snapshot in snapshots {
            let deleted = cx.model.delete_snapshot(cx.caller, &snapshot).is_ok();
            results.push(ec2::DeleteSnapshotReturnCode {
                snapshot_id: Some(snapshot),
                return_code: text(if deleted { "success" } else { "skipped" }),
            });
        }
    }
    Ok(ec2::DeregisterImageResult { r#return: Some(true), delete_snapshot_results: results })
}
