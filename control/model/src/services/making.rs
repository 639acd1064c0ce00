//! Creates deployments: the places of their hosts, their groups, and their access from the Internet.

use super::deployment::checked_port;
use super::{
    Clash, Deployment, Engine, Error, Layout, Phase, Result, Settings, SubnetFault, SubnetGroup, Thing, VpcLack,
    Wanted, check_name,
};
use crate::{Caller, ManagedService, Model, NewManagedHost, NewPlace, Owner, Program, Scope, Subnet, Tags};

/// The parameters of a new deployment.
#[derive(Clone, Debug)]
pub struct NewDeployment {
    /// Its kind.
    pub thing: Thing,
    /// Its name.
    pub name: String,
    /// The engine.
    pub engine: String,
    /// Its settings without an effect on the network.
    pub settings: Settings,
    /// The subnet group, by name.
    pub subnet_group: Option<String>,
    /// The VPC's groups, by id.
    pub groups: Vec<String>,
    /// The service's own groups, by name.
    pub access_groups: Vec<String>,
    /// The zones of its hosts, as far as they are given.
    pub zones: Vec<String>,
    /// Whether it can be reached from the Internet.
    pub public: Option<bool>,
    /// The port.
    pub port: Option<i32>,
    /// Its layout.
    pub layout: Layout,
    /// Its tags.
    pub tags: Tags,
}

