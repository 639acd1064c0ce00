//! The members of global replication groups.

use crate::api::deployment::text;
use crate::api::entry::{self, global, retold};
use model::services::{Deployment, Error, Layout, Obstacle, Result, ServiceEntry, Thing};
use model::{Caller, Model, Scope};
use shapes::elasticache::{
    CacheSettings, GlobalReplicationGroup, GlobalReplicationGroupInfo, GlobalReplicationGroupMember,
};

pub const THING: Thing = Thing::GlobalReplicationGroup;
pub const GROUP: Thing = Thing::ReplicationGroup;
/// The roles of members.
pub const PRIMARY: &str = "PRIMARY";
pub const SECONDARY: &str = "SECONDARY";

/// The structure of a member.
pub fn member(row: &Deployment, role: &str) -> GlobalReplicationGroupMember {
    GlobalReplicationGroupMember {
        replication_group_id: text(&row.name),
        replication_group_region: text(&row.scope.region),
        role: text(role),
        ..Default::default()
    }
}

/// The replication group of a member.
pub fn row_of<'m>(model: &'m Model, scope: &Scope, member: &GlobalReplicationGroupMember) -> Option<&'m Deployment> {
    let scope = Scope { region: member.replication_group_region.clone()?, ..scope.clone() };
    model.deployment(&scope, GROUP, member.replication_group_id.as_deref()?).ok()
}

/// The replication groups of all members, the primary first.
pub fn rows_of(model: &Model, entry: &ServiceEntry) -> Vec<Deployment> {
    let told: GlobalReplicationGroup = entry::told(entry);
    let mut members = told.members.to_vec();
    members.sort_by_key(|member| member.role.as_deref() != Some(PRIMARY));
    members.iter().filter_map(|member| row_of(model, &entry.scope, member)).cloned().collect()
}

/// The primary of a global replication group, which a new member is like.
///
/// # Errors
/// [`Error::NotFound`], [`Error::State`] if it has a member in the Region already.
pub fn primary_for(model: &Model, caller: &Caller, id: &str) -> Result<Deployment> {
    let entry = model.service_entry(&global(&caller.scope), THING, id)?;
    let rows = rows_of(model, entry);
    let region = caller.scope.region.clone();
    if rows.iter().any(|row| row.scope.region == region) {
        return Err(Error::State { thing: THING, name: id.to_owned(), why: Obstacle::MemberIn { region } });
    }
    rows.into_iter().next().ok_or_else(|| Error::NotFound { thing: THING, name: id.to_owned() })
}

/// The settings of a new member. It has the engine, the nodes and the shards of the primary.
pub fn like(primary: &Deployment, asked: CacheSettings) -> (CacheSettings, Option<i32>) {
    let settings = CacheSettings {
        engine: text(&primary.engine),
        engine_version: text(&primary.settings.version),
        cache_node_type: text(&primary.settings.class),
        transit_encryption_enabled: Some(primary.settings.tls),
        ..asked
    };
    match primary.layout {
        Layout::Shards { shards, .. } => {
            let (cluster_mode, automatic_failover_enabled) = (text("enabled"), Some(true));
            (CacheSettings { cluster_mode, automatic_failover_enabled, ..settings }, Some(shards.into()))
        }
        _ => (settings, None),
    }
}

/// Adds a replication group as a secondary.
pub fn join(model: &mut Model, caller: &Caller, id: &str, row: &Deployment) -> Result<()> {
    retold(model, &global(&caller.scope), (THING, id), |_, told: &mut GlobalReplicationGroup| {
        told.members.push(member(row, SECONDARY));
        Ok(())
    })?;
    Ok(())
}

/// The global replication group of a replication group, and its role there.
pub fn info(model: &Model, row: &Deployment) -> Option<GlobalReplicationGroupInfo> {
    let scope = global(&row.scope);
    let role = |entry: &ServiceEntry| {
        let told: GlobalReplicationGroup = entry::told(entry);
        told.members.iter().find(|member| is_row(member, row))?.role.clone()
    };
    model.service_entries_of(&scope, THING).find_map(|entry| {
        Some(GlobalReplicationGroupInfo {
            global_replication_group_member_role: Some(role(entry)?),
            global_replication_group_id: text(&entry.name),
        })
    })
}

/// Whether a replication group is that member.
pub fn is_row(member: &GlobalReplicationGroupMember, row: &Deployment) -> bool {
    member.replication_group_region.as_deref() == Some(row.scope.region.as_str())
        && member.replication_group_id.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(&row.name))
}

/// Refuses a replication group that belongs to a global one.
///
/// # Errors
/// [`Error::State`]
pub fn check_alone(model: &Model, row: &Deployment) -> Result<()> {
    match info(model, row).and_then(|info| info.global_replication_group_id) {
        Some(name) => Err(Error::State { thing: GROUP, name: row.name.clone(), why: Obstacle::UsedBy { name } }),
        None => Ok(()),
    }
}
