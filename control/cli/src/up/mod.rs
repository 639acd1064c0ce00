//! `classiclink up`: starts control and the dataplane as processes of their own, and keeps both running.

mod child;
mod endpoint;
mod namespaces;
mod predecessor;
mod stand_in;

use child::Child;
use control::accounts::{Accounts, AccountsError};
use control::managed::ServiceCommand;
use control::server::HostName;
use control::state::{State, StateError, unusable};
use control::store::{self, RestoreError, StoreError};
use control::{map, recording};
use dataplane::descriptors;
use dataplane::host::Namespaces;
use nix::sys::signal::{SigHandler, Signal};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// The options of `up`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The API's address; port 0 chooses a free one.
    pub listen: SocketAddr,
    /// Whether other machines may reach it.
    pub public: bool,
    /// The names and addresses it answers for, besides loopback and the address a client reached.
    pub hosts: Vec<HostName>,
    /// The state directory.
    pub state: State,
    /// The number of worker threads; one a core by default.
    pub workers: Option<usize>,
    /// Accounts without EC2-Classic.
    pub vpc_only_accounts: Vec<String>,
    /// The Regions with EC2-Classic, if not those of AWS: names, `none` or `all`.
    pub classic_regions: Option<String>,
    /// Whether there is a dataplane. Without one the API answers alone, and instances exist on paper.
    pub has_dataplane: bool,
    /// The file of accounts.
    pub accounts: Option<PathBuf>,
    /// The MTU of links in bytes, if not the default.
    pub link_mtu: Option<u16>,
    /// How long idle connections live, if not by default: `KIND=DURATION`.
    pub timeouts: Vec<String>,
    /// How many connections one port may begin, if not the default.
    pub flow_share: Option<u32>,
    /// The commands of services' real servers.
    pub service_commands: Vec<ServiceCommand>,
    /// Whether instances run their user data at their first boot.
    pub run_user_data: bool,
    /// The file of a permanent recording.
    pub record: Option<PathBuf>,
    /// Whether to remove the cloud of earlier runs.
    pub fresh: bool,
    /// Whether to restore a damaged store, from its copy or from a backup.
    pub restore: Option<Option<PathBuf>>,
}

