//! `classiclink status`: processes, instances, links, counters.

use super::{Failure, ImpairmentRow, Operator, Question};
use crate::explain::names::{self, Names};
use crate::link::{Hosts, LinkError};
use crate::platform;
use model::platform_host::HOST;
use model::{Condition, Instance, ManagedHost, Model, Power};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use tokio::task::spawn_blocking;
use wire::{DropReason, HostState, Reply, Request, interface_name};

/// Asks for the state of the system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadStatus;

/// The state of a system.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status {
    /// Where the API answers.
    pub endpoint: String,
    /// The prefix of the hosts' namespaces: `ip netns` shows a host as `MARK-HOST`.
    pub mark: String,
    /// `up`, `control` and `dataplane`.
    pub processes: BTreeMap<String, ProcessRow>,
    /// The version of the tables in force.
    pub version: Option<u64>,
    /// The number of workers.
    pub workers: usize,
    /// The number of connections.
    pub flows: usize,
    /// Instances without terminated ones.
    pub instances: Vec<InstanceRow>,
    /// Services' hosts.
    #[serde(default)]
    pub services: Vec<ServiceRow>,
    /// Links of ClassicLink.
    pub links: Vec<LinkRow>,
    /// Impaired networks.
    #[serde(default)]
    pub impaired: Vec<ImpairmentRow>,
    /// Hosts that are not up: being made, changed or removed, or failed.
    pub hosts: Vec<HostStateRow>,
    /// The counters of every interface of every host.
    pub ports: Vec<PortRow>,
    /// Dropped packets of all hosts, by reason.
    pub drops: BTreeMap<DropReason, u64>,
}

/// A process of the system.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProcessRow {
    /// Its process id. `None` while it is down.
    pub pid: Option<i32>,
    /// Whether it answers.
    pub answers: bool,
}

/// A host that is not up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HostStateRow {
    /// The host: an instance's id, or a name.
    pub host: String,
    /// An instance's Name tag.
    pub name: Option<String>,
    /// `making`, `changing`, `leaving` or `failed`.
    pub state: String,
    /// Why it has failed.
    pub why: Option<String>,
}

/// An instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InstanceRow {
    /// Its id.
    pub id: String,
    /// Its Name tag.
    pub name: Option<String>,
    /// Its state.
    pub state: String,
    /// `classic`, or its VPC.
    pub network: String,
    /// Its private address.
    pub private: Option<Ipv4Addr>,
    /// Its public address.
    pub public: Option<Ipv4Addr>,
}

/// A service's host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServiceRow {
    /// Its name.
    pub host: String,
    /// The service.
    pub service: String,
    /// `starting`, `up`, `failed`, `down` or `ending`.
    pub state: String,
    /// Why it has failed.
    pub why: Option<String>,
    /// Its private address.
    pub private: Option<Ipv4Addr>,
    /// Its public address.
    pub public: Option<Ipv4Addr>,
    /// The names that resolve to it.
    pub names: Vec<String>,
}

/// A link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LinkRow {
    /// The Classic instance.
    pub instance: String,
    /// The VPC.
    pub vpc: String,
    /// The link's groups.
    pub groups: Vec<String>,
}

/// The counters of an interface of a host, since the dataplane started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PortRow {
    /// The host: an instance's id, or a name.
    pub host: String,
    /// Its interface: `eth0`, `eth1`, …
    pub interface: String,
    /// An instance's Name tag.
    pub name: Option<String>,
    /// Packets it sent.
    pub sent_packets: u64,
    /// Bytes it sent.
    pub sent_bytes: u64,
    /// Packets delivered to it.
    pub received_packets: u64,
    /// Bytes delivered to it.
    pub received_bytes: u64,
    /// Dropped packets that it sent, by reason.
    pub drops: BTreeMap<DropReason, u64>,
}

/// The dataplane's status in the cloud's terms.
#[derive(Debug, Default)]
pub(crate) struct Forwarding {
    /// The version of the tables in force. `None` while the dataplane is down.
    pub version: Option<u64>,
    /// See [`Status::workers`].
    pub workers: usize,
    /// See [`Status::flows`].
    pub flows: usize,
    /// See [`Status::hosts`].
    pub hosts: Vec<HostStateRow>,
    /// See [`Status::ports`].
    pub ports: Vec<PortRow>,
    /// See [`Status::drops`].
    pub drops: BTreeMap<DropReason, u64>,
}

impl Question for ReadStatus {
    type Answer = Status;

    async fn answer(self, operator: &Operator) -> Result<Status, Failure> {
        let Operator { service, state, .. } = operator;
        let Forwarding { version, workers, flows, hosts, ports, drops } = operator.forwarding().await?;
        let processes = [
            ("up", Some(nix::unistd::getppid().as_raw()), true),
            ("control", Some(std::process::id().cast_signed()), true),
            ("dataplane", service.link().process(), version.is_some()),
        ];
        // On paper there is no dataplane to report.
        let here = processes.into_iter().filter(|(name, ..)| *name != "dataplane" || !service.link().is_on_paper());
        let processes = here.map(|(name, pid, answers)| (name.to_owned(), ProcessRow { pid, answers }));
        let endpoint = std::fs::read_to_string(state.endpoint()).unwrap_or_default();
        let model = service.look(Model::clone);
        let alive = model.instances.iter().filter(|instance| !instance.is_terminated());
        Ok(Status {
            endpoint: endpoint.trim().to_owned(),
            mark: state.mark()?,
            processes: processes.collect(),
            version,
            workers,
            flows,
            instances: alive.map(|instance| instance_row(&model, instance)).collect(),
            services: services(&model),
            links: links(&model),
            impaired: super::impair::impaired(&model),
            hosts,
            ports,
            drops,
        })
    }
}

