//! The Data API of Aurora clusters, which can be switched on and off. Nothing answers at it.

use super::cluster::THING;
use super::cluster_settings::{has_data_api, known_engine};
use crate::api::action::{Actions, Change};
use crate::api::deployment::said_over;
use model::services::{Error, Result, Wanted};
use model::{Caller, Model};
use shapes::rds::{self, DisableHttpEndpointResponse, EnableHttpEndpointResponse};

pub fn actions(all: Actions) -> Actions {
    all.write(enable).write(disable)
}

/// Switches it on or off. Returns the cluster's ARN.
fn switch(model: &mut Model, caller: &Caller, arn: String, on: bool) -> Result<String> {
    let missing = |_| Error::NoResource { thing: THING, name: arn.clone() };
    let row = model.deployment(&caller.scope, THING, &arn).map_err(missing)?;
    if !has_data_api(known_engine(&row.engine)?, Some(&row.settings.version)) {
        return Err(Error::Value { name: "ResourceArn", value: arn, why: Wanted::DataApi {} });
    }
    let id = row.id.clone();
    let with = rds::DBCluster { http_endpoint_enabled: Some(on), ..Default::default() };
    model.set_deployment(&id, |settings| settings.told = said_over(&settings.told, &with));
    Ok(id)
}

fn enable(cx: Change, input: rds::EnableHttpEndpointRequest) -> Result<EnableHttpEndpointResponse> {
    let arn = switch(cx.model, cx.caller, input.resource_arn, true)?;
    Ok(EnableHttpEndpointResponse { resource_arn: Some(arn), http_endpoint_enabled: Some(true) })
}

fn disable(cx: Change, input: rds::DisableHttpEndpointRequest) -> Result<DisableHttpEndpointResponse> {
    let arn = switch(cx.model, cx.caller, input.resource_arn, false)?;
    Ok(DisableHttpEndpointResponse { resource_arn: Some(arn), http_endpoint_enabled: Some(false) })
}
