//! A multithreaded userspace IPv4 dataplane between the TUN interfaces of hosts (network namespaces).
//!
//! It knows ports, address spaces (VRFs), attachments, routes, filters and groups, and no cloud. A controller fills its tables
//! through [`wire`]; see the project's ARCHITECTURE.md for the way of a packet.

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
pub mod worker;
