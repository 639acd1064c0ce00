//! Parameter groups of clusters: as those of DB instances are, in words of their own.

use super::parameter_group::parameter;
use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::text;
use crate::api::parameter_group;
use model::services::{ParameterGroup, Result, Thing};
use model::{Caller, Model};
use shapes::rds;

const THING: Thing = Thing::DbClusterParameterGroup;

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
    input: rds::CreateDBClusterParameterGroupMessage,
) -> Result<rds::CreateDBClusterParameterGroupResult> {
    let rds::CreateDBClusterParameterGroupMessage {
        db_cluster_parameter_group_name: name,
        db_parameter_group_family: family,
        description,
        tags: sent,
    } = input;
    let group = model.create_parameter_group(caller, THING, (&name, &family, &description), tags::of(sent)?)?;
    Ok(rds::CreateDBClusterParameterGroupResult { db_cluster_parameter_group: Some(shown(&group)) })
}

fn copy(
    model: &mut Model,
    caller: &Caller,
    input: rds::CopyDBClusterParameterGroupMessage,
) -> Result<rds::CopyDBClusterParameterGroupResult> {
    let rds::CopyDBClusterParameterGroupMessage {
        source_db_cluster_parameter_group_identifier: source,
        target_db_cluster_parameter_group_identifier: name,
        target_db_cluster_parameter_group_description: description,
        tags: sent,
    } = input;
    // It may be named by its ARN.
    let source = source.rsplit(':').next().unwrap_or(&source);
    let group = model.copy_parameter_group(caller, THING, source, (&name, &description), tags::of(sent)?)?;
    Ok(rds::CopyDBClusterParameterGroupResult { db_cluster_parameter_group: Some(shown(&group)) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBClusterParameterGroupsMessage,
) -> Result<rds::DBClusterParameterGroupsMessage> {
    let rds::DescribeDBClusterParameterGroupsMessage { db_cluster_parameter_group_name: name, filters, page } = input;
    filter::check(&filters)?;
    let (rows, marker) = parameter_group::groups(model, caller, (THING, name), page, |_| true)?;
    Ok(rds::DBClusterParameterGroupsMessage { marker, db_cluster_parameter_groups: rows.iter().map(shown).collect() })
}

fn describe_parameters(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBClusterParametersMessage,
) -> Result<rds::DBClusterParameterGroupDetails> {
    let rds::DescribeDBClusterParametersMessage { db_cluster_parameter_group_name: name, source, filters, page } =
        input;
    filter::check(&filters)?;
    let (rows, marker) = parameter_group::parameters(model, caller, (THING, &name), source, page)?;
    Ok(rds::DBClusterParameterGroupDetails { parameters: rows.into_iter().map(parameter).collect(), marker })
}

fn describe_defaults(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeEngineDefaultClusterParametersMessage,
) -> Result<rds::DescribeEngineDefaultClusterParametersResult> {
    let rds::DescribeEngineDefaultClusterParametersMessage { db_parameter_group_family: family, filters, page } = input;
    filter::check(&filters)?;
    let (rows, marker) = parameter_group::defaults(model, caller, (THING, &family), page)?;
    let parameters = rows.into_iter().map(parameter).collect();
    let defaults = rds::EngineDefaults { db_parameter_group_family: Some(family), marker, parameters };
    Ok(rds::DescribeEngineDefaultClusterParametersResult { engine_defaults: Some(defaults) })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: rds::ModifyDBClusterParameterGroupMessage,
) -> Result<rds::DBClusterParameterGroupNameMessage> {
    let rds::ModifyDBClusterParameterGroupMessage { db_cluster_parameter_group_name: name, parameters: sent } = input;
    let sent = sent.into_iter().map(|one| (one.parameter_name, one.parameter_value, one.apply_method));
    parameter_group::set(model, caller, (THING, &name), sent)?;
    Ok(named(&name))
}

fn reset(
    model: &mut Model,
    caller: &Caller,
    input: rds::ResetDBClusterParameterGroupMessage,
) -> Result<rds::DBClusterParameterGroupNameMessage> {
    let rds::ResetDBClusterParameterGroupMessage {
        db_cluster_parameter_group_name: name,
        reset_all_parameters: all,
        parameters,
    } = input;
    let names = parameters.into_iter().map(|parameter| parameter.parameter_name);
    parameter_group::reset(model, caller, (THING, &name), (all, names))?;
    Ok(named(&name))
}

fn named(name: &str) -> rds::DBClusterParameterGroupNameMessage {
    rds::DBClusterParameterGroupNameMessage { db_cluster_parameter_group_name: Some(name.to_ascii_lowercase()) }
}

fn delete(model: &mut Model, caller: &Caller, input: rds::DeleteDBClusterParameterGroupMessage) -> Result<()> {
    model.delete_parameter_group(caller, THING, &input.db_cluster_parameter_group_name)
}

fn shown(group: &ParameterGroup) -> rds::DBClusterParameterGroup {
    rds::DBClusterParameterGroup {
        db_cluster_parameter_group_name: text(&group.name),
        db_parameter_group_family: text(&group.family),
        description: text(&group.description),
        db_cluster_parameter_group_arn: text(&group.id),
    }
}
