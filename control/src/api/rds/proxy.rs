//! Proxies in front of databases. They are stored and returned; they carry no connections.

use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::{Paged, said_over, text};
use crate::api::entry::{self, found, retold};
use model::services::{Error, Result, ServiceEntry, SubnetFault, Thing};
use model::{Caller, Model};
use shapes::{List, rds};

pub const THING: Thing = Thing::DbProxy;
/// For how many seconds a client may be idle by default.
const IDLE: i32 = 1800;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(model: &mut Model, caller: &Caller, input: rds::CreateDBProxyRequest) -> Result<rds::DBProxy> {
    let rds::CreateDBProxyRequest {
        db_proxy_name: name,
        engine_family,
        default_auth_scheme,
        auth,
        role_arn,
        vpc_subnet_ids,
        vpc_security_group_ids,
        require_tls,
        idle_client_timeout,
        debug_logging,
        tags: sent,
    } = input;
    let vpc = vpc_of(model, caller, &vpc_subnet_ids)?;
    let groups = model.vpc_groups_meant(&caller.scope, &vpc, &vpc_security_group_ids)?.into();
    let proxy = rds::DBProxy {
        engine_family: Some(engine_family),
        vpc_id: Some(vpc),
        vpc_security_group_ids: groups,
        vpc_subnet_ids,
        default_auth_scheme,
        auth: auth.into_iter().map(auth_shown).collect(),
        role_arn: Some(role_arn),
        require_tls: Some(require_tls.unwrap_or(false)),
        idle_client_timeout: idle_client_timeout.or(Some(IDLE)),
        debug_logging: Some(debug_logging.unwrap_or(false)),
        updated_date: Some(caller.now),
        ..Default::default()
    };
    let told = said_over("", &proxy);
    let id = format!("prx-{:017x}", model.number());
    let entry = model.create_service_entry(caller, (THING, &name, &id), (None, told), tags::of(sent)?)?;
    super::proxy_target::create_default(model, caller, &entry)?;
    Ok(shown(model, &entry))
}

/// The VPC of subnets: one for all.
fn vpc_of(model: &Model, caller: &Caller, subnets: &[String]) -> Result<String> {
    let unknown = |subnet: &str| Error::Subnet { subnet: subnet.to_owned(), why: SubnetFault::Unknown {} };
    let mut vpc = None;
    for id in subnets {
        let subnet = model.subnets.find(&caller.scope, id).map_err(|_| unknown(id))?;
        let first: &String = vpc.get_or_insert_with(|| subnet.vpc.clone());
        if subnet.vpc != *first {
            let why = SubnetFault::OtherVpc { vpc: first.clone() };
            return Err(Error::Subnet { subnet: id.clone(), why });
        }
    }
    vpc.ok_or_else(|| unknown(""))
}

fn auth_shown(auth: rds::UserAuthConfig) -> rds::UserAuthConfigInfo {
    let rds::UserAuthConfig { description, user_name, auth_scheme, secret_arn, iam_auth, client_password_auth_type } =
        auth;
    rds::UserAuthConfigInfo { description, user_name, auth_scheme, secret_arn, iam_auth, client_password_auth_type }
}

fn describe(model: &Model, caller: &Caller, input: rds::DescribeDBProxiesRequest) -> Result<Paged<rds::DBProxy>> {
    let rds::DescribeDBProxiesRequest { db_proxy_name: name, filters, page } = input;
    filter::check(&filters)?;
    Ok(found(model, &caller.scope, (THING, name), page, |_| true)?.map(|entry| shown(model, entry)))
}

fn modify(model: &mut Model, caller: &Caller, input: rds::ModifyDBProxyRequest) -> Result<rds::DBProxy> {
    let rds::ModifyDBProxyRequest {
        db_proxy_name: name,
        new_db_proxy_name: new,
        default_auth_scheme,
        auth,
        require_tls,
        idle_client_timeout,
        debug_logging,
        role_arn,
        security_groups,
    } = input;
    let now = caller.now;
    let mut entry = retold(model, &caller.scope, (THING, &name), |model, told: &mut rds::DBProxy| {
        told.default_auth_scheme = default_auth_scheme.or(told.default_auth_scheme.take());
        told.require_tls = require_tls.or(told.require_tls);
        told.idle_client_timeout = idle_client_timeout.or(told.idle_client_timeout);
        told.debug_logging = debug_logging.or(told.debug_logging);
        told.role_arn = role_arn.or(told.role_arn.take());
        told.updated_date = Some(now);
        if auth.shown().is_some() {
            told.auth = auth.into_iter().map(auth_shown).collect();
        }
        if security_groups.shown().is_some() {
            let vpc = told.vpc_id.as_deref().unwrap_or_default();
            told.vpc_security_group_ids = model.vpc_groups_meant(&caller.scope, vpc, &security_groups)?.into();
        }
        Ok(())
    })?;
    if let Some(new) = new.filter(|new| *new != entry.name) {
        if model.service_entry(&caller.scope, THING, &new).is_ok() {
            return Err(Error::Exists { thing: THING, name: new });
        }
        entry.name = new;
        model.keep_service_entry(entry.clone());
    }
    Ok(shown(model, &entry))
}

fn delete(model: &mut Model, caller: &Caller, input: rds::DeleteDBProxyRequest) -> Result<rds::DBProxy> {
    let entry = model.delete_service_entry(&caller.scope, THING, &input.db_proxy_name)?;
    super::proxy_target::forget(model, caller, &entry)?;
    Ok(rds::DBProxy { status: text("deleting"), ..shown(model, &entry) })
}

fn shown(model: &Model, entry: &ServiceEntry) -> rds::DBProxy {
    let told: rds::DBProxy = entry::told(entry);
    let groups: List<String> = told.vpc_security_group_ids.to_vec().into();
    rds::DBProxy {
        db_proxy_name: text(&entry.name),
        db_proxy_arn: text(&entry.id),
        status: text("available"),
        vpc_security_group_ids: groups,
        endpoint: Some(model.proxy_name(&entry.scope, &entry.name)),
        created_date: Some(entry.created),
        ..told
    }
}
