//! Security Token Service: whose credentials a client has, and credentials for a while.

mod session;

use super::action::Actions;
use super::permission::{BadMessage, open};
use super::protocol::{ApiError, Dialect};
use super::service::Service;
use model::{Caller, Model};
use policy::PolicyError;
use shapes::{Fault, sts};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &sts::FACTS,
    dialect: Dialect::Query,
    oldest: sts::FACTS.version,
    actions: LazyLock::new(|| {
        let all =
            Actions::default().read(get_caller_identity).read(get_access_key_info).read(decode_authorization_message);
        session::actions(all)
    }),
};

/// What the service refuses.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// A parameter is not as it must be.
    #[error("{0}")]
    Validation(#[from] Fault),
    /// A duration is none that this caller can have.
    #[error("The requested DurationSeconds must be from 900 to {most}.")]
    Duration {
        /// The most.
        most: u64,
    },
    /// A session's name is none.
    #[error("A RoleSessionName has 2 to 64 letters, digits and the characters =,.@_-.")]
    SessionName,
    /// A session's policy is too long.
    #[error(
        "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to {most}"
    )]
    PolicyLength {
        /// The most characters.
        most: usize,
    },
    /// A session's policy cannot be read.
    #[error("The policy cannot be read: {0}")]
    Policy(#[from] PolicyError),
    /// Temporary credentials give no other ones.
    #[error("Cannot call GetSessionToken with session credentials")]
    FromSession,
    /// A key is nobody's.
    #[error("The access key {0} does not exist.")]
    NoSuchKey(String),
    /// A message cannot be opened.
    #[error(transparent)]
    Message(#[from] BadMessage),
    /// The machine gives no random numbers.
    #[error("No secret can be made: {0}")]
    NoSecret(#[from] getrandom::Error),
}

type Result<T> = std::result::Result<T, Error>;

impl ApiError for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::Validation(_)
            | Error::Duration { .. }
            | Error::SessionName
            | Error::PolicyLength { .. }
            | Error::NoSuchKey(_) => "ValidationError",
            Error::Policy(_) => "MalformedPolicyDocument",
            Error::FromSession => "AccessDenied",
            Error::Message(_) => "InvalidAuthorizationMessageException",
            Error::NoSecret(_) => "InternalFailure",
        }
    }

    fn status(&self) -> u16 {
        match self {
            Error::FromSession => 403,
            Error::NoSecret(_) => 500,
            _ => 400,
        }
    }
}

fn get_caller_identity(
    model: &Model,
    caller: &Caller,
    _: sts::GetCallerIdentityRequest,
) -> Result<sts::GetCallerIdentityResponse> {
    let account = &caller.scope.account;
    Ok(sts::GetCallerIdentityResponse {
        user_id: Some(caller.principal.user_id(model, account)),
        account: Some(account.clone()),
        arn: caller.principal.arns(model, account).into_iter().next(),
    })
}

fn get_access_key_info(
    model: &Model,
    _: &Caller,
    input: sts::GetAccessKeyInfoRequest,
) -> Result<sts::GetAccessKeyInfoResponse> {
    let id = input.access_key_id;
    let key = model.access_keys.get(&id).map(|key| &key.account);
    let account = key.or_else(|| model.sessions.get(&id).map(|session| &session.account));
    let account = account.cloned().ok_or(Error::NoSuchKey(id))?;
    Ok(sts::GetAccessKeyInfoResponse { account: Some(account) })
}

fn decode_authorization_message(
    _: &Model,
    caller: &Caller,
    input: sts::DecodeAuthorizationMessageRequest,
) -> Result<sts::DecodeAuthorizationMessageResponse> {
    let decoded_message = Some(open(&caller.scope.account, &input.encoded_message)?);
    Ok(sts::DecodeAuthorizationMessageResponse { decoded_message })
}
