//! Runs scenario files against classiclink, which it uses only from outside: by its command line, its API and its packets.
//!
//! - [`mod@format`]: the files' format
//! - [`cloud`]: the product from outside: a process, an API, a command line
//! - `play`: one scenario, step by step
//! - [`agent`]: the program in the hosts
//! - `report`: the results for a person, a program and a CI server
//! - [`index`]: the table of rows and the scenarios that prove them

pub mod agent;
pub mod cloud;
pub mod format;
pub mod index;
pub mod interrupt;
mod packet;
mod play;
mod report;
mod run;

pub use format::load::LoadError;
pub use report::Summary;
pub use run::{Options, RunError, run};
