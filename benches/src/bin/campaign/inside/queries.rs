//! DNS queries at a steady rate, and the number that is answered.

use super::protocol::Queries;
use std::io;
use std::net::{SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The interval of sending. All queries that are due are sent together, as those of many programs would be.
const EVERY: Duration = Duration::from_millis(10);
/// The time without answers after which none is expected.
const SILENCE: Duration = Duration::from_millis(200);
/// The type A and the class IN (RFC 1035 §3.2).
const QUESTION: [u8; 4] = [0, 1, 0, 1];

/// A host's queries, while they continue.
#[derive(Default)]
pub struct Asking(Option<Threads>);

struct Threads {
    /// Whether the queries continue.
    going: Arc<AtomicBool>,
    /// Returns how many were sent, and how long that lasted.
    asking: JoinHandle<(u64, Duration)>,
    /// Returns how many were answered.
    listening: JoinHandle<u64>,
}

impl Asking {
    /// Sends queries for a name to a resolver, this many a second, until [`end`](Self::end).
    pub fn start(&mut self, to: SocketAddrV4, name: &str, rate: u32) -> io::Result<()> {
        self.end();
        let query = query(name);
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.connect(to)?;
        let receiver = socket.try_clone()?;
        receiver.set_read_timeout(Some(SILENCE))?;
        let going = Arc::new(AtomicBool::new(true));
        let (asks, listens) = (Arc::clone(&going), Arc::clone(&going));
        let listening = thread::spawn(move || listen(&receiver, &listens));
        let asking = thread::spawn(move || ask(&socket, &query, rate, &asks));
        self.0 = Some(Threads { going, asking, listening });
        Ok(())
    }

    /// Ends the queries once no more answers arrive.
    pub fn end(&mut self) -> Queries {
        let Some(Threads { going, asking, listening }) = self.0.take() else { return Queries::default() };
        going.store(false, Relaxed);
        // A thread that panicked counts nothing, which the campaign reports as a broken promise.
        let (asked, lasted) = asking.join().unwrap_or_default();
        Queries { asked, answered: listening.join().unwrap_or_default(), lasted }
    }
}

fn ask(socket: &UdpSocket, query: &[u8], rate: u32, going: &AtomicBool) -> (u64, Duration) {
    let mut query = query.to_vec();
    let (start, mut sent) = (Instant::now(), 0);
    while going.load(Relaxed) {
        let due = (start.elapsed().as_secs_f64() * f64::from(rate)) as u64;
        for number in sent..due {
            query[..2].copy_from_slice(&(number as u16).to_be_bytes());
            // A query that is not sent is not answered, and so is counted.
            let _ = socket.send(&query);
        }
        sent = due;
        thread::sleep(EVERY);
    }
    (sent, start.elapsed())
}

fn listen(socket: &UdpSocket, going: &AtomicBool) -> u64 {
    let (mut answer, mut answered) = ([0; 512], 0);
    loop {
        match socket.recv(&mut answer) {
            // An answer without records (ANCOUNT) counts as none.
            Ok(length) if length > 12 && answer[7] > 0 => answered += 1,
            Err(_) if !going.load(Relaxed) => return answered,
            _ => {}
        }
    }
}

/// A query for the address of a name (RFC 1035 §4.1).
fn query(name: &str) -> Vec<u8> {
    let mut bytes = vec![0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        bytes.push(label.len() as u8);
        bytes.extend(label.bytes());
    }
    bytes.push(0);
    bytes.extend(QUESTION);
    bytes
}
