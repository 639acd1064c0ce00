//! Services' resources in the network: databases, caches, warehouses, load balancers, Auto Scaling groups. Each is made
//! by its service's API with the same name. Its hosts get the network interfaces in the files; if there are none, they
//! get new addresses.

use super::engine_versions::take_unknown_version;
use super::form::{Form, listed, text};
use super::{
    Importer, creations, health_checks, identities, load_balancer_settings, log_groups, option_groups,
    parameter_groups, replication_groups, scaling, scaling_actions, spot_requests, zone_settings, zones,
};
use model::services::Thing;
use model::{Caller, NetworkInterface, Scope};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// How a resource is made from its description.
pub struct Maker {
    /// The list that describes it.
    pub list: &'static str,
    service: &'static str,
    action: &'static str,
    /// The member with its name.
    name: &'static str,
    /// Members that become parameters: their pointers and the parameters' names. If several give one parameter, the
    /// first that exists is used.
    members: &'static [(&'static str, &'static str)],
    /// Lists that become parameters: their pointers, the member of an item, and the names of parameters' items.
    lists: &'static [(&'static str, &'static str, &'static str)],
    /// Parameters that no description has.
    others: &'static [(&'static str, &'static str)],
}

/// A password, which is not exported and has no effect here.
pub const SECRET: &str = "Not-exported-1";

/// Parameters that a DB instance of a cluster is not made with: its cluster has them.
const OF_CLUSTER: [&str; 5] = ["EngineVersion", "MasterUserPassword", "MasterUsername", "Port", "VpcSecurityGroupIds"];

