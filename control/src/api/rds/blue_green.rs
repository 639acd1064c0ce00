//! Blue/green deployments of DB instances and of Aurora clusters: a green one follows the blue one, and a switchover gives it the name, and
//! so the endpoint name.

use super::{filter, green, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, said_over, text};
use crate::api::entry::{self, found, retold};
use model::Caller;
use model::services::{Deployment, Error, Obstacle, Result, ServiceEntry, Thing};
use shapes::rds;

const THING: Thing = Thing::BlueGreenDeployment;
const DONE: &str = "SWITCHOVER_COMPLETED";

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(switch_over).write(delete)
}

fn create(cx: Change, input: rds::CreateBlueGreenDeploymentRequest) -> Result<rds::BlueGreenDeployment> {
    let thing = thing_of(&input.source);
    let blue = cx.model.source_deployment(&cx.caller.scope, thing, &input.source)?.clone();
    if !is_supported(cx.caller, &blue) {
        return Err(Error::NotBlue { thing, arn: blue.id });
    }
    let name = input.blue_green_deployment_name.clone();
    if cx.model.service_entries_of(&cx.caller.scope, THING).any(|entry| of(entry).as_deref() == Some(name.as_str())) {
        return Err(Error::Exists { thing: THING, name });
    }
    let number = cx.model.number();
    let pairs = green::create(cx.model, cx.caller, &blue, &input, &format!("green-{number:06x}"))?;
    let available = rds::BlueGreenDeployment {
        blue_green_deployment_name: Some(name),
        status: text("AVAILABLE"),
        ..Default::default()
    };
    let told = with_pairs(available, pairs);
    let (id, told) = (format!("bgd-{number:016x}"), said_over("", &told));
    let entry = cx.model.create_service_entry(cx.caller, (THING, &id, &id), (None, told), tags::of(input.tags)?)?;
    Ok(with_status(shown(&entry), "PROVISIONING", "PENDING"))
}

/// Members, replicas, Multi-AZ clusters, and what has a password that RDS manages can be neither blue nor green.
fn is_supported(caller: &Caller, blue: &Deployment) -> bool {
    let is_multi_az_cluster = blue.thing == Thing::DbCluster && !blue.settings.class.is_empty();
    let is_part = blue.cluster.is_some() || blue.source.is_some();
    blue.scope == caller.scope && !is_part && !is_multi_az_cluster && !blue.has_managed_password()
}

/// Its name. The entry itself is named by the id.
fn of(entry: &ServiceEntry) -> Option<String> {
    entry::told::<rds::BlueGreenDeployment>(entry).blue_green_deployment_name
}

/// A deployment of these pairs of a blue one and a green one. The first pair is the source and the target. The others are members.
fn with_pairs(told: rds::BlueGreenDeployment, pairs: Vec<rds::SwitchoverDetail>) -> rds::BlueGreenDeployment {
    let first = pairs.first().cloned().unwrap_or_default();
    rds::BlueGreenDeployment {
        source: first.source_member,
        target: first.target_member,
        switchover_details: pairs.into(),
        ..told
    }
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

fn describe(cx: View, input: rds::DescribeBlueGreenDeploymentsRequest) -> Result<Paged<rds::BlueGreenDeployment>> {
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
    Ok(found(cx.model, &cx.caller.scope, (THING, id), page, is_asked)?.map(shown))
}

/// The blue one is renamed, and the green one takes its name. Whoever uses the name reaches the green one.
fn switch_over(cx: Change, input: rds::SwitchoverBlueGreenDeploymentRequest) -> Result<rds::BlueGreenDeployment> {
    let id = input.blue_green_deployment_identifier;
    let entry = cx.model.service_entry(&cx.caller.scope, THING, &id)?.clone();
    let before = shown(&entry);
    if before.status.as_deref() == Some(DONE) {
        return Err(Error::State { thing: THING, name: id, why: Obstacle::SwitchedOver {} });
    }
    let (blue, green) = (before.source.clone().unwrap_or_default(), before.target.clone().unwrap_or_default());
    let thing = thing_of(&blue);
    cx.model.deployment(&cx.caller.scope, thing, &blue)?;
    cx.model.promote_replica(cx.caller, thing, &green)?;
    let pairs = green::switch_over(cx.model, &before.switchover_details)?;
    retold(cx.model, &cx.caller.scope, (THING, &id), |_, told: &mut rds::BlueGreenDeployment| {
        *told = rds::BlueGreenDeployment { status: text(DONE), ..with_pairs(std::mem::take(told), pairs) };
        Ok(())
    })?;
    Ok(rds::BlueGreenDeployment { status: text("SWITCHOVER_IN_PROGRESS"), ..before })
}

fn delete(cx: Change, input: rds::DeleteBlueGreenDeploymentRequest) -> Result<rds::BlueGreenDeployment> {
    let rds::DeleteBlueGreenDeploymentRequest { blue_green_deployment_identifier: id, delete_target } = input;
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &id)?;
    let told = shown(&entry);
    // After a switchover the green one is what is used.
    let is_used = told.status.as_deref() == Some(DONE);
    if let Some(green) = told.target.as_ref().filter(|_| delete_target == Some(true) && !is_used) {
        match thing_of(green) {
            Thing::DbCluster => cx.model.delete_cluster(cx.caller, green, true).map(|_| ())?,
            thing => cx.model.delete_deployment(cx.caller, thing, green).map(|_| ())?,
        }
    }
    Ok(rds::BlueGreenDeployment { status: text("DELETING"), ..told })
}

/// Whether an ARN is that of a cluster or of a DB instance.
fn thing_of(arn: &str) -> Thing {
    match Thing::of_arn(arn) {
        Some((Thing::DbCluster, _)) => Thing::DbCluster,
        _ => Thing::DbInstance,
    }
}

fn shown(entry: &ServiceEntry) -> rds::BlueGreenDeployment {
    let told: rds::BlueGreenDeployment = entry::told(entry);
    let task = |name: &str| rds::BlueGreenDeploymentTask { name: text(name), status: text("COMPLETED") };
    let status = if told.status.as_deref() == Some(DONE) { DONE } else { "AVAILABLE" };
    let pairs = match told.switchover_details.is_empty() {
        // Earlier versions stored only the source and the target.
        true => vec![green::pair(told.source.clone(), told.target.clone())],
        false => told.switchover_details.to_vec(),
    };
    let details = pairs.into_iter().map(|pair| rds::SwitchoverDetail { status: text(status), ..pair });
    rds::BlueGreenDeployment {
        blue_green_deployment_identifier: text(&entry.name),
        create_time: Some(entry.created),
        tag_list: tags::shown(&entry.tags),
        switchover_details: details.collect(),
        tasks: ["CREATING_READ_REPLICA_OF_SOURCE", "CONFIGURE_BACKUPS"].map(task).to_vec().into(),
        ..told
    }
}
