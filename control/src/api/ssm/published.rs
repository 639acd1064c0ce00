//! The parameters that AWS publishes: those that name the newest image of a series, and those about AWS itself.

use super::global_infrastructure;
use model::{Image, Time, public_images};
use std::sync::LazyLock;

/// A parameter.
pub struct Published {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What the value is meant as.
    pub data_type: &'static str,
    /// When its value changed.
    pub modified: Time,
}

/// What the value of a parameter that names an image is meant as.
pub const IMAGE: &str = "aws:ec2:image";

/// All parameters, sorted by name.
static ALL: LazyLock<Vec<Published>> = LazyLock::new(|| {
    let about_aws = global_infrastructure::parameters();
    let about_aws = about_aws.map(|(name, value)| Published { name, value, data_type: "text", modified: Time(0) });
    let mut all: Vec<Published> = images().chain(about_aws).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
});

/// All parameters, sorted by name.
pub fn published() -> &'static [Published] {
    &ALL
}

/// The parameter of that name.
pub fn named(name: &str) -> Option<&'static Published> {
    let place = ALL.binary_search_by(|found| found.name.as_str().cmp(name)).ok()?;
    ALL.get(place)
}

/// Amazon's series: the parameter's last part, and the beginning and end of the images' names.
const AMAZON: [(&str, &str, &str); 14] = [
    ("al2023-ami-kernel-6.1-arm64", "al2023-ami-2023", "-kernel-6.1-arm64"),
    ("al2023-ami-kernel-6.1-x86_64", "al2023-ami-2023", "-kernel-6.1-x86_64"),
    ("al2023-ami-kernel-6.12-arm64", "al2023-ami-2023", "-kernel-6.12-arm64"),
    ("al2023-ami-kernel-6.12-x86_64", "al2023-ami-2023", "-kernel-6.12-x86_64"),
    ("al2023-ami-kernel-default-arm64", "al2023-ami-2023", "-kernel-6.1-arm64"),
    ("al2023-ami-kernel-default-x86_64", "al2023-ami-2023", "-kernel-6.1-x86_64"),
    ("al2023-ami-minimal-kernel-default-arm64", "al2023-ami-minimal-2023", "-kernel-6.1-arm64"),
    ("al2023-ami-minimal-kernel-default-x86_64", "al2023-ami-minimal-2023", "-kernel-6.1-x86_64"),
    ("amzn-ami-hvm-x86_64-gp2", "amzn-ami-hvm-20", "-x86_64-gp2"),
    ("amzn2-ami-hvm-arm64-gp2", "amzn2-ami-hvm-2.0", "-arm64-gp2"),
    ("amzn2-ami-hvm-x86_64-ebs", "amzn2-ami-hvm-2.0", "-x86_64-ebs"),
    ("amzn2-ami-hvm-x86_64-gp2", "amzn2-ami-hvm-2.0", "-x86_64-gp2"),
    ("amzn2-ami-kernel-5.10-hvm-arm64-gp2", "amzn2-ami-kernel-5.10-hvm-2.0", "-arm64-gp2"),
    ("amzn2-ami-kernel-5.10-hvm-x86_64-gp2", "amzn2-ami-kernel-5.10-hvm-2.0", "-x86_64-gp2"),
];

/// Ubuntu's series: the version, the name, and the volume type.
const UBUNTU: [(&str, &str, &str); 6] = [
    ("14.04", "trusty", "gp2"),
    ("16.04", "xenial", "gp2"),
    ("18.04", "bionic", "gp2"),
    ("20.04", "focal", "gp2"),
    ("22.04", "jammy", "gp2"),
    ("24.04", "noble", "gp3"),
];

/// The parameters whose series has an image.
fn images() -> impl Iterator<Item = Published> {
    let amazon = AMAZON.into_iter().map(|(part, start, end)| {
        (
            format!("/aws/service/ami-amazon-linux-latest/{part}"),
            newest(|name| name.starts_with(start) && name.ends_with(end)),
        )
    });
    let ubuntu = UBUNTU.into_iter().flat_map(|(version, release, volumes)| {
        ["amd64", "arm64"].into_iter().map(move |architecture| {
            let path = format!("/aws/service/canonical/ubuntu/server/{version}/stable/current");
            let line = format!("ubuntu-{release}-{version}-{architecture}-server-");
            (format!("{path}/{architecture}/hvm/ebs-{volumes}/ami-id"), newest(|name| name.contains(&line)))
        })
    });
    let debian = ["amd64", "arm64"].into_iter().map(|architecture| {
        let line = format!("debian-12-{architecture}-");
        (format!("/aws/service/debian/release/12/latest/{architecture}"), newest(|name| name.starts_with(&line)))
    });
    let parameter = |(name, image): (String, Option<&Image>)| {
        let image = image?;
        Some(Published { name, value: image.id.clone(), data_type: IMAGE, modified: image.created })
    };
    amazon.chain(ubuntu).chain(debian).filter_map(parameter)
}

fn newest(is_wanted: impl Fn(&str) -> bool) -> Option<&'static Image> {
    public_images().iter().filter(|image| is_wanted(&image.name)).max_by_key(|image| image.created)
}
