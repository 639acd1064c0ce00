//! The resources that IPAMs monitor.

use super::listing::{Attributes, paged};
use super::text;
use crate::api::action::{Actions, View};
use model::{IpamResource, IpamScope, Result, zone_id};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

/// Only tags are filtered by.
static ATTRIBUTES: Attributes<()> = Attributes(&[]);

fn compliance(found: &IpamResource<'_>) -> &'static str {
    let Some(pool) = found.pool else { return "unmanaged" };
    let is_tagged = pool.form.rules.tags.iter().all(|(key, value)| found.tags.get(key) == Some(value));
    if is_tagged && pool.form.rules.allow(found.cidr.prefix_len()) { "compliant" } else { "noncompliant" }
}

fn shown(scope: &IpamScope, found: &IpamResource<'_>) -> ec2::IpamResourceCidr {
    let tag = |(key, value): (&String, &String)| ec2::IpamResourceTag { key: text(key), value: text(value) };
    ec2::IpamResourceCidr {
        ipam_id: text(&scope.ipam),
        ipam_scope_id: text(&scope.id),
        ipam_pool_id: found.pool.map(|pool| pool.id.clone()),
        resource_region: text(&found.scope.region),
        resource_owner_id: text(&found.scope.account),
        resource_id: text(found.id),
        resource_name: found.tags.get("Name").cloned(),
        resource_cidr: text(found.cidr),
        resource_type: text(found.kind),
        resource_tags: found.tags.iter().map(tag).collect(),
        ip_usage: Some(found.usage),
        compliance_status: text(compliance(found)),
        management_state: text(if found.pool.is_some() { "managed" } else { "unmanaged" }),
        overlap_status: text(if found.overlaps { "overlapping" } else { "nonoverlapping" }),
        vpc_id: found.vpc.and_then(text),
        availability_zone_id: found.zone.map(zone_id),
    }
}

fn describe(cx: View, input: ec2::GetIpamResourceCidrsRequest) -> Result<ec2::GetIpamResourceCidrsResult> {
    let ec2::GetIpamResourceCidrsRequest {
        filters,
        page,
        ipam_scope_id,
        ipam_pool_id,
        resource_id,
        resource_type,
        resource_tag,
        resource_owner,
    } = input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let scope = cx.model.ipam_scopes.find(&cx.caller.scope, &ipam_scope_id)?;
    let is = |asked: &Option<String>, value: &str| asked.as_deref().is_none_or(|asked| asked == value);
    let has = |found: &IpamResource<'_>, tag: &ec2::RequestIpamResourceTag| {
        let value = tag.key.as_ref().and_then(|key| found.tags.get(key));
        value.is_some_and(|value| tag.value.as_ref().is_none_or(|asked| asked == value))
    };
    let fits = |found: &IpamResource<'_>| {
        is(&ipam_pool_id, found.pool.map_or("", |pool| &pool.id))
            && is(&resource_id, found.id)
            && is(&resource_type, found.kind)
            && is(&resource_owner, &found.scope.account)
            && resource_tag.as_ref().is_none_or(|tag| has(found, tag))
            && wanted.pass(cx.model, &(), found.tags)
    };
    let found = cx.model.resources_of_ipam_scope(scope).into_iter().filter(fits);
    let placed: Vec<_> = found.map(|found| (format!("{} {}", found.id, found.cidr), found)).collect();
    let (placed, next_token) = paged(&page, placed, |(place, _)| place)?;
    let ipam_resource_cidrs = placed.iter().map(|(_, found)| shown(scope, found)).collect();
    Ok(ec2::GetIpamResourceCidrsResult { ipam_resource_cidrs, next_token })
}
