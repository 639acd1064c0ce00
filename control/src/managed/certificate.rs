//! The certificates with which services' hosts speak TLS. A host signs its own, and makes a new one whenever its program
//! starts.

use crate::balancer::configuration::Certificate;
use crate::balancer::tls;
use std::fs;
use std::io;
use std::path::Path;
use tokio_rustls::TlsAcceptor;

/// The files in a program's directory.
pub(super) const CERTIFICATE: &str = "certificate.pem";
pub(super) const KEY: &str = "key.pem";

/// Makes a certificate for these names in a program's directory.
pub(super) fn make(directory: &Path, names: &[String]) -> io::Result<()> {
    let made = rcgen::generate_simple_self_signed(names.to_vec()).map_err(io::Error::other)?;
    fs::write(directory.join(CERTIFICATE), made.cert.pem())?;
    fs::write(directory.join(KEY), made.signing_key.serialize_pem())
}

/// Accepts TLS connections with the certificate in a program's directory.
pub(super) fn acceptor(directory: &Path) -> io::Result<TlsAcceptor> {
    let [chain, key] = [CERTIFICATE, KEY].map(|file| fs::read_to_string(directory.join(file)));
    tls::acceptor(&Certificate { chain: chain?, key: key? }).map_err(io::Error::other)
}
