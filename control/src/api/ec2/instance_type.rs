//! Instance types.

use super::gpu::gpu_info;
use super::listing::{Attributes, each, one, paged};
use super::{int, text};
use crate::api::action::{Actions, View};
use model::{Disk, Error, InstanceType, Result, Tags, instance_types};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

static ATTRIBUTES: Attributes<InstanceType> = Attributes(&[
    ("auto-recovery-supported", |_, t| one(t.is_nitro())),
    ("bare-metal", |_, t| one(t.is_metal())),
    ("burstable-performance-supported", |_, t| one(t.burstable)),
    ("current-generation", |_, t| one(t.current)),
    ("dedicated-hosts-supported", |_, t| one(!t.burstable)),
    ("ebs-info.ebs-optimized-support", |_, t| one(ebs_optimized(t))),
    ("ebs-info.encryption-support", |_, _| one("supported")),
    ("ebs-info.nvme-support", |_, t| one(nvme(t))),
    ("free-tier-eligible", |_, t| one(is_free(t))),
    ("hibernation-supported", |_, _| one(false)),
    ("hypervisor", |_, t| each((!t.is_metal()).then_some(t.hypervisor))),
    ("instance-storage-info.disk.count", |_, t| t.disks.iter().map(|disk| disk.count.to_string()).collect()),
    ("instance-storage-info.disk.size-in-gb", |_, t| t.disks.iter().map(|disk| disk.size.to_string()).collect()),
    ("instance-storage-info.disk.type", |_, t| t.disks.iter().map(|disk| disk.kind.to_owned()).collect()),
    ("instance-storage-info.total-size-in-gb", |_, t| {
        t.disks.first().map(|_| storage(t).to_string()).into_iter().collect()
    }),
    ("instance-storage-supported", |_, t| one(!t.disks.is_empty())),
    ("instance-type", |_, t| one(&t.name)),
    ("memory-info.size-in-mib", |_, t| one(t.memory)),
    ("network-info.efa-supported", |_, _| one(false)),
    ("network-info.ena-support", |_, t| one(ena(t))),
    ("network-info.ipv4-addresses-per-interface", |_, t| one(t.addresses)),
    ("network-info.ipv6-addresses-per-interface", |_, t| one(ipv6(t))),
    ("network-info.ipv6-supported", |_, t| one(ipv6(t) > 0)),
    ("network-info.maximum-network-cards", |_, _| one(1)),
    ("network-info.maximum-network-interfaces", |_, t| one(t.interfaces)),
    ("network-info.network-performance", |_, t| one(t.network)),
    ("nitro-enclaves-support", |_, _| one("unsupported")),
    ("nitro-tpm-support", |_, _| one("unsupported")),
    ("processor-info.supported-architecture", |_, t| t.architectures.iter().map(ToString::to_string).collect()),
    ("supported-boot-mode", |_, t| boot_modes(t).iter().map(ToString::to_string).collect()),
    ("supported-root-device-type", |_, t| root_devices(t).iter().map(ToString::to_string).collect()),
    ("supported-usage-class", |_, _| USAGE_CLASSES.map(str::to_owned).into()),
    ("supported-virtualization-type", |_, t| virtualization(t).iter().map(ToString::to_string).collect()),
    ("vcpu-info.default-cores", |_, t| one(t.cores)),
    ("vcpu-info.default-threads-per-core", |_, t| one(threads(t))),
    ("vcpu-info.default-vcpus", |_, t| one(t.processors)),
    ("vcpu-info.valid-cores", |_, t| each(valid_cores(t))),
    ("vcpu-info.valid-threads-per-core", |_, t| each(valid_threads(t))),
]);

const USAGE_CLASSES: [&str; 2] = ["on-demand", "spot"];

/// Whether a type is in the free tier.
fn is_free(t: &InstanceType) -> bool {
    matches!(t.name.as_str(), "t2.micro" | "t3.micro")
}

fn threads(t: &InstanceType) -> u32 {
    t.processors / t.cores.max(1)
}

