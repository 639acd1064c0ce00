//! What a group's capacity counts.

use crate::InstanceType;
use crate::words::words;

words! {
    /// What a group's capacity counts: instances, or what they are said to weigh; their processors; their memory in MiB.
    CapacityUnit { Units "units", Processors "vcpu", Memory "memory-mib" }
}

impl CapacityUnit {
    /// For how much of the capacity an instance of a type counts, of which `weight` was said.
    pub(super) fn weight_of(self, instance_type: &str, weight: u32) -> u32 {
        let Some(known) = InstanceType::named(instance_type) else { return weight };
        match self {
            CapacityUnit::Units => weight,
            CapacityUnit::Processors => known.processors,
            CapacityUnit::Memory => known.memory,
        }
    }
}
