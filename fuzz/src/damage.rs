//! What happens to bytes on their way, or on a disk.

use bolero::TypeGenerator;

/// One thing that happens to bytes. Places beyond the end are counted from the beginning again.
#[derive(Clone, Debug, TypeGenerator)]
pub enum Damage {
    /// A byte becomes another one.
    Byte(u16, u8),
    /// A bit does.
    Bit(u16, #[generator(0u8..8)] u8),
    /// Eight bytes do.
    Word(u16, u64),
    /// The end is missing.
    Cut(u16),
    /// So many bytes are missing.
    Remove(u16, u8),
    /// More bytes come in between.
    Insert(u16, Vec<u8>),
    /// Bytes from one place stand at another place as well.
    Copy(u16, u16, u8),
}

impl Damage {
    /// Lets it happen.
    pub fn happen(&self, bytes: &mut Vec<u8>) {
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

/// These bytes after all that.
pub fn damaged(bytes: &[u8], damage: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    damage.iter().take(8).for_each(|damage| damage.happen(&mut bytes));
    bytes
}
