//! The control process: everything of this crate, put together.

use crate::admin;
use crate::model::Platform;
use crate::operator::Operator;
use crate::server::{self, HostName, Limits};
use crate::service::{OpenError, Service};
use crate::state::State;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};

/// Why control ended.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The stored cloud.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A socket, or the runtime.
    #[error("control failed: {0}")]
    Io(#[from] io::Error),
}

/// How often what passed is collected for flow logs.
const COLLECT_EVERY: Duration = Duration::from_secs(1);

/// Runs control; the API answers on `listener`, also for `hosts`. A line on standard output says that the dataplane has the tables.
///
/// # Errors
/// [`ProcessError`]; it ends otherwise only if it is asked to (SIGTERM).
pub fn run(state: &State, listener: TcpListener, hosts: Vec<HostName>, platform: Platform) -> Result<(), ProcessError> {
    let limits = Limits::of_descriptors(dataplane::descriptors::raise_limit());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let service = Arc::new(Service::open(state, platform)?);
        let socket = state.control_socket();
        // Only one control has this directory: what is there is an earlier one's.
        let _ = std::fs::remove_file(&socket);
        let operators = UnixListener::bind(&socket)?;
        listener.set_nonblocking(true)?;
        let api = tokio::net::TcpListener::from_std(listener)?;
        tokio::spawn(admin::serve(operators, Arc::new(Operator::new(service.clone(), state.clone()))));
        let clients = server::serve(api, service.clone(), hosts, limits);
        let ready = async {
            service.link().ready().await;
            println!("ready");
            std::future::pending::<()>().await;
        };
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = clients => Ok(ended?),
            () = ready => Ok(()),
            () = record_flows(&service) => Ok(()),
            _ = terminate.recv() => {
                service.record_flows(true).await;
                Ok(())
            }
        }
    })
}

/// Has the traffic that flow logs cover recorded, again and again.
async fn record_flows(service: &Service) {
    loop {
        tokio::time::sleep(COLLECT_EVERY).await;
        service.record_flows(false).await;
    }
}
