//! Route 53's private hosted zones.

pub(crate) mod hosted_zone;
pub(crate) mod record_data;
