//! The steering program. It runs on the sender's processor for every packet that a host sends.

use super::assembler::*;
use std::os::fd::RawFd;
use std::time::Duration;

/// The greatest number of workers, each with a queue.
pub const WORKERS: usize = 64;
/// How many flows are remembered, by their hashes. Flows with one hash share a queue.
pub const FLOWS: usize = 1 << 14;
/// A flow that was silent for this long has no packet in any queue.
pub const IDLE: Duration = Duration::from_secs(1);
/// The longest time from the choice of a queue to the packet's arrival in it.
const SETTLING: Duration = Duration::from_micros(20);

/// The result of calls and of loads from the packet. Calls also overwrite [`A`] to [`C`].
const RESULT: Register = Register(0);
const A: Register = Register(1);
const B: Register = Register(2);
const C: Register = Register(3);
/// The register in which the kernel expects the packet.
const PACKET: Register = Register(6);
/// The same register, once the packet has been read: for a packet longer than [`LARGE`] the flow's hash plus [`FLOWS`],
/// otherwise 0.
const BULK: Register = PACKET;
/// First the flow's hash, then the time of its last packet.
const LAST: Register = Register(7);
/// The address of the flow's word: the time of its last packet, and in the lowest [`QUEUE_BITS`] its queue plus one.
const FLOW: Register = Register(8);
const NOW: Register = Register(9);

const KTIME_GET_NS: i32 = 5;
const GET_SMP_PROCESSOR_ID: i32 = 8;

/// The length in bytes above which a packet is coalesced, so that its flow is a bulk transfer.
const LARGE: i32 = 9001;

/// Offsets in an IPv4 packet without options, in bytes.
const LENGTH: i32 = 2;
const FRAGMENT: i32 = 6;
const PROTOCOL: i32 = 9;
const SOURCE: i32 = 12;
const DESTINATION: i32 = 16;
const PORTS: i32 = 20;

/// An odd number with well-mixed bits: 2³² divided by the golden ratio.
const MULTIPLIER: i32 = 0x9e37_79b1_u32 as i32;
const QUEUE_BITS: i32 = 8;
const WORD_BYTES: i32 = 8;

/// The program. `queues` has each worker's processor, with the queue for packets that are sent on it. A flow gets that queue
/// once its last queue has no packet of the flow any more.
pub fn steer(map: RawFd, queues: &[(usize, usize)]) -> Vec<Instruction> {
    let mut program = Assembler::default();
    hash(&mut program);
    keep_hash_of_bulk(&mut program);
    find_flow(&mut program, map);
    keep(&mut program, map);
    choose(&mut program, queues);
    remember(&mut program);
    program.finish()
}

/// Hashes the flow. Ports are included only where the packet surely has them.
fn hash(program: &mut Assembler) {
    program.compute(MOVE, PACKET, A);
    program.load_packet(WORD, SOURCE);
    program.compute(MOVE, LAST, RESULT);
    program.compute(MULTIPLY_32, LAST, MULTIPLIER);
    program.load_packet(WORD, DESTINATION);
    program.compute(XOR_32, LAST, RESULT);
    program.compute(MULTIPLY_32, LAST, MULTIPLIER);
    program.load_packet(HALF, FRAGMENT);
    program.compute(AND, RESULT, 0x3fff);
    program.jump_if(RESULT, DIFFERENT, 0, "hashed");
    program.load_packet(BYTE, PROTOCOL);
    program.jump_if(RESULT, EQUAL, 6, "ports");
    program.jump_if(RESULT, DIFFERENT, 17, "hashed");
    program.label("ports");
    program.load_packet(WORD, PORTS);
    program.compute(XOR_32, LAST, RESULT);
    program.compute(MULTIPLY_32, LAST, MULTIPLIER);
    program.label("hashed");
    program.compute(SHIFT_RIGHT_32, LAST, 32 - FLOWS.ilog2() as i32);
}

/// Keeps the flow's hash if the packet is of a bulk transfer. The packet cannot be read after this.
fn keep_hash_of_bulk(program: &mut Assembler) {
    program.load_packet(HALF, LENGTH);
    program.compute(MOVE, BULK, LAST);
    program.compute(OR, BULK, FLOWS as i32);
    program.jump_if(RESULT, GREATER, LARGE, "bulk");
    program.compute(MOVE, BULK, 0);
    program.label("bulk");
}

fn find_flow(program: &mut Assembler, map: RawFd) {
    program.compute(SHIFT_LEFT, LAST, WORD_BYTES.ilog2() as i32);
    program.map_address(FLOW, map, WORKERS as i32 * WORD_BYTES);
    program.compute(ADD, FLOW, LAST);
    program.call(KTIME_GET_NS);
    program.compute(MOVE, NOW, RESULT);
    program.load(LAST, FLOW);
}

/// Keeps a flow's queue unless the flow is new or idle, or its queue's worker was idle since its last packet.
fn keep(program: &mut Assembler, map: RawFd) {
    program.compute(MOVE, A, LAST);
    program.compute(AND, A, (1 << QUEUE_BITS) - 1);
    program.jump_if(A, EQUAL, 0, "choose");
    program.compute(SHIFT_RIGHT, LAST, QUEUE_BITS);
    program.compute(SHIFT_LEFT, LAST, QUEUE_BITS);
    program.compute(MOVE, B, NOW);
    program.compute(SUBTRACT, B, LAST);
    program.jump_if(B, GREATER, IDLE.as_nanos() as i32, "choose");
    program.compute(MOVE, B, A);
    program.compute(ADD, B, -1);
    program.compute(AND, B, WORKERS as i32 - 1);
    program.compute(SHIFT_LEFT, B, WORD_BYTES.ilog2() as i32);
    program.map_address(C, map, 0);
    program.compute(ADD, C, B);
    program.load(C, C);
    program.compute(ADD, LAST, SETTLING.as_nanos() as i32 + (1 << QUEUE_BITS));
    program.jump_if(C, GREATER, LAST, "choose");
    program.compute(MOVE, LAST, A);
    program.jump("remember");
}

/// Chooses the queue for this processor, plus one; for a processor without a worker, any queue. A bulk transfer gets the queue
/// of its hash: otherwise all transfers that begin on one processor would share a queue, and keep it while its worker is busy.
fn choose(program: &mut Assembler, queues: &[(usize, usize)]) {
    program.label("choose");
    program.compute(MOVE, RESULT, BULK);
    program.jump_if(BULK, DIFFERENT, 0, "any");
    program.call(GET_SMP_PROCESSOR_ID);
    for (processor, queue) in queues {
        program.compute(MOVE, LAST, *queue as i32 + 1);
        program.jump_if(RESULT, EQUAL, *processor as i32, "remember");
    }
    program.label("any");
    program.compute(MOVE, LAST, RESULT);
    program.compute(MODULO, LAST, queues.len() as i32);
    program.compute(ADD, LAST, 1);
}

/// Stores the packet's time and queue, and returns the queue.
fn remember(program: &mut Assembler) {
    program.label("remember");
    program.compute(SHIFT_RIGHT, NOW, QUEUE_BITS);
    program.compute(SHIFT_LEFT, NOW, QUEUE_BITS);
    program.compute(OR, NOW, LAST);
    program.store(FLOW, NOW);
    program.compute(ADD, LAST, -1);
    program.compute(MOVE, RESULT, LAST);
    program.exit();
}
