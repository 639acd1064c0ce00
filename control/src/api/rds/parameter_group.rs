//! DB parameter groups.

use super::{filter, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::parameter_group::{self, Sent, ShownParameter};
use model::services::{ParameterGroup, Result, Thing};
use shapes::List;
use shapes::rds::{self, DBParameterGroup, EngineDefaults, Parameter};

const THING: Thing = Thing::DbParameterGroup;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).write(copy).write(modify).write(reset).write(delete);
    all.read(describe).read(describe_parameters).read(describe_defaults)
}

fn create(cx: Change, input: rds::CreateDBParameterGroupMessage) -> Result<DBParameterGroup> {
    let new =
        (input.db_parameter_group_name.as_str(), input.db_parameter_group_family.as_str(), input.description.as_str());
    cx.model.create_parameter_group(cx.caller, THING, new, tags::of(input.tags)?).map(shown)
}

fn copy(cx: Change, input: rds::CopyDBParameterGroupMessage) -> Result<DBParameterGroup> {
    let source = input.source_db_parameter_group_identifier;
    let new =
        (input.target_db_parameter_group_identifier.as_str(), input.target_db_parameter_group_description.as_str());
    cx.model.copy_parameter_group(cx.caller, THING, &source, new, tags::of(input.tags)?).map(shown)
}

fn describe(cx: View, input: rds::DescribeDBParameterGroupsMessage) -> Result<Paged<DBParameterGroup>> {
    filter::check(&input.filters)?;
    let named = (THING, input.db_parameter_group_name);
    Ok(parameter_group::groups(cx.model, cx.caller, named, input.page, |_| true)?.map(shown))
}

fn describe_parameters(cx: View, input: rds::DescribeDBParametersMessage) -> Result<Paged<Parameter>> {
    filter::check(&input.filters)?;
    parameter_group::parameters(cx.model, cx.caller, (THING, &input.db_parameter_group_name), input.source, input.page)
}

fn describe_defaults(cx: View, input: rds::DescribeEngineDefaultParametersMessage) -> Result<EngineDefaults> {
    filter::check(&input.filters)?;
    let family = input.db_parameter_group_family;
    let defaults = parameter_group::defaults(cx.model, cx.caller, (THING, &family), input.page)?;
    Ok(defaults_shown(family, defaults))
}

fn modify(cx: Change, input: rds::ModifyDBParameterGroupMessage) -> Result<String> {
    parameter_group::set(cx.model, cx.caller, (THING, &input.db_parameter_group_name), sent(input.parameters))
}

fn reset(cx: Change, input: rds::ResetDBParameterGroupMessage) -> Result<String> {
    let which = (input.reset_all_parameters, sent(input.parameters));
    parameter_group::reset(cx.model, cx.caller, (THING, &input.db_parameter_group_name), which)
}

fn delete(cx: Change, input: rds::DeleteDBParameterGroupMessage) -> Result<()> {
    cx.model.delete_parameter_group(cx.caller, THING, &input.db_parameter_group_name)
}

fn shown(group: ParameterGroup) -> DBParameterGroup {
    DBParameterGroup {
        db_parameter_group_name: Some(group.name),
        db_parameter_group_family: Some(group.family),
        description: Some(group.description),
        db_parameter_group_arn: Some(group.id),
    }
}

/// The parameters that a request names.
pub fn sent(parameters: List<Parameter>) -> impl ExactSizeIterator<Item = Sent> {
    parameters.into_iter().map(|one| (one.parameter_name, one.parameter_value, one.apply_method))
}

/// The default parameters of a family as replies show them.
pub fn defaults_shown(family: String, page: Paged<Parameter>) -> EngineDefaults {
    let Paged { items, next: marker } = page;
    EngineDefaults { db_parameter_group_family: Some(family), marker, parameters: items.into() }
}

impl From<ShownParameter> for Parameter {
    fn from(shown: ShownParameter) -> Parameter {
        Parameter {
            apply_type: text(if shown.is_static { "static" } else { "dynamic" }),
            parameter_name: Some(shown.name),
            parameter_value: shown.value,
            source: text(shown.source),
            data_type: text(shown.data_type),
            is_modifiable: Some(shown.is_modifiable),
            apply_method: Some(shown.method),
            ..Default::default()
        }
    }
}
