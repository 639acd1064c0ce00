//! Cache parameter groups.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::parameter_group::{self, Sent, ShownParameter};
use model::services::{ParameterGroup, Result, Thing};
use shapes::List;
use shapes::elasticache::{self, CacheParameterGroup, Parameter, ParameterNameValue};

const THING: Thing = Thing::CacheParameterGroup;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).write(modify).write(reset).write(delete);
    all.read(describe).read(describe_parameters).read(describe_defaults)
}

fn create(cx: Change, input: elasticache::CreateCacheParameterGroupMessage) -> Result<CacheParameterGroup> {
    let new = (
        input.cache_parameter_group_name.as_str(),
        input.cache_parameter_group_family.as_str(),
        input.description.as_str(),
    );
    cx.model.create_parameter_group(cx.caller, THING, new, tags::of(input.tags)?).map(shown)
}

fn describe(cx: View, input: elasticache::DescribeCacheParameterGroupsMessage) -> Result<Paged<CacheParameterGroup>> {
    let named = (THING, input.cache_parameter_group_name);
    Ok(parameter_group::groups(cx.model, cx.caller, named, input.page, |_| true)?.map(shown))
}

fn describe_parameters(
    cx: View,
    input: elasticache::DescribeCacheParametersMessage,
) -> Result<elasticache::CacheParameterGroupDetails> {
    let of = (THING, input.cache_parameter_group_name.as_str());
    let page: Paged<Parameter> = parameter_group::parameters(cx.model, cx.caller, of, input.source, input.page)?;
    Ok(elasticache::CacheParameterGroupDetails {
        marker: page.next,
        parameters: page.items.into(),
        cache_node_type_specific_parameters: Vec::new().into(),
    })
}

fn describe_defaults(
    cx: View,
    input: elasticache::DescribeEngineDefaultParametersMessage,
) -> Result<elasticache::EngineDefaults> {
    let family = input.cache_parameter_group_family;
    let page: Paged<Parameter> = parameter_group::defaults(cx.model, cx.caller, (THING, &family), input.page)?;
    Ok(elasticache::EngineDefaults {
        cache_parameter_group_family: Some(family),
        marker: page.next,
        parameters: page.items.into(),
        cache_node_type_specific_parameters: Vec::new().into(),
    })
}

fn modify(cx: Change, input: elasticache::ModifyCacheParameterGroupMessage) -> Result<String> {
    let named = (THING, input.cache_parameter_group_name.as_str());
    parameter_group::set(cx.model, cx.caller, named, sent(input.parameter_name_values))
}

fn reset(cx: Change, input: elasticache::ResetCacheParameterGroupMessage) -> Result<String> {
    let which = (input.reset_all_parameters, sent(input.parameter_name_values));
    parameter_group::reset(cx.model, cx.caller, (THING, &input.cache_parameter_group_name), which)
}

/// The parameters that a request names.
fn sent(parameters: List<ParameterNameValue>) -> impl ExactSizeIterator<Item = Sent> {
    parameters.into_iter().map(|one| (one.parameter_name, one.parameter_value, None))
}

fn delete(cx: Change, input: elasticache::DeleteCacheParameterGroupMessage) -> Result<()> {
    cx.model.delete_parameter_group(cx.caller, THING, &input.cache_parameter_group_name)
}

fn shown(group: ParameterGroup) -> CacheParameterGroup {
    CacheParameterGroup {
        cache_parameter_group_name: Some(group.name),
        cache_parameter_group_family: Some(group.family),
        description: Some(group.description),
        is_global: Some(false),
        arn: Some(group.id),
    }
}

impl From<ShownParameter> for Parameter {
    fn from(shown: ShownParameter) -> Parameter {
        Parameter {
            change_type: text(if shown.is_static { "requires-reboot" } else { "immediate" }),
            parameter_name: Some(shown.name),
            parameter_value: shown.value,
            source: text(shown.source),
            data_type: text(shown.data_type),
            is_modifiable: Some(shown.is_modifiable),
            ..Default::default()
        }
    }
}
