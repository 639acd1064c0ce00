//! The control side of classiclink: the API, the model of the cloud, its store, and the compiler that makes the
//! dataplane's tables. It never handles packets.

pub mod accounts;
pub mod admin;
pub mod api;
pub mod balancer;
pub mod balancing;
pub mod change_counts;
pub mod clouds;
pub mod compile;
pub mod daemon;
pub mod explain;
pub mod export;
pub mod first_boot;
pub mod flow_logs;
pub mod heartbeat;
pub mod import;
pub mod insights;
pub mod last_uses;
pub mod leases;
pub mod link;
pub mod managed;
pub mod map;
pub mod metrics;
pub mod names;
pub mod operator;
pub mod pages;
pub mod pcapng;
pub mod platform;
pub mod reach;
pub mod recent_changes;
pub mod recording;
pub mod server;
pub mod service;
mod socket;
pub mod state;
pub mod store;
pub mod tables;
