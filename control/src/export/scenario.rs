//! A cloud as the `network:` part of a scenario file: a line for each resource, with the names that its users gave.

use crate::model::{
    Destination, GroupRule, Host, HostPlace, Instance, Model, Network, NetworkAcl, Resource, RouteTable, RulePeer,
    SecurityGroup, Tags, Traffic,
};
use crate::operator::traffic_words;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The scenario file's beginning, up to its steps.
pub fn scenario(model: &Model) -> String {
    let writer = Writer { model, names: names(model) };
    let mut text = String::from("name: An exported network\nproves: []\n\nnetwork:\n");
    for (section, entries) in writer.sections() {
        if entries.is_empty() {
            continue;
        }
        let _ = writeln!(text, "  {section}:");
        for (name, entry) in entries {
            // JSON is YAML, too.
            let _ = writeln!(text, "    {}: {entry}", json!(name));
        }
    }
    text + "\nsteps: []\n"
}

/// A name for every id: the Name tag if it is nobody else's, or the id.
fn names(model: &Model) -> BTreeMap<String, String> {
    let mut tagged: Vec<(String, Option<String>)> = Vec::new();
    let mut add = |id: &str, tags: &Tags| tagged.push((id.to_owned(), tags.get("Name").cloned()));
    model.vpcs.iter().for_each(|row| add(&row.id, &row.tags));
    model.subnets.iter().for_each(|row| add(&row.id, &row.tags));
    model.instances.iter().for_each(|row| add(&row.id, &row.tags));
    model.route_tables.iter().for_each(|row| add(&row.id, &row.tags));
    model.network_acls.iter().for_each(|row| add(&row.id, &row.tags));
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<String> =
        tagged.iter().filter_map(|(_, name)| name.clone()).filter(|name| !seen.insert(name.clone())).collect();
    let is_word = |name: &String| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let usable = |name: &String| is_word(name) && !twice.contains(name);
    tagged.into_iter().filter_map(|(id, name)| Some((id, name.filter(usable)?))).collect()
}

type Entries = Vec<(String, Json)>;

struct Writer<'m> {
    model: &'m Model,
    names: BTreeMap<String, String>,
}

