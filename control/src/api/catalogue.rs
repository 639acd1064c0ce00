//! What can be launched, on the wire: instance types and images.

use super::describe::{Filters, Page, Values};
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Error, IdKind, InstanceType, Model, Region, Result, Tags, instance_types};

pub const ACTIONS: Actions = &[
    ("DescribeInstanceTypes", Handler::Read(types)),
    ("DescribeInstanceTypeOfferings", Handler::Read(offerings)),
    ("DescribeImages", Handler::Read(images)),
];

static TYPE_FILTERS: &[(&str, Values<InstanceType>)] = &[
    ("instance-type", |_, t| vec![t.name.clone()]),
    ("current-generation", |_, t| vec![(!t.classic).to_string()]),
    ("processor-info.supported-architecture", |_, _| vec!["x86_64".into()]),
    ("supported-usage-class", |_, _| vec!["on-demand".into(), "spot".into()]),
    ("vcpu-info.default-vcpus", |_, t| vec![t.processors.to_string()]),
    ("memory-info.size-in-mib", |_, t| vec![t.memory.to_string()]),
    ("hypervisor", |_, _| vec!["xen".into()]),
    ("bare-metal", |_, _| vec!["false".into()]),
];

fn types(model: &Model, _: &Caller, mut params: Params) -> Result<Node> {
    let names = params.list("InstanceType")?;
    let filters = Filters::take(&mut params, TYPE_FILTERS)?;
    let page = Page::take(&mut params)?;
    params.ignore(&["IncludeUnsupportedInRegion"]);
    params.finish()?;
    let mut all: Vec<InstanceType> = instance_types().collect();
    if let Some(name) = names.iter().find(|name| !all.iter().any(|known| known.name == **name)) {
        return Err(Error::UnknownType { instance_type: name.clone() });
    }
    all.retain(|t| (names.is_empty() || names.contains(&t.name)) && filters.pass(model, t, &Tags::new()));
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(page.cut(all, |t| &t.name).render("instanceTypeSet", |t| type_item(&t)))
}

fn type_item(t: &InstanceType) -> Node {
    Node::new()
        .text("instanceType", &t.name)
        .text("currentGeneration", !t.classic)
        .text("freeTierEligible", false)
        .texts("supportedUsageClasses", ["on-demand", "spot"])
        .texts("supportedRootDeviceTypes", ["ebs"])
        .texts("supportedVirtualizationTypes", ["hvm", "paravirtual"])
        .text("bareMetal", false)
        .text("hypervisor", "xen")
        .node("processorInfo", Node::new().texts("supportedArchitectures", ["x86_64"]))
        .node("vCpuInfo", Node::new().text("defaultVCpus", t.processors))
        .node("memoryInfo", Node::new().text("sizeInMiB", t.memory))
        .text("instanceStorageSupported", false)
        .node(
            "networkInfo",
            Node::new()
                .text("maximumNetworkInterfaces", t.interfaces)
                .text("ipv4AddressesPerInterface", t.addresses)
                .text("ipv6Supported", !t.classic),
        )
}

/// That a type is offered in a place.
struct Offering {
    instance_type: String,
    place: String,
    id: String,
}

static OFFERING_FILTERS: &[(&str, Values<Offering>)] = &[
    ("instance-type", |_, offering| vec![offering.instance_type.clone()]),
    ("location", |_, offering| vec![offering.place.clone()]),
];

