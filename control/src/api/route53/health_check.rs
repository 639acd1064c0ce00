//! Health checks.

use super::{Result, paged};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{said, said_over};
use model::{HealthCheck, ZoneError};
use serde_json::Value as Json;
use shapes::{List, route53};

/// The types of health checks that check an endpoint.
const OF_ENDPOINTS: [&str; 5] = ["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"];
/// The other types.
const OTHERS: [&str; 3] = ["CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"];
/// The elements that can be reset to their defaults (Route 53's reference, `ResettableElementName`).
const RESETTABLE: [&str; 4] = ["ChildHealthChecks", "FullyQualifiedDomainName", "Regions", "ResourcePath"];

/// The fewest Regions from which an endpoint is checked.
const LEAST_REGIONS: usize = 3;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(get).read(list).read(count).write(update).write(delete)
}

/// A health check's configuration, completed by the defaults.
fn whole(config: route53::HealthCheckConfig) -> Result<route53::HealthCheckConfig> {
    let kind = config.r#type.clone();
    let of_endpoint = OF_ENDPOINTS.contains(&kind.as_str());
    if !of_endpoint && !OTHERS.contains(&kind.as_str()) {
        return Err(ZoneError::NoHealthCheckType { kind }.into());
    }
    if of_endpoint && let Some(wrong) = fault_of_endpoint(&config) {
        return Err(wrong.into());
    }
    let port = match kind.as_str() {
        "HTTP" | "HTTP_STR_MATCH" => Some(80),
        "HTTPS" | "HTTPS_STR_MATCH" => Some(443),
        _ => None,
    };
    let usual = route53::HealthCheckConfig {
        port: config.port.or(port),
        inverted: config.inverted.or(Some(false)),
        disabled: config.disabled.or(Some(false)),
        ..config
    };
    Ok(match of_endpoint {
        false => usual,
        true => route53::HealthCheckConfig {
            request_interval: usual.request_interval.or(Some(30)),
            failure_threshold: usual.failure_threshold.or(Some(3)),
            measure_latency: usual.measure_latency.or(Some(false)),
            enable_sni: usual.enable_sni.or(Some(kind.starts_with("HTTPS"))),
            ..usual
        },
    })
}

/// The fault of a health check of an endpoint.
fn fault_of_endpoint(config: &route53::HealthCheckConfig) -> Option<ZoneError> {
    let is_port = |port: i32| (1..=65_535).contains(&port);
    let regions = &config.regions;
    Some(match () {
        () if config.ip_address.is_none() && config.fully_qualified_domain_name.is_none() => ZoneError::NoEndpoint {},
        () if config.r#type == "TCP" && config.port.is_none() => ZoneError::NoPort {},
        () if config.port.is_some_and(|port| !is_port(port)) => ZoneError::BadPort {},
        () if config.r#type.ends_with("_STR_MATCH") && config.search_string.is_none() => ZoneError::NoSearchString {},
        () if config.request_interval.is_some_and(|seconds| ![10, 30].contains(&seconds)) => ZoneError::BadInterval {},
        () if !regions.is_empty() && regions.len() < LEAST_REGIONS => ZoneError::TooFewRegions {},
        () => return None,
    })
}

fn shown(check: &HealthCheck) -> route53::HealthCheck {
    route53::HealthCheck {
        id: check.id.clone(),
        caller_reference: check.reference.clone(),
        health_check_config: said(&check.config),
        health_check_version: check.version,
        ..route53::HealthCheck::default()
    }
}

fn create(cx: Change, input: route53::CreateHealthCheckRequest) -> Result<route53::CreateHealthCheckResponse> {
    let route53::CreateHealthCheckRequest { caller_reference, health_check_config } = input;
    let config = said_over("", &whole(health_check_config)?);
    let made = cx.model.create_health_check(cx.caller, caller_reference, config)?;
    Ok(route53::CreateHealthCheckResponse { health_check: shown(&made) })
}

fn get(cx: View, input: route53::GetHealthCheckRequest) -> Result<route53::GetHealthCheckResponse> {
    let health_check = shown(cx.model.health_check(&cx.caller.scope.account, &input.health_check_id)?);
    Ok(route53::GetHealthCheckResponse { health_check })
}

fn list(cx: View, input: route53::ListHealthChecksRequest) -> Result<route53::ListHealthChecksResponse> {
    let page = input.page;
    let (health_checks, next, max_items) = paged(&page, cx.model.health_checks_of(&cx.caller.scope.account), shown)?;
    Ok(route53::ListHealthChecksResponse {
        health_checks,
        marker: page.token,
        is_truncated: next.is_some(),
        next_marker: next,
        max_items,
    })
}

fn count(cx: View, _: route53::GetHealthCheckCountRequest) -> Result<route53::GetHealthCheckCountResponse> {
    let count = cx.model.health_checks_of(&cx.caller.scope.account).count();
    Ok(route53::GetHealthCheckCountResponse { health_check_count: i64::try_from(count).unwrap_or(i64::MAX) })
}

/// The members of the request that are a configuration's have the same names there.
fn update(cx: Change, mut input: route53::UpdateHealthCheckRequest) -> Result<route53::UpdateHealthCheckResponse> {
    if let Some(other) = input.reset_elements.iter().find(|name| !RESETTABLE.contains(&name.as_str())) {
        return Err(ZoneError::NotResettable { element: other.clone() }.into());
    }
    // An empty list changes nothing.
    input.child_health_checks = input.child_health_checks.unless_empty();
    input.regions = input.regions.unless_empty();
    let before = &cx.model.health_check(&cx.caller.scope.account, &input.health_check_id)?.config;
    let changed = without(&said_over(before, &input), &input.reset_elements);
    let config = said_over("", &whole(said(&changed))?);
    let changed =
        cx.model.update_health_check(cx.caller, &input.health_check_id, input.health_check_version, config)?;
    Ok(route53::UpdateHealthCheckResponse { health_check: shown(&changed) })
}

/// The configuration without these elements.
fn without(config: &str, elements: &List<String>) -> String {
    let mut all: Json = serde_json::from_str(config).unwrap_or_default();
    if let Some(members) = all.as_object_mut() {
        members.retain(|name, _| !elements.contains(name));
    }
    all.to_string()
}

fn delete(cx: Change, input: route53::DeleteHealthCheckRequest) -> Result<route53::DeleteHealthCheckResponse> {
    cx.model.delete_health_check(cx.caller, &input.health_check_id)?;
    Ok(route53::DeleteHealthCheckResponse {})
}
