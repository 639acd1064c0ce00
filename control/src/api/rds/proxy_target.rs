//! The targets of proxies: each proxy has one target group, which names DB instances and clusters.

use super::filter;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, said_over, text};
use crate::api::entry::{self, retold};
use model::services::{Deployment, Error, Result, ServiceEntry, Thing};
use model::{Caller, Model, Tags};
use shapes::List;
use shapes::rds::{self, DBProxyTarget};

const THING: Thing = Thing::DbProxyTargetGroup;
/// The name of each proxy's group.
const DEFAULT: &str = "default";

pub fn actions(all: Actions) -> Actions {
    all.read(describe_groups).write(modify_group).read(describe).write(register).write(deregister)
}

/// Makes the group of a proxy; its name is that of the proxy in its ARN.
pub fn create_default(model: &mut Model, caller: &Caller, proxy: &ServiceEntry) -> Result<()> {
    let group = rds::DBProxyTargetGroup {
        connection_pool_config: Some(rds::ConnectionPoolConfigurationInfo {
            max_connections_percent: Some(100),
            max_idle_connections_percent: Some(50),
            connection_borrow_timeout: Some(120),
            session_pinning_filters: Vec::new().into(),
            init_query: None,
        }),
        updated_date: Some(caller.now),
        ..Default::default()
    };
    let (id, told) = (format!("prx-tg-{:017x}", model.number()), said_over("", &group));
    model.create_service_entry(caller, (THING, &proxy.id, &id), (None, told), Tags::new())?;
    Ok(())
}

/// Deletes the group of a deleted proxy.
pub fn forget(model: &mut Model, caller: &Caller, proxy: &ServiceEntry) -> Result<()> {
    model.delete_service_entry(&caller.scope, THING, &proxy.id)?;
    Ok(())
}

/// The proxy of that name, and its group.
fn group_of(model: &Model, caller: &Caller, proxy: &str, group: Option<&str>) -> Result<(ServiceEntry, ServiceEntry)> {
    let proxy = model.service_entry(&caller.scope, Thing::DbProxy, proxy)?;
    match group {
        Some(name) if name != DEFAULT => Err(Error::NotFound { thing: THING, name: name.to_owned() }),
        _ => Ok((proxy.clone(), model.service_entry(&caller.scope, THING, &proxy.id)?.clone())),
    }
}

fn shown(proxy: &ServiceEntry, group: &ServiceEntry) -> rds::DBProxyTargetGroup {
    rds::DBProxyTargetGroup {
        db_proxy_name: text(&proxy.name),
        target_group_name: text(DEFAULT),
        target_group_arn: text(&group.id),
        is_default: Some(true),
        status: text("available"),
        created_date: Some(group.created),
        ..entry::told(group)
    }
}

fn describe_groups(cx: View, input: rds::DescribeDBProxyTargetGroupsRequest) -> Result<Paged<rds::DBProxyTargetGroup>> {
    filter::check(&input.filters)?;
    let (proxy, group) = group_of(cx.model, cx.caller, &input.db_proxy_name, input.target_group_name.as_deref())?;
    Ok(paged(input.page, vec![group], |group| &group.id)?.map(|group| shown(&proxy, &group)))
}

fn modify_group(cx: Change, input: rds::ModifyDBProxyTargetGroupRequest) -> Result<rds::DBProxyTargetGroup> {
    let (proxy, _) = group_of(cx.model, cx.caller, &input.db_proxy_name, Some(&input.target_group_name))?;
    let now = cx.caller.now;
    let group = retold(cx.model, &cx.caller.scope, (THING, &proxy.id), |_, told: &mut rds::DBProxyTargetGroup| {
        let before = told.connection_pool_config.take().unwrap_or_default();
        told.connection_pool_config = Some(pool(before, input.connection_pool_config.unwrap_or_default()));
        told.updated_date = Some(now);
        Ok(())
    })?;
    Ok(shown(&proxy, &group))
}

