//! Streams of log groups.

use super::name::check_stream;
use super::{Error, LogGroup, Result, stream_arn};
use crate::words::words;
use crate::{Caller, Model, Row, Scope, Time};
use serde::{Deserialize, Serialize};

words! {
    /// What the streams of a log group are sorted by.
    LogStreamOrder { LogStreamName "LogStreamName", LastEventTime "LastEventTime" }
}

/// The greatest number of streams of an account in a Region. AWS has no limit.
const MOST: usize = 10_000;

/// A stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStream {
    /// Its ARN.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// The ARN of its log group.
    pub group: String,
    /// Its name.
    pub name: String,
    /// The time of its creation.
    pub created: Time,
}

impl Row for LogStream {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        vec![self.group.clone()]
    }
}

impl Model {
    /// CreateLogStream.
    ///
    /// # Errors
    /// [`Error::NoGroup`], [`Error::StreamExists`], [`Error::TooMany`], and [`Error::Constraint`] for the name.
    pub fn create_log_stream(&mut self, caller: &Caller, group: &str, name: String) -> Result<()> {
        let scope = &caller.scope;
        check_stream(&name)?;
        let (id, group) = (stream_arn(scope, group, &name), self.log_group(scope, group)?.id.clone());
        if self.log_streams.get(&id).is_some() {
            return Err(Error::StreamExists {});
        }
        if self.log_streams.iter().filter(|row| row.scope == *scope).count() >= MOST {
            return Err(Error::TooMany {});
        }
        self.log_streams.insert(LogStream { id, scope: scope.clone(), group, name, created: caller.now });
        Ok(())
    }

    /// The streams of a log group, sorted by name.
    pub fn log_streams_of(&self, group: &LogGroup) -> impl DoubleEndedIterator<Item = &LogStream> {
        self.log_streams.by(&group.id)
    }

    /// DeleteLogStream.
    ///
    /// # Errors
    /// [`Error::NoGroup`], [`Error::NoStream`], and [`Error::Protected`] if its log group cannot be deleted.
    pub fn delete_log_stream(&mut self, scope: &Scope, group: &str, name: &str) -> Result<()> {
        if self.log_group(scope, group)?.protected {
            return Err(Error::Protected {});
        }
        self.log_streams.remove(&stream_arn(scope, group, name)).map(|_| ()).ok_or(Error::NoStream {})
    }
}
