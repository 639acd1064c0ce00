//! Images: public ones, and those that accounts create. All of them stand for this machine. An id that no image has can be launched,
//! too.

use crate::collection::resource;
use crate::ec2::block_device::check_devices;
use crate::words::words;
use crate::{
    AllowedImages, BootImages, Caller, DeviceMapping, Encryption, Error, IdKind, ImageVolume, Instance, InstanceType,
    Model, Result, Scope, Tags, Time, Volume, VolumeAttachment, VolumeShape, VolumeType, tags,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

/// The facts of public images, an image a line.
static FACTS: &str = include_str!("images.txt");

/// The owners of public images that AWS has not verified: Fedora.
const COMMUNITY: [&str; 1] = ["125523088429"];

/// The day from which images support Elastic Network Adapters: 2016-06-28.
const ENA: Time = Time(1_467_072_000_000);

/// The platform of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImagePlatform {
    /// Linux.
    #[default]
    Linux,
    /// Red Hat Enterprise Linux.
    RedHat,
    /// Windows.
    Windows,
}

impl ImagePlatform {
    /// `platformDetails` and `usageOperation`, by which usage is billed.
    pub fn billing(self) -> (&'static str, &'static str) {
        match self {
            ImagePlatform::Linux => ("Linux/UNIX", "RunInstances"),
            ImagePlatform::RedHat => ("Red Hat Enterprise Linux", "RunInstances:0010"),
            ImagePlatform::Windows => ("Windows", "RunInstances:0002"),
        }
    }
}

words! {
    /// The boot mode of an image.
    BootMode { LegacyBios "legacy-bios", Uefi "uefi", UefiPreferred "uefi-preferred" }
}

words! {
    /// The root device type of an image.
    RootDeviceType { Ebs "ebs", InstanceStore "instance-store" }
}

/// The firmware settings of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firmware {
    /// Its boot mode, if it has one.
    pub boot_mode: Option<BootMode>,
    /// Whether it supports NitroTPM 2.0.
    pub tpm: bool,
    /// Whether the metadata of its instances needs tokens by default.
    pub metadata_tokens: bool,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `ami-…`
    pub id: String,
    /// Its account and Region. Public images have no Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its name, unique for its owner in the Region.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The time of its creation.
    pub created: Time,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// `hvm` or `paravirtual`.
    pub virtualization: String,
    /// The device of the root volume.
    pub root_device: String,
    /// Its platform.
    pub platform: ImagePlatform,
    /// Its firmware settings.
    #[serde(default)]
    pub firmware: Firmware,
    /// The default kernel and RAM disk of its instances.
    #[serde(default)]
    pub boot_images: BootImages,
    /// Whether it supports Elastic Network Adapters.
    #[serde(default = "yes")]
    pub ena: bool,
    /// The location of its manifest, if its instances boot from an instance store.
    #[serde(default)]
    pub manifest: Option<String>,
    /// Its volumes, including the root volume unless its instances boot from an instance store.
    pub volumes: Vec<ImageVolume>,
    /// The names of instance store volumes (`ephemeral0`), by device.
    #[serde(default)]
    pub ephemeral: BTreeMap<String, String>,
    /// The instance that it was created from.
    pub instance: Option<String>,
    /// The image that it is a copy of, and its Region.
    pub copy_of: Option<(String, String)>,
    /// The accounts that may launch it besides its owner. `all` is every account.
    pub shared_with: BTreeSet<String>,
    /// The ARNs of organizations whose accounts may launch it. The platform knows no organization's accounts.
    #[serde(default)]
    pub organizations: BTreeSet<String>,
    /// The ARNs of organizational units whose accounts may launch it.
    #[serde(default)]
    pub organizational_units: BTreeSet<String>,
    /// The time from which it is deprecated.
    #[serde(default)]
    pub deprecated: Option<Time>,
    /// Whether it is disabled: only its owner sees it, and nobody can launch it.
    #[serde(default)]
    pub disabled: bool,
    /// Whether it is protected from deregistration.
    #[serde(default)]
    pub protected: bool,
    /// Whether it is deregistered. The row stays, so that the id does not count as unknown.
    pub deregistered: bool,
}

resource!(Image, IdKind::Image);

