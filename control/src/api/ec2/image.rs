//! Images.

use super::listing::{Attributes, paged};
use super::text;
use crate::api::action::Actions;
use crate::model::{Caller, Image, ImagePlatform, Model, Result, Tags, Time, public_images};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

fn one(value: impl ToString) -> Vec<String> {
    vec![value.to_string()]
}

static ATTRIBUTES: Attributes<Image> = Attributes(&[
    ("architecture", |_, image| one(&image.architecture)),
    ("block-device-mapping.delete-on-termination", |_, _| one(true)),
    ("block-device-mapping.device-name", |_, image| one(&image.root_device)),
    ("block-device-mapping.encrypted", |_, _| one(false)),
    ("block-device-mapping.volume-size", |_, _| one(ROOT_SIZE)),
    ("block-device-mapping.volume-type", |_, image| one(volume_type(image))),
    ("creation-date", |_, image| one(image.created)),
    ("description", |_, image| one(&image.description)),
    ("ena-support", |_, image| one(has_ena(image))),
    ("hypervisor", |_, _| one("xen")),
    ("image-allowed", |_, _| one(true)),
    ("image-id", |_, image| one(&image.id)),
    ("image-type", |_, _| one("machine")),
    ("is-public", |_, _| one(true)),
    ("manifest-location", |_, image| one(location(image))),
    ("name", |_, image| one(&image.name)),
    ("owner-alias", |_, _| one("amazon")),
    ("owner-id", |_, image| one(&image.owner)),
    ("platform", |_, image| platform(image).map(str::to_owned).into_iter().collect()),
    ("root-device-name", |_, image| one(&image.root_device)),
    ("root-device-type", |_, _| one("ebs")),
    ("sriov-net-support", |_, image| sriov(image).map(str::to_owned).into_iter().collect()),
    ("state", |_, _| one("available")),
    ("virtualization-type", |_, image| one(&image.virtualization)),
]);

/// The size of root volumes, in GiB.
const ROOT_SIZE: i32 = 8;

/// How the name of an image ends tells the type of its root volume.
fn volume_type(image: &Image) -> &'static str {
    match image.name.to_ascii_lowercase() {
        name if name.ends_with("-ebs") => "standard",
        name if name.starts_with("al2023") || name.contains("gp3") => "gp3",
        _ => "gp2",
    }
}

/// Whether its instances have networks of the newer kind.
fn has_ena(image: &Image) -> bool {
    image.virtualization == "hvm" && image.created > ENA
}

/// 2016-06-28: EC2 has Elastic Network Adapters.
const ENA: Time = Time(1_467_072_000_000);

fn sriov(image: &Image) -> Option<&'static str> {
    (image.virtualization == "hvm").then_some("simple")
}

fn platform(image: &Image) -> Option<&'static str> {
    (image.platform == ImagePlatform::Windows).then_some("windows")
}

fn location(image: &Image) -> String {
    format!("amazon/{}", image.name)
}

fn shown(image: Image) -> ec2::Image {
    let (platform_details, usage_operation) = image.platform.billing();
    let root = ec2::BlockDeviceMapping {
        device_name: text(&image.root_device),
        ebs: Some(ec2::EbsBlockDevice {
            delete_on_termination: Some(true),
            volume_size: Some(ROOT_SIZE),
            volume_type: text(volume_type(&image)),
            encrypted: Some(false),
            ..Default::default()
        }),
        ..Default::default()
    };
    ec2::Image {
        image_location: text(location(&image)),
        state: text("available"),
        image_owner_alias: text("amazon"),
        public: Some(true),
        product_codes: Vec::new().into(),
        image_type: text("machine"),
        platform: platform(&image).and_then(text),
        platform_details: text(platform_details),
        usage_operation: text(usage_operation),
        creation_date: text(image.created),
        root_device_type: text("ebs"),
        block_device_mappings: vec![root].into(),
        hypervisor: text("xen"),
        ena_support: has_ena(&image).then_some(true),
        sriov_net_support: sriov(&image).and_then(text),
        image_allowed: Some(true),
        tags: Vec::new().into(),
        image_id: Some(image.id),
        owner_id: Some(image.owner),
        name: Some(image.name),
        description: Some(image.description),
        architecture: Some(image.architecture),
        virtualization_type: Some(image.virtualization),
        root_device_name: Some(image.root_device),
        ..Default::default()
    }
}

/// An image of which nothing is known but its id: it is like the platform's own.
fn unlisted(model: &Model, id: &str) -> Image {
    let host = model.image(HOST).cloned().unwrap_or_default();
    Image { id: id.to_owned(), name: format!("classiclink/images/{id}"), ..host }
}

/// The platform's own image.
const HOST: &str = "ami-1a2b3c4d";

/// Whether a request that names owners means this image's.
fn is_of(image: &Image, owners: &[String]) -> bool {
    owners.is_empty() || owners.iter().any(|owner| owner == "amazon" || *owner == image.owner)
}

fn describe(model: &Model, _: &Caller, input: ec2::DescribeImagesRequest) -> Result<ec2::DescribeImagesResult> {
    let ec2::DescribeImagesRequest { image_ids, owners, filters, page } = input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let mut images: Vec<Image> = match image_ids.is_empty() {
        true => public_images().to_vec(),
        false => image_ids.iter().map(|id| model.image(id).cloned().unwrap_or_else(|| unlisted(model, id))).collect(),
    };
    images.retain(|image| is_of(image, &owners) && wanted.pass(model, image, &Tags::new()));
    images.sort_by(|one, other| one.id.cmp(&other.id));
    let (images, next_token) = paged(&page, images, |image| &image.id)?;
    Ok(ec2::DescribeImagesResult { images: images.into_iter().map(shown).collect(), next_token })
}
