//! Suspending and resuming the processes of groups.

use super::Result;
use crate::api::action::Actions;
use model::auto_scaling::Process;
use model::{Caller, Model};
use shapes::autoscaling;

pub fn actions(all: Actions) -> Actions {
    all.write(suspend).write(resume).read(describe_types)
}

/// A suspended process, and why it is.
pub fn shown((process, why): (&Process, &String)) -> autoscaling::SuspendedProcess {
    autoscaling::SuspendedProcess {
        process_name: Some(process.word().to_owned()),
        suspension_reason: Some(why.clone()),
    }
}

fn suspend(model: &mut Model, caller: &Caller, input: autoscaling::SuspendProcessesRequest) -> Result<()> {
    let autoscaling::SuspendProcessesRequest { auto_scaling_group_name, scaling_processes } = input;
    Ok(model.suspend_processes(caller, &auto_scaling_group_name, &Process::named(&scaling_processes)?)?)
}

fn resume(model: &mut Model, caller: &Caller, input: autoscaling::ResumeProcessesRequest) -> Result<()> {
    let autoscaling::ResumeProcessesRequest { auto_scaling_group_name, scaling_processes } = input;
    Ok(model.resume_processes(caller, &auto_scaling_group_name, &Process::named(&scaling_processes)?)?)
}

fn describe_types(
    _: &Model,
    _: &Caller,
    _: autoscaling::DescribeScalingProcessTypesRequest,
) -> Result<autoscaling::ProcessesType> {
    let one = |process: &Process| autoscaling::ProcessType { process_name: process.word().to_owned() };
    Ok(autoscaling::ProcessesType { processes: Process::ALL.iter().map(one).collect() })
}
