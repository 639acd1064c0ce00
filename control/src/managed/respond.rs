//! `classiclink respond`: answers on a port in place of a real server, saying which host answers which client.

use super::certificate;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// How many clients are answered at a time.
const CLIENTS: usize = 1024;
/// How long a client may take to read the answer and disconnect.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause when no client can be accepted, most likely for lack of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers clients, with the certificate in its directory if it speaks TLS. Never returns.
///
/// # Errors
/// If it cannot listen on the port, or cannot use the certificate.
pub fn run(say: &str, port: u16, tls: bool) -> io::Result<()> {
    let acceptor = tls.then(|| certificate::acceptor(Path::new("."))).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await?;
        serve(listener, say, acceptor).await
    })
}

async fn serve(listener: TcpListener, say: &str, acceptor: Option<TlsAcceptor>) -> io::Result<()> {
    let clients = Arc::new(Semaphore::new(CLIENTS));
    loop {
        let permit = clients.clone().acquire_owned().await.map_err(io::Error::other)?;
        match listener.accept().await {
            Ok((stream, peer)) => {
                let line = format!("{say} answers {}\n", peer.ip());
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // The client knows how its connection ended.
                    let _ = timeout(PATIENCE, accept(stream, acceptor, &line)).await;
                    drop(permit);
                });
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Answers a client, inside TLS if there is a certificate.
async fn accept(stream: TcpStream, acceptor: Option<TlsAcceptor>, line: &str) -> io::Result<()> {
    match acceptor {
        Some(acceptor) => answer(acceptor.accept(stream).await?, line).await,
        None => answer(stream, line).await,
    }
}

/// Sends the line, and closes the connection after the client has: closing it with unread bytes would reset
/// it.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, line: &str) -> io::Result<()> {
    stream.write_all(line.as_bytes()).await?;
    stream.shutdown().await?;
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_client_gets_the_line() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { serve(listener, "DB instance orders (postgres)", None).await });
        for _ in 0..2 {
            let mut said = String::new();
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"whatever a client begins with").await.unwrap();
            stream.read_to_string(&mut said).await.unwrap();
            assert_eq!(said, "DB instance orders (postgres) answers 127.0.0.1\n");
        }
    }

    #[tokio::test]
    async fn inside_tls_the_line_comes_with_the_hosts_certificate() {
        let directory = tempfile::tempdir().unwrap();
        certificate::make(directory.path(), &["*.carts.use1.cache.amazonaws.com".to_owned()]).unwrap();
        let acceptor = certificate::acceptor(directory.path()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { serve(listener, "carts-001", Some(acceptor)).await });
        let stream = TcpStream::connect(address).await.unwrap();
        let mut stream = crate::balancer::tls::connect(stream, Ipv4Addr::LOCALHOST).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "carts-001 answers 127.0.0.1\n");
    }
}
