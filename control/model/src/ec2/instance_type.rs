//! Instance types: what EC2 offers, how big it is, and where it may run (semantics.md §3).

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The facts, a family and its sizes.
static FACTS: &str = include_str!("instance_types.txt");

/// An instance type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// `m1.small`, say.
    pub name: String,
    /// The architectures of its processors: `x86_64`, `arm64`, `i386`.
    pub architectures: Vec<&'static str>,
    /// `xen` or `nitro`.
    pub hypervisor: &'static str,
    /// Whether it is of the current generation.
    pub current: bool,
    /// Whether its processors work by credits.
    pub burstable: bool,
    /// Whether it may run in EC2-Classic.
    pub classic: bool,
    /// Virtual processors.
    pub processors: u32,
    /// Cores, each of which has one or two of them.
    pub cores: u32,
    /// Memory, in MiB.
    pub memory: u32,
    /// How many network interfaces it may have in a VPC.
    pub interfaces: u32,
    /// How many private addresses each of them may have.
    pub addresses: u32,
    /// The disks of its host.
    pub disks: Vec<Disk>,
    /// How fast its network is, in words.
    pub network: &'static str,
}

/// Disks of an instance's host, all alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// How many there are.
    pub count: u32,
    /// The size of each, in GB.
    pub size: u32,
    /// `ssd` or `hdd`.
    pub kind: &'static str,
}

impl InstanceType {
    /// The type of that name.
    pub fn named(name: &str) -> Option<&'static InstanceType> {
        TYPES.get(name)
    }

    /// `m1`, say.
    pub fn family(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }

    /// Whether it runs on Nitro: disks are NVMe, networks ENA.
    pub fn is_nitro(&self) -> bool {
        self.hypervisor == "nitro"
    }

    /// Whether its instances have a machine to themselves, without a hypervisor.
    pub fn is_metal(&self) -> bool {
        self.name.ends_with(".metal")
    }

    /// The architecture that its instances have, unless their images say otherwise.
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

/// A size's line of the facts.
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

/// What every IPv4 host must take (RFC 791), in bytes.
pub(crate) const SMALLEST_MTU: u16 = 576;

/// The largest packet, in bytes, that the interface of an instance takes: EC2-Classic and the oldest types know no jumbo frames.
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
