//! Parameter groups of clusters: as those of DB instances are, in words of their own.

use super::parameter_group::{defaults_shown, sent};
use super::{filter, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::Paged;
use crate::api::parameter_group;
use model::services::{ParameterGroup, Result, Thing};
use shapes::rds::{self, DBClusterParameterGroup, EngineDefaults, Parameter};

const THING: Thing = Thing::DbClusterParameterGroup;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).write(copy).write(modify).write(reset).write(delete);
    all.read(describe).read(describe_parameters).read(describe_defaults)
}

fn create(cx: Change, input: rds::CreateDBClusterParameterGroupMessage) -> Result<DBClusterParameterGroup> {
    let new = (
        input.db_cluster_parameter_group_name.as_str(),
        input.db_parameter_group_family.as_str(),
        input.description.as_str(),
    );
    cx.model.create_parameter_group(cx.caller, THING, new, tags::of(input.tags)?).map(shown)
}

fn copy(cx: Change, input: rds::CopyDBClusterParameterGroupMessage) -> Result<DBClusterParameterGroup> {
    let source = input.source_db_cluster_parameter_group_identifier;
    let new = (
        input.target_db_cluster_parameter_group_identifier.as_str(),
        input.target_db_cluster_parameter_group_description.as_str(),
    );
    cx.model.copy_parameter_group(cx.caller, THING, &source, new, tags::of(input.tags)?).map(shown)
}

fn describe(cx: View, input: rds::DescribeDBClusterParameterGroupsMessage) -> Result<Paged<DBClusterParameterGroup>> {
    filter::check(&input.filters)?;
    let named = (THING, input.db_cluster_parameter_group_name);
    Ok(parameter_group::groups(cx.model, cx.caller, named, input.page, |_| true)?.map(shown))
}

fn describe_parameters(cx: View, input: rds::DescribeDBClusterParametersMessage) -> Result<Paged<Parameter>> {
    filter::check(&input.filters)?;
    let of = (THING, input.db_cluster_parameter_group_name.as_str());
    parameter_group::parameters(cx.model, cx.caller, of, input.source, input.page)
}

fn describe_defaults(cx: View, input: rds::DescribeEngineDefaultClusterParametersMessage) -> Result<EngineDefaults> {
    filter::check(&input.filters)?;
    let family = input.db_parameter_group_family;
    let defaults = parameter_group::defaults(cx.model, cx.caller, (THING, &family), input.page)?;
    Ok(defaults_shown(family, defaults))
}

fn modify(cx: Change, input: rds::ModifyDBClusterParameterGroupMessage) -> Result<String> {
    parameter_group::set(cx.model, cx.caller, (THING, &input.db_cluster_parameter_group_name), sent(input.parameters))
}

fn reset(cx: Change, input: rds::ResetDBClusterParameterGroupMessage) -> Result<String> {
    let which = (input.reset_all_parameters, sent(input.parameters));
    parameter_group::reset(cx.model, cx.caller, (THING, &input.db_cluster_parameter_group_name), which)
}

fn delete(cx: Change, input: rds::DeleteDBClusterParameterGroupMessage) -> Result<()> {
    cx.model.delete_parameter_group(cx.caller, THING, &input.db_cluster_parameter_group_name)
}

fn shown(group: ParameterGroup) -> DBClusterParameterGroup {
    DBClusterParameterGroup {
        db_cluster_parameter_group_name: Some(group.name),
        db_parameter_group_family: Some(group.family),
        description: Some(group.description),
        db_cluster_parameter_group_arn: Some(group.id),
    }
}
