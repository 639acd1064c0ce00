//! Deployments: what a service runs for an account. A DB instance, a cluster, a cache cluster, a replication group.

use super::{Engine, Error, Result, ServiceEvent, SubnetGroup, Thing};
use crate::model::{
    Caller, Condition, ManagedHost, ManagedService, Model, NetworkInterface, NewManagedHost, NewPlace, Owner, Power,
    Program, Row, Scope, Subnet, Tags, Time,
};
use serde::{Deserialize, Serialize};

/// Among how many of the last events a failure is told of once.
const RECENT: usize = 20;

/// What hosts a deployment has, and how its names belong to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// One.
    Single,
    /// Two in two zones: one that answers, one that is ready to (Multi-AZ).
    Standby,
    /// So many, each with a name of its own; any has the endpoint name.
    Nodes(u16),
    /// So many, each with a name of its own; one of them, the primary, has the endpoint name.
    Replicas(u16),
}

impl Layout {
    /// How many hosts.
    pub fn hosts(self) -> u16 {
        match self {
            Layout::Single => 1,
            Layout::Standby => 2,
            Layout::Nodes(count) | Layout::Replicas(count) => count,
        }
    }
}

/// How far a deployment is with what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Its hosts come up for the first time.
    Creating,
    /// It is as it shall be.
    Settled,
    /// A host is added to it.
    Modifying,
    /// Programs begin anew.
    Rebooting,
    /// Its hosts go.
    Deleting,
}

/// What a deployment's users are told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is not there yet.
    Creating,
    /// It answers.
    Available,
    /// It answers, and changes.
    Modifying,
    /// It is about to answer again.
    Rebooting,
    /// It is about to be gone.
    Deleting,
    /// It does not answer.
    Failed,
}

/// What is told again as it was said, and makes no difference to the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The version of the engine.
    pub version: String,
    /// The class or type of its hosts.
    pub class: String,
    /// The name of the first database.
    pub database: Option<String>,
    /// The name of the first user.
    pub user: Option<String>,
    /// Words that describe it.
    pub description: Option<String>,
    /// Storage, in GiB.
    pub storage: Option<i32>,
    /// The kind of storage.
    pub storage_type: Option<String>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The licence.
    pub license: Option<String>,
    /// For how many days backups are kept.
    pub backups: Option<i32>,
    /// How many nodes are told of, where not all of them can be reached.
    pub nodes: Option<i32>,
    /// Whether it must not be deleted.
    pub protected: bool,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its ARN.
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The service.
    pub service: ManagedService,
    /// What its service calls it.
    pub thing: Thing,
    /// Its name, in small letters.
    pub name: String,
    /// Since when it is there.
    pub created: Time,
    /// How far it is.
    pub phase: Phase,
    /// The engine.
    pub engine: String,
    /// What makes no difference.
    pub settings: Settings,
    /// The subnet group, by its ARN; in EC2-Classic there is none.
    pub subnet_group: Option<String>,
    /// Its groups: the VPC's, or its service's own in EC2-Classic, by id.
    pub groups: Vec<String>,
    /// Whether it can be reached from the Internet.
    pub public: bool,
    /// The port.
    pub port: u16,
    /// What hosts it has.
    pub layout: Layout,
    /// Its hosts, in the order in which they were made.
    pub hosts: Vec<String>,
    /// Which of them has the endpoint name.
    pub primary: usize,
}

impl Row for Deployment {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        self.groups.iter().chain(&self.subnet_group).cloned().collect()
    }
}

/// What a new deployment is to be like.
#[derive(Clone, Debug)]
pub struct NewDeployment {
    /// What it is.
    pub thing: Thing,
    /// Its name.
    pub name: String,
    /// The engine.
    pub engine: String,
    /// What makes no difference.
    pub settings: Settings,
    /// The subnet group, by name.
    pub subnet_group: Option<String>,
    /// The VPC's groups, by id.
    pub groups: Vec<String>,
    /// The service's own groups, by name.
    pub access_groups: Vec<String>,
    /// The zones of its hosts, as far as they matter.
    pub zones: Vec<String>,
    /// Whether it can be reached from the Internet.
    pub public: Option<bool>,
    /// The port.
    pub port: Option<i32>,
    /// What hosts it has.
    pub layout: Layout,
    /// Its tags.
    pub tags: Tags,
}

