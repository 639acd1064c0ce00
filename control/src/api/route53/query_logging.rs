//! Query logging configurations.

use super::{Result, bare, paged};
use crate::api::action::{Actions, Change, View};
use model::{QueryLoggingConfig, ZoneError};
use shapes::route53;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(get).read(list).write(delete)
}

fn shown(config: &QueryLoggingConfig) -> route53::QueryLoggingConfig {
    route53::QueryLoggingConfig {
        id: config.id.clone(),
        hosted_zone_id: config.zone.clone(),
        cloud_watch_logs_log_group_arn: config.log_group.clone(),
    }
}

fn create(
    cx: Change,
    input: route53::CreateQueryLoggingConfigRequest,
) -> Result<route53::CreateQueryLoggingConfigResponse> {
    let route53::CreateQueryLoggingConfigRequest { hosted_zone_id, cloud_watch_logs_log_group_arn: group } = input;
    let made = cx.model.create_query_logging_config(cx.caller, bare(&hosted_zone_id), group)?;
    Ok(route53::CreateQueryLoggingConfigResponse { query_logging_config: shown(&made) })
}

fn get(cx: View, input: route53::GetQueryLoggingConfigRequest) -> Result<route53::GetQueryLoggingConfigResponse> {
    let query_logging_config = shown(cx.model.query_logging_config(&cx.caller.scope.account, &input.id)?);
    Ok(route53::GetQueryLoggingConfigResponse { query_logging_config })
}

fn list(
    View { model, caller }: View,
    input: route53::ListQueryLoggingConfigsRequest,
) -> Result<route53::ListQueryLoggingConfigsResponse> {
    let route53::ListQueryLoggingConfigsRequest { hosted_zone_id, page } = input;
    let account = &caller.scope.account;
    let zone = hosted_zone_id.as_deref().map(bare);
    zone.map(|zone| model.zone_of(account, zone)).transpose()?;
    if page.token.as_ref().is_some_and(|from| !from.is_empty() && model.query_logging_config(account, from).is_err()) {
        return Err(ZoneError::InvalidPaginationToken {}.into());
    }
    let own = model.query_logging_configs_of(account).filter(|config| zone.is_none_or(|zone| config.zone == zone));
    let (query_logging_configs, next_token, _) = paged(&page, own, shown)?;
    Ok(route53::ListQueryLoggingConfigsResponse { query_logging_configs, next_token })
}

fn delete(
    cx: Change,
    input: route53::DeleteQueryLoggingConfigRequest,
) -> Result<route53::DeleteQueryLoggingConfigResponse> {
    cx.model.delete_query_logging_config(cx.caller, &input.id)?;
    Ok(route53::DeleteQueryLoggingConfigResponse {})
}
