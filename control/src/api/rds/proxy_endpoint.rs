//! Further endpoints of proxies, which may be in other VPCs. They are stored and returned; they carry no connections.

use super::{filter, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, one_of, said_over, text};
use crate::api::entry::{self, found, retold};
use model::Model;
use model::services::{Result, ServiceEntry, Thing};
use shapes::rds::{self, DBProxyEndpoint};

const THING: Thing = Thing::DbProxyEndpoint;
const ROLES: [&str; 2] = ["READ_WRITE", "READ_ONLY"];

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(cx: Change, input: rds::CreateDBProxyEndpointRequest) -> Result<DBProxyEndpoint> {
    let proxy = cx.model.service_entry(&cx.caller.scope, Thing::DbProxy, &input.db_proxy_name)?.id.clone();
    super::settings::check_network(input.endpoint_network_type.as_deref())?;
    one_of("TargetRole", input.target_role.as_deref(), &ROLES)?;
    let vpc = cx.model.vpc_of_subnets(&cx.caller.scope, &input.vpc_subnet_ids)?;
    let groups = cx.model.vpc_groups_or_default(&cx.caller.scope, &vpc, &input.vpc_security_group_ids)?;
    let endpoint = DBProxyEndpoint {
        vpc_id: Some(vpc),
        vpc_security_group_ids: groups.into(),
        vpc_subnet_ids: input.vpc_subnet_ids,
        target_role: input.target_role.or(text(ROLES[0])),
        ..Default::default()
    };
    let id = format!("prx-endpoint-{:017x}", cx.model.number());
    let named = (THING, input.db_proxy_endpoint_name.as_str(), id.as_str());
    let told = (Some(proxy), said_over("", &endpoint));
    let entry = cx.model.create_service_entry(cx.caller, named, told, tags::of(input.tags)?)?;
    Ok(DBProxyEndpoint { status: text("creating"), ..shown(cx.model, &entry) })
}

fn describe(
    View { model, caller }: View,
    input: rds::DescribeDBProxyEndpointsRequest,
) -> Result<Paged<DBProxyEndpoint>> {
    filter::check(&input.filters)?;
    let proxy =
        input.db_proxy_name.map(|name| model.service_entry(&caller.scope, Thing::DbProxy, &name)).transpose()?;
    let is_asked = |entry: &ServiceEntry| proxy.is_none_or(|proxy| entry.of.as_ref() == Some(&proxy.id));
    let rows = found(model, &caller.scope, (THING, input.db_proxy_endpoint_name), input.page, is_asked)?;
    Ok(rows.map(|entry| shown(model, entry)))
}

fn modify(Change { model, caller }: Change, input: rds::ModifyDBProxyEndpointRequest) -> Result<DBProxyEndpoint> {
    let (name, groups) = (input.db_proxy_endpoint_name, input.vpc_security_group_ids);
    let entry = retold(model, &caller.scope, (THING, &name), |model, told: &mut DBProxyEndpoint| {
        if groups.shown().is_some() {
            let vpc = told.vpc_id.as_deref().unwrap_or_default();
            told.vpc_security_group_ids = model.vpc_groups_or_default(&caller.scope, vpc, &groups)?.into();
        }
        Ok(())
    })?;
    let entry = entry::renamed(model, entry, input.new_db_proxy_endpoint_name)?;
    Ok(DBProxyEndpoint { status: text("modifying"), ..shown(model, &entry) })
}

fn delete(cx: Change, input: rds::DeleteDBProxyEndpointRequest) -> Result<DBProxyEndpoint> {
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &input.db_proxy_endpoint_name)?;
    Ok(DBProxyEndpoint { status: text("deleting"), ..shown(cx.model, &entry) })
}

fn shown(model: &Model, entry: &ServiceEntry) -> DBProxyEndpoint {
    let told: DBProxyEndpoint = entry::told(entry);
    let proxy = entry.of.as_deref().and_then(|id| model.service_entry(&entry.scope, Thing::DbProxy, id).ok());
    DBProxyEndpoint {
        db_proxy_endpoint_name: text(&entry.name),
        db_proxy_endpoint_arn: text(&entry.id),
        db_proxy_name: proxy.map(|proxy| proxy.name.clone()),
        status: text("available"),
        vpc_security_group_ids: told.vpc_security_group_ids.to_vec().into(),
        endpoint: Some(model.proxy_endpoint_name(&entry.scope, &entry.name)),
        created_date: Some(entry.created),
        is_default: Some(false),
        endpoint_network_type: text("IPV4"),
        ..told
    }
}