/// What of a deployment is to be another; nothing of what is not named.
#[derive(Clone, Debug, Default)]
pub struct DeploymentChange {
    /// The VPC's groups, by id.
    pub groups: Vec<String>,
    /// The service's own groups, by name.
    pub access_groups: Vec<String>,
    /// Whether it can be reached from the Internet.
    pub public: Option<bool>,
    /// Whether it has a standby.
    pub standby: Option<bool>,
}

impl Model {
    /// The deployment of that name.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn deployment(&self, scope: &Scope, thing: Thing, name: &str) -> Result<&Deployment> {
        let name = name.to_ascii_lowercase();
        self.deployments.get(&thing.arn(scope, &name)).ok_or(Error::NotFound { thing, name })
    }

    /// All deployments of a kind, by name.
    pub fn deployments_of<'a>(&'a self, scope: &'a Scope, thing: Thing) -> impl Iterator<Item = &'a Deployment> {
        self.deployments.iter().filter(move |row| row.thing == thing && row.scope == *scope)
    }

    /// The hosts of a deployment that are still there.
    pub fn hosts_of<'a>(&'a self, deployment: &'a Deployment) -> impl Iterator<Item = &'a ManagedHost> {
        deployment.hosts.iter().filter_map(|host| self.managed_hosts.get(host))
    }

    /// The network interfaces of a deployment.
    pub fn interfaces_of<'a>(&'a self, deployment: &'a Deployment) -> impl Iterator<Item = &'a NetworkInterface> {
        self.hosts_of(deployment).filter_map(|host| self.network_interfaces.get(host.interface()?))
    }

    /// The host that the endpoint name of a deployment means.
    pub fn primary_of(&self, deployment: &Deployment) -> Option<&ManagedHost> {
        self.managed_hosts.get(deployment.hosts.get(deployment.primary)?)
    }

    /// What a deployment's users are told of it.
    pub fn status_of(&self, deployment: &Deployment) -> Status {
        let failed = |host: &ManagedHost| matches!(host.condition, Condition::Failed(_));
        match deployment.phase {
            Phase::Deleting => Status::Deleting,
            _ if self.primary_of(deployment).is_some_and(failed) => Status::Failed,
            Phase::Creating => Status::Creating,
            Phase::Settled => Status::Available,
            Phase::Modifying => Status::Modifying,
            Phase::Rebooting => Status::Rebooting,
        }
    }

    /// Makes a deployment: in the subnets of its group, or in EC2-Classic where no group is named or meant.
    ///
    /// # Errors
    /// What is wrong with its name, engine, groups, subnets and port.
    pub fn create_deployment(&mut self, caller: &Caller, new: NewDeployment) -> Result<&Deployment> {
        let NewDeployment { thing, name, layout, .. } = &new;
        let (thing, layout, name) = (*thing, *layout, name.to_ascii_lowercase());
        check_name(&name)?;
        let id = thing.arn(&caller.scope, &name);
        if self.deployments.get(&id).is_some() {
            return Err(Error::Exists { thing, name });
        }
        let service = thing.service();
        let engine = Engine::named(service, &new.engine).ok_or_else(|| {
            let why = format!("the engines are {}", Engine::names(service));
            Error::Value { name: "Engine", value: new.engine.clone(), why }
        })?;
        let port = port(new.port, engine)?;
        crate::model::check_tags(&new.tags)?;
        let group = self.subnet_group_meant(&caller.scope, thing.subnet_group(), new.subnet_group.as_deref())?;
        let groups = self.groups_meant(caller, thing, group.as_ref(), &new.groups, &new.access_groups)?;
        let public = self.is_public(group.as_ref(), new.public)?;
        let places = self.places(caller, group.as_ref(), layout, &new.zones)?;
        let mut settings = new.settings;
        if settings.version.is_empty() {
            settings.version = engine.version.to_owned();
        }
        let deployment = Deployment {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags: new.tags,
            service,
            thing,
            name,
            created: caller.now,
            phase: Phase::Creating,
            engine: engine.name.to_owned(),
            settings,
            subnet_group: group.map(|group| group.id),
            groups,
            public,
            port,
            layout,
            hosts: Vec::new(),
            primary: 0,
        };
        self.deployments.insert(deployment);
        for place in places {
            self.add_host_to(&id, place)?;
        }
        self.arrange_names(&id);
        self.deployment(&caller.scope, thing, &new.name)
    }

    /// Makes one more host of a deployment.
    fn add_host_to(&mut self, id: &str, place: Place) -> Result<()> {
        let Some(deployment) = self.deployments.get(id).cloned() else { return Ok(()) };
        let Deployment { scope, service, name, groups, public, .. } = &deployment;
        let (groups, public) = (groups.clone(), *public);
        let number = deployment.hosts.len() + 1;
        let node = match deployment.layout {
            Layout::Nodes(_) | Layout::Replicas(_) => format!("{name}-{number:03}"),
            Layout::Single | Layout::Standby => name.clone(),
        };
        let place = match place {
            Place::Subnet(subnet) => {
                let description = match service {
                    ManagedService::ElastiCache => format!("ElastiCache {node}"),
                    ManagedService::Redshift => "RedshiftNetworkInterface".to_owned(),
                    ManagedService::Rds | ManagedService::LoadBalancing => "RDSNetworkInterface".to_owned(),
                };
                NewPlace::Subnet { subnet, groups, description, public }
            }
            Place::Zone(zone) => NewPlace::Classic { zone, groups, public },
        };
        let host = self.make_managed_host(NewManagedHost {
            name: node.clone(),
            scope: scope.clone(),
            owner: Owner { service: *service, resource: id.to_owned() },
            place,
            names: Vec::new(),
            program: program(&deployment, &node),
        })?;
        if let Some(deployment) = self.deployments.get_mut(id) {
            deployment.hosts.push(host);
        }
        Ok(())
    }

    /// The groups of a deployment, by id: in a VPC its own, the default one if none is named; in EC2-Classic the service's.
    fn groups_meant(
        &mut self,
        caller: &Caller,
        thing: Thing,
        place: Option<&SubnetGroup>,
        groups: &[String],
        access_groups: &[String],
    ) -> Result<Vec<String>> {
        let Some(place) = place else {
            if !groups.is_empty() {
                return Err(Error::Combination { why: "VPC security groups need a subnet group." });
            }
            return self.access_groups_meant(&caller.scope, thing.access_group(), access_groups);
        };
        if access_groups.iter().any(|name| name != "default") {
            return Err(Error::ClassicOnly { thing: thing.access_group() });
        }
        if groups.is_empty() {
            return Ok(vec![self.group_named(&caller.scope, Some(&place.vpc), "default")?.id.clone()]);
        }
        self.check_vpc_groups(&caller.scope, &place.vpc, groups)?;
        Ok(groups.to_vec())
    }

    /// Whether a deployment can be reached from the Internet: in EC2-Classic it can; in a VPC if that is asked for and can be, or if
    /// nothing is said and it can be.
    fn is_public(&self, place: Option<&SubnetGroup>, asked: Option<bool>) -> Result<bool> {
        let Some(place) = place else { return Ok(true) };
        let has_gateway = self.internet_gateway_of(&place.vpc).is_some();
        let has_names = self.vpcs.get(&place.vpc).is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames);
        let lacks = |why| Error::Network { why };
        match asked {
            Some(true) if !has_gateway => Err(lacks(
                "Cannot create a publicly accessible DBInstance. The specified VPC has no internet gateway attached. Update the VPC and then try again",
            )),
            Some(true) if !has_names => Err(lacks(
                "Cannot create a publicly accessible DBInstance. The specified VPC does not support DNS resolution, DNS hostnames, or both. Update the VPC and then try again",
            )),
            Some(asked) => Ok(asked),
            None => Ok(has_gateway && has_names),
        }
    }

    /// Where the hosts of a deployment go: into the zones asked for, else one zone after the other.
    fn places(
        &self,
        caller: &Caller,
        group: Option<&SubnetGroup>,
        layout: Layout,
        asked: &[String],
    ) -> Result<Vec<Place>> {
        let spread = layout != Layout::Single;
        let all = match group {
            Some(group) => {
                let mut subnets: Vec<&Subnet> = self.subnets_in(group).collect();
                subnets.sort_by_key(|subnet| &subnet.zone);
                subnets.dedup_by_key(|subnet| &subnet.zone);
                subnets.into_iter().map(|subnet| (subnet.zone.clone(), Place::Subnet(subnet.id.clone()))).collect()
            }
            None => self.classic_zones(caller, asked.first())?,
        };
        let count = usize::from(layout.hosts());
        let mut chosen: Vec<Place> = Vec::new();
        for zone in asked.iter().take(count) {
            let place = all.iter().find(|(name, _)| name == zone).map(|(_, place)| place.clone());
            let why = || format!("there is no subnet of the group in that zone of {}", caller.scope.region);
            chosen.push(place.ok_or_else(|| Error::Value {
                name: "AvailabilityZone",
                value: zone.clone(),
                why: why(),
            })?);
        }
        let rest: Vec<&Place> = all.iter().map(|(_, place)| place).filter(|place| !chosen.contains(place)).collect();
        let rest: Vec<Place> = rest.into_iter().chain(all.iter().map(|(_, place)| place)).cloned().collect();
        let more = if spread { rest } else { rest.into_iter().take(1).collect() };
        let missing = count.saturating_sub(chosen.len());
        chosen.extend(more.into_iter().cycle().take(missing));
        match layout {
            Layout::Standby if chosen.first() == chosen.get(1) => {
                let zones = all.into_iter().map(|(zone, _)| zone).collect::<Vec<_>>().join(", ");
                Err(Error::Coverage { zones })
            }
            _ if chosen.len() < count => {
                Err(Error::Subnet { subnet: String::new(), why: "is missing: the group has none any more".into() })
            }
            _ => Ok(chosen),
        }
    }

    /// The zones of a Region's EC2-Classic.
    fn classic_zones(&self, caller: &Caller, asked: Option<&String>) -> Result<Vec<(String, Place)>> {
        self.zone(&caller.scope, asked.map(String::as_str))?;
        let zones = crate::model::Region::named(&caller.scope.region).into_iter().flat_map(|region| region.zones());
        Ok(zones.map(|(zone, _)| (zone.clone(), Place::Zone(zone))).collect())
    }

    /// Changes a deployment: at once.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`], and what is wrong with the groups.
    pub fn modify_deployment(
        &mut self,
        caller: &Caller,
        thing: Thing,
        name: &str,
        change: DeploymentChange,
    ) -> Result<&Deployment> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        if deployment.phase != Phase::Settled {
            return Err(busy(&deployment));
        }
        let id = deployment.id.clone();
        let place = deployment.subnet_group.as_ref().and_then(|group| self.subnet_groups.get(group)).cloned();
        let DeploymentChange { groups, access_groups, public, standby } = change;
        if !groups.is_empty() || !access_groups.is_empty() {
            let groups = self.groups_meant(caller, thing, place.as_ref(), &groups, &access_groups)?;
            deployment.hosts.iter().for_each(|host| self.set_managed_groups(host, &groups));
            self.change(&id, |row| row.groups = groups);
        }
        if let Some(public) = public.filter(|public| *public != deployment.public) {
            let public = self.is_public(place.as_ref(), Some(public))?;
            for host in &deployment.hosts {
                self.set_managed_public(host, public)?;
            }
            self.change(&id, |row| row.public = public);
        }
        match (standby, deployment.layout) {
            (Some(true), Layout::Single) => self.add_standby(caller, &deployment, place.as_ref())?,
            (Some(false), Layout::Standby) => self.drop_standby(&deployment),
            _ => {}
        }
        self.arrange_names(&id);
        self.deployment(&caller.scope, thing, name)
    }

    pub(super) fn change(&mut self, id: &str, change: impl FnOnce(&mut Deployment)) {
        if let Some(deployment) = self.deployments.get_mut(id) {
            change(deployment);
        }
    }

    /// Changes what makes no difference to the network.
    pub fn set_deployment(&mut self, id: &str, change: impl FnOnce(&mut Settings)) {
        self.change(id, |row| change(&mut row.settings));
    }

    fn add_standby(&mut self, caller: &Caller, deployment: &Deployment, group: Option<&SubnetGroup>) -> Result<()> {
        let zone = self.primary_of(deployment).map(|host| host.zone.clone());
        let places = self.places(caller, group, Layout::Standby, &zone.into_iter().collect::<Vec<_>>())?;
        self.change(&deployment.id, |row| (row.layout, row.phase) = (Layout::Standby, Phase::Modifying));
        match places.into_iter().nth(1) {
            Some(place) => self.add_host_to(&deployment.id, place),
            None => Ok(()),
        }
    }

    fn drop_standby(&mut self, deployment: &Deployment) {
        let mut hosts = deployment.hosts.clone();
        let primary = hosts.remove(deployment.primary);
        hosts.iter().for_each(|host| self.end_managed_host(host));
        self.change(&deployment.id, |row| {
            (row.layout, row.hosts, row.primary) = (Layout::Single, vec![primary], 0);
        });
    }

    /// Deletes a deployment: it answers no more at once, and is gone when its hosts are.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`].
    pub fn delete_deployment(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<&Deployment> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        if deployment.phase == Phase::Deleting {
            return Err(busy(&deployment));
        }
        if deployment.settings.protected {
            let why = "has deletion protection; modify it first".to_owned();
            return Err(Error::State { thing, name: deployment.name, why });
        }
        deployment.hosts.iter().for_each(|host| self.end_managed_host(host));
        self.change(&deployment.id, |row| row.phase = Phase::Deleting);
        self.deployment(&caller.scope, thing, name)
    }

    /// Lets a deployment follow its hosts.
    pub(super) fn deployment_follows(&mut self, id: &str, now: Time) {
        let Some(deployment) = self.deployments.get(id).cloned() else { return };
        let hosts: Vec<&ManagedHost> = self.hosts_of(&deployment).collect();
        let settled = hosts.iter().all(|host| host.is_up() || host.power == Power::Down);
        match deployment.phase {
            Phase::Deleting if hosts.is_empty() => {
                self.deployments.remove(id);
                self.happened(&deployment, now, "deletion", &format!("{} deleted", capitalised(&deployment)));
            }
            Phase::Deleting => {}
            phase => {
                if settled && phase != Phase::Settled {
                    self.change(id, |row| row.phase = Phase::Settled);
                    self.settled(&deployment, now);
                }
                self.tell_failures(&deployment, now);
                self.fail_over_if_down(id, now);
            }
        }
    }

    fn settled(&mut self, deployment: &Deployment, now: Time) {
        let what = capitalised(deployment);
        let (category, message) = match deployment.phase {
            Phase::Creating => ("creation", format!("{what} created")),
            Phase::Rebooting => ("availability", format!("{what} restarted")),
            _ => ("configuration change", format!("Finished applying modification to convert to a Multi-AZ {what}")),
        };
        self.happened(deployment, now, category, &message);
    }

    /// Tells of a host that does not come up, once.
    fn tell_failures(&mut self, deployment: &Deployment, now: Time) {
        let failures = self.hosts_of(deployment).filter_map(|host| match &host.condition {
            Condition::Failed(why) => Some(format!("{} failed: {why}", host.id)),
            Condition::Starting | Condition::Up => None,
        });
        for message in failures.collect::<Vec<_>>() {
            let is_it = |event: &ServiceEvent| event.source == deployment.id && event.message == message;
            let is_told = self.service_events.iter().rev().take(RECENT).any(is_it);
            if !is_told {
                self.happened(deployment, now, "failure", &message);
            }
        }
    }
}

