//! The resources that an EC2 request names: by ids, names and addresses, and by the ids of associations.

use super::Asked;
use model::{AddressHolder, Caller, IdKind, Instance, Model, Scope, Subnet, Vpc};
use std::collections::{BTreeMap, BTreeSet};

/// A resource that a request names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The last part of its ARN: a name for resources known by name, otherwise an id.
    pub called: String,
    /// Its id. `None` if there is no such resource.
    pub id: Option<String>,
}

/// The resources that a request names, by type.
pub type ByType = BTreeMap<String, BTreeSet<Named>>;

/// Parameters whose ids need no permission. `PeerVpcId` is a VPC of another account.
const ASIDE: [&str; 1] = ["PeerVpcId"];

/// The last word of a parameter's name, without numbers: `InstanceId` of `InstanceId.1`.
fn last_word(name: &str) -> &str {
    name.rsplit('.').find(|part| part.parse::<u32>().is_err()).unwrap_or_default()
}

/// Whether parameters with that name contain ids. Elsewhere a text that looks like an id is free text.
pub fn names_id(name: &str) -> bool {
    let word = last_word(name);
    (word.ends_with("Id") || word.ends_with("Ids")) && !ASIDE.contains(&word)
}

/// The resources that a request names.
pub fn all(model: &Model, caller: &Caller, asked: &Asked<'_>) -> ByType {
    let mut found = Found { model, scope: &caller.scope, all: ByType::new() };
    let mut ids: BTreeMap<IdKind, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in asked.params.sent().filter(|(_, value)| !value.is_empty()) {
        let (first, last) = (name.split('.').next().unwrap_or_default(), last_word(name));
        match (first, last) {
            _ if names_id(name) => {
                if let Some(kind) = IdKind::of(value) {
                    ids.entry(kind).or_default().insert(value);
                }
            }
            ("KeyName", _) => found.key_pair(value),
            (first, "GroupName") if first == "Placement" || asked.action.contains("Placement") => {
                found.placement_group(value);
            }
            // A new group's name may be another group's elsewhere.
            ("GroupName", _) if asked.action == "CreateSecurityGroup" => {}
            ("GroupName" | "SecurityGroup", _) => found.group(value),
            ("PublicIp", _) => found.address(value),
            (_, "LaunchTemplateName") if asked.action != "CreateLaunchTemplate" => found.launch_template(value),
            _ => {}
        }
    }
    for (kind, ids) in ids {
        found.by_ids(asked.action, kind, &ids);
    }
    if asked.action == "RunInstances" {
        found.left_to_the_launch(caller, asked);
    }
    found.all
}

struct Found<'m> {
    model: &'m Model,
    scope: &'m Scope,
    all: ByType,
}

