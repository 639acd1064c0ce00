//! The settings of an account for a Region: encryption, credits, public sharing.

use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Caller, CpuCredits, Error, Model, RegionSettings, Result, SnapshotSharing};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(encrypt)
        .write(keep_encryption_setting)
        .read(encryption)
        .read(key)
        .write(choose_key)
        .write(reset_key)
        .write(open_console)
        .write(close_console)
        .read(console)
        .write(block_snapshots)
        .write(unblock_snapshots)
        .read(snapshots)
        .write(block_images)
        .write(unblock_images)
        .read(images)
        .read(credits)
        .write(change_credits)
}

/// AWS's own key for volumes.
const USUAL_KEY: &str = "alias/aws/ebs";
/// The manager of the settings: the account, and no policy of an organization.
pub const MANAGED_BY: &str = "account";

fn encrypt(cx: Change, _: ec2::EnableEbsEncryptionByDefaultRequest) -> Result<bool> {
    Ok(cx.model.change_settings(cx.caller, |settings| settings.encrypts = true).encrypts)
}

fn keep_encryption_setting(cx: Change, _: ec2::DisableEbsEncryptionByDefaultRequest) -> Result<bool> {
    Ok(cx.model.change_settings(cx.caller, |settings| settings.encrypts = false).encrypts)
}

fn encryption(cx: View, _: ec2::GetEbsEncryptionByDefaultRequest) -> Result<ec2::GetEbsEncryptionByDefaultResult> {
    let encrypts = cx.model.settings(&cx.caller.scope).encrypts;
    let sse_type = text(if encrypts { "sse-kms" } else { "none" });
    Ok(ec2::GetEbsEncryptionByDefaultResult { ebs_encryption_by_default: Some(encrypts), sse_type })
}

fn key_of(settings: RegionSettings) -> String {
    settings.key.unwrap_or_else(|| USUAL_KEY.to_owned())
}

fn key(cx: View, _: ec2::GetEbsDefaultKmsKeyIdRequest) -> Result<String> {
    Ok(key_of(cx.model.settings(&cx.caller.scope)))
}

fn choose_key(cx: Change, input: ec2::ModifyEbsDefaultKmsKeyIdRequest) -> Result<String> {
    Ok(key_of(cx.model.change_settings(cx.caller, |settings| settings.key = Some(input.kms_key_id))))
}

fn reset_key(cx: Change, _: ec2::ResetEbsDefaultKmsKeyIdRequest) -> Result<String> {
    Ok(key_of(cx.model.change_settings(cx.caller, |settings| settings.key = None)))
}

fn open_console(cx: Change, _: ec2::EnableSerialConsoleAccessRequest) -> Result<bool> {
    Ok(cx.model.change_settings(cx.caller, |settings| settings.serial_console = true).serial_console)
}

fn close_console(cx: Change, _: ec2::DisableSerialConsoleAccessRequest) -> Result<bool> {
    Ok(cx.model.change_settings(cx.caller, |settings| settings.serial_console = false).serial_console)
}

fn console(cx: View, _: ec2::GetSerialConsoleAccessStatusRequest) -> Result<ec2::GetSerialConsoleAccessStatusResult> {
    let serial_console_access_enabled = Some(cx.model.settings(&cx.caller.scope).serial_console);
    Ok(ec2::GetSerialConsoleAccessStatusResult { serial_console_access_enabled, managed_by: text(MANAGED_BY) })
}

fn share_snapshots(model: &mut Model, caller: &Caller, sharing: SnapshotSharing) -> String {
    model.change_settings(caller, |settings| settings.snapshots = sharing).snapshots.word().to_owned()
}

fn block_snapshots(cx: Change, input: ec2::EnableSnapshotBlockPublicAccessRequest) -> Result<String> {
    Ok(share_snapshots(cx.model, cx.caller, SnapshotSharing::read("State", &input.state)?))
}

fn unblock_snapshots(cx: Change, _: ec2::DisableSnapshotBlockPublicAccessRequest) -> Result<String> {
    Ok(share_snapshots(cx.model, cx.caller, SnapshotSharing::Unblocked))
}

fn snapshots(
    cx: View,
    _: ec2::GetSnapshotBlockPublicAccessStateRequest,
) -> Result<ec2::GetSnapshotBlockPublicAccessStateResult> {
    let state = cx.model.settings(&cx.caller.scope).snapshots;
    Ok(ec2::GetSnapshotBlockPublicAccessStateResult { state: text(state.word()), managed_by: text(MANAGED_BY) })
}

/// The state in which images cannot become public.
const BLOCKED: &str = "block-new-sharing";

fn word(settings: &RegionSettings) -> String {
    let word = if settings.images_blocked { BLOCKED } else { "unblocked" };
    word.to_owned()
}

fn block_images(cx: Change, input: ec2::EnableImageBlockPublicAccessRequest) -> Result<String> {
    match input.image_block_public_access_state.as_str() {
        BLOCKED => Ok(word(&cx.model.change_settings(cx.caller, |settings| settings.images_blocked = true))),
        other => Err(Error::invalid("ImageBlockPublicAccessState", other)),
    }
}

fn unblock_images(cx: Change, _: ec2::DisableImageBlockPublicAccessRequest) -> Result<String> {
    Ok(word(&cx.model.change_settings(cx.caller, |settings| settings.images_blocked = false)))
}

fn images(
    cx: View,
    _: ec2::GetImageBlockPublicAccessStateRequest,
) -> Result<ec2::GetImageBlockPublicAccessStateResult> {
    let image_block_public_access_state = Some(word(&cx.model.settings(&cx.caller.scope)));
    Ok(ec2::GetImageBlockPublicAccessStateResult { image_block_public_access_state, managed_by: text(MANAGED_BY) })
}

fn of_family(family: String, credits: CpuCredits) -> ec2::InstanceFamilyCreditSpecification {
    ec2::InstanceFamilyCreditSpecification { instance_family: Some(family), cpu_credits: text(credits.word()) }
}

fn credits(
    cx: View,
    input: ec2::GetDefaultCreditSpecificationRequest,
) -> Result<ec2::InstanceFamilyCreditSpecification> {
    let credits = cx.model.default_credits(&cx.caller.scope, &input.instance_family)?;
    Ok(of_family(input.instance_family, credits))
}

fn change_credits(
    cx: Change,
    input: ec2::ModifyDefaultCreditSpecificationRequest,
) -> Result<ec2::InstanceFamilyCreditSpecification> {
    let ec2::ModifyDefaultCreditSpecificationRequest { instance_family: family, cpu_credits } = input;
    let credits = CpuCredits::read("CpuCredits", &cpu_credits)?;
    cx.model.default_credits(&cx.caller.scope, &family)?;
    cx.model.change_settings(cx.caller, |settings| {
        settings.credits.insert(family.clone(), credits);
    });
    Ok(of_family(family, credits))
}
