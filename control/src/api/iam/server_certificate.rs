//! Server certificates.

use super::tags::{tags_of, tags_shown};
use super::{Error, Result, paged};
use crate::api::action::{Actions, Change, View};
use model::Time;
use model::iam::{Error as Refused, NewServerCertificate, ServerCertificate};
use shapes::iam;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{Error as TlsError, InconsistentKeys};

pub fn actions(all: Actions) -> Actions {
    all.write(upload).read(get).read(list).write(update).write(delete)
}

fn upload(cx: Change, input: iam::UploadServerCertificateRequest) -> Result<iam::UploadServerCertificateResponse> {
    let iam::UploadServerCertificateRequest {
        path,
        server_certificate_name: name,
        certificate_body: body,
        private_key,
        certificate_chain: chain,
        tags,
    } = input;
    let expires = checked(&body, chain.as_deref(), &private_key)?;
    let trimmed = |pem: String| pem.trim().to_owned();
    let (body, chain, tags) = (trimmed(body), chain.map(trimmed), tags_of(tags)?);
    let new = NewServerCertificate { name, path, body, chain, private_key, expires, tags };
    let row = cx.model.upload_server_certificate(&cx.caller.scope.account, cx.caller.now, new)?;
    Ok(iam::UploadServerCertificateResponse {
        server_certificate_metadata: Some(shown(row)),
        tags: tags_shown(&row.named.tags).unless_empty(),
    })
}

/// Refuses what no TLS server could use, and returns the end of the certificate's validity.
fn checked(body: &str, chain: Option<&str>, key: &str) -> Result<Option<Time>> {
    let all = |pem: &str| {
        let read = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<std::result::Result<Vec<_>, _>>();
        read.map_err(Error::CertificatePem)
    };
    let own = all(body)?;
    let [certificate] = own.as_slice() else { return Err(Error::NotOneCertificate) };
    let expires = expiry(certificate);
    let whole = own.iter().cloned().chain(all(chain.unwrap_or_default())?).collect();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(Error::KeyPem)?;
    match CertifiedKey::from_der(whole, key, &ring::default_provider()) {
        Ok(_) => Ok(expires),
        Err(TlsError::InconsistentKeys(InconsistentKeys::KeyMismatch)) => Err(Refused::KeyMismatch {}.into()),
        Err(TlsError::InvalidCertificate(why)) => Err(Error::BadCertificate(why)),
        Err(other) => Err(Error::BadKey(other)),
    }
}

/// The end of a certificate's validity (RFC 5280 §4.1): of its first part, the fifth or sixth element has it.
fn expiry(certificate: &[u8]) -> Option<Time> {
    let (_, whole, _) = element(certificate)?;
    let (_, mut part, _) = element(whole)?;
    // Its version may be there or not; then serial number, signature and issuer.
    if part.first() == Some(&0xa0) {
        part = element(part)?.2;
    }
    for _ in 0..3 {
        part = element(part)?.2;
    }
    let (_, validity, _) = element(part)?;
    let (_, _, after) = element(validity)?;
    let (tag, text, _) = element(after)?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    // A time of two digits for the year, 1950 to 2049, or one of four.
    let (year, rest) = match tag {
        0x17 => {
            let year: u32 = text.get(..2)?.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        0x18 => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let two = |start: usize| rest.get(start..start + 2);
    let (month, day, hour, minute, second) = (two(0)?, two(2)?, two(4)?, two(6)?, two(8)?);
    let moment = humantime::parse_rfc3339(&format!("{year:04}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()?;
    let since = moment.duration_since(std::time::UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok().map(Time)
}

/// The first element of DER: its tag, its content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

fn shown(row: &ServerCertificate) -> iam::ServerCertificateMetadata {
    iam::ServerCertificateMetadata {
        path: row.named.path.clone(),
        server_certificate_name: row.named.name.clone(),
        server_certificate_id: row.named.unique_id.clone(),
        arn: row.arn(),
        upload_date: Some(row.named.created),
        expiration: row.expires,
    }
}

fn get(cx: View, input: iam::GetServerCertificateRequest) -> Result<iam::GetServerCertificateResponse> {
    let row = cx.model.server_certificate(&cx.caller.scope.account, &input.server_certificate_name)?;
    let server_certificate = iam::ServerCertificate {
        server_certificate_metadata: shown(row),
        certificate_body: row.body.clone(),
        certificate_chain: row.chain.clone(),
        tags: tags_shown(&row.named.tags).unless_empty(),
    };
    Ok(iam::GetServerCertificateResponse { server_certificate })
}

fn list(cx: View, input: iam::ListServerCertificatesRequest) -> Result<iam::ListServerCertificatesResponse> {
    let iam::ListServerCertificatesRequest { path_prefix, page } = input;
    let path = path_prefix.as_deref().unwrap_or("/");
    let all = cx.model.server_certificates_of(&cx.caller.scope.account);
    let rows = all.filter(|row| row.named.path.starts_with(path));
    let (server_certificate_metadata_list, is_truncated, marker) = paged(page, rows, |row| &row.named.name, shown)?;
    Ok(iam::ListServerCertificatesResponse { server_certificate_metadata_list, is_truncated, marker })
}

fn update(cx: Change, input: iam::UpdateServerCertificateRequest) -> Result<()> {
    let iam::UpdateServerCertificateRequest { server_certificate_name, new_path, new_server_certificate_name } = input;
    let new = (new_server_certificate_name, new_path);
    Ok(cx.model.rename_server_certificate(&cx.caller.scope.account, &server_certificate_name, new)?)
}

fn delete(cx: Change, input: iam::DeleteServerCertificateRequest) -> Result<()> {
    Ok(cx.model.delete_server_certificate(&cx.caller.scope.account, &input.server_certificate_name)?)
}