/// The alias of the owner of a public image and its snapshots.
pub(super) fn alias_of(owner: &Scope) -> Option<&'static str> {
    (owner.region.is_empty() && !COMMUNITY.contains(&owner.account.as_str())).then_some("amazon")
}

/// The default for images of older versions, all of which support Elastic Network Adapters.
fn yes() -> bool {
    true
}

impl Image {
    /// Whether every account may launch it.
    pub fn is_public(&self) -> bool {
        self.shared_with.contains("all")
    }

    /// Whether other accounts may launch it.
    pub fn is_shared(&self) -> bool {
        let others = [&self.shared_with, &self.organizations, &self.organizational_units];
        !self.deregistered && others.iter().any(|named| !named.is_empty())
    }

    /// The alias of its owner: AWS, or an owner that AWS has verified.
    pub fn owner_alias(&self) -> Option<&'static str> {
        alias_of(&self.scope)
    }

    /// The device of the root volume of instances of an image, which need not be known.
    pub fn root_device_of(image: Option<&Image>) -> &str {
        image.map_or("/dev/sda1", |image| image.root_device.as_str())
    }

    /// The root device type of its instances.
    pub fn root_device_type(&self) -> RootDeviceType {
        if self.manifest.is_some() { RootDeviceType::InstanceStore } else { RootDeviceType::Ebs }
    }

    /// Revokes all launch permissions.
    pub fn share_with_nobody(&mut self) {
        self.shared_with.clear();
        self.organizations.clear();
        self.organizational_units.clear();
    }

    /// Whether it is a public image of the platform.
    pub fn is_listed(&self) -> bool {
        self.scope.region.is_empty()
    }

    /// Whether an account may launch it, and therefore sees it.
    pub fn is_seen_by(&self, scope: &Scope) -> bool {
        let shared = !self.disabled && (self.is_public() || self.shared_with.contains(&scope.account));
        let here = self.scope.region == scope.region && (self.scope.account == scope.account || shared);
        self.is_listed() || (here && !self.deregistered)
    }
}

impl Instance {
    /// The kernel and RAM disk of an instance: its own, or those of its image.
    pub fn boot_images(&self, image: Option<&Image>) -> BootImages {
        let own = self.options.boot_images.clone();
        let usual = image.map(|image| image.boot_images.clone()).unwrap_or_default();
        BootImages { kernel: own.kernel.or(usual.kernel), ramdisk: own.ramdisk.or(usual.ramdisk) }
    }
}

/// The parameters of a new image.
#[derive(Clone, Debug)]
pub struct NewImage {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// `hvm` or `paravirtual`.
    pub virtualization: String,
    /// The device of the root volume.
    pub root_device: String,
    /// Its firmware settings.
    pub firmware: Firmware,
    /// The default kernel and RAM disk of its instances.
    pub boot_images: BootImages,
    /// Whether it supports Elastic Network Adapters.
    pub ena: bool,
    /// The location of its manifest, if its instances boot from an instance store.
    pub manifest: Option<String>,
    /// Its volumes.
    pub volumes: Vec<ImageVolume>,
    /// The names of instance store volumes, by device.
    pub ephemeral: BTreeMap<String, String>,
    /// Its tags.
    pub tags: Tags,
}

/// The public images, by id.
pub fn public_images() -> &'static [Image] {
    &IMAGES
}

static IMAGES: LazyLock<Vec<Image>> = LazyLock::new(|| {
    let mut images: Vec<Image> = FACTS.lines().filter(|line| !line.starts_with('#')).filter_map(read).collect();
    images.sort_by(|one, other| one.id.cmp(&other.id));
    images
});

