//! Answers to operators: the requests of the command line that are not of EC2's API.

mod ask;
mod capture;
mod console;
mod copy;
mod flow_logs;
mod flows;
mod import;
mod lines;
mod rates;
mod recording;
mod status;
mod why;

pub use crate::explain::{Drop, Packet, Traffic, Why, WhyStep};
pub use ask::{Ask, HostRow, ImpairmentRow, Recording};
pub use capture::{CaptureWish, PacketRow, PacketRows};
pub use console::{Console, LaunchAndLink, Place, VpcRow};
pub use copy::{CloudCopy, CopyError};
pub use flows::{FlowRow, FlowRows};
pub use lines::Line;
pub(crate) use lines::{Lines, MOST_KNOWN};
pub use rates::{Rate, Rates};
pub(crate) use status::{Forwarding, condition_words};
pub use status::{HostStateRow, InstanceRow, LinkRow, PortRow, ProcessRow, ServiceRow, Status};

use crate::explain::dropped;
use crate::explain::names::{self, Names};
use crate::leases::{Leases, lease};
use crate::link::{Hosts, Promise};
use crate::platform;
use crate::service::{ChangeError, Service};
use crate::state::State;
use model::{Host, HostPlace, ManagedHost, Model, PathEnd, impairments_of, parse_ways, ways_text};
use serde_json::{Value, to_value};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{block_in_place, spawn_blocking};
use wire::{HostState, Impairments, Reply, Request};

/// How long an operator waits for hosts to come or go.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is said to whoever wants to run something in a host.
const NO_HOSTS: &str = "there are no hosts to run programs in: this system was started with `up --no-dataplane`";

/// What to tell the operator.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Answers operators' questions.
pub struct Operator {
    service: Arc<Service>,
    state: State,
    leases: Arc<Leases>,
}

impl Operator {
    /// For the system of this state directory.
    pub fn new(service: Arc<Service>, state: State) -> Self {
        let leases = Arc::new(Leases::of(state.leases()));
        Self { service, state, leases }
    }

    /// What hosts are told of names and servers.
    pub fn leases(&self) -> Arc<Leases> {
        Arc::clone(&self.leases)
    }

