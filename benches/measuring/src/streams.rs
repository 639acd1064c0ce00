//! TCP streams, and the threads that fill and empty them.

use super::counters::Counters;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Bytes of one write or read.
const BLOCK: usize = 128 * 1024;
/// How long a connection may take to open.
const PATIENCE: Duration = Duration::from_secs(5);

/// First byte of a stream: the opener sends.
const OPENER_SENDS: u8 = b'>';
/// First byte of a stream: the opener receives.
const OPENER_RECEIVES: u8 = b'<';

/// Traffic that runs until it is told to stop.
#[derive(Debug, Default)]
pub(super) struct Streams {
    sockets: Vec<TcpStream>,
    pub(super) threads: Vec<JoinHandle<()>>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Streams {
    /// Opens streams and starts a thread for each.
    pub fn open(to: SocketAddrV4, sending: usize, receiving: usize, counters: &Arc<Counters>) -> io::Result<Self> {
        let mut streams = Self::default();
        for index in 0..sending + receiving {
            let mut socket = TcpStream::connect_timeout(&to.into(), PATIENCE)?;
            let kind = if index < sending { OPENER_SENDS } else { OPENER_RECEIVES };
            socket.write_all(&[kind])?;
            streams.sockets.push(socket.try_clone()?);
            let counters = Arc::clone(counters);
            let thread = thread::spawn(move || match kind {
                OPENER_SENDS => fill(&mut socket),
                _ => drain(&mut socket, &counters),
            });
            streams.threads.push(thread);
        }
        Ok(streams)
    }

    /// Ends all streams and waits for their threads.
    pub fn close(self) {
        self.stop.store(true, Relaxed);
        for socket in &self.sockets {
            // A stream that has ended already cannot be shut down.
            let _ = socket.shutdown(Shutdown::Both);
        }
        self.threads.into_iter().for_each(|thread| drop(thread.join()));
    }
}

/// Accepts connections at a port from now on.
pub(super) fn listen(port: u16, counters: Arc<Counters>) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
    thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            if counters.closes.load(Relaxed) {
                continue;
            }
            let counters = Arc::clone(&counters);
            thread::spawn(move || serve(socket, &counters));
        }
    });
    Ok(())
}

fn serve(mut socket: TcpStream, counters: &Counters) {
    let mut kind = [0];
    match socket.read_exact(&mut kind).map(|()| kind[0]) {
        Ok(OPENER_SENDS) => drain(&mut socket, counters),
        Ok(OPENER_RECEIVES) => fill(&mut socket),
        _ => {}
    }
}

fn fill(socket: &mut TcpStream) {
    let block = vec![0x5a; BLOCK];
    while socket.write_all(&block).is_ok() {}
}

fn drain(socket: &mut TcpStream, counters: &Counters) {
    let mut block = vec![0; BLOCK];
    while let Ok(length @ 1..) = socket.read(&mut block) {
        counters.bytes.fetch_add(length as u64, Relaxed);
    }
}
