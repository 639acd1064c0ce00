//! Answers the API's clients with EC2's `Unavailable` while control does not answer.

use control::api::{Dialect, RequestError};
use std::io;
use std::net::TcpListener;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a client may take to send its request, and to read the answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// The greatest length of a request's head in bytes.
const LARGEST_HEAD: usize = 64 << 10;

/// Answers every client that connects. Never returns. Control listens on the same socket, and clients that it has
/// accepted wait for it.
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
    let body = Dialect::Ec2.error(&RequestError::Silent).body;
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/xml;charset=UTF-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // A connection that is closed with unread bytes would be reset, and the answer lost.
    while stream.read_buf(&mut head).await? > 0 {
        head.clear();
    }
    Ok(())
}