/// All makers, in an order in which each resource refers only to earlier ones.
pub const MAKERS: &[Maker] = &[
    Maker {
        list: "DBSubnetGroups",
        service: "rds",
        action: "CreateDBSubnetGroup",
        name: "/DBSubnetGroupName",
        members: &[("/DBSubnetGroupDescription", "DBSubnetGroupDescription")],
        lists: &[("/Subnets", "/SubnetIdentifier", "SubnetIds.SubnetIdentifier")],
        others: &[],
    },
    Maker {
        list: "DBSecurityGroups",
        service: "rds",
        action: "CreateDBSecurityGroup",
        name: "/DBSecurityGroupName",
        members: &[("/DBSecurityGroupDescription", "DBSecurityGroupDescription")],
        lists: &[],
        others: &[],
    },
    Maker {
        list: "DBClusters",
        service: "rds",
        action: "CreateDBCluster",
        name: "/DBClusterIdentifier",
        // Without a class: its members are told of one by one.
        members: &[
            ("/Engine", "Engine"),
            ("/EngineVersion", "EngineVersion"),
            ("/Port", "Port"),
            ("/DBSubnetGroup", "DBSubnetGroupName"),
            ("/MasterUsername", "MasterUsername"),
        ],
        lists: &[("/VpcSecurityGroups", "/VpcSecurityGroupId", "VpcSecurityGroupIds.VpcSecurityGroupId")],
        others: &[("MasterUserPassword", SECRET)],
    },
    Maker {
        list: "DBInstances",
        service: "rds",
        action: "CreateDBInstance",
        name: "/DBInstanceIdentifier",
        members: &[
            ("/DBClusterIdentifier", "DBClusterIdentifier"),
            ("/DBInstanceClass", "DBInstanceClass"),
            ("/Engine", "Engine"),
            ("/EngineVersion", "EngineVersion"),
            ("/AllocatedStorage", "AllocatedStorage"),
            ("/MultiAZ", "MultiAZ"),
            ("/AvailabilityZone", "AvailabilityZone"),
            ("/Endpoint/Port", "Port"),
            ("/DBSubnetGroup/DBSubnetGroupName", "DBSubnetGroupName"),
            ("/PubliclyAccessible", "PubliclyAccessible"),
            ("/MasterUsername", "MasterUsername"),
        ],
        lists: &[
            ("/VpcSecurityGroups", "/VpcSecurityGroupId", "VpcSecurityGroupIds.VpcSecurityGroupId"),
            ("/DBSecurityGroups", "/DBSecurityGroupName", "DBSecurityGroups.DBSecurityGroupName"),
        ],
        others: &[("MasterUserPassword", SECRET)],
    },
    Maker {
        list: "CacheSubnetGroups",
        service: "elasticache",
        action: "CreateCacheSubnetGroup",
        name: "/CacheSubnetGroupName",
        members: &[("/CacheSubnetGroupDescription", "CacheSubnetGroupDescription")],
        lists: &[("/Subnets", "/SubnetIdentifier", "SubnetIds.SubnetIdentifier")],
        others: &[],
    },
    Maker {
        list: "CacheSecurityGroups",
        service: "elasticache",
        action: "CreateCacheSecurityGroup",
        name: "/CacheSecurityGroupName",
        members: &[("/Description", "Description")],
        lists: &[],
        others: &[],
    },
    Maker {
        list: "CacheClusters",
        service: "elasticache",
        action: "CreateCacheCluster",
        name: "/CacheClusterId",
        members: &[
            ("/CacheNodeType", "CacheNodeType"),
            ("/Engine", "Engine"),
            ("/EngineVersion", "EngineVersion"),
            ("/NumCacheNodes", "NumCacheNodes"),
            ("/PreferredAvailabilityZone", "PreferredAvailabilityZone"),
            ("/CacheSubnetGroupName", "CacheSubnetGroupName"),
            ("/ConfigurationEndpoint/Port", "Port"),
            ("/CacheNodes/0/Endpoint/Port", "Port"),
        ],
        lists: &[
            ("/SecurityGroups", "/SecurityGroupId", "SecurityGroupIds.SecurityGroupId"),
            ("/CacheSecurityGroups", "/CacheSecurityGroupName", "CacheSecurityGroupNames.CacheSecurityGroupName"),
            ("/CacheNodes", "/CustomerAvailabilityZone", "PreferredAvailabilityZones.PreferredAvailabilityZone"),
        ],
        others: &[],
    },
    Maker {
        list: "ClusterSubnetGroups",
        service: "redshift",
        action: "CreateClusterSubnetGroup",
        name: "/ClusterSubnetGroupName",
        members: &[("/Description", "Description")],
        lists: &[("/Subnets", "/SubnetIdentifier", "SubnetIds.SubnetIdentifier")],
        others: &[],
    },
    Maker {
        list: "ClusterSecurityGroups",
        service: "redshift",
        action: "CreateClusterSecurityGroup",
        name: "/ClusterSecurityGroupName",
        members: &[("/Description", "Description")],
        lists: &[],
        others: &[],
    },
    Maker {
        list: "Clusters",
        service: "redshift",
        action: "CreateCluster",
        name: "/ClusterIdentifier",
        members: &[
            ("/NodeType", "NodeType"),
            ("/AvailabilityZone", "AvailabilityZone"),
            ("/ClusterVersion", "ClusterVersion"),
            ("/NumberOfNodes", "NumberOfNodes"),
            ("/Endpoint/Port", "Port"),
            ("/ClusterSubnetGroupName", "ClusterSubnetGroupName"),
            ("/PubliclyAccessible", "PubliclyAccessible"),
            ("/MasterUsername", "MasterUsername"),
        ],
        lists: &[
            ("/VpcSecurityGroups", "/VpcSecurityGroupId", "VpcSecurityGroupIds.VpcSecurityGroupId"),
            ("/ClusterSecurityGroups", "/ClusterSecurityGroupName", "ClusterSecurityGroups.ClusterSecurityGroupName"),
        ],
        others: &[("MasterUserPassword", SECRET)],
    },
    Maker {
        list: "LoadBalancerDescriptions",
        service: "elasticloadbalancing",
        action: "CreateLoadBalancer",
        name: "/LoadBalancerName",
        members: &[("/Scheme", "Scheme")],
        lists: &[
            ("/SecurityGroups", "", "SecurityGroups.member"),
            ("/ListenerDescriptions", "/Listener/Protocol", "Listeners.member.{}.Protocol"),
            ("/ListenerDescriptions", "/Listener/LoadBalancerPort", "Listeners.member.{}.LoadBalancerPort"),
            ("/ListenerDescriptions", "/Listener/InstanceProtocol", "Listeners.member.{}.InstanceProtocol"),
            ("/ListenerDescriptions", "/Listener/InstancePort", "Listeners.member.{}.InstancePort"),
        ],
        others: &[],
    },
];

