//! Instance types, their sizes and the networks in which they run (semantics.md §3).

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The facts of instance types, by family.
static FACTS: &str = include_str!("instance_types.txt");

/// An instance type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// `m1.small`, for example.
    pub name: String,
    /// The architectures of its processors: `x86_64`, `arm64`, `i386`.
    pub architectures: Vec<&'static str>,
    /// `xen` or `nitro`.
    pub hypervisor: &'static str,
    /// Whether it is of the current generation.
    pub current: bool,
    /// Whether it is burstable.
    pub burstable: bool,
    /// Whether it may run in EC2-Classic.
    pub classic: bool,
    /// The number of virtual processors.
    pub processors: u32,
    /// The number of cores, each of which is one or two virtual processors.
    pub cores: u32,
    /// Memory, in MiB.
    pub memory: u32,
    /// How many network interfaces it may have in a VPC.
    pub interfaces: u32,
    /// How many private addresses each of them may have.
    pub addresses: u32,
    /// Its instance store volumes.
    pub disks: Vec<Disk>,
    /// Its network performance, in words.
    pub network: &'static str,
}

/// Equal instance store volumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Their number.
    pub count: u32,
    /// The size of each in GB.
    pub size: u32,
    /// `ssd` or `hdd`.
    pub kind: &'static str,
}

impl InstanceType {
    /// The type with that name.
    pub fn named(name: &str) -> Option<&'static InstanceType> {
        TYPES.get(name)
    }

    /// `m1`, for example.
    pub fn family(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }

    /// Whether it runs on Nitro, with NVMe volumes and ENA.
    pub fn is_nitro(&self) -> bool {
        self.hypervisor == "nitro"
    }

    /// Whether it is a bare metal type.
    pub fn is_metal(&self) -> bool {
        self.name.ends_with(".metal")
    }

    /// The default architecture of its instances.
    pub fn architecture(&self) -> &'static str {
        self.architectures.last().copied().unwrap_or("x86_64")
    }
}

/// All instance types, by name.
pub fn instance_types() -> impl Iterator<Item = &'static InstanceType> {
    TYPES.values()
}

static TYPES: LazyLock<BTreeMap<String, InstanceType>> = LazyLock::new(|| {
    let mut types = BTreeMap::new();
    let mut family = "";
    for line in FACTS.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("family ") {
            Some(facts) => family = facts,
            None => types.extend(read(family, line.trim_start()).map(|read| (read.name.clone(), read))),
        }
    }
    types
});

/// Parses a line of the facts.
fn read(family: &'static str, size: &'static str) -> Option<InstanceType> {
    let (family, size): (Vec<_>, Vec<_>) = (family.split(' ').collect(), size.splitn(8, ' ').collect());
    let [name, architectures, hypervisor, marks @ ..] = family.as_slice() else { return None };
    let [size, processors, cores, memory, interfaces, addresses, disks, network] = size.as_slice() else { return None };
    Some(InstanceType {
        name: format!("{name}.{size}"),
        architectures: architectures.split('+').collect(),
        hypervisor,
        current: marks.contains(&"current"),
        burstable: marks.contains(&"burstable"),
        classic: marks.contains(&"classic"),
        processors: processors.parse().ok()?,
        cores: cores.parse().ok()?,
        memory: memory.parse().ok()?,
        interfaces: interfaces.parse().ok()?,
        addresses: addresses.parse().ok()?,
        disks: if *disks == "-" { Vec::new() } else { disks.split('+').map(disk).collect::<Option<_>>()? },
        network,
    })
}

/// `2x80ssd`
fn disk(text: &'static str) -> Option<Disk> {
    let (count, rest) = text.split_once('x')?;
    let (size, kind) = rest.split_at_checked(rest.len().checked_sub(3)?)?;
    Some(Disk { count: count.parse().ok()?, size: size.parse().ok()?, kind })
}

/// The least MTU of IPv4 in bytes (RFC 791).
pub(crate) const SMALLEST_MTU: u16 = 576;

/// The MTU of an instance's interface in bytes. EC2-Classic and the oldest types have no jumbo frames.
pub fn mtu(instance_type: &str, in_classic: bool) -> u16 {
    let old = instance_type.starts_with("t1.") || instance_type.starts_with("m1.");
    if in_classic || old { 1500 } else { 9001 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_facts_is_a_type() {
        let lines = FACTS.lines().filter(|line| line.starts_with("  ")).count();
        assert_eq!(instance_types().count(), lines);
        let large = InstanceType::named("i3en.large").unwrap();
        assert_eq!((large.processors, large.memory, large.interfaces, large.addresses), (2, 16384, 3, 10));
        assert_eq!((large.architecture(), large.is_nitro(), large.network), ("x86_64", true, "Up to 25 Gigabit"));
        assert_eq!(large.disks, [Disk { count: 1, size: 1250, kind: "ssd" }]);
        assert_eq!(InstanceType::named("m1.small").map(|small| (small.classic, small.current)), Some((true, false)));
    }
}
