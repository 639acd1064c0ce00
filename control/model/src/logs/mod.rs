//! CloudWatch Logs: log groups, and the streams in them. Nothing writes log events.

mod error;
mod group;
mod name;
mod stream;
mod tags;

pub use error::{Error, Result};
pub use group::{LogGroup, LogGroupClass, NewLogGroup};
pub use name::{group_arn, name_in, stream_arn};
pub use stream::{LogStream, LogStreamOrder};