/// By default half of the connections may be idle.
fn pool(
    before: rds::ConnectionPoolConfigurationInfo,
    asked: rds::ConnectionPoolConfiguration,
) -> rds::ConnectionPoolConfigurationInfo {
    let half = asked.max_connections_percent.map(|most| most / 2);
    let filters = asked.session_pinning_filters;
    rds::ConnectionPoolConfigurationInfo {
        max_connections_percent: asked.max_connections_percent.or(before.max_connections_percent),
        max_idle_connections_percent: asked
            .max_idle_connections_percent
            .or(half)
            .or(before.max_idle_connections_percent),
        connection_borrow_timeout: asked.connection_borrow_timeout.or(before.connection_borrow_timeout),
        session_pinning_filters: if filters.shown().is_some() { filters } else { before.session_pinning_filters },
        init_query: asked.init_query.or(before.init_query),
    }
}

/// The ids of the targets of a group, which its entry stores in `of`.
fn targets(group: &ServiceEntry) -> Vec<String> {
    group.of.iter().flat_map(|ids| ids.split(' ')).map(str::to_owned).collect()
}

fn set_targets(model: &mut Model, group: ServiceEntry, ids: &[String]) {
    let of = Some(ids.join(" ")).filter(|ids| !ids.is_empty());
    model.keep_service_entry(ServiceEntry { of, ..group });
}

fn target(model: &Model, row: &Deployment) -> DBProxyTarget {
    let kind = if row.thing == Thing::DbCluster { "TRACKED_CLUSTER" } else { "RDS_INSTANCE" };
    DBProxyTarget {
        endpoint: Some(model.endpoint_name(row)),
        rds_resource_id: text(&row.name),
        port: Some(row.port.into()),
        r#type: text(kind),
        target_health: Some(rds::TargetHealth { state: text("AVAILABLE"), ..Default::default() }),
        ..Default::default()
    }
}

fn describe(View { model, caller }: View, input: rds::DescribeDBProxyTargetsRequest) -> Result<Paged<DBProxyTarget>> {
    filter::check(&input.filters)?;
    let (_, group) = group_of(model, caller, &input.db_proxy_name, input.target_group_name.as_deref())?;
    let rows: Vec<&Deployment> = targets(&group).iter().filter_map(|id| model.deployments.get(id)).collect();
    Ok(paged(input.page, rows, |row: &&Deployment| &row.id)?.map(|row| target(model, row)))
}

/// The deployments that a request names.
fn named(model: &Model, caller: &Caller, instances: &List<String>, clusters: &List<String>) -> Result<Vec<Deployment>> {
    let of = |thing: Thing, names: &List<String>| {
        names.iter().map(|name| model.deployment(&caller.scope, thing, name).cloned()).collect::<Result<Vec<_>>>()
    };
    Ok([of(Thing::DbInstance, instances)?, of(Thing::DbCluster, clusters)?].concat())
}

fn register(cx: Change, input: rds::RegisterDBProxyTargetsRequest) -> Result<List<DBProxyTarget>> {
    let (_, group) = group_of(cx.model, cx.caller, &input.db_proxy_name, input.target_group_name.as_deref())?;
    let new = named(cx.model, cx.caller, &input.db_instance_identifiers, &input.db_cluster_identifiers)?;
    let mut all = targets(&group);
    if let Some(row) = new.iter().find(|row| all.contains(&row.id)) {
        return Err(Error::Exists { thing: Thing::DbProxyTarget, name: row.name.clone() });
    }
    all.extend(new.iter().map(|row| row.id.clone()));
    set_targets(cx.model, group, &all);
    let registering = |row| DBProxyTarget {
        target_health: Some(rds::TargetHealth { state: text("REGISTERING"), ..Default::default() }),
        ..target(cx.model, row)
    };
    Ok(new.iter().map(registering).collect())
}

fn deregister(cx: Change, input: rds::DeregisterDBProxyTargetsRequest) -> Result<()> {
    let (_, group) = group_of(cx.model, cx.caller, &input.db_proxy_name, input.target_group_name.as_deref())?;
    let gone = named(cx.model, cx.caller, &input.db_instance_identifiers, &input.db_cluster_identifiers)?;
    let mut all = targets(&group);
    if let Some(row) = gone.iter().find(|row| !all.contains(&row.id)) {
        return Err(Error::NotFound { thing: Thing::DbProxyTarget, name: row.name.clone() });
    }
    all.retain(|id| !gone.iter().any(|row| row.id == *id));
    set_targets(cx.model, group, &all);
    Ok(())
}
