//! The control side.
