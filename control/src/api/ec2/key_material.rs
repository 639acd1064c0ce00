//! Keys as bytes: made, read, and their fingerprints (EC2's guide, "Verify the fingerprint of your key pair").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use model::{Error, Key, KeyType, Result};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use ssh_key::public::KeyData;
use ssh_key::rand_core::OsRng;
use ssh_key::{Algorithm, LineEnding, PrivateKey, PublicKey};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The bits of an RSA key.
const BITS: usize = 2048;

/// RSA keys that are made before they are wanted: each takes long, and whoever wants one holds the model. Their most.
const READY_MOST: usize = 16;
static READY: Mutex<Vec<(Key, String)>> = Mutex::new(Vec::new());

fn ready() -> MutexGuard<'static, Vec<(Key, String)>> {
    READY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes an RSA key for whoever wants the next. One that cannot be made is an error to whoever wants it.
pub fn prepare_rsa() {
    let enough = ready().len() >= READY_MOST;
    if !enough && let Ok(made) = make_rsa() {
        ready().push(made);
    }
}

/// A new key, and the private half of it as its owner keeps it.
pub fn make(kind: KeyType) -> Result<(Key, String)> {
    let made = match kind {
        KeyType::Rsa => ready().pop().map_or_else(make_rsa, Ok),
        KeyType::Ed25519 => make_ed25519(),
    };
    made.map_err(|_| Error::NoKey {})
}

type Made = std::result::Result<(Key, String), Box<dyn std::error::Error>>;

/// The fingerprint is the SHA-1 of the private key in PKCS #8.
fn make_rsa() -> Made {
    let private = RsaPrivateKey::new(&mut OsRng, BITS)?;
    let public = ssh_key::public::RsaPublicKey::try_from(&private.to_public_key())?;
    let public = PublicKey::from(KeyData::Rsa(public)).to_openssh()?;
    let fingerprint = colons(&Sha1::digest(private.to_pkcs8_der()?.as_bytes()));
    let pem = private.to_pkcs1_pem(rsa::pkcs1::LineEnding::LF)?;
    Ok((Key { kind: KeyType::Rsa, fingerprint, public }, pem.to_string()))
}

fn make_ed25519() -> Made {
    let private = PrivateKey::random(&mut OsRng, Algorithm::Ed25519)?;
    let public = private.public_key();
    let key = Key { kind: KeyType::Ed25519, fingerprint: sha256(public)?, public: public.to_openssh()? };
    Ok((key, private.to_openssh(LineEnding::LF)?.to_string()))
}

/// A public key in OpenSSH's format or that of RFC 4716, which was sent in base64.
pub fn read(material: &str) -> Result<Key> {
    let sent: String = material.chars().filter(|c| !c.is_whitespace()).collect();
    let text = STANDARD.decode(sent).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let public = text.and_then(|text| match body_of_ssh2(&text) {
        Some(body) => PublicKey::from_bytes(&STANDARD.decode(body).ok()?).ok(),
        None => PublicKey::from_openssh(&without_strays(&text)).ok(),
    });
    public.and_then(|public| known(&public)).ok_or(Error::KeyFormat {})
}

/// A line of OpenSSH without what is no base64 in its key, as keys that were pasted have it.
fn without_strays(line: &str) -> String {
    let mut words = line.split_whitespace();
    let (kind, key) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let key: String = key.chars().filter(|c| c.is_ascii_alphanumeric() || ['+', '/', '='].contains(c)).collect();
    let comment = words.collect::<Vec<_>>().join(" ");
    format!("{kind} {key} {comment}").trim_end().to_owned()
}

/// The body of a key in the format of RFC 4716: the lines that are neither marks nor headers, which may go on over several lines.
fn body_of_ssh2(text: &str) -> Option<String> {
    let mut lines = text.trim().lines();
    lines.next().filter(|line| line.starts_with("---- BEGIN SSH2 PUBLIC KEY"))?;
    let (mut body, mut goes_on) = (String::new(), false);
    for line in lines.take_while(|line| !line.starts_with("---- END")) {
        let is_header = goes_on || line.contains(':');
        goes_on = is_header && line.ends_with('\\');
        if !is_header {
            body.push_str(line.trim());
        }
    }
    Some(body)
}

/// The fingerprint of an imported RSA key is the MD5 of the public key in DER.
fn known(public: &PublicKey) -> Option<Key> {
    let (kind, fingerprint) = match public.key_data() {
        KeyData::Rsa(rsa) => {
            let der = RsaPublicKey::try_from(rsa).ok()?.to_public_key_der().ok()?;
            (KeyType::Rsa, colons(&Md5::digest(der.as_bytes())))
        }
        KeyData::Ed25519(_) => (KeyType::Ed25519, sha256(public).ok()?),
        _ => return None,
    };
    Some(Key { kind, fingerprint, public: public.to_openssh().ok()? })
}

/// The fingerprint of an ED25519 key: SHA-256 in base64.
fn sha256(public: &PublicKey) -> ssh_key::Result<String> {
    Ok(STANDARD.encode(Sha256::digest(public.to_bytes()?)))
}

fn colons(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}
