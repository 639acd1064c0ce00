//! The metadata service (semantics.md §3): what an instance can learn about itself, over HTTP.

mod access;
mod answer;
mod credentials;
mod tree;

use super::{Identity, IdentityError, connections};
use crate::link::Promise;
use crate::server::Connection;
use crate::service::Service;
use crate::state::State;
use access::MetadataRequest;
use answer::{Answer, Proof, answer};
use axum::http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use model::Model;
use socket2::{SockRef, Socket};
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::spawn_blocking;

/// How long a client may take to send a request.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time to live of answers without a limit of their own.
const HOPS: u8 = 64;
/// The greatest length of a request's head in bytes. Each connection may have one in memory.
const HEAD: usize = 8 << 10;

/// The service.
pub struct Metadata {
    service: Arc<Service>,
    state: State,
    /// The identity, made when it is first needed.
    identity: OnceCell<Arc<Identity>>,
    /// Held while a document is signed, so that at most one processor is busy with it.
    signing: Arc<Semaphore>,
}

impl Metadata {
    /// The service of a system.
    pub fn of(service: &Arc<Service>, state: &State) -> Arc<Self> {
        Arc::new(Self {
            service: Arc::clone(service),
            state: state.clone(),
            identity: OnceCell::new(),
            signing: Arc::new(Semaphore::new(1)),
        })
    }

    /// Serves connections, at most this many at a time. Never returns.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, most: usize) {
        let speak = |stream, from, connection| Arc::clone(&self).speak(stream, from, connection);
        connections::serve(listener, most, speak).await;
    }

    /// Speaks HTTP on one connection.
    async fn speak(self: Arc<Self>, stream: TcpStream, from: Ipv4Addr, connection: Arc<Connection>) {
        // The hop limit needs a handle of its own.
        let socket = SockRef::from(&stream).try_clone().ok();
        let respond = service_fn(|request: Request<Incoming>| {
            let (own, connection, socket) = (&self, &connection, &socket);
            async move {
                let _at_work = connection.at_work();
                let ask = asked(&request);
                renew_credentials(&own.service, from, &ask).await;
                let (service, now) = (&own.service, own.service.now());
                let answer = own.prove(service.view(0, |view| answer(view, now, from, &ask))).await;
                if let Some(socket) = socket {
                    limit_hops(socket, answer.hops);
                }
                Ok::<_, Infallible>(response(answer))
            }
        });
        let mut http = http1::Builder::new();
        // A client may close its side once it has sent its request.
        http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(HEAD).half_close(true);
        if let Err(error) = http.serve_connection(TokioIo::new(stream), respond).await {
            tracing::debug!(%from, %error, "a connection to the metadata service ended");
        }
    }

    /// Replaces a body that is to be proven by its proof.
    async fn prove(&self, answer: Answer) -> Answer {
        let Some(proof) = answer.proof else { return answer };
        match self.sign(proof, answer.body.clone()).await {
            Ok(signed) => Answer { body: signed.into_bytes(), ..answer },
            Err(error) => {
                tracing::warn!(%error, "cannot sign an instance identity document");
                answer::refusal(500)
            }
        }
    }

    /// Signs a document off the runtime's threads, because it takes a processor milliseconds.
    async fn sign(&self, proof: Proof, document: Vec<u8>) -> Result<String, IdentityError> {
        let identity = Arc::clone(self.identity().await?);
        let turn = Arc::clone(&self.signing).acquire_owned().await;
        let sign = move || {
            // Held until signing has ended, even if the client has disconnected.
            let _turn = turn;
            match proof {
                Proof::Signature => identity.signature(&document),
                Proof::Signed => identity.signed(&document),
            }
        };
        spawn_blocking(sign).await.unwrap_or_else(|error| Err(IdentityError::Key(error.to_string())))
    }

    async fn identity(&self) -> Result<&Arc<Identity>, IdentityError> {
        let state = self.state.clone();
        let make = || async move {
            let made = spawn_blocking(move || Identity::of(&state).map(Arc::new)).await;
            made.unwrap_or_else(|error| Err(IdentityError::Key(error.to_string())))
        };
        self.identity.get_or_try_init(make).await
    }
}

/// Makes credentials that are asked for and are missing or expire soon.
async fn renew_credentials(service: &Arc<Service>, from: Ipv4Addr, ask: &MetadataRequest<'_>) {
    let now = service.now();
    let Some(instance) = service.view(0, |view| credentials::wanted(view, now, from, ask)) else { return };
    let begin = {
        let instance = instance.clone();
        move |model: &mut Model| credentials::begin(model, &instance, now)
    };
    if let Err(error) = service.change(Promise::Begun, begin).await {
        tracing::warn!(instance, %error, "cannot make credentials for an instance's role");
    }
}

/// Sets the time to live of the next answer. No router is on the path from the platform to an
/// instance.
fn limit_hops(socket: &Socket, hops: Option<u8>) {
    // If it cannot be set, the answer travels further than it should, which no client notices.
    let _ = socket.set_ttl_v4(hops.unwrap_or(HOPS).into());
}

/// A request to the metadata service.
fn asked(request: &Request<Incoming>) -> MetadataRequest<'_> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    MetadataRequest {
        method: request.method().as_str(),
        path: request.uri().path(),
        token: text("x-aws-ec2-metadata-token"),
        ttl: text("x-aws-ec2-metadata-token-ttl-seconds"),
        is_forwarded: request.headers().contains_key("x-forwarded-for"),
    }
}

fn response(Answer { status, content_type, ttl, body, .. }: Answer) -> Response<axum::body::Body> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use socket2::{Domain, Type};

    #[test]
    fn only_a_tokens_answer_has_a_hop_limit() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        for (hops, sent) in [(Some(1), 1), (None, 64), (Some(3), 3)] {
            limit_hops(&socket, hops);
            assert_eq!(socket.ttl_v4().unwrap(), sent);
        }
    }
}
