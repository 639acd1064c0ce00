//! The log files of DB instances. Every server has one, which is empty.

use super::filter;
use crate::api::action::{Actions, View};
use crate::api::deployment::{Paged, paged, text};
use model::services::{Error, Result, Thing};
use shapes::rds::{self, DownloadDBLogFilePortionDetails};

pub fn actions(all: Actions) -> Actions {
    all.read(describe).read(download)
}

/// The name of an engine's log.
fn log_of(engine: &str) -> &'static str {
    match engine {
        "postgres" | "aurora-postgresql" => "error/postgres.log",
        name if name.starts_with("oracle") => "trace/alert_ORCL.log",
        name if name.starts_with("sqlserver") => "log/ERROR",
        _ => "error/mysql-error.log",
    }
}

/// The types of logs that an engine can export ("Publishing database logs to Amazon CloudWatch Logs", RDS user guide).
pub fn exportable(engine: &str) -> &'static [&'static str] {
    match engine {
        "postgres" => &["postgresql", "upgrade"],
        "aurora-postgresql" => &["postgresql"],
        name if name.starts_with("oracle") => &["alert", "audit", "listener", "trace"],
        name if name.starts_with("sqlserver") => &["agent", "error"],
        _ => &["audit", "error", "general", "slowquery"],
    }
}

fn describe(cx: View, input: rds::DescribeDBLogFilesMessage) -> Result<Paged<rds::DescribeDBLogFilesDetails>> {
    filter::check(&input.filters)?;
    let row = cx.model.deployment(&cx.caller.scope, Thing::DbInstance, &input.db_instance_identifier)?;
    let log = log_of(&row.engine);
    let written = i64::try_from(row.created.0).ok();
    let is_asked = input.filename_contains.is_none_or(|part| log.contains(&part))
        && input.file_last_written.is_none_or(|since| written >= Some(since))
        && input.file_size.is_none_or(|least| least < 0);
    let file =
        |log: &str| rds::DescribeDBLogFilesDetails { log_file_name: text(log), last_written: written, size: Some(0) };
    Ok(paged(input.page, Vec::from_iter(is_asked.then_some(log)), |log: &&str| log)?.map(file))
}

fn download(cx: View, input: rds::DownloadDBLogFilePortionMessage) -> Result<DownloadDBLogFilePortionDetails> {
    let rds::DownloadDBLogFilePortionMessage { db_instance_identifier, log_file_name: name } = input;
    let row = cx.model.deployment(&cx.caller.scope, Thing::DbInstance, &db_instance_identifier)?;
    if name != log_of(&row.engine) {
        return Err(Error::Absent { code: "DBLogFileNotFoundFault", name });
    }
    Ok(DownloadDBLogFilePortionDetails {
        log_file_data: text(""),
        marker: text("0"),
        additional_data_pending: Some(false),
    })
}
