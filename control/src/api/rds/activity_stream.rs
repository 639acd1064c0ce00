//! Activity streams of clusters. They are stored and returned; nothing is sent.

use super::cluster::{THING, shown};
use super::resource_id;
use crate::api::action::{Actions, Change};
use crate::api::deployment::{one_of, said_over, text, unsaid};
use model::services::{Deployment, Error, Obstacle, Result};
use model::{Caller, Model};
use shapes::rds::{self, StartActivityStreamResponse, StopActivityStreamResponse};

/// The members of a cluster that describe its stream.
pub const TOLD: [&str; 4] =
    ["ActivityStreamKinesisStreamName", "ActivityStreamKmsKeyId", "ActivityStreamMode", "ActivityStreamStatus"];

pub fn actions(all: Actions) -> Actions {
    all.write(start).write(stop)
}

/// The cluster with an ARN, which must have a stream, or must have none.
fn cluster(model: &Model, caller: &Caller, arn: &str, streams: bool) -> Result<Deployment> {
    let row = model.deployment(&caller.scope, THING, arn)?;
    let is_streaming = shown(model, row).activity_stream_status.as_deref() == Some("started");
    match is_streaming == streams {
        true => Ok(row.clone()),
        false => {
            let why = Obstacle::Stream { word: if is_streaming { "started" } else { "stopped" } };
            Err(Error::State { thing: THING, name: row.name.clone(), why })
        }
    }
}

fn start(cx: Change, input: rds::StartActivityStreamRequest) -> Result<StartActivityStreamResponse> {
    let row = cluster(cx.model, cx.caller, &input.resource_arn, false)?;
    one_of("Mode", Some(&input.mode), &["sync", "async"])?;
    let stream = format!("aws-rds-das-{}", resource_id(&row).to_ascii_lowercase());
    let with = rds::DBCluster {
        activity_stream_kinesis_stream_name: text(&stream),
        activity_stream_kms_key_id: text(&input.kms_key_id),
        activity_stream_mode: text(&input.mode),
        activity_stream_status: text("started"),
        ..Default::default()
    };
    cx.model.set_deployment(&row.id, |settings| settings.told = said_over(&settings.told, &with));
    Ok(StartActivityStreamResponse {
        kms_key_id: Some(input.kms_key_id),
        kinesis_stream_name: Some(stream),
        status: text("starting"),
        mode: Some(input.mode),
        engine_native_audit_fields_included: input.engine_native_audit_fields_included,
        apply_immediately: input.apply_immediately,
    })
}

fn stop(cx: Change, input: rds::StopActivityStreamRequest) -> Result<StopActivityStreamResponse> {
    let row = cluster(cx.model, cx.caller, &input.resource_arn, true)?;
    let before = shown(cx.model, &row);
    cx.model.set_deployment(&row.id, |settings| settings.told = unsaid(&settings.told, &TOLD));
    Ok(StopActivityStreamResponse {
        kms_key_id: before.activity_stream_kms_key_id,
        kinesis_stream_name: before.activity_stream_kinesis_stream_name,
        status: text("stopping"),
    })
}
