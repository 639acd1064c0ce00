//! Clusters made of snapshots: like the source of the snapshot, except where the request says otherwise.

use super::cluster::{THING, as_role, check_plain, nodes, told};
use crate::api::action::Actions;
use crate::api::deployment::said_over;
use model::services::{Clash, Error, Layout, NewDeployment, Result, Settings};
use model::{Caller, Model, Tags};
use shapes::{List, redshift};

pub fn actions(all: Actions) -> Actions {
    all.write(restore)
}

fn restore(
    model: &mut Model,
    caller: &Caller,
    input: redshift::RestoreFromClusterSnapshotMessage,
) -> Result<redshift::RestoreFromClusterSnapshotResult> {
    let redshift::RestoreFromClusterSnapshotMessage {
        cluster_identifier,
        snapshot_identifier,
        snapshot_arn,
        snapshot_cluster_identifier,
        owner_account,
        port,
        availability_zone,
        allow_version_upgrade,
        cluster_subnet_group_name,
        publicly_accessible,
        cluster_parameter_group_name,
        cluster_security_groups,
        vpc_security_group_ids,
        preferred_maintenance_window,
        automated_snapshot_retention_period,
        manual_snapshot_retention_period,
        kms_key_id,
        node_type,
        enhanced_vpc_routing,
        iam_roles,
        maintenance_track_name,
        number_of_nodes,
        availability_zone_relocation,
        default_iam_role_arn,
        encrypted,
        ip_address_type,
        multi_az,
    } = input;
    check_plain(availability_zone_relocation, ip_address_type.as_deref(), multi_az)?;
    let missing = Error::from(Clash::MustBeGiven { names: "SnapshotIdentifier or SnapshotArn" });
    let name = snapshot_identifier.or(snapshot_arn).ok_or(missing)?;
    let snapshot = match owner_account {
        Some(owner) => model.shared_snapshot(&caller.scope, THING.snapshot(), &owner, &name)?,
        None => model.source_snapshot(&caller.scope, THING.snapshot(), &name)?,
    };
    let source = snapshot.source.clone();
    if snapshot_cluster_identifier.is_some_and(|of| of != "*" && !of.eq_ignore_ascii_case(&source.name)) {
        return Err(Error::NotFound { thing: THING.snapshot(), name });
    }
    let as_said = redshift::Cluster {
        allow_version_upgrade,
        automated_snapshot_retention_period,
        default_iam_role_arn,
        iam_roles: iam_roles.iter().map(as_role).collect::<List<_>>().unless_empty(),
        kms_key_id,
        maintenance_track_name,
        manual_snapshot_retention_period,
        preferred_maintenance_window: preferred_maintenance_window.map(|window| window.to_ascii_lowercase()),
        enhanced_vpc_routing,
        restore_status: Some(redshift::RestoreStatus { status: Some("completed".to_owned()), ..Default::default() }),
        ..Default::default()
    };
    let settings = source.settings;
    let number = nodes(None, number_of_nodes.or(settings.nodes))?;
    let in_vpc = cluster_subnet_group_name.is_some();
    let new = NewDeployment {
        thing: THING,
        name: cluster_identifier,
        engine: source.engine,
        settings: Settings {
            class: node_type.unwrap_or(settings.class),
            nodes: Some(number),
            encrypted: encrypted.unwrap_or(settings.encrypted),
            parameters: cluster_parameter_group_name,
            told: said_over(&settings.told, &as_said),
            ..settings
        },
        subnet_group: cluster_subnet_group_name,
        groups: vpc_security_group_ids.to_vec(),
        access_groups: cluster_security_groups.to_vec(),
        zones: availability_zone.into_iter().collect(),
        public: publicly_accessible.or(in_vpc.then_some(false)),
        port: port.or(Some(source.port.into())),
        layout: Layout::Single,
        tags: Tags::new(),
    };
    let id = model.create_deployment(caller, new)?.id.clone();
    Ok(redshift::RestoreFromClusterSnapshotResult { cluster: told(model, &id) })
}
