//! Changes of parameters: new ones and new versions, deletions, and labels of versions.

use super::{Result, check_count};
use crate::api::action::{Actions, Change};
use model::ssm::{NewParameter, ParameterTier, ParameterType};
use shapes::ssm;

pub fn actions(all: Actions) -> Actions {
    all.write(put).write(delete).write(delete_several).write(label).write(unlabel)
}

fn put(cx: Change, input: ssm::PutParameterRequest) -> Result<ssm::PutParameterResult> {
    let ssm::PutParameterRequest {
        name,
        description,
        value,
        r#type,
        key_id,
        overwrite,
        allowed_pattern,
        tags,
        tier,
        policies,
        data_type,
    } = input;
    let new = NewParameter {
        name,
        kind: r#type.map(|word| ParameterType::read("type", &word)).transpose()?,
        value,
        overwrites: overwrite == Some(true),
        description,
        key: key_id,
        pattern: allowed_pattern,
        tier: tier.map(|word| ParameterTier::read("tier", &word)).transpose()?,
        policies,
        data_type,
        tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
    };
    let made = cx.model.put_parameter(cx.caller, new)?.versions.last();
    Ok(ssm::PutParameterResult {
        version: made.map(|version| version.number),
        tier: made.map(|version| version.tier.word().to_owned()),
    })
}

fn delete(cx: Change, input: ssm::DeleteParameterRequest) -> Result<()> {
    Ok(cx.model.delete_parameter(&cx.caller.scope, &input.name)?)
}

fn delete_several(
    Change { model, caller }: Change,
    input: ssm::DeleteParametersRequest,
) -> Result<ssm::DeleteParametersResult> {
    check_count("names", &input.names)?;
    let is_deleted = |name: &String| model.delete_parameter(&caller.scope, name).is_ok();
    let (deleted, invalid): (Vec<String>, Vec<String>) = input.names.into_iter().partition(is_deleted);
    Ok(ssm::DeleteParametersResult { deleted_parameters: deleted.into(), invalid_parameters: invalid.into() })
}

fn label(cx: Change, input: ssm::LabelParameterVersionRequest) -> Result<ssm::LabelParameterVersionResult> {
    let ssm::LabelParameterVersionRequest { name, parameter_version, labels } = input;
    check_count("labels", &labels)?;
    let labelled = cx.model.label_parameter((&cx.caller.scope, &name), parameter_version, &labels)?;
    Ok(ssm::LabelParameterVersionResult {
        invalid_labels: labelled.invalid.into(),
        parameter_version: Some(labelled.version),
    })
}

fn unlabel(cx: Change, input: ssm::UnlabelParameterVersionRequest) -> Result<ssm::UnlabelParameterVersionResult> {
    let ssm::UnlabelParameterVersionRequest { name, parameter_version, labels } = input;
    check_count("labels", &labels)?;
    let labelled = cx.model.unlabel_parameter((&cx.caller.scope, &name), parameter_version, &labels)?;
    Ok(ssm::UnlabelParameterVersionResult {
        removed_labels: labelled.changed.into(),
        invalid_labels: labelled.invalid.into(),
    })
}
