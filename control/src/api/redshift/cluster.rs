//! Clusters. Whoever uses one talks to its leader, which is the one host that it has here.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{paged, text};
use crate::model::services::{Deployment, DeploymentChange, Layout, NewDeployment, Result, Settings, Status, Thing};
use crate::model::{Caller, ManagedHost, Model};
use shapes::redshift;

const THING: Thing = Thing::Cluster;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(reboot).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: redshift::CreateClusterMessage,
) -> Result<redshift::CreateClusterResult> {
    let redshift::CreateClusterMessage {
        db_name,
        cluster_identifier,
        node_type,
        master_username,
        cluster_security_groups,
        vpc_security_group_ids,
        cluster_subnet_group_name,
        availability_zone,
        port,
        cluster_version,
        number_of_nodes,
        publicly_accessible,
        encrypted,
        tags: sent,
    } = input;
    let in_vpc = cluster_subnet_group_name.is_some();
    let new = NewDeployment {
        thing: THING,
        name: cluster_identifier,
        engine: "redshift".to_owned(),
        settings: Settings {
            version: cluster_version.unwrap_or_default(),
            class: node_type,
            database: Some(db_name.unwrap_or_else(|| "dev".to_owned())),
            user: Some(master_username),
            encrypted: encrypted.unwrap_or(false),
            nodes: Some(number_of_nodes.unwrap_or(1)),
            ..Settings::default()
        },
        subnet_group: cluster_subnet_group_name,
        groups: vpc_security_group_ids.to_vec(),
        access_groups: cluster_security_groups.to_vec(),
        zones: availability_zone.into_iter().collect(),
        public: publicly_accessible.or(in_vpc.then_some(false)),
        port,
        layout: Layout::Single,
        tags: tags::of(sent),
    };
    let id = model.create_deployment(caller, new)?.id.clone();
    Ok(redshift::CreateClusterResult { cluster: told(model, &id) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeClustersMessage,
) -> Result<redshift::ClustersMessage> {
    let redshift::DescribeClustersMessage { cluster_identifier, page } = input;
    let rows = match cluster_identifier {
        Some(name) => vec![model.deployment(&caller.scope, THING, &name)?],
        None => model.deployments_of(&caller.scope, THING).collect(),
    };
    let (rows, marker) = paged(page, rows, |row: &&Deployment| &row.name)?;
    Ok(redshift::ClustersMessage { marker, clusters: rows.into_iter().map(|row| shown(model, row)).collect() })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: redshift::ModifyClusterMessage,
) -> Result<redshift::ModifyClusterResult> {
    let redshift::ModifyClusterMessage {
        cluster_identifier,
        node_type,
        number_of_nodes,
        cluster_security_groups,
        vpc_security_group_ids,
        cluster_version,
        publicly_accessible,
    } = input;
    let change = DeploymentChange {
        groups: vpc_security_group_ids.to_vec(),
        access_groups: cluster_security_groups.to_vec(),
        public: publicly_accessible,
        standby: None,
    };
    let id = model.modify_deployment(caller, THING, &cluster_identifier, change)?.id.clone();
    model.set_deployment(&id, |settings| {
        settings.class = node_type.unwrap_or_else(|| std::mem::take(&mut settings.class));
        settings.version = cluster_version.unwrap_or_else(|| std::mem::take(&mut settings.version));
        settings.nodes = number_of_nodes.or(settings.nodes);
    });
    Ok(redshift::ModifyClusterResult { cluster: told(model, &id) })
}

fn reboot(
    model: &mut Model,
    caller: &Caller,
    input: redshift::RebootClusterMessage,
) -> Result<redshift::RebootClusterResult> {
    let id = model.reboot_deployment(caller, THING, &input.cluster_identifier, false)?.id.clone();
    Ok(redshift::RebootClusterResult { cluster: told(model, &id) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: redshift::DeleteClusterMessage,
) -> Result<redshift::DeleteClusterResult> {
    let id = model.delete_deployment(caller, THING, &input.cluster_identifier)?.id.clone();
    Ok(redshift::DeleteClusterResult { cluster: told(model, &id) })
}

fn told(model: &Model, id: &str) -> Option<redshift::Cluster> {
    model.deployments.get(id).map(|row| shown(model, row))
}

fn shown(model: &Model, row: &Deployment) -> redshift::Cluster {
    let (status, settings) = (model.status_of(row), &row.settings);
    let group = row.subnet_group.as_ref().and_then(|id| model.subnet_groups.get(id));
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
    let node = |host: &ManagedHost| {
        let (private, public) = model.managed_addresses(host);
        redshift::ClusterNode {
            node_role: text(if settings.nodes.is_some_and(|nodes| nodes > 1) { "LEADER" } else { "SHARED" }),
            private_ip_address: private.and_then(text),
            public_ip_address: public.and_then(text),
        }
    };
    redshift::Cluster {
        cluster_identifier: text(&row.name),
        node_type: text(&settings.class),
        cluster_status: text(status_word(status)),
        master_username: settings.user.clone(),
        db_name: settings.database.clone(),
        endpoint: Some(endpoint).filter(|_| status != Status::Creating),
        cluster_create_time: Some(row.created.into()),
        cluster_security_groups: row.groups.iter().filter(|_| !in_vpc).map(of_classic).collect(),
        vpc_security_groups: row.groups.iter().filter(|_| in_vpc).map(of_vpc).collect(),
        cluster_subnet_group_name: group.map(|group| group.name.clone()),
        vpc_id: group.map(|group| group.vpc.clone()),
        availability_zone: model.primary_of(row).map(|host| host.zone.clone()),
        cluster_version: text(&settings.version),
        number_of_nodes: settings.nodes,
        publicly_accessible: Some(row.public),
        encrypted: Some(settings.encrypted),
        cluster_nodes: model.hosts_of(row).map(node).collect(),
        tags: tags::shown(&row.tags),
        ..Default::default()
    }
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Creating => "creating",
        Status::Available => "available",
        Status::Modifying => "modifying",
        Status::Rebooting => "rebooting",
        Status::Deleting => "deleting",
        Status::Failed => "hardware-failure",
        // Of RDS only.
        Status::Stopped => "stopped",
        Status::Starting => "starting",
    }
}
