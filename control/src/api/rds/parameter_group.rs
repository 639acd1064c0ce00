//! DB parameter groups.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{ShownParameter, paged, parameters, text};
use model::services::{Error, ParameterGroup, Result, SetParameter, Thing};
use model::{Caller, Model};
use shapes::{List, rds};

const THING: Thing = Thing::DbParameterGroup;
/// How many parameters one request may name.
const AT_ONCE: usize = 20;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .write(copy)
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
    input: rds::CreateDBParameterGroupMessage,
) -> Result<rds::CreateDBParameterGroupResult> {
    let rds::CreateDBParameterGroupMessage {
        db_parameter_group_name,
        db_parameter_group_family,
        description,
        tags: sent,
    } = input;
    let named = (db_parameter_group_name.as_str(), db_parameter_group_family.as_str(), description.as_str());
    let group = model.create_parameter_group(caller, THING, named, tags::of(sent)?)?;
    Ok(rds::CreateDBParameterGroupResult { db_parameter_group: Some(shown(&group)) })
}

fn copy(
    model: &mut Model,
    caller: &Caller,
    input: rds::CopyDBParameterGroupMessage,
) -> Result<rds::CopyDBParameterGroupResult> {
    let rds::CopyDBParameterGroupMessage {
        source_db_parameter_group_identifier: source,
        target_db_parameter_group_identifier: name,
        target_db_parameter_group_description: description,
        tags: sent,
    } = input;
    // It may be named by its ARN.
    let source = source.rsplit(':').next().unwrap_or(&source);
    let group = model.copy_parameter_group(caller, THING, source, (&name, &description), tags::of(sent)?)?;
    Ok(rds::CopyDBParameterGroupResult { db_parameter_group: Some(shown(&group)) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBParameterGroupsMessage,
) -> Result<rds::DBParameterGroupsMessage> {
    let rds::DescribeDBParameterGroupsMessage { db_parameter_group_name, page } = input;
    let rows = match db_parameter_group_name {
        Some(name) => vec![model.parameter_group(&caller.scope, THING, &name)?],
        None => model.parameter_groups_of(&caller.scope, THING),
    };
    let (rows, marker) = paged(page, rows, |row: &ParameterGroup| &row.name)?;
    Ok(rds::DBParameterGroupsMessage { marker, db_parameter_groups: rows.iter().map(shown).collect() })
}

fn describe_parameters(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBParametersMessage,
) -> Result<rds::DBParameterGroupDetails> {
    let rds::DescribeDBParametersMessage { db_parameter_group_name, source, page } = input;
    if let Some(source) = source.as_ref().filter(|word| !["user", "system", "engine-default"].contains(&word.as_str()))
    {
        let why = "it is user, system or engine-default".to_owned();
        return Err(Error::Value { name: "Source", value: source.clone(), why });
    }
    let group = model.parameter_group(&caller.scope, THING, &db_parameter_group_name)?;
    let (rows, marker) = paged(page, parameters(&group, source.as_deref()), |row| &row.name)?;
    Ok(rds::DBParameterGroupDetails { parameters: rows.into_iter().map(parameter).collect(), marker })
}

fn describe_defaults(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeEngineDefaultParametersMessage,
) -> Result<rds::DescribeEngineDefaultParametersResult> {
    let rds::DescribeEngineDefaultParametersMessage { db_parameter_group_family: family, page } = input;
    let group = model.parameter_group(&caller.scope, THING, &format!("default.{family}"))?;
    let (rows, marker) = paged(page, parameters(&group, None), |row| &row.name)?;
    let parameters = rows.into_iter().map(parameter).collect();
    let defaults = rds::EngineDefaults { db_parameter_group_family: Some(family), marker, parameters };
    Ok(rds::DescribeEngineDefaultParametersResult { engine_defaults: Some(defaults) })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: rds::ModifyDBParameterGroupMessage,
) -> Result<rds::DBParameterGroupNameMessage> {
    let rds::ModifyDBParameterGroupMessage { db_parameter_group_name: name, parameters: sent } = input;
    if sent.len() > AT_ONCE {
        return Err(Error::Combination { why: "At most 20 parameters can be modified by one request." });
    }
    let all = sent.into_iter().map(|parameter| {
        let rds::Parameter { parameter_name, parameter_value, apply_method, .. } = parameter;
        match (parameter_name, parameter_value, apply_method) {
            (Some(name), Some(value), Some(method)) => Ok((name, SetParameter { value, method })),
            _ => Err(Error::Combination {
                why: "The parameters ParameterName, ParameterValue, and ApplyMethod must be provided.",
            }),
        }
    });
    model.set_parameters(caller, THING, &name, all.collect::<Result<_>>()?)?;
    Ok(rds::DBParameterGroupNameMessage { db_parameter_group_name: Some(name.to_ascii_lowercase()) })
}

fn reset(
    model: &mut Model,
    caller: &Caller,
    input: rds::ResetDBParameterGroupMessage,
) -> Result<rds::DBParameterGroupNameMessage> {
    let rds::ResetDBParameterGroupMessage { db_parameter_group_name: name, reset_all_parameters, parameters } = input;
    let names = names(parameters);
    // Said of nothing it is said of all.
    let all = reset_all_parameters.unwrap_or(names.is_empty());
    model.reset_parameters(caller, THING, &name, (all, &names))?;
    Ok(rds::DBParameterGroupNameMessage { db_parameter_group_name: Some(name.to_ascii_lowercase()) })
}

fn names(parameters: List<rds::Parameter>) -> Vec<String> {
    parameters.into_iter().filter_map(|parameter| parameter.parameter_name).collect()
}

fn delete(model: &mut Model, caller: &Caller, input: rds::DeleteDBParameterGroupMessage) -> Result<()> {
    model.delete_parameter_group(caller, THING, &input.db_parameter_group_name)
}

fn shown(group: &ParameterGroup) -> rds::DBParameterGroup {
    rds::DBParameterGroup {
        db_parameter_group_name: text(&group.name),
        db_parameter_group_family: text(&group.family),
        description: text(&group.description),
        db_parameter_group_arn: text(&group.id),
    }
}

fn parameter(shown: ShownParameter) -> rds::Parameter {
    rds::Parameter {
        parameter_name: Some(shown.name),
        parameter_value: shown.value,
        source: text(shown.source),
        apply_type: text(if shown.is_static { "static" } else { "dynamic" }),
        data_type: text(shown.data_type),
        is_modifiable: Some(shown.is_modifiable),
        apply_method: Some(shown.method),
        ..Default::default()
    }
}
