//! A worker's loop.

use super::attached::Attached;
use super::in_transit::InTransit;
use super::report::DropLog;
use super::schedule::{DECISION, QUANTUM, Schedule, copying};
use super::tap::{Before, Tap};
use crate::packet::coalesce::{Coalescer, MAX_GATHERED, QueuedPacket};
use crate::packet::{Offload, VIRTIO_HEADER, View, VirtioHeader};
use crate::pipeline::{AccountEntries, Batch, Engine, FlowAccounting, Outcome, Packet, Parsed};
use crate::port::{READ_SPACE, Steering};
use crate::record::{Recorder, Turn};
use crossbeam::channel::Receiver;
use crossbeam::sync::WaitGroup;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::EventFd;
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use wire::{Culprit, Drop, DropReason, DropRecord, FiveTuple, PortId};

/// The greatest number of packets in a batch, which are all from one port.
const BATCH_PACKETS: usize = MAX_GATHERED;
/// The size of a batch, in bytes, at which it takes no further packet. It stays within a core's cache.
const BATCH_BYTES: usize = 256 * 1024;
/// The number of segments in a batch at which it takes no further packet.
const BATCH_PIECES: u64 = 256;
/// How long a worker polls for packets before it sleeps. Sleeping and waking cost a packet some 30 µs.
const POLLING: Duration = Duration::from_micros(50);
/// A polling worker without packets yields its processor once in this many rounds.
const YIELD_EVERY: u64 = 16;
/// The greatest number of ready ports that the kernel reports at a time.
const EVENTS: usize = 64;
/// The event of the wake-up descriptor. No port has this number.
const WAKE: u64 = u64::MAX;

/// A command to a worker.
pub enum Command {
    /// Write to this queue of a port, and read from it if `reads` is set.
    Attach {
        /// The port.
        port: PortId,
        /// Its queue and counters.
        attached: Box<Attached>,
        /// Whether to read from the queue.
        reads: bool,
    },
    /// Forget this port.
    Detach(PortId),
    /// Drop this value once the tables published before it are in use and the commands sent before it are carried out.
    Sync(WaitGroup),
    /// Stop.
    Stop,
}

/// The connection of a worker to the steering program, which is told when the worker is idle.
pub struct Idling {
    /// The program.
    pub steering: Arc<Steering>,
    /// The worker's number.
    pub worker: usize,
}

impl Idling {
    fn now(&self) -> u64 {
        self.steering.now()
    }

    /// Tells it that all queues were empty at this time.
    fn tell(&self, since: u64) {
        self.steering.idle(self.worker, since);
    }
}

/// One worker.
pub struct Worker {
    engine: Arc<Engine>,
    recorder: Arc<Recorder>,
    inbox: Receiver<Command>,
    wake: Arc<EventFd>,
    pub(super) log: Arc<DropLog>,
    accounting: Arc<FlowAccounting>,
    epoll: Epoll,
    pub(super) ports: HashMap<PortId, Attached, foldhash::fast::RandomState>,
    schedule: Schedule,
    /// Ports that had packets when all ports were last looked at.
    busy: Vec<PortId>,
    /// A batch's packets, each behind its virtio header.
    memory: Box<[u8]>,
    arrived: Vec<Arrived>,
    outgoing: Coalescer<PortId>,
    pub(super) in_transit: InTransit,
    /// The current packet as it was read, kept while a capture runs.
    before: Vec<u8>,
    idling: Option<Idling>,
}

/// A packet of a batch.
struct Arrived {
    offload: Offload,
    range: Range<usize>,
    parsed: Parsed,
}

