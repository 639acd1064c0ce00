//! Clusters. Whoever uses one talks to its leader, which is the one host that it has here.

use super::settings::{self, as_role, nodes};
use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, said, said_over, text};
use model::services::{Clash, Deployment, DeploymentChange, NewDeployment, Result, Settings, Status, Thing};
use model::{Caller, FNV_OFFSET, ManagedHost, Model, Tags, fnv1a};
use shapes::redshift::{self, Cluster};
use std::net::Ipv4Addr;

pub const THING: Thing = Thing::Cluster;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(describe)
        .write(modify)
        .write(resize)
        .read(describe_resize)
        .write(modify_roles)
        .write(pause)
        .write(resume)
        .write(reboot)
        .write(delete)
}

fn create(cx: Change, input: redshift::CreateClusterMessage) -> Result<Cluster> {
    let redshift::CreateClusterMessage {
        db_name,
        cluster_identifier,
        node_type,
        master_username,
        tags: sent,
        settings: mut asked,
    } = input;
    settings::check(&asked)?;
    let schedule = asked.snapshot_schedule_identifier.take();
    let own = Settings {
        class: node_type,
        database: Some(db_name.unwrap_or_else(|| "dev".to_owned())),
        user: Some(master_username),
        encrypted: asked.kms_key_id.is_some(),
        nodes: Some(nodes(asked.cluster_type.as_deref(), asked.number_of_nodes)?),
        ..Settings::default()
    };
    let new = NewDeployment { tags: tags::of(sent)?, ..settings::new(cluster_identifier, asked, own) };
    let row = cx.model.create_deployment(cx.caller, new)?.clone();
    super::schedule::follow(cx.model, cx.caller, row.name, schedule.as_deref())?;
    told(cx.model, cx.caller, &row.id)
}

fn describe(cx: View, input: redshift::DescribeClustersMessage) -> Result<Paged<Cluster>> {
    let redshift::DescribeClustersMessage { cluster_identifier, page, tag_keys, tag_values } = input;
    let mut rows: Vec<&Deployment> = match cluster_identifier {
        Some(name) => vec![cx.model.deployment(&cx.caller.scope, THING, &name)?],
        None => cx.model.deployments_of(&cx.caller.scope, THING).collect(),
    };
    rows.retain(|row| tags::pass(&row.tags, &tag_keys, &tag_values));
    Ok(paged(page, rows, |row: &&Deployment| &row.name)?.map(|row| shown(cx.model, row)))
}

fn modify(cx: Change, input: redshift::ModifyClusterMessage) -> Result<Cluster> {
    let redshift::ModifyClusterMessage { cluster_identifier, new_cluster_identifier, settings: mut asked } = input;
    settings::check(&asked)?;
    let row = cx.model.deployment(&cx.caller.scope, THING, &cluster_identifier)?.clone();
    let cluster_type = asked.cluster_type.as_deref();
    // A single-node cluster does not need a number of nodes.
    let before = row.settings.nodes.filter(|_| cluster_type != Some("single-node"));
    let new_nodes = match (cluster_type, asked.number_of_nodes) {
        (None, None) => row.settings.nodes,
        (_, number) => Some(nodes(cluster_type, number.or(before))?),
    };
    if let Some(name) = &asked.cluster_parameter_group_name {
        let version = asked.cluster_version.as_deref().unwrap_or(&row.settings.version);
        let made = (row.engine.as_str(), version);
        let group = cx.model.parameter_group_or_default(&cx.caller.scope, THING.parameter_group(), made, Some(name))?;
        asked.cluster_parameter_group_name = Some(group);
    }
    let change = DeploymentChange {
        groups: asked.vpc_security_group_ids.to_vec(),
        access_groups: asked.cluster_security_groups.to_vec(),
        public: asked.publicly_accessible,
        standby: None,
        port: asked.port,
    };
    let id = cx.model.modify_deployment(cx.caller, THING, &cluster_identifier, change)?.id.clone();
    cx.model.set_deployment(&id, |settings| {
        *settings = settings::over(asked, std::mem::take(settings));
        settings.nodes = new_nodes;
    });
    let id = match new_cluster_identifier {
        Some(name) => {
            let (new, name) = (cx.model.rename_deployment(&id, &name)?, name.to_ascii_lowercase());
            super::logging::rename(cx.model, cx.caller, &row.name, &name)?;
            super::schedule::rename(cx.model, cx.caller, &row.name, &name);
            new
        }
        None => id,
    };
    told(cx.model, cx.caller, &id)
}

/// Changes the number or the type of nodes. No data is moved, so that a classic resize is like an elastic one.
fn resize(cx: Change, input: redshift::ResizeClusterMessage) -> Result<Cluster> {
    let redshift::ResizeClusterMessage { cluster_identifier, settings, .. } = input;
    let change = redshift::ModifyClusterMessage { cluster_identifier, settings, ..Default::default() };
    modify(cx, change)
}