/// Where a host goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// Into a subnet.
    Subnet(String),
    /// Into a zone of EC2-Classic.
    Zone(String),
}

/// What runs on a deployment's host, unless the user has a command for it.
fn program(deployment: &Deployment, node: &str) -> Program {
    let Deployment { thing, engine, port, service, .. } = deployment;
    let kind = Engine::named(*service, engine).map_or(engine.as_str(), |engine| engine.kind);
    let say = format!("{} {node} ({engine})", thing.noun());
    let arguments = ["respond", "--say", &say, "--port", &port.to_string()].map(str::to_owned).to_vec();
    Program { kind: kind.to_owned(), port: *port, arguments }
}

/// Refuses what cannot be done to a deployment that is not as it shall be yet.
pub(super) fn busy(deployment: &Deployment) -> Error {
    let word = match deployment.phase {
        Phase::Creating => "creating",
        Phase::Settled => "available",
        Phase::Modifying => "modifying",
        Phase::Rebooting => "rebooting",
        Phase::Deleting => "deleting",
    };
    Error::State { thing: deployment.thing, name: deployment.name.clone(), why: format!("is {word}") }
}

pub(super) fn capitalised(deployment: &Deployment) -> String {
    let noun = deployment.thing.noun();
    noun[..1].to_ascii_uppercase() + &noun[1..]
}

fn port(asked: Option<i32>, engine: &Engine) -> Result<u16> {
    let Some(asked) = asked else { return Ok(engine.port) };
    let port = u16::try_from(asked).ok().filter(|port| *port >= 1150);
    let why = || "it must be from 1150 to 65535".to_owned();
    port.ok_or_else(|| Error::Value { name: "Port", value: asked.to_string(), why: why() })
}

/// Letters, digits and hyphens, the first a letter, no hyphen at the end and no two together; 63 at most.
fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_name = name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(fits)
        && !name.ends_with('-')
        && !name.contains("--");
    let why = "use letters, digits and single hyphens, a letter first and no hyphen at the end".to_owned();
    if is_name { Ok(()) } else { Err(Error::Value { name: "identifier", value: name.to_owned(), why }) }
}
