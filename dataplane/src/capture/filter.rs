//! Capture filters: programs in classic BPF ("The BSD Packet Filter", McCanne and Jacobson, 1993), as libpcap compiles them.
//!
//! A program is checked before it runs: every jump leads forward to an existing instruction, and the last instruction returns.
//! Therefore it ends after at most as many steps as it has instructions.

use thiserror::Error;
use wire::Instruction;

/// The greatest number of instructions, as in Linux (`BPF_MAXINSNS`).
const LONGEST: usize = 4096;
/// The number of a program's memory words.
const MEMORY: usize = 16;

/// Why a program is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FilterError {
    /// It may not end.
    #[error("its last instruction does not return: compile it again, with libpcap for example")]
    NoEnd,
    /// It is too long.
    #[error("it has more than {LONGEST} instructions")]
    TooLong,
    /// An instruction is invalid.
    #[error("instruction {0} is unknown, divides by zero or jumps out of the program")]
    Instruction(usize),
}

/// A checked program. An empty one accepts every packet.
#[derive(Clone, Debug, Default)]
pub struct Filter(Vec<Instruction>);

/// Classes of instructions: the three lowest bits of the code.
mod class {
    pub const LD: u16 = 0;
    pub const LDX: u16 = 1;
    pub const ST: u16 = 2;
    pub const STX: u16 = 3;
    pub const ALU: u16 = 4;
    pub const JMP: u16 = 5;
    pub const RET: u16 = 6;
    pub const MISC: u16 = 7;
}

/// Sizes and modes of loads.
mod load {
    pub const HALF: u16 = 0x08;
    pub const BYTE: u16 = 0x10;
    pub const ABS: u16 = 0x20;
    pub const IND: u16 = 0x40;
    pub const MEM: u16 = 0x60;
    pub const LEN: u16 = 0x80;
    pub const MSH: u16 = 0xa0;
}

/// Operations of arithmetic, by their bits.
mod op {
    pub const ADD: u16 = 0x00;
    pub const SUB: u16 = 0x10;
    pub const MUL: u16 = 0x20;
    pub const DIV: u16 = 0x30;
    pub const OR: u16 = 0x40;
    pub const AND: u16 = 0x50;
    pub const LSH: u16 = 0x60;
    pub const RSH: u16 = 0x70;
    pub const NEG: u16 = 0x80;
    pub const MOD: u16 = 0x90;
    pub const XOR: u16 = 0xa0;
}

/// Jumps, by their bits.
mod jump {
    pub const ALWAYS: u16 = 0x00;
    pub const EQUAL: u16 = 0x10;
    pub const GREATER: u16 = 0x20;
    pub const AT_LEAST: u16 = 0x30;
    pub const SET: u16 = 0x40;
}

/// The operand is X rather than a constant; for returns, A is returned; for the miscellaneous class, TXA rather than
/// TAX.
const X: u16 = 0x08;
const A: u16 = 0x10;
const TXA: u16 = 0x80;

impl Filter {
    /// Checks a program.
    ///
    /// # Errors
    /// [`FilterError`].
    pub fn new(program: Vec<Instruction>) -> Result<Self, FilterError> {
        if program.len() > LONGEST {
            return Err(FilterError::TooLong);
        }
        for (at, instruction) in program.iter().enumerate() {
            if !is_valid(instruction, program.len() - at - 1) {
                return Err(FilterError::Instruction(at));
            }
        }
        match program.last() {
            Some(last) if last.code & 7 != class::RET => Err(FilterError::NoEnd),
            _ => Ok(Self(program)),
        }
    }

    /// Whether it accepts every packet, whatever its bytes.
    pub fn accepts_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it accepts a packet of this length that begins with these bytes. Loads beyond those bytes fail.
    pub fn accepts(&self, packet: &[u8], length: usize) -> bool {
        self.0.is_empty() || self.run(packet, length as u32).is_some_and(|taken| taken > 0)
    }

