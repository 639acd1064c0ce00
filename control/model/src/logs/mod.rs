//! CloudWatch Logs: log groups, the streams in them, and policies for services. Nothing writes log events.

mod error;
mod group;
mod name;
mod policy;
mod stream;
mod tags;

pub use error::{Error, Result};
pub use group::{LogGroup, LogGroupClass, NewLogGroup};
pub use name::{group_arn, name_in, stream_arn};
pub use policy::LogPolicy;
pub use stream::{LogStream, LogStreamOrder};
