//! Instance types: what EC2 offered, how big it is, and where it may run (semantics.md §3).

/// Families and sizes: name, then sizes, each with processors and memory (MiB).
type Family = (&'static str, &'static [(&'static str, u32, u32)]);

/// The families that EC2-Classic had.
static CLASSIC: &[Family] = &[
    ("t1", &[("micro", 1, 627)]),
    ("m1", &[("small", 1, 1740), ("medium", 1, 3788), ("large", 2, 7680), ("xlarge", 4, 15360)]),
    ("m2", &[("xlarge", 2, 17510), ("2xlarge", 4, 35020), ("4xlarge", 8, 70041)]),
    ("m3", &[("medium", 1, 3840), ("large", 2, 7680), ("xlarge", 4, 15360), ("2xlarge", 8, 30720)]),
    ("c1", &[("medium", 2, 1740), ("xlarge", 8, 7168)]),
    (
        "c3",
        &[
            ("large", 2, 3840),
            ("xlarge", 4, 7680),
            ("2xlarge", 8, 15360),
            ("4xlarge", 16, 30720),
            ("8xlarge", 32, 61440),
        ],
    ),
    ("cc2", &[("8xlarge", 32, 61952)]),
    ("cr1", &[("8xlarge", 32, 249856)]),
    (
        "r3",
        &[
            ("large", 2, 15616),
            ("xlarge", 4, 31232),
            ("2xlarge", 8, 62464),
            ("4xlarge", 16, 124928),
            ("8xlarge", 32, 249856),
        ],
    ),
    ("d2", &[("xlarge", 4, 31232), ("2xlarge", 8, 62464), ("4xlarge", 16, 124928), ("8xlarge", 36, 249856)]),
    ("hs1", &[("8xlarge", 17, 119808)]),
    ("i2", &[("xlarge", 4, 31232), ("2xlarge", 8, 62464), ("4xlarge", 16, 124928), ("8xlarge", 32, 249856)]),
    ("g2", &[("2xlarge", 8, 15360), ("8xlarge", 32, 61440)]),
];

/// Families that need a VPC.
static VPC_ONLY: &[Family] = &[
    (
        "t2",
        &[
            ("nano", 1, 512),
            ("micro", 1, 1024),
            ("small", 1, 2048),
            ("medium", 2, 4096),
            ("large", 2, 8192),
            ("xlarge", 4, 16384),
            ("2xlarge", 8, 32768),
        ],
    ),
    (
        "t3",
        &[
            ("nano", 2, 512),
            ("micro", 2, 1024),
            ("small", 2, 2048),
            ("medium", 2, 4096),
            ("large", 2, 8192),
            ("xlarge", 4, 16384),
            ("2xlarge", 8, 32768),
        ],
    ),
    (
        "m4",
        &[
            ("large", 2, 8192),
            ("xlarge", 4, 16384),
            ("2xlarge", 8, 32768),
            ("4xlarge", 16, 65536),
            ("10xlarge", 40, 163840),
        ],
    ),
    (
        "m5",
        &[
            ("large", 2, 8192),
            ("xlarge", 4, 16384),
            ("2xlarge", 8, 32768),
            ("4xlarge", 16, 65536),
            ("12xlarge", 48, 196608),
        ],
    ),
    (
        "c4",
        &[
            ("large", 2, 3840),
            ("xlarge", 4, 7680),
            ("2xlarge", 8, 15360),
            ("4xlarge", 16, 30720),
            ("8xlarge", 36, 61440),
        ],
    ),
    (
        "c5",
        &[
            ("large", 2, 4096),
            ("xlarge", 4, 8192),
            ("2xlarge", 8, 16384),
            ("4xlarge", 16, 32768),
            ("9xlarge", 36, 73728),
        ],
    ),
    (
        "r4",
        &[
            ("large", 2, 15616),
            ("xlarge", 4, 31232),
            ("2xlarge", 8, 62464),
            ("4xlarge", 16, 124928),
            ("8xlarge", 32, 249856),
        ],
    ),
    (
        "r5",
        &[
            ("large", 2, 16384),
            ("xlarge", 4, 32768),
            ("2xlarge", 8, 65536),
            ("4xlarge", 16, 131072),
            ("12xlarge", 48, 393216),
        ],
    ),
    (
        "i3",
        &[
            ("large", 2, 15616),
            ("xlarge", 4, 31232),
            ("2xlarge", 8, 62464),
            ("4xlarge", 16, 124928),
            ("8xlarge", 32, 249856),
        ],
    ),
    ("x1", &[("16xlarge", 64, 999424), ("32xlarge", 128, 1998848)]),
    ("p2", &[("xlarge", 4, 62464), ("8xlarge", 32, 499712), ("16xlarge", 64, 749568)]),
];

/// An instance type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// `m1.small`, say.
    pub name: String,
    /// Virtual processors.
    pub processors: u32,
    /// Memory, in MiB.
    pub memory: u32,
    /// How many network interfaces it may have in a VPC.
    pub interfaces: u32,
    /// How many private addresses each of them may have.
    pub addresses: u32,
    /// Whether it may run in EC2-Classic.
    pub classic: bool,
}

/// All instance types.
pub fn instance_types() -> impl Iterator<Item = InstanceType> {
    let tables = [(CLASSIC, true), (VPC_ONLY, false)];
    tables.into_iter().flat_map(|(families, classic)| {
        families.iter().flat_map(move |(family, sizes)| {
            sizes.iter().map(move |&(size, processors, memory)| {
                let (interfaces, addresses) = interfaces(family, size);
                InstanceType { name: format!("{family}.{size}"), processors, memory, interfaces, addresses, classic }
            })
        })
    })
}

/// How many network interfaces an instance may have in a VPC, and how many private addresses each (EC2's documentation, "Elastic
/// network interfaces").
fn interfaces(family: &str, size: &str) -> (u32, u32) {
    match (family, size) {
        ("t2" | "t3", "nano" | "micro") => (2, 2),
        ("t2" | "t3", "small") => (3, 4),
        ("t2" | "t3", "medium") => (3, 6),
        ("t2" | "t3", "large") => (3, 12),
        ("t2", _) => (3, 15),
        (_, "micro") => (2, 2),
        ("m1", "small") => (2, 4),
        (_, "small" | "medium") => (2, 6),
        ("m4", "large") => (2, 10),
        (_, "large") => (3, 10),
        ("m2", "2xlarge") | ("m3", "2xlarge") => (4, 30),
        (_, "xlarge" | "2xlarge") => (4, 15),
        _ => (8, 30),
    }
}

/// The largest packet, in bytes, that the interface of an instance takes: EC2-Classic and the oldest types know no jumbo frames.
pub fn mtu(instance_type: &str, in_classic: bool) -> u16 {
    let old = instance_type.starts_with("t1.") || instance_type.starts_with("m1.");
    if in_classic || old { 1500 } else { 9001 }
}
