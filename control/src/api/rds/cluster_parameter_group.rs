//! Parameter groups of clusters: as those of DB instances are, in words of their own.

use super::parameter_group::{defaults_shown, sent};
use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::Paged;
use crate::api::parameter_group;
use model::services::{ParameterGroup, Result, Thing};
use model::{Caller, Model};
use shapes::rds::{self, DBClusterParameterGroup, EngineDefaults, Parameter};

const THING: Thing = Thing::DbClusterParameterGroup;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).write(copy).write(modify).write(reset).write(delete);
    all.read(describe).read(describe_parameters).read(describe_defaults)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: rds::CreateDBClusterParameterGroupMessage,
) -> Result<DBClusterParameterGroup> {
    let new = (
        input.db_cluster_parameter_group_name.as_str(),
        input.db_parameter_group_family.as_str(),
        input.description.as_str(),
    );
    model.create_parameter_group(caller, THING, new, tags::of(input.tags)?).map(shown)
}

fn copy(
    model: &mut Model,
    caller: &Caller,
    input: rds::CopyDBClusterParameterGroupMessage,
) -> Result<DBClusterParameterGroup> {
    let source = input.source_db_cluster_parameter_group_identifier;
    let new = (
        input.target_db_cluster_parameter_group_identifier.as_str(),
        input.target_db_cluster_parameter_group_description.as_str(),
    );
    model.copy_parameter_group(caller, THING, &source, new, tags::of(input.tags)?).map(shown)
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBClusterParameterGroupsMessage,
) -> Result<Paged<DBClusterParameterGroup>> {
    filter::check(&input.filters)?;
    let named = (THING, input.db_cluster_parameter_group_name);
    Ok(parameter_group::groups(model, caller, named, input.page, |_| true)?.map(shown))
}

fn describe_parameters(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBClusterParametersMessage,
) -> Result<Paged<Parameter>> {
    filter::check(&input.filters)?;
    let of = (THING, input.db_cluster_parameter_group_name.as_str());
    parameter_group::parameters(model, caller, of, input.source, input.page)
}

fn describe_defaults(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeEngineDefaultClusterParametersMessage,
) -> Result<EngineDefaults> {
    filter::check(&input.filters)?;
    let family = input.db_parameter_group_family;
    let defaults = parameter_group::defaults(model, caller, (THING, &family), input.page)?;
    Ok(defaults_shown(family, defaults))
}

fn modify(model: &mut Model, caller: &Caller, input: rds::ModifyDBClusterParameterGroupMessage) -> Result<String> {
    parameter_group::set(model, caller, (THING, &input.db_cluster_parameter_group_name), sent(input.parameters))
}

fn reset(model: &mut Model, caller: &Caller, input: rds::ResetDBClusterParameterGroupMessage) -> Result<String> {
    let which = (input.reset_all_parameters, sent(input.parameters));
    parameter_group::reset(model, caller, (THING, &input.db_cluster_parameter_group_name), which)
}

fn delete(model: &mut Model, caller: &Caller, input: rds::DeleteDBClusterParameterGroupMessage) -> Result<()> {
    model.delete_parameter_group(caller, THING, &input.db_cluster_parameter_group_name)
}

fn shown(group: ParameterGroup) -> DBClusterParameterGroup {
    DBClusterParameterGroup {
        db_cluster_parameter_group_name: Some(group.name),
        db_parameter_group_family: Some(group.family),
        description: Some(group.description),
        db_cluster_parameter_group_arn: Some(group.id),
    }
}
