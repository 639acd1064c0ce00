//! The hash FNV with 64 bits (RFC 9923), from which some services' ids follow, so that they need not be stored.

/// The prime by which every step multiplies.
const FNV_PRIME: u64 = 0x0100_0000_01b3;
/// The usual start.
pub const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1: multiplies, then adds each byte.
pub fn fnv1(start: u64, text: &str) -> u64 {
    text.bytes().fold(start, |digest, byte| digest.wrapping_mul(FNV_PRIME) ^ u64::from(byte))
}

/// FNV-1a: adds each byte, then multiplies.
pub fn fnv1a(start: u64, text: &str) -> u64 {
    text.bytes().fold(start, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(FNV_PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the algorithm's published test vectors.
    #[test]
    fn fnv_is_as_published() {
        assert_eq!([fnv1(FNV_OFFSET, "a"), fnv1(FNV_OFFSET, "foobar")], [0xaf63_bd4c_8601_b7be, 0x340d_8765_a4dd_a9c2]);
        assert_eq!(
            [fnv1a(FNV_OFFSET, "a"), fnv1a(FNV_OFFSET, "foobar")],
            [0xaf63_dc4c_8601_ec8c, 0x8594_4171_f739_67e8]
        );
    }
}
