//! Damage to bytes in transit or on a disk.

use bolero::TypeGenerator;

/// One kind of damage. Offsets beyond the end wrap around.
#[derive(Clone, Debug, TypeGenerator)]
pub enum Damage {
    /// Changes a byte.
    Byte(u16, u8),
    /// Flips a bit.
    Bit(u16, #[generator(0u8..8)] u8),
    /// Changes eight bytes.
    Word(u16, u64),
    /// Cuts the end off.
    Cut(u16),
    /// Removes bytes.
    Remove(u16, u8),
    /// Inserts bytes.
    Insert(u16, Vec<u8>),
    /// Copies bytes to another place.
    Copy(u16, u16, u8),
}

impl Damage {
    /// Damages the bytes.
    pub fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        let part = |at: u16, count: usize| {
            let start = usize::from(at) % length;
            start..length.min(start + count)
        };
        match self {
            Self::Byte(at, byte) => bytes[part(*at, 1)].fill(*byte),
            Self::Bit(at, bit) => bytes[usize::from(*at) % length] ^= 1 << bit,
            Self::Word(at, word) => {
                let place = part(*at, 8);
                let word = &word.to_le_bytes()[..place.len()];
                bytes[place].copy_from_slice(word);
            }
            Self::Cut(at) => bytes.truncate(usize::from(*at) % length),
            Self::Remove(at, count) => drop(bytes.drain(part(*at, (*count).into()))),
            Self::Insert(at, more) => drop(bytes.splice(part(*at, 0), more.iter().copied())),
            Self::Copy(from, to, count) => {
                let copied = bytes[part(*from, (*count).into())].to_vec();
                let place = part(*to, copied.len());
                let copied = &copied[..place.len()];
                bytes[place].copy_from_slice(copied);
            }
        }
    }
}

/// A copy of the bytes with the first eight kinds of damage applied.
pub fn damaged(bytes: &[u8], damage: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    damage.iter().take(8).for_each(|damage| damage.apply(&mut bytes));
    bytes
}
