//! Route 53: hosted zones and their records, delegation sets, health checks, traffic policies, CIDR collections and query
//! logging.

pub(crate) mod cidr_collection;
pub(crate) mod delegation_set;
pub(crate) mod domain_name;
pub(crate) mod error;
pub(crate) mod health_check;
pub(crate) mod hosted_zone;
pub(crate) mod query_logging;
pub(crate) mod record_change;
pub(crate) mod record_data;
pub(crate) mod record_set;
pub(crate) mod traffic_policy;
mod traffic_policy_document;
pub(crate) mod traffic_policy_instance;
