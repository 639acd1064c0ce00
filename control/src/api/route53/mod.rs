//! Route 53: hosted zones and their records.

mod delegation_set;
mod health_check;
mod health_status;
mod hosted_zone;
mod limit;
mod query_logging;
mod record_set;
mod tags;
mod test_answer;
mod traffic_policy;
mod vpc_association;

pub use record_set::record_set_of;

use super::action::Actions;
use super::protocol::{ApiError, Dialect, ServiceError};
use super::service::Service;
use model::{Caller, Model, Row, ZoneError};
use shapes::{Fault, route53};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &route53::FACTS,
    dialect: Dialect::RestXml,
    oldest: route53::FACTS.version,
    actions: LazyLock::new(|| {
        Actions::of(&[
            delegation_set::actions,
            health_check::actions,
            health_status::actions,
            hosted_zone::actions,
            limit::actions,
            query_logging::actions,
            record_set::actions,
            tags::actions,
            test_answer::actions,
            traffic_policy::actions,
            vpc_association::actions,
        ])
    }),
};

/// The service's errors.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// A parameter is invalid.
    #[error("{0}")]
    Input(#[from] Fault),
    /// The model refuses it.
    #[error(transparent)]
    Zone(#[from] ZoneError),
}

impl ServiceError for Error {
    fn of_parameter(fault: Fault) -> Error {
        fault.into()
    }
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        let Error::Zone(error) = self else { return "InvalidInput" };
        match error {
            ZoneError::NoSuchHostedZone { .. } => "NoSuchHostedZone",
            ZoneError::HostedZoneAlreadyExists => "HostedZoneAlreadyExists",
            ZoneError::InvalidDomainName { .. } => "InvalidDomainName",
            ZoneError::HostedZoneNotEmpty => "HostedZoneNotEmpty",
            ZoneError::InvalidVpcId { .. } => "InvalidVPCId",
            ZoneError::NotAuthorized { .. } => "NotAuthorizedException",
            ZoneError::PublicZoneVpcAssociation => "PublicZoneVPCAssociation",
            ZoneError::ConflictingDomainExists { .. } | ZoneError::ConflictingDelegation { .. } => {
                "ConflictingDomainExists"
            }
            ZoneError::VpcAssociationNotFound { .. } => "VPCAssociationNotFound",
            ZoneError::VpcAssociationAuthorizationNotFound { .. } => "VPCAssociationAuthorizationNotFound",
            ZoneError::LastVpcAssociation => "LastVPCAssociation",
            ZoneError::InvalidChangeBatch(_) => "InvalidChangeBatch",
            ZoneError::NoSuchChange { .. } => "NoSuchChange",
            ZoneError::HostedZoneNotPrivate { .. } => "HostedZoneNotPrivate",
            ZoneError::NoSuchHealthCheck { .. } => "NoSuchHealthCheck",
            ZoneError::HealthCheckAlreadyExists => "HealthCheckAlreadyExists",
            ZoneError::HealthCheckVersionMismatch { .. } => "HealthCheckVersionMismatch",
            ZoneError::NoSuchDelegationSet { .. } => "NoSuchDelegationSet",
            ZoneError::DelegationSetAlreadyCreated => "DelegationSetAlreadyCreated",
            ZoneError::DelegationSetInUse => "DelegationSetInUse",
            ZoneError::NoSuchQueryLoggingConfig => "NoSuchQueryLoggingConfig",
            ZoneError::QueryLoggingConfigAlreadyExists => "QueryLoggingConfigAlreadyExists",
            ZoneError::InvalidPaginationToken => "InvalidPaginationToken",
            ZoneError::NoSuchTrafficPolicy => "NoSuchTrafficPolicy",
            ZoneError::TrafficPolicyAlreadyExists { .. } => "TrafficPolicyAlreadyExists",
            ZoneError::InvalidTrafficPolicyDocument { .. } => "InvalidTrafficPolicyDocument",
            ZoneError::TooManyTrafficPolicies => "TooManyTrafficPolicies",
            ZoneError::TooManyTrafficPolicyVersions => "TooManyTrafficPolicyVersionsForCurrentPolicy",
            ZoneError::BadLogGroup
            | ZoneError::PrivateZoneDelegated
            | ZoneError::PrivateZoneLogged { .. }
            | ZoneError::InvalidInput(_) => "InvalidInput",
        }
    }

    fn status(&self) -> u16 {
        match self {
            Error::Zone(error) => match error {
                ZoneError::NoSuchHostedZone { .. }
                | ZoneError::NoSuchChange { .. }
                | ZoneError::NoSuchHealthCheck { .. }
                | ZoneError::NoSuchQueryLoggingConfig
                | ZoneError::NoSuchTrafficPolicy
                | ZoneError::VpcAssociationNotFound { .. }
                | ZoneError::VpcAssociationAuthorizationNotFound { .. } => 404,
                ZoneError::HostedZoneAlreadyExists
                | ZoneError::HealthCheckAlreadyExists
                | ZoneError::QueryLoggingConfigAlreadyExists
                | ZoneError::TrafficPolicyAlreadyExists { .. }
                | ZoneError::HealthCheckVersionMismatch { .. } => 409,
                ZoneError::NotAuthorized { .. } => 401,
                _ => 400,
            },
            Error::Input(_) => 400,
        }
    }
}

type Result<T> = std::result::Result<T, Error>;

/// An id without the path that clients may send before it: `/hostedzone/Z1`.
fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// The size of a page: the requested one, limited to the largest.
fn size(asked: Option<&str>, most: usize) -> Result<usize> {
    let Some(asked) = asked else { return Ok(most) };
    let size = asked.parse().ok().filter(|size| *size > 0);
    let size: usize = size.ok_or_else(|| ZoneError::InvalidInput(format!("{asked} is not a number of items")))?;
    Ok(size.min(most))
}

/// A page of rows, which are sorted by id, and the id with which the next page begins.
fn paged<'r, R: Row + 'r>(rows: impl Iterator<Item = &'r R>, size: usize) -> (Vec<&'r R>, Option<String>) {
    let mut rows: Vec<&R> = rows.take(size + 1).collect();
    let next = if rows.len() > size { rows.pop().map(|row| row.id().to_owned()) } else { None };
    (rows, next)
}

/// A change made by this request. It is in force when the reply is sent.
fn change(model: &Model, caller: &Caller, comment: Option<String>) -> route53::ChangeInfo {
    route53::ChangeInfo {
        id: format!("/change/{}", model.zone_change_id(caller.now)),
        status: "INSYNC".into(),
        submitted_at: caller.now,
        comment,
    }
}