/// The last resize. None is in progress, because each is complete when its request is answered.
fn describe_resize(cx: View, input: redshift::DescribeResizeMessage) -> Result<redshift::ResizeProgressMessage> {
    let row = cx.model.deployment(&cx.caller.scope, THING, &input.cluster_identifier)?;
    let is_multi = row.settings.nodes.is_some_and(|nodes| nodes > 1);
    Ok(redshift::ResizeProgressMessage {
        target_node_type: text(&row.settings.class),
        target_number_of_nodes: row.settings.nodes,
        target_cluster_type: text(if is_multi { "multi-node" } else { "single-node" }),
        status: text("NONE"),
        ..Default::default()
    })
}

fn modify_roles(cx: Change, input: redshift::ModifyClusterIamRolesMessage) -> Result<Cluster> {
    let redshift::ModifyClusterIamRolesMessage {
        cluster_identifier,
        add_iam_roles: more,
        remove_iam_roles: fewer,
        default_iam_role_arn,
    } = input;
    let row = cx.model.deployment(&cx.caller.scope, THING, &cluster_identifier)?;
    let (id, told_before) = (row.id.clone(), row.settings.told.clone());
    let before: Cluster = said(&told_before);
    let mut arns: Vec<String> = before.iam_roles.iter().filter_map(|role| role.iam_role_arn.clone()).collect();
    arns.retain(|arn| !fewer.contains(arn) && !more.contains(arn));
    let iam_roles = arns.iter().chain(&more).map(as_role).collect();
    let as_said = Cluster { iam_roles, default_iam_role_arn, ..Default::default() };
    cx.model.set_deployment(&id, |settings| settings.told = said_over(&told_before, &as_said));
    told(cx.model, cx.caller, &id)
}

fn pause(cx: Change, input: redshift::PauseClusterMessage) -> Result<Cluster> {
    let id = cx.model.stop_deployment(cx.caller, THING, &input.cluster_identifier)?.id.clone();
    told(cx.model, cx.caller, &id)
}

fn resume(cx: Change, input: redshift::ResumeClusterMessage) -> Result<Cluster> {
    let id = cx.model.start_deployment(cx.caller, THING, &input.cluster_identifier)?.id.clone();
    told(cx.model, cx.caller, &id)
}

fn reboot(cx: Change, input: redshift::RebootClusterMessage) -> Result<Cluster> {
    let id = cx.model.reboot_deployment(cx.caller, THING, &input.cluster_identifier, false)?.id.clone();
    told(cx.model, cx.caller, &id)
}

fn delete(cx: Change, input: redshift::DeleteClusterMessage) -> Result<Cluster> {
    let redshift::DeleteClusterMessage {
        cluster_identifier: name,
        skip_final_cluster_snapshot,
        final_cluster_snapshot_identifier,
    } = input;
    cx.model.deployment(&cx.caller.scope, THING, &name)?;
    match (final_cluster_snapshot_identifier, skip_final_cluster_snapshot.unwrap_or(false)) {
        (Some(_), true) => {
            return Err(Clash::FinalClusterSnapshotSkipped {}.into());
        }
        (Some(last), false) => {
            let snapshot = (THING.snapshot(), last.as_str());
            cx.model.create_service_snapshot(cx.caller, snapshot, (THING, &name), Tags::new())?;
        }
        (None, true) => {}
        (None, false) => {
            return Err(Clash::FinalClusterSnapshotMissing {}.into());
        }
    }
    let row = cx.model.delete_deployment(cx.caller, THING, &name)?;
    let (id, name) = (row.id.clone(), row.name.clone());
    super::logging::forget(cx.model, cx.caller, &name);
    super::schedule::forget(cx.model, cx.caller, &name);
    for thing in [Thing::UsageLimit, Thing::EndpointAccess, Thing::Partner, Thing::ResourcePolicy] {
        cx.model.forget_service_entries(&cx.caller.scope, thing, &id);
    }
    told(cx.model, cx.caller, &id)
}

/// A cluster, by its ARN.
pub fn told(model: &Model, caller: &Caller, id: &str) -> Result<Cluster> {
    Ok(shown(model, model.deployment(&caller.scope, THING, id)?))
}

