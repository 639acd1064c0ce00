//! Global clusters: clusters of several Regions under one name, the first of which writes. Nothing is carried between them.

use super::{filter, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::entry::{self, found, global, retold};
use model::services::{Clash, Deployment, Engine, Error, Result, ServiceEntry, Thing};
use model::{Caller, ManagedService, Model, Scope};
use shapes::rds::{self, GlobalCluster};

const THING: Thing = Thing::GlobalCluster;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(remove).write(fail_over).write(switch_over).write(delete)
}

fn create(cx: Change, input: rds::CreateGlobalClusterMessage) -> Result<GlobalCluster> {
    let source = input.source_db_cluster_identifier;
    let source = source.map(|arn| cluster(cx.model, cx.caller, &arn).cloned()).transpose()?;
    let engine = match (&source, input.engine) {
        (Some(_), Some(_)) => return Err(Clash::EngineOfSourceCluster {}.into()),
        (Some(source), None) => source.engine.clone(),
        (None, Some(engine)) => engine,
        (None, None) => return Err(Error::NoEngineOfGlobal {}),
    };
    let known = Engine::named(ManagedService::Rds, &engine).filter(|engine| engine.is_clustered());
    let known = known.ok_or(Error::NoEngine { engine })?;
    let version = source.as_ref().map(|source| source.settings.version.clone());
    let version = version.map_or_else(|| known.matching_version(&input.engine_version.unwrap_or_default()), Ok)?;
    let told = GlobalCluster {
        engine: text(known.name),
        engine_version: Some(version),
        database_name: input.database_name.or(source.as_ref().and_then(|source| source.settings.database.clone())),
        storage_encrypted: input.storage_encrypted.or(Some(source.as_ref().is_some_and(|of| of.settings.encrypted))),
        deletion_protection: input.deletion_protection.or(Some(false)),
        global_cluster_members: source.iter().map(|source| member(&source.id)).collect(),
        ..Default::default()
    };
    let name = input.global_cluster_identifier.to_ascii_lowercase();
    let of_account = Caller { scope: global(&cx.caller.scope), ..cx.caller.clone() };
    let entry = entry::create(cx.model, &of_account, (THING, &name), &told, tags::of(input.tags)?)?;
    Ok(shown(&entry))
}

fn member(arn: &str) -> rds::GlobalClusterMember {
    rds::GlobalClusterMember { db_cluster_arn: text(arn), ..Default::default() }
}

/// A cluster, by its ARN.
fn cluster<'m>(model: &'m Model, caller: &Caller, arn: &str) -> Result<&'m Deployment> {
    if !arn.starts_with("arn:") {
        return Err(Error::NoClusterArn { arn: arn.to_owned() });
    }
    model.deployment(&caller.scope, Thing::DbCluster, arn)
}

/// Whether a global cluster has a writer, which further clusters follow.
pub fn has_writer(model: &Model, caller: &Caller, name: Option<&str>) -> bool {
    let scope = global(&caller.scope);
    let entry = name.and_then(|name| model.service_entry(&scope, THING, name).ok());
    entry.is_some_and(|entry| !entry::told::<GlobalCluster>(entry).global_cluster_members.is_empty())
}

/// Adds a cluster.
pub fn join(model: &mut Model, caller: &Caller, name: &str, arn: &str) -> Result<()> {
    retold(model, &global(&caller.scope), (THING, name), |_, told: &mut GlobalCluster| {
        told.global_cluster_members.push(member(arn));
        Ok(())
    })?;
    Ok(())
}

/// Removes a cluster from its global cluster, if it has one.
pub fn leave(model: &mut Model, caller: &Caller, arn: &str) {
    let scope = global(&caller.scope);
    for name in names_with(model, &scope, arn) {
        // It existed a moment ago.
        let _ = without(model, &scope, &name, arn);
    }
}

fn has(entry: &ServiceEntry, arn: &str) -> bool {
    let told: GlobalCluster = entry::told(entry);
    told.global_cluster_members.iter().any(|one| one.db_cluster_arn.as_deref() == Some(arn))
}

/// The names of the global clusters of a cluster.
fn names_with(model: &Model, scope: &Scope, arn: &str) -> Vec<String> {
    model.service_entries_of(scope, THING).filter(|entry| has(entry, arn)).map(|entry| entry.name.clone()).collect()
}

fn without(model: &mut Model, scope: &Scope, name: &str, arn: &str) -> Result<ServiceEntry> {
    retold(model, scope, (THING, name), |_, told: &mut GlobalCluster| {
        let others = told.global_cluster_members.iter().filter(|member| member.db_cluster_arn.as_deref() != Some(arn));
        told.global_cluster_members = others.cloned().collect();
        Ok(())
    })
}

fn describe(cx: View, input: rds::DescribeGlobalClustersMessage) -> Result<Paged<GlobalCluster>> {
    let rds::DescribeGlobalClustersMessage { global_cluster_identifier: name, filters, page } = input;
    // Clients filter by clusters, which the API's description does not say.
    if let Some(other) = filters.iter().find(|filter| filter.name != "db-cluster-id") {
        return Err(Error::UnknownFilter { name: other.name.clone() });
    }
    let arns = |entry: &ServiceEntry| {
        let told: GlobalCluster = entry::told(entry);
        told.global_cluster_members.iter().filter_map(|member| member.db_cluster_arn.clone()).collect()
    };
    let scope = global(&cx.caller.scope);
    let is_asked = |entry: &ServiceEntry| filter::pass(&filters, |_| arns(entry));
    Ok(found(cx.model, &scope, (THING, name), page, is_asked)?.map(shown))
}

