//! The system calls: make a map, load a program, attach it to an interface (bpf(2), linux/bpf.h).

use super::assembler::Instruction;
use nix::libc::{self, c_long};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

const MAP_CREATE: c_long = 0;
const PROG_LOAD: c_long = 5;
const MAP_TYPE_ARRAY: u32 = 2;
const PROG_TYPE_SOCKET_FILTER: u32 = 1;
/// The map can be mapped into memory.
const F_MMAPABLE: u32 = 1 << 10;

mod ioctl {
    use nix::libc;
    nix::ioctl_read!(set_steering, b'T', 224, libc::c_int);
}

/// The arguments of `BPF_MAP_CREATE`.
#[repr(C)]
struct MapCreate {
    map_type: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    map_flags: u32,
}

/// The arguments of `BPF_PROG_LOAD`.
#[repr(C)]
struct ProgLoad {
    prog_type: u32,
    insn_cnt: u32,
    insns: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buf: u64,
    kern_version: u32,
    prog_flags: u32,
}

/// Makes a map with one value of this many bytes.
pub fn create_map(bytes: usize) -> io::Result<OwnedFd> {
    let value_size = u32::try_from(bytes).map_err(|_| io::ErrorKind::InvalidInput)?;
    let arguments =
        MapCreate { map_type: MAP_TYPE_ARRAY, key_size: 4, value_size, max_entries: 1, map_flags: F_MMAPABLE };
    call(MAP_CREATE, &arguments)
}

/// Loads a program, which the kernel checks.
pub fn load_program(program: &[Instruction]) -> io::Result<OwnedFd> {
    let arguments = ProgLoad {
        prog_type: PROG_TYPE_SOCKET_FILTER,
        insn_cnt: program.len() as u32,
        insns: program.as_ptr() as u64,
        license: c"Dual MIT/GPL".as_ptr() as u64,
        log_level: 0,
        log_size: 0,
        log_buf: 0,
        kern_version: 0,
        prog_flags: 0,
    };
    call(PROG_LOAD, &arguments)
}

/// Lets a program choose the queues of a TUN interface.
pub fn steer(interface: &File, program: &OwnedFd) -> io::Result<()> {
    let mut program: RawFd = program.as_raw_fd();
    // SAFETY: `interface` is open, and the kernel reads a descriptor from `program`, which lives through the call.
    unsafe { ioctl::set_steering(interface.as_raw_fd(), &mut program)? };
    Ok(())
}

fn call<T>(command: c_long, arguments: &T) -> io::Result<OwnedFd> {
    // SAFETY: `arguments` is what this command reads, with its length, and what it points to lives through the call.
    let descriptor = unsafe { libc::syscall(libc::SYS_bpf, command, std::ptr::from_ref(arguments), size_of::<T>()) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor as RawFd) })
}
