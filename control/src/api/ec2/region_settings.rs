//! What an account sets for all that it makes in a Region: encryption, credits, what may be shared with everyone.

use super::text;
use crate::api::action::Actions;
use model::{Caller, CpuCredits, Model, RegionSettings, Result, SnapshotSharing};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(encrypt)
        .write(leave_as_said)
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
/// Who has set it: the account, no policy of an organization.
pub const MANAGED_BY: &str = "account";

fn encrypt(
    model: &mut Model,
    caller: &Caller,
    _: ec2::EnableEbsEncryptionByDefaultRequest,
) -> Result<ec2::EnableEbsEncryptionByDefaultResult> {
    let settings = model.change_settings(caller, |settings| settings.encrypts = true);
    Ok(ec2::EnableEbsEncryptionByDefaultResult { ebs_encryption_by_default: Some(settings.encrypts) })
}

fn leave_as_said(
    model: &mut Model,
    caller: &Caller,
    _: ec2::DisableEbsEncryptionByDefaultRequest,
) -> Result<ec2::DisableEbsEncryptionByDefaultResult> {
    let settings = model.change_settings(caller, |settings| settings.encrypts = false);
    Ok(ec2::DisableEbsEncryptionByDefaultResult { ebs_encryption_by_default: Some(settings.encrypts) })
}

fn encryption(
    model: &Model,
    caller: &Caller,
    _: ec2::GetEbsEncryptionByDefaultRequest,
) -> Result<ec2::GetEbsEncryptionByDefaultResult> {
    let encrypts = model.settings(&caller.scope).encrypts;
    Ok(ec2::GetEbsEncryptionByDefaultResult {
        ebs_encryption_by_default: Some(encrypts),
        sse_type: text(if encrypts { "sse-kms" } else { "none" }),
    })
}

fn key_of(settings: RegionSettings) -> Option<String> {
    Some(settings.key.unwrap_or_else(|| USUAL_KEY.to_owned()))
}

fn key(
    model: &Model,
    caller: &Caller,
    _: ec2::GetEbsDefaultKmsKeyIdRequest,
) -> Result<ec2::GetEbsDefaultKmsKeyIdResult> {
    Ok(ec2::GetEbsDefaultKmsKeyIdResult { kms_key_id: key_of(model.settings(&caller.scope)) })
}

fn choose_key(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyEbsDefaultKmsKeyIdRequest,
) -> Result<ec2::ModifyEbsDefaultKmsKeyIdResult> {
    let settings = model.change_settings(caller, |settings| settings.key = Some(input.kms_key_id));
    Ok(ec2::ModifyEbsDefaultKmsKeyIdResult { kms_key_id: key_of(settings) })
}

fn reset_key(
    model: &mut Model,
    caller: &Caller,
    _: ec2::ResetEbsDefaultKmsKeyIdRequest,
) -> Result<ec2::ResetEbsDefaultKmsKeyIdResult> {
    let settings = model.change_settings(caller, |settings| settings.key = None);
    Ok(ec2::ResetEbsDefaultKmsKeyIdResult { kms_key_id: key_of(settings) })
}

fn open_console(
    model: &mut Model,
    caller: &Caller,
    _: ec2::EnableSerialConsoleAccessRequest,
) -> Result<ec2::EnableSerialConsoleAccessResult> {
    let settings = model.change_settings(caller, |settings| settings.serial_console = true);
    Ok(ec2::EnableSerialConsoleAccessResult { serial_console_access_enabled: Some(settings.serial_console) })
}

fn close_console(
    model: &mut Model,
    caller: &Caller,
    _: ec2::DisableSerialConsoleAccessRequest,
) -> Result<ec2::DisableSerialConsoleAccessResult> {
    let settings = model.change_settings(caller, |settings| settings.serial_console = false);
    Ok(ec2::DisableSerialConsoleAccessResult { serial_console_access_enabled: Some(settings.serial_console) })
}

fn console(
    model: &Model,
    caller: &Caller,
    _: ec2::GetSerialConsoleAccessStatusRequest,
) -> Result<ec2::GetSerialConsoleAccessStatusResult> {
    Ok(ec2::GetSerialConsoleAccessStatusResult {
        serial_console_access_enabled: Some(model.settings(&caller.scope).serial_console),
        managed_by: text(MANAGED_BY),
    })
}