fn read(line: &str) -> Option<Image> {
    let words: Vec<&str> = line.splitn(9, ' ').collect();
    let [id, owner, day, architecture, virtualization, root_device, platform, name, description] = words.as_slice()
    else {
        return None;
    };
    let created = humantime::parse_rfc3339(&format!("{day}T00:00:00Z")).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let created = Time(u64::try_from(created.as_millis()).ok()?);
    let root = ImageVolume {
        device: (*root_device).to_owned(),
        // The snapshot has the digits of the image's id.
        snapshot: Some(id.replacen("ami-", "snap-", 1)),
        shape: VolumeShape { kind: volume_type(name), ..VolumeShape::ROOT },
        encrypted: false,
        key: None,
        delete_on_termination: true,
    };
    Some(Image {
        id: (*id).to_owned(),
        scope: Scope { account: (*owner).to_owned(), region: String::new() },
        tags: Tags::new(),
        firmware: Firmware::default(),
        boot_images: BootImages::default(),
        ena: *virtualization == "hvm" && created > ENA,
        manifest: None,
        volumes: vec![root],
        ephemeral: BTreeMap::new(),
        instance: None,
        copy_of: None,
        shared_with: BTreeSet::from(["all".to_owned()]),
        organizations: BTreeSet::new(),
        organizational_units: BTreeSet::new(),
        deprecated: None,
        disabled: false,
        protected: false,
        deregistered: false,
        name: (*name).to_owned(),
        description: (*description).to_owned(),
        created,
        architecture: (*architecture).to_owned(),
        virtualization: (*virtualization).to_owned(),
        root_device: (*root_device).to_owned(),
        platform: match *platform {
            "linux" => ImagePlatform::Linux,
            "rhel" => ImagePlatform::RedHat,
            "windows" => ImagePlatform::Windows,
            _ => return None,
        },
    })
}

/// The type of an image's root volume, as its name tells.
fn volume_type(name: &str) -> VolumeType {
    match name {
        _ if name.contains("gp3") || name.starts_with("al2023-") => VolumeType::Gp3,
        _ if name.contains("gp2") || name.contains("hvm-ssd") => VolumeType::Gp2,
        _ => VolumeShape::ROOT.kind,
    }
}

/// The volume of an image of an instance, for a volume of that instance. Its snapshot is created later.
fn image_volume(volume: &Volume, at: &VolumeAttachment) -> ImageVolume {
    ImageVolume {
        device: at.device.clone(),
        snapshot: None,
        shape: volume.shape.clone(),
        encrypted: volume.encrypted,
        key: volume.key.clone(),
        delete_on_termination: at.delete_on_termination,
    }
}

impl Model {
    /// The image with an id, if it is known.
    pub fn image(&self, id: &str) -> Option<&Image> {
        let listed = || IMAGES.get(IMAGES.binary_search_by(|image| image.id.as_str().cmp(id)).ok()?);
        self.images.get(id).or_else(listed)
    }

    /// The device of the root volume of instances of an image.
    pub fn root_device(&self, image: &str) -> String {
        Image::root_device_of(self.image(image)).to_owned()
    }

    /// The root device type of instances of an image.
    pub fn root_device_type(&self, image: &str) -> RootDeviceType {
        self.image(image).map(Image::root_device_type).unwrap_or_default()
    }

    /// Whether instances of an image boot from a volume.
    pub(crate) fn boots_from_volume(&self, image: &str) -> bool {
        self.root_device_type(image) == RootDeviceType::Ebs
    }

    /// Checks that the caller may launch an image: it must not be private to others, deregistered, or not allowed.
    pub(crate) fn check_image(&self, caller: &Caller, id: &str) -> Result<()> {
        let settings = self.settings(&caller.scope);
        let is_found = |image: &Image| image.is_seen_by(&caller.scope) && !settings.hides_image(caller, image);
        match self.image(id) {
            Some(image) if is_found(image) && image.disabled => Err(Error::ImageDisabled { id: id.to_owned() }),
            Some(image) if is_found(image) => Ok(()),
            None if settings.allowed_images != AllowedImages::Enabled => Ok(()),
            _ => Err(Error::NotFound { kind: IdKind::Image, id: id.to_owned() }),
        }
    }

    /// Checks that an image and a type have the same processor architecture.
    pub fn check_architecture(&self, id: &str, instance_type: &str) -> Result<()> {
        let (Some(image), Some(known)) = (self.image(id), InstanceType::named(instance_type)) else { return Ok(()) };
        let is_arm = |architecture: &str| architecture == "arm64";
        match is_arm(&image.architecture) == is_arm(known.architecture()) {
            true => Ok(()),
            false => Err(Error::ImageArchitecture {
                image: image.architecture.clone(),
                instance_type: known.architecture().to_owned(),
            }),
        }
    }

