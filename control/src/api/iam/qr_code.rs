//! QR codes as images in the PNG format (ISO/IEC 15948), as authenticator apps scan them.

use crc32fast::hash;
use qrcode::{Color, QrCode};

/// The width of a module in pixels.
const SCALE: usize = 4;
/// The width of the margin in modules (ISO/IEC 18004, "quiet zone").
const MARGIN: usize = 4;
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// One bit a pixel, in grey; the usual compression, filters and order of rows.
const FORMAT: [u8; 5] = [1, 0, 0, 0, 0];
/// The header of compressed data (RFC 1950 §2.2).
const ZLIB: [u8; 2] = [0x78, 0x01];
/// The modulus of Adler-32 (RFC 1950 §8.2).
const ADLER: u32 = 65_521;

/// The image of a text's QR code. `None` if the text is too long for one.
pub fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::new(text).ok()?;
    let width = (code.width() + 2 * MARGIN) * SCALE;
    let rows: Vec<u8> = (0..width).flat_map(|y| row(&code, width, y)).collect();
    let size = u32::try_from(width).ok()?.to_be_bytes();
    let header = [&size[..], &size, &FORMAT].concat();
    let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", &stored(&rows)), chunk(b"IEND", &[])];
    Some([SIGNATURE, &chunks.concat()].concat())
}

/// A row of pixels, eight in a byte, behind the number of its filter. A light pixel is 1.
fn row(code: &QrCode, width: usize, y: usize) -> Vec<u8> {
    let module = |at: usize| (at / SCALE).checked_sub(MARGIN).filter(|at| *at < code.width());
    let is_light = |x: usize| match (module(x), module(y)) {
        (Some(x), Some(y)) => code[(x, y)] == Color::Light,
        _ => true,
    };
    let byte = |first: usize| (first..first + 8).fold(0, |bits, x| bits << 1 | u8::from(x < width && is_light(x)));
    std::iter::once(0).chain((0..width).step_by(8).map(byte)).collect()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes();
    let body = [&kind[..], data].concat();
    [&length[..], &body, &hash(&body).to_be_bytes()].concat()
}

/// Data in the format of compressed ones, but stored as they are (RFC 1951 §3.2.4).
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = ZLIB.to_vec();
    let mut blocks = data.chunks(u16::MAX.into()).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(adler32(data).to_be_bytes());
    out
}

fn adler32(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % ADLER;
        (low, (high + low) % ADLER)
    });
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standard() {
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(chunk(b"IEND", &[]), b"\0\0\0\0IEND\xaeB`\x82");
    }

    #[test]
    fn the_image_has_the_code_in_its_margin() {
        let image = png("hello").unwrap();
        // The smallest code has 21 modules.
        let width = (21 + 2 * MARGIN) * SCALE;
        assert_eq!(image[16..24], [0, 0, 0, width as u8, 0, 0, 0, width as u8]);
        // Before the rows are the signature, the header, and the headers of the chunk, the data and the block.
        let data = 8 + 25 + 8 + 2 + 5;
        let rows: Vec<&[u8]> = image[data..].chunks(1 + width.div_ceil(8)).take(width).collect();
        let is_light = |x: usize, y: usize| rows[y][1 + x / 8] & (0x80 >> (x % 8)) != 0;
        assert!((0..width).all(|at| is_light(at, 0) && is_light(0, at)));
        // A pattern to find the code by is in its corner: a dark frame with a light one inside it.
        let corner = MARGIN * SCALE;
        assert_eq!([0, 1, 2].map(|module| is_light(corner + module * SCALE, corner + SCALE)), [false, true, true]);
        assert!(!is_light(corner, corner));
        assert_eq!(png(&"x".repeat(3000)), None);
    }
}
