//! Exports of snapshots to S3. They are stored and returned; nothing is exported.

use super::filter;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::entry::{self, found, retold};
use model::services::{Error, Result, ServiceEntry, Thing, Wanted};
use model::{Model, Tags};
use shapes::rds;

const THING: Thing = Thing::ExportTask;

pub fn actions(all: Actions) -> Actions {
    all.write(start).read(describe).write(cancel)
}

fn start(cx: Change, input: rds::StartExportTaskMessage) -> Result<rds::ExportTask> {
    let source_arn = input.source_arn;
    let source_type = match Thing::of_arn(&source_arn) {
        Some((thing @ (Thing::DbSnapshot | Thing::DbClusterSnapshot), _)) => {
            cx.model.service_snapshot(&cx.caller.scope, thing, &source_arn)?;
            if thing == Thing::DbSnapshot { "SNAPSHOT" } else { "CLUSTER" }
        }
        Some((thing @ Thing::DbCluster, _)) => {
            cx.model.deployment(&cx.caller.scope, thing, &source_arn)?;
            "CLUSTER"
        }
        _ => return Err(Error::Value { name: "SourceArn", value: source_arn, why: Wanted::Arn {} }),
    };
    let task = rds::ExportTask {
        source_arn: Some(source_arn),
        export_only: input.export_only,
        snapshot_time: Some(cx.caller.now),
        task_start_time: Some(cx.caller.now),
        s3_bucket: Some(input.s3_bucket_name),
        s3_prefix: input.s3_prefix,
        iam_role_arn: Some(input.iam_role_arn),
        kms_key_id: Some(input.kms_key_id),
        status: text("complete"),
        percent_progress: Some(100),
        source_type: text(source_type),
        ..Default::default()
    };
    let entry = entry::create(cx.model, cx.caller, (THING, &input.export_task_identifier), &task, Tags::new())?;
    Ok(rds::ExportTask { status: text("starting"), percent_progress: Some(0), ..shown(&entry) })
}

fn missing(error: Error) -> Error {
    match error {
        Error::NotFound { thing: THING, name } => Error::NoTask { name },
        other => other,
    }
}

fn describe(cx: View, input: rds::DescribeExportTasksMessage) -> Result<Paged<rds::ExportTask>> {
    let rds::DescribeExportTasksMessage { export_task_identifier: name, source_arn, filters, page, source_type } =
        input;
    filter::check(&filters)?;
    let is_asked = |entry: &ServiceEntry| {
        let task = shown(entry);
        let has = |name: &str| match name {
            "export-task-identifier" => task.export_task_identifier.clone(),
            "s3-bucket" => task.s3_bucket.clone(),
            "source-arn" => task.source_arn.clone(),
            "status" => task.status.clone(),
            _ => None,
        };
        filter::pass(&filters, |name| has(name).into_iter().collect())
            && (source_arn.is_none() || source_arn == task.source_arn)
            && (source_type.is_none() || source_type == task.source_type)
    };
    Ok(found(cx.model, &cx.caller.scope, (THING, name), page, is_asked).map_err(missing)?.map(shown))
}

fn cancel(cx: Change, input: rds::CancelExportTaskMessage) -> Result<rds::ExportTask> {
    let named = (THING, input.export_task_identifier.as_str());
    let cancelled = |_: &Model, told: &mut rds::ExportTask| {
        told.status = text("canceled");
        Ok(())
    };
    Ok(shown(&retold(cx.model, &cx.caller.scope, named, cancelled).map_err(missing)?))
}

fn shown(entry: &ServiceEntry) -> rds::ExportTask {
    rds::ExportTask { export_task_identifier: text(&entry.name), ..entry::told(entry) }
}