    /// The state directory.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Answers one question.
    ///
    /// # Errors
    /// What to tell the operator.
    pub async fn answer(&self, ask: Ask) -> Result<Value, Failure> {
        match ask {
            Ask::Resolve { .. } if self.service.link().is_on_paper() => Err(NO_HOSTS.into()),
            Ask::Resolve { host } => {
                let host = self.service.look(|model| names::host(model, &host))?;
                self.wait_for_hosts(std::slice::from_ref(&host)).await?;
                let told = |host: &str| self.service.look(|model| lease(model, host));
                block_in_place(|| self.leases.grant(&host, told))?;
                Ok(to_value(host)?)
            }
            Ask::Why { from, source, to, traffic } => Ok(to_value(self.why(&from, source, &to, traffic).await?)?),
            Ask::Import { paths, hosts, anonymise, parameters } => {
                Ok(to_value(self.import(&paths, &hosts, anonymise, &parameters).await?)?)
            }
            // A copy shares all rows, so that changes need not wait until it is written.
            Ask::Cloud => Ok(to_value(CloudCopy::of(&self.service.look(Model::clone))?)?),
            Ask::Status => Ok(to_value(self.status().await?)?),
            Ask::Flows { host, most } => Ok(to_value(self.flows(host.as_deref(), most).await?)?),
            Ask::Capture(wish) => Ok(to_value(self.capture(wish).await?)?),
            Ask::Captured { capture } => Ok(to_value(self.captured(capture).await?)?),
            Ask::EndCapture { capture } => {
                self.service.link().ask_when_up(Request::EndCapture(capture)).await?;
                Ok(Value::Null)
            }
            Ask::Drops => Ok(to_value(self.drops().await?)?),
            Ask::Record { what } => Ok(to_value(self.record(what).await?)?),
            Ask::Changes => Ok(to_value(self.service.recent().after(0))?),
            Ask::AdvanceClock { seconds } => {
                let by = Duration::try_from_secs_f64(seconds)?;
                // Packets counted so far passed before the jump.
                self.service.record_flows(false).await;
                self.service.link().ask_when_up(Request::AdvanceClock(by)).await?;
                let advanced = self.change(move |model| model.advance_clock(by).map(|()| Value::Null)).await;
                // What was scheduled for the time that was skipped is done when this is answered.
                self.service.tend_groups().await?;
                self.service.record_flows(false).await;
                advanced
            }
            Ask::Reset => {
                self.service.reset().await.map_err(|error| error.to_string())?;
                let is_leaving = |(_, state): (&str, &HostState)| *state == HostState::Leaving;
                self.wait_until_gone(|hosts| !hosts.iter().any(is_leaving)).await?;
                Ok(Value::Null)
            }
            Ask::FlowLogs { of } => Ok(to_value(self.flow_logs(of.as_deref()).await?)?),
            Ask::HostAdd { name, address, site, service } => {
                let added = name.clone();
                let add = move |model: &mut Model| match service {
                    Some(service) => model.add_service_host(&name, &service, address),
                    None => model.add_host(&name, site.map_or(HostPlace::Internet, HostPlace::Site), address),
                };
                let answer = self.change(add).await?;
                self.wait_for_hosts(&[added]).await?;
                Ok(answer)
            }
            Ask::HostRemove { name } => {
                let removed = name.clone();
                let answer = self.change(move |model| model.remove_host(&name)).await?;
                let is_leaving = |hosts: &Hosts| hosts.state(&removed) == Some(&HostState::Leaving);
                self.wait_until_gone(|hosts| !is_leaving(hosts)).await?;
                Ok(answer)
            }
            Ask::HostFail { name, down } => {
                let now = self.service.now();
                self.change(move |model| model.fail_managed_host(&name, down, now)).await
            }
            Ask::Impair { host, with, way, what } => {
                let end = |model: &Model, with: String| match PathEnd::of(&with) {
                    PathEnd::Host(host) => names::host(model, &host).map(PathEnd::Host),
                    net => Ok(net),
                };
                let (host, end) = self.service.look(|model| {
                    let end = with.map(|with| end(model, with)).transpose();
                    names::host(model, &host).and_then(|host| Ok((host, end?)))
                })?;
                let what = what.as_deref().map(parse_ways).transpose().map_err(|error| error.to_string())?;
                let what = what.unwrap_or_default();
                self.change(move |model| model.impair(&host, |bad| bad.set(end, way, what))).await
            }
            Ask::Interrupt { instance } => {
                let instance = self.service.look(|model| names::host(model, &instance))?;
                let now = self.service.now();
                let interrupt = move |model: &mut Model| model.interrupt(&instance, now).map(|due| due.to_seconds());
                let due = self.change(interrupt).await?;
                // One that hibernates does so at once.
                self.service.tend_groups().await?;
                Ok(due)
            }
            Ask::IdentityCertificate => {
                let state = self.state.clone();
                let identity = spawn_blocking(move || platform::Identity::of(&state)).await??;
                Ok(to_value(identity.certificate())?)
            }
            Ask::Impairments => Ok(to_value(self.service.look(impaired))?),
            Ask::Console(what) => self.console(what).await,
            Ask::HostList => {
                let rows = |model: &Model| {
                    let managed = model.managed_hosts.iter().filter_map(|host| managed_row(model, host));
                    model.hosts.iter().map(host_row).chain(managed).collect::<Vec<_>>()
                };
                Ok(to_value(self.service.look(rows))?)
            }
        }
    }

