//! Attributes of instances on the wire, one at a time.

use super::ec2::security_group::identifiers;
use super::instance_item::{block_devices, groups, primary};
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Error, IdKind, InstanceChange, Model, Result};

pub const ACTIONS: Actions = &[
    ("DescribeInstanceAttribute", Handler::Read(describe)),
    ("ModifyInstanceAttribute", Handler::Write(modify)),
    ("ResetInstanceAttribute", Handler::Write(reset)),
    ("MonitorInstances", Handler::Write(|model, caller, params| monitor(model, caller, params, true))),
    ("UnmonitorInstances", Handler::Write(|model, caller, params| monitor(model, caller, params, false))),
];

fn describe(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("InstanceId", IdKind::Instance)?;
    let attribute = params.required("Attribute")?;
    let unknown = params.invalid("Attribute", &attribute);
    params.finish()?;
    let instance = model.instances.find(&caller.scope, &id)?;
    let node = Node::new().text("instanceId", &id);
    Ok(match attribute.as_str() {
        "instanceType" => node.value("instanceType", &instance.instance_type),
        "kernel" => node.node("kernel", Node::new()),
        "ramdisk" => node.node("ramdisk", Node::new()),
        "userData" => node.node("userData", Node::new().opt("value", instance.user_data.as_ref())),
        "disableApiTermination" => node.value("disableApiTermination", instance.termination_protected),
        "disableApiStop" => node.value("disableApiStop", false),
        "instanceInitiatedShutdownBehavior" => {
            let behaviour = if instance.terminates_on_shutdown { "terminate" } else { "stop" };
            node.value("instanceInitiatedShutdownBehavior", behaviour)
        }
        "rootDeviceName" => node.value("rootDeviceName", "/dev/sda1"),
        "blockDeviceMapping" => node.set("blockDeviceMapping", block_devices(instance)),
        "productCodes" => node.set("productCodes", []),
        "sourceDestCheck" => match primary(model, instance) {
            Some(interface) => node.value("sourceDestCheck", interface.source_dest_check),
            None => return Err(Error::OnlyVpcAttribute { attribute }),
        },
        "groupSet" => node.shapes("groupSet", &identifiers(model, groups(model, instance))),
        "ebsOptimized" => node.value("ebsOptimized", instance.ebs_optimized),
        "sriovNetSupport" => node.node("sriovNetSupport", Node::new()),
        "enaSupport" => node.value("enaSupport", false),
        "enclaveOptions" => node.node("enclaveOptions", Node::new().text("enabled", false)),
        _ => return Err(unknown),
    })
}

fn modify(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("InstanceId", IdKind::Instance)?;
    let mut changes = take_changes(&mut params)?;
    params.ignore(&["BlockDeviceMapping", "Kernel", "Ramdisk", "SriovNetSupport", "EnaSupport", "DisableApiStop"]);
    params.finish()?;
    match (changes.pop(), changes.is_empty()) {
        (Some(change), true) => model.modify_instance(caller, &id, change)?,
        (Some(_), false) => {
            let why = "Fields for multiple attribute types specified: change one attribute at a time".into();
            return Err(Error::Combination { why });
        }
        (None, _) => {
            model.instances.find(&caller.scope, &id)?;
        }
    }
    Ok(Node::done())
}

fn take_changes(params: &mut Params) -> Result<Vec<InstanceChange>> {
    let mut changes = Vec::new();
    let groups = params.ids("GroupId", IdKind::SecurityGroup)?;
    if !groups.is_empty() {
        changes.push(InstanceChange::Groups(groups));
    }
    changes.extend(params.flag_value("SourceDestCheck")?.map(InstanceChange::SourceDestCheck));
    changes.extend(params.flag_value("DisableApiTermination")?.map(InstanceChange::TerminationProtected));
    changes.extend(params.flag_value("EbsOptimized")?.map(InstanceChange::EbsOptimized));
    changes.extend(take_value(params, "InstanceType")?.map(InstanceChange::Type));
    changes.extend(take_value(params, "UserData")?.map(|data| InstanceChange::UserData(Some(data))));
    if let Some(behaviour) = take_value(params, "InstanceInitiatedShutdownBehavior")? {
        changes.push(shutdown(params, behaviour)?);
    }
    // The older form names the attribute by another parameter.
    if let Some(attribute) = params.text("Attribute") {
        let value = params.required("Value")?;
        let flag = |value: &str| value.parse::<bool>().map_err(|_| params.invalid("Value", value));
        changes.push(match attribute.as_str() {
            "instanceType" => InstanceChange::Type(value),
            "userData" => InstanceChange::UserData(Some(value)),
            "sourceDestCheck" => InstanceChange::SourceDestCheck(flag(&value)?),
            "disableApiTermination" => InstanceChange::TerminationProtected(flag(&value)?),
            "ebsOptimized" => InstanceChange::EbsOptimized(flag(&value)?),
            "instanceInitiatedShutdownBehavior" => shutdown(params, value)?,
            _ => return Err(params.invalid("Attribute", attribute)),
        });
    }
    Ok(changes)
}

fn take_value(params: &mut Params, name: &str) -> Result<Option<String>> {
    Ok(params.nested(name, |value| Ok(value.text("Value")))?.flatten())
}

fn shutdown(params: &Params, behaviour: String) -> Result<InstanceChange> {
    match behaviour.as_str() {
        "stop" => Ok(InstanceChange::TerminatesOnShutdown(false)),
        "terminate" => Ok(InstanceChange::TerminatesOnShutdown(true)),
        _ => Err(params.invalid("InstanceInitiatedShutdownBehavior", behaviour)),
    }
}

fn reset(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("InstanceId", IdKind::Instance)?;
    let attribute = params.required("Attribute")?;
    let unknown = params.invalid("Attribute", &attribute);
    params.finish()?;
    match attribute.as_str() {
        "sourceDestCheck" => model.modify_instance(caller, &id, InstanceChange::SourceDestCheck(true))?,
        _ => return Err(unknown),
    }
    Ok(Node::done())
}

fn monitor(model: &mut Model, caller: &Caller, mut params: Params, on: bool) -> Result<Node> {
    let ids = params.ids("InstanceId", IdKind::Instance)?;
    if ids.is_empty() {
        return Err(params.missing("InstanceId"));
    }
    params.finish()?;
    let word = if on { "enabled" } else { "disabled" };
    for id in &ids {
        model.modify_instance(caller, id, InstanceChange::Monitored(on))?;
    }
    let one = |id: &String| Node::new().text("instanceId", id).node("monitoring", Node::new().text("state", word));
    Ok(Node::new().set("instancesSet", ids.iter().map(one)))
}
