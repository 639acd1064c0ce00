//! Answers the API's clients with EC2's `Unavailable` while control does not answer.

use control::api::{Dialect, RequestError};
use std::io;
use std::net::TcpListener;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a client may take to send its request, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// The longest head of a request, in bytes.
const LARGEST_HEAD: usize = 64 << 10;

/// Answers every client that connects, until the process is ended. Control listens on the same socket: clients that it has accepted
/// wait for it.
pub(super) async fn answer(listener: &TcpListener) -> io::Result<()> {
    let listener = listener.try_clone()?;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(tokio::time::timeout(2 * PATIENCE, refuse(stream)));
    }
}

async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LARGEST_HEAD {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let message = "control does not answer; it is replaced if it stays silent, try once more".to_owned();
    let body = Dialect::Ec2.error(&RequestError::Unavailable { message }).body;
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/xml;charset=UTF-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // A connection that is closed before all is read would be reset, and the answer with it.
    while stream.read_buf(&mut head).await? > 0 {
        head.clear();
    }
    Ok(())
}
