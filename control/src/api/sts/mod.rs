//! Security Token Service: clients (Ansible's modules, say) learn from it whose credentials they have.

use super::action::Actions;
use super::protocol::{ApiError, Dialect};
use super::service::Service;
use crate::model::{Caller, Model};
use shapes::{Fault, sts};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &sts::FACTS,
    dialect: Dialect::Query,
    oldest: sts::FACTS.version,
    actions: LazyLock::new(|| Actions::default().read(get_caller_identity)),
};

/// What the service refuses.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// A parameter is not as it must be.
    #[error("{0}")]
    Validation(#[from] Fault),
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        "ValidationError"
    }

    fn status(&self) -> u16 {
        400
    }
}

fn get_caller_identity(
    _: &Model,
    caller: &Caller,
    _: sts::GetCallerIdentityRequest,
) -> Result<sts::GetCallerIdentityResponse, Error> {
    let account = &caller.scope.account;
    Ok(sts::GetCallerIdentityResponse {
        user_id: Some(account.clone()),
        account: Some(account.clone()),
        arn: Some(format!("arn:aws:iam::{account}:root")),
    })
}
