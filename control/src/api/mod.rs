//! The API's wire. `protocol` has the dialects, `services` finds the service that a request is for, `action` decodes an
//! action's input and encodes its reply. What actions take and give is data (the crate `shapes`). What they mean is in
//! a folder a service, one file a resource: typed input → model → typed output.
//!
//! A server reads a [`Request`] from HTTP, asks [`Request::writes`] which lock it needs, and calls [`Request::read`] or
//! [`Request::write`]. After a write it stores and publishes the changes of `Model::take_changes`, or calls
//! `Model::undo` and answers with an error. Only then the client gets the reply.

mod absent;
mod action;
mod arn;
mod authentication;
mod autoscaling;
mod credentials;
mod deployment;
mod ec2;
mod elasticache;
mod elb;
mod entry;
mod iam;
mod image_alias;
mod logs;
mod parameter_group;
mod params;
mod partition;
mod permission;
mod protocol;
mod rds;
mod redshift;
mod request;
mod route53;
mod said;
mod sender;
mod service;
mod services;
mod signature;
mod ssm;
mod sts;
mod tagging;
mod visitor;
mod window;

pub use credentials::{Credentials, DEFAULT_ACCOUNT};
pub use iam::secret;
pub use params::Params;
pub use partition::in_partition;
pub use protocol::{ApiError, Dialect, Reply, RequestError};
pub use request::{Call, Request};
pub use route53::record_set_of;
pub use said::said_over;
pub use sender::Sender;
pub use services::SERVICES;
pub use signature::{AuthenticationError, Signed};
pub use visitor::Visitor;

use model::arn;

#[cfg(test)]
mod tests;
