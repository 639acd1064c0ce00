//! The platform's own host: a namespace without a user, in which the resolver, the metadata service, the API and the time
//! service listen. Hosts reach them by ordinary packets, and the source address tells which host asks. The key that signs instance
//! identity documents is here too.

mod api;
mod connections;
mod dns;
mod identity;
mod metadata;
mod sockets;
pub mod time;

pub use api::certificate::MACHINES as MACHINES_AUTHORITIES;
pub use identity::{Identity, IdentityError};

use crate::server::Limits;
use crate::service::Service;
use crate::state::State;
use api::Api;
use metadata::Metadata;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Serves all services, each at most this many connections at a time. Never returns.
pub async fn serve(service: Arc<Service>, state: State, limits: Limits) {
    let api = Api::of(&service, limits);
    let metadata = Metadata::of(&service, &state);
    let opener = sockets::Opener::new(service.link().hosts(), state.clone());
    tokio::join!(api.secure(&state), serve_wherever(opener, &service, &api, &metadata, limits));
}

/// Serves on the sockets of whatever namespace the platform has. Never returns.
async fn serve_wherever(
    mut opener: sockets::Opener,
    service: &Arc<Service>,
    api: &Api,
    metadata: &Arc<Metadata>,
    limits: Limits,
) {
    let mut serving = JoinSet::new();
    loop {
        tokio::select! {
            // The next sockets are served by other tasks. Open connections go on.
            sockets = opener.next() => serving = serve_on(sockets, service, api, metadata, limits.platform),
            () = ended(&mut serving) => opener.reopen().await,
        }
    }
}

/// Serves on these sockets until the returned value is dropped.
fn serve_on(
    sockets: sockets::Sockets,
    service: &Arc<Service>,
    api: &Api,
    metadata: &Arc<Metadata>,
    connections: usize,
) -> JoinSet<()> {
    let mut serving = JoinSet::new();
    for udp in sockets.dns_udp {
        serving.spawn(dns::serve_udp(udp, Arc::clone(service)));
    }
    for tcp in sockets.dns_tcp {
        serving.spawn(dns::serve_tcp(tcp, connections, Arc::clone(service)));
    }
    for listener in sockets.api {
        serving.spawn(api.clone().serve(listener, connections));
    }
    serving.spawn(Arc::clone(metadata).serve(sockets.metadata, connections));
    serving.spawn(time::serve(sockets.time));
    serving
}

/// Returns when one of the servers has ended, which only a panic does.
async fn ended(serving: &mut JoinSet<()>) {
    match serving.join_next().await {
        Some(Err(error)) => tracing::error!(%error, "a service of the platform failed; it is started again"),
        Some(Ok(())) => tracing::error!("a service of the platform ended; it is started again"),
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_panics_is_noticed() {
        let mut serving = JoinSet::new();
        serving.spawn(std::future::pending());
        serving.spawn(async { panic!("as a test does") });
        ended(&mut serving).await;
        assert_eq!(serving.len(), 1);
    }
}
