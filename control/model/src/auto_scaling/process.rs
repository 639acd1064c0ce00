//! The processes of a group, which can be suspended.

use super::Result;
use crate::words::words;
use crate::{Caller, Model};

words! {
    /// A process of a group.
    Process {
        Launch "Launch",
        Terminate "Terminate",
        AddToLoadBalancer "AddToLoadBalancer",
        AlarmNotification "AlarmNotification",
        AzRebalance "AZRebalance",
        HealthCheck "HealthCheck",
        InstanceRefresh "InstanceRefresh",
        ReplaceUnhealthy "ReplaceUnhealthy",
        ScheduledActions "ScheduledActions",
    }
}

impl Process {
    /// Every process.
    pub const ALL: [Process; 9] = [
        Process::AddToLoadBalancer,
        Process::AlarmNotification,
        Process::AzRebalance,
        Process::HealthCheck,
        Process::InstanceRefresh,
        Process::Launch,
        Process::ReplaceUnhealthy,
        Process::ScheduledActions,
        Process::Terminate,
    ];

    /// The processes with these names, or all if there are no names.
    ///
    /// # Errors
    /// [`Error::InvalidValue`](super::Error::InvalidValue) for a name of none.
    pub fn named(names: &[String]) -> Result<Vec<Process>> {
        match names {
            [] => Ok(Process::ALL.to_vec()),
            names => names.iter().map(|name| Process::read("ScalingProcesses", name)).collect(),
        }
    }
}

impl Model {
    /// SuspendProcesses.
    pub fn suspend_processes(&mut self, caller: &Caller, group: &str, processes: &[Process]) -> Result<()> {
        let why = format!("User suspended at {}", super::moment(caller.now));
        let suspended = processes.iter().map(|process| (*process, why.clone()));
        self.scaling_group_mut(&caller.scope, group)?.suspended.extend(suspended);
        Ok(())
    }

    /// ResumeProcesses. Failed launches are tried again at once.
    pub fn resume_processes(&mut self, caller: &Caller, group: &str, processes: &[Process]) -> Result<()> {
        let group = self.scaling_group_mut(&caller.scope, group)?;
        group.suspended.retain(|process, _| !processes.contains(process));
        group.progress.retry = None;
        Ok(())
    }
}
