//! Numbers of autonomous systems (ASNs).

use crate::{Error, Result};

/// Refuses what is no ASN: those have 32 bits, and 0 is reserved (RFC 7607).
pub(crate) fn check_asn(parameter: &str, asn: i64) -> Result<()> {
    match u32::try_from(asn) {
        Ok(1..) => Ok(()),
        _ => Err(Error::invalid(parameter, asn)),
    }
}
