//! The unit of a group's capacity.

use crate::InstanceType;
use crate::words::words;

words! {
    /// The unit of a group's capacity: instances by their weights, virtual processors, or MiB of memory.
    CapacityUnit { Units "units", Processors "vcpu", Memory "memory-mib" }
}

impl CapacityUnit {
    /// The weight of an instance of a type in the capacity. `weight` is the one that was given for the type.
    pub(super) fn weight_of(self, instance_type: &str, weight: u32) -> u32 {
        let Some(known) = InstanceType::named(instance_type) else { return weight };
        match self {
            CapacityUnit::Units => weight,
            CapacityUnit::Processors => known.processors,
            CapacityUnit::Memory => known.memory,
        }
    }
}