/// The numbers of cores that CPU options may say: all of single threads, even ones of double threads (EC2's guide, "CPU options").
fn valid_cores(t: &InstanceType) -> Vec<u32> {
    let is_valid = |cores: &u32| threads(t) == 1 || cores.is_multiple_of(2) || *cores == t.cores;
    if t.is_nitro() { (1..=t.cores).filter(is_valid).collect() } else { Vec::new() }
}

fn valid_threads(t: &InstanceType) -> Vec<u32> {
    if t.is_nitro() { (1..=threads(t)).collect() } else { Vec::new() }
}

fn ebs_optimized(t: &InstanceType) -> &'static str {
    match t.family() {
        _ if t.is_nitro() => "default",
        "m4" | "c4" | "d2" | "h1" | "i3" | "r4" | "x1" | "x1e" | "p2" | "p3" | "g3" => "default",
        "t1" | "t2" | "m2" | "cc2" | "cr1" | "hs1" => "unsupported",
        _ if matches!(t.name.as_str(), "m1.small" | "m1.medium" | "m3.medium" | "m3.large" | "c1.medium") => {
            "unsupported"
        }
        _ => "supported",
    }
}

fn nvme(t: &InstanceType) -> &'static str {
    if t.is_nitro() { "required" } else { "unsupported" }
}

fn ena(t: &InstanceType) -> &'static str {
    match t.family() {
        _ if t.is_nitro() => "required",
        "h1" | "i3" | "r4" | "x1" | "x1e" | "p2" | "p3" | "g3" => "supported",
        _ => "unsupported",
    }
}

/// IPv6 addresses of an interface: the first generations knew none.
fn ipv6(t: &InstanceType) -> u32 {
    match t.family() {
        "t1" | "m1" | "m2" | "m3" | "c1" | "cc2" | "cr1" | "g2" | "hs1" => 0,
        _ => t.addresses,
    }
}

/// All disks of the host, in GB.
pub fn storage(t: &InstanceType) -> u32 {
    t.disks.iter().map(|disk| disk.count * disk.size).sum()
}

fn boot_modes(t: &InstanceType) -> &'static [&'static str] {
    match (t.architecture(), t.is_nitro()) {
        ("arm64", _) => &["uefi"],
        (_, true) => &["legacy-bios", "uefi"],
        (_, false) => &["legacy-bios"],
    }
}

fn root_devices(t: &InstanceType) -> &'static [&'static str] {
    if t.classic && t.name != "t1.micro" { &["ebs", "instance-store"] } else { &["ebs"] }
}

/// How a type's instances can be virtualized.
pub fn virtualization(t: &InstanceType) -> &'static [&'static str] {
    match t.family() {
        "t1" | "m1" | "m2" | "c1" => &["paravirtual"],
        "m3" | "c3" | "hs1" => &["hvm", "paravirtual"],
        _ => &["hvm"],
    }
}

fn texts(all: &[&str]) -> List<String> {
    all.iter().map(ToString::to_string).collect()
}