/// The explanation for load balancers that are not Classic ones.
pub const OTHER_LOAD_BALANCERS: &str =
    "Application, Network and Gateway Load Balancers are not known here, only Classic Load Balancers are";

/// Known lists that cannot be imported.
pub const LEFT_OUT: &[(&str, &str, &str)] = &[("LoadBalancers", "/LoadBalancerName", OTHER_LOAD_BALANCERS)];

/// The list of services' resources with that name.
pub fn known_list(name: &str) -> Option<&'static str> {
    let own = MAKERS.iter().map(|maker| maker.list);
    let others = scaling::LISTS
        .into_iter()
        .chain([replication_groups::LIST])
        .chain(identities::LISTS)
        .chain([health_checks::CHECKS])
        .chain(zone_settings::LISTS)
        .chain(parameter_groups::lists())
        .chain([option_groups::LIST, spot_requests::LIST, log_groups::LIST])
        .chain(load_balancer_settings::LISTS)
        .chain(scaling_actions::LISTS)
        .chain(creations::all().map(|creation| creation.list));
    own.chain(others).find(|list| *list == name)
}

/// Whether what a list has belongs to an account and not to a Region.
pub fn is_global(list: &str) -> bool {
    identities::LISTS.contains(&list) || zones::LISTS.contains(&list) || zone_settings::LISTS.contains(&list)
}

/// The kind of what is deployed, in a list.
fn deployed(list: &str) -> Option<Thing> {
    match list {
        "DBInstances" => Some(Thing::DbInstance),
        "DBClusters" => Some(Thing::DbCluster),
        "CacheClusters" => Some(Thing::CacheCluster),
        "Clusters" => Some(Thing::Cluster),
        _ => None,
    }
}

/// The kind of the subnet groups in a list.
fn subnet_group(list: &str) -> Option<Thing> {
    match list {
        "DBSubnetGroups" => Some(Thing::DbSubnetGroup),
        "CacheSubnetGroups" => Some(Thing::CacheSubnetGroup),
        "ClusterSubnetGroups" => Some(Thing::ClusterSubnetGroup),
        _ => None,
    }
}