    /// An image that uses a snapshot.
    pub(crate) fn image_of_snapshot(&self, snapshot: &str) -> Option<&str> {
        let needs = |image: &&Image| image.volumes.iter().any(|volume| volume.snapshot.as_deref() == Some(snapshot));
        self.images.iter().find(needs).map(|image| image.id.as_str())
    }

    /// RegisterImage. Returns the id.
    pub fn register_image(&mut self, caller: &Caller, new: NewImage) -> Result<String> {
        check_devices(new.volumes.iter().map(|volume| &volume.device))?;
        for snapshot in new.volumes.iter().filter_map(|volume| volume.snapshot.as_deref()) {
            self.snapshot(caller, snapshot)?;
        }
        self.insert_image(caller, new, None, None)
    }

    fn insert_image(
        &mut self,
        caller: &Caller,
        new: NewImage,
        instance: Option<String>,
        copy_of: Option<(String, String)>,
    ) -> Result<String> {
        tags::check(&new.tags)?;
        if !(3..=128).contains(&new.name.chars().count()) {
            return Err(Error::ImageName { name: new.name });
        }
        if let Some(image) = self.images.of(&caller.scope).find(|image| image.name == new.name) {
            return Err(Error::ImageNameTaken { name: new.name, image: image.id.clone() });
        }
        let id = self.new_id(IdKind::Image);
        let source =
            instance.as_ref().and_then(|instance| self.instances.get(instance)).map(|found| found.image.clone());
        let source = source.or_else(|| copy_of.as_ref().map(|(image, _)| image.clone()));
        let platform = source.and_then(|image| self.image(&image)).map(|image| image.platform).unwrap_or_default();
        self.images.insert(Image {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags: new.tags,
            name: new.name,
            description: new.description,
            created: caller.now,
            architecture: new.architecture,
            virtualization: new.virtualization,
            root_device: new.root_device,
            platform,
            firmware: new.firmware,
            boot_images: new.boot_images,
            ena: new.ena,
            manifest: new.manifest,
            volumes: new.volumes,
            ephemeral: new.ephemeral,
            instance,
            copy_of,
            shared_with: BTreeSet::new(),
            organizations: BTreeSet::new(),
            organizational_units: BTreeSet::new(),
            deprecated: None,
            disabled: false,
            protected: false,
            deregistered: false,
        });
        Ok(id)
    }

    /// CreateImage: creates an image of an instance, with a snapshot of each volume that is not left out. Returns the id.
    pub fn create_image(
        &mut self,
        caller: &Caller,
        instance: &str,
        (name, description): (String, String),
        mappings: &[DeviceMapping],
        (tags, snapshot_tags): (Tags, Tags),
    ) -> Result<String> {
        let found = self.instances.find(&caller.scope, instance)?;
        if found.is_gone() {
            return Err(Error::WrongState { id: instance.to_owned(), state: found.state.name().into() });
        }
        if self.root_device_type(&found.image) == RootDeviceType::InstanceStore {
            return Err(Error::InstanceStore { id: instance.to_owned() });
        }
        let like = self.image(&found.image);
        let mut new = NewImage {
            name,
            description,
            architecture: like.map_or_else(|| "x86_64".to_owned(), |image| image.architecture.clone()),
            virtualization: like.map_or_else(|| "hvm".to_owned(), |image| image.virtualization.clone()),
            root_device: Image::root_device_of(like).to_owned(),
            firmware: like.map(|image| image.firmware.clone()).unwrap_or_default(),
            boot_images: found.boot_images(like),
            ena: like.is_none_or(|image| image.ena),
            manifest: None,
            volumes: Vec::new(),
            ephemeral: like.map(|image| image.ephemeral.clone()).unwrap_or_default(),
            tags,
        };
        let own: Vec<_> = self.volumes_of(found).map(|(volume, at)| image_volume(volume, at)).collect();
        let sources: BTreeMap<String, (String, u32)> = self
            .volumes_of(found)
            .map(|(volume, at)| (at.device.clone(), (volume.id.clone(), volume.shape.size)))
            .collect();
        new.volumes = self.mapped(caller, &new.root_device, own, mappings)?;
        for volume in new.volumes.iter_mut().filter(|volume| volume.snapshot.is_none()) {
            let Some((source, least)) = sources.get(&volume.device) else { continue };
            if volume.shape.size < *least {
                return Err(Error::VolumeBelowSnapshot { size: volume.shape.size, least: *least });
            }
            let description = format!("Created by CreateImage({instance})");
            volume.snapshot = Some(self.create_snapshot(caller, source, &description, snapshot_tags.clone())?);
        }
        self.insert_image(caller, new, Some(instance.to_owned()), None)
    }

