//! What services' resources keep from the files though no call of their API sets it: when they were created, the ids and
//! names that their service gave them, and settings that the network does not depend on.

use super::Importer;
use super::form::{self, text};
use model::load_balancer::LoadBalancer;
use model::services::{self, Deployment, Phase, Settings, Thing};
use model::{Scope, Tags, Time, check_tags};
use serde_json::{Map, Value as Json};
use shapes::{elasticache, of_json, rds, redshift};

/// The places of the creation time in descriptions.
const CREATED: [&str; 5] = [
    "/InstanceCreateTime",
    "/ClusterCreateTime",
    "/CacheClusterCreateTime",
    "/ReplicationGroupCreateTime",
    "/CreatedTime",
];
/// The places of the resource id.
const RESOURCE_ID: [&str; 3] = ["/DbiResourceId", "/DbClusterResourceId", "/ClusterNamespaceArn"];
/// The places of the endpoint name.
const ENDPOINT: [&str; 5] = [
    "/Endpoint/Address",
    "/Endpoint",
    "/ConfigurationEndpoint/Address",
    "/CacheNodes/0/Endpoint/Address",
    "/NodeGroups/0/PrimaryEndpoint/Address",
];
/// Where they have the name of a parameter group.
const PARAMETER_GROUP: [&str; 4] = [
    "/DBParameterGroups/0/DBParameterGroupName",
    "/DBClusterParameterGroup",
    "/CacheParameterGroup/CacheParameterGroupName",
    "/ClusterParameterGroups/0/ParameterGroupName",
];
/// Where they have the name of an option group.
const OPTION_GROUP: &str = "/OptionGroupMemberships/0/OptionGroupName";
/// Settings that their service returns as they were given.
const GIVEN: [&str; 25] = [
    "AllowVersionUpgrade",
    "AtRestEncryptionEnabled",
    "AutoMinorVersionUpgrade",
    "AutomatedSnapshotRetentionPeriod",
    "BackupTarget",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "EnabledCloudwatchLogsExports",
    "EngineMode",
    "EnhancedVpcRouting",
    "HttpEndpointEnabled",
    "IAMDatabaseAuthenticationEnabled",
    "Iops",
    "KmsKeyId",
    "MaintenanceTrackName",
    "ManualSnapshotRetentionPeriod",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "PerformanceInsightsEnabled",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "PromotionTier",
    "SnapshotRetentionLimit",
    "SnapshotWindow",
    "StorageThroughput",
];

impl Importer<'_> {
    /// Has a database, cache or warehouse keep what the files say of it. It is available at once, as it was there.
    pub(super) fn keep(&mut self, scope: &Scope, thing: Thing, name: &str, item: &Json) {
        let Ok(row) = self.model.deployment(scope, thing, name) else { return };
        let mut row = row.clone();
        row.phase = Phase::Settled;
        row.created = created(item).unwrap_or(row.created);
        row.resource_id = first(item, &RESOURCE_ID).and_then(|id| resource_id(&id));
        row.account_part = first(item, &ENDPOINT).and_then(|endpoint| account_part(&row.name, &endpoint));
        row.tags = tags(item).unwrap_or(row.tags);
        if is_described(thing, item) {
            set(&mut row, item);
        }
        self.model.deployments.adopt(row.clone());
        self.model.point_names(&row.id);
        if row.settings.tls {
            // The certificates are for the names in the files.
            self.model.renew_programs(&row);
        }
        self.configure(scope, thing, name, item);
        if let Some(group) = text(item, OPTION_GROUP).filter(|group| !group.starts_with("default:"))
            && let Err(why) = self.give_options(scope, thing, name, &group)
        {
            self.leave_out(format!("{name}: its option group: {why}; it has the default one"));
        }
    }

    /// Gives a database, cache or warehouse the parameter group in a description, if the files have it.
    pub(super) fn configure(&mut self, scope: &Scope, thing: Thing, name: &str, item: &Json) {
        let Some(group) = first(item, &PARAMETER_GROUP).filter(|group| !group.starts_with("default.")) else { return };
        if let Err(why) = self.give_parameters(scope, thing, name, &group) {
            self.leave_out(format!("{name}: its parameter group: {why}; it has the default one"));
        }
    }

    /// Gives a database, cache or warehouse a parameter group.
    pub(super) fn give_parameters(
        &mut self,
        scope: &Scope,
        thing: Thing,
        name: &str,
        group: &str,
    ) -> Result<(), services::Error> {
        let mut row = self.model.deployment(scope, thing, name)?.clone();
        let version = (row.engine.as_str(), row.settings.version.as_str());
        let known = self.model.parameter_group_or_default(scope, thing.parameter_group(), version, Some(group))?;
        row.settings.parameters = Some(known);
        self.model.deployments.adopt(row);
        Ok(())
    }

    /// Gives a database an option group.
    fn give_options(&mut self, scope: &Scope, thing: Thing, name: &str, group: &str) -> Result<(), services::Error> {
        let mut row = self.model.deployment(scope, thing, name)?.clone();
        let version = (row.engine.as_str(), row.settings.version.as_str());
        row.settings.options = Some(self.model.option_group_or_default(scope, version, Some(group))?);
        self.model.deployments.adopt(row);
        Ok(())
    }

    /// Has a load balancer keep what the files say of it.
    pub(super) fn keep_load_balancer(&mut self, scope: &Scope, name: &str, item: &Json) {
        let Ok(balancer) = self.model.load_balancer(scope, name) else { return };
        let mut balancer = balancer.clone();
        balancer.created = created(item).unwrap_or(balancer.created);
        if let Some(dns_name) = text(item, "/DNSName").filter(|dns_name| is_its(&balancer, dns_name)) {
            balancer.dns_name = dns_name;
        }
        let id = balancer.id.clone();
        self.model.load_balancers.adopt(balancer);
        self.model.point_name_to_hosts(&id);
    }

    /// Makes a DB instance available before its hosts are.
    pub(super) fn make_available(&mut self, scope: &Scope, name: &str) {
        if let Ok(row) = self.model.source_deployment(scope, Thing::DbInstance, name) {
            let row = Deployment { phase: Phase::Settled, ..row.clone() };
            self.model.deployments.adopt(row);
        }
    }

    /// Stops the databases that are stopped in the files.
    pub(super) fn stop_databases(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, list, item) in items {
            let (action, name, status) = match *list {
                "DBClusters" => ("StopDBCluster", "DBClusterIdentifier", "/Status"),
                // A cluster stops its members.
                "DBInstances" if item.get("DBClusterIdentifier").is_none() => {
                    ("StopDBInstance", "DBInstanceIdentifier", "/DBInstanceStatus")
                }
                _ => continue,
            };
            let Some(called) = item.get(name).and_then(Json::as_str) else { continue };
            if text(item, status).as_deref() == Some("stopped")
                && let Err(why) = self.call(scope, "rds", action, &[(name.to_owned(), called.to_owned())])
            {
                self.leave_out(format!("{called}: {action}: {why}"));
            }
        }
    }
}

