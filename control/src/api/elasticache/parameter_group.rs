//! Cache parameter groups.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{ShownParameter, paged, parameters, text};
use model::services::{Error, ParameterGroup, Result, SetParameter, Thing};
use model::{Caller, Model};
use shapes::elasticache;

const THING: Thing = Thing::CacheParameterGroup;
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
    input: elasticache::CreateCacheParameterGroupMessage,
) -> Result<elasticache::CreateCacheParameterGroupResult> {
    let elasticache::CreateCacheParameterGroupMessage {
        cache_parameter_group_name: name,
        cache_parameter_group_family: family,
        description,
        tags: sent,
    } = input;
    let group = model.create_parameter_group(caller, THING, (&name, &family, &description), tags::of(sent)?)?;
    Ok(elasticache::CreateCacheParameterGroupResult { cache_parameter_group: Some(shown(&group)) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: elasticache::DescribeCacheParameterGroupsMessage,
) -> Result<elasticache::CacheParameterGroupsMessage> {
    let elasticache::DescribeCacheParameterGroupsMessage { cache_parameter_group_name, page } = input;
    let rows = match cache_parameter_group_name {
        Some(name) => vec![model.parameter_group(&caller.scope, THING, &name)?],
        None => model.parameter_groups_of(&caller.scope, THING),
    };
    let (rows, marker) = paged(page, rows, |row: &ParameterGroup| &row.name)?;
    let cache_parameter_groups = rows.iter().map(shown).collect();
    Ok(elasticache::CacheParameterGroupsMessage { marker, cache_parameter_groups })
}

fn describe_parameters(
    model: &Model,
    caller: &Caller,
    input: elasticache::DescribeCacheParametersMessage,
) -> Result<elasticache::CacheParameterGroupDetails> {
    let elasticache::DescribeCacheParametersMessage { cache_parameter_group_name: name, source, page } = input;
    if let Some(source) = source.as_ref().filter(|word| !["user", "system", "engine-default"].contains(&word.as_str()))
    {
        let why = "it is user, system or engine-default".to_owned();
        return Err(Error::Value { name: "Source", value: source.clone(), why });
    }
    let group = model.parameter_group(&caller.scope, THING, &name)?;
    let (rows, marker) = paged(page, parameters(&group, source.as_deref()), |row| &row.name)?;
    let parameters = rows.into_iter().map(parameter).collect();
    Ok(elasticache::CacheParameterGroupDetails {
        marker,
        parameters,
        cache_node_type_specific_parameters: Vec::new().into(),
    })
}

fn describe_defaults(
    model: &Model,
    caller: &Caller,
    input: elasticache::DescribeEngineDefaultParametersMessage,
) -> Result<elasticache::DescribeEngineDefaultParametersResult> {
    let elasticache::DescribeEngineDefaultParametersMessage { cache_parameter_group_family: family, page } = input;
    let group = model.parameter_group(&caller.scope, THING, &format!("default.{family}"))?;
    let (rows, marker) = paged(page, parameters(&group, None), |row| &row.name)?;
    let defaults = elasticache::EngineDefaults {
        cache_parameter_group_family: Some(family),
        marker,
        parameters: rows.into_iter().map(parameter).collect(),
        cache_node_type_specific_parameters: Vec::new().into(),
    };
    Ok(elasticache::DescribeEngineDefaultParametersResult { engine_defaults: Some(defaults) })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::ModifyCacheParameterGroupMessage,
) -> Result<elasticache::CacheParameterGroupNameMessage> {
    let elasticache::ModifyCacheParameterGroupMessage { cache_parameter_group_name: name, parameter_name_values } =
        input;
    if parameter_name_values.len() > AT_ONCE {
        return Err(Error::Combination { why: "At most 20 parameters can be modified by one request." });
    }
    let all = parameter_name_values.into_iter().map(|pair| match (pair.parameter_name, pair.parameter_value) {
        // Who sets one need not know when it is taken up.
        (Some(name), Some(value)) => Ok((name, SetParameter { value, method: "pending-reboot".to_owned() })),
        _ => Err(Error::Combination { why: "ParameterName and ParameterValue must be given." }),
    });
    model.set_parameters(caller, THING, &name, all.collect::<Result<_>>()?)?;
    Ok(named(&name))
}

fn reset(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::ResetCacheParameterGroupMessage,
) -> Result<elasticache::CacheParameterGroupNameMessage> {
    let elasticache::ResetCacheParameterGroupMessage {
        cache_parameter_group_name: name,
        reset_all_parameters,
        parameter_name_values,
    } = input;
    let names: Vec<String> = parameter_name_values.into_iter().filter_map(|pair| pair.parameter_name).collect();
    model.reset_parameters(caller, THING, &name, (reset_all_parameters.unwrap_or(false), &names))?;
    Ok(named(&name))
}

fn named(name: &str) -> elasticache::CacheParameterGroupNameMessage {
    elasticache::CacheParameterGroupNameMessage { cache_parameter_group_name: Some(name.to_ascii_lowercase()) }
}

fn delete(model: &mut Model, caller: &Caller, input: elasticache::DeleteCacheParameterGroupMessage) -> Result<()> {
    model.delete_parameter_group(caller, THING, &input.cache_parameter_group_name)
}

fn shown(group: &ParameterGroup) -> elasticache::CacheParameterGroup {
    elasticache::CacheParameterGroup {
        cache_parameter_group_name: text(&group.name),
        cache_parameter_group_family: text(&group.family),
        description: text(&group.description),
        is_global: Some(false),
        arn: text(&group.id),
    }
}

fn parameter(shown: ShownParameter) -> elasticache::Parameter {
    elasticache::Parameter {
        parameter_name: Some(shown.name),
        parameter_value: shown.value,
        source: text(shown.source),
        data_type: text(shown.data_type),
        is_modifiable: Some(shown.is_modifiable),
        change_type: text(if shown.is_static { "requires-reboot" } else { "immediate" }),
        ..Default::default()
    }
}
