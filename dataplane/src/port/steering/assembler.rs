//! The BPF instructions that steering needs (RFC 9669), with labels for jumps.

use std::collections::HashMap;
use std::os::fd::RawFd;

/// One instruction, as the kernel reads it.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    code: u8,
    registers: u8,
    offset: i16,
    immediate: i32,
}

/// A register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register(pub u8);

/// The second operand of an instruction.
#[derive(Clone, Copy, Debug)]
pub enum Operand {
    /// A constant.
    Constant(i32),
    /// The value of a register.
    Of(Register),
}

impl From<i32> for Operand {
    fn from(value: i32) -> Self {
        Self::Constant(value)
    }
}

impl From<Register> for Operand {
    fn from(register: Register) -> Self {
        Self::Of(register)
    }
}

/// Operations on 64 bits.
pub const ADD: u8 = 0x07;
pub const SUBTRACT: u8 = 0x17;
pub const OR: u8 = 0x47;
pub const AND: u8 = 0x57;
pub const SHIFT_LEFT: u8 = 0x67;
pub const SHIFT_RIGHT: u8 = 0x77;
pub const MODULO: u8 = 0x97;
pub const MOVE: u8 = 0xb7;
/// Operations on 32 bits; the upper half becomes zero.
pub const MULTIPLY_32: u8 = 0x24;
pub const SHIFT_RIGHT_32: u8 = 0x74;
pub const XOR_32: u8 = 0xa4;
/// Conditions, all unsigned.
pub const EQUAL: u8 = 0x15;
pub const GREATER: u8 = 0x25;
pub const DIFFERENT: u8 = 0x55;
/// Loads from the packet into register 0, in host byte order. A packet that is too short ends the program with 0.
pub const BYTE: u8 = 0x30;
pub const HALF: u8 = 0x28;
pub const WORD: u8 = 0x20;

/// The operand is a register, not a constant.
const REGISTER_OPERAND: u8 = 0x08;
const JUMP: u8 = 0x05;
const CALL: u8 = 0x85;
const EXIT: u8 = 0x95;
const LOAD: u8 = 0x79;
const STORE: u8 = 0x7b;
const LOAD_IMMEDIATE: u8 = 0x18;
/// The immediate is a map's descriptor, and stands for the address of the map's value.
const MAP_VALUE: u8 = 2;

/// A program under construction.
#[derive(Default)]
pub struct Assembler {
    code: Vec<Instruction>,
    labels: HashMap<&'static str, usize>,
    jumps: Vec<(usize, &'static str)>,
}

impl Assembler {
    /// An operation on a register.
    pub fn compute(&mut self, operation: u8, target: Register, operand: impl Into<Operand>) {
        self.push_with(operation, target, operand.into());
    }

    /// Loads from an offset in the packet.
    pub fn load_packet(&mut self, size: u8, offset: i32) {
        self.push(size, 0, 0, 0, offset);
    }

    /// Loads the 64 bits at a register's address.
    pub fn load(&mut self, target: Register, pointer: Register) {
        self.push(LOAD, target.0, pointer.0, 0, 0);
    }

    /// Stores a register's 64 bits at another register's address.
    pub fn store(&mut self, pointer: Register, value: Register) {
        self.push(STORE, pointer.0, value.0, 0, 0);
    }

    /// Loads the address of a byte in a map's only value.
    pub fn map_address(&mut self, target: Register, map: RawFd, byte: i32) {
        self.push(LOAD_IMMEDIATE, target.0, MAP_VALUE, 0, map);
        self.push(0, 0, 0, 0, byte);
    }

    /// Adds a conditional jump.
    pub fn jump_if(&mut self, register: Register, condition: u8, operand: impl Into<Operand>, label: &'static str) {
        self.jumps.push((self.code.len(), label));
        self.push_with(condition, register, operand.into());
    }

    /// Adds a jump.
    pub fn jump(&mut self, label: &'static str) {
        self.jumps.push((self.code.len(), label));
        self.push(JUMP, 0, 0, 0, 0);
    }

    /// Places a label here.
    pub fn label(&mut self, label: &'static str) {
        self.labels.insert(label, self.code.len());
    }

    /// Calls a kernel function. Its result is in register 0.
    pub fn call(&mut self, function: i32) {
        self.push(CALL, 0, 0, 0, function);
    }

    /// Ends the program with the result in register 0.
    pub fn exit(&mut self) {
        self.push(EXIT, 0, 0, 0, 0);
    }

    /// The finished program.
    pub fn finish(mut self) -> Vec<Instruction> {
        for (from, label) in self.jumps {
            // A jump to a missing label leads to the next instruction. The kernel verifies the program.
            let to = self.labels.get(label).copied().unwrap_or(from + 1);
            if let Some(jump) = self.code.get_mut(from) {
                jump.offset = (to as isize - from as isize - 1) as i16;
            }
        }
        self.code
    }

    fn push_with(&mut self, code: u8, target: Register, operand: Operand) {
        match operand {
            Operand::Constant(value) => self.push(code, target.0, 0, 0, value),
            Operand::Of(register) => self.push(code | REGISTER_OPERAND, target.0, register.0, 0, 0),
        }
    }

    fn push(&mut self, code: u8, target: u8, source: u8, offset: i16, immediate: i32) {
        self.code.push(Instruction { code, registers: source << 4 | target, offset, immediate });
    }
}
