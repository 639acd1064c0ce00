//! The control process: everything of this crate, put together.

use crate::accounts::{Accounts, AccountsError};
use crate::admin;
use crate::balancing;
use crate::first_boot;
use crate::leases::{Leases, lease};
use crate::managed::{self, Commands};
use crate::operator::{Operator, Recording};
use crate::platform;
use crate::pulse;
use crate::server::{self, HostName, Limits};
use crate::service::{OpenError, Service};
use crate::state::State;
use model::Platform;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{block_in_place, spawn_blocking};
use wire::RecordingStatus;

/// Why control ended.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The stored cloud.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file of accounts.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// A socket, or the runtime.
    #[error("control failed: {0}")]
    Io(#[from] io::Error),
}

/// How often what passed is collected for flow logs.
const COLLECT_EVERY: Duration = Duration::from_secs(1);
/// How often is looked whether something is to be forgotten, or the store to be copied.
const TIDY_EVERY: Duration = Duration::from_secs(1);
/// How often is looked whether what is to be recorded is.
const RECORD_EVERY: Duration = Duration::from_secs(1);
/// After how long it is tried again where it could not be written, on a full disk most likely.
const RECORD_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// What control is told at its start.
pub struct Setup {
    /// Whom the API answers for, besides loopback and the address it is reached at.
    pub hosts: Vec<HostName>,
    /// What does not change while the cloud runs.
    pub platform: Platform,
    /// Who may ask; `None`: everybody.
    pub accounts: Option<Accounts>,
    /// What services run, where the user has something.
    pub commands: Commands,
    /// Whether there is no dataplane, and hosts are on paper.
    pub on_paper: bool,
    /// Whether instances run their user data at their first boot.
    pub run_user_data: bool,
    /// Where everything is recorded.
    pub record: Option<PathBuf>,
}

/// Runs control; the API answers on `listener`. Lines on standard output say that it lives, and when the dataplane has the tables.
///
/// # Errors
/// [`ProcessError`]; it ends otherwise only if it is asked to (SIGTERM).
pub fn run(state: &State, listener: TcpListener, setup: Setup) -> Result<(), ProcessError> {
    let Setup { hosts, platform, accounts, commands, on_paper, run_user_data, record } = setup;
    let limits = Limits::of_descriptors(dataplane::descriptors::raise_limit());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::spawn(pulse::beat_in_runtime());
        let open = if on_paper { Service::open_on_paper } else { Service::open };
        let service = Arc::new(open(state, platform)?);
        accounts.as_ref().map_or(Ok(()), |accounts| service.declare(accounts))?;
        let socket = state.control_socket();
        // Only one control has this directory: what is there is an earlier one's.
        let _ = std::fs::remove_file(&socket);
        let operators = UnixListener::bind(&socket)?;
        listener.set_nonblocking(true)?;
        let api = tokio::net::TcpListener::from_std(listener)?;
        let operator = Arc::new(Operator::new(service.clone(), state.clone()));
        let leases = operator.leases();
        tokio::spawn(admin::serve(operators, operator.clone()));
        if !on_paper {
            let socket = state.balancers_socket();
            let _ = std::fs::remove_file(&socket);
            tokio::spawn(balancing::serve(UnixListener::bind(&socket)?, service.clone()));
            tokio::spawn(platform::serve(service.clone(), state.clone(), limits));
            tokio::spawn(managed::keep(service.clone(), state.clone(), commands));
            if run_user_data {
                tokio::spawn(first_boot::run_scripts(service.clone(), state.clone()));
            }
        }
        let clients = server::serve(api, service.clone(), server::pages(&service, operator.clone()), hosts, limits);
        let ready = async {
            service.link().ready().await;
            let Some(file) = &record else {
                pulse::say_ready();
                return std::future::pending::<()>().await;
            };
            let mut rest = keep_recording(&operator, file).await;
            pulse::say_ready();
            loop {
                tokio::time::sleep(rest).await;
                rest = keep_recording(&operator, file).await;
            }
        };
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = clients => Ok(ended?),
            () = ready => Ok(()),
            () = record_flows(&service) => Ok(()),
            () = tidy(&service, &leases) => Ok(()),
            () = service.keep_following_hosts() => Ok(()),
            () = service.keep_tending_groups() => Ok(()),
            _ = terminate.recv() => {
                service.record_flows(true).await;
                if record.is_some() {
                    end_recording(&operator).await;
                }
                block_in_place(|| service.keep_up(true));
                Ok(())
            }
        }
    })
}

/// Has everything recorded to a file, unless it is already. After how long to look again.
async fn keep_recording(operator: &Operator, file: &Path) -> Duration {
    match operator.record(Recording::Look).await {
        Ok(Some(RecordingStatus { failed: Some(why), has_ended: false, .. })) => {
            tracing::warn!(
                "{} cannot be written any further: {why}; the recording begins anew behind it",
                file.display()
            );
            end_recording(operator).await;
            return RECORD_AGAIN_AFTER;
        }
        Ok(status) if status.as_ref().is_none_or(|status| status.has_ended) => {
            let files = vec![file.to_owned()];
            let start = Recording::Start { files, payload: Some(0), ring: None, leased: false };
            if let Err(error) = operator.record(start).await {
                tracing::warn!("{} is not recorded to: {error}", file.display());
            }
        }
        // The dataplane is asked again.
        _ => {}
    }
    RECORD_EVERY
}

/// Ends the recording, and waits until it is written.
async fn end_recording(operator: &Operator) {
    let mut status = operator.record(Recording::Stop).await;
    while matches!(&status, Ok(Some(status)) if !status.has_ended) {
        tokio::time::sleep(RECORD_EVERY / 20).await;
        status = operator.record(Recording::Look).await;
    }
}

/// Has the traffic that flow logs cover recorded, again and again.
async fn record_flows(service: &Service) {
    loop {
        tokio::time::sleep(COLLECT_EVERY).await;
        service.record_flows(false).await;
    }
}

/// Forgets what ended long ago, tells hosts what has changed for them, and keeps the store's copy young, again and again.
async fn tidy(service: &Arc<Service>, leases: &Arc<Leases>) {
    loop {
        let (looked_at, leases) = (Arc::clone(service), Arc::clone(leases));
        let renew = move || leases.renew(|host| looked_at.look(|model| lease(model, host)));
        if let Err(error) = spawn_blocking(renew).await {
            tracing::error!("hosts are not told what has changed for them: {error}");
        }
        tokio::time::sleep(TIDY_EVERY).await;
        service.forget().await;
        let service = service.clone();
        if let Err(error) = spawn_blocking(move || service.keep_up(false)).await {
            tracing::error!("the store is not copied: {error}");
        }
    }
}
