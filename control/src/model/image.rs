//! Images: those that everyone finds. They all stand for the same, a host as this machine is; any other id can be launched too.

use super::{Model, Time};
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

/// The facts, an image a line.
static FACTS: &str = include_str!("images.txt");

/// What an image's instances run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// `platformDetails` and `usageOperation`, which say what is paid for.
    pub fn billing(self) -> (&'static str, &'static str) {
        match self {
            ImagePlatform::Linux => ("Linux/UNIX", "RunInstances"),
            ImagePlatform::RedHat => ("Red Hat Enterprise Linux", "RunInstances:0010"),
            ImagePlatform::Windows => ("Windows", "RunInstances:0002"),
        }
    }
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// `ami-…`
    pub id: String,
    /// The account that it belongs to.
    pub owner: String,
    /// Its name, unique for its owner.
    pub name: String,
    /// What it is, in words.
    pub description: String,
    /// When it was made.
    pub created: Time,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// `hvm` or `paravirtual`.
    pub virtualization: String,
    /// The device of the root volume.
    pub root_device: String,
    /// What its instances run.
    pub platform: ImagePlatform,
}

/// The images that everyone finds, by id.
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
    Some(Image {
        id: (*id).to_owned(),
        owner: (*owner).to_owned(),
        name: (*name).to_owned(),
        description: (*description).to_owned(),
        created: Time(u64::try_from(created.as_millis()).ok()?),
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

impl Model {
    /// What is known of an image, which need not be anything.
    pub fn image(&self, id: &str) -> Option<&Image> {
        let found = IMAGES.binary_search_by(|image| image.id.as_str().cmp(id)).ok()?;
        IMAGES.get(found)
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
        assert!(ids.iter().all(|id| super::super::IdKind::Image.fits(id)));
    }
}
