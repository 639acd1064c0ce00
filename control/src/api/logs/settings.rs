//! Settings of log groups: how long log events are kept, the key, and the protection from deletion.

use super::{Refusal, Result, needed};
use crate::api::action::{Actions, Change};
use model::logs::name_in;
use shapes::logs;

pub fn actions(all: Actions) -> Actions {
    all.write(keep).write(keep_for_ever).write(encrypt).write(encrypt_no_more).write(protect)
}

fn keep(cx: Change, input: logs::PutRetentionPolicyRequest) -> Result<()> {
    let logs::PutRetentionPolicyRequest { log_group_name, retention_in_days } = input;
    Ok(cx.model.set_log_retention(&cx.caller.scope, &log_group_name, Some(retention_in_days))?)
}

fn keep_for_ever(cx: Change, input: logs::DeleteRetentionPolicyRequest) -> Result<()> {
    Ok(cx.model.set_log_retention(&cx.caller.scope, &input.log_group_name, None)?)
}

fn encrypt(cx: Change, input: logs::AssociateKmsKeyRequest) -> Result<()> {
    let logs::AssociateKmsKeyRequest { log_group_name, kms_key_id } = input;
    Ok(cx.model.set_log_key(&cx.caller.scope, &needed("logGroupName", log_group_name)?, Some(kms_key_id))?)
}

fn encrypt_no_more(cx: Change, input: logs::DisassociateKmsKeyRequest) -> Result<()> {
    Ok(cx.model.set_log_key(&cx.caller.scope, &needed("logGroupName", input.log_group_name)?, None)?)
}

fn protect(cx: Change, input: logs::PutLogGroupDeletionProtectionRequest) -> Result<()> {
    let logs::PutLogGroupDeletionProtectionRequest { log_group_identifier, deletion_protection_enabled } = input;
    let scope = &cx.caller.scope;
    let name = name_in(scope, &log_group_identifier).ok_or(Refusal::NoGroup {})?;
    Ok(cx.model.protect_log_group(scope, name, deletion_protection_enabled)?)
}
