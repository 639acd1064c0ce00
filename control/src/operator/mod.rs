//! Operators' questions: what the command line asks that is not in AWS's APIs, one file a kind.

mod ask;
mod capture;
mod clock;
mod console;
mod copy;
mod drops;
mod flow_logs;
mod flows;
mod hosts;
mod impair;
mod import;
mod lines;
mod question;
mod rates;
mod recording;
mod status;
mod why;

pub use crate::explain::{Drop, Packet, Traffic, Why, WhyStep};
pub use ask::Ask;
pub use capture::{CaptureCounts, CountCapture, EndCapture, PacketMetaRow, PacketRows, ReadCapture, StartCapture};
pub use clock::{AdvanceClock, InterruptInstance, Reset};
pub use console::{CreateVpc, EnableVpc, LaunchAndLink, LinkInstances, ListVpcs, Place, UnlinkInstances, VpcRow};
pub use copy::{CloudCopy, CopyCloud, CopyError};
pub use drops::{DropRows, ListChanges, ListDrops};
pub use flow_logs::ReadFlowLogs;
pub use flows::{FlowRow, FlowRows, ListFlows};
pub use hosts::{AddHost, FailHost, FindHost, HostRow, ListHosts, RemoveHost};
pub use impair::{ImpairHost, ImpairmentRow, ListImpairments};
pub use import::ImportFiles;
pub use lines::Line;
pub(crate) use lines::{Lines, MOST_KNOWN};
pub(crate) use question::in_bytes;
pub use question::{Answer, Question};
pub use rates::{Rate, Rates};
pub use recording::{LookAtRecording, StartRecording, StopRecording};
pub(crate) use status::{Forwarding, condition_words};
pub use status::{
    HostStateRow, InstanceRow, LinkRow, PortRow, ProcessRow, ReadIdentityCertificate, ReadStatus, ServiceRow, Status,
};
pub use why::ExplainPath;

use crate::explain::names;
use crate::leases::Leases;
use crate::link::{Hosts, Promise};
use crate::service::{ChangeError, Service};
use crate::state::State;
use hosts::HostError;
use model::Model;
use std::sync::Arc;
use std::time::Duration;
use wire::HostState;

/// How long an operator waits for hosts to come or go.
const PATIENCE: Duration = Duration::from_secs(10);

/// An error message for the operator.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Answers operators' questions.
pub struct Operator {
    service: Arc<Service>,
    state: State,
    leases: Arc<Leases>,
}

impl Operator {
    /// Answers for the system with this state directory.
    pub fn new(service: Arc<Service>, state: State) -> Self {
        let leases = Arc::new(Leases::of(state.leases()));
        Self { service, state, leases }
    }

    /// The leases of hosts.
    pub fn leases(&self) -> Arc<Leases> {
        Arc::clone(&self.leases)
    }

    /// The state directory.
    pub fn state(&self) -> &State {
        &self.state
    }

    async fn change<T, E>(&self, change: impl FnOnce(&mut Model) -> Result<T, E> + Send + 'static) -> Result<T, Failure>
    where
        T: Send + 'static,
        E: Send + 'static,
        ChangeError<E>: ToString,
    {
        self.service.change(Promise::InForce, change).await.map_err(|error| error.to_string().into())
    }

    /// Waits until hosts are gone.
    ///
    /// # Errors
    /// [`HostError::Leaving`].
    async fn wait_until_gone(&self, are_gone: impl FnMut(&Hosts) -> bool) -> Result<(), Failure> {
        match self.service.link().wait_for_hosts(PATIENCE, are_gone).await {
            true => Ok(()),
            false => Err(HostError::Leaving.into()),
        }
    }

    /// Waits until these hosts are made.
    ///
    /// # Errors
    /// [`HostError::Making`], [`HostError::Failed`].
    async fn wait_for_hosts(&self, wanted: &[String]) -> Result<(), Failure> {
        let link = self.service.link();
        let is_made = |hosts: &Hosts, host: &String| hosts.state(host) != Some(&HostState::Making);
        if !link.wait_for_hosts(PATIENCE, |hosts| wanted.iter().all(|host| is_made(hosts, host))).await {
            return Err(HostError::Making.into());
        }
        let hosts = link.hosts().borrow().clone();
        let failed = wanted.iter().find_map(|host| match hosts.state(host) {
            Some(HostState::Failed { why }) => Some(HostError::Failed { host: host.clone(), why: why.clone() }),
            _ => None,
        });
        failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// The host that a word means, among the hosts that satisfy `knows`.
///
/// # Errors
/// An error message for the operator.
pub(crate) fn find_host(model: &Model, word: &str, knows: impl Fn(&str) -> bool) -> Result<String, Failure> {
    Ok(names::host_among(model, word, knows)?)
}
