//! Console output: that of user data, where it is run. There are no passwords and no UEFI variables.

use crate::api::action::{Actions, View};
use data_encoding::BASE64;
use model::Result;
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(console_output).read(password_data).read(uefi_data)
}

fn console_output(cx: View, input: ec2::GetConsoleOutputRequest) -> Result<ec2::GetConsoleOutputResult> {
    let instance = cx.model.instances.find(&cx.caller.scope, &input.instance_id)?;
    let console = cx.model.consoles.get(&instance.id);
    Ok(ec2::GetConsoleOutputResult {
        timestamp: Some(console.map_or(instance.launched, |console| console.printed)),
        output: Some(console.map_or_else(String::new, |console| BASE64.encode(&console.output))),
        instance_id: Some(input.instance_id),
    })
}

fn password_data(cx: View, input: ec2::GetPasswordDataRequest) -> Result<ec2::GetPasswordDataResult> {
    let instance = cx.model.instances.find(&cx.caller.scope, &input.instance_id)?;
    Ok(ec2::GetPasswordDataResult {
        timestamp: Some(instance.launched),
        password_data: Some(String::new()),
        instance_id: Some(input.instance_id),
    })
}

fn uefi_data(cx: View, input: ec2::GetInstanceUefiDataRequest) -> Result<ec2::GetInstanceUefiDataResult> {
    cx.model.instances.find(&cx.caller.scope, &input.instance_id)?;
    Ok(ec2::GetInstanceUefiDataResult { instance_id: Some(input.instance_id), uefi_data: Some(String::new()) })
}
