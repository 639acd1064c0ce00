//! The Internet checksum (RFC 1071) and its incremental update (RFC 1624).

/// The ones' complement sum of big-endian 16-bit words, folded and not inverted. An odd last byte counts as the high byte.
pub fn sum(bytes: &[u8]) -> u16 {
    let mut total = 0u64;
    let (words, rest) = bytes.as_chunks();
    for word in words {
        total += u64::from(u32::from_be_bytes(*word));
    }
    let mut last = [0; 4];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    fold(total + u64::from(u32::from_be_bytes(last)))
}

/// Folds carries in until 16 bits are left.
pub fn fold(mut total: u64) -> u16 {
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    total as u16
}

/// The checksum of a sum. Zero is written as 0xffff, which is the same number in ones' complement, because a UDP checksum of
/// zero says that there is none (RFC 768).
pub fn inverted(sum: u16) -> u16 {
    match !sum {
        0 => 0xffff,
        other => other,
    }
}

/// The change of a sum when words that it covers are replaced. Each word begins at an even offset.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delta(u64);

impl Delta {
    /// Adds the replacement of a 16-bit word.
    pub fn word(self, old: u16, new: u16) -> Self {
        Self(self.0 + u64::from(!old) + u64::from(new))
    }

    /// Adds the replacement of a 32-bit double word.
    pub fn double_word(self, old: u32, new: u32) -> Self {
        self.word((old >> 16) as u16, (new >> 16) as u16).word(old as u16, new as u16)
    }

    /// The sum of both changes.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// The checksum field of a complete checksum after the replacements.
    pub fn complete(self, field: u16) -> u16 {
        !fold(u64::from(!field) + self.0)
    }

    /// The checksum field of a partial checksum (the plain pseudo-header sum) after the replacements.
    pub fn partial(self, field: u16) -> u16 {
        fold(u64::from(field) + self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_incremental_update_equals_a_new_sum(mut bytes in prop::collection::vec(any::<u8>(), 20..60), new: [u8; 4]) {
            let field = !sum(&bytes);
            let old = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
            bytes[4..8].copy_from_slice(&new);
            let updated = Delta::default().double_word(old, u32::from_be_bytes(new)).complete(field);
            let total = fold(u64::from(sum(&bytes)) + u64::from(updated));
            prop_assert!(total == 0xffff || total == 0);
        }
    }

    #[test]
    fn rfc_1071_example() {
        assert_eq!(sum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), 0xddf2);
        assert_eq!(sum(&[0x01, 0x02, 0x03]), 0x0402);
    }
}
