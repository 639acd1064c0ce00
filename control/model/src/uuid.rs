//! UUIDs (RFC 9562) as AWS writes them: groups of hexadecimal digits in lower case.

/// The groups, by the positions of their digits.
const GROUPS: [(usize, usize); 5] = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];

/// The UUID of these 128 bits.
pub fn uuid(high: u64, low: u64) -> String {
    grouped(&format!("{high:016x}{low:016x}"))
}

/// The UUID of these 32 digits.
pub(crate) fn grouped(digits: &str) -> String {
    GROUPS.map(|(from, to)| &digits[from..to]).join("-")
}

/// The random UUID (version 4) of these random bits, six of which its version and variant replace.
pub fn random_uuid(high: u64, low: u64) -> String {
    uuid(high & !0xf000 | 0x4000, low & !(0b11 << 62) | 0b10 << 62)
}

/// Whether a text is a UUID.
pub fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let fits = |(group, (from, to)): (&&str, (usize, usize))| {
        group.len() == to - from && group.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    groups.len() == GROUPS.len() && groups.iter().zip(GROUPS).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_become_groups() {
        assert_eq!(uuid(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210), "01234567-89ab-cdef-fedc-ba9876543210");
        assert_eq!(random_uuid(u64::MAX, u64::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(random_uuid(0, 0), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn only_uuids_are_recognised() {
        assert!(is_uuid("01234567-89ab-cdef-fedc-ba9876543210"));
        let others = ["", "0123456789ab-cdef-fedc-ba98-76543210", "01234567-89ab-cdef-fedc-ba987654321g", "----"];
        assert!(others.iter().all(|text| !is_uuid(text)));
    }
}
