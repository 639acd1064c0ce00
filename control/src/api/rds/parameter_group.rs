//! DB parameter groups.

use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::text;
use crate::api::parameter_group::{self, ShownParameter};
use model::services::{ParameterGroup, Result, Thing};
use model::{Caller, Model};
use shapes::rds;

const THING: Thing = Thing::DbParameterGroup;

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
    let rds::DescribeDBParameterGroupsMessage { db_parameter_group_name, filters, page } = input;
    filter::check(&filters)?;
    let (rows, marker) = parameter_group::groups(model, caller, (THING, db_parameter_group_name), page, |_| true)?;
    Ok(rds::DBParameterGroupsMessage { marker, db_parameter_groups: rows.iter().map(shown).collect() })
}

fn describe_parameters(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBParametersMessage,
) -> Result<rds::DBParameterGroupDetails> {
    let rds::DescribeDBParametersMessage { db_parameter_group_name, source, filters, page } = input;
    filter::check(&filters)?;
    let of = (THING, db_parameter_group_name.as_str());
    let (rows, marker) = parameter_group::parameters(model, caller, of, source, page)?;
    Ok(rds::DBParameterGroupDetails { parameters: rows.into_iter().map(parameter).collect(), marker })
}

fn describe_defaults(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeEngineDefaultParametersMessage,
) -> Result<rds::DescribeEngineDefaultParametersResult> {
    let rds::DescribeEngineDefaultParametersMessage { db_parameter_group_family: family, filters, page } = input;
    filter::check(&filters)?;
    let (rows, marker) = parameter_group::defaults(model, caller, (THING, &family), page)?;
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
    let sent = sent.into_iter().map(|one| (one.parameter_name, one.parameter_value, one.apply_method));
    parameter_group::set(model, caller, (THING, &name), sent)?;
    Ok(rds::DBParameterGroupNameMessage { db_parameter_group_name: Some(name.to_ascii_lowercase()) })
}

fn reset(
    model: &mut Model,
    caller: &Caller,
    input: rds::ResetDBParameterGroupMessage,
) -> Result<rds::DBParameterGroupNameMessage> {
    let rds::ResetDBParameterGroupMessage { db_parameter_group_name: name, reset_all_parameters, parameters } = input;
    let names = parameters.into_iter().map(|parameter| parameter.parameter_name);
    parameter_group::reset(model, caller, (THING, &name), (reset_all_parameters, names))?;
    Ok(rds::DBParameterGroupNameMessage { db_parameter_group_name: Some(name.to_ascii_lowercase()) })
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

/// A parameter as replies show it.
pub fn parameter(shown: ShownParameter) -> rds::Parameter {
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
