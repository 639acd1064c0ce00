//! ClassicLink: links a running Classic instance to a VPC of its account and Region (semantics.md §1.5, §2, §5.2).

use crate::{
    CLASSIC_RANGE, Caller, Destination, Error, Instance, Link, Model, NEVER_CLASSIC, PrefixList, Result, Route,
    RouteTable, Tenancy, Vpc,
};

/// Whether a route conflicts with 10.0.0.0/8 → local: it lies within that range, and is not a local route of a VPC in 10.0.0.0/16
/// or 10.1.0.0/16 (M16).
pub(crate) fn conflicts(route: &Route) -> bool {
    match &route.destination {
        Destination::V4(net) => {
            let exempt =
                route.is_local() && (NEVER_CLASSIC.contains(net) && net.prefix_len() > NEVER_CLASSIC.prefix_len());
            CLASSIC_RANGE.contains(net) && !exempt && !is_classic(route)
        }
        Destination::V6(_) | Destination::PrefixList(_) => false,
    }
}

/// Whether a list has a block in EC2-Classic's range.
fn leads_classic_elsewhere(list: &PrefixList) -> bool {
    list.v4().any(|net| CLASSIC_RANGE.contains(&net))
}

/// Whether it is the route 10.0.0.0/8 → local itself.
pub(crate) fn is_classic(route: &Route) -> bool {
    route.is_local() && route.destination == Destination::V4(CLASSIC_RANGE)
}

impl Model {
    /// Whether the route tables of a VPC must have 10.0.0.0/8 → local. It is derived from the VPC's state and not stored.
    pub fn needs_classic_route(&self, vpc: &Vpc) -> bool {
        vpc.classic_link || self.peering_needs_classic_route(&vpc.id)
    }

    /// The first route of a VPC that 10.0.0.0/8 → local conflicts with, and its table.
    pub(crate) fn classic_conflict(&self, vpc: &str) -> Option<(&Route, &RouteTable)> {
        let tables = self.route_tables.by(vpc);
        let mut routes = tables.flat_map(|table| table.routes.iter().map(move |route| (route, table)));
        routes.find(|(route, _)| match &route.destination {
            Destination::PrefixList(list) => self.prefix_lists.get(list).is_some_and(leads_classic_elsewhere),
            _ => conflicts(route),
        })
    }

    /// Adds 10.0.0.0/8 → local to every table of a VPC, or removes it, as is needed now (M15).
    pub(crate) fn sync_classic_route(&mut self, vpc: &str) {
        let needed = self.vpcs.get(vpc).is_some_and(|vpc| self.needs_classic_route(vpc));
        let has = |table: &RouteTable| table.routes.iter().any(is_classic);
        self.route_tables.update(
            |table| table.vpc == vpc && has(table) != needed,
            |table| match needed {
                true => table.routes.push(Route::local(CLASSIC_RANGE)),
                false => table.routes.retain(|route| !is_classic(route)),
            },
        );
    }

    /// EnableVpcClassicLink. An enabled VPC stays as it is.
    pub fn enable_classic_link(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let vpc = self.vpcs.find(&caller.scope, id)?;
        self.need_classic(&caller.scope)?;
        if vpc.classic_link {
            return Ok(());
        }
        if vpc.tenancy != Tenancy::Default {
            return Err(Error::DedicatedTenancy { vpc: id.into() });
        }
        if let Some((route, table)) = self.classic_conflict(id) {
            let (vpc, cidr) = (id.into(), route.destination.to_string());
            return Err(match route.is_local() {
                true => Error::VpcBlockConflict { vpc, cidr },
                false => Error::VpcCidrConflict { vpc, cidr, table: table.id.clone() },
            });
        }
        self.vpcs.find_mut(&caller.scope, id)?.classic_link = true;
        self.sync_classic_route(id);
        Ok(())
    }

