//! `classiclink record`: the dataplane is told what to record, and asked how far it is.

use super::{Failure, Operator, Question, nonsense};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use wire::{RecordCall, RecordingOrder, RecordingStatus, Reply, Request};

/// Begins a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartRecording {
    /// The files, by full path: empty, or recordings to write behind. With a second one they are written in turn.
    pub files: Vec<PathBuf>,
    /// How many bytes of packets are kept behind their headers; `None`: all.
    pub payload: Option<u32>,
    /// How many bytes the files may have together, beside what each begins with.
    pub ring: Option<u64>,
    /// Whether it ends when nobody looks at it any more.
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

/// Asks how far a recording is. Answered by nothing where there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookAtRecording;

impl Question for LookAtRecording {
    type Answer = Option<RecordingStatus>;

    async fn answer(self, operator: &Operator) -> Result<Option<RecordingStatus>, Failure> {
        let reply = operator.service.link().ask(Request::Record(RecordCall::Look)).await?;
        operator.recorded(reply).await
    }
}

/// Ends a recording. It is written when a look says that it has ended.
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
    /// How far the recording is, of which the service is told whether it runs.
    async fn recorded(&self, reply: Reply) -> Result<Option<RecordingStatus>, Failure> {
        let Reply::Recording(status) = reply else { return Err(nonsense(&reply)) };
        self.service.set_recorded(status.as_ref().is_some_and(|status| !status.has_ended)).await;
        Ok(status)
    }
}
