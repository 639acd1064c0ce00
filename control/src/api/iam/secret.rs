//! Random secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// A secret of that many characters.
///
/// # Errors
/// If the operating system gives no random numbers.
pub fn secret(letters: usize) -> Result<String, getrandom::Error> {
    let mut bytes = vec![0; letters * 3 / 4 + 1];
    getrandom::fill(&mut bytes)?;
    let mut text = STANDARD_NO_PAD.encode(bytes);
    text.truncate(letters);
    Ok(text)
}