/// The first text of an item at one of some places.
fn first(item: &Json, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| text(item, pointer))
}

fn created(item: &Json) -> Option<Time> {
    first(item, &CREATED)?.parse().ok()
}

/// A resource id: itself, or the last part of an ARN.
fn resource_id(text: &str) -> Option<String> {
    let id = text.rsplit(':').next()?;
    let is_id = (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_id.then(|| id.to_owned())
}

/// The account's part of an endpoint name: the word after the resource's name, without a cluster's kind of endpoint.
fn account_part(name: &str, endpoint: &str) -> Option<String> {
    let endpoint = endpoint.to_ascii_lowercase();
    let part = endpoint.split('.').skip_while(|word| *word != name).nth(1)?;
    let part = part.strip_prefix("cluster-").unwrap_or(part);
    let is_part = (1..=32).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_part.then(|| part.to_owned())
}

/// Whether a DNS name is one that the load balancer could have: its own, with any number.
fn is_its(balancer: &LoadBalancer, dns_name: &str) -> bool {
    let parts = |name: &str| {
        let (host, domain) = name.split_once('.')?;
        let (host, number) = host.rsplit_once('-')?;
        let is_number = (1..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| (host.to_ascii_lowercase(), domain.to_ascii_lowercase()))
    };
    let its = parts(dns_name);
    its.is_some() && its == parts(&balancer.dns_name)
}

/// The tags that a description has, if they can be.
fn tags(item: &Json) -> Option<Tags> {
    let tags = form::tags(item.get("TagList").or_else(|| item.get("Tags"))?);
    check_tags(&tags).is_ok().then_some(tags)
}

/// Whether all members of a description have the API's types.
fn is_described(thing: Thing, item: &Json) -> bool {
    match thing {
        Thing::DbInstance => of_json::<rds::DBInstance>(item).is_ok(),
        Thing::DbCluster => of_json::<rds::DBCluster>(item).is_ok(),
        Thing::CacheCluster => of_json::<elasticache::CacheCluster>(item).is_ok(),
        Thing::ReplicationGroup => of_json::<elasticache::ReplicationGroup>(item).is_ok(),
        Thing::Cluster => of_json::<redshift::Cluster>(item).is_ok(),
        _ => false,
    }
}

/// Takes the settings over.
fn set(row: &mut Deployment, item: &Json) {
    let before = &row.settings;
    let is = |pointers: &[&str], before: bool| first(item, pointers).map_or(before, |is| is == "true");
    let mut told: Map<String, Json> = serde_json::from_str(&before.told).unwrap_or_default();
    let given = GIVEN.iter().filter_map(|name| Some(((*name).to_owned(), item.get(*name)?.clone())));
    told.extend(given);
    row.settings = Settings {
        database: first(item, &["/DBName", "/DatabaseName"]).or_else(|| before.database.clone()),
        storage_type: text(item, "/StorageType").or_else(|| before.storage_type.clone()),
        encrypted: is(&["/StorageEncrypted", "/Encrypted"], before.encrypted),
        license: text(item, "/LicenseModel").or_else(|| before.license.clone()),
        backups: text(item, "/BackupRetentionPeriod").and_then(|days| days.parse().ok()).or(before.backups),
        protected: is(&["/DeletionProtection"], before.protected),
        told: Json::Object(told).to_string(),
        ..before.clone()
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accounts_part_of_endpoint_names_follows_the_resources_name() {
        for (name, endpoint, part) in [
            ("shop", "shop.c9akciq32rgg.us-east-1.rds.amazonaws.com", Some("c9akciq32rgg")),
            ("store", "store.cluster-c9akciq32rgg.us-east-1.rds.amazonaws.com", Some("c9akciq32rgg")),
            ("carts", "carts.k3f2ab.ng.0001.use1.cache.amazonaws.com", Some("k3f2ab")),
            ("carts", "master.carts.k3f2ab.use1.cache.amazonaws.com", Some("k3f2ab")),
            ("shop", "other.c9akciq32rgg.us-east-1.rds.amazonaws.com", None),
            ("shop", "shop", None),
            ("shop", "shop..us-east-1", None),
            ("shop", "shop.***.us-east-1", None),
        ] {
            assert_eq!(account_part(name, endpoint).as_deref(), part, "{endpoint}");
        }
    }
}
