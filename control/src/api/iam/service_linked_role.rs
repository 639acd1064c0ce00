//! Service-linked roles.

use super::{Result, role};
use crate::api::action::{Actions, Change, View};
use model::iam::{Error, trust_in_lists};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shapes::iam;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(delete).read(deletion_status)
}

fn create(cx: Change, input: iam::CreateServiceLinkedRoleRequest) -> Result<iam::CreateServiceLinkedRoleResponse> {
    let iam::CreateServiceLinkedRoleRequest { aws_service_name, description, custom_suffix } = input;
    let account = &cx.caller.scope.account;
    let named = (aws_service_name.as_str(), custom_suffix.as_deref());
    let made = role::shown(cx.model.create_service_linked_role(account, cx.caller.now, named, description)?);
    let trust = utf8_percent_encode(&trust_in_lists(&aws_service_name), NON_ALPHANUMERIC).to_string();
    let role = iam::Role { assume_role_policy_document: Some(trust), max_session_duration: None, ..made };
    Ok(iam::CreateServiceLinkedRoleResponse { role: Some(role) })
}

fn delete(cx: Change, input: iam::DeleteServiceLinkedRoleRequest) -> Result<iam::DeleteServiceLinkedRoleResponse> {
    let deletion_task_id = cx.model.delete_service_linked_role(&cx.caller.scope.account, &input.role_name)?;
    Ok(iam::DeleteServiceLinkedRoleResponse { deletion_task_id })
}

/// A deletion task is complete when its reply is sent.
fn deletion_status(
    _: View,
    input: iam::GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<iam::GetServiceLinkedRoleDeletionStatusResponse> {
    let id = input.deletion_task_id;
    if !id.starts_with("task/aws-service-role/") {
        return Err(Error::NoSuchTask { id }.into());
    }
    Ok(iam::GetServiceLinkedRoleDeletionStatusResponse { status: "SUCCEEDED".to_owned(), ..Default::default() })
}