impl Found<'_> {
    fn add(&mut self, kind: IdKind, called: &str, id: Option<&str>) {
        let named = Named { called: called.to_owned(), id: id.map(str::to_owned) };
        self.all.entry(kind.resource_type()).or_default().insert(named);
    }

    fn has(&self, kind: IdKind) -> bool {
        self.all.contains_key(&kind.resource_type())
    }

    fn resource(&mut self, kind: IdKind, id: &str) {
        let (model, scope) = (self.model, self.scope);
        let name = match kind {
            IdKind::KeyPair => model.key_pairs.find(scope, id).ok().map(|pair| &pair.name),
            IdKind::PlacementGroup => model.placement_groups.find(scope, id).ok().map(|group| &group.name),
            _ => None,
        };
        self.add(kind, name.map_or(id, String::as_str), Some(id));
    }

    /// The resources with these ids. For associations, the resources that they join.
    fn by_ids(&mut self, action: &str, kind: IdKind, ids: &BTreeSet<&str>) {
        match self.joined_by(kind, ids) {
            Some(ends) => ends.iter().for_each(|id| {
                if let Some(kind) = IdKind::of(id) {
                    self.resource(kind, id);
                }
            }),
            None => ids.iter().for_each(|id| self.resource(kind, id)),
        }
        // A traffic mirror rule needs permission for its filter, too.
        if kind == IdKind::TrafficMirrorFilterRule {
            let (model, scope) = (self.model, self.scope);
            let rules = ids.iter().filter_map(|id| model.mirror_rules.find(scope, id).ok());
            rules.for_each(|rule| self.resource(IdKind::TrafficMirrorFilter, &rule.filter));
        }
        // Accepting a peering connection needs permission for the accepter's own VPC.
        if action == "AcceptVpcPeeringConnection" {
            let model = self.model;
            let peerings = ids.iter().filter_map(|id| model.peerings.get(id));
            peerings.for_each(|peering| self.resource(IdKind::Vpc, &peering.accepter.vpc));
        }
    }

    /// The resources that associations or attachments join, or permissions are for. `None` for other kinds.
    fn joined_by(&self, kind: IdKind, ids: &BTreeSet<&str>) -> Option<Vec<String>> {
        let (model, scope) = (self.model, self.scope);
        let is_one = |id: &String| ids.contains(id.as_str());
        let mut ends: Vec<String> = Vec::new();
        match kind {
            IdKind::RouteTableAssociation => {
                for table in model.route_tables.of(scope) {
                    for found in table.associations.iter().filter(|association| is_one(&association.id)) {
                        let users = found.subnet.iter().chain(&found.gateway).cloned();
                        ends.extend(users.chain([table.id.clone()]));
                    }
                }
            }
            IdKind::NetworkAclAssociation => {
                for acl in model.network_acls.of(scope) {
                    for found in acl.associations.iter().filter(|association| is_one(&association.id)) {
                        ends.extend([acl.id.clone(), found.subnet.clone()]);
                    }
                }
            }
            IdKind::NetworkInterfaceAttachment => {
                for interface in model.network_interfaces.of(scope) {
                    if let Some(found) = interface.attachment.as_ref().filter(|attachment| is_one(&attachment.id)) {
                        ends.extend([interface.id.clone(), found.instance.clone()]);
                    }
                }
            }
            IdKind::AddressAssociation => {
                for own in model.elastic_addresses.of(scope) {
                    let holder = model.holder_of(own.address).filter(|(_, association)| is_one(association));
                    if let Some((AddressHolder::Instance(id) | AddressHolder::Interface { id, .. }, _)) = holder {
                        ends.extend([own.id.clone(), id]);
                    }
                }
            }
            IdKind::NetworkInterfacePermission => {
                let given = model.interface_permissions.of(scope).filter(|permission| is_one(&permission.id));
                ends.extend(given.map(|permission| permission.interface.clone()));
            }
            IdKind::SubnetCidrAssociation => {
                let has = |subnet: &&Subnet| subnet.ipv6.as_ref().is_some_and(|block| is_one(&block.association));
                ends.extend(model.subnets.of(scope).filter(has).map(|subnet| subnet.id.clone()));
            }
            IdKind::CidrAssociation => {
                let has = |vpc: &&Vpc| {
                    let ipv6 = vpc.ipv6.iter().map(|block| &block.association);
                    vpc.cidrs.iter().map(|block| &block.association).chain(ipv6).any(is_one)
                };
                ends.extend(model.vpcs.of(scope).filter(has).map(|vpc| vpc.id.clone()));
            }
            IdKind::IamInstanceProfileAssociation => {
                let has = |one: &&Instance| one.options.profile.as_ref().is_some_and(|profile| is_one(&profile.id));
                ends.extend(model.instances.of(scope).filter(has).map(|instance| instance.id.clone()));
            }
            _ => return None,
        }
        Some(ends)
    }

    fn key_pair(&mut self, name: &str) {
        let id = self.model.key_pair(self.scope, name).ok().map(|pair| pair.id.as_str());
        self.add(IdKind::KeyPair, name, id);
    }

    /// A placement group by its name, or by its id.
    fn placement_group(&mut self, word: &str) {
        let meant = self.model.placement_group_name(self.scope, Some(word.to_owned())).ok().flatten();
        let name = meant.as_deref().unwrap_or(word);
        let id = self.model.placement_group(self.scope, name).ok().map(|group| group.id.as_str());
        self.add(IdKind::PlacementGroup, name, id);
    }

    fn group(&mut self, name: &str) {
        if let Ok(group) = self.model.group_meant(self.scope, name) {
            self.resource(IdKind::SecurityGroup, &group.id);
        }
    }

    fn address(&mut self, address: &str) {
        let found = address.parse().ok().and_then(|address| self.model.elastic_address(address));
        if let Some(own) = found.filter(|own| own.scope == *self.scope) {
            self.resource(IdKind::Allocation, &own.id);
        }
    }

    fn launch_template(&mut self, name: &str) {
        if let Ok(template) = self.model.launch_template(self.scope, None, Some(name)) {
            self.resource(IdKind::LaunchTemplate, &template.id);
        }
    }

    /// The default subnet and group of a launch that names none.
    fn left_to_the_launch(&mut self, caller: &Caller, asked: &Asked<'_>) {
        if self.has(IdKind::NetworkInterface) {
            return;
        }
        if !self.has(IdKind::Subnet)
            && let Ok(Some(subnet)) =
                self.model.default_subnet(caller, asked.params.value("Placement.AvailabilityZone"))
        {
            self.resource(IdKind::Subnet, &subnet.id);
        }
        if !self.has(IdKind::SecurityGroup) {
            let subnets = self.all.get(&IdKind::Subnet.resource_type());
            let subnet = subnets.and_then(BTreeSet::first).and_then(|named| self.model.subnets.get(&named.called));
            let group = self.model.group_named(self.scope, subnet.map(|subnet| subnet.vpc.as_str()), "default");
            if let Ok(group) = group {
                self.resource(IdKind::SecurityGroup, &group.id);
            }
        }
    }
}
