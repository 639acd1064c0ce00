//! Cluster parameter groups.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::parameter_group::{self, Sent, ShownParameter};
use model::services::{ParameterGroup, Result, Thing};
use shapes::List;
use shapes::redshift::{self, ClusterParameterGroup, ClusterParameterGroupNameMessage, Parameter};

const THING: Thing = Thing::ClusterParameterGroup;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).write(modify).write(reset).write(delete);
    all.read(describe).read(describe_parameters).read(describe_defaults)
}

fn create(cx: Change, input: redshift::CreateClusterParameterGroupMessage) -> Result<ClusterParameterGroup> {
    let new = (input.parameter_group_name.as_str(), input.parameter_group_family.as_str(), input.description.as_str());
    cx.model.create_parameter_group(cx.caller, THING, new, tags::of(input.tags)?).map(shown)
}

fn describe(cx: View, input: redshift::DescribeClusterParameterGroupsMessage) -> Result<Paged<ClusterParameterGroup>> {
    let redshift::DescribeClusterParameterGroupsMessage { parameter_group_name: name, tag_keys, tag_values, page } =
        input;
    let tagged = |group: &ParameterGroup| tags::pass(&group.tags, &tag_keys, &tag_values);
    Ok(parameter_group::groups(cx.model, cx.caller, (THING, name), page, tagged)?.map(shown))
}

fn describe_parameters(cx: View, input: redshift::DescribeClusterParametersMessage) -> Result<Paged<Parameter>> {
    parameter_group::parameters(cx.model, cx.caller, (THING, &input.parameter_group_name), input.source, input.page)
}

fn describe_defaults(
    cx: View,
    input: redshift::DescribeDefaultClusterParametersMessage,
) -> Result<redshift::DefaultClusterParameters> {
    let family = input.parameter_group_family;
    let page: Paged<Parameter> = parameter_group::defaults(cx.model, cx.caller, (THING, &family), input.page)?;
    Ok(redshift::DefaultClusterParameters {
        parameter_group_family: Some(family),
        marker: page.next,
        parameters: page.items.into(),
    })
}

fn modify(cx: Change, input: redshift::ModifyClusterParameterGroupMessage) -> Result<ClusterParameterGroupNameMessage> {
    let named = (THING, input.parameter_group_name.as_str());
    parameter_group::set(cx.model, cx.caller, named, sent(input.parameters)).map(updated)
}

fn reset(cx: Change, input: redshift::ResetClusterParameterGroupMessage) -> Result<ClusterParameterGroupNameMessage> {
    let which = (input.reset_all_parameters, sent(input.parameters));
    parameter_group::reset(cx.model, cx.caller, (THING, &input.parameter_group_name), which).map(updated)
}

/// The parameters that a request names.
fn sent(parameters: List<Parameter>) -> impl ExactSizeIterator<Item = Sent> {
    parameters.into_iter().map(|one| (one.parameter_name, one.parameter_value, None))
}

fn updated(name: String) -> ClusterParameterGroupNameMessage {
    ClusterParameterGroupNameMessage {
        parameter_group_name: Some(name),
        parameter_group_status: text(
            "Your parameter group has been updated. If you changed only dynamic parameters, associated clusters are being modified now. If you changed static parameters, all updates, including dynamic parameters, will be applied when you reboot the associated clusters.",
        ),
    }
}

fn delete(cx: Change, input: redshift::DeleteClusterParameterGroupMessage) -> Result<()> {
    cx.model.delete_parameter_group(cx.caller, THING, &input.parameter_group_name)
}

fn shown(group: ParameterGroup) -> ClusterParameterGroup {
    ClusterParameterGroup {
        tags: tags::shown(&group.tags),
        parameter_group_name: Some(group.name),
        parameter_group_family: Some(group.family),
        description: Some(group.description),
    }
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
            ..Default::default()
        }
    }
}
