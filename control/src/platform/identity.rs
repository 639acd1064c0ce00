//! The key that signs instance identity documents, and the certificate that verifies its signatures ("Verify instance
//! identity documents", EC2 user guide). Both are made when they are first needed and kept in the state directory. They
//! outlive `up`; `up --fresh` removes them.

use super::api::certificate::{CertificateError, write};
use crate::state::State;
use data_encoding::BASE64;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, SerialNumber};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha2::{Digest, Sha256};
use ssh_key::rand_core::OsRng;
use std::fs;
use std::sync::{Mutex, PoisonError};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag, construct_der};

/// The key's length in bits.
const BITS: usize = 2048;
/// The certificate's subject.
const NAME: &str = "classiclink instance identity";
/// The certificate's serial number. Its issuer has no other certificate.
const SERIAL: u8 = 1;
/// The length of a line of base64 (RFC 7468 §2).
const LINE: usize = 64;
/// The prefix of a SHA-256 digest in a signature (RFC 8017 §9.2, note 1).
const SHA256_PREFIX: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
const COMMON_NAME: &[u64] = &[2, 5, 4, 3];
const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
const SIGNED_DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 2];
const RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 1];
const SHA256: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2, 1];

/// Held while a key is made, so that only one is.
static MAKING: Mutex<()> = Mutex::new(());

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The certificate cannot be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The key cannot be used.
    #[error(
        "the key of instance identity documents: {0}; delete identity.pem in the state directory, and a new one is made"
    )]
    Key(String),
}

impl From<rcgen::Error> for IdentityError {
    fn from(error: rcgen::Error) -> Self {
        CertificateError::Make(error).into()
    }
}

/// The key and its certificate.
pub struct Identity {
    key: RsaPrivateKey,
    certificate: String,
}

impl Identity {
    /// The identity of a system. Making it may take a while.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn of(state: &State) -> Result<Self, IdentityError> {
        let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let path = state.identity();
        if !path.exists() {
            let made = Self::make()?;
            let key = made.key.to_pkcs8_pem(LineEnding::LF).map_err(|error| IdentityError::Key(error.to_string()))?;
            write(&path, 0o600, &format!("{}{}", made.certificate, *key))?;
            return Ok(made);
        }
        let read = fs::read_to_string(&path);
        let pem = read.map_err(|source| CertificateError::File { path, source })?;
        let damaged = || IdentityError::Key("it cannot be read".into());
        let (certificate, key) = pem.split_at(pem.find(PRIVATE).ok_or_else(damaged)?);
        let key = RsaPrivateKey::from_pkcs8_pem(key).map_err(|_| damaged())?;
        Ok(Self { key, certificate: certificate.to_owned() })
    }

    fn make() -> Result<Self, IdentityError> {
        let wrong = |error: &dyn std::fmt::Display| IdentityError::Key(error.to_string());
        let key = RsaPrivateKey::new(&mut OsRng, BITS).map_err(|error| wrong(&error))?;
        let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| wrong(&error))?;
        let mut own = CertificateParams::new(Vec::<String>::new())?;
        own.distinguished_name = rcgen::DistinguishedName::new();
        own.distinguished_name.push(DnType::CommonName, NAME);
        own.serial_number = Some(SerialNumber::from_slice(&[SERIAL]));
        let certificate = own.self_signed(&KeyPair::from_pkcs8_pem_and_sign_algo(&pem, &PKCS_RSA_SHA256)?)?;
        Ok(Self { key, certificate: certificate.pem() })
    }

    /// The certificate as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A document's signature: RSA with SHA-256, in base64.
    ///
    /// # Errors
    /// [`IdentityError::Key`].
    pub fn signature(&self, document: &[u8]) -> Result<String, IdentityError> {
        Ok(lines(&self.sign(document)?))
    }

    /// The document with its signature in PKCS #7 (RFC 2315 §9), in base64.
    ///
    /// # Errors
    /// [`IdentityError::Key`].
    pub fn signed(&self, document: &[u8]) -> Result<String, IdentityError> {
        let signature = self.sign(document)?;
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes());
        let certificate = certificate.map_err(|error| IdentityError::Key(error.to_string()))?;
        Ok(lines(&signed_data(document, &certificate, &signature)))
    }

    fn sign(&self, document: &[u8]) -> Result<Vec<u8>, IdentityError> {
        let padding = Pkcs1v15Sign { hash_len: Some(Sha256::output_size()), prefix: SHA256_PREFIX.into() };
        // Blinding keeps the time of signing independent of the key.
        let signed = self.key.sign_with_rng(&mut OsRng, padding, &Sha256::digest(document));
        signed.map_err(|error| IdentityError::Key(error.to_string()))
    }
}

/// The first line of a private key in PEM.
const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----";

