//! Blue/green deployments of DB instances: a green one follows the blue one, and a switchover gives it the name, and so the endpoint name.

use super::replica::like;
use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::{said, said_over, text};
use crate::api::entry::{self, found, retold};
use model::services::{Error, NewDeployment, Obstacle, Result, ServiceEntry, Settings, Thing};
use model::{Caller, Model};
use shapes::rds;

const THING: Thing = Thing::BlueGreenDeployment;
const DONE: &str = "SWITCHOVER_COMPLETED";

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(switch_over).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: rds::CreateBlueGreenDeploymentRequest,
) -> Result<rds::CreateBlueGreenDeploymentResponse> {
    let rds::CreateBlueGreenDeploymentRequest {
        blue_green_deployment_name: name,
        source,
        target_engine_version,
        target_db_parameter_group_name,
        tags: sent,
        target_db_instance_class,
        target_storage_type,
        target_allocated_storage,
    } = input;
    if let Some((thing @ Thing::DbCluster, _)) = Thing::of_arn(&source) {
        let arn = model.deployment(&caller.scope, thing, &source)?.id.clone();
        return Err(Error::NotBlue { thing, arn });
    }
    let thing = Thing::DbInstance;
    let blue = model.deployment(&caller.scope, thing, &source)?.clone();
    let told: rds::DBInstance = said(&blue.settings.told);
    if blue.source.is_some() || blue.cluster.is_some() || told.master_user_secret.is_some() {
        return Err(Error::NotBlue { thing, arn: blue.id });
    }
    if model.service_entries_of(&caller.scope, THING).any(|entry| of(entry).as_deref() == Some(name.as_str())) {
        return Err(Error::Exists { thing: THING, name });
    }
    let number = model.number();
    let new = like(model, caller, &blue);
    let new = NewDeployment {
        name: format!("{}-green-{number:06x}", blue.name),
        settings: Settings {
            version: target_engine_version.clone().unwrap_or(new.settings.version),
            class: target_db_instance_class.unwrap_or(new.settings.class),
            storage: target_allocated_storage.or(new.settings.storage),
            storage_type: target_storage_type.or(new.settings.storage_type),
            parameters: target_db_parameter_group_name
                .or(new.settings.parameters.filter(|_| target_engine_version.is_none())),
            options: new.settings.options.filter(|_| target_engine_version.is_none()),
            // It takes the blue one's place, unlike other replicas.
            backups: blue.settings.backups,
            ..new.settings
        },
        layout: blue.layout,
        tags: blue.tags.clone(),
        ..new
    };
    let green = model.create_replica(caller, &blue.name, new)?.id.clone();
    let told = rds::BlueGreenDeployment {
        blue_green_deployment_name: Some(name),
        source: Some(blue.id),
        target: Some(green),
        status: text("AVAILABLE"),
        ..Default::default()
    };
    let (id, told) = (format!("bgd-{number:016x}"), said_over("", &told));
    let entry = model.create_service_entry(caller, (THING, &id, &id), (None, told), tags::of(sent)?)?;
    let provisioning = with_status(shown(&entry), "PROVISIONING", "PENDING");
    Ok(rds::CreateBlueGreenDeploymentResponse { blue_green_deployment: Some(provisioning) })
}

/// Its name. The entry itself is named by the id.
fn of(entry: &ServiceEntry) -> Option<String> {
    entry::told::<rds::BlueGreenDeployment>(entry).blue_green_deployment_name
}

