//! The API inside hosts, at its usual names (`ec2.us-east-1.amazonaws.com`), with TLS and without. Nobody there is believed without a
//! signature: a host's programs have the keys that they were given, their role's for example, and no others.

pub mod certificate;

use super::connections;
use crate::model::Time;
use crate::model::platform_host::API_PORTS;
use crate::server::{Cloud, Connection, Endpoint, Limits};
use crate::service::Service;
use crate::state::State;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// What the API is for clients in hosts.
struct Inside(Arc<Service>);

impl Cloud for Inside {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn accounts_known(&self) -> bool {
        true
    }

    async fn request(self: Arc<Self>, request: crate::api::Request) -> crate::api::Reply {
        Service::request(&self.0, request).await
    }
}

/// The API as it is inside hosts.
#[derive(Clone)]
pub struct Api {
    endpoint: Arc<Endpoint>,
    /// Without it there is no TLS, which has been said.
    tls: Option<TlsAcceptor>,
    limits: Limits,
}

impl Api {
    /// The API of a system.
    pub fn of(service: &Arc<Service>, state: &State, limits: Limits) -> Self {
        let tls = certificate::acceptor(state).inspect_err(|error| {
            tracing::warn!(%error, "programs in hosts cannot ask the API by https");
        });
        let endpoint = Arc::new(Endpoint::inside(Arc::new(Inside(Arc::clone(service))), limits));
        Self { endpoint, tls: tls.ok(), limits }
    }

    /// Answers for ever, at most so many connections at a time.
    pub async fn serve(self, listener: TcpListener, most: usize) {
        let Ok(here) = listener.local_addr() else { return std::future::pending().await };
        let speak = |stream, from, connection| self.clone().speak(stream, here, from, connection);
        connections::serve(listener, most, speak).await;
    }

    async fn speak(self, stream: TcpStream, here: SocketAddr, from: Ipv4Addr, connection: Arc<Connection>) {
        let from = SocketAddr::V4(SocketAddrV4::new(from, 0)).ip();
        let _ = stream.set_nodelay(true);
        if here.port() == API_PORTS[0] {
            return self.endpoint.speak(stream, here, from, connection).await;
        }
        let Some(tls) = &self.tls else { return };
        // How it fails concerns the client only, and it knows.
        if let Ok(Ok(stream)) = timeout(self.limits.head_time, tls.accept(stream)).await {
            self.endpoint.speak(stream, here, from, connection).await;
        }
    }
}
