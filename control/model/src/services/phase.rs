//! The phases of a deployment, and the status that users see of it.

use serde::{Deserialize, Serialize};

/// The phase of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Its hosts start for the first time.
    Creating,
    /// It is in its desired state.
    Settled,
    /// A host is added to it.
    Modifying,
    /// Its programs restart.
    Rebooting,
    /// Its hosts are being removed.
    Deleting,
    /// Its hosts are switched off.
    Stopped,
    /// Its hosts start again.
    Starting,
}

impl Phase {
    /// The status of a deployment in this phase whose hosts have not failed.
    pub(super) fn status(self) -> Status {
        match self {
            Phase::Creating => Status::Creating,
            Phase::Settled => Status::Available,
            Phase::Modifying => Status::Modifying,
            Phase::Rebooting => Status::Rebooting,
            Phase::Deleting => Status::Deleting,
            Phase::Stopped => Status::Stopped,
            Phase::Starting => Status::Starting,
        }
    }

    /// Its word in replies.
    pub fn word(self) -> &'static str {
        self.status().word()
    }
}

/// The status that users see of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is being created.
    Creating,
    /// It is available.
    Available,
    /// It is available and being modified.
    Modifying,
    /// It is rebooting.
    Rebooting,
    /// It is being deleted.
    Deleting,
    /// It has failed.
    Failed,
    /// It is stopped.
    Stopped,
    /// It is starting after a stop.
    Starting,
}

impl Status {
    /// Its word in replies, where the service has none of its own.
    pub fn word(self) -> &'static str {
        match self {
            Status::Creating => "creating",
            Status::Available => "available",
            Status::Modifying => "modifying",
            Status::Rebooting => "rebooting",
            Status::Deleting => "deleting",
            Status::Failed => "failed",
            Status::Stopped => "stopped",
            Status::Starting => "starting",
        }
    }
}
