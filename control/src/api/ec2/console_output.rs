//! What instances print: nothing that is kept, so the console is empty and no password is ever there.

use crate::api::action::Actions;
use crate::model::{Caller, Model, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(console_output).read(password_data)
}

fn console_output(
    model: &Model,
    caller: &Caller,
    input: ec2::GetConsoleOutputRequest,
) -> Result<ec2::GetConsoleOutputResult> {
    let ec2::GetConsoleOutputRequest { instance_id } = input;
    let instance = model.instances.find(&caller.scope, &instance_id)?;
    Ok(ec2::GetConsoleOutputResult {
        timestamp: Some(instance.launched.into()),
        output: Some(String::new()),
        instance_id: Some(instance_id),
    })
}

fn password_data(
    model: &Model,
    caller: &Caller,
    input: ec2::GetPasswordDataRequest,
) -> Result<ec2::GetPasswordDataResult> {
    let ec2::GetPasswordDataRequest { instance_id } = input;
    let instance = model.instances.find(&caller.scope, &instance_id)?;
    Ok(ec2::GetPasswordDataResult {
        timestamp: Some(instance.launched.into()),
        password_data: Some(String::new()),
        instance_id: Some(instance_id),
    })
}
