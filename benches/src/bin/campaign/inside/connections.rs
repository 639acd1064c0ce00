//! TCP connections with continuous data: each sends a pattern of its own and expects it back unchanged.

use super::protocol::Loss;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of a chunk.
const CHUNK: usize = 700;
/// The pause between two chunks, so that hundreds of connections leave processor time to others.
const REST: Duration = Duration::from_millis(20);
/// The time limit for opening all connections.
const OPENING: Duration = Duration::from_secs(30);

/// Echoes the data of every connection to a port.
pub fn serve(port: u16) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // The other end notices a broken connection.
            thread::spawn(move || io::copy(&mut &stream, &mut &stream));
        }
    });
    Ok(())
}

/// The connections that this host has opened.
#[derive(Default)]
pub struct Connections(Vec<Arc<Connection>>);

#[derive(Default)]
struct Connection {
    bytes: AtomicU64,
    lost: Mutex<Option<String>>,
}

impl Connections {
    /// Opens connections that exchange data from now on.
    pub fn open(&mut self, to: SocketAddrV4, count: usize) -> io::Result<()> {
        for _ in 0..count {
            let stream = TcpStream::connect_timeout(&to.into(), OPENING)?;
            stream.set_nodelay(true)?;
            let connection = Arc::<Connection>::default();
            let (seed, own) = (self.0.len() as u64, Arc::clone(&connection));
            thread::spawn(move || own.exchange(&stream, seed));
            self.0.push(connection);
        }
        Ok(())
    }

    /// Waits until every connection has exchanged a chunk that was sent after this call. Returns those that have not after
    /// `patience`.
    pub fn losses(&self, patience: Duration) -> Vec<Loss> {
        // The chunk in transit may have been sent before this call.
        let goals: Vec<u64> =
            self.0.iter().map(|connection| connection.bytes.load(Relaxed) + 2 * CHUNK as u64).collect();
        let until = Instant::now() + patience;
        let (mut losses, mut waiting): (Vec<Loss>, Vec<usize>) = (Vec::new(), (0..self.0.len()).collect());
        while !waiting.is_empty() {
            let is_late = Instant::now() > until;
            waiting.retain(|index| {
                let connection = &self.0[*index];
                let how = match connection.lost() {
                    None if connection.bytes.load(Relaxed) >= goals[*index] => return false,
                    None if is_late => format!("silent for {} s", patience.as_secs()),
                    None => return true,
                    Some(how) => how,
                };
                losses.push(Loss { connection: *index, how });
                false
            });
            thread::sleep(Duration::from_millis(5));
        }
        losses
    }

    /// The bytes that all connections have exchanged.
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|connection| connection.bytes.load(Relaxed)).sum()
    }
}

impl Connection {
    /// How the connection was lost, if it was.
    fn lost(&self) -> Option<String> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends chunk after chunk and compares the replies until one is wrong.
    fn exchange(&self, stream: &TcpStream, seed: u64) {
        let how = loop {
            let start = self.bytes.load(Relaxed);
            if let Err(how) = exchange_chunk(stream, seed, start) {
                break how;
            }
            self.bytes.store(start + CHUNK as u64, Relaxed);
            thread::sleep(REST);
        };
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(how);
    }
}

fn exchange_chunk(mut stream: &TcpStream, seed: u64, start: u64) -> Result<(), String> {
    let sent: [u8; CHUNK] = std::array::from_fn(|index| pattern(seed, start + index as u64));
    let mut received = [0; CHUNK];
    stream.write_all(&sent).and_then(|()| stream.read_exact(&mut received)).map_err(|error| error.to_string())?;
    match sent.iter().zip(received).position(|(sent, received)| *sent != received) {
        None => Ok(()),
        Some(at) => Err(format!("byte {} is {:#x}, not {:#x}", start + at as u64, received[at], sent[at])),
    }
}

/// The byte at an offset: no two connections, and no two places near each other, have the same bytes.
fn pattern(seed: u64, offset: u64) -> u8 {
    let mixed = (offset / 8 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.wrapping_mul(0xd134_2543_de82_ef95);
    mixed.to_le_bytes()[(offset % 8) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A server of one connection that sends back `change` of each byte, and ends after this many bytes.
    fn opened(change: fn(u8) -> u8, ends_after: usize) -> Connections {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut bytes, mut served) = ([0; CHUNK], 0);
            while served < ends_after && stream.read_exact(&mut bytes).is_ok() {
                stream.write_all(&bytes.map(change)).unwrap();
                served += CHUNK;
            }
        });
        let mut connections = Connections::default();
        connections.open(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port), 1).unwrap();
        connections
    }

    #[test]
    fn a_working_connection_is_not_lost() {
        let connections = opened(|byte| byte, usize::MAX);
        assert!(connections.losses(PATIENCE).is_empty());
        assert!(connections.bytes() >= 2 * CHUNK as u64);
    }

    #[test]
    fn a_wrong_byte_or_the_end_is_a_loss() {
        let losses = opened(|byte| byte ^ 1, usize::MAX).losses(PATIENCE);
        assert!(losses[0].how.starts_with("byte 0 is"), "{losses:?}");
        assert_eq!(opened(|byte| byte, CHUNK).losses(PATIENCE).len(), 1);
    }
}