fn offerings(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let kind = params.text("LocationType").unwrap_or_else(|| "region".into());
    let unknown = params.invalid("LocationType", &kind);
    let filters = Filters::take(&mut params, OFFERING_FILTERS)?;
    let page = Page::take(&mut params)?;
    params.finish()?;
    let region = caller.scope.region.clone();
    let zones = Region::named(&region).into_iter().flat_map(Region::zones);
    let places: Vec<String> = match kind.as_str() {
        "region" => vec![region],
        "availability-zone" => zones.map(|(name, _)| name).collect(),
        "availability-zone-id" => zones.map(|(_, id)| id).collect(),
        _ => return Err(unknown),
    };
    let of_type = |t: InstanceType| {
        let offer = move |place: &String| Offering {
            instance_type: t.name.clone(),
            place: place.clone(),
            id: format!("{} {place}", t.name),
        };
        places.iter().map(offer).collect::<Vec<_>>()
    };
    let mut all: Vec<Offering> = instance_types().flat_map(of_type).collect();
    all.retain(|offering| filters.pass(model, offering, &Tags::new()));
    all.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(page.cut(all, |offering| &offering.id).render("instanceTypeOfferingSet", |offering| {
        Node::new()
            .text("instanceType", offering.instance_type)
            .text("locationType", &kind)
            .text("location", offering.place)
    }))
}

/// An image. They all stand for the same: a host as this machine is.
struct Image {
    id: String,
    name: String,
}

/// The images that are listed; any other id can be launched too.
const LISTED: [(&str, &str); 2] = [
    ("ami-1a2b3c4d", "classiclink/images/host-x86_64"),
    ("ami-0abcdef1234567890", "classiclink/images/hvm/host-x86_64"),
];

static IMAGE_FILTERS: &[(&str, Values<Image>)] = &[
    ("image-id", |_, image| vec![image.id.clone()]),
    ("name", |_, image| vec![image.name.clone()]),
    ("architecture", |_, _| vec!["x86_64".into()]),
    ("state", |_, _| vec!["available".into()]),
    ("is-public", |_, _| vec!["true".into()]),
    ("image-type", |_, _| vec!["machine".into()]),
    ("owner-alias", |_, _| vec!["amazon".into()]),
    ("owner-id", |_, _| vec![OWNER.into()]),
    ("root-device-type", |_, _| vec!["ebs".into()]),
    ("root-device-name", |_, _| vec!["/dev/sda1".into()]),
    ("virtualization-type", |_, _| vec!["hvm".into()]),
    ("hypervisor", |_, _| vec!["xen".into()]),
    ("description", |_, image| vec![image.name.clone()]),
];

const OWNER: &str = "000000000000";

fn images(model: &Model, _: &Caller, mut params: Params) -> Result<Node> {
    let ids = params.ids("ImageId", IdKind::Image)?;
    let owners = params.list("Owner")?;
    let filters = Filters::take(&mut params, IMAGE_FILTERS)?;
    let page = Page::take(&mut params)?;
    params.ignore(&["ExecutableBy", "IncludeDeprecated", "IncludeDisabled"]);
    params.finish()?;
    let listed = LISTED.map(|(id, name)| Image { id: id.into(), name: name.into() });
    let mut all: Vec<Image> = match ids.is_empty() {
        true => listed.into(),
        false => ids.into_iter().map(|id| Image { name: format!("classiclink/images/{id}"), id }).collect(),
    };
    all.retain(|image| filters.pass(model, image, &Tags::new()));
    if !owners.is_empty() && !owners.iter().any(|owner| owner == "amazon" || owner == OWNER) {
        all.clear();
    }
    all.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(page.cut(all, |image| &image.id).render("imagesSet", |image| image_item(&image)))
}

fn image_item(image: &Image) -> Node {
    Node::new()
        .text("imageId", &image.id)
        .text("imageLocation", &image.name)
        .text("imageState", "available")
        .text("imageOwnerId", OWNER)
        .text("imageOwnerAlias", "amazon")
        .text("creationDate", "2015-01-07T00:00:00.000Z")
        .text("isPublic", true)
        .set("productCodes", [])
        .text("architecture", "x86_64")
        .text("imageType", "machine")
        .text("name", &image.name)
        .text("description", &image.name)
        .text("rootDeviceType", "ebs")
        .text("rootDeviceName", "/dev/sda1")
        .set("blockDeviceMapping", [])
        .text("virtualizationType", "hvm")
        .text("hypervisor", "xen")
}
