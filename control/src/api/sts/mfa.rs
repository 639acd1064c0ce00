//! MFA devices that requests for sessions show. Their codes are not verified, as in IAM's actions.

use super::{Error, Result, check_text, is_word};
use model::{Caller, Model};

/// Whether a request shows a device of the sender's own.
///
/// # Errors
/// If the device is not the sender's, or the serial number or the code is missing or malformed.
pub fn is_shown(model: &Model, caller: &Caller, serial: Option<&str>, code: Option<&str>) -> Result<bool> {
    if let Some(serial) = serial {
        let fits = |c: char| is_word(c) || "+=/:,.@-".contains(c);
        check_text("serialNumber", serial, (9, 256), (r"[\w+=/:,.@-]*", fits))?;
    }
    if let Some(code) = code {
        check_text("tokenCode", code, (6, 6), (r"[\d]*", |c: char| c.is_ascii_digit()))?;
    }
    let serial = match (serial, code) {
        (None, None) => return Ok(false),
        (Some(serial), Some(_)) => serial,
        _ => return Err(Error::HalfOfMfa),
    };
    if model.is_own_mfa_device(&caller.scope.account, &caller.principal, serial) {
        Ok(true)
    } else {
        Err(Error::NoMfaDevice)
    }
}
