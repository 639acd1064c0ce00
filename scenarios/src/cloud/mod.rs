//! The product as the runner sees it: a process to start and stop, an API to call, a command line.

pub mod api;
pub mod expect;
pub mod names;
pub mod reply;
mod rest;
pub mod service;
pub mod set_up;
pub mod system;
