//! Version 4.

use super::encoding::{again, joined, pairs, path};
use super::{Algorithm, Distrust, Params, Signature, Signed, moment};
use hmac::{Hmac, KeyInit, Mac};
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
pub fn of_header(signed: &Signed<'_>, header: &str) -> Result<Signature, Distrust> {
    if !header.trim().starts_with(ALGORITHM) {
        return Err(Distrust::Incomplete("its algorithm is not AWS4-HMAC-SHA256"));
    }
    let field = |name: &str| field(header, name);
    let (Some(credential), Some(names), Some(value)) =
        (field("Credential"), field("SignedHeaders"), field("Signature"))
    else {
        return Err(Distrust::Incomplete("Authorization needs Credential, SignedHeaders and Signature"));
    };
    let date = signed.header("x-amz-date").ok_or(Distrust::Incomplete("there is no header X-Amz-Date"))?;
    let at = moment(date).ok_or(Distrust::Incomplete("its date cannot be read"))?;
    let scope = scope(credential, date)?;
    signed.check_time(at)?;
    let body: String = hex(&Sha256::digest(signed.body));
    let text = string_to_sign(date, &scope, &canonical(signed, names, &body)?);
    Ok(Signature { algorithm: Algorithm::V4 { scope }, text, value: value.to_owned() })
}

/// Reads the signature from a URL's query.
pub fn of_query(signed: &Signed<'_>, params: &Params) -> Result<Signature, Distrust> {
    let field = |name: &str| params.value(name);
    let all = (field("X-Amz-Credential"), field("X-Amz-SignedHeaders"), field("X-Amz-Signature"), field("X-Amz-Date"));
    let (Some(credential), Some(names), Some(value), Some(date)) = all else {
        return Err(Distrust::Incomplete("the query needs X-Amz-Credential, -SignedHeaders, -Signature and -Date"));
    };
    if field("X-Amz-Algorithm") != Some(ALGORITHM) {
        return Err(Distrust::Incomplete("its algorithm is not AWS4-HMAC-SHA256"));
    }
    let at = moment(date).ok_or(Distrust::Incomplete("its date cannot be read"))?;
    let scope = scope(credential, date)?;
    let good = field("X-Amz-Expires").and_then(|seconds| seconds.parse().ok()).filter(|seconds| *seconds <= LONGEST);
    let good = good.ok_or(Distrust::Incomplete("X-Amz-Expires is from 0 to 604800 seconds"))?;
    let until = at.after(Duration::from_secs(good));
    if signed.received > until {
        return Err(Distrust::Expired { signed: until, now: signed.received });
    }
    // A presigned URL may be old while it is valid, but not from the future.
    signed.check_time(at.max(signed.received))?;
    let body: String = hex(&Sha256::digest(signed.body));
    let text = string_to_sign(date, &scope, &canonical(signed, names, &body)?);
    Ok(Signature { algorithm: Algorithm::V4 { scope }, text, value: value.to_owned() })
}

/// The day, the Region and the service of `KEY/20150107/us-east-1/ec2/aws4_request`.
fn scope(credential: &str, date: &str) -> Result<[String; 3], Distrust> {
    let parts: Vec<&str> = credential.split('/').collect();
    match parts.as_slice() {
        [_, day, region, service, "aws4_request"] if date.starts_with(day) && day.len() == 8 => {
            Ok([*day, *region, *service].map(str::to_owned))
        }
        _ => Err(Distrust::Incomplete("Credential is KEY/DAY/REGION/SERVICE/aws4_request, with the day of its date")),
    }
}

/// The canonical request, which is signed.
fn canonical(signed: &Signed<'_>, names: &str, body: &str) -> Result<String, Distrust> {
    let names = names.to_ascii_lowercase();
    if !names.split(';').any(|name| name == "host") {
        return Err(Distrust::Incomplete("the header Host must be signed"));
    }
    // A name given a thousand times would make the text that many times longer than the request.
    if !names.split(';').is_sorted_by(|one, next| one < next) {
        return Err(Distrust::Incomplete("SignedHeaders are sorted, and each is there once"));
    }
    let mut headers = String::new();
    for name in names.split(';') {
        let values = signed.headers.iter().filter(|(is, _)| is.eq_ignore_ascii_case(name));
        let values: Vec<String> =
            values.map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let _ = writeln!(headers, "{name}:{}", values.join(","));
    }
    let query = pairs(signed.query).filter(|(name, _)| *name != "X-Amz-Signature");
    let query = joined(query.map(|(name, value)| (again(name), again(value))).collect());
    let Signed { method, path: sent, .. } = signed;
    Ok(format!("{method}\n{}\n{query}\n{headers}\n{names}\n{body}", path(sent)))
}

fn string_to_sign(date: &str, scope: &[String; 3], canonical: &str) -> String {
    let [day, region, service] = scope;
    format!("{ALGORITHM}\n{date}\n{day}/{region}/{service}/aws4_request\n{}", hex(&Sha256::digest(canonical)))
}

/// Whether a secret gives this signature.
pub fn is_by(secret: &str, scope: &[String; 3], text: &str, value: &str) -> bool {
    let first = format!("AWS4{secret}").into_bytes();
    let parts = scope.iter().map(String::as_str).chain(["aws4_request"]);
    let key = parts
        .fold(first, |key, part| mac(&key, part).map_or_else(Vec::new, |mac| mac.finalize().into_bytes().to_vec()));
    let (Some(mac), Some(value)) = (mac(&key, text), from_hex(value)) else { return false };
    mac.verify_slice(&value).is_ok()
}

fn mac(key: &[u8], text: &str) -> Option<Hmac<Sha256>> {
    // HMAC accepts keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
