//! The dataplane's tables and decisions in the cloud's terms: the resource behind a number ([`names::Names`]), the
//! culprit of a drop, the rule that let a packet in, the path of a packet.

mod blame;
pub mod names;
mod namesakes;
pub mod owners;
mod printable;
mod rules;
mod traffic;
mod why;

pub(crate) use blame::blame;
pub use namesakes::Namesakes;
pub use printable::{printable, shell_word, shown_name};
pub(crate) use rules::traffic_words;
pub use traffic::Traffic;
pub(crate) use traffic::{ECHO_REQUEST, destinations, first_packet, first_packets, from_ports, other_client_ports};
pub use why::{Drop, Packet, Why, WhyStep};
pub(crate) use why::{answer, dropped, step_rows};
