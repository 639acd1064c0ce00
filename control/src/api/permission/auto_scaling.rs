//! The resources of a request to Auto Scaling: groups and launch configurations by name. A new one has no UUID yet, and
//! is asked for as `*:autoScalingGroupName/NAME`.

use super::Asked;
use super::fact::Fact;
use model::{Caller, Model};
use std::collections::BTreeSet;

/// The ARNs, each with what is known of it. Reading actions are asked for on `*`.
pub fn of(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<(String, Vec<Fact>)> {
    let value = |name: &str| asked.params.value(name);
    if asked.action.starts_with("Describe") {
        return vec![("*".to_owned(), Vec::new())];
    }
    if let (true, Some(name)) = (asked.action.contains("LaunchConfiguration"), value("LaunchConfigurationName")) {
        return vec![(launch_configuration(model, caller, name), Vec::new())];
    }
    let of_instance = || {
        let group = model.scaling_group_of(&caller.scope, value("InstanceId")?).ok()?;
        Some(group.name.as_str())
    };
    let tagged = asked.params.sent().filter(|(name, _)| name.starts_with("Tags.") && name.ends_with(".ResourceId"));
    let named: BTreeSet<&str> =
        value("AutoScalingGroupName").or_else(of_instance).into_iter().chain(tagged.map(|(_, value)| value)).collect();
    match named.is_empty() {
        true => vec![("*".to_owned(), Vec::new())],
        false => named.into_iter().map(|name| group(model, caller, name)).collect(),
    }
}

fn unmade(caller: &Caller, kind: &str, name: &str) -> String {
    let scope = &caller.scope;
    format!("arn:{}:autoscaling:{}:{}:{kind}:*:{kind}Name/{name}", scope.partition(), scope.region, scope.account)
}

fn launch_configuration(model: &Model, caller: &Caller, name: &str) -> String {
    let found = model.launch_configuration(&caller.scope, name);
    found.map_or_else(|_| unmade(caller, "launchConfiguration", name), |found| found.arn())
}

fn group(model: &Model, caller: &Caller, name: &str) -> (String, Vec<Fact>) {
    let Ok(group) = model.scaling_group(&caller.scope, name) else {
        return (unmade(caller, "autoScalingGroup", name), Vec::new());
    };
    let tags = group.tags.iter().flat_map(|(key, tag)| {
        let of = |prefix: &str| (format!("{prefix}:ResourceTag/{key}"), tag.value.clone());
        [of("aws"), of("autoscaling")]
    });
    (group.arn(), tags.collect())
}
