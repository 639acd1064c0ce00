//! Steering on real interfaces: the queue that takes a packet.

#![allow(clippy::unwrap_used)] // A test that cannot go on should stop here.

mod support;

use dataplane::port::{Queue, READ_SPACE, Steering};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::socket::{setsockopt, sockopt};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::thread;
use support::{Sandbox, port};

/// A host with two queues for workers on these processors, and a socket of one flow.
struct Steered {
    sandbox: Sandbox,
    processors: [usize; 2],
    steering: Arc<Steering>,
    queues: Vec<Queue>,
    flow: UdpSocket,
}

impl Steered {
    fn new() -> Self {
        let all = sched_getaffinity(Pid::from_raw(0)).unwrap();
        let mut allowed = (0..CpuSet::count()).filter(|cpu| all.is_set(*cpu).unwrap());
        let processors = [(); 2].map(|()| allowed.next().expect("two processors"));
        let sandbox = Sandbox::new();
        let steering = Arc::new(Steering::new(&processors).expect("the right to load a BPF program"));
        let hosts = sandbox.hosts(2).steered(Some(Arc::clone(&steering)));
        let queues = hosts.open(&port("a", Ipv4Addr::new(10, 1, 2, 3))).unwrap();
        let flow = socket(&sandbox);
        Self { sandbox, processors, steering, queues, flow }
    }

    /// The queue that takes a datagram sent on this processor.
    fn queue_of(&self, socket: &UdpSocket, processor: usize) -> usize {
        self.queue_of_all(socket, processor, b"x")
    }

    /// The queue that takes one message that is sent on this processor.
    fn queue_of_all(&self, socket: &UdpSocket, processor: usize, sent: &[u8]) -> usize {
        thread::scope(|scope| {
            let send = || {
                let mut only = CpuSet::new();
                only.set(processor).unwrap();
                sched_setaffinity(Pid::from_raw(0), &only).unwrap();
                socket.send_to(sent, "198.51.100.7:99").unwrap();
            };
            scope.spawn(send).join().unwrap();
        });
        let mut space = vec![0; READ_SPACE];
        let taken = self.queues.iter().position(|queue| queue.read(&mut space).is_ok()).expect("a packet");
        while self.queues[taken].read(&mut space).is_ok() {}
        taken
    }
}

fn socket(sandbox: &Sandbox) -> UdpSocket {
    sandbox.inside("a", || UdpSocket::bind("0.0.0.0:0")).unwrap()
}

#[test]
fn a_new_flow_takes_the_queue_beside_its_sender() {
    let steered = Steered::new();
    for (index, processor) in steered.processors.into_iter().enumerate() {
        // Two flows may have the same hash, and then share a queue.
        let queues: Vec<_> = (0..8).map(|_| steered.queue_of(&socket(&steered.sandbox), processor)).collect();
        let beside = queues.iter().filter(|queue| **queue == 1 - index).count();
        assert!(beside >= 6, "from processor {processor}: {queues:?}");
    }
}

#[test]
fn bulk_transfers_of_one_processor_take_all_queues() {
    let steered = Steered::new();
    let bulk = || {
        let socket = socket(&steered.sandbox);
        setsockopt(&socket, sockopt::UdpGsoSegment, &1000).unwrap();
        socket
    };
    let queue = |socket| steered.queue_of_all(&socket, steered.processors[0], &[0; 20_000]);
    let queues: BTreeSet<_> = (0..24).map(|_| queue(bulk())).collect();
    assert_eq!(queues, BTreeSet::from([0, 1]));
}

#[test]
fn a_flow_changes_its_queue_only_after_that_queue_was_seen_empty() {
    let steered = Steered::new();
    let [first, second] = steered.processors;
    let started = steered.queue_of(&steered.flow, first);
    assert_eq!(started, 1);
    // A flow that was idle for long might change its queue.
    let kept = (0..3).map(|_| steered.queue_of(&steered.flow, second)).collect::<Vec<_>>();
    assert_eq!(kept, [1; 3]);
    steered.steering.idle(0, u64::MAX);
    assert_eq!(steered.queue_of(&steered.flow, second), 1, "another worker's idleness does not matter");
    steered.steering.idle(1, u64::MAX);
    assert_eq!(steered.queue_of(&steered.flow, second), 0);
}
