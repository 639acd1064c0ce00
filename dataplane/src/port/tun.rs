//! TUN interfaces, opened in the network namespace of the calling thread.

use super::queue::Queue;
use super::steering::Steering;
use crate::packet::VIRTIO_HEADER;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use wire::PortKind;

mod ioctl {
    use nix::libc;
    nix::ioctl_write_ptr_bad!(set_iff, nix::request_code_write!(b'T', 202, size_of::<libc::c_int>()), libc::ifreq);
    nix::ioctl_write_int!(set_persist, b'T', 203);
    nix::ioctl_write_int!(set_offload, b'T', 208);
    nix::ioctl_write_ptr!(set_header_length, b'T', 216, libc::c_int);
}

/// Opens the queues of an interface in this thread's namespace, and makes the interface if it does not exist: `count`
/// queues with offloads, or the only queue of a plain one. It stays when the queues are closed. `steering` chooses
/// among several queues; without it the kernel does.
///
/// # Errors
/// `InvalidInput` if the interface exists and is of another kind; otherwise the kernel's error.
pub fn open(name: &str, kind: PortKind, count: usize, steering: Option<&Steering>) -> io::Result<Vec<Queue>> {
    match kind {
        PortKind::Offload => {
            let files = (0..count).map(|_| open_offload(name)).collect::<io::Result<Vec<_>>>()?;
            if let (Some(steering), Some(any)) = (steering, files.first()) {
                steering.attach(any)?;
            }
            Ok(files.into_iter().map(|file| Queue::Offload(Arc::new(file))).collect())
        }
        PortKind::Plain => Ok(vec![Queue::Plain(Arc::new(open_plain(name)?))]),
    }
}

/// The queues of an interface from an earlier process's descriptors. `None` unless they are as many as [`open`] would give and
/// their interface still exists.
pub fn reopen(kind: PortKind, count: usize, descriptors: Vec<OwnedFd>) -> Option<Vec<Queue>> {
    let count = if kind == PortKind::Offload { count } else { 1 };
    let is_whole = descriptors.len() == count && descriptors.iter().all(is_attached);
    let queue = |descriptor| {
        let file = Arc::new(File::from(descriptor));
        if kind == PortKind::Offload { Queue::Offload(file) } else { Queue::Plain(file) }
    };
    is_whole.then(|| descriptors.into_iter().map(queue).collect())
}

/// Whether a queue's interface exists. Asking for the interface's name would take the kernel's lock of all interfaces (RTNL).
pub fn is_attached(descriptor: &impl AsFd) -> bool {
    let mut asked = [PollFd::new(descriptor.as_fd(), PollFlags::POLLIN)];
    let polled = poll(&mut asked, PollTimeout::ZERO);
    polled.is_ok() && !asked.iter().filter_map(PollFd::revents).any(|events| events.contains(PollFlags::POLLERR))
}

fn open_offload(name: &str) -> io::Result<File> {
    let flags = libc::O_NONBLOCK | libc::O_CLOEXEC;
    let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/net/tun")?;
    let flags = libc::IFF_TUN | libc::IFF_NO_PI | libc::IFF_MULTI_QUEUE | libc::IFF_VNET_HDR;
    let request = interface_request(name, flags as libc::c_short);
    let header_length = VIRTIO_HEADER as libc::c_int;
    let fd = file.as_raw_fd();
    // SAFETY: `fd` is open, `request` and `header_length` are what these calls read, and live through them.
    unsafe {
        ioctl::set_iff(fd, &request)?;
        ioctl::set_header_length(fd, &header_length)?;
    }
    set_offloads(&file)?;
    set_persistent(&file)?;
    Ok(file)
}

fn open_plain(name: &str) -> io::Result<File> {
    let interface = tun_tap::Iface::without_packet_info(name, tun_tap::Mode::Tun)?;
    // SAFETY: `into_raw_fd` gives the descriptor up, so nothing else owns it.
    let file = File::from(unsafe { OwnedFd::from_raw_fd(interface.into_raw_fd()) });
    fcntl(&file, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    set_persistent(&file)?;
    Ok(file)
}

/// Tells the kernel that we take packets with partial checksums and coalesced packets. Coalesced UDP needs Linux 6.2.
fn set_offloads(file: &File) -> io::Result<()> {
    let tcp = libc::TUN_F_CSUM | libc::TUN_F_TSO4 | libc::TUN_F_TSO6 | libc::TUN_F_TSO_ECN;
    let udp = libc::TUN_F_USO4 | libc::TUN_F_USO6;
    let set = |offloads: libc::c_uint| {
        // SAFETY: `file` is open, the argument is a plain number.
        unsafe { ioctl::set_offload(file.as_raw_fd(), offloads.into()) }
    };
    match set(tcp | udp) {
        Err(Errno::EINVAL) => set(tcp)?,
        other => other?,
    };
    Ok(())
}

fn set_persistent(file: &File) -> io::Result<()> {
    // SAFETY: `file` is open, the argument is a plain number.
    unsafe { ioctl::set_persist(file.as_raw_fd(), 1)? };
    Ok(())
}

fn interface_request(name: &str, flags: libc::c_short) -> libc::ifreq {
    let mut ifr_name = [0; libc::IFNAMSIZ];
    for (to, from) in ifr_name.iter_mut().zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    libc::ifreq { ifr_name, ifr_ifru: libc::__c_anonymous_ifr_ifru { ifru_flags: flags } }
}