    async fn change<T, E>(
        &self,
        change: impl FnOnce(&mut Model) -> Result<T, E> + Send + 'static,
    ) -> Result<Value, Failure>
    where
        T: serde::Serialize + Send + 'static,
        E: Send + 'static,
        ChangeError<E>: ToString,
    {
        match self.service.change(Promise::InForce, change).await {
            Ok(value) => Ok(to_value(value)?),
            Err(error) => Err(error.to_string().into()),
        }
    }

    /// Waits until hosts that leave are gone.
    async fn wait_until_gone(&self, are_gone: impl FnMut(&Hosts) -> bool) -> Result<(), Failure> {
        match self.service.link().wait_for_hosts(PATIENCE, are_gone).await {
            true => Ok(()),
            false => {
                Err("it is done, but some hosts are still leaving; `classiclink status` tells when they are gone"
                    .into())
            }
        }
    }

    /// Waits until hosts are made that are being made.
    ///
    /// # Errors
    /// Why one of them is not.
    async fn wait_for_hosts(&self, wanted: &[String]) -> Result<(), Failure> {
        let link = self.service.link();
        let is_made = |hosts: &Hosts, host: &String| hosts.state(host) != Some(&HostState::Making);
        if !link.wait_for_hosts(PATIENCE, |hosts| wanted.iter().all(|host| is_made(hosts, host))).await {
            return Err("it takes long to make hosts; `classiclink status` tells when they are up".into());
        }
        let hosts = link.hosts().borrow().clone();
        let failed = wanted.iter().find_map(|host| match hosts.state(host) {
            Some(HostState::Failed { why }) => Some(format!("host {host} is tried again and again: {why}")),
            _ => None,
        });
        failed.map_or(Ok(()), |why| Err(why.into()))
    }

    /// What `classiclink drops` shows.
    pub(crate) async fn drops(&self) -> Result<Vec<Drop>, Failure> {
        let reply = self.service.link().ask_when_up(Request::Drops).await?;
        let Reply::Drops(records) = reply else { return Err(nonsense(&reply)) };
        let model = self.service.look(Model::clone);
        let names = Names::of(&model);
        Ok(records.iter().map(|record| dropped(&names, record)).collect())
    }
}

/// Who has a bad network.
fn impaired(model: &Model) -> Vec<ImpairmentRow> {
    let rows = |(host, words): (&str, String)| {
        let name = model.instances.get(host).and_then(|instance| instance.tags.get("Name").cloned());
        let row = move |with: Option<String>, there: &Impairments| ImpairmentRow {
            host: host.to_owned(),
            name: name.clone(),
            with,
            impairment: ways_text(there),
        };
        let bad = impairments_of(Some(&words));
        let all = (bad.all != Impairments::default()).then(|| row(None, &bad.all));
        let paths = bad.paths.iter().map(|(end, there)| row(Some(end.to_string()), there)).collect::<Vec<_>>();
        all.into_iter().chain(paths)
    };
    model.impaired().flat_map(rows).collect()
}

fn host_row(host: &Host) -> HostRow {
    let site = match &host.place {
        HostPlace::Internet => None,
        HostPlace::Site(gateway) => Some(gateway.clone()),
    };
    HostRow { name: host.name.clone(), address: host.address, site, service: host.service.clone(), owner: None }
}

/// A service's host, at its private address.
fn managed_row(model: &Model, host: &ManagedHost) -> Option<HostRow> {
    let address = model.managed_addresses(host).0?;
    let owner = Some(host.owner.service.word().to_owned());
    Some(HostRow { name: host.id.clone(), address, site: None, service: None, owner })
}

/// The host that a word means.
///
/// # Errors
/// What to tell the operator.
pub(crate) fn host_meant(model: &Model, word: &str) -> Result<String, Failure> {
    Ok(names::host(model, word)?)
}

fn nonsense(reply: &Reply) -> Failure {
    format!("the dataplane gave an answer to another question: {reply:?}").into()
}