impl Writer<'_> {
    fn sections(&self) -> Vec<(&'static str, Entries)> {
        let Model { internet_gateways, nat_gateways, customer_gateways, vpn_gateways, .. } = self.model;
        let in_vpc = |id: &str, vpc: &Option<String>| Some((id.to_owned(), json!({"VpcId": self.name(vpc.as_ref()?)})));
        vec![
            ("Vpcs", self.vpcs()),
            ("InternetGateways", internet_gateways.iter().filter_map(|row| in_vpc(&row.id, &row.vpc)).collect()),
            ("Subnets", self.model.subnets.iter().map(|row| {
                (self.name(&row.id), json!({"VpcId": self.name(&row.vpc), "CidrBlock": row.cidr.to_string()}))
            }).collect()),
            ("SecurityGroups", self.groups()),
            ("Instances", self.instances()),
            ("NatGateways", nat_gateways.iter().filter(|row| row.is_available()).map(|row| {
                (row.id.clone(), json!({"SubnetId": self.name(&row.subnet)}))
            }).collect()),
            ("CustomerGateways", customer_gateways.iter().map(|row| (row.id.clone(), json!({"IpAddress": row.address}))).collect()),
            ("VpnGateways", vpn_gateways.iter().filter_map(|row| in_vpc(&row.id, &row.vpc)).collect()),
            ("VpnConnections", self.model.vpn_connections.iter().filter(|row| row.is_up()).map(|row| {
                let routes: Vec<String> = row.routes.iter().map(ToString::to_string).collect();
                let ends = json!({"VpnGatewayId": row.vpn_gateway, "CustomerGatewayId": row.customer_gateway, "routes": routes});
                (row.id.clone(), ends)
            }).collect()),
            ("VpcPeeringConnections", self.model.peerings.iter().filter(|row| row.is_active()).map(|row| {
                (row.id.clone(), json!({"VpcId": self.name(&row.requester.vpc), "PeerVpcId": self.name(&row.accepter.vpc)}))
            }).collect()),
            ("RouteTables", self.model.route_tables.iter().map(|row| (self.name(&row.id), self.route_table(row))).collect()),
            ("NetworkAcls", self.model.network_acls.iter().filter(|row| !row.default).map(|row| {
                (self.name(&row.id), self.acl(row))
            }).collect()),
            ("hosts", self.model.hosts.iter().map(|host| (host.name.clone(), outside(host))).collect()),
        ]
    }

    fn name(&self, id: &str) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    fn vpcs(&self) -> Entries {
        let entry = |vpc: &crate::model::Vpc| {
            let mut entry = json!({"CidrBlock": vpc.cidr().to_string()});
            let others: Vec<String> = vpc.blocks().skip(1).map(|block| block.to_string()).collect();
            if !others.is_empty() {
                entry["SecondaryCidrBlocks"] = json!(others);
            }
            if vpc.classic_link {
                entry["classic-link"] = json!(true);
            }
            if vpc.scope().region != "us-east-1" {
                entry["region"] = json!(vpc.scope().region);
            }
            (self.name(&vpc.id), entry)
        };
        self.model.vpcs.iter().map(entry).collect()
    }

    /// The platform's default groups are there already.
    fn groups(&self) -> Entries {
        let groups = self.model.security_groups.iter().filter(|group| !group.is_default());
        groups.map(|group| (group.id.clone(), self.group(group))).collect()
    }

    fn group(&self, group: &SecurityGroup) -> Json {
        let rules = |egress: bool| -> Vec<String> {
            let rules = group.rules.iter().filter(|rule| rule.egress == egress);
            rules.filter_map(|rule| self.rule(rule)).collect()
        };
        let mut entry = Map::from_iter([("ingress".to_owned(), json!(rules(false)))]);
        if let Some(vpc) = &group.vpc {
            entry.insert("VpcId".into(), json!(self.name(vpc)));
            entry.insert("egress".into(), json!(rules(true)));
        }
        Json::Object(entry)
    }

    fn rule(&self, rule: &GroupRule) -> Option<String> {
        let peer = match &rule.peer {
            RulePeer::V4(net) => net.to_string(),
            RulePeer::Group { id, .. } => {
                self.model.security_groups.get(id).filter(|group| !group.is_default())?.id.clone()
            }
            RulePeer::V6(_) | RulePeer::PrefixList(_) => return None,
        };
        let preposition = if rule.egress { "to" } else { "from" };
        (!matches!(rule.traffic, Traffic::Icmpv6(..)))
            .then(|| format!("{} {preposition} {peer}", traffic_words(rule.traffic)))
    }

    fn instances(&self) -> Entries {
        let running = self.model.instances.iter().filter(|instance| instance.is_on());
        running.map(|instance| (self.name(&instance.id), self.instance(instance))).collect()
    }

    fn instance(&self, instance: &Instance) -> Json {
        let own = |ids: &[String]| -> Vec<String> {
            let groups = ids.iter().filter_map(|id| self.model.security_groups.get(id));
            groups.filter(|group| !group.is_default()).map(|group| group.id.clone()).collect()
        };
        match &instance.network {
            Network::Classic(place) => {
                let mut entry = json!({"SecurityGroups": own(&place.groups), "PrivateIpAddress": place.private});
                if let Some(link) = &place.link {
                    entry["link"] = json!({"VpcId": self.name(&link.vpc), "SecurityGroups": own(&link.groups)});
                }
                entry
            }
            Network::Vpc(place) => {
                let primary = place.interfaces.first().and_then(|id| self.model.network_interfaces.get(id));
                let Some(primary) = primary else { return json!({"SubnetId": self.name(&place.subnet)}) };
                let mut entry = json!({
                    "SubnetId": self.name(&place.subnet), "SecurityGroups": own(&primary.groups), "PrivateIpAddress": primary.address(),
                });
                if primary.primary_public().is_some() {
                    entry["AssociatePublicIpAddress"] = json!(true);
                }
                if !primary.source_dest_check {
                    entry["SourceDestCheck"] = json!(false);
                }
                entry
            }
        }
    }

    fn route_table(&self, table: &RouteTable) -> Json {
        let routes = table.routes.iter().filter_map(|route| match (&route.destination, route.target.id()) {
            (Destination::V4(net), Some(target)) => Some((net.to_string(), json!(self.target(target)))),
            _ => None,
        });
        let subnets: Vec<String> =
            table.associations.iter().filter_map(|association| Some(self.name(association.subnet.as_ref()?))).collect();
        let mut entry = json!({"VpcId": self.name(&table.vpc), "Routes": Json::Object(routes.collect())});
        if !subnets.is_empty() {
            entry["SubnetIds"] = json!(subnets);
        }
        if table.is_main() {
            entry["main"] = json!(true);
        }
        entry
    }

    /// An instance's primary interface is named by the instance.
    fn target(&self, target: &str) -> String {
        let interface = self.model.network_interfaces.get(target);
        let instance = interface.and_then(|interface| interface.instance());
        instance.map_or_else(|| self.name(target), |instance| self.name(instance))
    }

    fn acl(&self, acl: &NetworkAcl) -> Json {
        let rules = |egress: bool| -> Vec<String> {
            let entries = acl.entries.iter().filter(|entry| entry.egress == egress);
            let words = entries.map(|entry| {
                let verb = if entry.allow { "allow" } else { "deny" };
                let preposition = if egress { "to" } else { "from" };
                format!("{} {verb} {} {preposition} {}", entry.number, traffic_words(entry.traffic), entry.net)
            });
            words.collect()
        };
        let subnets: Vec<String> = acl.associations.iter().map(|association| self.name(&association.subnet)).collect();
        json!({"VpcId": self.name(&acl.vpc), "SubnetIds": subnets, "ingress": rules(false), "egress": rules(true)})
    }
}

fn outside(host: &Host) -> Json {
    match (&host.place, &host.service) {
        (HostPlace::Site(gateway), _) => json!({"site": {"gateway": gateway, "address": host.address}}),
        (HostPlace::Internet, Some(service)) => json!({"service": {"name": service, "address": host.address}}),
        (HostPlace::Internet, None) => json!({"internet": host.address}),
    }
}
