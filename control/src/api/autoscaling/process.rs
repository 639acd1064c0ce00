//! Suspending and resuming the processes of groups.

use super::Result;
use crate::api::action::{Actions, Change, View};
use model::auto_scaling::Process;
use shapes::{List, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.write(suspend).write(resume).read(describe_types)
}

/// A suspended process, and why it is.
pub fn shown((process, why): (&Process, &String)) -> api::SuspendedProcess {
    api::SuspendedProcess { process_name: Some(process.word().to_owned()), suspension_reason: Some(why.clone()) }
}

fn suspend(cx: Change, input: api::SuspendProcessesRequest) -> Result<()> {
    let processes = Process::named(&input.scaling_processes)?;
    Ok(cx.model.suspend_processes(cx.caller, &input.auto_scaling_group_name, &processes)?)
}

fn resume(cx: Change, input: api::ResumeProcessesRequest) -> Result<()> {
    let processes = Process::named(&input.scaling_processes)?;
    Ok(cx.model.resume_processes(cx.caller, &input.auto_scaling_group_name, &processes)?)
}

fn describe_types(_: View, _: api::DescribeScalingProcessTypesRequest) -> Result<List<api::ProcessType>> {
    let one = |process: &Process| api::ProcessType { process_name: process.word().to_owned() };
    Ok(Process::ALL.iter().map(one).collect())
}
