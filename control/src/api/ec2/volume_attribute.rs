//! Attributes of volumes: whether I/O is enabled automatically after damage, which never occurs here.

use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Error, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).write(modify).write(enable_io)
}

fn describe(cx: View, input: ec2::DescribeVolumeAttributeRequest) -> Result<ec2::DescribeVolumeAttributeResult> {
    let ec2::DescribeVolumeAttributeRequest { attribute, volume_id } = input;
    let volume = cx.model.volumes.find(&cx.caller.scope, &volume_id)?;
    let told = ec2::DescribeVolumeAttributeResult { volume_id: text(&volume.id), ..Default::default() };
    match attribute.as_str() {
        "autoEnableIO" => {
            let auto_enable_io = Some(ec2::AttributeBooleanValue { value: Some(volume.auto_io) });
            Ok(ec2::DescribeVolumeAttributeResult { auto_enable_io, ..told })
        }
        "productCodes" => Ok(ec2::DescribeVolumeAttributeResult { product_codes: Vec::new().into(), ..told }),
        _ => Err(Error::UnknownAttribute { attribute }),
    }
}

fn modify(cx: Change, input: ec2::ModifyVolumeAttributeRequest) -> Result<()> {
    let ec2::ModifyVolumeAttributeRequest { auto_enable_io, volume_id } = input;
    let on = auto_enable_io.and_then(|sent| sent.value).ok_or(Error::NoAttribute {})?;
    cx.model.set_auto_io(cx.caller, &volume_id, on)
}

/// No volume of the platform's has I/O switched off.
fn enable_io(cx: Change, input: ec2::EnableVolumeIORequest) -> Result<()> {
    cx.model.volumes.find(&cx.caller.scope, &input.volume_id).map(drop)
}
