//! The API's certificate inside hosts, and the authority that signs it. They are made when a system comes up and kept
//! in its state directory until it goes, so that running programs that trust them still do after control restarts.

use crate::names::GOV_CLOUD;
use crate::state::State;
use model::REGIONS;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The machine's own authorities, on Debian and on Red Hat's relatives.
pub const MACHINES: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// No certificate can be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// The certificate cannot be used.
    #[error("cannot use the certificate: {0}")]
    Use(#[from] tokio_rustls::rustls::Error),
    /// A file cannot be written or read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// Accepts TLS connections with the system's certificate. It is made if there is none, and anew if a file of it is
/// damaged.
///
/// # Errors
/// [`CertificateError`].
pub fn acceptor(state: &State) -> Result<TlsAcceptor, CertificateError> {
    kept(state).or_else(|_| {
        make(state)?;
        kept(state)
    })
}

/// Accepts TLS connections with the certificate in the state directory.
fn kept(state: &State) -> Result<TlsAcceptor, CertificateError> {
    let damaged = |path, source| CertificateError::File { path, source };
    let read = |path: PathBuf| fs::read_to_string(&path).map_err(|source| damaged(path, source));
    let (pem, authorities) = (read(state.certificate())?, read(state.authorities())?);
    let own = authorities.rfind("-----BEGIN").map(|last| authorities[last..].trim_end());
    if !own.is_some_and(|own| pem.contains(own)) {
        return Err(damaged(state.authorities(), io::Error::other("it lacks the system's own authority")));
    }
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).flatten().collect();
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|error| damaged(state.certificate(), io::Error::other(error.to_string())))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn make(state: &State) -> Result<(), CertificateError> {
    let mut authority = CertificateParams::new(Vec::<String>::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(DnType::CommonName, "classiclink, this system alone");
    let key = KeyPair::generate()?;
    let root = authority.self_signed(&key)?.pem();
    let mut own = CertificateParams::new(names())?;
    own.distinguished_name.push(DnType::CommonName, "classiclink API");
    own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    own.use_authority_key_identifier_extension = true;
    let own_key = KeyPair::generate()?;
    // The authority's key is dropped after this, so it never signs anything else.
    let certificate = own.signed_by(&own_key, &Issuer::new(authority, key))?;
    write(&state.certificate(), 0o600, &format!("{}{root}{}", certificate.pem(), own_key.serialize_pem()))?;
    let machines = MACHINES.iter().find_map(|path| fs::read_to_string(path).ok()).unwrap_or_default();
    write(&state.authorities(), 0o644, &format!("{machines}\n{root}"))
}

/// The names of the API: those of every Region, and the global ones.
fn names() -> Vec<String> {
    let regional = REGIONS.iter().flat_map(|region| {
        let (name, domain) = (region.name, region.domain());
        [format!("*.{name}.{domain}"), format!("*.{domain}")]
    });
    regional.chain([format!("*.{GOV_CLOUD}")]).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Writes a file atomically.
///
/// # Errors
/// [`CertificateError::File`].
pub fn write(path: &Path, mode: u32, text: &str) -> Result<(), CertificateError> {
    let beside = path.with_extension("new");
    let written =
        OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&beside).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            fs::rename(&beside, path)
        });
    written.map_err(|source| CertificateError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::pki_types::ServerName;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    /// A client that trusts the authorities in a file.
    fn client(authorities: &Path) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        let pem = fs::read(authorities).unwrap();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }

    async fn greets(client: &TlsConnector, server: &TlsAcceptor, name: &'static str) -> bool {
        let (here, there) = tokio::io::duplex(1 << 16);
        let name = ServerName::try_from(name).unwrap();
        let (accepted, connected) = tokio::join!(server.accept(there), client.connect(name, here));
        accepted.is_ok() && connected.is_ok()
    }

    #[tokio::test]
    async fn clients_that_trust_the_authority_take_the_api_by_its_names_and_no_others() {
        let directory = tempfile::tempdir().unwrap();
        let state = State::at(Some(directory.path().to_owned()));
        let server = acceptor(&state).unwrap();
        let client = client(&state.authorities());
        for name in ["ec2.us-east-1.amazonaws.com", "iam.amazonaws.com", "rds.cn-north-1.amazonaws.com.cn"] {
            assert!(greets(&client, &server, name).await, "{name}");
        }
        assert!(!greets(&client, &server, "www.example.com").await);
        // The next control has the same certificate.
        let again = acceptor(&state).unwrap();
        assert!(greets(&client, &again, "sts.us-west-2.amazonaws.com").await);
    }

    #[tokio::test]
    async fn damaged_files_are_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let state = State::at(Some(directory.path().to_owned()));
        acceptor(&state).unwrap();
        for path in [state.certificate(), state.authorities()] {
            for damaged in [&b""[..], b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
                fs::write(&path, damaged).unwrap();
                let server = acceptor(&state).unwrap();
                assert!(greets(&client(&state.authorities()), &server, "iam.amazonaws.com").await, "{path:?}");
            }
        }
    }
}
