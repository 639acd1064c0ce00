//! Streams of log groups.

use super::{Error, Refusal, Result, paged};
use crate::api::action::{Actions, Change, View};
use model::logs::{LogStream, LogStreamOrder, name_in};
use shapes::{Paged, logs};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(delete).read(describe)
}

fn create(cx: Change, input: logs::CreateLogStreamRequest) -> Result<()> {
    let logs::CreateLogStreamRequest { log_group_name, log_stream_name } = input;
    Ok(cx.model.create_log_stream(cx.caller, &log_group_name, log_stream_name)?)
}

fn delete(cx: Change, input: logs::DeleteLogStreamRequest) -> Result<()> {
    let logs::DeleteLogStreamRequest { log_group_name, log_stream_name } = input;
    Ok(cx.model.delete_log_stream(&cx.caller.scope, &log_group_name, &log_stream_name)?)
}

fn describe(cx: View, input: logs::DescribeLogStreamsRequest) -> Result<Paged<logs::LogStream>> {
    let logs::DescribeLogStreamsRequest {
        log_group_name,
        log_group_identifier,
        log_stream_name_prefix: prefix,
        order_by,
        descending,
        page,
    } = input;
    let ((Some(identifier), None) | (None, Some(identifier))) = (log_group_name, log_group_identifier) else {
        return Err(Error::OneGroup);
    };
    let order = order_by.map(|word| LogStreamOrder::read("orderBy", &word)).transpose()?.unwrap_or_default();
    // Without log events the streams are in the same order by their times.
    if order == LogStreamOrder::LastEventTime && prefix.is_some() {
        return Err(Error::OrderOfPrefix);
    }
    let scope = &cx.caller.scope;
    let group = cx.model.log_group(scope, name_in(scope, &identifier).ok_or(Refusal::NoGroup {})?)?;
    let fits = |row: &&LogStream| prefix.as_ref().is_none_or(|prefix| row.name.starts_with(prefix));
    let wanted = cx.model.log_streams_of(group).filter(fits);
    let found = paged(page, wanted, |row| row.name.as_str(), descending == Some(true))?;
    Ok(found.map(shown))
}

fn shown(row: &LogStream) -> logs::LogStream {
    logs::LogStream {
        log_stream_name: Some(row.name.clone()),
        creation_time: Some(super::milliseconds(row.created)),
        arn: Some(row.id.clone()),
        stored_bytes: Some(0),
        ..Default::default()
    }
}
