//! Replication groups of ElastiCache. They are made with their clusters, which the files have in a list
//! of their own.

use super::Importer;
use super::engine_versions::take_unknown_version;
use super::form::{Form, listed, text};
use model::Scope;
use model::services::Thing;
use serde_json::Value as Json;
use shapes::{elasticache, of_json};

/// The list that describes them.
pub const LIST: &str = "ReplicationGroups";
/// The member with a group's name, in both lists.
const NAME: &str = "/ReplicationGroupId";

impl Importer<'_> {
    /// Makes the groups.
    pub(super) fn replication_groups(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, _, group) in items.iter().filter(|(_, list, _)| *list == LIST) {
            let name = text(group, NAME);
            let is_its = |(of, list, cluster): &&(Scope, &str, Json)| {
                *list == "CacheClusters" && of == scope && name.is_some() && text(cluster, NAME) == name
            };
            let cluster = items.iter().find(is_its).map(|(_, _, cluster)| cluster);
            if let Err(why) = self.replication_group(scope, group, cluster) {
                self.leave_out(format!("{}: {why}", name.unwrap_or_else(|| format!("one of {LIST}"))));
            }
        }
    }

    /// Whether a cluster belongs to an imported replication group.
    pub(super) fn is_replica(&self, scope: &Scope, cluster: &Json) -> bool {
        let group = text(cluster, NAME);
        group.is_some_and(|group| self.model.deployment(scope, Thing::ReplicationGroup, &group).is_ok())
    }

    fn replication_group(&mut self, scope: &Scope, group: &Json, cluster: Option<&Json>) -> Result<(), String> {
        let name = text(group, NAME).ok_or("it has no name")?;
        of_json::<elasticache::ReplicationGroup>(group).map_err(|fault| fault.to_string())?;
        let none = Json::Null;
        let cluster = cluster.unwrap_or(&none);
        let shards = group.get("NodeGroups").and_then(Json::as_array).map_or(0, Vec::len);
        let members = group.pointer("/NodeGroups/0/NodeGroupMembers").and_then(Json::as_array);
        let clusters = members.or(group.get("MemberClusters").and_then(Json::as_array)).map_or(1, Vec::len);
        let is_on = |pointer: &str| text(group, pointer).map(|word| word.starts_with("enabl").to_string());
        let mode = text(group, "/ClusterMode").filter(|mode| mode == "enabled");
        let is_clustered = shards > 1 || mode.is_some();
        let port = ["/ConfigurationEndpoint/Port", "/NodeGroups/0/PrimaryEndpoint/Port"];
        let port = port.iter().find_map(|port| text(group, port)).or(text(cluster, "/CacheNodes/0/Endpoint/Port"));
        let place = text(cluster, "/CacheSubnetGroupName");
        let tls = text(group, "/TransitEncryptionEnabled").filter(|on| on == "true");
        if tls.is_some() && place.is_none() {
            self.leave_out(format!("{name}: the encryption of its connections, which is for groups in a VPC"));
        }
        let told = [
            ("ReplicationGroupId", Some(name.clone())),
            // An anonymised group has no description, which is required.
            ("ReplicationGroupDescription", text(group, "/Description").or(Some(name.clone()))),
            ("NumCacheClusters", Some(clusters.max(1).to_string()).filter(|_| !is_clustered)),
            ("NumNodeGroups", Some(shards.max(1).to_string()).filter(|_| is_clustered)),
            ("ReplicasPerNodeGroup", Some(clusters.saturating_sub(1).to_string()).filter(|_| is_clustered)),
            ("ClusterMode", mode),
            ("AutomaticFailoverEnabled", is_on("/AutomaticFailover").filter(|_| clusters > 1 || is_clustered)),
            ("MultiAZEnabled", is_on("/MultiAZ")),
            ("CacheNodeType", text(group, "/CacheNodeType").or(text(cluster, "/CacheNodeType"))),
            ("Engine", text(group, "/Engine").or(text(cluster, "/Engine"))),
            ("EngineVersion", text(cluster, "/EngineVersion")),
            ("SnapshotRetentionLimit", text(group, "/SnapshotRetentionLimit")),
            ("SnapshotWindow", text(group, "/SnapshotWindow")),
            ("AtRestEncryptionEnabled", text(group, "/AtRestEncryptionEnabled")),
            ("AutoMinorVersionUpgrade", text(group, "/AutoMinorVersionUpgrade")),
            ("PreferredMaintenanceWindow", text(cluster, "/PreferredMaintenanceWindow")),
            ("TransitEncryptionEnabled", tls.filter(|_| place.is_some())),
            ("CacheSubnetGroupName", place),
            ("Port", port),
        ];
        let mut form: Form = told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let zones = "PreferredCacheClusterAZs.AvailabilityZone";
        let all = group.get("NodeGroups").and_then(Json::as_array).into_iter().flatten();
        let placed = all.filter_map(|shard| shard.get("NodeGroupMembers")?.as_array()).flatten();
        let placed = placed.filter_map(|member| text(member, "/PreferredAvailabilityZone"));
        form.extend(placed.enumerate().map(|(index, zone)| (format!("{zones}.{}", index + 1), zone)));
        form.extend(listed(cluster, "/SecurityGroups", "/SecurityGroupId", "SecurityGroupIds.SecurityGroupId"));
        let classic = "CacheSecurityGroupNames.CacheSecurityGroupName";
        form.extend(listed(cluster, "/CacheSecurityGroups", "/CacheSecurityGroupName", classic));
        if let Some(version) = take_unknown_version(&mut form) {
            self.leave_out(format!("{name}: {version}"));
        }
        let before = self.hosts_of_services();
        self.call(scope, "elasticache", "CreateReplicationGroup", &form)?;
        self.name_nodes(scope, &name, group);
        self.take_up_interfaces(&before);
        self.keep(scope, Thing::ReplicationGroup, &name, group);
        self.configure(scope, Thing::ReplicationGroup, &name, cluster);
        let is_first = |role: &Json| role.get("CurrentRole").is_none_or(|role| role != "replica");
        if members.and_then(|members| members.first()).is_some_and(|first| !is_first(first)) {
            self.leave_out(format!("{name}: which of its clusters is the primary: the first is"));
        }
        Ok(())
    }

    /// Gives the clusters of a group the names in the files.
    fn name_nodes(&mut self, scope: &Scope, name: &str, group: &Json) {
        let Ok(row) = self.model.deployment(scope, Thing::ReplicationGroup, name) else { return };
        let id = row.id.clone();
        let (list, member) = match row.layout.has_shards() {
            true => ("/NodeGroups", "/NodeGroupId"),
            false => ("/NodeGroups/0/NodeGroupMembers", "/CacheClusterId"),
        };
        let parts = listed(group, list, member, "").into_iter().map(|(_, part)| part.to_ascii_lowercase()).collect();
        if let Err(why) = self.model.name_nodes(&id, parts) {
            self.leave_out(format!("{name}: the names of its clusters: {why}"));
        }
    }
}
