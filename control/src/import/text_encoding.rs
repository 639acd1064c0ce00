//! The encoding of a text file. PowerShell writes the output of the aws command line in UTF-16, or with a byte order
//! mark.

/// The text in UTF-8 and without a byte order mark. Without a mark it is taken as it is.
pub fn in_utf8(bytes: Vec<u8>) -> Vec<u8> {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, text @ ..] => text.to_vec(),
        [0xff, 0xfe, text @ ..] => of_utf16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => of_utf16(text, u16::from_be_bytes),
        _ => bytes,
    }
}

fn of_utf16(text: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let (units, _) = text.as_chunks::<2>();
    let units: Vec<u16> = units.iter().copied().map(unit).collect();
    String::from_utf16_lossy(&units).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_in_each_encoding() {
        let text = "{\"Name\": \"Zürich\"}";
        let units = || text.encode_utf16();
        let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(units().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(units().flat_map(u16::to_be_bytes)).collect();
        let marked = [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat();
        for bytes in [text.into(), marked, little, big] {
            assert_eq!(in_utf8(bytes), text.as_bytes());
        }
        assert_eq!(in_utf8(vec![0xff, 0xfe, b'{']), b"");
    }
}
