//! The status of health checks. There are no checkers, so every check is successful.

use super::Result;
use crate::api::action::{Actions, View};
use crate::api::deployment::said;
use model::ZoneError;
use shapes::route53;

/// The Regions of the health checkers, with the address of one in each. The addresses are from a block for documentation.
const CHECKERS: [(&str, &str); 8] = [
    ("us-east-1", "192.0.2.1"),
    ("us-west-1", "192.0.2.2"),
    ("us-west-2", "192.0.2.3"),
    ("eu-west-1", "192.0.2.4"),
    ("ap-southeast-1", "192.0.2.5"),
    ("ap-southeast-2", "192.0.2.6"),
    ("ap-northeast-1", "192.0.2.7"),
    ("sa-east-1", "192.0.2.8"),
];

pub fn actions(all: Actions) -> Actions {
    all.read(status).read(last_failure).read(checkers)
}

fn status(cx: View, input: route53::GetHealthCheckStatusRequest) -> Result<route53::GetHealthCheckStatusResponse> {
    let check = cx.model.health_check(&cx.caller.scope.account, &input.health_check_id)?;
    let config: route53::HealthCheckConfig = said(&check.config);
    let words = match config.r#type.as_str() {
        "TCP" => "Success: TCP connection established",
        "CALCULATED" | "CLOUDWATCH_METRIC" | "RECOVERY_CONTROL" => {
            return Err(ZoneError::NoCheckers { kind: config.r#type }.into());
        }
        _ => "Success: HTTP Status Code 200, OK",
    };
    let wanted = |region: &str| config.regions.is_empty() || config.regions.iter().any(|name| name == region);
    let observation = |(region, address): &(&str, &str)| route53::HealthCheckObservation {
        region: Some((*region).to_owned()),
        ip_address: Some((*address).to_owned()),
        status_report: Some(route53::StatusReport {
            status: Some(words.to_owned()),
            checked_time: Some(cx.caller.now),
        }),
    };
    let checkers = CHECKERS.iter().filter(|(region, _)| wanted(region));
    Ok(route53::GetHealthCheckStatusResponse { health_check_observations: checkers.map(observation).collect() })
}

/// No check has ever failed.
fn last_failure(
    cx: View,
    input: route53::GetHealthCheckLastFailureReasonRequest,
) -> Result<route53::GetHealthCheckLastFailureReasonResponse> {
    cx.model.health_check(&cx.caller.scope.account, &input.health_check_id)?;
    Ok(route53::GetHealthCheckLastFailureReasonResponse { health_check_observations: Vec::new().into() })
}

fn checkers(_: View, _: route53::GetCheckerIpRangesRequest) -> Result<route53::GetCheckerIpRangesResponse> {
    let ranges = CHECKERS.iter().map(|(_, address)| format!("{address}/32"));
    Ok(route53::GetCheckerIpRangesResponse { checker_ip_ranges: ranges.collect() })
}
