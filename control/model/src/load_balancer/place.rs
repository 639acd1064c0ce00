//! The place of a load balancer: zones of EC2-Classic, or subnets of a VPC, one a zone.

use super::{Error, LoadBalancer, NewLoadBalancer, Result, row_id};
use crate::{
    BALANCERS, BALANCERS_GROUP, Caller, IdKind, Model, Region, RulePeer, Scope, SecurityGroup, Tags, Time, Traffic,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most security groups of a load balancer.
const GROUPS: usize = 5;

/// The place of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In EC2-Classic.
    Classic {
        /// Its zones.
        zones: BTreeSet<String>,
    },
    /// In a VPC.
    Vpc {
        /// The VPC.
        vpc: String,
        /// Its subnets, by their zones.
        subnets: BTreeMap<String, String>,
        /// Its groups.
        groups: Vec<String>,
        /// Whether its name resolves to private addresses.
        internal: bool,
    },
}

impl Place {
    /// Its zones.
    pub fn zones(&self) -> Vec<&str> {
        match self {
            Place::Classic { zones } => zones.iter().map(String::as_str).collect(),
            Place::Vpc { subnets, .. } => subnets.keys().map(String::as_str).collect(),
        }
    }

    /// The VPC, unless it is in EC2-Classic.
    pub fn vpc(&self) -> Option<&str> {
        match self {
            Place::Classic { .. } => None,
            Place::Vpc { vpc, .. } => Some(vpc),
        }
    }
}

/// The place that a request asks for.
#[derive(Clone, Debug, Default)]
pub struct Placing {
    /// The zones, of EC2-Classic or of the default VPC.
    pub zones: Vec<String>,
    /// The subnets.
    pub subnets: Vec<String>,
    /// The security groups.
    pub groups: Vec<String>,
    /// `internal`, or `internet-facing`.
    pub scheme: Option<String>,
}

impl Model {
    /// The place of a new load balancer.
    pub(super) fn place_of(&mut self, caller: &Caller, new: &NewLoadBalancer) -> Result<Place> {
        let (scope, placing) = (&caller.scope, &new.placing);
        let internal = match placing.scheme.as_deref() {
            None | Some("internet-facing") => false,
            Some("internal") => true,
            Some(scheme) => return Err(Error::BadScheme { scheme: scheme.to_owned() }),
        };
        let (vpc, subnets) = match (placing.zones.is_empty(), placing.subnets.is_empty()) {
            (true, true) => return Err(Error::NoPlace {}),
            (false, false) => return Err(Error::ZonesOrSubnets {}),
            (true, false) => self.subnets_by_zone(scope, None, &placing.subnets)?,
            (false, true) => match self.default_network(scope).map_err(|_| Error::NoDefaultVpc {})? {
                Some(vpc) => {
                    let subnets = self.default_subnets(scope, &vpc, &placing.zones)?;
                    (vpc, subnets)
                }
                None => return self.in_classic(scope, placing),
            },
        };
        if !internal && self.internet_gateway_of(&vpc).is_none() {
            return Err(Error::NoGateway { vpc });
        }
        let groups = match placing.groups.is_empty() {
            true => vec![self.group_of_balancers(scope, &vpc, new)?],
            false => self.balancer_groups(scope, &vpc, &placing.groups)?,
        };
        Ok(Place::Vpc { vpc, subnets, groups, internal })
    }

    fn in_classic(&self, scope: &Scope, placing: &Placing) -> Result<Place> {
        if let Some(scheme) = placing.scheme.as_deref().filter(|scheme| *scheme == "internal") {
            return Err(Error::BadScheme { scheme: scheme.to_owned() });
        }
        if !placing.groups.is_empty() {
            return Err(Error::GroupsInClassic {});
        }
        Ok(Place::Classic { zones: known_zones(scope, &placing.zones)? })
    }

    /// Subnets by zone. All must be in one VPC, and in this one if it is given.
    fn subnets_by_zone(
        &self,
        scope: &Scope,
        vpc: Option<&str>,
        ids: &[String],
    ) -> Result<(String, BTreeMap<String, String>)> {
        let (mut vpc, mut subnets) = (vpc.map(str::to_owned), BTreeMap::<String, String>::new());
        for id in ids {
            let found = self.subnets.find(scope, id);
            let subnet = found.map_err(|_| Error::NoSuchSubnet { subnet: id.clone() })?;
            let vpc = vpc.get_or_insert_with(|| subnet.vpc.clone());
            if subnet.vpc != *vpc {
                return Err(Error::OtherVpc { subnet: id.clone(), vpc: vpc.clone() });
            }
            if subnets.insert(subnet.zone.clone(), id.clone()).is_some_and(|other| other != *id) {
                return Err(Error::SameZone { zone: subnet.zone.clone() });
            }
        }
        Ok((vpc.ok_or(Error::NoPlace {})?, subnets))
    }

