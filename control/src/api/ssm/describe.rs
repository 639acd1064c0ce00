//! What is known of parameters besides their values, and of managed instances, of which there are none.

use super::filter::Filter;
use super::{Error, Result, paged};
use crate::api::action::{Actions, View};
use model::ssm::{Parameter, ParameterVersion, policies};
use shapes::{List, Paged, ssm};

pub fn actions(all: Actions) -> Actions {
    all.read(describe).read(describe_instances)
}

/// The filters of DescribeParameters.
const FILTERS: [&str; 7] = ["Name", "Type", "KeyId", "Path", "Tier", "DataType", "tag:"];

fn describe(cx: View, input: ssm::DescribeParametersRequest) -> Result<Paged<ssm::ParameterMetadata>> {
    let ssm::DescribeParametersRequest { filters: older, parameter_filters, page } = input;
    if !older.is_empty() && !parameter_filters.is_empty() {
        return Err(Error::Filters);
    }
    let mut filters = Filter::all(parameter_filters, &FILTERS)?;
    filters.extend(older.iter().map(Filter::of_older));
    let wanted = cx.model.parameters_of(&cx.caller.scope).filter(|row| Filter::pass(&filters, row));
    paged(page, wanted.filter_map(shown).collect(), |row| row.name.as_deref().unwrap_or_default())
}

fn shown(row: &Parameter) -> Option<ssm::ParameterMetadata> {
    let version = row.versions.last()?;
    Some(ssm::ParameterMetadata {
        name: Some(row.name.clone()),
        arn: Some(row.id.clone()),
        r#type: Some(row.kind.word().to_owned()),
        key_id: version.key.clone(),
        last_modified_date: Some(version.modified),
        last_modified_user: Some(version.by.clone()),
        description: version.description.clone(),
        allowed_pattern: version.pattern.clone(),
        version: Some(version.number),
        tier: Some(version.tier.word().to_owned()),
        policies: policies_of(version),
        data_type: Some(version.data_type.clone()),
    })
}

/// The policies of a version.
pub fn policies_of(version: &ParameterVersion) -> List<ssm::ParameterInlinePolicy> {
    let all = version.policies.as_deref().and_then(|document| policies(document).ok()).unwrap_or_default();
    let shown = all.into_iter().map(|policy| ssm::ParameterInlinePolicy {
        policy_text: Some(policy.text),
        policy_type: Some(policy.kind),
        policy_status: Some("Pending".to_owned()),
    });
    shown.collect()
}

fn describe_instances(_: View, _: ssm::DescribeInstanceInformationRequest) -> Result<Paged<ssm::InstanceInformation>> {
    Ok(Paged { items: Vec::new(), next: None })
}
