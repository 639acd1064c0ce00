//! Route 53: hosted zones and what their records stand for.

pub(crate) mod hosted_zone;
pub(crate) mod record_data;
