//! The API inside hosts, at its usual names (`ec2.us-east-1.amazonaws.com`), with and without TLS. Requests there must
//! be signed: a host's programs have only the keys that they were given, for example their role's.

pub mod certificate;
mod sender;

use super::connections;
use crate::api::Sender;
use crate::server::{Cloud, Connection, Endpoint, Limits};
use crate::service::Service;
use crate::state::State;
use model::Time;
use model::platform_host::API_PORTS;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// The pause before another attempt to have a certificate.
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 10 } else { 5000 });

/// The API as clients in hosts see it.
struct Inside {
    service: Arc<Service>,
    /// Whether they use TLS.
    secure: bool,
}

impl Cloud for Inside {
    fn now(&self) -> Time {
        self.service.now()
    }

    fn accounts_known(&self) -> bool {
        true
    }

    async fn request(self: Arc<Self>, mut request: crate::api::Request) -> crate::api::Reply {
        // Hosts are known here by addresses that only the platform uses.
        let sender = Sender { secure: self.secure, ..std::mem::take(&mut request.sender) };
        request.sender = self.service.view(0, |view| sender::seen(view, sender));
        Service::request(&self.service, request).await
    }
}

/// The API inside hosts.
#[derive(Clone)]
pub struct Api {
    /// Without and with TLS.
    endpoints: [Arc<Endpoint>; 2],
    /// Empty until there is a certificate.
    tls: Arc<OnceLock<TlsAcceptor>>,
    limits: Limits,
}

impl Api {
    /// The API of a system.
    pub fn of(service: &Arc<Service>, limits: Limits) -> Self {
        let endpoints = [false, true].map(|secure| {
            let inside = Inside { service: Arc::clone(service), secure };
            Arc::new(Endpoint::inside(Arc::new(inside), limits))
        });
        Self { endpoints, tls: Arc::default(), limits }
    }

    /// Gets the certificate for TLS, and tries again until there is one: the disk may be full.
    pub async fn secure(&self, state: &State) {
        loop {
            match certificate::acceptor(state) {
                Ok(tls) => return drop(self.tls.set(tls)),
                Err(error) => {
                    tracing::warn!(%error, "programs in hosts cannot use the API over HTTPS; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Serves clients, at most this many at a time. Never returns.
    pub async fn serve(self, listener: TcpListener, most: usize) {
        let Ok(here) = listener.local_addr() else { return std::future::pending().await };
        let speak = |stream, from, connection| self.clone().speak(stream, here, from, connection);
        connections::serve(listener, most, speak).await;
    }

    async fn speak(self, stream: TcpStream, here: SocketAddr, from: Ipv4Addr, connection: Arc<Connection>) {
        let from = SocketAddr::V4(SocketAddrV4::new(from, 0)).ip();
        let _ = stream.set_nodelay(true);
        let [plain, secure] = &self.endpoints;
        if here.port() == API_PORTS[0] {
            return plain.speak(stream, here, from, connection).await;
        }
        let Some(tls) = self.tls.get() else { return };
        // The client knows why its handshake failed.
        if let Ok(Ok(stream)) = timeout(self.limits.head_time, tls.accept(stream)).await {
            secure.speak(stream, here, from, connection).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Platform;
    use std::fs;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_certificate_that_could_not_be_written_is_made_when_there_is_room() {
        let directory = tempfile::tempdir().unwrap();
        let [cloud, certificates] = ["cloud", "certificates"].map(|name| State::at(Some(directory.path().join(name))));
        cloud.create().unwrap();
        let service = Arc::new(Service::open(&cloud, Platform::default()).unwrap());
        let api = Api::of(&service, Limits::default());
        let room = async {
            tokio::time::sleep(3 * PAUSE).await;
            assert!(api.tls.get().is_none());
            fs::create_dir(directory.path().join("certificates")).unwrap();
        };
        tokio::join!(api.secure(&certificates), room);
        assert!(api.tls.get().is_some());
    }
}