/// Asks for the certificate that verifies signatures of instance identity documents, as PEM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadIdentityCertificate;

impl Question for ReadIdentityCertificate {
    type Answer = String;

    async fn answer(self, operator: &Operator) -> Result<String, Failure> {
        let state = operator.state.clone();
        let identity = spawn_blocking(move || platform::Identity::of(&state)).await??;
        Ok(identity.certificate().to_owned())
    }
}

impl Operator {
    /// The dataplane's status, which is empty while it is down.
    pub(crate) async fn forwarding(&self) -> Result<Forwarding, Failure> {
        let link = self.service.link();
        let (version, status) = match link.ask(Request::Status).await {
            Ok(Reply::Status(status)) => (Some(status.version), status),
            Ok(other) => return Err(LinkError::unexpected(other).into()),
            Err(_) => (None, wire::Status::default()),
        };
        let model = self.service.look(Model::clone);
        let names = Names::of(&model);
        let of_users = status.ports.iter().filter(|port| port.host != HOST);
        let ports: Vec<PortRow> = of_users.map(|port| port_row(&names, port)).collect();
        let mut drops = BTreeMap::new();
        for (reason, count) in ports.iter().flat_map(|port| &port.drops) {
            *drops.entry(*reason).or_default() += count;
        }
        let hosts = hosts(&model, &link.hosts().borrow());
        Ok(Forwarding { version, workers: status.workers, flows: status.flows, hosts, ports, drops })
    }
}

fn instance_row(model: &Model, instance: &Instance) -> InstanceRow {
    let (network, private, public) = match (instance.classic(), instance.vpc()) {
        (Some(place), _) => ("classic".to_owned(), place.private, place.public.as_ref()),
        (None, Some(place)) => {
            let interface = place.interfaces.first().and_then(|id| model.network_interfaces.get(id));
            let public = interface.and_then(|interface| interface.primary_public());
            (place.vpc.clone(), interface.map(|interface| interface.address()), public)
        }
        (None, None) => (String::new(), None, None),
    };
    InstanceRow {
        id: instance.id.clone(),
        name: instance.tags.get("Name").cloned(),
        state: instance.state.name().to_owned(),
        network,
        private,
        public: public.map(|public| public.address),
    }
}

fn hosts(model: &Model, hosts: &Hosts) -> Vec<HostStateRow> {
    let row = |(host, state): (&str, &HostState)| {
        let (state, why) = match state {
            HostState::Up | HostState::Gone => return None,
            HostState::Making => ("making", None),
            HostState::Changing => ("changing", None),
            HostState::Leaving => ("leaving", None),
            HostState::Failed { why } => ("failed", Some(why.clone())),
        };
        let name = model.instances.get(host).and_then(|instance| instance.tags.get("Name").cloned());
        Some(HostStateRow { host: host.to_owned(), name, state: state.to_owned(), why })
    };
    hosts.iter().filter_map(row).collect()
}

/// The state of a service's host in a word, and the reason if it has failed.
pub(crate) fn condition_words(host: &ManagedHost) -> (&'static str, Option<String>) {
    match (host.power, &host.condition) {
        (Power::Ending, _) => ("ending", None),
        (Power::Down, _) => ("down", None),
        (Power::On, Condition::Starting) => ("starting", None),
        (Power::On, Condition::Up) => ("up", None),
        (Power::On, Condition::Failed(why)) => ("failed", Some(why.clone())),
    }
}

fn services(model: &Model) -> Vec<ServiceRow> {
    let row = |host: &ManagedHost| {
        let (private, public) = model.managed_addresses(host);
        let (state, why) = condition_words(host);
        ServiceRow {
            host: host.id.clone(),
            service: host.owner.service.word().to_owned(),
            state: state.to_owned(),
            why,
            private,
            public,
            names: host.names.clone(),
        }
    };
    model.managed_hosts.iter().map(row).collect()
}

fn links(model: &Model) -> Vec<LinkRow> {
    let linked = model.instances.iter().filter_map(|instance| Some((instance, instance.link()?)));
    linked
        .map(|(instance, link)| LinkRow {
            instance: names::label(&instance.id, &instance.tags),
            vpc: link.vpc.clone(),
            groups: link.groups.clone(),
        })
        .collect()
}

fn port_row(names: &Names<'_>, port: &wire::PortStatus) -> PortRow {
    PortRow {
        host: port.host.clone(),
        interface: interface_name(port.interface),
        name: names.port(port.port).1,
        sent_packets: port.sent_packets,
        sent_bytes: port.sent_bytes,
        received_packets: port.received_packets,
        received_bytes: port.received_bytes,
        drops: port.drops.iter().copied().collect(),
    }
}
