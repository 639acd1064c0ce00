//! DNS queries at a steady rate, and the number that is answered.

use std::io;
use std::net::{SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The interval of sending. All queries that are due are sent together, as those of many programs would be.
const EVERY: Duration = Duration::from_millis(10);
/// The time without answers after which none is expected.
const SILENCE: Duration = Duration::from_millis(200);
/// The type A and the class IN (RFC 1035 §3.2).
const QUESTION: [u8; 4] = [0, 1, 0, 1];

/// A host's queries.
#[derive(Default)]
pub struct Queries {
    asked: Arc<AtomicU64>,
    answered: Arc<AtomicU64>,
    /// The flag that is true while the queries continue, and the threads that send and receive.
    running: Option<(Arc<AtomicBool>, [JoinHandle<()>; 2])>,
}

impl Queries {
    /// Sends queries for a name to a resolver, this many a second, until [`end`](Self::end).
    pub fn start(&mut self, to: SocketAddrV4, name: &str, rate: u32) -> io::Result<()> {
        self.end();
        let query = query(name);
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.connect(to)?;
        let running = Arc::new(AtomicBool::new(true));
        let (asked, answered) = (Arc::clone(&self.asked), Arc::clone(&self.answered));
        let receiver = socket.try_clone()?;
        receiver.set_read_timeout(Some(SILENCE))?;
        let continues = Arc::clone(&running);
        let listening = thread::spawn(move || {
            let mut answer = [0; 512];
            loop {
                match receiver.recv(&mut answer) {
                    // An answer without records (ANCOUNT) counts as none.
                    Ok(length) if length > 12 && answer[7] > 0 => {
                        answered.fetch_add(1, Relaxed);
                    }
                    Err(_) if !continues.load(Relaxed) => return,
                    _ => {}
                }
            }
        });
        let continues = Arc::clone(&running);
        let asking = thread::spawn(move || {
            let (start, mut sent) = (Instant::now(), 0);
            while continues.load(Relaxed) {
                let due = (start.elapsed().as_secs_f64() * f64::from(rate)) as u64;
                for number in sent..due {
                    let mut query = query.clone();
                    query[..2].copy_from_slice(&(number as u16).to_be_bytes());
                    // A query that is not sent is not answered, and so is counted.
                    let _ = socket.send(&query);
                }
                asked.fetch_add(due - sent, Relaxed);
                sent = due;
                thread::sleep(EVERY);
            }
        });
        self.running = Some((running, [asking, listening]));
        Ok(())
    }

    /// Ends the queries once no more answers arrive. Returns how many were sent and answered.
    pub fn end(&mut self) -> (u64, u64) {
        if let Some((running, threads)) = self.running.take() {
            running.store(false, Relaxed);
            // A thread that panicked has counted what it could.
            threads.into_iter().for_each(|thread| drop(thread.join()));
        }
        (self.asked.load(Relaxed), self.answered.load(Relaxed))
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
