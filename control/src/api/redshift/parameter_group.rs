//! Cluster parameter groups.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::text;
use crate::api::parameter_group::{self, ShownParameter};
use model::services::{ParameterGroup, Result, Thing};
use model::{Caller, Model};
use shapes::redshift;

const THING: Thing = Thing::ClusterParameterGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(describe)
        .read(describe_parameters)
        .read(describe_defaults)
        .write(modify)
        .write(reset)
        .write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: redshift::CreateClusterParameterGroupMessage,
) -> Result<redshift::CreateClusterParameterGroupResult> {
    let redshift::CreateClusterParameterGroupMessage {
        parameter_group_name: name,
        parameter_group_family: family,
        description,
        tags: sent,
    } = input;
    let group = model.create_parameter_group(caller, THING, (&name, &family, &description), tags::of(sent)?)?;
    Ok(redshift::CreateClusterParameterGroupResult { cluster_parameter_group: Some(shown(&group)) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeClusterParameterGroupsMessage,
) -> Result<redshift::ClusterParameterGroupsMessage> {
    let redshift::DescribeClusterParameterGroupsMessage { parameter_group_name, tag_keys, tag_values, page } = input;
    let tagged = |group: &ParameterGroup| tags::pass(&group.tags, &tag_keys, &tag_values);
    let (rows, marker) = parameter_group::groups(model, caller, (THING, parameter_group_name), page, tagged)?;
    Ok(redshift::ClusterParameterGroupsMessage { marker, parameter_groups: rows.iter().map(shown).collect() })
}

fn describe_parameters(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeClusterParametersMessage,
) -> Result<redshift::ClusterParameterGroupDetails> {
    let redshift::DescribeClusterParametersMessage { parameter_group_name: name, source, page } = input;
    let (rows, marker) = parameter_group::parameters(model, caller, (THING, &name), source, page)?;
    Ok(redshift::ClusterParameterGroupDetails { parameters: rows.into_iter().map(parameter).collect(), marker })
}

fn describe_defaults(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeDefaultClusterParametersMessage,
) -> Result<redshift::DescribeDefaultClusterParametersResult> {
    let redshift::DescribeDefaultClusterParametersMessage { parameter_group_family: family, page } = input;
    let (rows, marker) = parameter_group::defaults(model, caller, (THING, &family), page)?;
    let defaults = redshift::DefaultClusterParameters {
        parameter_group_family: Some(family),
        marker,
        parameters: rows.into_iter().map(parameter).collect(),
    };
    Ok(redshift::DescribeDefaultClusterParametersResult { default_cluster_parameters: Some(defaults) })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: redshift::ModifyClusterParameterGroupMessage,
) -> Result<redshift::ClusterParameterGroupNameMessage> {
    let redshift::ModifyClusterParameterGroupMessage { parameter_group_name: name, parameters: sent } = input;
    let sent = sent.into_iter().map(|one| (one.parameter_name, one.parameter_value, None));
    parameter_group::set(model, caller, (THING, &name), sent)?;
    Ok(named(&name))
}

fn reset(
    model: &mut Model,
    caller: &Caller,
    input: redshift::ResetClusterParameterGroupMessage,
) -> Result<redshift::ClusterParameterGroupNameMessage> {
    let redshift::ResetClusterParameterGroupMessage { parameter_group_name: name, reset_all_parameters, parameters } =
        input;
    let names = parameters.into_iter().map(|parameter| parameter.parameter_name);
    parameter_group::reset(model, caller, (THING, &name), (reset_all_parameters, names))?;
    Ok(named(&name))
}

fn named(name: &str) -> redshift::ClusterParameterGroupNameMessage {
    redshift::ClusterParameterGroupNameMessage {
        parameter_group_name: Some(name.to_ascii_lowercase()),
        parameter_group_status: text(
            "Your parameter group has been updated. If you changed only dynamic parameters, associated clusters are being modified now. If you changed static parameters, all updates, including dynamic parameters, will be applied when you reboot the associated clusters.",
        ),
    }
}

fn delete(model: &mut Model, caller: &Caller, input: redshift::DeleteClusterParameterGroupMessage) -> Result<()> {
    model.delete_parameter_group(caller, THING, &input.parameter_group_name)
}

fn shown(group: &ParameterGroup) -> redshift::ClusterParameterGroup {
    redshift::ClusterParameterGroup {
        parameter_group_name: text(&group.name),
        parameter_group_family: text(&group.family),
        description: text(&group.description),
        tags: tags::shown(&group.tags),
    }
}

fn parameter(shown: ShownParameter) -> redshift::Parameter {
    redshift::Parameter {
        parameter_name: Some(shown.name),
        parameter_value: shown.value,
        source: text(shown.source),
        data_type: text(shown.data_type),
        apply_type: text(if shown.is_static { "static" } else { "dynamic" }),
        is_modifiable: Some(shown.is_modifiable),
        ..Default::default()
    }
}