pub fn shown(model: &Model, row: &Deployment) -> Cluster {
    let (status, settings) = (model.status_of(row), &row.settings);
    let group = model.subnet_group_of(row);
    let in_vpc = group.is_some();
    let endpoint = redshift::Endpoint {
        address: Some(model.endpoint_name(row)),
        port: Some(row.port.into()),
        ..Default::default()
    };
    let of_vpc = |id: &String| redshift::VpcSecurityGroupMembership {
        vpc_security_group_id: Some(id.clone()),
        status: text("active"),
    };
    let of_classic = |id: &String| redshift::ClusterSecurityGroupMembership {
        cluster_security_group_name: model.access_groups.get(id).map(|group| group.name.clone()),
        status: text("active"),
    };
    let told: Cluster = said(&settings.told);
    let schedule = super::schedule::of_cluster(model, row);
    let node = |host: &ManagedHost| {
        let (private, public) = model.managed_addresses(host);
        let way_out = told.enhanced_vpc_routing != Some(true);
        redshift::ClusterNode {
            node_role: text(if settings.nodes.is_some_and(|nodes| nodes > 1) { "LEADER" } else { "SHARED" }),
            private_ip_address: private.and_then(text),
            public_ip_address: public.or_else(|| way_out.then(|| unreachable_address(row))).and_then(text),
        }
    };
    // Only the leader has a host.
    let computing = (0..settings.nodes.filter(|nodes| *nodes > 1).unwrap_or(0))
        .map(|index| redshift::ClusterNode { node_role: text(format!("COMPUTE-{index}")), ..Default::default() });
    let parameters = |name: &String| redshift::ClusterParameterGroupStatus {
        parameter_group_name: text(name),
        parameter_apply_status: text("in-sync"),
        ..Default::default()
    };
    Cluster {
        cluster_parameter_groups: settings.parameters.iter().map(parameters).collect(),
        cluster_availability_status: text(if status == Status::Available { "Available" } else { "Unavailable" }),
        automated_snapshot_retention_period: told.automated_snapshot_retention_period.or(Some(1)),
        manual_snapshot_retention_period: told.manual_snapshot_retention_period.or(Some(-1)),
        preferred_maintenance_window: told.preferred_maintenance_window.or(text("sun:04:00-sun:04:30")),
        allow_version_upgrade: told.allow_version_upgrade.or(Some(true)),
        enhanced_vpc_routing: told.enhanced_vpc_routing.or(Some(false)),
        maintenance_track_name: told.maintenance_track_name.or(text("current")),
        kms_key_id: told.kms_key_id.filter(|_| settings.encrypted),
        iam_roles: told.iam_roles.to_vec().into(),
        pending_modified_values: Some(redshift::PendingModifiedValues::default()),
        pending_actions: Vec::new().into(),
        deferred_maintenance_windows: told.deferred_maintenance_windows.to_vec().into(),
        availability_zone_relocation_status: told.availability_zone_relocation_status.or(text("disabled")),
        multi_az: text("Disabled"),
        ip_address_type: text("ipv4"),
        snapshot_schedule_state: schedule.as_ref().and_then(|_| text("ACTIVE")),
        snapshot_schedule_identifier: schedule,
        cluster_revision_number: text("1"),
        cluster_namespace_arn: text(namespace(row)),
        aqua_configuration: Some(redshift::AquaConfiguration {
            aqua_status: text("disabled"),
            aqua_configuration_status: text("auto"),
        }),
        cluster_identifier: text(&row.name),
        node_type: text(&settings.class),
        cluster_status: text(status_word(status)),
        master_username: settings.user.clone(),
        db_name: settings.database.clone(),
        endpoint: Some(endpoint).filter(|_| status != Status::Creating),
        cluster_create_time: Some(row.created),
        cluster_security_groups: row.groups.iter().filter(|_| !in_vpc).map(of_classic).collect(),
        vpc_security_groups: row.groups.iter().filter(|_| in_vpc).map(of_vpc).collect(),
        cluster_subnet_group_name: group.map(|group| group.name.clone()),
        vpc_id: group.map(|group| group.vpc.clone()),
        availability_zone: model.primary_of(row).map(|host| host.zone.clone()),
        cluster_version: text(&settings.version),
        number_of_nodes: settings.nodes,
        publicly_accessible: Some(row.public),
        encrypted: Some(settings.encrypted),
        cluster_nodes: model.hosts_of(row).map(node).chain(computing).collect(),
        tags: tags::shown(&row.tags),
        ..told
    }
}

/// The address by which a cluster that nobody reaches from outside is told to go out: Redshift shows one unless its traffic stays in the
/// VPC. It is of a range that is nobody's (RFC 5737).
fn unreachable_address(row: &Deployment) -> Ipv4Addr {
    let sum = row.id.bytes().fold(0_u8, u8::wrapping_add);
    Ipv4Addr::new(198, 51, 100, sum)
}

/// The ARN of a cluster's namespace, which has an id of its own. A rename of the cluster does not change it.
pub fn namespace(row: &Deployment) -> String {
    let first = row.original_arn();
    let made = || model::uuid(fnv1a(FNV_OFFSET, first), fnv1a(row.created.0, first));
    let id = row.resource_id.clone().unwrap_or_else(made);
    let scope = &row.scope;
    format!("arn:{}:redshift:{}:{}:namespace:{id}", scope.partition(), scope.region, scope.account)
}

/// The service's word.
fn status_word(status: Status) -> &'static str {
    match status {
        Status::Failed => "hardware-failure",
        Status::Stopped => "paused",
        Status::Starting => "resuming",
        other => other.word(),
    }
}
