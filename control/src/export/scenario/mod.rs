//! A cloud as the `network:` part of a scenario file: a line for each resource, with its users' names.
//!
//! What the format cannot express, or what refers to something left out, is left out and listed at the top.

mod calls;
mod hosts;
mod managed;
mod places;
mod routes;
mod rules;

pub use rules::is_default_acl;

use super::left_out::{counted, without_format};
use crate::api::DEFAULT_ACCOUNT;
use model::{IdKind, Model, Scope, Tags, Time};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// How a line at the top of a scenario begins that names something left out.
pub const LEFT_OUT: &str = "# left out: ";
/// The Region that the format assumes.
const DEFAULT_REGION: &str = "us-east-1";
/// The links' MTU that the format assumes, in bytes.
const DEFAULT_LINK_MTU: u16 = 1500;

/// A scenario file with the cloud as it is now. Its steps make only what the format has no words for.
pub fn scenario(model: &Model, now: Time) -> String {
    scenario_with(model, now, "An exported network", &[])
}

/// A scenario file with this name and, at the end, these steps, each of which is a sentence of the format.
pub fn scenario_with(model: &Model, now: Time, name: &str, steps: &[String]) -> String {
    let mut writer = Writer::of(model, now);
    let sections = writer.sections();
    let steps: Vec<&String> = writer.calls.iter().chain(steps).collect();
    let mut text = String::new();
    for what in writer.left_out.iter().chain(&without_words(model)).chain(&without_format(model)) {
        let _ = writeln!(text, "{LEFT_OUT}{what}");
    }
    let _ = writeln!(text, "name: {name}\nproves: []\n\nnetwork:");
    let platform = platform(model);
    if platform.is_empty() && sections.iter().all(|(_, entries)| entries.is_empty()) {
        text += "  {}\n";
    }
    // JSON is valid YAML.
    for (option, value) in platform {
        let _ = writeln!(text, "  {option}: {value}");
    }
    for (section, entries) in sections.iter().filter(|(_, entries)| !entries.is_empty()) {
        let _ = writeln!(text, "  {section}:");
        for (name, entry) in entries {
            let _ = writeln!(text, "    {}: {entry}", json!(name));
        }
    }
    text += if steps.is_empty() { "\nsteps: []\n" } else { "\nsteps:\n" };
    steps.iter().for_each(|step| text += &format!("  - {step}\n"));
    text
}

/// The platform's settings.
fn platform(model: &Model) -> Vec<(&'static str, Json)> {
    let (accounts, mtu) = (&model.platform.vpc_only_accounts, model.platform.link_mtu);
    let accounts = (!accounts.is_empty()).then(|| ("vpc-only", json!(accounts)));
    let mtu = (mtu != DEFAULT_LINK_MTU).then(|| ("link-mtu", json!(mtu)));
    accounts.into_iter().chain(mtu).collect()
}

/// The kinds of resources that the format cannot express.
fn without_words(model: &Model) -> Vec<String> {
    let mirroring = [model.mirror_filters.len(), model.mirror_sessions.len(), model.mirror_targets.len()];
    counted(&[
        (model.egress_only_gateways.len(), "egress-only Internet gateways"),
        (model.prefix_lists.len(), "prefix lists"),
        (model.ipams.len(), "IPAMs"),
        (model.flow_logs.len(), "flow logs"),
        (model.connect_endpoints.len(), "instance connect endpoints"),
        (model.client_vpn_endpoints.len(), "Client VPN endpoints"),
        (model.endpoint_services.len(), "endpoint services"),
        (mirroring.iter().sum(), "filters, sessions and targets of traffic mirroring"),
        (model.insights_paths.len(), "paths of Reachability Analyzer"),
        (model.key_pairs.len(), "key pairs"),
        (model.free_volumes().count(), "volumes of no instance"),
        (model.snapshots.len(), "snapshots"),
        (model.images.len(), "images"),
        (model.dedicated_hosts.len(), "Dedicated Hosts"),
        (model.capacity_reservations.len(), "Capacity Reservations"),
        (model.parameter_groups.len(), "parameter groups"),
        (model.health_checks.len(), "health checks of Route 53"),
        (model.placement_groups.len(), "placement groups"),
        (model.transit_gateways.len(), "transit gateways"),
        (model.route_servers.len(), "route servers"),
        (model.ipam_discoveries.len(), "resource discoveries of IPAM"),
        (model.interface_permissions.len(), "permissions for network interfaces"),
        (model.endpoint_notifications.len(), "notifications of endpoints"),
        (model.event_windows.len(), "event windows of instances"),
        (model.spot_requests.len(), "Spot Instance requests"),
        (model.option_groups.len(), "option groups"),
        (model.traffic_policies.len(), "traffic policies of Route 53"),
        (model.parameters.len(), "parameters of Systems Manager"),
        (model.log_groups.len(), "log groups"),
        (model.launch_templates.len(), "launch templates"),
        (model.auto_scaling_groups.len(), "Auto Scaling groups"),
        (model.carrier_gateways.len(), "carrier gateways"),
        (model.hosted_zones.len(), "hosted zones"),
        (model.identities.len(), "users, groups and roles"),
    ])
}

