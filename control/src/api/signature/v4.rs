//! Version 4 (AWS General Reference, "Signature Version 4 signing process").

use super::encoding::{joined, pairs, path, reencoded};
use super::{Algorithm, AuthenticationError, IncompleteSignature, Params, Signature, Signed, moment};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use model::Time;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::time::Duration;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The longest validity of a signature in a query, in seconds.
const LONGEST: u64 = 7 * 24 * 3600;

/// A field of the header `Authorization`: `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
pub fn field<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let fields = header.trim().strip_prefix(ALGORITHM)?;
    let mut fields = fields.split(',').filter_map(|field| field.trim().split_once('='));
    fields.find(|(is, _)| *is == name).map(|(_, value)| value)
}

/// Reads the signature from the `Authorization` header.
pub fn of_header(signed: &Signed<'_>, header: &str) -> Result<Signature, AuthenticationError> {
    if !header.trim().starts_with(ALGORITHM) {
        return Err(IncompleteSignature::Algorithm.into());
    }
    let field = |name: &str| field(header, name);
    let (Some(credential), Some(signed_headers), Some(value)) =
        (field("Credential"), field("SignedHeaders"), field("Signature"))
    else {
        return Err(IncompleteSignature::Authorization.into());
    };
    let date = signed.header("x-amz-date").ok_or(IncompleteSignature::NoDate)?;
    let parts = Parts { credential, signed_headers, date, value };
    let (at, scope) = parts.time_and_scope()?;
    signed.check_time(at)?;
    parts.signature(signed, scope)
}

/// Reads the signature from a URL's query.
pub fn of_query(signed: &Signed<'_>, params: &Params) -> Result<Signature, AuthenticationError> {
    let field = |name: &str| params.value(name);
    let all = (field("X-Amz-Credential"), field("X-Amz-SignedHeaders"), field("X-Amz-Signature"), field("X-Amz-Date"));
    let (Some(credential), Some(signed_headers), Some(value), Some(date)) = all else {
        return Err(IncompleteSignature::Query.into());
    };
    if field("X-Amz-Algorithm") != Some(ALGORITHM) {
        return Err(IncompleteSignature::Algorithm.into());
    }
    let parts = Parts { credential, signed_headers, date, value };
    let (at, scope) = parts.time_and_scope()?;
    let validity = field("X-Amz-Expires").and_then(|seconds| seconds.parse().ok());
    let validity = validity.filter(|seconds| *seconds <= LONGEST).ok_or(IncompleteSignature::Validity)?;
    let until = at.after(Duration::from_secs(validity));
    if signed.received > until {
        return Err(AuthenticationError::Expired { signed: until, now: signed.received });
    }
    // A presigned URL may be old while it is valid, but not from the future.
    signed.check_time(at.max(signed.received))?;
    parts.signature(signed, scope)
}

/// The parts of a signature, from a header or from a query.
struct Parts<'a> {
    /// The access key id and the credential scope.
    credential: &'a str,
    /// The names of the signed headers, with semicolons between them.
    signed_headers: &'a str,
    /// The time of signing.
    date: &'a str,
    /// The signature, in hexadecimal digits.
    value: &'a str,
}

impl Parts<'_> {
    /// The time of signing and the credential scope.
    fn time_and_scope(&self) -> Result<(Time, [String; 3]), AuthenticationError> {
        let at = moment(self.date).ok_or(IncompleteSignature::Date)?;
        Ok((at, scope(self.credential, self.date)?))
    }

    /// The signature, with the text that was signed.
    fn signature(&self, signed: &Signed<'_>, scope: [String; 3]) -> Result<Signature, AuthenticationError> {
        let canonical_request = canonical_request(signed, self.signed_headers)?;
        let text = string_to_sign(self.date, &scope, &canonical_request);
        Ok(Signature { algorithm: Algorithm::V4 { scope }, text, value: self.value.to_owned() })
    }
}

/// The day, the Region and the service of `KEY/20150107/us-east-1/ec2/aws4_request`.
fn scope(credential: &str, date: &str) -> Result<[String; 3], IncompleteSignature> {
    let parts: Vec<&str> = credential.split('/').collect();
    match parts.as_slice() {
        [_, day, region, service, "aws4_request"] if date.starts_with(day) && day.len() == 8 => {
            Ok([*day, *region, *service].map(str::to_owned))
        }
        _ => Err(IncompleteSignature::Credential),
    }
}

/// The canonical request: its hash is in the string to sign.
fn canonical_request(signed: &Signed<'_>, signed_headers: &str) -> Result<String, IncompleteSignature> {
    let names = signed_headers.to_ascii_lowercase();
    if !names.split(';').any(|name| name == "host") {
        return Err(IncompleteSignature::Host);
    }
    // A name given a thousand times would make the text that many times longer than the request.
    if !names.split(';').is_sorted_by(|one, next| one < next) {
        return Err(IncompleteSignature::SignedHeaders);
    }
    let mut headers = String::new();
    for name in names.split(';') {
        let values = signed.headers.iter().filter(|(is, _)| is.eq_ignore_ascii_case(name));
        let values: Vec<String> =
            values.map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let _ = writeln!(headers, "{name}:{}", values.join(","));
    }
    let query = pairs(signed.query).filter(|(name, _)| *name != "X-Amz-Signature");
    let query = joined(query.map(|(name, value)| (reencoded(name), reencoded(value))).collect());
    let Signed { method, path: sent, body, .. } = signed;
    let body = HEXLOWER.encode(&Sha256::digest(body));
    Ok(format!("{method}\n{}\n{query}\n{headers}\n{names}\n{body}", path(sent)))
}

/// The string to sign.
fn string_to_sign(date: &str, scope: &[String; 3], canonical_request: &str) -> String {
    let [day, region, service] = scope;
    let hash = HEXLOWER.encode(&Sha256::digest(canonical_request));
    format!("{ALGORITHM}\n{date}\n{day}/{region}/{service}/aws4_request\n{hash}")
}

/// Whether a secret gives this signature.
pub fn is_by(secret: &str, scope: &[String; 3], text: &str, value: &str) -> bool {
    let first = format!("AWS4{secret}").into_bytes();
    let parts = scope.iter().map(String::as_str).chain(["aws4_request"]);
    let key = parts
        .fold(first, |key, part| mac(&key, part).map_or_else(Vec::new, |mac| mac.finalize().into_bytes().to_vec()));
    let (Some(mac), Ok(value)) = (mac(&key, text), HEXLOWER_PERMISSIVE.decode(value.as_bytes())) else { return false };
    mac.verify_slice(&value).is_ok()
}

fn mac(key: &[u8], text: &str) -> Option<Hmac<Sha256>> {
    // HMAC accepts keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}
