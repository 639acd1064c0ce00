//! Attributes of instances, one at a time.

use super::instance_item::{block_devices, groups, has_ena, primary};
use super::launch::terminates_on_shutdown;
use super::security_group::identifiers;
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Caller, Error, InstanceChange, Model, Result};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.read(describe).write(modify).write(reset).write(monitor).write(unmonitor)
}

fn flag(value: bool) -> Option<ec2::AttributeBooleanValue> {
    Some(ec2::AttributeBooleanValue { value: Some(value) })
}

fn word(value: impl ToString) -> Option<ec2::AttributeValue> {
    Some(ec2::AttributeValue { value: text(value) })
}

/// An attribute that may have no value.
fn maybe(value: Option<String>) -> Option<ec2::AttributeValue> {
    Some(ec2::AttributeValue { value })
}

fn describe(cx: View, input: ec2::DescribeInstanceAttributeRequest) -> Result<ec2::InstanceAttribute> {
    let ec2::DescribeInstanceAttributeRequest { instance_id, attribute } = input;
    let instance = cx.model.instances.find(&cx.caller.scope, &instance_id)?;
    let boot_images = || instance.boot_images(cx.model.image(&instance.image));
    let mut told = ec2::InstanceAttribute { instance_id: text(&instance_id), ..Default::default() };
    match attribute.as_str() {
        "instanceType" => told.instance_type = word(&instance.instance_type),
        "kernel" => told.kernel_id = maybe(boot_images().kernel),
        "ramdisk" => told.ramdisk_id = maybe(boot_images().ramdisk),
        "userData" => told.user_data = maybe(instance.user_data.clone()),
        "disableApiTermination" => told.disable_api_termination = flag(instance.termination_protected),
        "disableApiStop" => told.disable_api_stop = flag(instance.options.stop_protected),
        "instanceInitiatedShutdownBehavior" => {
            let behaviour = if instance.terminates_on_shutdown { "terminate" } else { "stop" };
            told.instance_initiated_shutdown_behavior = word(behaviour);
        }
        "rootDeviceName" => told.root_device_name = word(cx.model.root_device(&instance.image)),
        "blockDeviceMapping" => told.block_device_mappings = block_devices(cx.model, instance),
        "productCodes" => told.product_codes = Vec::new().into(),
        "sourceDestCheck" => match primary(cx.model, instance) {
            Some(interface) => told.source_dest_check = flag(interface.source_dest_check),
            None => return Err(Error::OnlyVpcAttributeShown { attribute }),
        },
        "groupSet" => told.groups = identifiers(cx.model, groups(instance, primary(cx.model, instance))),
        "ebsOptimized" => told.ebs_optimized = flag(instance.ebs_optimized),
        "sriovNetSupport" => told.sriov_net_support = maybe(None),
        "enaSupport" => told.ena_support = flag(has_ena(instance)),
        "enclaveOptions" => {
            told.enclave_options = Some(ec2::EnclaveOptions { enabled: Some(instance.options.enclaves) })
        }
        _ => return Err(unknown(&attribute)),
    }
    Ok(told)
}

fn modify(cx: Change, input: ec2::ModifyInstanceAttributeRequest) -> Result<()> {
    let id = input.instance_id.clone();
    for device in input.block_device_mappings.clone() {
        let name = device.device_name.ok_or_else(|| Error::missing("BlockDeviceMapping.DeviceName"))?;
        if let Some(goes) = device.ebs.and_then(|ebs| ebs.delete_on_termination) {
            cx.model.set_delete_on_termination(cx.caller, &id, &name, goes)?;
        }
    }
    let mut changes = changes(input)?;
    match (changes.pop(), changes.is_empty()) {
        (Some(change), true) => cx.model.modify_instance(cx.caller, &id, change),
        (Some(_), false) => Err(Error::OneAttributeAtATime {}),
        (None, _) => cx.model.instances.find(&cx.caller.scope, &id).map(|_| ()),
    }
}

