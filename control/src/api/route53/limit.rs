//! Quotas, and how much of each is used.

use super::{Result, bare};
use crate::api::action::{Actions, View};
use model::{MOST_RECORDS, MOST_TRAFFIC_POLICIES, MOST_TRAFFIC_POLICY_INSTANCES, ZoneError};
use shapes::route53;

/// The most hosted zones of an account (a quota of Route 53; here there may be more).
const ZONES: i64 = 500;
/// The most VPCs that a zone is associated with (likewise).
const VPCS: i64 = 300;

pub fn actions(all: Actions) -> Actions {
    all.read(of_zone).read(of_account)
}

fn of_zone(cx: View, input: route53::GetHostedZoneLimitRequest) -> Result<route53::GetHostedZoneLimitResponse> {
    let route53::GetHostedZoneLimitRequest { r#type, hosted_zone_id } = input;
    let zone = cx.model.zone_of(&cx.caller.scope.account, bare(&hosted_zone_id))?;
    let (value, used) = match r#type.as_str() {
        "MAX_RRSETS_BY_ZONE" => (number(MOST_RECORDS), zone.listed_count()),
        "MAX_VPCS_ASSOCIATED_BY_ZONE" if zone.private => (VPCS, zone.vpcs.len()),
        "MAX_VPCS_ASSOCIATED_BY_ZONE" => return Err(ZoneError::HostedZoneNotPrivate { id: zone.id.clone() }.into()),
        other => return Err(unknown(other).into()),
    };
    let limit = route53::HostedZoneLimit { r#type, value };
    Ok(route53::GetHostedZoneLimitResponse { limit, count: number(used) })
}

fn of_account(cx: View, input: route53::GetAccountLimitRequest) -> Result<route53::GetAccountLimitResponse> {
    let route53::GetAccountLimitRequest { r#type } = input;
    let checks = cx.model.health_checks_of(&cx.caller.scope.account).count();
    let (value, used) = match r#type.as_str() {
        "MAX_HOSTED_ZONES_BY_OWNER" => (ZONES, cx.model.zones_of(&cx.caller.scope.account).len()),
        "MAX_HEALTH_CHECKS_BY_OWNER" => (200, checks),
        "MAX_REUSABLE_DELEGATION_SETS_BY_OWNER" => (100, cx.model.delegation_sets_of(&cx.caller.scope.account).count()),
        "MAX_TRAFFIC_POLICIES_BY_OWNER" => {
            (number(MOST_TRAFFIC_POLICIES), cx.model.traffic_policies_of(&cx.caller.scope.account).count())
        }
        "MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER" => {
            let own = cx.model.traffic_policy_instances_of(&cx.caller.scope.account);
            (number(MOST_TRAFFIC_POLICY_INSTANCES), own.len())
        }
        other => return Err(unknown(other).into()),
    };
    let limit = route53::AccountLimit { r#type, value };
    Ok(route53::GetAccountLimitResponse { limit, count: number(used) })
}

pub(super) fn unknown(limit: &str) -> ZoneError {
    ZoneError::NoLimitType { kind: limit.to_owned() }
}

pub(super) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
