//! Network interfaces.

use super::network_interface_item::{ATTRIBUTES, attachment, shown};
use super::security_group::identifiers;
use super::{interface_settings, tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{Error, InterfaceChange, NewNetworkInterface, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(describe)
        .write(delete)
        .write(attach)
        .write(detach)
        .write(modify)
        .write(reset)
        .read(describe_attribute)
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateNetworkInterfaceRequest,
) -> Result<ec2::CreateNetworkInterfaceResult> {
    let ec2::CreateNetworkInterfaceRequest {
        tag_specifications,
        client_token,
        subnet_id,
        enable_primary_ipv6,
        settings,
    } = input;
    if let Some(other) = settings.interface_type.as_ref().filter(|kind| kind.as_str() != "interface") {
        return Err(Error::invalid("InterfaceType", other));
    }
    let new = NewNetworkInterface {
        subnet: subnet_id,
        addresses: interface_settings::addresses(&settings)?,
        settings: interface_settings::read(&settings, enable_primary_ipv6)?,
        groups: settings.groups.to_vec(),
        description: settings.description.unwrap_or_default(),
        tags: tags::of(tag_specifications, "network-interface")?,
    };
    let id = model.once(caller, "CreateNetworkInterface", token(&client_token), |model| {
        model.create_network_interface(caller, new)
    })?;
    let mut network_interface = shown(model, model.network_interfaces.find(&caller.scope, &id)?);
    network_interface.status = text("pending");
    Ok(ec2::CreateNetworkInterfaceResult {
        network_interface: Some(network_interface),
        client_token: client_token.text,
    })
}

fn describe(cx: View, input: ec2::DescribeNetworkInterfacesRequest) -> Result<ec2::DescribeNetworkInterfacesResult> {
    let all = cx.model.network_interfaces.of(&cx.caller.scope);
    ATTRIBUTES.list(cx.model, all, input, |interface| shown(cx.model, interface))
}

fn delete(cx: Change, input: ec2::DeleteNetworkInterfaceRequest) -> Result<()> {
    cx.model.delete_network_interface(cx.caller, &input.network_interface_id)
}

fn attach(cx: Change, input: ec2::AttachNetworkInterfaceRequest) -> Result<ec2::AttachNetworkInterfaceResult> {
    let ec2::AttachNetworkInterfaceRequest { network_interface_id, instance_id, device_index, ena_srd_specification } =
        input;
    let index = u16::try_from(device_index).map_err(|_| Error::invalid("DeviceIndex", device_index))?;
    let attachment_id =
        Some(cx.model.attach_network_interface(cx.caller, &network_interface_id, &instance_id, index)?);
    if let Some(sent) = ena_srd_specification {
        let change = InterfaceChange::EnaSrd(interface_settings::srd(sent));
        cx.model.modify_network_interface(cx.caller, &network_interface_id, change)?;
    }
    Ok(ec2::AttachNetworkInterfaceResult { attachment_id, network_card_index: Some(0) })
}

fn detach(cx: Change, input: ec2::DetachNetworkInterfaceRequest) -> Result<()> {
    cx.model.detach_network_interface(cx.caller, &input.attachment_id)
}

fn modify(cx: Change, input: ec2::ModifyNetworkInterfaceAttributeRequest) -> Result<()> {
    let ec2::ModifyNetworkInterfaceAttributeRequest {
        associate_public_ip_address,
        network_interface_id,
        description,
        source_dest_check,
        groups,
        attachment,
        enable_primary_ipv6,
        connection_tracking_specification: tracking,
        ena_srd_specification: srd,
    } = input;
    let termination = |attachment: ec2::NetworkInterfaceAttachmentChanges| {
        let id = attachment.attachment_id.ok_or_else(|| Error::missing("Attachment.AttachmentId"))?;
        let goes = attachment.delete_on_termination.unwrap_or(true);
        Ok::<_, Error>(InterfaceChange::DeleteOnTermination(id, goes))
    };
    let changes = [
        description.map(|text| InterfaceChange::Description(text.value.unwrap_or_default())),
        source_dest_check.and_then(|check| check.value).map(InterfaceChange::SourceDestCheck),
        Some(groups.to_vec()).filter(|groups| !groups.is_empty()).map(InterfaceChange::Groups),
        attachment.map(termination).transpose()?,
        associate_public_ip_address.map(InterfaceChange::AutoPublic),
        enable_primary_ipv6.map(InterfaceChange::PrimaryIpv6),
        tracking.map(|sent| InterfaceChange::Tracking(interface_settings::tracking(&sent))),
        srd.map(|sent| InterfaceChange::EnaSrd(interface_settings::srd(sent))),
    ];
    let mut changes = changes.into_iter().flatten();
    match (changes.next(), changes.next()) {
        (Some(change), None) => cx.model.modify_network_interface(cx.caller, &network_interface_id, change),
        (Some(_), Some(_)) => Err(Error::OneAttributeAtATime {}),
        (None, _) => Err(Error::NoAttribute {}),
    }
}

fn reset(cx: Change, input: ec2::ResetNetworkInterfaceAttributeRequest) -> Result<()> {
    cx.model.modify_network_interface(cx.caller, &input.network_interface_id, InterfaceChange::SourceDestCheck(true))
}

fn describe_attribute(
    cx: View,
    input: ec2::DescribeNetworkInterfaceAttributeRequest,
) -> Result<ec2::DescribeNetworkInterfaceAttributeResult> {
    let ec2::DescribeNetworkInterfaceAttributeRequest { network_interface_id, attribute } = input;
    let interface = cx.model.network_interfaces.find(&cx.caller.scope, &network_interface_id)?;
    let mut told = ec2::DescribeNetworkInterfaceAttributeResult {
        network_interface_id: Some(network_interface_id),
        ..Default::default()
    };
    match attribute.ok_or_else(|| Error::missing("Attribute"))?.as_str() {
        "description" => told.description = Some(ec2::AttributeValue { value: text(&interface.description) }),
        "groupSet" => told.groups = identifiers(cx.model, &interface.groups),
        "sourceDestCheck" => {
            told.source_dest_check = Some(ec2::AttributeBooleanValue { value: Some(interface.source_dest_check) });
        }
        "attachment" => told.attachment = attachment(cx.model, interface),
        "associatePublicIpAddress" => told.associate_public_ip_address = Some(interface.auto_public),
        other => return Err(Error::invalid("Attribute", other)),
    }
    Ok(told)
}
