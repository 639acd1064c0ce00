//! The rate at which several threads open TCP connections that the other end closes.

use super::protocol::Answer;
use std::io::{self, Read};
use std::net::{SocketAddrV4, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// Threads that open connections.
const OPENERS: usize = 8;
/// How long a connection may take to open.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens connections for a time. The other end closes them.
pub(super) fn rate(to: SocketAddrV4, during: Duration) -> io::Result<Answer> {
    let count = AtomicU64::new(0);
    let start = Instant::now();
    let results = thread::scope(|scope| {
        let open = || {
            while start.elapsed() < during {
                let mut socket = TcpStream::connect_timeout(&to.into(), PATIENCE)?;
                if socket.read(&mut [0])? == 0 {
                    count.fetch_add(1, Relaxed);
                }
            }
            io::Result::Ok(())
        };
        let openers: Vec<_> = (0..OPENERS).map(|_| scope.spawn(open)).collect();
        openers.into_iter().map(|opener| opener.join().unwrap_or(Ok(()))).collect::<Vec<_>>()
    });
    let count = count.into_inner();
    match results.into_iter().find_map(Result::err) {
        Some(error) if count == 0 => Err(error),
        _ => Ok(Answer::Connected { count, seconds: start.elapsed().as_secs_f64() }),
    }
}