fn modify(cx: Change, input: rds::ModifyGlobalClusterMessage) -> Result<GlobalCluster> {
    let (scope, name) = (global(&cx.caller.scope), input.global_cluster_identifier);
    let mut entry = retold(cx.model, &scope, (THING, &name), |_, told: &mut GlobalCluster| {
        told.deletion_protection = input.deletion_protection.or(told.deletion_protection);
        told.engine_version = input.engine_version.or(told.engine_version.take());
        Ok(())
    })?;
    let new = input.new_global_cluster_identifier.map(|new| new.to_ascii_lowercase());
    if let Some(new) = new.filter(|new| *new != entry.name) {
        entry::check_free(cx.model, &scope, (THING, &new))?;
        cx.model.delete_service_entry(&scope, THING, &name)?;
        (entry.id, entry.name) = (THING.arn(&scope, &new), new);
        cx.model.keep_service_entry(entry.clone());
    }
    Ok(shown(&entry))
}

fn remove(cx: Change, input: rds::RemoveFromGlobalClusterMessage) -> Result<GlobalCluster> {
    let (name, arn) = (input.global_cluster_identifier, input.db_cluster_identifier);
    let arn = match arn.starts_with("arn:") {
        true => arn,
        false => Thing::DbCluster.arn(&cx.caller.scope, &arn.to_ascii_lowercase()),
    };
    let scope = global(&cx.caller.scope);
    if !has(cx.model.service_entry(&scope, THING, &name)?, &arn) {
        return Err(Error::NotFound { thing: Thing::DbCluster, name: arn });
    }
    let entry = without(cx.model, &scope, &name, &arn)?;
    Ok(shown(&entry))
}

/// Makes a member the writer.
fn promote(model: &mut Model, caller: &Caller, (name, target): (&str, &str), status: &str) -> Result<GlobalCluster> {
    let entry = retold(model, &global(&caller.scope), (THING, name), |_, told: &mut GlobalCluster| {
        let mut members = told.global_cluster_members.to_vec();
        let place = members.iter().position(|member| member.db_cluster_arn.as_deref() == Some(target));
        let place = place.ok_or_else(|| Error::NotFound { thing: Thing::DbCluster, name: target.to_owned() })?;
        members[..=place].rotate_right(1);
        told.global_cluster_members = members.into();
        Ok(())
    })?;
    Ok(GlobalCluster { status: text(status), ..shown(&entry) })
}

fn fail_over(cx: Change, input: rds::FailoverGlobalClusterMessage) -> Result<GlobalCluster> {
    let named = (input.global_cluster_identifier.as_str(), input.target_db_cluster_identifier.as_str());
    match (input.allow_data_loss, input.switchover) {
        (Some(true), Some(true)) => Err(Clash::LossOfSwitchover {}.into()),
        (Some(true), _) => promote(cx.model, cx.caller, named, "failing-over"),
        _ => promote(cx.model, cx.caller, named, "switching-over"),
    }
}

fn switch_over(cx: Change, input: rds::SwitchoverGlobalClusterMessage) -> Result<GlobalCluster> {
    let named = (input.global_cluster_identifier.as_str(), input.target_db_cluster_identifier.as_str());
    promote(cx.model, cx.caller, named, "switching-over")
}

fn delete(cx: Change, input: rds::DeleteGlobalClusterMessage) -> Result<GlobalCluster> {
    let (scope, name) = (global(&cx.caller.scope), input.global_cluster_identifier);
    let entry = cx.model.service_entry(&scope, THING, &name)?;
    let told: GlobalCluster = entry::told(entry);
    if told.deletion_protection == Some(true) {
        return Err(Clash::ProtectedCluster {}.into());
    }
    if !told.global_cluster_members.is_empty() {
        return Err(Error::GlobalClusterInUse { arn: entry.id.clone() });
    }
    let entry = cx.model.delete_service_entry(&scope, THING, &name)?;
    Ok(GlobalCluster { status: text("deleting"), ..shown(&entry) })
}

fn shown(entry: &ServiceEntry) -> GlobalCluster {
    let told: GlobalCluster = entry::told(entry);
    let arns: Vec<String> = told.global_cluster_members.iter().filter_map(|one| one.db_cluster_arn.clone()).collect();
    let member = |(place, arn): (usize, &String)| rds::GlobalClusterMember {
        db_cluster_arn: text(arn),
        readers: arns.iter().skip(1).filter(|_| place == 0).cloned().collect(),
        is_writer: Some(place == 0),
        ..Default::default()
    };
    let id = entry.created.0;
    GlobalCluster {
        global_cluster_identifier: text(&entry.name),
        global_cluster_resource_id: text(format!("cluster-{id:016x}")),
        global_cluster_arn: text(&entry.id),
        status: text("available"),
        endpoint: text(format!("{}.global-{id:012x}.global.rds.amazonaws.com", entry.name)),
        global_cluster_members: arns.iter().enumerate().map(member).collect(),
        tag_list: tags::shown(&entry.tags),
        ..told
    }
}
