//! A launch as it will be made: permission is asked for what its template, its specification or its model instance
//! says, as if the request itself said it.

use super::Asked;
use crate::api::Params;
use model::{Caller, LaunchForm, Model};
use std::collections::BTreeSet;

/// The parameters of a launch. `None` if the request itself has them all.
pub fn params(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Option<Params> {
    let form = match (asked.service, asked.action) {
        ("ec2", "RequestSpotInstances") => Some(specified(asked.params)),
        ("ec2", "RunInstances") | ("autoscaling", "UpdateAutoScalingGroup") => on_template(model, caller, asked.params),
        ("autoscaling", "CreateAutoScalingGroup") => {
            on_template(model, caller, asked.params).or_else(|| like_instance(model, caller, asked.params))
        }
        ("autoscaling", "CreateLaunchConfiguration") => like_instance(model, caller, asked.params),
        _ => None,
    };
    form.map(Params::of_form)
}

/// The launch of each template that a fleet or a mixed instances policy names, including overrides.
pub fn of_templates(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<Params> {
    const NAMED: &str = "LaunchTemplateSpecification";
    match (asked.service, asked.action) {
        ("ec2", "CreateFleet" | "RequestSpotFleet")
        | ("autoscaling", "CreateAutoScalingGroup" | "UpdateAutoScalingGroup") => {}
        _ => return Vec::new(),
    }
    let place = |name: &str| name.split_once(&format!(".{NAMED}.")).map(|(place, _)| format!("{place}.{NAMED}"));
    let places: BTreeSet<String> = asked.params.sent().filter_map(|(name, _)| place(name)).collect();
    let said = |place: String| {
        let of = |name: &str| asked.params.value(&format!("{place}.{name}"));
        let (id, name) = (of("LaunchTemplateId"), of("LaunchTemplateName"));
        let template = model.launch_template(&caller.scope, id, name).ok()?;
        let version = template.version(of("Version").unwrap_or("$Default")).ok()?;
        Some(Params::of_form(version.data.clone()))
    };
    places.into_iter().filter_map(said).collect()
}

fn form(params: &Params) -> LaunchForm {
    params.sent().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The specification in a Spot request, in place of a launch's own parameters.
fn specified(params: &Params) -> LaunchForm {
    let (mut all, mut inside) = (LaunchForm::new(), LaunchForm::new());
    for (name, value) in form(params) {
        match name.strip_prefix("LaunchSpecification.") {
            Some(name) => inside.insert(name.to_owned(), value),
            None => all.insert(name, value),
        };
    }
    all.extend(inside);
    all
}

/// A request's parameters over its template. A parameter without a value is ignored.
fn on_template(model: &Model, caller: &Caller, params: &Params) -> Option<LaunchForm> {
    let of_template = |name: &str| params.value(&format!("LaunchTemplate.{name}"));
    let (id, name) = (of_template("LaunchTemplateId"), of_template("LaunchTemplateName"));
    let template = model.launch_template(&caller.scope, id, name).ok()?;
    let version = template.version(of_template("Version").unwrap_or("$Default")).ok()?;
    let first = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let said = |name: &str| params.sent().any(|(sent, value)| !value.is_empty() && first(sent) == first(name));
    let mut all = form(params);
    all.retain(|name, _| said(name));
    all.extend(version.data.iter().filter(|(name, _)| !said(name)).map(|(name, value)| (name.clone(), value.clone())));
    Some(all)
}

/// The instance profile of a launch configuration or group that is made from an instance, if the request names none.
fn like_instance(model: &Model, caller: &Caller, params: &Params) -> Option<LaunchForm> {
    const PROFILE: &str = "IamInstanceProfile";
    let instance = model.instances.find(&caller.scope, params.value("InstanceId")?).ok()?;
    let profile = instance.options.profile.as_ref().filter(|_| params.value(PROFILE).is_none())?;
    let mut all = form(params);
    all.insert(PROFILE.to_owned(), profile.arn.clone());
    Some(all)
}