/// Why a system cannot come up, or stay up.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// The state directory cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// Namespaces cannot be made.
    #[error(transparent)]
    Namespaces(#[from] namespaces::NamespaceError),
    /// The API's address cannot be used.
    #[error("cannot listen on {address}: {error}; choose another with --listen ADDRESS:PORT")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        error: io::Error,
    },
    /// Other machines could reach the API's address, and `--public` is missing.
    #[error(
        "{address} can be reached from other machines, and requests need no signature: whoever reaches it can do everything; \
         add --public if that is meant, say by --accounts FILE who may, or listen on 127.0.0.1"
    )]
    Public {
        /// The address.
        address: SocketAddr,
    },
    /// The file of accounts cannot be used.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// A process ended before the system was ready. It has printed why.
    #[error("{0} could not start")]
    Start(&'static str),
    /// The recording's file cannot be written.
    #[error("cannot write {}: {error}; give another file with --record", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store was not restored.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Anything else.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs a system until SIGINT or SIGTERM, then removes what it made. The store stays.
///
/// # Errors
/// [`UpError`].
pub fn run(options: &Options) -> Result<(), UpError> {
    let state = &options.state;
    fail_where_files_are_too_large()?;
    // Errors in the file are reported here, once.
    options.accounts.as_deref().map(Accounts::read).transpose()?;
    state.create()?;
    let lock = state.lock()?;
    // Another system may be recording to this file.
    let prepare =
        |path: &PathBuf| recording::prepare(path).map_err(|error| UpError::Record { path: path.clone(), error });
    let _recording = options.record.as_ref().map(prepare).transpose()?;
    predecessor::wait_until_gone(state);
    let namespaces = options.has_dataplane.then(|| namespaces::prepare(state)).transpose()?;
    // The socket is opened here and handed on, so that a restart of control keeps the port and refuses no client.
    let listener = endpoint::listen(options.listen, options.public, options.accounts.is_some())?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    if options.fresh || options.restore.is_some() {
        // These tables belong to another cloud.
        let _ = std::fs::remove_file(state.tables());
    }
    if options.fresh {
        store::forget(&state.store())?;
        let _ = std::fs::remove_dir_all(state.flow_logs());
        let _ = std::fs::remove_dir_all(state.service_data());
        let _ = std::fs::remove_dir_all(state.consoles());
        let _ = std::fs::remove_file(state.identity());
    }
    if let Some(export) = &options.restore {
        eprintln!("classiclink: {}", store::restore(&state.store(), export.as_deref())?);
    }
    std::fs::write(state.endpoint(), format!("{endpoint}\n")).map_err(unusable(&state.endpoint()))?;

    if options.has_dataplane {
        // The lock is ours: what is there is an earlier one's.
        let _ = std::fs::remove_file(state.keeper());
        descriptors::raise_limit();
        descriptors::serve(UnixListener::bind(state.keeper()).map_err(unusable(&state.keeper()))?)?;
    }
    let dataplane = namespaces.clone().map(|namespaces| dataplane(options, namespaces));
    let control = control(options, listener)?;
    // All children are started by this thread, because they get a signal when the thread that started them ends.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(supervise(dataplane, control, &ready(options, &endpoint)));
    if let Some(namespaces) = namespaces
        && let Err(error) = dataplane::host::clean_up(namespaces, &state.hosts())
    {
        eprintln!("classiclink: {error}");
    }
    state.clear();
    drop(lock);
    ended
}

/// Makes writing beyond a file size limit (`ulimit -f`) fail instead of killing the process. Children inherit this.
fn fail_where_files_are_too_large() -> io::Result<()> {
    // SAFETY: to ignore a signal involves no handler.
    unsafe { nix::sys::signal::signal(Signal::SIGXFSZ, SigHandler::SigIgn) }?;
    Ok(())
}

fn dataplane(options: &Options, Namespaces { directory, mark }: Namespaces) -> Child {
    let mut arguments = vec!["--netns-dir".into(), directory.into_os_string(), "--mark".into(), mark.into()];
    if let Some(workers) = options.workers {
        arguments.extend(["--workers".into(), workers.to_string().into()]);
    }
    for timeout in &options.timeouts {
        arguments.extend(["--timeout".into(), timeout.into()]);
    }
    if let Some(share) = options.flow_share {
        arguments.extend(["--flow-share".into(), share.to_string().into()]);
    }
    Child::new("dataplane", &options.state, arguments, None)
}

fn control(options: &Options, listener: TcpListener) -> io::Result<Child> {
    let mut arguments = Vec::new();
    for account in &options.vpc_only_accounts {
        arguments.extend(["--vpc-only-account".into(), account.into()]);
    }
    if let Some(regions) = &options.classic_regions {
        arguments.extend(["--classic-regions".into(), regions.into()]);
    }
    if !options.has_dataplane {
        arguments.push("--on-paper".into());
    }
    for host in &options.hosts {
        arguments.extend(["--host".into(), host.to_string().into()]);
    }
    if let Some(file) = &options.accounts {
        arguments.extend(["--accounts".into(), file.into()]);
    }
    if let Some(mtu) = options.link_mtu {
        arguments.extend(["--link-mtu".into(), mtu.to_string().into()]);
    }
    if options.run_user_data {
        arguments.push("--run-user-data".into());
    }
    for command in &options.service_commands {
        arguments.extend(["--service-command".into(), command.to_string().into()]);
    }
    if let Some(path) = &options.record {
        arguments.extend(["--record".into(), std::path::absolute(path)?.into()]);
    }
    Ok(Child::new("control", &options.state, arguments, Some(listener)))
}

/// The line that is printed when everything runs.
fn ready(options: &Options, endpoint: &str) -> String {
    format!("ready: endpoint {endpoint} (map at {endpoint}{}, state in {})", map::PATH, options.state.path().display())
}

/// Keeps the children running until a signal arrives, or one cannot be started. Prints `ready` when all of them run.
async fn supervise(mut dataplane: Option<Child>, mut control: Child, ready: &str) -> Result<(), UpError> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (tell, mut is_ready) = mpsc::channel(1);
    // Control is ready only when the dataplane is, so the dataplane's own readiness is ignored.
    let (unused, _) = mpsc::channel(1);
    let mut announced = false;
    let ended = {
        let local = async {
            tokio::select! {
                error = keep_if_any(dataplane.as_mut(), unused) => error,
                error = control.keep(tell) => error,
            }
        };
        tokio::pin!(local);
        loop {
            tokio::select! {
                ended = &mut local => break ended,
                Some(()) = is_ready.recv() => if !announced {
                    announced = true;
                    // The system runs, whether or not anybody reads this.
                    if let Err(error) = writeln!(io::stdout(), "{ready}") {
                        tracing::warn!("cannot print that the system is ready: {error}");
                    }
                },
                _ = interrupt.recv() => break Ok(()),
                _ = terminate.recv() => break Ok(()),
            }
        }
    };
    // Control stops first, so that it never answers with something outdated.
    control.stop().await;
    if let Some(dataplane) = &mut dataplane {
        dataplane.stop().await;
    }
    ended
}

async fn keep_if_any(child: Option<&mut Child>, ready: mpsc::Sender<()>) -> Result<(), UpError> {
    match child {
        Some(child) => child.keep(ready).await,
        None => std::future::pending().await,
    }
}