    /// How many bytes of a packet are to be kept. `None` if the program loads beyond the packet's end.
    fn run(&self, packet: &[u8], length: u32) -> Option<u32> {
        let (mut a, mut x, mut memory) = (0u32, 0u32, [0u32; MEMORY]);
        let mut next = 0;
        while let Some(Instruction { code, jt, jf, k }) = self.0.get(next).copied() {
            next += 1;
            let operand = if code & X != 0 { x } else { k };
            match code & 7 {
                class::LD => {
                    a = match code & 0xe0 {
                        load::ABS => word(packet, code, k)?,
                        load::IND => word(packet, code, k.checked_add(x)?)?,
                        load::MEM => memory.get(k as usize).copied()?,
                        load::LEN => length,
                        _ => k,
                    }
                }
                class::LDX => {
                    x = match code & 0xe0 {
                        load::MSH => 4 * (word(packet, load::BYTE, k)? & 15),
                        load::MEM => memory.get(k as usize).copied()?,
                        load::LEN => length,
                        _ => k,
                    }
                }
                class::ST => *memory.get_mut(k as usize)? = a,
                class::STX => *memory.get_mut(k as usize)? = x,
                class::ALU => a = calculate(code & 0xf0, a, operand)?,
                class::JMP => {
                    let holds = match code & 0xf0 {
                        jump::ALWAYS => {
                            next = next.checked_add(k as usize)?;
                            continue;
                        }
                        jump::EQUAL => a == operand,
                        jump::GREATER => a > operand,
                        jump::AT_LEAST => a >= operand,
                        _ => a & operand != 0,
                    };
                    next += usize::from(if holds { jt } else { jf });
                }
                class::RET => return Some(if code & A != 0 { a } else { k }),
                _ if code & TXA != 0 => a = x,
                _ => x = a,
            }
        }
        None
    }
}

/// Whether an instruction with this many instructions behind it is valid.
fn is_valid(instruction: &Instruction, behind: usize) -> bool {
    let Instruction { code, jt, jf, k } = *instruction;
    let mode = code & 0xe0;
    match code & 7 {
        class::LD => match mode {
            load::ABS | load::IND => code & 0x18 != 0x18,
            load::MEM => (k as usize) < MEMORY,
            _ => mode == 0 || mode == load::LEN,
        },
        class::LDX => match mode {
            load::MEM => (k as usize) < MEMORY,
            _ => mode == 0 || mode == load::LEN || mode == load::MSH,
        },
        class::ST | class::STX => (k as usize) < MEMORY,
        class::ALU => {
            let of_nothing = matches!(code & 0xf0, op::DIV | op::MOD) && code & X == 0 && k == 0;
            code & 0xf0 <= op::XOR && !of_nothing
        }
        class::JMP => match code & 0xf0 {
            jump::ALWAYS => (k as usize) < behind,
            jump::EQUAL | jump::GREATER | jump::AT_LEAST | jump::SET => usize::from(jt.max(jf)) < behind,
            _ => false,
        },
        class::RET | class::MISC => true,
        _ => false,
    }
}

/// The value of a load at an offset.
fn word(packet: &[u8], code: u16, at: u32) -> Option<u32> {
    let rest = packet.get(at as usize..)?;
    Some(match code & 0x18 {
        load::BYTE => u32::from(*rest.first()?),
        load::HALF => u32::from(u16::from_be_bytes(*rest.first_chunk()?)),
        _ => u32::from_be_bytes(*rest.first_chunk()?),
    })
}

