//! Cache security groups, which are of EC2-Classic and admit groups of EC2 only.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, text};
use model::services::{AccessGroup, Admitted, Result, Thing};
use shapes::elasticache;

const THING: Thing = Thing::CacheSecurityGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete).write(authorize).write(revoke)
}

fn create(cx: Change, input: elasticache::CreateCacheSecurityGroupMessage) -> Result<elasticache::CacheSecurityGroup> {
    let named = (input.cache_security_group_name.as_str(), input.description.as_str());
    Ok(shown(cx.model.create_access_group(cx.caller, THING, named, tags::of(input.tags)?)?))
}

fn describe(
    cx: View,
    input: elasticache::DescribeCacheSecurityGroupsMessage,
) -> Result<Paged<elasticache::CacheSecurityGroup>> {
    let elasticache::DescribeCacheSecurityGroupsMessage { cache_security_group_name, page } = input;
    let rows = cx.model.access_groups_called(&cx.caller.scope, THING, cache_security_group_name.as_deref())?;
    Ok(paged(page, rows, |row: &AccessGroup| &row.name)?.map(|row| shown(&row)))
}

fn delete(cx: Change, input: elasticache::DeleteCacheSecurityGroupMessage) -> Result<()> {
    cx.model.delete_access_group(cx.caller, THING, &input.cache_security_group_name)
}

fn authorize(
    cx: Change,
    input: elasticache::AuthorizeCacheSecurityGroupIngressMessage,
) -> Result<elasticache::CacheSecurityGroup> {
    let (name, owner) = (&input.ec2_security_group_name, &input.ec2_security_group_owner_id);
    let peer = cx.model.admitted_group(cx.caller, None, Some(name), Some(owner))?;
    Ok(shown(cx.model.admit(cx.caller, THING, &input.cache_security_group_name, peer)?))
}

fn revoke(
    cx: Change,
    input: elasticache::RevokeCacheSecurityGroupIngressMessage,
) -> Result<elasticache::CacheSecurityGroup> {
    let (name, owner) = (&input.ec2_security_group_name, &input.ec2_security_group_owner_id);
    let peer = cx.model.admitted_group(cx.caller, None, Some(name), Some(owner))?;
    Ok(shown(cx.model.revoke_source(cx.caller, THING, &input.cache_security_group_name, &peer)?))
}

fn shown(group: &AccessGroup) -> elasticache::CacheSecurityGroup {
    let of_ec2 = |peer: &Admitted| match peer {
        Admitted::Range(_) => None,
        Admitted::Group { name, account, .. } => Some(elasticache::EC2SecurityGroup {
            status: text("authorized"),
            ec2_security_group_name: text(name),
            ec2_security_group_owner_id: text(account),
        }),
    };
    elasticache::CacheSecurityGroup {
        owner_id: text(&group.scope.account),
        cache_security_group_name: text(&group.name),
        description: text(&group.description),
        ec2_security_groups: group.admitted.iter().filter_map(of_ec2).collect(),
        arn: text(&group.id),
    }
}
