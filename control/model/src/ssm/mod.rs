//! Systems Manager's Parameter Store: an account's own parameters, with their versions and labels.

mod error;
mod label;
mod name;
mod parameter;
mod policy;
mod put;

pub use error::{Error, Result};
pub use label::Labelled;
pub use name::{Selector, arn};
pub use parameter::{Parameter, ParameterTier, ParameterType, ParameterVersion};
pub use policy::{ParameterPolicy, policies};
pub use put::NewParameter;