    /// The default subnets of these zones.
    fn default_subnets(&self, scope: &Scope, vpc: &str, zones: &[String]) -> Result<BTreeMap<String, String>> {
        let of_zone = |zone: String| {
            let mut subnets = self.subnets.by(vpc);
            let found = subnets.find(|subnet| subnet.default_for_zone && subnet.zone == zone);
            match found {
                Some(subnet) => Ok((zone, subnet.id.clone())),
                None => Err(Error::NoDefaultSubnet { zone }),
            }
        };
        known_zones(scope, zones)?.into_iter().map(of_zone).collect()
    }

    /// The default security group of a load balancer: the VPC's default one. In a default VPC it is a group that admits the listeners'
    /// clients. The first load balancer creates it.
    fn group_of_balancers(&mut self, scope: &Scope, vpc: &str, new: &NewLoadBalancer) -> Result<String> {
        if self.default_vpc(scope).is_none_or(|default| default.id != vpc) {
            return Ok(self.group_named(scope, Some(vpc), "default")?.id.clone());
        }
        let name = format!("default_elb_{vpc}");
        if let Ok(group) = self.group_named(scope, Some(vpc), &name) {
            return Ok(group.id.clone());
        }
        let words = "ELB created security group used when no security group is specified during ELB creation - modifications could impact traffic to future ELBs";
        let caller = Caller::of_account(scope.clone(), Time::default());
        let group = self.create_group(&caller, Some(vpc), &name, words, Tags::new())?;
        let ports: BTreeSet<u16> = new.listeners.iter().map(|listener| listener.port).collect();
        for port in ports {
            let rule = self.new_rule(false, Traffic::Tcp(port, port), RulePeer::V4(Ipv4Net::default()));
            if let Some(group) = self.security_groups.get_mut(&group) {
                group.rules.push(rule);
            }
        }
        Ok(group)
    }

