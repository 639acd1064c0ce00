//! Fields of packets by their offsets in bytes. A field outside the bytes reads as `None` and is not written.

use super::checksum::Delta;

/// The bytes of a field.
#[inline]
pub fn read<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// A 16-bit field, from network byte order.
#[inline]
pub fn word(bytes: &[u8], at: usize) -> Option<u16> {
    read(bytes, at).map(u16::from_be_bytes)
}

/// Writes a field.
#[inline]
pub fn write<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    if let Some(field) = bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *field = value;
    }
}

/// Changes a 16-bit field in network byte order.
#[inline]
pub fn patch(bytes: &mut [u8], at: usize, new: impl FnOnce(u16) -> u16) {
    if let Some(old) = word(bytes, at) {
        write(bytes, at, new(old).to_be_bytes());
    }
}

/// Replaces a 16-bit field, if it exists. Returns the change of a sum over it.
#[inline]
pub fn replace(bytes: &mut [u8], at: usize, new: u16) -> Delta {
    let mut changed = Delta::default();
    patch(bytes, at, |old| {
        changed = changed.word(old, new);
        new
    });
    changed
}
