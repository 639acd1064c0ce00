//! Errors of authentication.

use model::Time;

/// Why a request's sender is not authenticated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// The request is not signed.
    #[error("The request must contain either a valid (registered) AWS access key ID or X.509 certificate.")]
    NotSigned,
    /// The signature is incomplete.
    #[error("The request signature does not conform to AWS standards: {0}.")]
    Incomplete(#[from] IncompleteSignature),
    /// The key is unknown.
    #[error("AWS was not able to validate the provided access credentials")]
    UnknownKey,
    /// The signature does not match.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
         signing method. Consult the service documentation for details."
    )]
    Mismatch,
    /// The request was signed too long ago, or for the future.
    #[error("Request has expired: it is signed for {signed}, and it is {now}.")]
    Expired {
        /// When it was signed, or when it expired.
        signed: Time,
        /// The time.
        now: Time,
    },
    /// The session has expired.
    #[error("The security token included in the request is expired")]
    SessionOver,
    /// The token does not belong to the session.
    #[error("The security token included in the request is invalid.")]
    WrongToken,
}

/// Why a signature cannot be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IncompleteSignature {
    /// The header `Authorization` or the parameter `X-Amz-Algorithm` names another algorithm.
    #[error("its algorithm is not AWS4-HMAC-SHA256")]
    Algorithm,
    /// The header `Authorization` lacks a field.
    #[error("Authorization needs Credential, SignedHeaders and Signature")]
    Authorization,
    /// A URL's query lacks a parameter.
    #[error("the query needs X-Amz-Credential, -SignedHeaders, -Signature and -Date")]
    Query,
    /// A signature in a header comes without the header `X-Amz-Date`.
    #[error("there is no header X-Amz-Date")]
    NoDate,
    /// The time of signing is malformed.
    #[error("its date cannot be read")]
    Date,
    /// `X-Amz-Expires` is missing, malformed or too large.
    #[error("X-Amz-Expires is from 0 to 604800 seconds")]
    Validity,
    /// The credential scope is malformed, or its day is not that of signing.
    #[error("Credential is KEY/DAY/REGION/SERVICE/aws4_request, with the day of its date")]
    Credential,
    /// The header `Host` is not among those that are signed.
    #[error("the header Host must be signed")]
    Host,
    /// The names of the signed headers are not in order.
    #[error("SignedHeaders are sorted, and each is there once")]
    SignedHeaders,
    /// Version 2: the parameter `Signature` is missing.
    #[error("there is no parameter Signature")]
    NoSignature,
    /// Version 2: `SignatureVersion` is not 2.
    #[error("SignatureVersion is 2, or the signature is one of version 4")]
    Version,
    /// Version 2: `SignatureMethod` is missing or names an unknown method.
    #[error("SignatureMethod is HmacSHA256 or HmacSHA1")]
    Method,
    /// Version 2: `Timestamp` and `Expires` are missing or malformed.
    #[error("there is no Timestamp or Expires that can be read")]
    NoTime,
}