fn block_snapshots(
    model: &mut Model,
    caller: &Caller,
    input: ec2::EnableSnapshotBlockPublicAccessRequest,
) -> Result<ec2::EnableSnapshotBlockPublicAccessResult> {
    let state = SnapshotSharing::read("State", &input.state)?;
    let settings = model.change_settings(caller, |settings| settings.snapshots = state);
    Ok(ec2::EnableSnapshotBlockPublicAccessResult { state: text(settings.snapshots.word()) })
}

fn unblock_snapshots(
    model: &mut Model,
    caller: &Caller,
    _: ec2::DisableSnapshotBlockPublicAccessRequest,
) -> Result<ec2::DisableSnapshotBlockPublicAccessResult> {
    let settings = model.change_settings(caller, |settings| settings.snapshots = SnapshotSharing::Unblocked);
    Ok(ec2::DisableSnapshotBlockPublicAccessResult { state: text(settings.snapshots.word()) })
}

fn snapshots(
    model: &Model,
    caller: &Caller,
    _: ec2::GetSnapshotBlockPublicAccessStateRequest,
) -> Result<ec2::GetSnapshotBlockPublicAccessStateResult> {
    let state = model.settings(&caller.scope).snapshots;
    Ok(ec2::GetSnapshotBlockPublicAccessStateResult { state: text(state.word()), managed_by: text(MANAGED_BY) })
}

fn word(settings: &RegionSettings) -> Option<String> {
    text(if settings.images_blocked { "block-new-sharing" } else { "unblocked" })
}

fn block_images(
    model: &mut Model,
    caller: &Caller,
    input: ec2::EnableImageBlockPublicAccessRequest,
) -> Result<ec2::EnableImageBlockPublicAccessResult> {
    let state = input.image_block_public_access_state;
    if state != "block-new-sharing" {
        return Err(model::Error::invalid("ImageBlockPublicAccessState", state));
    }
    let settings = model.change_settings(caller, |settings| settings.images_blocked = true);
    Ok(ec2::EnableImageBlockPublicAccessResult { image_block_public_access_state: word(&settings) })
}

fn unblock_images(
    model: &mut Model,
    caller: &Caller,
    _: ec2::DisableImageBlockPublicAccessRequest,
) -> Result<ec2::DisableImageBlockPublicAccessResult> {
    let settings = model.change_settings(caller, |settings| settings.images_blocked = false);
    Ok(ec2::DisableImageBlockPublicAccessResult { image_block_public_access_state: word(&settings) })
}

fn images(
    model: &Model,
    caller: &Caller,
    _: ec2::GetImageBlockPublicAccessStateRequest,
) -> Result<ec2::GetImageBlockPublicAccessStateResult> {
    let image_block_public_access_state = word(&model.settings(&caller.scope));
    Ok(ec2::GetImageBlockPublicAccessStateResult { image_block_public_access_state, managed_by: text(MANAGED_BY) })
}

fn of_family(family: String, credits: CpuCredits) -> Option<ec2::InstanceFamilyCreditSpecification> {
    Some(ec2::InstanceFamilyCreditSpecification { instance_family: Some(family), cpu_credits: text(credits.word()) })
}

fn credits(
    model: &Model,
    caller: &Caller,
    input: ec2::GetDefaultCreditSpecificationRequest,
) -> Result<ec2::GetDefaultCreditSpecificationResult> {
    let family = input.instance_family;
    let credits = model.default_credits(&caller.scope, &family)?;
    Ok(ec2::GetDefaultCreditSpecificationResult { instance_family_credit_specification: of_family(family, credits) })
}

fn change_credits(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyDefaultCreditSpecificationRequest,
) -> Result<ec2::ModifyDefaultCreditSpecificationResult> {
    let ec2::ModifyDefaultCreditSpecificationRequest { instance_family: family, cpu_credits } = input;
    let credits = CpuCredits::read("CpuCredits", &cpu_credits)?;
    model.default_credits(&caller.scope, &family)?;
    model.change_settings(caller, |settings| {
        settings.credits.insert(family.clone(), credits);
    });
    Ok(ec2::ModifyDefaultCreditSpecificationResult { instance_family_credit_specification: of_family(family, credits) })
}
