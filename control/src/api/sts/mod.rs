//! Security Token Service: temporary credentials, and the identity behind credentials.

mod federation;
mod mfa;
mod saml;
mod session;
mod session_policy;
mod web_identity;

use super::action::{Actions, View};
use super::credentials::account_of_unknown;
use super::permission::{BadMessage, open};
use super::protocol::{ApiError, Dialect, ServiceError};
use super::service::Service;
use model::iam::{Error as Refused, Rule};
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
        saml::actions(web_identity::actions(session::actions(all)))
    }),
};

/// Why a provider's token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TokenFault {
    /// It is not a JSON web token.
    #[error("The ID Token provided is not a valid JWT.")]
    NoJwt,
    /// It is not a SAML response.
    #[error("Your request included an invalid SAML response.")]
    NoSaml,
    /// The account has no provider of OpenID Connect that issues it.
    #[error("No OpenIDConnect provider found in your account for https://{0}")]
    NoIssuer(String),
    /// The account has no such SAML provider.
    #[error("There is no SAML provider {0}")]
    NoSamlProvider(String),
    /// It is for none of the provider's clients.
    #[error("Incorrect token audience")]
    Audience,
    /// It cannot be verified, and tokens have to be.
    #[error("The signature of the token cannot be verified by this platform.")]
    Unverifiable,
}

/// The service's errors.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter is invalid.
    #[error("{0}")]
    Validation(#[from] Fault),
    /// A session would last longer than its role allows.
    #[error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")]
    LongerThanRole,
    /// A session that is begun by a role's session (role chaining) would last longer than an hour.
    #[error("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")]
    LongerThanChained,
    /// The session policies together are too large, in per cent of the largest.
    #[error(
        "Serialized token too large for session: the session policies are {0} per cent of the most that is allowed."
    )]
    PackedTooLarge(i32),
    /// The source identity of a session would change in a session that it begins.
    #[error("The source identity of this session is {0}, and sessions that it begins cannot have another.")]
    SourceHeld(String),
    /// A serial number comes without a code, or a code without a serial number.
    #[error("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")]
    HalfOfMfa,
    /// The sender does not have the MFA device.
    #[error(
        "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid and associated with this user."
    )]
    NoMfaDevice,
    /// A session policy is malformed.
    #[error("The policy cannot be read: {0}")]
    Policy(#[from] PolicyError),
    /// The model refuses it.
    #[error(transparent)]
    Model(#[from] Refused),
    /// The value is not an ARN.
    #[error("{0} is invalid")]
    NoArn(String),
    /// A provider's token is invalid, or cannot be trusted.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// A provider's token has expired.
    #[error("Token expired: it was valid until {0}, in seconds since 1970")]
    TokenOver(i64),
    /// The role does not trust the sender.
    #[error("Not authorized to perform {0}")]
    NotTrusted(&'static str),
    /// The access key does not exist.
    #[error("The access key {0} does not exist.")]
    NoSuchKey(String),
    /// An encoded message cannot be decoded.
    #[error(transparent)]
    Message(#[from] BadMessage),
    /// The operating system gives no random numbers.
    #[error("No secret can be generated: {0}")]
    NoSecret(#[from] getrandom::Error),
}

pub type Result<T> = std::result::Result<T, Error>;

impl ServiceError for Error {
    fn of_parameter(fault: Fault) -> Error {
        fault.into()
    }
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::Validation(_)
            | Error::LongerThanRole
            | Error::LongerThanChained
            | Error::NoArn(_)
            | Error::NoSuchKey(_) => "ValidationError",
            Error::Model(error) => error.code(),
            Error::Token(_) => "InvalidIdentityToken",
            Error::TokenOver(_) => "ExpiredTokenException",
            Error::PackedTooLarge(_) => "PackedPolicyTooLarge",
            Error::NotTrusted(_) | Error::SourceHeld(_) | Error::HalfOfMfa | Error::NoMfaDevice => "AccessDenied",
            Error::Policy(_) => "MalformedPolicyDocument",
            Error::Message(_) => "InvalidAuthorizationMessageException",
            Error::NoSecret(_) => "InternalFailure",
        }
    }

    fn status(&self) -> u16 {
        match self {
            _ if self.code() == "AccessDenied" => 403,
            Error::NoSecret(_) => 500,
            _ => 400,
        }
    }
}

fn get_caller_identity(cx: View, _: sts::GetCallerIdentityRequest) -> Result<sts::GetCallerIdentityResponse> {
    let account = &cx.caller.scope.account;
    Ok(sts::GetCallerIdentityResponse {
        user_id: Some(cx.caller.principal.user_id(cx.model, account)),
        account: Some(account.clone()),
        arn: cx.caller.principal.arns(cx.model, account).into_iter().next(),
    })
}

fn get_access_key_info(
    View { model, .. }: View,
    input: sts::GetAccessKeyInfoRequest,
) -> Result<sts::GetAccessKeyInfoResponse> {
    let id = input.access_key_id;
    let key = model.access_keys.get(&id).map(|key| &key.account);
    let account = key.or_else(|| model.sessions.get(&id).map(|session| &session.account));
    // If any key is accepted, an unknown one belongs to the account that its requests are for.
    let account =
        account.cloned().or_else(|| (!model.platform.accounts_known).then(|| account_of_unknown(&id).to_owned()));
    Ok(sts::GetAccessKeyInfoResponse { account: Some(account.ok_or(Error::NoSuchKey(id))?) })
}

fn decode_authorization_message(
    cx: View,
    input: sts::DecodeAuthorizationMessageRequest,
) -> Result<sts::DecodeAuthorizationMessageResponse> {
    let decoded_message = Some(open(&cx.caller.scope.account, &input.encoded_message)?);
    Ok(sts::DecodeAuthorizationMessageResponse { decoded_message })
}

/// Whether a character is one of `\w`.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Checks a text's length, and each of its characters, of which the pattern says the same.
fn check_text(
    field: &'static str,
    text: &str,
    (least, most): (usize, usize),
    (pattern, fits): (&'static str, impl Fn(char) -> bool),
) -> Result<()> {
    let rule = match text.len() {
        _ if !text.chars().all(&fits) => Rule::Pattern(pattern),
        length if length < least => Rule::LeastLength(least),
        length if length > most => Rule::MostLength(most),
        _ => return Ok(()),
    };
    Err(Refused::constraint(field, text, rule).into())
}
