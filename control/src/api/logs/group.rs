//! Log groups.

use super::{Error, Result, paged};
use crate::api::action::{Actions, Change, View};
use model::logs::{LogGroup, LogGroupClass, NewLogGroup, name_in};
use shapes::{Paged, logs};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(delete).read(describe)
}

fn class(word: Option<String>) -> Result<Option<LogGroupClass>> {
    Ok(word.map(|word| LogGroupClass::read("logGroupClass", &word)).transpose()?)
}

fn create(cx: Change, input: logs::CreateLogGroupRequest) -> Result<()> {
    let logs::CreateLogGroupRequest { log_group_name, kms_key_id, tags, log_group_class, deletion_protection_enabled } =
        input;
    let new = NewLogGroup {
        name: log_group_name,
        class: class(log_group_class)?.unwrap_or_default(),
        key: kms_key_id,
        protected: deletion_protection_enabled == Some(true),
        tags: super::tags::sent(&tags),
    };
    Ok(cx.model.create_log_group(cx.caller, new)?)
}

fn delete(cx: Change, input: logs::DeleteLogGroupRequest) -> Result<()> {
    Ok(cx.model.delete_log_group(&cx.caller.scope, &input.log_group_name)?)
}

fn describe(cx: View, input: logs::DescribeLogGroupsRequest) -> Result<Paged<logs::LogGroup>> {
    let logs::DescribeLogGroupsRequest {
        log_group_name_prefix: prefix,
        log_group_name_pattern: pattern,
        page,
        log_group_class,
        log_group_identifiers: identifiers,
    } = input;
    if prefix.is_some() && pattern.is_some() {
        return Err(Error::PrefixAndPattern);
    }
    let (scope, wanted) = (&cx.caller.scope, class(log_group_class)?);
    let names: Vec<&str> = identifiers.iter().filter_map(|identifier| name_in(scope, identifier)).collect();
    let fits = |row: &&LogGroup| {
        prefix.as_ref().is_none_or(|prefix| row.name.starts_with(prefix))
            && pattern.as_ref().is_none_or(|pattern| row.name.contains(pattern))
            && wanted.is_none_or(|wanted| is_listed(row.class, wanted))
            && (identifiers.is_empty() || names.contains(&row.name.as_str()))
    };
    let found = paged(page, cx.model.log_groups_of(scope).filter(fits), |row| row.name.as_str(), false)?;
    Ok(found.map(shown))
}

/// Whether a list of one class has log groups of another. The classes with fewer features are listed together.
fn is_listed(class: LogGroupClass, wanted: LogGroupClass) -> bool {
    let has_fewer = |class| matches!(class, LogGroupClass::InfrequentAccess | LogGroupClass::Essentials);
    class == wanted || (has_fewer(class) && has_fewer(wanted))
}

fn shown(row: &LogGroup) -> logs::LogGroup {
    logs::LogGroup {
        log_group_name: Some(row.name.clone()),
        creation_time: Some(super::milliseconds(row.created)),
        retention_in_days: row.retention,
        metric_filter_count: Some(0),
        arn: Some(format!("{}:*", row.id)),
        stored_bytes: Some(0),
        kms_key_id: row.key.clone(),
        log_group_class: Some(row.class.word().to_owned()),
        log_group_arn: Some(row.id.clone()),
        deletion_protection_enabled: Some(row.protected),
        ..Default::default()
    }
}
