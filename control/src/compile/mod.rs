//! Compiles the model into the dataplane's tables. Only here do the cloud's terms get their meaning for packets:
//!
//! - EC2-Classic is one address space (VRF) per Region. Every VPC is one too, and has a second one for *its*
//!   10.0.0.0/8, with the linked instances that it can reach.
//! - A link is a second attachment of the instance's port: in the VPC's address space, with the link's groups. Its
//!   address is in the second address space only, to which only the tables of the VPC's own subnets lead. That is why
//!   links are not transitive.
//! - A security group is a filter and a group with the same number; a subnet is a segment and a route table with the
//!   same number; the Internet is one address space with edges that translate 1:1.
//!
//! The tables are compiled in pieces: each entry belongs to one [`Subject`]. Compiling a subject records what it reads
//! from the model, so a change recompiles the subjects that have read what it touched ([`Compiler::concerned`]).

mod attachments;
mod edges;
mod entrance;
mod fabric;
mod instances;
mod managed;
mod nat;
mod outside;
pub(crate) mod platform;
mod recompile;
mod routes;
mod row;
pub(crate) mod rules;
mod sites;
mod subject;
mod transit;

#[cfg(test)]
pub(crate) mod tests;

pub use recompile::Compiler;
pub use subject::Subject;
