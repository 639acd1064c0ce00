//! The GPUs of instance types, as DescribeInstanceTypes shows them.

use super::{int, text};
use model::InstanceType;
use shapes::ec2;

/// A family's processors.
struct Gpus {
    family: &'static str,
    maker: &'static str,
    name: &'static str,
    /// The memory of each, in MiB.
    memory: u32,
    /// The sizes that have more than one.
    several: &'static [(&'static str, u32)],
}

const fn nvidia(
    family: &'static str,
    name: &'static str,
    memory: u32,
    several: &'static [(&'static str, u32)],
) -> Gpus {
    Gpus { family, maker: "NVIDIA", name, memory, several }
}

/// The sizes of the newer families, which have as many of them.
const USUAL: &[(&str, u32)] = &[("12xlarge", 4), ("24xlarge", 4), ("48xlarge", 8)];

const GPUS: &[Gpus] = &[
    nvidia("g3", "M60", 8192, &[("8xlarge", 2), ("16xlarge", 4)]),
    Gpus {
        family: "g4ad",
        maker: "AMD",
        name: "Radeon Pro V520",
        memory: 8192,
        several: &[("8xlarge", 2), ("16xlarge", 4)],
    },
    nvidia("g4dn", "T4", 16384, &[("12xlarge", 4), ("metal", 8)]),
    nvidia("g5", "A10G", 24576, USUAL),
    nvidia("g5g", "T4g", 16384, &[("16xlarge", 2)]),
    nvidia("g6", "L4", 22888, USUAL),
    nvidia("p2", "K80", 12288, &[("8xlarge", 8), ("16xlarge", 16)]),
    nvidia("p3", "V100", 16384, &[("8xlarge", 4), ("16xlarge", 8)]),
    nvidia("p3dn", "V100", 32768, &[("24xlarge", 8)]),
    nvidia("p4d", "A100", 40960, &[("24xlarge", 8)]),
    nvidia("p5", "H100", 81920, &[("48xlarge", 8)]),
];

/// `gpuInfo`, of a type that has any.
pub fn gpu_info(t: &InstanceType) -> Option<ec2::GpuInfo> {
    let gpus = GPUS.iter().find(|gpus| gpus.family == t.family())?;
    let size = t.name.split('.').nth(1).unwrap_or_default();
    let count = gpus.several.iter().find(|(several, _)| *several == size).map_or(1, |(_, count)| *count);
    let workloads = if gpus.family.starts_with('g') { &["graphics", "ml-ai"][..] } else { &["ml-ai"] };
    let device = ec2::GpuDeviceInfo {
        name: text(gpus.name),
        manufacturer: text(gpus.maker),
        count: int(count),
        logical_gpu_count: int(count),
        gpu_partition_size: Some(1.0),
        workloads: workloads.iter().map(ToString::to_string).collect(),
        memory_info: Some(ec2::GpuDeviceMemoryInfo { size_in_mi_b: int(gpus.memory) }),
    };
    Some(ec2::GpuInfo { gpus: vec![device].into(), total_gpu_memory_in_mi_b: int(gpus.memory * count) })
}