fn lines(bytes: &[u8]) -> String {
    let text = BASE64.encode(bytes).into_bytes();
    let lines = text.chunks(LINE).map(|line| String::from_utf8_lossy(line).into_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// ContentInfo with SignedData: the document, the certificate, and one signer of the document itself.
fn signed_data(document: &[u8], certificate: &[u8], signature: &[u8]) -> Vec<u8> {
    construct_der(|writer| {
        writer.write_sequence(|info| {
            info.next().write_oid(&oid(SIGNED_DATA));
            info.next().write_tagged(Tag::context(0), |writer| {
                writer.write_sequence(|signed| {
                    signed.next().write_u8(1);
                    signed.next().write_set(|digests| digests.next().write_sequence(|one| algorithm(one, SHA256)));
                    signed.next().write_sequence(|content| {
                        content.next().write_oid(&oid(DATA));
                        content.next().write_tagged(Tag::context(0), |writer| writer.write_bytes(document));
                    });
                    // A set of one element, with an implicit tag.
                    signed.next().write_tagged_implicit(Tag::context(0), |writer| {
                        writer.write_set(|certificates| certificates.next().write_der(certificate));
                    });
                    signed.next().write_set(|signers| signer(signers.next(), signature));
                });
            });
        });
    })
}

fn signer(writer: DERWriter<'_>, signature: &[u8]) {
    writer.write_sequence(|signer| {
        signer.next().write_u8(1);
        signer.next().write_sequence(|issued| {
            issued.next().write_sequence(|name| {
                name.next().write_set(|part| {
                    part.next().write_sequence(|attribute| {
                        attribute.next().write_oid(&oid(COMMON_NAME));
                        attribute.next().write_utf8_string(NAME);
                    });
                });
            });
            issued.next().write_u8(SERIAL);
        });
        signer.next().write_sequence(|digest| algorithm(digest, SHA256));
        signer.next().write_sequence(|encryption| algorithm(encryption, RSA));
        signer.next().write_bytes(signature);
    });
}

fn algorithm(writer: &mut yasna::DERWriterSeq<'_>, known: &[u64]) {
    writer.next().write_oid(&oid(known));
    writer.next().write_null();
}

fn oid(numbers: &[u64]) -> ObjectIdentifier {
    ObjectIdentifier::from_slice(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::process::{Command, Output};

    const DOCUMENT: &str = "{\n  \"instanceId\": \"i-1\"\n}";

    fn openssl(directory: &Path, arguments: &[&str]) -> Option<Output> {
        // Without openssl this test checks nothing.
        Command::new("openssl").current_dir(directory).args(arguments).output().ok()
    }

    #[test]
    fn openssl_accepts_only_what_was_signed() {
        let directory = tempfile::tempdir().unwrap();
        let identity = Identity::of(&State::at(Some(directory.path().to_owned()))).unwrap();
        let file = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        file("certificate", identity.certificate());
        file("document", DOCUMENT);
        let signed = identity.signed(DOCUMENT.as_bytes()).unwrap();
        file("pkcs7", &format!("-----BEGIN PKCS7-----\n{signed}\n-----END PKCS7-----\n"));
        // The command of EC2's guide.
        let verify = ["smime", "-verify", "-in", "pkcs7", "-inform", "PEM", "-certfile", "certificate", "-noverify"];
        if let Some(verified) = openssl(directory.path(), &verify) {
            assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
            assert_eq!(String::from_utf8_lossy(&verified.stdout).replace("\r\n", "\n").trim_end(), DOCUMENT);
        }
        let signature = identity.signature(DOCUMENT.as_bytes()).unwrap();
        assert!(signature.lines().all(|line| line.len() <= LINE));
        let bytes = BASE64.decode(signature.replace('\n', "").as_bytes()).unwrap();
        fs::write(directory.path().join("signature"), bytes).unwrap();
        let key = openssl(directory.path(), &["x509", "-in", "certificate", "-noout", "-pubkey", "-out", "key"]);
        let check = |document| {
            openssl(directory.path(), &["dgst", "-sha256", "-verify", "key", "-signature", "signature", document])
        };
        file("other", "{}");
        if let (Some(_), Some(same), Some(other)) = (key, check("document"), check("other")) {
            assert!(same.status.success(), "{}", String::from_utf8_lossy(&same.stderr));
            assert!(!other.status.success());
        }
    }

    #[test]
    fn the_key_stays_with_its_system() {
        let directory = tempfile::tempdir().unwrap();
        let state = State::at(Some(directory.path().to_owned()));
        let (first, again) = (Identity::of(&state).unwrap(), Identity::of(&state).unwrap());
        assert_eq!(first.certificate(), again.certificate());
        assert_eq!(first.signature(b"x").unwrap(), again.signature(b"x").unwrap());
        fs::write(state.identity(), "nonsense").unwrap();
        assert!(matches!(Identity::of(&state), Err(IdentityError::Key(_))));
    }
}