/// The DB instances that write in their clusters.
fn writers(items: &[(Scope, &'static str, Json)]) -> BTreeSet<String> {
    let clusters = items.iter().filter(|(_, list, _)| *list == "DBClusters");
    let members = clusters.filter_map(|(.., cluster)| cluster["DBClusterMembers"].as_array()).flatten();
    let writers = members.filter(|member| member["IsClusterWriter"] == true);
    writers.filter_map(|member| text(member, "/DBInstanceIdentifier")).collect()
}

impl Importer<'_> {
    /// Makes services' resources, list by list.
    pub(super) fn services(&mut self, items: &[(Scope, &'static str, Json)]) {
        self.parameter_groups(items);
        self.option_groups(items);
        let writers = writers(items);
        let writes = |item: &Json| text(item, "/DBInstanceIdentifier").is_some_and(|name| writers.contains(&name));
        for maker in MAKERS {
            if maker.list == "CacheClusters" {
                self.replication_groups(items);
            }
            let mut own: Vec<_> = items.iter().filter(|(_, list, _)| *list == maker.list).collect();
            // The first member of a cluster writes.
            own.sort_by_key(|(.., item)| !writes(item));
            for (scope, _, item) in &own {
                if maker.list == "CacheClusters" && self.is_replica(scope, item) {
                    continue;
                }
                let name = text(item, maker.name).unwrap_or_else(|| format!("one of {}", maker.list));
                if let Err(why) = self.make(scope, maker, item) {
                    self.leave_out(format!("{name}: {why}"));
                }
            }
            // A replica's source may be described after it.
            own.into_iter().for_each(|(scope, _, item)| self.follow(scope, item));
        }
        self.stop_databases(items);
        self.load_balancer_settings(items);
        self.scaling(items);
    }

    fn make(&mut self, scope: &Scope, maker: &Maker, item: &Json) -> Result<(), String> {
        let Some(name) = text(item, maker.name) else { return Err("it has no name".into()) };
        if name == "default"
            && let Some(thing) = subnet_group(maker.list)
        {
            return self.default_subnet_group(scope, thing, item);
        }
        // Every account has this group already.
        let is_default = name == "default" && maker.action.ends_with("SecurityGroup");
        let mut form: Form = vec![(maker.name.trim_start_matches('/').to_owned(), name.clone())];
        // An anonymised resource has no description, which is required.
        let value = |from, to: &str| text(item, from).or_else(|| to.ends_with("Description").then(|| name.clone()));
        for (from, to) in maker.members {
            let is_new = !form.iter().any(|(name, _)| name == to);
            form.extend(value(from, to).filter(|_| is_new).map(|value| ((*to).to_owned(), value)));
        }
        form.extend(maker.lists.iter().flat_map(|(list, member, parameter)| listed(item, list, member, parameter)));
        form.extend(maker.others.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        if maker.action == "CreateLoadBalancer" {
            // A load balancer in a VPC has subnets, which give its zones.
            let subnets = listed(item, "/Subnets", "", "Subnets.member");
            let zones = || listed(item, "/AvailabilityZones", "", "AvailabilityZones.member");
            form.extend(if subnets.is_empty() { zones() } else { subnets });
            form.retain(|(name, value)| name != "Scheme" || value == "internal");
        }
        let is_member = maker.action == "CreateDBInstance" && text(item, "/DBClusterIdentifier").is_some();
        if is_member {
            form.retain(|(name, _)| !OF_CLUSTER.iter().any(|own| name.starts_with(own)));
        }
        // A Multi-AZ instance cannot be asked for in its zones, so its standby comes later.
        let is_in_two = form.iter().any(|(name, value)| name == "MultiAZ" && value == "true");
        let standby = text(item, "/SecondaryAvailabilityZone").filter(|_| is_in_two);
        let instead = if standby.is_some() { "MultiAZ" } else { "AvailabilityZone" };
        form.retain(|(name, _)| name != instead || !is_in_two);
        let passed = pass_through(&mut form);
        if let Some(version) = take_unknown_version(&mut form) {
            self.leave_out(format!("{name}: {version}"));
        }
        if !is_default {
            let before = self.hosts_of_services();
            self.call(scope, maker.service, maker.action, &form)?;
            standby.into_iter().for_each(|zone| self.add_standby(scope, &name, &zone));
            self.take_up_interfaces(&before);
        }
        match (deployed(maker.list), maker.action) {
            (Some(thing), _) => self.keep(scope, thing, &name, item),
            (None, "CreateLoadBalancer") => self.keep_load_balancer(scope, &name, item),
            _ => {}
        }
        passed.iter().for_each(|port| self.leave_out(format!("{name}: {}", without_key(port))));
        for (action, parameters) in self.after(maker, &name, item) {
            if let Err(why) = self.call(scope, maker.service, action, &parameters) {
                self.leave_out(format!("{name}: {action}: {why}"));
            }
        }
        Ok(())
    }

    /// Gives a DB instance its standby.
    fn add_standby(&mut self, scope: &Scope, name: &str, zone: &str) {
        let caller = Caller::of_account(scope.clone(), self.now);
        if let Err(why) = self.model.add_standby_in(&caller, Thing::DbInstance, name, zone) {
            self.leave_out(format!("{name}: its standby in {zone}: {why}"));
        }
    }

    /// Makes a DB instance a read replica. The call that creates one waits for its source, so this does it.
    fn follow(&mut self, scope: &Scope, item: &Json) {
        let ends = text(item, "/DBInstanceIdentifier").zip(text(item, "/ReadReplicaSourceDBInstanceIdentifier"));
        let Some((name, source)) = ends else { return };
        let database = |name: &str| self.model.source_deployment(scope, Thing::DbInstance, name).ok();
        let id = |name: &str| database(name).map(|database| database.id.clone());
        // Why a replica is missing was reported already.
        let Some(replica) = id(&name) else { return };
        match id(&source) {
            Some(its) if self.follows(&its, &replica) => {
                self.leave_out(format!("{name}: its source {source}: replicas follow each other in a circle"));
            }
            Some(its) => self.model.follow(&replica, its),
            None => self.leave_out(format!("{name}: its source {source} is not in the files")),
        }
    }

    /// Whether a database is another one, or follows it, perhaps through others.
    fn follows(&self, one: &str, other: &str) -> bool {
        let source = |id: &String| self.model.deployments.get(id)?.source.clone();
        std::iter::successors(Some(one.to_owned()), source).any(|id| id == other)
    }

    /// The group of the default VPC's subnets. No call makes it, because the service does.
    fn default_subnet_group(&mut self, scope: &Scope, thing: Thing, item: &Json) -> Result<(), String> {
        let subnets: Vec<String> =
            listed(item, "/Subnets", "/SubnetIdentifier", "").into_iter().map(|(_, subnet)| subnet).collect();
        // Without a default VPC there may be a group all the same, which has no subnets.
        if subnets.is_empty() {
            return Ok(());
        }
        self.model.adopt_default_subnet_group(scope, thing, subnets).map_err(|why| why.to_string())
    }

    /// Further calls for a resource: a group's ranges, a load balancer's instances.
    fn after(&self, maker: &Maker, name: &str, item: &Json) -> Vec<(&'static str, Form)> {
        let items = |list: &str| item.pointer(list).and_then(Json::as_array).cloned().unwrap_or_default();
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let own = || pair(maker.name.trim_start_matches('/'), name.to_owned());
        let admits = match maker.action {
            "CreateDBSecurityGroup" => "AuthorizeDBSecurityGroupIngress",
            "CreateCacheSecurityGroup" => "AuthorizeCacheSecurityGroupIngress",
            "CreateClusterSecurityGroup" => "AuthorizeClusterSecurityGroupIngress",
            "CreateLoadBalancer" => {
                let instances = listed(item, "/Instances", "/InstanceId", "Instances.member.{}.InstanceId");
                let names = ["Target", "Interval", "Timeout", "UnhealthyThreshold", "HealthyThreshold"];
                let check = names.iter().filter_map(|name| {
                    Some((format!("HealthCheck.{name}"), text(item, &format!("/HealthCheck/{name}"))?))
                });
                let mut calls = vec![("ConfigureHealthCheck", check.chain([own()]).collect::<Form>())];
                calls.retain(|(_, form)| form.len() > 1);
                if !instances.is_empty() {
                    calls.push(("RegisterInstancesWithLoadBalancer", instances.into_iter().chain([own()]).collect()));
                }
                calls.extend(stickiness(item, &own()));
                return calls;
            }
            _ => return Vec::new(),
        };
        let ranges =
            items("/IPRanges").into_iter().filter_map(|range| Some(vec![pair("CIDRIP", text(&range, "/CIDRIP")?)]));
        let groups = items("/EC2SecurityGroups").into_iter().filter_map(|group| {
            let owner = text(&group, "/EC2SecurityGroupOwnerId").map(|owner| pair("EC2SecurityGroupOwnerId", owner));
            let named = text(&group, "/EC2SecurityGroupName").map(|name| pair("EC2SecurityGroupName", name));
            Some([named?].into_iter().chain(owner).collect::<Form>())
        });
        ranges.chain(groups).map(|form| (admits, form.into_iter().chain([own()]).collect())).collect()
    }

    /// The existing hosts of services.
    pub(super) fn hosts_of_services(&self) -> BTreeSet<String> {
        self.model.managed_hosts.iter().map(|host| host.id.clone()).collect()
    }

    /// Gives new hosts the network interfaces in the files with the same description.
    pub(super) fn take_up_interfaces(&mut self, before: &BTreeSet<String>) {
        let hosts = self.model.managed_hosts.iter().filter(|host| !before.contains(&host.id));
        let hosts: Vec<(String, String)> =
            hosts.filter_map(|host| Some((host.id.clone(), host.interface()?.to_owned()))).collect();
        for (host, own) in hosts {
            let Some(own) = self.model.network_interfaces.get(&own) else { continue };
            let is_like = |other: &&NetworkInterface| {
                let is_same = (&other.subnet, &other.description) == (&own.subnet, &own.description);
                // A user may give an instance's interface any description, so attached ones are left alone.
                let is_free = other.id != own.id && other.attachment.is_none();
                is_same && is_free && self.model.managed_hosts.by(&other.id).next().is_none()
            };
            let like = self.model.network_interfaces.iter().find(is_like).map(|other| other.id.clone());
            if let Some(like) = like {
                let attached = self.attached.get(&like).cloned();
                self.model.move_managed_host(&host, like, attached);
            }
        }
    }
}

/// How a description tells that a cookie lives as long as the browser runs. The call leaves its period out.
const NO_PERIOD: (&str, &str) = ("CookieExpirationPeriod", "0");

/// The calls that make a load balancer's policies for cookies, and give them to its listeners.
fn stickiness(item: &Json, balancer: &(String, String)) -> Vec<(&'static str, Form)> {
    let kinds = [
        ("/Policies/LBCookieStickinessPolicies", "CreateLBCookieStickinessPolicy", "CookieExpirationPeriod"),
        ("/Policies/AppCookieStickinessPolicies", "CreateAppCookieStickinessPolicy", "CookieName"),
    ];
    let items = |list: &str| item.pointer(list).and_then(Json::as_array).into_iter().flatten();
    let pair = |name: &str, value: Option<String>| Some((name.to_owned(), value?));
    let (mut calls, mut made) = (Vec::new(), BTreeSet::new());
    for (list, action, member) in kinds {
        for policy in items(list) {
            let name = text(policy, "/PolicyName");
            let cookie = text(policy, &format!("/{member}")).filter(|told| (member, told.as_str()) != NO_PERIOD);
            let form = [pair("PolicyName", name.clone()), pair(member, cookie), Some(balancer.clone())];
            calls.push((action, form.into_iter().flatten().collect()));
            made.extend(name);
        }
    }
    for listener in items("/ListenerDescriptions") {
        // A listener has at most one of these policies.
        let mut named = listed(listener, "/PolicyNames", "", "").into_iter().map(|(_, policy)| policy);
        if let Some(policy) = named.find(|policy| made.contains(policy)) {
            let port = pair("LoadBalancerPort", text(listener, "/Listener/LoadBalancerPort"));
            let form = [pair("PolicyNames.member.1", Some(policy)), port, Some(balancer.clone())];
            calls.push(("SetLoadBalancerPoliciesOfListener", form.into_iter().flatten().collect()));
        }
    }
    calls
}

/// Turns secure listeners into TCP listeners, because no file has their keys. Returns their ports.
pub(super) fn pass_through(form: &mut [(String, String)]) -> Vec<String> {
    let is_secure = |value: &str| ["HTTPS", "SSL"].iter().any(|word| word.eq_ignore_ascii_case(value));
    let secure = form.iter().filter(|(name, value)| name.ends_with(".Protocol") && is_secure(value));
    let secure: Vec<String> = secure.map(|(name, _)| name.trim_end_matches("Protocol").to_owned()).collect();
    let mut ports = Vec::new();
    for (name, value) in form {
        let Some(member) = secure.iter().find_map(|listener| name.strip_prefix(listener.as_str())) else { continue };
        match member {
            "Protocol" | "InstanceProtocol" => *value = "TCP".to_owned(),
            "LoadBalancerPort" => ports.push(value.clone()),
            _ => {}
        }
    }
    ports
}

/// The sentence that reports such a listener.
pub(super) fn without_key(port: &str) -> String {
    format!("the encryption of its listener at port {port}, which passes TCP through: no file has a key")
}
