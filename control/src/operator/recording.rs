//! `classiclink record`: begins, checks and ends recordings.

use super::{Failure, Operator, Question};
use crate::link::LinkError;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use wire::{RecordCall, RecordingOrder, RecordingStatus, Reply, Request};

/// Begins a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartRecording {
    /// The files, by absolute path. They are empty, or recordings to append to. Two files are written in turn.
    pub files: Vec<PathBuf>,
    /// How many bytes of each packet are kept behind its headers. `None`: all.
    pub payload: Option<u32>,
    /// The greatest size of the files together, not counting each chapter's beginning.
    pub ring: Option<u64>,
    /// Whether it ends when its status is no longer asked for.
    pub leased: bool,
}

impl Question for StartRecording {
    type Answer = Option<RecordingStatus>;

    async fn answer(self, operator: &Operator) -> Result<Option<RecordingStatus>, Failure> {
        let StartRecording { files, payload, ring, leased } = self;
        let (tables, platform, rows) = Default::default();
        let order = RecordingOrder { files, payload, ring, leased, tables, platform, rows };
        operator.service.link().ready().await;
        let reply = operator.service.record(order).await?;
        operator.recorded(reply).await
    }
}

/// Asks for a recording's status. The answer is empty if there is no recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookAtRecording;

impl Question for LookAtRecording {
    type Answer = Option<RecordingStatus>;

    async fn answer(self, operator: &Operator) -> Result<Option<RecordingStatus>, Failure> {
        let reply = operator.service.link().ask(Request::Record(RecordCall::Status)).await?;
        operator.recorded(reply).await
    }
}

/// Ends a recording. Its status says when it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopRecording;

impl Question for StopRecording {
    type Answer = Option<RecordingStatus>;

    async fn answer(self, operator: &Operator) -> Result<Option<RecordingStatus>, Failure> {
        let reply = operator.service.link().ask(Request::Record(RecordCall::Stop)).await?;
        operator.recorded(reply).await
    }
}

impl Operator {
    /// The status in a reply. The service learns whether the recording runs.
    async fn recorded(&self, reply: Reply) -> Result<Option<RecordingStatus>, Failure> {
        let Reply::Recording(status) = reply else { return Err(LinkError::unexpected(reply).into()) };
        self.service.set_recorded(status.as_ref().is_some_and(|status| !status.has_ended)).await;
        Ok(status)
    }
}
