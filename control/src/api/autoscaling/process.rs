//! Suspending and resuming the processes of groups.

use super::Result;
use crate::api::action::Actions;
use model::auto_scaling::Process;
use model::{Caller, Model};
use shapes::{List, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.write(suspend).write(resume).read(describe_types)
}

/// A suspended process, and why it is.
pub fn shown((process, why): (&Process, &String)) -> api::SuspendedProcess {
    api::SuspendedProcess { process_name: Some(process.word().to_owned()), suspension_reason: Some(why.clone()) }
}

fn suspend(model: &mut Model, caller: &Caller, input: api::SuspendProcessesRequest) -> Result<()> {
    let processes = Process::named(&input.scaling_processes)?;
    Ok(model.suspend_processes(caller, &input.auto_scaling_group_name, &processes)?)
}

fn resume(model: &mut Model, caller: &Caller, input: api::ResumeProcessesRequest) -> Result<()> {
    let processes = Process::named(&input.scaling_processes)?;
    Ok(model.resume_processes(caller, &input.auto_scaling_group_name, &processes)?)
}

fn describe_types(_: &Model, _: &Caller, _: api::DescribeScalingProcessTypesRequest) -> Result<List<api::ProcessType>> {
    let one = |process: &Process| api::ProcessType { process_name: process.word().to_owned() };
    Ok(Process::ALL.iter().map(one).collect())
}