    /// CopyImage, from any Region. Returns the id.
    pub fn copy_image(
        &mut self,
        caller: &Caller,
        (region, source): (&str, &str),
        (name, description): (String, Option<String>),
        asked: &Encryption,
        tags: Option<Tags>,
    ) -> Result<String> {
        let there = Scope { region: region.to_owned(), ..caller.scope.clone() };
        let missing = || Error::NotFound { kind: IdKind::Image, id: source.to_owned() };
        let found = self.image(source).filter(|image| image.is_seen_by(&there)).ok_or_else(missing)?.clone();
        // The copies of snapshots belong to the Region of the copy.
        let mut volumes = found.volumes;
        for volume in &mut volumes {
            let encryption = self.encryption_of_copy(&caller.scope, volume.encrypted, asked);
            (volume.encrypted, volume.key) = (encryption.encrypted, encryption.key.clone());
            let like = (volume.shape.size, encryption);
            let copy = |snapshot: String| {
                let words = format!("Copied from SourceAmi {source} for SourceSnapshot {snapshot} of {region}");
                self.insert_snapshot(caller, "vol-ffffffff", like, &words, Tags::new())
            };
            volume.snapshot = volume.snapshot.take().map(copy).transpose()?;
        }
        let new = NewImage {
            name,
            description: description.unwrap_or(found.description),
            architecture: found.architecture,
            virtualization: found.virtualization,
            root_device: found.root_device,
            firmware: found.firmware,
            boot_images: found.boot_images,
            ena: found.ena,
            manifest: found.manifest,
            volumes,
            ephemeral: found.ephemeral,
            tags: tags.unwrap_or(found.tags),
        };
        self.insert_image(caller, new, None, Some((source.to_owned(), region.to_owned())))
    }

    /// DeregisterImage. Returns its snapshots.
    pub fn deregister_image(&mut self, caller: &Caller, id: &str) -> Result<Vec<String>> {
        let image = self.own_image(caller, id)?;
        if image.protected {
            return Err(Error::ImageProtected { id: id.to_owned() });
        }
        image.deregistered = true;
        image.name.clear();
        image.tags.clear();
        Ok(std::mem::take(&mut image.volumes).into_iter().filter_map(|volume| volume.snapshot).collect())
    }

    /// An image of the caller's, to be changed.
    fn own_image(&mut self, caller: &Caller, id: &str) -> Result<&mut Image> {
        match self.images.find(&caller.scope, id)?.deregistered {
            true => Err(Error::NotFound { kind: IdKind::Image, id: id.to_owned() }),
            false => self.images.find_mut(&caller.scope, id),
        }
    }

    /// CancelImageLaunchPermission: the caller gives up a permission of another account's image.
    pub fn leave_image(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let account = &caller.scope.account;
        let image = self.images.get_mut(id).filter(|image| image.is_seen_by(&caller.scope));
        match image.is_some_and(|image| image.shared_with.remove(account)) {
            true => Ok(()),
            false => Err(Error::NotFound { kind: IdKind::Image, id: id.to_owned() }),
        }
    }

    /// ModifyImageAttribute: changes the launch permissions and the description.
    pub fn change_image(&mut self, caller: &Caller, id: &str, change: impl FnOnce(&mut Image)) -> Result<()> {
        let blocked = self.settings(&caller.scope).images_blocked;
        let image = self.own_image(caller, id)?;
        let was_public = image.is_public();
        change(image);
        match blocked && image.is_public() && !was_public {
            true => Err(Error::ImageNotToShare {}),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_facts_is_an_image() {
        assert_eq!(public_images().len(), FACTS.lines().filter(|line| !line.starts_with('#')).count());
        let mut ids: Vec<&str> = public_images().iter().map(|image| image.id.as_str()).collect();
        ids.dedup();
        assert_eq!(ids.len(), public_images().len());
        assert!(ids.iter().all(|id| crate::IdKind::Image.fits(id)));
    }
}
