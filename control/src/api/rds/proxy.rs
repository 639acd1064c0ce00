//! Proxies in front of databases. They are stored and returned; they carry no connections.

use super::{filter, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, said_over, same_members, text};
use crate::api::entry::{self, found, retold};
use model::Model;
use model::services::{Result, ServiceEntry, Thing};
use shapes::rds::{self, DBProxy};

const THING: Thing = Thing::DbProxy;
/// For how many seconds a client may be idle by default.
const IDLE: i32 = 1800;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(cx: Change, input: rds::CreateDBProxyRequest) -> Result<DBProxy> {
    let vpc = cx.model.vpc_of_subnets(&cx.caller.scope, &input.vpc_subnet_ids)?;
    let groups = cx.model.vpc_groups_or_default(&cx.caller.scope, &vpc, &input.vpc_security_group_ids)?.into();
    let proxy = DBProxy {
        engine_family: Some(input.engine_family),
        vpc_id: Some(vpc),
        vpc_security_group_ids: groups,
        vpc_subnet_ids: input.vpc_subnet_ids,
        default_auth_scheme: input.default_auth_scheme,
        auth: input.auth.iter().map(same_members).collect(),
        role_arn: Some(input.role_arn),
        require_tls: input.require_tls.or(Some(false)),
        idle_client_timeout: input.idle_client_timeout.or(Some(IDLE)),
        debug_logging: input.debug_logging.or(Some(false)),
        updated_date: Some(cx.caller.now),
        ..Default::default()
    };
    let id = format!("prx-{:017x}", cx.model.number());
    let named = (THING, input.db_proxy_name.as_str(), id.as_str());
    let entry =
        cx.model.create_service_entry(cx.caller, named, (None, said_over("", &proxy)), tags::of(input.tags)?)?;
    super::proxy_target::create_default(cx.model, cx.caller, &entry)?;
    Ok(shown(cx.model, &entry))
}

fn describe(cx: View, input: rds::DescribeDBProxiesRequest) -> Result<Paged<DBProxy>> {
    filter::check(&input.filters)?;
    let rows = found(cx.model, &cx.caller.scope, (THING, input.db_proxy_name), input.page, |_| true)?;
    Ok(rows.map(|entry| shown(cx.model, entry)))
}

fn modify(Change { model, caller }: Change, input: rds::ModifyDBProxyRequest) -> Result<DBProxy> {
    let name = input.db_proxy_name;
    let now = caller.now;
    let entry = retold(model, &caller.scope, (THING, &name), |model, told: &mut DBProxy| {
        told.default_auth_scheme = input.default_auth_scheme.or(told.default_auth_scheme.take());
        told.require_tls = input.require_tls.or(told.require_tls);
        told.idle_client_timeout = input.idle_client_timeout.or(told.idle_client_timeout);
        told.debug_logging = input.debug_logging.or(told.debug_logging);
        told.role_arn = input.role_arn.or(told.role_arn.take());
        told.updated_date = Some(now);
        if input.auth.shown().is_some() {
            told.auth = input.auth.iter().map(same_members).collect();
        }
        if input.security_groups.shown().is_some() {
            let vpc = told.vpc_id.as_deref().unwrap_or_default();
            told.vpc_security_group_ids =
                model.vpc_groups_or_default(&caller.scope, vpc, &input.security_groups)?.into();
        }
        Ok(())
    })?;
    let entry = entry::renamed(model, entry, input.new_db_proxy_name)?;
    Ok(shown(model, &entry))
}

fn delete(cx: Change, input: rds::DeleteDBProxyRequest) -> Result<DBProxy> {
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &input.db_proxy_name)?;
    super::proxy_target::forget(cx.model, cx.caller, &entry)?;
    cx.model.forget_service_entries(&cx.caller.scope, Thing::DbProxyEndpoint, &entry.id);
    Ok(DBProxy { status: text("deleting"), ..shown(cx.model, &entry) })
}

fn shown(model: &Model, entry: &ServiceEntry) -> DBProxy {
    let told: DBProxy = entry::told(entry);
    DBProxy {
        db_proxy_name: text(&entry.name),
        db_proxy_arn: text(&entry.id),
        status: text("available"),
        vpc_security_group_ids: told.vpc_security_group_ids.to_vec().into(),
        endpoint: Some(model.proxy_name(&entry.scope, &entry.name)),
        created_date: Some(entry.created),
        ..told
    }
}
