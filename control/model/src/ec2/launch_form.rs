//! What is launched, in a request's own words.

use std::collections::BTreeMap;

/// The parameters of a launch by their names, as they were sent: `NetworkInterface.1.SubnetId`.
pub type LaunchForm = BTreeMap<String, String>;