fn with_status(shown: rds::BlueGreenDeployment, status: &str, task: &str) -> rds::BlueGreenDeployment {
    let tasks = shown.tasks.iter().map(|one| rds::BlueGreenDeploymentTask { status: text(task), ..one.clone() });
    let details = shown.switchover_details.iter().cloned();
    let details = details.map(|detail| rds::SwitchoverDetail { status: text(status), ..detail });
    rds::BlueGreenDeployment {
        status: text(status),
        tasks: tasks.collect(),
        switchover_details: details.collect(),
        ..shown
    }
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeBlueGreenDeploymentsRequest,
) -> Result<rds::DescribeBlueGreenDeploymentsResponse> {
    let rds::DescribeBlueGreenDeploymentsRequest { blue_green_deployment_identifier: id, filters, page } = input;
    filter::check(&filters)?;
    let has = |entry: &ServiceEntry, name: &str| {
        let told = shown(entry);
        match name {
            "blue-green-deployment-identifier" => told.blue_green_deployment_identifier,
            "blue-green-deployment-name" => told.blue_green_deployment_name,
            "source" => told.source,
            "target" => told.target,
            _ => None,
        }
    };
    let is_asked = |entry: &ServiceEntry| filter::pass(&filters, |name| has(entry, name).into_iter().collect());
    let (rows, marker) = found(model, &caller.scope, (THING, id), page, is_asked)?;
    let blue_green_deployments = rows.into_iter().map(shown).collect();
    Ok(rds::DescribeBlueGreenDeploymentsResponse { blue_green_deployments, marker })
}

/// The blue one is renamed, and the green one takes its name. Whoever uses the name reaches the green one.
fn switch_over(
    model: &mut Model,
    caller: &Caller,
    input: rds::SwitchoverBlueGreenDeploymentRequest,
) -> Result<rds::SwitchoverBlueGreenDeploymentResponse> {
    let id = input.blue_green_deployment_identifier;
    let entry = model.service_entry(&caller.scope, THING, &id)?.clone();
    let before = shown(&entry);
    if before.status.as_deref() == Some(DONE) {
        return Err(Error::State { thing: THING, name: id, why: Obstacle::SwitchedOver {} });
    }
    let (blue, green) = (before.source.clone().unwrap_or_default(), before.target.clone().unwrap_or_default());
    let name = model.deployment(&caller.scope, Thing::DbInstance, &blue)?.name.clone();
    model.promote_replica(caller, Thing::DbInstance, &green)?;
    let old = model.rename_deployment(&blue, &format!("{name}-old1"))?;
    let new = model.rename_deployment(&green, &name)?;
    // A proxy that stood before the blue one stands before the green one from now on.
    model.entries_follow(&old, &new);
    retold(model, &caller.scope, (THING, &id), |_, told: &mut rds::BlueGreenDeployment| {
        (told.source, told.target, told.status) = (Some(old), Some(new), text(DONE));
        Ok(())
    })?;
    let switching = rds::BlueGreenDeployment { status: text("SWITCHOVER_IN_PROGRESS"), ..before };
    Ok(rds::SwitchoverBlueGreenDeploymentResponse { blue_green_deployment: Some(switching) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: rds::DeleteBlueGreenDeploymentRequest,
) -> Result<rds::DeleteBlueGreenDeploymentResponse> {
    let rds::DeleteBlueGreenDeploymentRequest { blue_green_deployment_identifier: id, delete_target } = input;
    let entry = model.delete_service_entry(&caller.scope, THING, &id)?;
    let told = shown(&entry);
    // After a switchover the green one is what is used.
    let is_used = told.status.as_deref() == Some(DONE);
    if let Some(green) = told.target.as_ref().filter(|_| delete_target == Some(true) && !is_used) {
        model.delete_deployment(caller, Thing::DbInstance, green)?;
    }
    let deleting = rds::BlueGreenDeployment { status: text("DELETING"), ..told };
    Ok(rds::DeleteBlueGreenDeploymentResponse { blue_green_deployment: Some(deleting) })
}

fn shown(entry: &ServiceEntry) -> rds::BlueGreenDeployment {
    let told: rds::BlueGreenDeployment = entry::told(entry);
    let task = |name: &str| rds::BlueGreenDeploymentTask { name: text(name), status: text("COMPLETED") };
    let detail = rds::SwitchoverDetail {
        source_member: told.source.clone(),
        target_member: told.target.clone(),
        status: text(if told.status.as_deref() == Some(DONE) { DONE } else { "AVAILABLE" }),
    };
    rds::BlueGreenDeployment {
        blue_green_deployment_identifier: text(&entry.name),
        create_time: Some(entry.created),
        tag_list: tags::shown(&entry.tags),
        switchover_details: vec![detail].into(),
        tasks: ["CREATING_READ_REPLICA_OF_SOURCE", "CONFIGURE_BACKUPS"].map(task).to_vec().into(),
        ..told
    }
}
