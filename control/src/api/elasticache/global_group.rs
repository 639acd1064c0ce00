//! Global replication groups, which have a replication group in each of several Regions. One of these is the primary. No data is
//! replicated.

use super::global_member::{GROUP, PRIMARY, SECONDARY, THING, check_alone, is_row, member, row_of, rows_of};
use super::replication_group;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::entry::{self, found, global, retold};
use model::services::{Clash, Deployment, Error, Layout, Obstacle, Result, ServiceEntry};
use model::{Caller, Model, Scope, Tags};
use shapes::elasticache::{self, CacheSettings, GlobalNodeGroup, GlobalReplicationGroup, GlobalReplicationGroupMember};

/// The prefixes of ids by the Region of the request ("Using Global Datastores (CLI)", ElastiCache user guide).
const PREFIXES: [(&str, &str); 16] = [
    ("ap-northeast-1", "quwsw"),
    ("ap-northeast-2", "lfqnh"),
    ("ap-northeast-3", "nlapn"),
    ("ap-south-1", "erpgt"),
    ("ap-southeast-1", "vlqxn"),
    ("ap-southeast-2", "vbgxd"),
    ("ca-central-1", "bxodz"),
    ("eu-central-1", "iudkw"),
    ("eu-west-1", "gxeiz"),
    ("eu-west-2", "okuqm"),
    ("eu-west-3", "fgjhi"),
    ("sa-east-1", "juxlw"),
    ("us-east-1", "ldgnf"),
    ("us-east-2", "fpkhr"),
    ("us-west-1", "virxk"),
    ("us-west-2", "sgaui"),
];
/// The prefix in Regions for which AWS documents none.
const PREFIX: &str = "xxxxx";

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(disassociate).write(fail_over).write(delete)
}

/// The id with a suffix, which follows the Region's prefix.
fn id_of(region: &str, suffix: &str) -> String {
    let known = PREFIXES.iter().find(|(name, _)| *name == region);
    format!("{}-{}", known.map_or(PREFIX, |(_, prefix)| prefix), suffix.to_ascii_lowercase())
}

fn create(cx: Change, input: elasticache::CreateGlobalReplicationGroupMessage) -> Result<GlobalReplicationGroup> {
    let primary = cx.model.deployment(&cx.caller.scope, GROUP, &input.primary_replication_group_id)?.clone();
    check_alone(cx.model, &primary)?;
    let told = GlobalReplicationGroup {
        global_replication_group_description: input.global_replication_group_description,
        members: vec![member(&primary, PRIMARY)].into(),
        ..Default::default()
    };
    let id = id_of(&cx.caller.scope.region, &input.global_replication_group_id_suffix);
    let of_account = Caller { scope: global(&cx.caller.scope), ..cx.caller.clone() };
    let entry = entry::create(cx.model, &of_account, (THING, &id), &told, Tags::new())?;
    Ok(GlobalReplicationGroup { status: text("creating"), ..shown(cx.model, &entry) })
}

fn describe(
    cx: View,
    input: elasticache::DescribeGlobalReplicationGroupsMessage,
) -> Result<Paged<GlobalReplicationGroup>> {
    let elasticache::DescribeGlobalReplicationGroupsMessage { global_replication_group_id: id, page, show_member_info } =
        input;
    let scope = global(&cx.caller.scope);
    let groups = found(cx.model, &scope, (THING, id), page, |_| true)?.map(|entry| shown(cx.model, entry));
    let without = |group: GlobalReplicationGroup| GlobalReplicationGroup { members: Vec::new().into(), ..group };
    Ok(groups.map(|group| if show_member_info == Some(true) { group } else { without(group) }))
}

/// Changes all members.
fn modify(cx: Change, input: elasticache::ModifyGlobalReplicationGroupMessage) -> Result<GlobalReplicationGroup> {
    let scope = global(&cx.caller.scope);
    let asked = CacheSettings {
        cache_node_type: input.cache_node_type,
        engine_version: input.engine_version,
        cache_parameter_group_name: input.cache_parameter_group_name,
        automatic_failover_enabled: input.automatic_failover_enabled,
        ..Default::default()
    };
    let named = (THING, input.global_replication_group_id.as_str());
    let rows = rows_of(cx.model, cx.model.service_entry(&scope, named.0, named.1)?);
    if asked != CacheSettings::default() {
        for row in &rows {
            let there = Caller { scope: row.scope.clone(), ..cx.caller.clone() };
            replication_group::change(cx.model, &there, row, asked.clone())?;
        }
    }
    let entry = retold(cx.model, &scope, named, |_, told: &mut GlobalReplicationGroup| {
        let before = told.global_replication_group_description.take();
        told.global_replication_group_description = input.global_replication_group_description.or(before);
        Ok(())
    })?;
    Ok(GlobalReplicationGroup { status: text("modifying"), ..shown(cx.model, &entry) })
}

