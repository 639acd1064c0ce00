//! The tables: ports, attachments, address spaces, routes, filters, groups.

mod ids;
mod tables;

pub use ids::*;
pub use tables::*;