    /// The owner and the name of the group by which rules can admit a load balancer.
    pub fn source_group<'a>(&'a self, balancer: &'a LoadBalancer) -> (&'a str, Option<&'a str>) {
        match &balancer.place {
            Place::Classic { .. } => (BALANCERS, Some(BALANCERS_GROUP)),
            Place::Vpc { groups, .. } => {
                let first = groups.first().and_then(|id| self.security_groups.get(id));
                (&balancer.scope.account, first.map(|group| group.name.as_str()))
            }
        }
    }

    /// The group of all load balancers in a Region's EC2-Classic. It is created when it is first needed.
    pub(crate) fn group_of_classic_balancers(&mut self, region: &str) -> String {
        let scope = Scope { account: BALANCERS.into(), region: region.into() };
        if let Ok(group) = self.group_named(&scope, None, BALANCERS_GROUP) {
            return group.id.clone();
        }
        let group = SecurityGroup {
            id: self.new_id(IdKind::SecurityGroup),
            scope,
            tags: Tags::new(),
            number: self.number(),
            name: BALANCERS_GROUP.into(),
            description: "The load balancers of EC2-Classic".into(),
            vpc: None,
            rules: vec![self.new_rule(false, Traffic::Tcp(0, 65535), RulePeer::V4(Ipv4Net::default()))],
            also_in: Default::default(),
        };
        let id = group.id.clone();
        self.security_groups.insert(group);
        id
    }

    fn balancer_groups(&self, scope: &Scope, vpc: &str, ids: &[String]) -> Result<Vec<String>> {
        let mut groups = ids.to_vec();
        crate::ids::dedup(&mut groups);
        let is_of_vpc = |id: &String| self.security_groups.find(scope, id).is_ok_and(|g| g.can_be_in(vpc));
        if let Some(group) = groups.iter().find(|id| !is_of_vpc(id)) {
            return Err(Error::NoSuchGroup { group: group.clone() });
        }
        if (1..=GROUPS).contains(&groups.len()) { Ok(groups) } else { Err(Error::NoGroup {}) }
    }

    /// ApplySecurityGroupsToLoadBalancer: replaces the groups.
    pub fn apply_groups(&mut self, caller: &Caller, name: &str, ids: &[String]) -> Result<Vec<String>> {
        let balancer = self.load_balancer(&caller.scope, name)?;
        let vpc = balancer.place.vpc().ok_or(Error::GroupsInClassic {})?;
        let new = self.balancer_groups(&caller.scope, vpc, ids)?;
        if let Place::Vpc { groups, .. } = &mut self.load_balancer_mut(&caller.scope, name)?.place {
            groups.clone_from(&new);
        }
        self.settle_hosts(&row_id(&caller.scope, name))?;
        Ok(new)
    }

    /// AttachLoadBalancerToSubnets. Returns all its subnets.
    pub fn attach_to_subnets(&mut self, caller: &Caller, name: &str, ids: &[String]) -> Result<Vec<String>> {
        let scope = &caller.scope;
        let Place::Vpc { vpc, subnets, .. } = &self.load_balancer(scope, name)?.place else {
            return Err(Error::NotInVpc { name: name.to_owned() });
        };
        let all: Vec<String> = subnets.values().chain(ids).cloned().collect();
        let (_, subnets) = self.subnets_by_zone(scope, Some(vpc), &all)?;
        self.move_to(scope, name, subnets)
    }

    /// DetachLoadBalancerFromSubnets. The last subnet stays. Returns the remaining ones.
    pub fn detach_from_subnets(&mut self, caller: &Caller, name: &str, ids: &[String]) -> Result<Vec<String>> {
        let Place::Vpc { subnets, .. } = &self.load_balancer(&caller.scope, name)?.place else {
            return Err(Error::NotInVpc { name: name.to_owned() });
        };
        let mut left = subnets.clone();
        left.retain(|_, subnet| !ids.contains(subnet));
        self.move_to(&caller.scope, name, left)
    }

    /// EnableAvailabilityZonesForLoadBalancer: in EC2-Classic, or in the default VPC by its default subnets. Returns all zones.
    pub fn enable_zones(&mut self, caller: &Caller, name: &str, zones: &[String]) -> Result<Vec<String>> {
        let scope = &caller.scope;
        let more = known_zones(scope, zones)?;
        let wanted = |there: Vec<&str>| there.into_iter().map(str::to_owned).chain(more).collect();
        self.set_zones(scope, name, wanted)
    }

    /// DisableAvailabilityZonesForLoadBalancer. The last zone stays. Returns the remaining ones.
    pub fn disable_zones(&mut self, caller: &Caller, name: &str, zones: &[String]) -> Result<Vec<String>> {
        let without =
            |there: Vec<&str>| there.into_iter().map(str::to_owned).filter(|zone| !zones.contains(zone)).collect();
        self.set_zones(&caller.scope, name, without)
    }

    fn set_zones(
        &mut self,
        scope: &Scope,
        name: &str,
        change: impl FnOnce(Vec<&str>) -> BTreeSet<String>,
    ) -> Result<Vec<String>> {
        let balancer = self.load_balancer(scope, name)?;
        let wanted = change(balancer.place.zones());
        match &balancer.place {
            Place::Vpc { vpc, subnets, .. } if self.default_vpc(scope).is_some_and(|default| default.id == *vpc) => {
                // A subnet that the zone already has stays, even if it is not the default one.
                let new: Vec<String> = wanted.iter().filter(|zone| !subnets.contains_key(*zone)).cloned().collect();
                let mut subnets = subnets.clone();
                subnets.extend(self.default_subnets(scope, vpc, &new)?);
                subnets.retain(|zone, _| wanted.contains(zone));
                self.move_to(scope, name, subnets)?;
            }
            Place::Vpc { .. } => return Err(Error::InVpc { name: name.to_owned() }),
            Place::Classic { .. } if wanted.is_empty() => return Err(Error::LastZone {}),
            Place::Classic { .. } => {
                self.load_balancer_mut(scope, name)?.place = Place::Classic { zones: wanted.clone() };
                self.settle_hosts(&row_id(scope, name))?;
            }
        }
        Ok(wanted.into_iter().collect())
    }

    fn move_to(&mut self, scope: &Scope, name: &str, to: BTreeMap<String, String>) -> Result<Vec<String>> {
        if to.is_empty() {
            return Err(Error::LastZone {});
        }
        let balancer = self.load_balancer_mut(scope, name)?;
        if let LoadBalancer { place: Place::Vpc { subnets, .. }, .. } = balancer {
            subnets.clone_from(&to);
        }
        self.settle_hosts(&row_id(scope, name))?;
        Ok(to.into_values().collect())
    }
}

/// Zones of the Region.
fn known_zones(scope: &Scope, zones: &[String]) -> Result<BTreeSet<String>> {
    let known: BTreeSet<String> =
        Region::named(&scope.region).into_iter().flat_map(Region::zones).map(|(name, _)| name).collect();
    match zones.iter().find(|zone| !known.contains(*zone)) {
        Some(zone) => Err(Error::NoSuchZone { zone: zone.clone() }),
        None => Ok(zones.iter().cloned().collect()),
    }
}
