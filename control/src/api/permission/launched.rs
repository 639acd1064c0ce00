//! The parameters of a launch. Permission is asked for those of its template, its specification or its model instance
//! as if they were in the request.

use super::Asked;
use crate::api::{Params, image_alias};
use model::{Caller, LaunchForm, Model};
use std::collections::{BTreeMap, BTreeSet};

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
    form.map(of_form)
}

/// The parameters of a launch that is kept.
fn of_form(form: LaunchForm) -> Params {
    let mut params = Params::of_form(form);
    image_alias::read(&mut params);
    params
}

/// Whether a launch names the resource with an ARN itself, so that it is not its template's.
pub fn names(sent: &Params, arn: &str) -> bool {
    let (kind, called) = arn.rsplit_once('/').unwrap_or_default();
    sent.sent().any(|(name, value)| match kind.rsplit(':').next() {
        // A group can be named by its name, too. Groups in the request replace those of the template.
        Some("security-group") => name.contains("SecurityGroup"),
        _ => value == called && !name.starts_with("LaunchTemplate."),
    })
}

/// The launches that are parts of a request: each specification of a Spot fleet, and each template that a fleet, a
/// mixed instances policy, an override or a refresh names. A launch's own template is not one: [`params`] has it.
pub fn parts(model: &Model, caller: &Caller, params: &Params) -> Vec<Params> {
    let mut specifications: BTreeMap<&str, LaunchForm> = BTreeMap::new();
    let mut templates = BTreeSet::new();
    for (name, value) in params.sent() {
        let inside = name.strip_prefix("SpotFleetRequestConfig.LaunchSpecifications.");
        if let Some((number, member)) = inside.and_then(|rest| rest.split_once('.')) {
            specifications.entry(number).or_default().insert(member.to_owned(), value.to_owned());
        }
        if let Some((place, "LaunchTemplateId" | "LaunchTemplateName")) = name.rsplit_once('.') {
            templates.insert(place);
        }
    }
    let templates = templates.into_iter().filter(|place| *place != "LaunchTemplate");
    let of_templates = templates.filter_map(|place| template(model, caller, params, place).cloned());
    specifications.into_values().chain(of_templates).map(of_form).collect()
}

/// The parameters of the launch template that a request names in a structure.
fn template<'m>(model: &'m Model, caller: &Caller, params: &Params, structure: &str) -> Option<&'m LaunchForm> {
    let value = |name: &str| params.value(&format!("{structure}.{name}"));
    let template = model.launch_template(&caller.scope, value("LaunchTemplateId"), value("LaunchTemplateName")).ok()?;
    let version = template.version(value("Version").unwrap_or("$Default")).ok()?;
    Some(&version.data)
}

/// The specification in a Spot request, in place of a launch's own parameters.
fn specified(params: &Params) -> LaunchForm {
    let (mut all, mut inside) = (LaunchForm::new(), LaunchForm::new());
    for (name, value) in params.all() {
        match name.strip_prefix("LaunchSpecification.") {
            Some(name) => inside.insert(name.to_owned(), value),
            None => all.insert(name, value),
        };
    }
    all.extend(inside);
    all
}

/// A request's parameters, and those of its template that the request does not have. A parameter without a value counts
/// as absent.
fn on_template(model: &Model, caller: &Caller, params: &Params) -> Option<LaunchForm> {
    let template = template(model, caller, params, "LaunchTemplate")?;
    let first = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let is_sent = |name: &str| params.sent().any(|(sent, value)| !value.is_empty() && first(sent) == first(name));
    let mut all = params.all();
    all.retain(|name, _| is_sent(name));
    all.extend(template.iter().filter(|(name, _)| !is_sent(name)).map(|(name, value)| (name.clone(), value.clone())));
    Some(all)
}

/// The instance profile of a launch configuration or group that is made from an instance, if the request names none.
fn like_instance(model: &Model, caller: &Caller, params: &Params) -> Option<LaunchForm> {
    const PROFILE: &str = "IamInstanceProfile";
    let instance = model.instances.find(&caller.scope, params.value("InstanceId")?).ok()?;
    let profile = instance.options.profile.as_ref().filter(|_| params.value(PROFILE).is_none())?;
    let mut all = params.all();
    all.insert(PROFILE.to_owned(), profile.arn.clone());
    Some(all)
}
