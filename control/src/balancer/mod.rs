//! The balancer: a program on a load balancer's node that accepts clients, distributes their connections or requests
//! over targets, and checks the targets' health.
//!
//! It knows nothing of the cloud. Control configures it over a Unix socket ([`configuration`]); without control it
//! continues as it is. Its packets are packets of its host, to which groups and routes apply as to any other.

mod body;
mod channel;
mod cookie;
mod health;
mod http;
mod listen;
mod places;
mod relay;
mod target;
pub mod tls;

pub use model::load_balancer::configuration;

use body::{Kept, Watched};
use configuration::{Configuration, HealthCheck, Hello, Listener, Probe, Report};
use places::Places;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use target::Targets;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long a target may take to accept a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// The greatest number of clients, if the process may have that many connections.
const CLIENTS: usize = 10_000;

type Client = hyper_util::client::legacy::Client<tls::Connector, Watched<Kept>>;

/// Runs a balancer with control at that socket.
///
/// # Errors
/// If its threads cannot start.
pub fn run(control: &Path, hello: &Hello) -> io::Result<()> {
    let descriptors = dataplane::descriptors::raise_limit();
    // A client and its target are two connections.
    let clients = usize::try_from(descriptors / 5 * 2).unwrap_or(CLIENTS).min(CLIENTS);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(channel::follow(control, hello, Balancer::new(clients)));
    Ok(())
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    targets: Targets,
    places: Arc<Places>,
    settings: RwLock<Arc<Settings>>,
}

#[derive(Debug)]
struct Settings {
    idle: Duration,
    client: Client,
}

impl Shared {
    fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A balancer.
#[derive(Debug)]
pub struct Balancer {
    shared: Arc<Shared>,
    /// The listeners, each of which listens until it is dropped.
    listening: Vec<(Listener, JoinSet<()>)>,
}

impl Balancer {
    /// A balancer without a configuration, for at most this many clients.
    pub fn new(clients: usize) -> Balancer {
        let check = HealthCheck {
            probe: Probe::Tcp(80),
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            unhealthy_threshold: 2,
            healthy_threshold: 10,
        };
        let idle = Duration::from_secs(60);
        let shared = Shared {
            targets: Targets::new(check),
            places: Places::new(clients),
            settings: RwLock::new(Arc::new(Settings { idle, client: http::client(idle) })),
        };
        Balancer { shared: Arc::new(shared), listening: Vec::new() }
    }

    /// Applies a configuration. Existing connections continue.
    pub fn configure(&mut self, configuration: Configuration) {
        let Configuration { listeners, targets, check, idle_timeout: idle, draining } = configuration;
        self.shared.targets.update(&targets, check, draining);
        if self.shared.settings().idle != idle {
            let settings = Arc::new(Settings { idle, client: http::client(idle) });
            *self.shared.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        }
        self.listening.retain(|(listener, _)| listeners.contains(listener));
        for listener in listeners {
            if !self.listening.iter().any(|(there, _)| *there == listener) {
                let mut task = JoinSet::new();
                task.spawn(listen::serve(self.shared.clone(), Arc::new(listener.clone())));
                self.listening.push((listener, task));
            }
        }
    }

    /// The health of all targets.
    pub fn report(&self) -> Report {
        self.shared.targets.report()
    }

    /// Wakes its receiver when the [report](Balancer::report) changes.
    pub fn news(&self) -> watch::Receiver<()> {
        self.shared.targets.news()
    }
}

#[cfg(test)]
mod tests;