fn shown(t: &InstanceType) -> ec2::InstanceTypeInfo {
    ec2::InstanceTypeInfo {
        instance_type: text(&t.name),
        current_generation: Some(t.current),
        free_tier_eligible: Some(is_free(t)),
        supported_usage_classes: texts(&USAGE_CLASSES),
        supported_root_device_types: texts(root_devices(t)),
        supported_virtualization_types: texts(virtualization(t)),
        bare_metal: Some(t.is_metal()),
        hypervisor: (!t.is_metal()).then(|| t.hypervisor.to_owned()),
        gpu_info: gpu_info(t),
        processor_info: Some(ec2::ProcessorInfo {
            supported_architectures: texts(&t.architectures),
            manufacturer: text(manufacturer(t)),
            ..Default::default()
        }),
        v_cpu_info: Some(ec2::VCpuInfo {
            default_v_cpus: int(t.processors),
            default_cores: int(t.cores),
            default_threads_per_core: int(threads(t)),
            valid_cores: valid_cores(t).into_iter().filter_map(int).collect::<List<_>>().unless_empty(),
            valid_threads_per_core: valid_threads(t).into_iter().filter_map(int).collect::<List<_>>().unless_empty(),
        }),
        memory_info: Some(ec2::MemoryInfo { size_in_mi_b: Some(t.memory.into()) }),
        instance_storage_supported: Some(!t.disks.is_empty()),
        instance_storage_info: (!t.disks.is_empty()).then(|| shown_storage(t)),
        ebs_info: Some(ec2::EbsInfo {
            ebs_optimized_support: text(ebs_optimized(t)),
            encryption_support: text("supported"),
            nvme_support: text(nvme(t)),
            ..Default::default()
        }),
        network_info: Some(shown_network(t)),
        placement_group_info: Some(ec2::PlacementGroupInfo { supported_strategies: texts(&["partition", "spread"]) }),
        hibernation_supported: Some(false),
        burstable_performance_supported: Some(t.burstable),
        dedicated_hosts_supported: Some(!t.burstable),
        auto_recovery_supported: Some(t.is_nitro()),
        supported_boot_modes: texts(boot_modes(t)),
        nitro_enclaves_support: text("unsupported"),
        nitro_tpm_support: text("unsupported"),
        phc_support: text("unsupported"),
        reboot_migration_support: text("unsupported"),
        supported_in_region: Some(true),
        ..Default::default()
    }
}

/// The manufacturer of the processors, which the letter behind a family's number shows.
pub fn manufacturer(t: &InstanceType) -> &'static str {
    let behind_number = t
        .family()
        .trim_start_matches(|c: char| c.is_ascii_lowercase())
        .trim_start_matches(|c: char| c.is_ascii_digit());
    match t.architecture() {
        "arm64" => "AWS",
        _ if behind_number.starts_with('a') => "AMD",
        _ => "Intel",
    }
}

fn shown_storage(t: &InstanceType) -> ec2::InstanceStorageInfo {
    let disk = |disk: &Disk| ec2::DiskInfo {
        size_in_gb: Some(disk.size.into()),
        count: int(disk.count),
        r#type: text(disk.kind),
    };
    ec2::InstanceStorageInfo {
        total_size_in_gb: Some(storage(t).into()),
        disks: t.disks.iter().map(disk).collect(),
        nvme_support: text(nvme(t)),
        encryption_support: text(if t.is_nitro() { "required" } else { "unsupported" }),
    }
}

fn shown_network(t: &InstanceType) -> ec2::NetworkInfo {
    let card = ec2::NetworkCardInfo {
        network_card_index: Some(0),
        network_performance: text(t.network),
        maximum_network_interfaces: int(t.interfaces),
        ..Default::default()
    };
    ec2::NetworkInfo {
        network_performance: text(t.network),
        maximum_network_interfaces: int(t.interfaces),
        maximum_network_cards: Some(1),
        default_network_card_index: Some(0),
        network_cards: vec![card].into(),
        ipv4_addresses_per_interface: int(t.addresses),
        ipv6_addresses_per_interface: int(ipv6(t)),
        ipv6_supported: Some(ipv6(t) > 0),
        ena_support: text(ena(t)),
        efa_supported: Some(false),
        encryption_in_transit_supported: Some(false),
        ena_srd_supported: Some(false),
        ..Default::default()
    }
}

fn describe(cx: View, input: ec2::DescribeInstanceTypesRequest) -> Result<ec2::DescribeInstanceTypesResult> {
    let ec2::DescribeInstanceTypesRequest { instance_types: names, filters, page } = input;
    if let Some(name) = names.iter().find(|name| InstanceType::named(name).is_none()) {
        return Err(Error::UnknownType { instance_type: name.clone() });
    }
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let named = |t: &&InstanceType| names.is_empty() || names.contains(&t.name);
    let chosen = instance_types().filter(named).filter(|t| wanted.pass(cx.model, t, &Tags::new())).collect();
    let (types, next_token) = paged(&page, chosen, |t: &&InstanceType| &t.name)?;
    Ok(ec2::DescribeInstanceTypesResult { instance_types: types.into_iter().map(shown).collect(), next_token })
}
