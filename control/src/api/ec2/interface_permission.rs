//! Permissions of other accounts to use a network interface.

use super::listing::{Attributes, one};
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Error, InterfacePermission, InterfacePurpose, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

static ATTRIBUTES: Attributes<InterfacePermission> = Attributes(&[
    ("network-interface-permission.aws-account-id", |_, permission| one(&permission.account)),
    ("network-interface-permission.network-interface-id", |_, permission| one(&permission.interface)),
    ("network-interface-permission.network-interface-permission-id", |_, permission| one(&permission.id)),
    ("network-interface-permission.permission", |_, permission| one(permission.purpose.word())),
]);

fn shown(permission: &InterfacePermission, state: &str) -> ec2::NetworkInterfacePermission {
    ec2::NetworkInterfacePermission {
        network_interface_permission_id: text(&permission.id),
        network_interface_id: text(&permission.interface),
        aws_account_id: text(&permission.account),
        aws_service: None,
        permission: text(permission.purpose.word()),
        permission_state: Some(ec2::NetworkInterfacePermissionState { state: text(state), status_message: None }),
    }
}

/// AWS has `AwsService` among the parameters and does not support it.
fn create(cx: Change, input: ec2::CreateNetworkInterfacePermissionRequest) -> Result<ec2::NetworkInterfacePermission> {
    let ec2::CreateNetworkInterfacePermissionRequest { network_interface_id, aws_account_id, aws_service, permission } =
        input;
    if let Some(service) = aws_service {
        return Err(Error::invalid("AwsService", service));
    }
    let account = aws_account_id.ok_or_else(|| Error::missing("AwsAccountId"))?;
    let purpose = InterfacePurpose::read("Permission", &permission)?;
    let id = cx.model.create_interface_permission(cx.caller, &network_interface_id, account, purpose)?;
    Ok(shown(cx.model.interface_permissions.find(&cx.caller.scope, &id)?, "pending"))
}

fn describe(
    cx: View,
    input: ec2::DescribeNetworkInterfacePermissionsRequest,
) -> Result<ec2::DescribeNetworkInterfacePermissionsResult> {
    let all = cx.model.interface_permissions_of(cx.caller);
    ATTRIBUTES.list(cx.model, all, input, |permission| shown(permission, "granted"))
}

fn delete(cx: Change, input: ec2::DeleteNetworkInterfacePermissionRequest) -> Result<()> {
    cx.model.delete_interface_permission(cx.caller, &input.network_interface_permission_id)
}