/// The result of an operation. `None` for a division by zero.
fn calculate(operation: u16, a: u32, operand: u32) -> Option<u32> {
    Some(match operation {
        op::ADD => a.wrapping_add(operand),
        op::SUB => a.wrapping_sub(operand),
        op::MUL => a.wrapping_mul(operand),
        op::DIV => a.checked_div(operand)?,
        op::OR => a | operand,
        op::AND => a & operand,
        op::LSH => a.checked_shl(operand).unwrap_or(0),
        op::RSH => a.checked_shr(operand).unwrap_or(0),
        op::NEG => a.wrapping_neg(),
        op::MOD => a.checked_rem(operand)?,
        _ => a ^ operand,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::testing::{offloaded_tcp, offloaded_udp};
    use proptest::prelude::*;

    fn program(lines: &[(u16, u8, u8, u32)]) -> Vec<Instruction> {
        lines.iter().map(|(code, jt, jf, k)| Instruction { code: *code, jt: *jt, jf: *jf, k: *k }).collect()
    }

    /// `udp port 2000` for packets without a link layer, as libpcap 1.10 compiles it, without the part for IPv6.
    fn udp_port_2000() -> Vec<Instruction> {
        program(&[
            (0x30, 0, 0, 0),
            (0x54, 0, 0, 0xf0),
            (0x15, 0, 10, 0x40),
            (0x30, 0, 0, 9),
            (0x15, 0, 8, 17),
            (0x28, 0, 0, 6),
            (0x45, 6, 0, 0x1fff),
            (0xb1, 0, 0, 0),
            (0x48, 0, 0, 0),
            (0x15, 2, 0, 2000),
            (0x48, 0, 0, 2),
            (0x15, 0, 1, 2000),
            (0x06, 0, 0, 262_144),
            (0x06, 0, 0, 0),
        ])
    }

    #[test]
    fn a_program_takes_what_it_was_compiled_for() {
        let filter = Filter::new(udp_port_2000()).unwrap();
        let (_, udp) = offloaded_udp(b"x", 0);
        let (_, tcp) = offloaded_tcp(1, &[0; 10], 10, 16);
        assert!(filter.accepts(&udp, udp.len()) && !filter.accepts(&tcp, tcp.len()));
        assert!(!filter.accepts(&udp[..21], udp.len()), "the bytes that were cut off cannot match");
        assert!(!filter.accepts(&[], 0) && Filter::default().accepts(&[], 0));
    }

    #[test]
    fn a_program_that_might_not_end_is_refused() {
        let error = |lines: &[_]| Filter::new(program(lines)).unwrap_err();
        assert_eq!(error(&[(0x30, 0, 0, 0)]), FilterError::NoEnd);
        assert_eq!(error(&[(0x05, 0, 0, 1), (0x06, 0, 0, 0)]), FilterError::Instruction(0));
        assert_eq!(error(&[(0x05, 0, 0, u32::MAX), (0x06, 0, 0, 0)]), FilterError::Instruction(0));
        assert_eq!(error(&[(0x15, 0, 1, 0), (0x06, 0, 0, 0)]), FilterError::Instruction(0));
        assert_eq!(error(&[(0x34, 0, 0, 0), (0x06, 0, 0, 0)]), FilterError::Instruction(0), "divides by nothing");
        assert_eq!(error(&[(0x02, 0, 0, 16), (0x06, 0, 0, 0)]), FilterError::Instruction(0), "no such memory");
        assert_eq!(Filter::new(vec![Instruction::default(); LONGEST + 1]).unwrap_err(), FilterError::TooLong);
    }

    fn instruction() -> impl Strategy<Value = Instruction> {
        (0..0xc0u16, 0..8u8, 0..8u8, prop_oneof![0..40u32, any::<u32>()]).prop_map(|(code, jt, jf, k)| Instruction {
            code,
            jt,
            jf,
            k,
        })
    }

    proptest! {
        #[test]
        fn whatever_passes_the_check_ends(
            mut lines in proptest::collection::vec(instruction(), 0..30),
            packet in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            lines.push(Instruction { code: 6, k: 1, ..Instruction::default() });
            if let Ok(filter) = Filter::new(lines) {
                filter.accepts(&packet, packet.len());
            }
        }
    }
}
