//! `classiclink host` and `exec`: hosts outside the cloud, failures of services' hosts, and finding a host by
//! name.

use super::{Failure, Operator, Question};
use crate::explain::names;
use crate::leases::lease;
use crate::link::Hosts;
use model::{Host, HostPlace, ManagedHost, Model};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use tokio::task::block_in_place;
use wire::HostState;

/// Why hosts are not as an operator wants them to be.
#[derive(Debug, thiserror::Error)]
pub(super) enum HostError {
    /// The system has no dataplane.
    #[error("there are no hosts to run programs in: this system was started with `up --no-dataplane`")]
    OnPaper,
    /// Hosts that should be gone are still there.
    #[error("done, but some hosts are still being removed; `classiclink status` shows when they are gone")]
    Leaving,
    /// Hosts are not up yet.
    #[error("the hosts are not up yet; `classiclink status` shows when they are")]
    Making,
    /// A host cannot be made.
    #[error("host {host} cannot be made, and is retried: {why}")]
    Failed {
        /// The host.
        host: String,
        /// The dataplane's reason.
        why: String,
    },
}

/// Finds a host by an instance's id, a Name tag or its own name, and waits until it is up and has its lease. The
/// answer is the host's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindHost {
    /// An id or name.
    pub host: String,
}

impl Question for FindHost {
    type Answer = String;

    async fn answer(self, operator: &Operator) -> Result<String, Failure> {
        if operator.service.link().is_on_paper() {
            return Err(HostError::OnPaper.into());
        }
        let host = operator.service.look(|model| names::host(model, &self.host))?;
        operator.wait_for_hosts(std::slice::from_ref(&host)).await?;
        let lease_of = |host: &str| operator.service.look(|model| lease(model, host));
        block_in_place(|| operator.leases.grant(&host, lease_of))?;
        Ok(host)
    }
}

/// Adds a host outside the cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddHost {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// The customer gateway of its site. `None`: it is on the Internet.
    pub site: Option<String>,
    /// The AWS service that it stands for.
    pub service: Option<String>,
}

impl Question for AddHost {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        let AddHost { name, address, site, service } = self;
        let added = name.clone();
        let add = move |model: &mut Model| match service {
            Some(service) => model.add_service_host(&name, &service, address),
            None => model.add_host(&name, site.map_or(HostPlace::Internet, HostPlace::Site), address),
        };
        operator.change(add).await?;
        operator.wait_for_hosts(&[added]).await
    }
}

/// Removes a host outside the cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemoveHost {
    /// Its name.
    pub name: String,
}

impl Question for RemoveHost {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        let removed = self.name.clone();
        operator.change(move |model| model.remove_host(&self.name)).await?;
        let is_leaving = |hosts: &Hosts| hosts.state(&removed) == Some(&HostState::Leaving);
        operator.wait_until_gone(|hosts| !is_leaving(hosts)).await
    }
}

/// Makes a service's host fail, or recover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailHost {
    /// Its name.
    pub name: String,
    /// Whether it fails.
    pub down: bool,
}

impl Question for FailHost {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        let now = operator.service.now();
        operator.change(move |model| model.fail_managed_host(&self.name, self.down, now)).await
    }
}

/// Lists hosts outside the cloud and services' hosts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListHosts;

impl Question for ListHosts {
    type Answer = Vec<HostRow>;

    async fn answer(self, operator: &Operator) -> Result<Vec<HostRow>, Failure> {
        let rows = |model: &Model| {
            let managed = model.managed_hosts.iter().filter_map(|host| managed_row(model, host));
            model.hosts.iter().map(host_row).chain(managed).collect()
        };
        Ok(operator.service.look(rows))
    }
}

/// A host outside the cloud, or a service's host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRow {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// The customer gateway of its site. `None`: it is on the Internet.
    pub site: Option<String>,
    /// The AWS service that it stands for.
    pub service: Option<String>,
    /// The service that it belongs to: `rds`, for example.
    #[serde(default)]
    pub owner: Option<String>,
}

fn host_row(host: &Host) -> HostRow {
    let site = match &host.place {
        HostPlace::Internet => None,
        HostPlace::Site(gateway) => Some(gateway.clone()),
    };
    HostRow { name: host.name.clone(), address: host.address, site, service: host.service.clone(), owner: None }
}

/// A service's host with its private address.
fn managed_row(model: &Model, host: &ManagedHost) -> Option<HostRow> {
    let address = model.managed_addresses(host).0?;
    let owner = Some(host.owner.service.word().to_owned());
    Some(HostRow { name: host.id.clone(), address, site: None, service: None, owner })
}