/// Changes a member of a global replication group, which must have it.
fn with_member(
    model: &mut Model,
    caller: &Caller,
    (id, group, region): (&str, &str, &str),
    change: impl FnOnce(&mut Vec<GlobalReplicationGroupMember>, &Deployment) -> Result<()>,
) -> Result<GlobalReplicationGroup> {
    let there = Scope { region: region.to_owned(), ..caller.scope.clone() };
    let entry = retold(model, &global(&caller.scope), (THING, id), |model, told: &mut GlobalReplicationGroup| {
        let row = model.deployment(&there, GROUP, group)?;
        let mut members = told.members.to_vec();
        if !members.iter().any(|member| is_row(member, row)) {
            return Err(Error::NotFound { thing: GROUP, name: group.to_owned() });
        }
        change(&mut members, row)?;
        told.members = members.into();
        Ok(())
    })?;
    Ok(GlobalReplicationGroup { status: text("modifying"), ..shown(model, &entry) })
}

/// Removes a secondary.
fn disassociate(
    cx: Change,
    input: elasticache::DisassociateGlobalReplicationGroupMessage,
) -> Result<GlobalReplicationGroup> {
    let elasticache::DisassociateGlobalReplicationGroupMessage {
        global_replication_group_id: id,
        replication_group_id: group,
        replication_group_region: region,
    } = input;
    with_member(cx.model, cx.caller, (&id, &group, &region), |members, row| {
        let is_gone = |member: &GlobalReplicationGroupMember| is_row(member, row);
        if members.iter().any(|member| is_gone(member) && member.role.as_deref() == Some(PRIMARY)) {
            return Err(Clash::PrimaryStays {}.into());
        }
        members.retain(|member| !is_gone(member));
        Ok(())
    })
}

/// Makes a secondary the primary.
fn fail_over(cx: Change, input: elasticache::FailoverGlobalReplicationGroupMessage) -> Result<GlobalReplicationGroup> {
    let elasticache::FailoverGlobalReplicationGroupMessage {
        global_replication_group_id: id,
        primary_region: region,
        primary_replication_group_id: group,
    } = input;
    with_member(cx.model, cx.caller, (&id, &group, &region), |members, row| {
        for member in members {
            member.role = text(if is_row(member, row) { PRIMARY } else { SECONDARY });
        }
        Ok(())
    })
}

/// Deletes a group without secondaries, and its primary unless the request retains it.
fn delete(cx: Change, input: elasticache::DeleteGlobalReplicationGroupMessage) -> Result<GlobalReplicationGroup> {
    let elasticache::DeleteGlobalReplicationGroupMessage {
        global_replication_group_id: id,
        retain_primary_replication_group: stays,
    } = input;
    let scope = global(&cx.caller.scope);
    let entry = cx.model.service_entry(&scope, THING, &id)?.clone();
    let rows = rows_of(cx.model, &entry);
    if rows.len() > 1 {
        return Err(Error::State { thing: THING, name: entry.name, why: Obstacle::Secondaries {} });
    }
    let gone = GlobalReplicationGroup { status: text("deleting"), ..shown(cx.model, &entry) };
    if let Some(primary) = rows.first().filter(|_| !stays) {
        let there = Caller { scope: primary.scope.clone(), ..cx.caller.clone() };
        cx.model.delete_deployment(&there, GROUP, &primary.name)?;
    }
    cx.model.delete_service_entry(&scope, THING, &id)?;
    Ok(gone)
}

/// A group as it is returned, mostly with the values of its primary.
fn shown(model: &Model, entry: &ServiceEntry) -> GlobalReplicationGroup {
    let told: GlobalReplicationGroup = entry::told(entry);
    let rows = rows_of(model, entry);
    let primary = rows.first().map(|row| (row, replication_group::shown(model, row)));
    let of_primary = primary.map(|(row, group)| GlobalReplicationGroup {
        cache_node_type: text(&row.settings.class),
        engine: text(&row.engine),
        engine_version: text(&row.settings.version),
        cluster_enabled: group.cluster_enabled,
        global_node_groups: node_groups(&entry.name, row).into(),
        auth_token_enabled: group.auth_token_enabled,
        transit_encryption_enabled: group.transit_encryption_enabled,
        at_rest_encryption_enabled: group.at_rest_encryption_enabled,
        ..Default::default()
    });
    let is_associated = |member: &GlobalReplicationGroupMember| GlobalReplicationGroupMember {
        status: text("associated"),
        automatic_failover: row_of(model, &entry.scope, member)
            .and_then(|row| replication_group::shown(model, row).automatic_failover),
        ..member.clone()
    };
    GlobalReplicationGroup {
        global_replication_group_id: text(&entry.name),
        global_replication_group_description: told.global_replication_group_description,
        status: text(if rows.len() > 1 { "available" } else { "primary-only" }),
        members: told.members.iter().map(is_associated).collect(),
        arn: text(&entry.id),
        ..of_primary.unwrap_or_default()
    }
}

/// The shards that all members have.
fn node_groups(id: &str, row: &Deployment) -> Vec<GlobalNodeGroup> {
    let shards = match row.layout {
        Layout::Shards { shards, .. } => usize::from(shards),
        _ => 1,
    };
    let group = |index: usize| GlobalNodeGroup {
        global_node_group_id: Some(format!("{id}-{:04}", index + 1)),
        slots: row.layout.has_shards().then(|| row.slots(index)),
    };
    (0..shards).map(group).collect()
}
