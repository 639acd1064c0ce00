//! Runs scenario files against classiclink from outside.
