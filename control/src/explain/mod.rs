//! The dataplane's tables and decisions in the cloud's words: what a number of its tables stands for ([`names::Names`]), what a drop
//! is to be blamed on, which rule let a packet in, which way a packet takes.

mod blame;
pub mod names;
pub mod owners;
mod rules;
mod traffic;
mod why;

pub(crate) use blame::blame;
pub(crate) use rules::traffic_words;
pub use traffic::Traffic;
pub(crate) use traffic::{destinations, first_packet, first_packets};
pub use why::{Drop, Packet, Why, WhyStep};
pub(crate) use why::{answer, dropped, told};
