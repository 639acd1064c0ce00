//! The two processes behind `up`, as hidden commands.

use super::classic_regions::ClassicRegions;
use super::{Failure, timeout};
use clap::Args;
use control::accounts::Accounts;
use control::daemon::{self, Setup};
use control::heartbeat;
use control::managed::ServiceCommand;
use control::server::HostName;
use control::state::State;
use dataplane::agent::FLOW_LIMIT;
use dataplane::descriptors::Keeper;
use dataplane::environment::Environment;
use dataplane::flow::default_share;
use dataplane::host::Namespaces;
use model::Platform;
use nix::sys::{prctl, signal::Signal};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Control {
    #[arg(long)]
    parent: i32,
    #[arg(long = "vpc-only-account")]
    vpc_only_accounts: Vec<String>,
    #[arg(long)]
    classic_regions: Option<ClassicRegions>,
    #[arg(long)]
    on_paper: bool,
    #[arg(long)]
    link_mtu: Option<u16>,
    #[arg(long = "host")]
    hosts: Vec<HostName>,
    #[arg(long)]
    accounts: Option<PathBuf>,
    #[arg(long = "service-command")]
    service_commands: Vec<ServiceCommand>,
    #[arg(long)]
    run_user_data: bool,
    #[arg(long)]
    record: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Dataplane {
    #[arg(long)]
    parent: i32,
    #[arg(long)]
    netns_dir: PathBuf,
    #[arg(long)]
    mark: String,
    #[arg(long)]
    workers: Option<usize>,
    #[arg(long = "timeout", value_parser = timeout::parse)]
    timeouts: Vec<timeout::Timeout>,
    #[arg(long)]
    flow_share: Option<u32>,
}

/// Runs control; the API's listening socket is standard input.
pub(super) fn control(state: State, arguments: Control) -> Result<(), Failure> {
    end_with(arguments.parent)?;
    let listener = TcpListener::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let mut platform = Platform::default();
    platform.vpc_only_accounts.extend(arguments.vpc_only_accounts);
    platform.link_mtu = arguments.link_mtu.unwrap_or(platform.link_mtu);
    if let Some(regions) = arguments.classic_regions {
        platform.classic_regions = regions.names();
    }
    let setup = Setup {
        hosts: arguments.hosts,
        platform,
        accounts: arguments.accounts.as_deref().map(Accounts::read).transpose()?,
        commands: arguments.service_commands.into_iter().collect(),
        run_user_data: arguments.run_user_data,
        on_paper: arguments.on_paper,
        record: arguments.record,
    };
    daemon::run(&state, listener, setup)?;
    Ok(())
}

/// Runs the dataplane.
pub(super) fn dataplane(state: &State, arguments: Dataplane) -> Result<(), Failure> {
    end_with(arguments.parent)?;
    heartbeat::beat()?;
    let config = dataplane::agent::Config {
        socket: state.dataplane_socket(),
        namespaces: Namespaces { directory: arguments.netns_dir, mark: arguments.mark },
        hosts_dir: state.hosts(),
        keeper: Some(Keeper::at(state.keeper())),
        workers: arguments.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        timeouts: timeout::all(&arguments.timeouts),
        flow_share: arguments.flow_share.unwrap_or(default_share(FLOW_LIMIT)),
        environment: Environment::system(),
    };
    dataplane::agent::listen::run(config)?;
    Ok(())
}

/// Makes this process end when `up` ends, however it ends.
fn end_with(parent: i32) -> Result<(), Failure> {
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    if nix::unistd::getppid().as_raw() != parent {
        return Err("this command is started by `classiclink up` only".into());
    }
    Ok(())
}
