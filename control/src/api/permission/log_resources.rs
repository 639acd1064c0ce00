//! CloudWatch Logs' resources and tags as policies see them.

use super::Asked;
use super::fact::{Fact, fact};
use model::logs::{group_arn, name_in, stream_arn};
use model::{Model, Scope};
use shapes::unescaped;

/// The ARN of the resource that a request names. A log group is asked about with the end of a stream's ARN, `:log-stream:`, which
/// policies match by `:*`, and by actions that take its ARN, as that.
pub fn named(scope: &Scope, asked: &Asked<'_>) -> String {
    let value = |name| asked.params.value(name);
    if let Some(arn) = value("resourceArn") {
        return arn.to_owned();
    }
    let identified = value("logGroupIdentifier").and_then(|identifier| name_in(scope, identifier));
    let group = value("logGroupName").or(identified).unwrap_or_default();
    stream_arn(scope, group, value("logStreamName").unwrap_or_default())
}

/// The ARN of the log group that a request makes with tags, for which its sender needs permission to tag it.
pub fn made_with_tags(scope: &Scope, asked: &Asked<'_>) -> Option<String> {
    let name = asked.params.value("logGroupName").filter(|_| asked.action == "CreateLogGroup")?;
    (!tags_given(asked).is_empty()).then(|| group_arn(scope, name))
}

/// The tags that a request sets, which are a map, and the keys of those that it removes.
pub fn tags_given(asked: &Asked<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, value) in asked.params.sent() {
        match name.split_once('.') {
            Some(("tagKeys", _)) => facts.push(fact("aws:TagKeys", value)),
            Some(("tags", _)) if asked.action == "UntagLogGroup" => facts.push(fact("aws:TagKeys", value)),
            Some(("tags", key)) => {
                let key = unescaped(key);
                facts.push(fact(&format!("aws:RequestTag/{key}"), value));
                facts.push(fact("aws:TagKeys", key));
            }
            _ => {}
        }
    }
    facts
}

/// What is known of a log group, or of the one that a stream is in, by the resource's ARN.
pub fn about(model: &Model, arn: &str) -> Vec<Fact> {
    let group = arn.split_once(":log-stream:").map_or(arn.trim_end_matches(":*"), |(group, _)| group);
    let tags = model.log_groups.get(group).into_iter().flat_map(|row| &row.tags);
    tags.map(|(key, value)| fact(&format!("aws:ResourceTag/{key}"), value)).collect()
}
