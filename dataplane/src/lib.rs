//! A multithreaded userspace IPv4 dataplane between the TUN interfaces of hosts (network namespaces).
//!
//! It has ports, address spaces (VRFs), attachments, routes, filters and groups, and knows nothing of clouds. A
//! controller fills its tables through [`wire`]; the project's ARCHITECTURE.md describes a packet's path.

pub mod agent;
mod boot;
pub mod capture;
pub mod descriptors;
pub mod environment;
pub mod flow;
pub mod host;
pub mod packet;
pub mod pipeline;
pub mod policy;
pub mod port;
pub mod record;
pub mod socket;
pub mod worker;