impl Worker {
    /// Makes a worker without ports.
    pub fn new(
        (engine, recorder): (Arc<Engine>, Arc<Recorder>),
        inbox: Receiver<Command>,
        wake: Arc<EventFd>,
        log: Arc<DropLog>,
        accounting: Arc<FlowAccounting>,
        idling: Option<Idling>,
    ) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&wake, EpollEvent::new(EpollFlags::EPOLLIN, WAKE))?;
        let memory = vec![0; BATCH_BYTES + READ_SPACE].into_boxed_slice();
        let (ports, outgoing, in_transit) = (HashMap::default(), Coalescer::default(), InTransit::default());
        let (schedule, busy) = (Schedule::default(), Vec::with_capacity(EVENTS));
        let arrived = Vec::with_capacity(BATCH_PACKETS);
        Ok(Self {
            engine,
            recorder,
            inbox,
            wake,
            log,
            accounting,
            epoll,
            ports,
            schedule,
            busy,
            memory,
            arrived,
            outgoing,
            in_transit,
            before: Vec::new(),
            idling,
        })
    }

    /// Works until it is told to stop. A panic ends the whole process, so that the supervisor starts a new one. Otherwise the
    /// packets in this worker's queues would be lost silently.
    pub fn run(mut self) {
        let _guard = AbortOnPanic;
        // These are cloned once. Counting references at every poll would make all workers write to one cache line.
        let (engine, recorder) = (Arc::clone(&self.engine), Arc::clone(&self.recorder));
        let mut last_work = Instant::now();
        for round in 0u64.. {
            self.deliver_due(&engine, &recorder);
            let polls = last_work.elapsed() < POLLING;
            let worked = match polls.then(|| self.serve_hot(&engine, &recorder)).flatten() {
                Some(worked) => worked,
                None => match self.serve_ready(&engine, &recorder, polls) {
                    Some(worked) => worked,
                    None => return,
                },
            };
            if worked {
                last_work = Instant::now();
            } else if round.is_multiple_of(YIELD_EVERY) {
                // If processors are scarce, the hosts' programs need them more than polling does.
                thread::yield_now();
            }
        }
    }

    /// Moves the packets of the ports that are polled directly. Returns whether there were any, and `None` if it is time to look
    /// at all ports.
    fn serve_hot(&mut self, engine: &Engine, recorder: &Recorder) -> Option<bool> {
        let mut worked = None;
        for _ in 0..self.schedule.hot() {
            let Some(port) = self.schedule.next() else { break };
            let cost = self.serve(engine, recorder, port);
            // Polling a port costs something even if it has nothing.
            self.schedule.spend(cost + 1);
            worked = Some(worked.unwrap_or_default() | (cost > 0));
        }
        worked
    }

    /// Moves the packets of every ready port, and carries out commands. Waits for either unless it `polls`. Returns whether
    /// there were packets, and `None` if the last command was to stop.
    fn serve_ready(&mut self, engine: &Engine, recorder: &Recorder, polls: bool) -> Option<bool> {
        if !polls {
            self.schedule.rest();
            recorder.flush();
        }
        let since = self.idling.as_ref().map(Idling::now);
        let mut events = [EpollEvent::empty(); EVENTS];
        let timeout = if polls { EpollTimeout::ZERO } else { self.in_transit.timeout(engine.impaired.now()) };
        let ready = match self.epoll.wait(&mut events, timeout) {
            Ok(ready) => ready,
            Err(Errno::EINTR) => 0,
            // The descriptor and the memory are valid and ours, so no other error is possible.
            Err(error) => panic!("cannot wait for packets: {error}"),
        };
        if let (0, Some(idling), Some(since)) = (ready, &self.idling, since) {
            idling.tell(since);
        }
        self.busy.clear();
        for event in events.iter().take(ready) {
            if event.data() == WAKE {
                let _ = self.wake.read();
                if !self.run_commands() {
                    return None;
                }
                continue;
            }
            let port = PortId(event.data() as u32);
            if self.serve(engine, recorder, port) > 0 {
                self.busy.push(port);
            }
        }
        self.schedule.looked(&self.busy);
        Some(!self.busy.is_empty())
    }

    /// Carries out all commands. Returns `false` if the last one was to stop.
    fn run_commands(&mut self) -> bool {
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                Command::Attach { port, attached, reads } => self.attach(port, *attached, reads),
                Command::Detach(port) => self.detach(port),
                Command::Sync(done) => drop(done),
                Command::Stop => return false,
            }
        }
        true
    }

    fn attach(&mut self, port: PortId, attached: Attached, reads: bool) {
        self.detach(port);
        if reads {
            let interest = EpollEvent::new(EpollFlags::EPOLLIN, port.0.into());
            if let Err(error) = self.epoll.add(&attached.queue, interest) {
                tracing::error!(%port, %error, "cannot watch this port's queue: what its host sends will not be read");
            }
        }
        self.ports.insert(port, attached);
    }

    fn detach(&mut self, port: PortId) {
        self.schedule.forget(port);
        if let Some(attached) = self.ports.remove(&port) {
            // Not every worker reads from every port, so the queue may not be registered.
            let _ = self.epoll.delete(&attached.queue);
        }
    }

    /// Moves one batch of a port's packets, unless the port is in debt. Returns the cost, which is 0 if there was
    /// nothing.
    fn serve(&mut self, engine: &Engine, recorder: &Recorder, port: PortId) -> u32 {
        if !self.ports.get_mut(&port).is_some_and(|source| source.debt.pay()) {
            return self.ports.get(&port).map_or(0, |_| QUANTUM);
        }
        let mut turn = recorder.turn(engine);
        let batch = engine.batch();
        if let Some(turn) = &mut turn {
            turn.at(batch.now(), engine.since_1970());
        }
        let read = self.read(port, &batch, turn.as_mut());
        if read == 0 {
            return 0;
        }
        if self.arrived.len() > 1 {
            batch.prefetch(self.arrived.iter().map(|arrived| (port, &arrived.parsed)));
        }
        let accounting = batch.has_accounting().then(|| Arc::clone(&self.accounting));
        let mut accounts = accounting.as_deref().map(FlowAccounting::open);
        let cost = read
            + self.pass(port, &batch, accounts.as_deref_mut(), turn.as_mut())
            + self.flush(port, turn.as_mut())
            + self.depart(&batch, turn.as_mut());
        if let Some(source) = self.ports.get_mut(&port) {
            source.debt.owe(cost);
        }
        cost
    }

    /// Reads a batch and parses its packets. Returns the cost, which is 0 if there were none.
    fn read(&mut self, port: PortId, batch: &Batch<'_>, mut turn: Option<&mut Turn<'_>>) -> u32 {
        let Some(source) = self.ports.get(&port) else { return 0 };
        let (mut end, mut packets, mut pieces) = (0, 0, 0);
        while packets < BATCH_PACKETS as u32 && pieces < BATCH_PIECES {
            let begin = end;
            let space = self.memory.get_mut(begin..begin + READ_SPACE).filter(|_| begin <= BATCH_BYTES);
            let Some(space) = space else { break };
            match source.queue.read(space) {
                Ok(length) => end += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    tracing::warn!(%port, %error, "this port's interface is gone");
                    let _ = self.epoll.delete(&source.queue);
                    self.schedule.forget(port);
                    break;
                }
            }
            let arrived = self.memory.get_mut(begin..end).and_then(<[u8]>::split_first_chunk_mut);
            packets += 1;
            let Some((header, bytes)) = arrived.filter(|(_, bytes)| !bytes.is_empty()) else { continue };
            if let Some(turn) = &mut turn {
                turn.arrived(port, *header, bytes);
            }
            match batch.parse_offloaded(port, &VirtioHeader::read(header), bytes) {
                Ok((parsed, offload)) => {
                    let start = begin + VIRTIO_HEADER;
                    pieces += offload.segments_and_bytes(parsed.length()).0;
                    self.arrived.push(Arrived { offload, range: start..start + parsed.length(), parsed });
                }
                Err(drop) => {
                    if let Some(tap) = Tap::of(&self.engine) {
                        tap.ended(port, bytes, drop);
                    }
                    source.counters.sent((1, bytes.len() as u64));
                    source.counters.dropped(drop.reason, 1);
                    if let Some(turn) = &mut turn {
                        turn.refused(drop);
                    }
                    self.log.add(DropRecord { at: self.engine.since_1970(), port, packet: None, drop });
                }
            }
        }
        copying(packets, end)
    }

    /// Moves a batch through the pipeline. Returns the cost.
    fn pass(
        &mut self,
        port: PortId,
        batch: &Batch<'_>,
        mut accounts: Option<&mut AccountEntries>,
        mut turn: Option<&mut Turn<'_>>,
    ) -> u32 {
        let Some(source) = self.ports.get(&port) else { return 0 };
        let (mut answers, impaired, counts, tap) =
            (0, batch.has_impairments(), batch.counts(), Tap::of(batch.engine()));
        for Arrived { offload, range, parsed } in self.arrived.drain(..) {
            let Some(bytes) = self.memory.get_mut(range.clone()) else { continue };
            let seen = accounts.as_ref().and_then(|_| batch.meta(port, &parsed, bytes));
            let (partial_checksum, segment_size) = (offload.needs_checksum(), offload.segment_size());
            if tap.is_some() {
                self.before.clear();
                self.before.extend_from_slice(batch.engine().captures.needed(bytes));
            }
            let mut packet = Packet { bytes, partial_checksum, segment_size };
            let outcome = batch.process_parsed(port, &parsed, &mut packet);
            if let Some(turn) = &mut turn {
                turn.passed(&outcome, parsed.view(), packet.bytes);
            }
            let amount = offload.segments_and_bytes(range.len());
            if counts {
                batch.count(port, &parsed, amount);
            }
            let path = if impaired { batch.impaired_path(port, &outcome, parsed.view(), packet.bytes) } else { None };
            if let Some(tap) = &tap {
                let before = Before { bytes: &self.before, length: range.len(), tuple: parsed.view().header.tuple };
                tap.passed(port, &before, packet.bytes, &outcome, path.is_none());
            }
            source.counters.sent(amount);
            if let (Some(seen), Some(entries)) = (seen, accounts.as_deref_mut()) {
                let dropped = if let Outcome::Drop { drop, .. } = &outcome { Some(drop.reason) } else { None };
                batch.account(&seen, dropped, amount, entries);
            }
            match outcome {
                Outcome::Forward { port: to, mtu } => {
                    let queued = QueuedPacket { offload, range, mtu };
                    if let Some(path) = path {
                        self.in_transit.add(&self.memory, path, queued);
                        continue;
                    }
                    let alone = self
                        .ports
                        .get(&to)
                        .is_none_or(|target| target.takes_alone(parsed.view(), &queued.offload, mtu));
                    self.outgoing.push(&self.memory, to, queued, alone);
                }
                Outcome::Drop { drop, packet: tuple, answer } => {
                    source.counters.dropped(drop.reason, amount.0);
                    self.log.add(DropRecord { at: self.engine.since_1970(), port, packet: tuple, drop });
                    if let Some(answer) = answer {
                        // An answer that cannot be delivered is dropped: nothing answers an answer.
                        if let (Err(_), Some(turn)) = (source.write_finished(&answer), &mut turn) {
                            turn.unanswered(port, answer.len());
                        }
                        answers += 1;
                    }
                }
            }
        }
        batch.decisions() * DECISION + copying(answers, 0)
    }

    /// Writes everything that a batch from this port has forwarded. Returns the cost.
    fn flush(&mut self, from: PortId, mut turn: Option<&mut Turn<'_>>) -> u32 {
        let mut cost = 0;
        let (ports, log, engine) = (&mut self.ports, &self.log, &self.engine);
        self.outgoing.drain(&mut self.memory, |to, first, gathered| {
            let written = match ports.get_mut(&to) {
                Some(target) => target.write(to, first, gathered),
                None => Err(io::ErrorKind::NotFound.into()),
            };
            cost += copying(written.as_ref().copied().unwrap_or(1), gathered.length());
            if written.is_err() {
                let (packets, bytes) = first.offload.segments_and_bytes(gathered.length());
                if let Some(turn) = &mut turn {
                    turn.undelivered(from, to, (packets, bytes));
                }
                let reason = DropReason::PortUnavailable;
                if let Some(source) = ports.get(&from) {
                    source.counters.dropped(reason, packets);
                }
                // The log has the packet as it was sent, and a NAT may have translated it.
                let tuple =
                    tuple(gathered.packet()).map(|delivered| engine.as_sent(to, delivered).unwrap_or(delivered));
                let drop = Drop { reason, culprit: Culprit::Port(to) };
                if let Some(tap) = Tap::of(engine) {
                    tap.ended(from, gathered.packet(), drop);
                }
                log.add(DropRecord { at: engine.since_1970(), port: from, packet: tuple, drop });
            }
        });
        cost
    }
}

/// Aborts the process when its thread panics.
struct AbortOnPanic;

impl std::ops::Drop for AbortOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            std::process::abort();
        }
    }
}

/// The 5-tuple of a packet that was parsed before.
fn tuple(packet: &[u8]) -> Option<FiveTuple> {
    View::parse(packet).ok().map(|view| view.header.tuple)
}