    /// DisableVpcClassicLink. Linked instances must be unlinked first (M14).
    pub fn disable_classic_link(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.vpcs.find(&caller.scope, id)?;
        self.need_classic(&caller.scope)?;
        if self.linked_to(id).next().is_some() {
            return Err(Error::LinksExist { vpc: id.into() });
        }
        self.vpcs.find_mut(&caller.scope, id)?.classic_link = false;
        self.sync_classic_route(id);
        Ok(())
    }

    /// EnableVpcClassicLinkDnsSupport and DisableVpcClassicLinkDnsSupport. The setting is stored even if it has no effect now, because
    /// the VPC is not enabled or its DNS attributes are off (semantics.md §1.5).
    pub fn set_classic_link_dns(&mut self, caller: &Caller, id: &str, on: bool) -> Result<()> {
        self.vpcs.find(&caller.scope, id)?;
        self.need_classic(&caller.scope)?;
        self.vpcs.find_mut(&caller.scope, id)?.classic_link_dns = on;
        Ok(())
    }

    /// The instances linked to a VPC.
    pub fn linked_to(&self, vpc: &str) -> impl Iterator<Item = &Instance> {
        self.instances.by(vpc).filter(|instance| instance.link().is_some())
    }

    /// AttachClassicLinkVpc (M5–M10); the order of the checks is that of semantics.md §1.6.
    pub fn attach_classic_link(&mut self, caller: &Caller, id: &str, vpc: &str, groups: &[String]) -> Result<()> {
        let instance = self.instances.find(&caller.scope, id)?;
        if instance.classic().is_some() && !instance.is_running() {
            return Err(Error::NotRunning { id: id.into(), state: instance.state.name().into() });
        }
        self.link_instance(caller, id, vpc, groups)
    }

    /// Links an instance as the console does at a launch (M41). The instance may be pending, and has its link from the beginning.
    pub fn link_instance(&mut self, caller: &Caller, id: &str, vpc: &str, groups: &[String]) -> Result<()> {
        let instance = self.instances.find(&caller.scope, id)?;
        let Some(classic) = instance.classic() else {
            return Err(Error::NotClassic { id: id.into() });
        };
        if let Some(link) = &classic.link {
            return Err(Error::AlreadyLinked { id: id.into(), vpc: link.vpc.clone() });
        }
        if !self.vpcs.find(&caller.scope, vpc)?.classic_link {
            return Err(Error::VpcNotEnabled { id: id.into(), vpc: vpc.into() });
        }
        let mut groups = groups.to_vec();
        crate::ids::dedup(&mut groups);
        self.check_link_groups(caller, vpc, &groups)?;
        let link = Link { vpc: vpc.into(), groups, attachment: self.number() };
        if let Some(classic) = self.instances.find_mut(&caller.scope, id)?.classic_mut() {
            classic.link = Some(link);
        }
        Ok(())
    }

    pub(crate) fn check_link_groups(&self, caller: &Caller, vpc: &str, groups: &[String]) -> Result<()> {
        // A group of another network is reported as one that does not exist (semantics.md §1.4).
        let foreign = |id: &&String| {
            let group = self.security_groups.find(&caller.scope, id);
            group.map_or(true, |group| group.vpc.as_deref() != Some(vpc))
        };
        if let Some(id) = groups.iter().find(foreign) {
            return Err(Error::NotFound { kind: crate::IdKind::SecurityGroup, id: id.clone() });
        }
        self.check_vpc_groups(&caller.scope, vpc, groups)
    }

    /// DetachClassicLinkVpc: removes the link and its groups (M12).
    pub fn detach_classic_link(&mut self, caller: &Caller, id: &str, vpc: &str) -> Result<()> {
        let instance = self.instances.find(&caller.scope, id)?;
        if instance.classic().is_none() {
            return Err(Error::NotClassic { id: id.into() });
        }
        let linked = instance.link().is_some_and(|link| link.vpc == vpc);
        self.vpcs.find(&caller.scope, vpc)?;
        if !linked {
            return Err(Error::NotLinked { id: id.into(), vpc: vpc.into() });
        }
        if let Some(classic) = self.instances.find_mut(&caller.scope, id)?.classic_mut() {
            classic.link = None;
        }
        Ok(())
    }
}
