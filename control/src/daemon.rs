//! The control process, which puts together all of this crate.

use crate::accounts::{Accounts, AccountsError};
use crate::admin;
use crate::balancing;
use crate::first_boot;
use crate::heartbeat;
use crate::leases::{Leases, lease};
use crate::managed::{self, Commands};
use crate::operator::{LookAtRecording, Operator, Question, StartRecording, StopRecording};
use crate::pages::pages;
use crate::platform;
use crate::server::{self, HostName, Limits};
use crate::service::{OpenError, Service};
use crate::state::{State, StateError, unusable};
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
    /// The stored cloud cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file of accounts cannot be used.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// A file in the state directory cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// A socket or the runtime failed.
    #[error("control failed: {0}")]
    Io(#[from] io::Error),
}

/// How often counts are collected for flow logs.
const COLLECT_EVERY: Duration = Duration::from_secs(1);
/// How often expired rows are removed and the store's copy is refreshed.
const TIDY_EVERY: Duration = Duration::from_secs(1);
/// How often the recording that `--record` asks for is checked.
const RECORD_EVERY: Duration = Duration::from_secs(1);
/// The pause after a recording that could not be written, most likely because the disk is full.
const RECORD_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Control's settings.
pub struct Setup {
    /// The names and addresses that the API answers for, besides loopback and the address a client reached.
    pub hosts: Vec<HostName>,
    /// The platform's settings, which do not change while the cloud runs.
    pub platform: Platform,
    /// The declared accounts. `None`: any request is accepted.
    pub accounts: Option<Accounts>,
    /// The commands that services' hosts run, where the user gave some.
    pub commands: Commands,
    /// Whether there is no dataplane, and hosts exist on paper only.
    pub on_paper: bool,
    /// Whether instances run their user data at first boot.
    pub run_user_data: bool,
    /// The file of the permanent recording.
    pub record: Option<PathBuf>,
}

/// Runs control. The API answers on `listener`. Lines on standard output say that it is alive, and when the dataplane
/// has the tables.
///
/// # Errors
/// [`ProcessError`]. Without an error it ends only on SIGTERM.
pub fn run(state: &State, listener: TcpListener, setup: Setup) -> Result<(), ProcessError> {
    let Setup { hosts, platform, accounts, commands, on_paper, run_user_data, record } = setup;
    let limits = Limits::of_descriptors(dataplane::descriptors::raise_limit());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::spawn(heartbeat::beat_in_runtime());
        let open = if on_paper { Service::open_on_paper } else { Service::open };
        let service = Arc::new(open(state, platform)?);
        accounts.as_ref().map_or(Ok(()), |accounts| service.declare(accounts))?;
        let socket = state.control_socket();
        // Only one control uses this directory, so an existing socket is an earlier one's.
        let _ = std::fs::remove_file(&socket);
        let operators = UnixListener::bind(&socket).map_err(unusable(&socket))?;
        listener.set_nonblocking(true)?;
        let api = tokio::net::TcpListener::from_std(listener)?;
        let operator = Arc::new(Operator::new(service.clone(), state.clone()));
        let leases = operator.leases();
        tokio::spawn(admin::serve(operators, operator.clone()));
        if !on_paper {
            let socket = state.balancers_socket();
            let _ = std::fs::remove_file(&socket);
            let balancers = UnixListener::bind(&socket).map_err(unusable(&socket))?;
            tokio::spawn(balancing::serve(balancers, service.clone()));
            tokio::spawn(platform::serve(service.clone(), state.clone(), limits));
            tokio::spawn(managed::keep(service.clone(), state.clone(), commands));
            if run_user_data {
                tokio::spawn(first_boot::run_scripts(service.clone(), state.clone()));
            }
        }
        let clients = server::serve(api, service.clone(), pages(&service, operator.clone()), hosts, limits);
        let ready = async {
            service.link().ready().await;
            let Some(file) = &record else {
                heartbeat::say_ready();
                return std::future::pending::<()>().await;
            };
            let mut rest = keep_recording(&operator, file).await;
            heartbeat::say_ready();
            loop {
                tokio::select! {
                    () = tokio::time::sleep(rest) => {}
                    () = service.link().replaced() => {}
                }
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
                block_in_place(|| service.keep_up(true));
                end_recording(&operator).await;
                Ok(())
            }
        }
    })
}

/// Makes sure that everything is recorded to a file. Returns when to check again.
async fn keep_recording(operator: &Operator, file: &Path) -> Duration {
    match LookAtRecording.answer(operator).await {
        Ok(Some(RecordingStatus { failed: Some(why), has_ended: false, .. })) => {
            tracing::warn!("cannot continue {}: {why}; another recording begins behind it", file.display());
            end_recording(operator).await;
            return RECORD_AGAIN_AFTER;
        }
        Ok(status) if status.as_ref().is_none_or(|status| status.has_ended) => {
            let files = vec![file.to_owned()];
            let start = StartRecording { files, payload: Some(0), ring: None, leased: false };
            if let Err(error) = start.answer(operator).await {
                tracing::warn!("cannot record to {}: {error}", file.display());
            }
        }
        // The dataplane is asked again later.
        _ => {}
    }
    RECORD_EVERY
}

/// Ends the recording, if one runs, and waits until it is written.
async fn end_recording(operator: &Operator) {
    let mut status = StopRecording.answer(operator).await;
    while matches!(&status, Ok(Some(status)) if !status.has_ended) {
        tokio::time::sleep(RECORD_EVERY / 20).await;
        status = LookAtRecording.answer(operator).await;
    }
}

/// Collects the counts of traffic that flow logs cover, periodically.
async fn record_flows(service: &Service) {
    loop {
        tokio::time::sleep(COLLECT_EVERY).await;
        service.record_flows(false).await;
    }
}

/// Removes expired rows, rewrites hosts' leases and refreshes the store's copy, periodically.
async fn tidy(service: &Arc<Service>, leases: &Arc<Leases>) {
    loop {
        let (looked_at, leases) = (Arc::clone(service), Arc::clone(leases));
        let renew = move || leases.renew(|host| looked_at.look(|model| lease(model, host)));
        if let Err(error) = spawn_blocking(renew).await {
            tracing::error!("cannot rewrite the hosts' leases: {error}");
        }
        tokio::time::sleep(TIDY_EVERY).await;
        service.forget().await;
        let service = service.clone();
        if let Err(error) = spawn_blocking(move || service.keep_up(false)).await {
            tracing::error!("cannot write the store's copy: {error}");
        }
    }
}
