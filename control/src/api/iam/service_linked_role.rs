//! Roles that AWS's services make for themselves.

use super::{Result, role};
use crate::api::action::Actions;
use model::iam::{Class, Error, Of, service_linked_role};
use model::{Caller, Model, Tags};
use shapes::iam;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(delete).read(deletion_status)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: iam::CreateServiceLinkedRoleRequest,
) -> Result<iam::CreateServiceLinkedRoleResponse> {
    let iam::CreateServiceLinkedRoleRequest { aws_service_name, description, custom_suffix } = input;
    let (name, path, of) = service_linked_role(&aws_service_name, description, custom_suffix.as_deref())?;
    let account = &caller.scope.account;
    if model.identity(account, Class::Role, &name).is_ok() {
        return Err(Error::ServiceRoleTaken { name }.into());
    }
    let made = model.create_identity(account, caller.now, (&name, Some(&path)), Tags::new(), Of::Role(of))?;
    Ok(iam::CreateServiceLinkedRoleResponse { role: Some(role::shown(made)) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: iam::DeleteServiceLinkedRoleRequest,
) -> Result<iam::DeleteServiceLinkedRoleResponse> {
    let (account, name) = (&caller.scope.account, input.role_name);
    let role = &model.identity(account, Class::Role, &name)?.named;
    let deletion_task_id = format!("task{}{}/{}", role.path, role.name, role.unique_id);
    model.delete_service_linked_role(account, &name)?;
    Ok(iam::DeleteServiceLinkedRoleResponse { deletion_task_id })
}

/// A deletion is done when it is answered.
fn deletion_status(
    _: &Model,
    _: &Caller,
    input: iam::GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<iam::GetServiceLinkedRoleDeletionStatusResponse> {
    let id = input.deletion_task_id;
    if !id.starts_with("task/aws-service-role/") {
        return Err(Error::NoSuchTask { id }.into());
    }
    Ok(iam::GetServiceLinkedRoleDeletionStatusResponse { status: "SUCCEEDED".to_owned(), ..Default::default() })
}
