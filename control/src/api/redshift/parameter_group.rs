//! Cluster parameter groups.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{ShownParameter, paged, parameters, text};
use model::services::{Error, ParameterGroup, Result, SetParameter, Thing};
use model::{Caller, Model};
use shapes::redshift;

const THING: Thing = Thing::ClusterParameterGroup;
/// How many parameters one request may name.
const AT_ONCE: usize = 20;

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
    let redshift::DescribeClusterParameterGroupsMessage { parameter_group_name, page } = input;
    let rows = match parameter_group_name {
        Some(name) => vec![model.parameter_group(&caller.scope, THING, &name)?],
        None => model.parameter_groups_of(&caller.scope, THING),
    };
    let (rows, marker) = paged(page, rows, |row: &ParameterGroup| &row.name)?;
    Ok(redshift::ClusterParameterGroupsMessage { marker, parameter_groups: rows.iter().map(shown).collect() })
}

fn describe_parameters(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeClusterParametersMessage,
) -> Result<redshift::ClusterParameterGroupDetails> {
    let redshift::DescribeClusterParametersMessage { parameter_group_name: name, source, page } = input;
    if let Some(source) = source.as_ref().filter(|word| !["user", "engine-default"].contains(&word.as_str())) {
        let why = "it is user or engine-default".to_owned();
        return Err(Error::Value { name: "Source", value: source.clone(), why });
    }
    let group = model.parameter_group(&caller.scope, THING, &name)?;
    let mut all = parameters(&group, None);
    all.retain(|shown| source.as_deref().is_none_or(|source| (source == "user") == (shown.source == "user")));
    let (rows, marker) = paged(page, all, |row| &row.name)?;
    Ok(redshift::ClusterParameterGroupDetails { parameters: rows.into_iter().map(parameter).collect(), marker })
}

fn describe_defaults(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeDefaultClusterParametersMessage,
) -> Result<redshift::DescribeDefaultClusterParametersResult> {
    let redshift::DescribeDefaultClusterParametersMessage { parameter_group_family: family, page } = input;
    let group = model.parameter_group(&caller.scope, THING, &format!("default.{family}"))?;
    let (rows, marker) = paged(page, parameters(&group, None), |row| &row.name)?;
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
    if sent.len() > AT_ONCE {
        return Err(Error::Combination { why: "At most 20 parameters can be modified by one request." });
    }
    let all = sent.into_iter().map(|one| match (one.parameter_name, one.parameter_value) {
        (Some(name), Some(value)) => Ok((name, SetParameter { value, method: "pending-reboot".to_owned() })),
        _ => Err(Error::Combination { why: "ParameterName and ParameterValue must be given." }),
    });
    model.set_parameters(caller, THING, &name, all.collect::<Result<_>>()?)?;
    Ok(named(&name))
}

fn reset(
    model: &mut Model,
    caller: &Caller,
    input: redshift::ResetClusterParameterGroupMessage,
) -> Result<redshift::ClusterParameterGroupNameMessage> {
    let redshift::ResetClusterParameterGroupMessage { parameter_group_name: name, reset_all_parameters, parameters } =
        input;
    let names: Vec<String> = parameters.into_iter().filter_map(|parameter| parameter.parameter_name).collect();
    model.reset_parameters(caller, THING, &name, (reset_all_parameters.unwrap_or(false), &names))?;
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
        source: text(if shown.source == "user" { "user" } else { "engine-default" }),
        data_type: text(shown.data_type),
        apply_type: text(if shown.is_static { "static" } else { "dynamic" }),
        is_modifiable: Some(shown.is_modifiable),
        ..Default::default()
    }
}
