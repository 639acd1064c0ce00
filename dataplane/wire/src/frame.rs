//! Framing: a 4-byte big-endian length and that many bytes of postcard.

use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

/// The greatest length of a frame in bytes. The whole tables of a very large network fit.
pub const MAX_FRAME: usize = 1 << 30;

/// Writes one frame.
///
/// # Errors
/// The writer's error; `InvalidData` if the message cannot be encoded.
pub fn write_frame<T: Serialize>(to: &mut impl Write, message: &T) -> io::Result<()> {
    to.write_all(&encode(message)?)
}

/// Reads one frame.
///
/// # Errors
/// The reader's error; `InvalidData` if the frame is too long or cannot be decoded as a `T`.
pub fn read_frame<T: for<'a> Deserialize<'a>>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut body = vec![0; body_length(length)?];
    from.read_exact(&mut body)?;
    decode(&body)
}

/// Encodes a whole frame.
///
/// # Errors
/// `InvalidData` if the message cannot be encoded or is too long.
pub fn encode<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let mut frame = postcard::to_extend(message, vec![0; 4]).map_err(invalid)?;
    let length = frame.len() - 4;
    if length > MAX_FRAME {
        return Err(invalid(format!("a message of {length} bytes is over the limit of {MAX_FRAME}")));
    }
    frame[..4].copy_from_slice(&(length as u32).to_be_bytes());
    Ok(frame)
}

/// The length of a frame's body, from the frame's first four bytes.
///
/// # Errors
/// `InvalidData` if the length exceeds [`MAX_FRAME`].
pub fn body_length(header: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_be_bytes(header) as usize;
    if length > MAX_FRAME {
        return Err(invalid(format!("a frame of {length} bytes is over the limit of {MAX_FRAME}")));
    }
    Ok(length)
}

/// Decodes the message in a frame's body.
///
/// # Errors
/// `InvalidData` if it cannot be decoded as a `T`.
pub fn decode<T: for<'a> Deserialize<'a>>(body: &[u8]) -> io::Result<T> {
    postcard::from_bytes(body).map_err(invalid)
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
