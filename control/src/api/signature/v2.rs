//! Version 2: all parameters, sorted.

use super::encoding::{encoded, joined};
use super::{Algorithm, AuthenticationError, IncompleteSignature, Params, Signature, Signed, moment};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

/// Reads the signature from the parameters.
pub fn of_query(signed: &Signed<'_>, params: &Params) -> Result<Signature, AuthenticationError> {
    let field = |name: &str| params.value(name);
    let value = field("Signature").ok_or(IncompleteSignature::NoSignature)?.to_owned();
    if field("SignatureVersion") != Some("2") {
        return Err(IncompleteSignature::Version.into());
    }
    let sha256 = match field("SignatureMethod") {
        Some("HmacSHA256") => true,
        Some("HmacSHA1") => false,
        _ => return Err(IncompleteSignature::Method.into()),
    };
    let now = signed.received;
    match (field("Timestamp").map(moment), field("Expires").map(moment)) {
        (Some(Some(at)), _) => signed.check_time(at)?,
        (None, Some(Some(until))) if until < now => return Err(AuthenticationError::Expired { signed: until, now }),
        (None, Some(Some(_))) => {}
        _ => return Err(IncompleteSignature::NoTime.into()),
    }
    let sent = params.sent().filter(|(name, _)| *name != "Signature");
    let query = joined(sent.map(|(name, value)| (encoded(name.as_bytes()), encoded(value.as_bytes()))).collect());
    let host = signed.header("host").unwrap_or_default().to_ascii_lowercase();
    let path = if signed.path.is_empty() { "/" } else { signed.path };
    let text = format!("{}\n{host}\n{path}\n{query}", signed.method);
    Ok(Signature { algorithm: Algorithm::V2 { sha256 }, text, value })
}

/// Whether a secret gives this signature.
pub fn is_by(secret: &str, sha256: bool, text: &str, value: &str) -> bool {
    let Ok(value) = STANDARD.decode(value) else { return false };
    macro_rules! verify {
        ($hash:ty) => {
            Hmac::<$hash>::new_from_slice(secret.as_bytes()).is_ok_and(|mut mac| {
                mac.update(text.as_bytes());
                mac.verify_slice(&value).is_ok()
            })
        };
    }
    if sha256 { verify!(Sha256) } else { verify!(Sha1) }
}
