//! The metadata service (semantics.md §3): what an instance can learn about itself, over HTTP.

mod answer;
mod credentials;
mod tree;

use super::connections;
use crate::link::Promise;
use crate::model::Model;
use crate::server::Connection;
use crate::service::Service;
use answer::{Answer, Ask, answer};
use axum::http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{SockRef, Socket};
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// How long a client may take to ask.
const PATIENCE: Duration = Duration::from_secs(5);
/// How far answers go that have no limit of their own.
const HOPS: u8 = 64;
/// The longest head of a request, in bytes. Each connection may have one in memory.
const HEAD: usize = 8 << 10;

/// Answers for ever, at most so many connections at a time.
pub async fn serve(listener: TcpListener, most: usize, service: Arc<Service>) {
    connections::serve(listener, most, |stream, from, connection| speak(stream, from, connection, service.clone()))
        .await;
}

/// Speaks HTTP on one connection.
async fn speak(stream: TcpStream, from: Ipv4Addr, connection: Arc<Connection>, service: Arc<Service>) {
    // A handle of its own, for the hop limit.
    let socket = SockRef::from(&stream).try_clone().ok();
    let respond = service_fn(|request: Request<Incoming>| {
        let (service, connection, socket) = (&service, &connection, &socket);
        async move {
            let _at_work = connection.at_work();
            renew_credentials(service, from, request.uri().path()).await;
            let (response, hops) = respond(service, from, &request);
            if let Some(socket) = socket {
                limit_hops(socket, hops);
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(HEAD);
    if let Err(error) = http.serve_connection(TokioIo::new(stream), respond).await {
        tracing::debug!(%from, %error, "a connection to the metadata service ended");
    }
}

/// Has the credentials made that are asked for and are not there, or end soon.
async fn renew_credentials(service: &Arc<Service>, from: Ipv4Addr, path: &str) {
    let now = service.now();
    let Some(instance) = service.view(0, |view| credentials::wanted(view, from, now, path)) else { return };
    let begin = {
        let instance = instance.clone();
        move |model: &mut Model| credentials::begin(model, &instance, now)
    };
    if let Err(error) = service.change(Promise::Begun, begin).await {
        tracing::warn!(instance, %error, "no credentials for an instance's role");
    }
}

/// Lets what is sent next go so far. No router is on the way from the platform to an instance.
fn limit_hops(socket: &Socket, hops: Option<u8>) {
    // Where it cannot be limited, the answer goes further than it should, which no client sees.
    let _ = socket.set_ttl_v4(hops.unwrap_or(HOPS).into());
}

/// The response, and how far it may go.
fn respond(service: &Service, from: Ipv4Addr, request: &Request<Incoming>) -> (Response<axum::body::Body>, Option<u8>) {
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
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(axum::body::Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::SERVER, header::HeaderValue::from_static("EC2ws"));
    if let Some(ttl) = ttl {
        response.headers_mut().insert("x-aws-ec2-metadata-token-ttl-seconds", ttl.into());
    }
    (response, hops)
}

#[cfg(test)]
mod tests {
    use super::*;
    use socket2::{Domain, Type};

    #[test]
    fn a_token_goes_as_far_as_it_may_and_other_answers_as_far_as_any_packet() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        for (hops, sent) in [(Some(1), 1), (None, 64), (Some(3), 3)] {
            limit_hops(&socket, hops);
            assert_eq!(socket.ttl_v4().unwrap(), sent);
        }
    }
}