/// A name for every id: the Name tag if it is unique, otherwise the id.
pub(crate) fn names(model: &Model) -> BTreeMap<String, String> {
    let mut tagged: Vec<(String, Option<String>)> = Vec::new();
    let mut add = |id: &str, tags: &Tags| tagged.push((id.to_owned(), tags.get("Name").cloned()));
    model.vpcs.iter().for_each(|row| add(&row.id, &row.tags));
    model.subnets.iter().for_each(|row| add(&row.id, &row.tags));
    model.instances.iter().filter(|row| row.is_on()).for_each(|row| add(&row.id, &row.tags));
    model.route_tables.iter().for_each(|row| add(&row.id, &row.tags));
    model.network_acls.iter().for_each(|row| add(&row.id, &row.tags));
    let mut seen: BTreeSet<String> = model.hosts.iter().map(|host| host.name.clone()).collect();
    let twice: BTreeSet<String> =
        tagged.iter().filter_map(|(_, name)| name.clone()).filter(|name| !seen.insert(name.clone())).collect();
    let is_word = |name: &String| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let usable = |name: &String| is_word(name) && !twice.contains(name);
    tagged.into_iter().filter_map(|(id, name)| Some((id, name.filter(usable)?))).collect()
}

/// The lines of a section: names and values.
type Entries = Vec<(String, Json)>;

/// Writes section by section. A section may refer to those before it.
struct Writer<'m> {
    model: &'m Model,
    now: Time,
    names: BTreeMap<String, String>,
    /// The ids that are written.
    written: BTreeSet<String>,
    /// The parts that were left out, a sentence each.
    left_out: BTreeSet<String>,
    /// The names of interfaces that stand for the targets of routes that lead nowhere, each with its subnet.
    gone: BTreeMap<String, String>,
    /// Calls of the API after the network is made, as steps.
    calls: Vec<String>,
}

impl<'m> Writer<'m> {
    fn of(model: &'m Model, now: Time) -> Self {
        Self {
            model,
            now,
            names: names(model),
            written: BTreeSet::new(),
            left_out: BTreeSet::new(),
            gone: BTreeMap::new(),
            calls: Vec::new(),
        }
    }

    /// All sections, in an order in which each refers only to those before it.
    fn sections(&mut self) -> Vec<(&'static str, Entries)> {
        let mut sections = vec![
            ("Vpcs", self.vpcs()),
            ("InternetGateways", self.internet_gateways()),
            ("Subnets", self.subnets()),
            ("SecurityGroups", self.groups()),
            ("Instances", self.instances()),
            ("NetworkInterfaces", self.interfaces()),
            ("Addresses", self.addresses()),
            ("NatGateways", self.nat_gateways()),
            ("CustomerGateways", self.customer_gateways()),
            ("VpnGateways", self.vpn_gateways()),
            ("VpnConnections", self.vpn_connections()),
            ("VpcPeeringConnections", self.peerings()),
            ("RouteTables", self.route_tables()),
            ("VpcEndpoints", self.endpoints()),
            ("NetworkAcls", self.acls()),
            ("hosts", self.hosts()),
        ];
        if let Some((_, interfaces)) = sections.iter_mut().find(|(name, _)| *name == "NetworkInterfaces") {
            interfaces.extend(self.stand_ins());
        }
        self.blocks();
        sections
    }

    fn name(&self, id: &str) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// Whether a resource of that kind is written. Imported files may use an id for anything.
    fn is_written(&self, kind: IdKind, id: &str) -> bool {
        kind.fits(id) && self.written.contains(id)
    }

    /// The names of the resources that are written. The others are reported as missing in `what`.
    fn names_of(&mut self, kind: IdKind, what: &str, ids: &[String]) -> Vec<String> {
        let (known, lost): (Vec<&String>, Vec<&String>) = ids.iter().partition(|id| self.is_written(kind, id));
        lost.into_iter().for_each(|id| self.leave_out(format!("{what}: {id}, which is not there")));
        known.into_iter().map(|id| self.name(id)).collect()
    }

    fn leave_out(&mut self, what: impl Into<String>) {
        self.left_out.insert(what.into());
    }

    /// The line of a resource, which later ones may refer to.
    fn entry(&mut self, id: &str, entry: Json) -> (String, Json) {
        self.written.insert(id.to_owned());
        (self.name(id), entry)
    }
}

/// Adds the owner and the Region, unless they are the default.
fn say_owner(entry: &mut Json, scope: &Scope) {
    if scope.account != DEFAULT_ACCOUNT {
        entry["account"] = json!(scope.account);
    }
    if scope.region != DEFAULT_REGION {
        entry["region"] = json!(scope.region);
    }
}

/// Whether the format assumes this account and Region.
fn is_default(scope: &Scope) -> bool {
    scope.account == DEFAULT_ACCOUNT && scope.region == DEFAULT_REGION
}