/// The changes of a request, which should be one at most.
fn changes(input: ec2::ModifyInstanceAttributeRequest) -> Result<Vec<InstanceChange>> {
    let ec2::ModifyInstanceAttributeRequest {
        source_dest_check,
        instance_id: _,
        block_device_mappings: _,
        attribute,
        value,
        disable_api_termination,
        instance_type,
        kernel,
        ramdisk,
        user_data,
        instance_initiated_shutdown_behavior,
        groups,
        ebs_optimized,
        disable_api_stop,
        enclave_options,
    } = input;
    let on = |flag: Option<ec2::AttributeBooleanValue>| flag.and_then(|flag| flag.value);
    let word = |word: Option<ec2::AttributeValue>| word.and_then(|word| word.value);
    let mut changes = Vec::new();
    changes.extend((!groups.is_empty()).then(|| InstanceChange::Groups(groups.to_vec())));
    changes.extend(on(source_dest_check).map(InstanceChange::SourceDestCheck));
    changes.extend(on(disable_api_termination).map(InstanceChange::TerminationProtected));
    changes.extend(on(disable_api_stop).map(InstanceChange::StopProtected));
    changes.extend(enclave_options.and_then(|options| options.enabled).map(InstanceChange::Enclaves));
    changes.extend(on(ebs_optimized).map(InstanceChange::EbsOptimized));
    changes.extend(word(instance_type).map(InstanceChange::Type));
    changes.extend(word(kernel).map(InstanceChange::Kernel));
    changes.extend(word(ramdisk).map(InstanceChange::Ramdisk));
    changes.extend(user_data.map(|data| InstanceChange::UserData(data.value)));
    if let Some(behaviour) = word(instance_initiated_shutdown_behavior) {
        changes.push(InstanceChange::TerminatesOnShutdown(terminates_on_shutdown(Some(&behaviour))?));
    }
    changes.extend(attribute.map(|attribute| named(&attribute, value)).transpose()?);
    Ok(changes)
}

/// The older form, which names the attribute by another parameter.
fn named(attribute: &str, value: Option<String>) -> Result<InstanceChange> {
    let value = value.ok_or_else(|| Error::missing("Value"))?;
    let flag = || value.to_ascii_lowercase().parse::<bool>().map_err(|_| Error::invalid("Value", &value));
    Ok(match attribute {
        "sourceDestCheck" => InstanceChange::SourceDestCheck(flag()?),
        "disableApiTermination" => InstanceChange::TerminationProtected(flag()?),
        "disableApiStop" => InstanceChange::StopProtected(flag()?),
        "ebsOptimized" => InstanceChange::EbsOptimized(flag()?),
        "instanceType" => InstanceChange::Type(value),
        "kernel" => InstanceChange::Kernel(value),
        "ramdisk" => InstanceChange::Ramdisk(value),
        "userData" => InstanceChange::UserData(Some(value)),
        "instanceInitiatedShutdownBehavior" => {
            InstanceChange::TerminatesOnShutdown(terminates_on_shutdown(Some(&value))?)
        }
        _ => return Err(unknown(attribute)),
    })
}

fn unknown(attribute: &str) -> Error {
    Error::UnknownAttribute { attribute: attribute.to_owned() }
}

fn reset(cx: Change, input: ec2::ResetInstanceAttributeRequest) -> Result<()> {
    let ec2::ResetInstanceAttributeRequest { instance_id, attribute } = input;
    match attribute.as_str() {
        "sourceDestCheck" => cx.model.modify_instance(cx.caller, &instance_id, InstanceChange::SourceDestCheck(true)),
        _ => Err(unknown(&attribute)),
    }
}

fn monitor(cx: Change, input: ec2::MonitorInstancesRequest) -> Result<List<ec2::InstanceMonitoring>> {
    set_monitored(cx.model, cx.caller, &input.instance_ids, true)
}

fn unmonitor(cx: Change, input: ec2::UnmonitorInstancesRequest) -> Result<List<ec2::InstanceMonitoring>> {
    set_monitored(cx.model, cx.caller, &input.instance_ids, false)
}

fn set_monitored(
    model: &mut Model,
    caller: &Caller,
    ids: &[String],
    on: bool,
) -> Result<List<ec2::InstanceMonitoring>> {
    for id in ids {
        model.modify_instance(caller, id, InstanceChange::Monitored(on))?;
    }
    let state = if on { "enabled" } else { "disabled" };
    let shown = |id: &String| ec2::InstanceMonitoring {
        instance_id: text(id),
        monitoring: Some(ec2::Monitoring { state: text(state), ..Default::default() }),
    };
    Ok(ids.iter().map(shown).collect())
}
