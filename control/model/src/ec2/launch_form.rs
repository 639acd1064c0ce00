//! Launch parameters as they were sent.

use std::collections::BTreeMap;

/// The parameters of a launch by name, as they were sent: `NetworkInterface.1.SubnetId`.
pub type LaunchForm = BTreeMap<String, String>;
