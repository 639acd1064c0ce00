//! The control side: the model of the cloud and the wire it is spoken to by.

pub mod api;
pub mod model;