impl Model {
    /// Makes a deployment: in the subnets of its group, or in EC2-Classic where no group is named or meant.
    ///
    /// # Errors
    /// What is wrong with its name, engine, groups, subnets and port.
    pub fn create_deployment(&mut self, caller: &Caller, new: NewDeployment) -> Result<&Deployment> {
        let NewDeployment { thing, name, layout, .. } = &new;
        let (thing, layout, name) = (*thing, *layout, name.to_ascii_lowercase());
        check_name(thing, &name)?;
        let id = thing.arn(&caller.scope, &name);
        if self.deployments.get(&id).is_some() {
            return Err(Error::Exists { thing, name });
        }
        let service = thing.service();
        let engine = Engine::named(service, &new.engine).ok_or_else(|| {
            let why = Wanted::Engine { engines: Engine::names(service) };
            Error::Value { name: "Engine", value: new.engine.clone(), why }
        })?;
        let port = port(new.port, engine)?;
        crate::check_tags(&new.tags)?;
        let group = self.subnet_group_or_default(&caller.scope, thing.subnet_group(), new.subnet_group.as_deref())?;
        if layout == Layout::Members && group.is_none() {
            return Err(Clash::ClusterNeedsVpc {}.into());
        }
        if new.settings.tls && group.is_none() {
            return Err(Clash::EncryptionNeedsVpc {}.into());
        }
        let groups = self.groups_or_default(caller, thing, group.as_ref(), &new.groups, &new.access_groups)?;
        let public = self.is_public(service, group.as_ref(), new.public)?;
        let places = self.places(caller, group.as_ref(), layout, &new.zones)?;
        let mut settings = new.settings;
        settings.version = match &settings.parameters {
            Some(name) if settings.version.is_empty() => {
                let group = self.parameter_group(&caller.scope, thing.parameter_group(), name)?;
                engine.version_of_family(&group.family).to_owned()
            }
            _ => engine.matching_version(&settings.version)?,
        };
        let made = (engine.name, settings.version.as_str());
        let parameters = self.parameter_group_or_default(
            &caller.scope,
            thing.parameter_group(),
            made,
            settings.parameters.as_deref(),
        )?;
        settings.options = match service {
            ManagedService::Rds => {
                Some(self.option_group_or_default(&caller.scope, made, settings.options.as_deref())?)
            }
            _ => None,
        };
        settings.parameters = Some(parameters);
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
            parts: Vec::new(),
            primary: 0,
            source: None,
            members: Vec::new(),
            cluster: None,
            first_id: None,
            account_part: None,
            resource_id: None,
        };
        self.check_node_names(&deployment, |_| true)?;
        self.deployments.insert(deployment);
        for place in places {
            self.add_host_to(&id, place)?;
        }
        self.point_names(&id);
        self.deployment(&caller.scope, thing, &new.name)
    }

    /// Adds a host to a deployment.
    pub(super) fn add_host_to(&mut self, id: &str, place: Place) -> Result<()> {
        let Some(deployment) = self.deployments.get(id).cloned() else { return Ok(()) };
        let Deployment { scope, service, groups, public, .. } = &deployment;
        let (groups, public) = (groups.clone(), *public);
        let index = deployment.hosts.len();
        let node = deployment.node_called(index);
        let subnet_zone = |id: &String| self.subnets.get(id).map(|subnet| subnet.zone.clone()).unwrap_or_default();
        let zone = match &place {
            Place::Subnet(subnet) => subnet_zone(subnet),
            Place::Zone(zone) => zone.clone(),
        };
        let place = match place {
            Place::Subnet(subnet) => {
                NewPlace::Subnet { subnet, groups, description: description(*service, &node), public }
            }
            Place::Zone(zone) => NewPlace::Classic { zone, groups, public },
        };
        let host = self.make_managed_host(NewManagedHost {
            name: node.clone(),
            scope: scope.clone(),
            owner: Owner { service: *service, resource: id.to_owned() },
            place,
            names: Vec::new(),
            program: self.program(&deployment, index, &zone),
        })?;
        if let Some(deployment) = self.deployments.get_mut(id) {
            deployment.hosts.push(host);
        }
        Ok(())
    }

    /// The program of the host at this index.
    pub(super) fn program(&self, deployment: &Deployment, index: usize, zone: &str) -> Program {
        let Deployment { thing, engine, port, service, layout, .. } = deployment;
        let kind = Engine::named(*service, engine).map_or(engine.as_str(), |engine| engine.kind);
        let say = format!("{} {} ({engine}) in {zone}", thing.noun(), deployment.node_called(index));
        let mut arguments = ["respond", "--say", &say, "--port", &port.to_string()].map(str::to_owned).to_vec();
        let tls = self.certified_names(deployment);
        if !tls.is_empty() {
            arguments.push("--tls".to_owned());
        }
        Program {
            kind: kind.to_owned(),
            port: *port,
            arguments,
            tls,
            shard: layout.has_shards().then(|| deployment.part_called(index / layout.each())),
        }
    }

    /// Restarts the programs of a deployment with their present settings.
    pub fn renew_programs(&mut self, deployment: &Deployment) {
        for (index, host) in deployment.hosts.iter().enumerate() {
            let zone = self.managed_hosts.get(host).map(|host| host.zone.clone()).unwrap_or_default();
            let program = self.program(deployment, index, &zone);
            self.set_managed_program(host, program);
        }
    }

    /// The groups of a deployment, by id: in a VPC its own, the default one if none is named; in EC2-Classic the service's.
    pub(super) fn groups_or_default(
        &mut self,
        caller: &Caller,
        thing: Thing,
        place: Option<&SubnetGroup>,
        groups: &[String],
        access_groups: &[String],
    ) -> Result<Vec<String>> {
        let Some(place) = place else {
            if !groups.is_empty() {
                return Err(Clash::GroupsNeedVpc {}.into());
            }
            return self.access_groups_or_default(&caller.scope, thing.access_group(), access_groups);
        };
        if access_groups.iter().any(|name| name != "default") {
            return Err(Error::ClassicOnly { thing: thing.access_group() });
        }
        self.vpc_groups_or_default(&caller.scope, &place.vpc, groups)
    }

    /// The groups that are meant in a VPC: its default one if none is named.
    ///
    /// # Errors
    /// What is wrong with the groups.
    pub fn vpc_groups_or_default(&self, scope: &Scope, vpc: &str, groups: &[String]) -> Result<Vec<String>> {
        if groups.is_empty() {
            return Ok(vec![self.group_named(scope, Some(vpc), "default")?.id.clone()]);
        }
        self.check_vpc_groups(scope, vpc, groups)?;
        Ok(groups.to_vec())
    }

    /// Whether a deployment can be reached from the Internet: in EC2-Classic it can; in a VPC if that is asked for and can be, or if
    /// nothing is said and it can be. RDS also wants the VPC to have DNS hostnames, Redshift does not.
    pub(super) fn is_public(
        &self,
        service: ManagedService,
        place: Option<&SubnetGroup>,
        asked: Option<bool>,
    ) -> Result<bool> {
        let Some(place) = place else { return Ok(true) };
        let has_gateway = self.internet_gateway_of(&place.vpc).is_some();
        let has_names = service != ManagedService::Rds
            || self.vpcs.get(&place.vpc).is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames);
        let lacks = |why| Error::Network { why };
        match asked {
            Some(true) if !has_gateway => Err(lacks(VpcLack::Gateway {})),
            Some(true) if !has_names => Err(lacks(VpcLack::Names {})),
            Some(asked) => Ok(asked),
            None => Ok(has_gateway && has_names),
        }
    }

    /// The places of a deployment's hosts: the requested zones, or one zone after the other.
    pub(super) fn places(
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
            let why = || Wanted::Zone { region: caller.scope.region.clone() };
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
            _ if chosen.len() < count => Err(Error::Subnet { subnet: String::new(), why: SubnetFault::NoneLeft {} }),
            _ => Ok(chosen),
        }
    }

    /// The zones of a Region's EC2-Classic.
    fn classic_zones(&self, caller: &Caller, asked: Option<&String>) -> Result<Vec<(String, Place)>> {
        self.zone(&caller.scope, asked.map(String::as_str))?;
        let zones = crate::Region::named(&caller.scope.region).into_iter().flat_map(|region| region.zones());
        Ok(zones.map(|(zone, _)| (zone.clone(), Place::Zone(zone))).collect())
    }
}

/// The place of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a subnet.
    Subnet(String),
    /// In a zone of EC2-Classic.
    Zone(String),
}

/// The description of the network interface of a node.
pub(super) fn description(service: ManagedService, node: &str) -> String {
    match service {
        ManagedService::ElastiCache => format!("ElastiCache {node}"),
        ManagedService::Redshift => "RedshiftNetworkInterface".to_owned(),
        ManagedService::Rds | ManagedService::LoadBalancing | ManagedService::PrivateLink => {
            "RDSNetworkInterface".to_owned()
        }
    }
}

fn port(asked: Option<i32>, engine: &Engine) -> Result<u16> {
    asked.map_or(Ok(engine.port), checked_port)
}
