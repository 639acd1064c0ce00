//! Route 53: hosted zones, what is in them, and health checks.

pub(crate) mod health_check;
pub(crate) mod hosted_zone;
pub(crate) mod record_data;
