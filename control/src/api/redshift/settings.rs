//! Settings of clusters that creations, changes and restores have in common.

use crate::api::deployment::{number, said_over, text, within};
use crate::api::window;
use model::Tags;
use model::services::{Clash, Error, Layout, NewDeployment, Result, Settings, Thing, Wanted};
use shapes::{List, redshift};

/// The shortest window, in minutes.
const SHORTEST: u32 = 30;

/// Refuses numbers out of range, invalid windows, and what a single host with IPv4 cannot do.
pub fn check(asked: &redshift::ClusterSettings) -> Result<()> {
    within("AutomatedSnapshotRetentionPeriod", asked.automated_snapshot_retention_period, (0, 35))?;
    check_retention(asked.manual_snapshot_retention_period)?;
    if let Some(text) = &asked.preferred_maintenance_window {
        window::weekly(text, SHORTEST)?;
    }
    match (asked.ip_address_type.as_deref(), asked.multi_az) {
        (Some(other), _) if other != "ipv4" => Err(Error::unsupported("IpAddressType")),
        (_, Some(true)) => Err(Error::unsupported("MultiAZ")),
        _ => Ok(()),
    }
}

/// Refuses an invalid retention period of manual snapshots. -1 is for ever.
pub fn check_retention(days: Option<i32>) -> Result<()> {
    match days {
        None | Some(-1 | 1..=3653) => Ok(()),
        Some(days) => Err(Error::Retention { days }),
    }
}

/// The most nodes of a cluster ("CreateCluster", Redshift API reference).
const NODES: u16 = 100;

/// The number of nodes in a request.
pub fn nodes(cluster_type: Option<&str>, asked: Option<i32>) -> Result<i32> {
    match (cluster_type, asked) {
        (Some("single-node"), Some(nodes)) if nodes > 1 => Err(Clash::SingleNode {}.into()),
        (Some("multi-node"), None | Some(..=1)) => Err(Clash::MultiNode {}.into()),
        (Some("single-node" | "multi-node") | None, asked) => {
            Ok(number("NumberOfNodes", asked.unwrap_or(1), NODES)?.into())
        }
        (Some(other), _) => {
            let why = Wanted::ClusterType {};
            Err(Error::Value { name: "ClusterType", value: other.to_owned(), why })
        }
    }
}

/// A new cluster with the settings of a request over those of what it is like.
pub fn new(name: String, asked: redshift::ClusterSettings, like: Settings) -> NewDeployment {
    let in_vpc = asked.cluster_subnet_group_name.is_some();
    NewDeployment {
        thing: Thing::Cluster,
        name,
        engine: "redshift".to_owned(),
        subnet_group: asked.cluster_subnet_group_name.clone(),
        groups: asked.vpc_security_group_ids.to_vec(),
        access_groups: asked.cluster_security_groups.to_vec(),
        zones: asked.availability_zone.clone().into_iter().collect(),
        public: asked.publicly_accessible.or(in_vpc.then_some(false)),
        port: asked.port,
        layout: Layout::Single,
        tags: Tags::new(),
        settings: over(asked, like),
    }
}

/// The settings of a request over those that were there before. How many nodes there are depends on both.
pub fn over(asked: redshift::ClusterSettings, before: Settings) -> Settings {
    Settings {
        told: said_over(&before.told, &told(asked.clone())),
        version: asked.cluster_version.unwrap_or(before.version),
        class: asked.node_type.unwrap_or(before.class),
        encrypted: asked.encrypted.unwrap_or(before.encrypted),
        parameters: asked.cluster_parameter_group_name.or(before.parameters),
        ..before
    }
}

/// The settings that are returned as they were given.
fn told(asked: redshift::ClusterSettings) -> redshift::Cluster {
    redshift::Cluster {
        allow_version_upgrade: asked.allow_version_upgrade,
        automated_snapshot_retention_period: asked.automated_snapshot_retention_period,
        availability_zone_relocation_status: asked.availability_zone_relocation.map(relocation),
        default_iam_role_arn: asked.default_iam_role_arn,
        enhanced_vpc_routing: asked.enhanced_vpc_routing,
        iam_roles: asked.iam_roles.iter().map(as_role).collect::<List<_>>().unless_empty(),
        kms_key_id: asked.kms_key_id,
        maintenance_track_name: asked.maintenance_track_name,
        manual_snapshot_retention_period: asked.manual_snapshot_retention_period,
        preferred_maintenance_window: asked.preferred_maintenance_window.map(|window| window.to_ascii_lowercase()),
        ..Default::default()
    }
}

/// Whether a cluster may move to another zone, in the service's word. None ever has to.
fn relocation(on: bool) -> String {
    if on { "enabled" } else { "disabled" }.to_owned()
}

/// A role that a cluster has.
pub fn as_role(arn: &String) -> redshift::ClusterIamRole {
    redshift::ClusterIamRole { iam_role_arn: text(arn), apply_status: text("in-sync") }
}
