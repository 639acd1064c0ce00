//! The metadata service (semantics.md §3): what an instance can learn about itself, over HTTP.

mod answer;
mod tree;

use crate::service::Service;
use answer::{Answer, Ask, answer};
use axum::http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// How many connections there are at most; those that come then wait for one to end.
const CONNECTIONS: usize = 512;
/// How long a client may take to ask.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait where the system has no room for a connection.
const PAUSE: Duration = Duration::from_millis(20);

/// Answers for ever.
pub async fn serve(listener: TcpListener, service: Arc<Service>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // It is never closed.
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let service = Arc::clone(&service);
                tokio::spawn(async move {
                    speak(stream, peer, service).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::debug!(%error, "the metadata service's listener");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Speaks HTTP on one connection.
async fn speak(stream: TcpStream, peer: SocketAddr, service: Arc<Service>) {
    let IpAddr::V4(from) = peer.ip() else { return };
    // A handle of its own, for the hop limit.
    let socket = SockRef::from(&stream).try_clone().ok();
    let respond = service_fn(|request: Request<Incoming>| {
        let response = respond(&service, from, &request, |hops| {
            if let Some(socket) = &socket {
                // Where it cannot be limited, the answer goes further than it should, which no client sees.
                let _ = socket.set_ttl_v4(hops);
            }
        });
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), respond);
    if let Err(error) = connection.await {
        tracing::debug!(%peer, %error, "a connection to the metadata service ended");
    }
}

fn respond(
    service: &Service,
    from: Ipv4Addr,
    request: &Request<Incoming>,
    limit_hops: impl FnOnce(u32),
) -> Response<axum::body::Body> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let ask = Ask {
        method: request.method().as_str(),
        path: request.uri().path(),
        token: text("x-aws-ec2-metadata-token"),
        ttl: text("x-aws-ec2-metadata-token-ttl-seconds"),
        is_forwarded: request.headers().contains_key("x-forwarded-for"),
    };
    let now = service.now();
    let Answer { status, content_type, ttl, hops, body } = service.view(0, |view| answer(view, now, from, &ask));
    if let Some(hops) = hops {
        // The way from the platform takes one.
        limit_hops(u32::from(hops) + 1);
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(axum::body::Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::SERVER, header::HeaderValue::from_static("EC2ws"));
    if let Some(ttl) = ttl {
        response.headers_mut().insert("x-aws-ec2-metadata-token-ttl-seconds", ttl.into());
    }
    response
}
